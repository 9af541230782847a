"""Words from files and people where Streamlit reads Markdown: shown as they stand, and nothing is fetched for them."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt

from planner import store
from planner.app import session
from planner.text import say
from tests.app.test_kept_versions import save, shelf  # noqa: F401 - a fixture
from tests.app.test_kept_versions import visit as opened

PICTURE = "![x](http://192.0.2.1/hit.png) *a* _b_ `c` <b>d</b> $e$ ~f~ | # [g](javascript:h) \\"


def read(markdown: str) -> str:
    """What a reader of Markdown sees."""
    tokens = MarkdownIt("commonmark").enable("strikethrough").parseInline(markdown)
    return "".join(child.content if child.type == "text" else f"<{child.type}>" for child in tokens[0].children or [])


def test_what_is_escaped_is_read_as_it_stands() -> None:
    assert read(PICTURE) != PICTURE
    assert read(session.escaped(PICTURE)) == PICTURE


def test_a_plan_may_be_named_like_a_picture(shelf: Path) -> None:  # noqa: F811
    at = save(opened("export"), PICTURE, "危機管理課")
    assert read(at.success[0].value) == say("ja", "app.export.saved", name=PICTURE, number=1)
    with store.opened(shelf) as kept:
        assert kept.versions()[0].plan_name == PICTURE
