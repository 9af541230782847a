"""Beside every control stands what it changes and where its number comes from; and the help page leads to every page."""

from __future__ import annotations

import ast

import pytest

from planner.app import days
from planner.text import LANGUAGES, Language, catalogue, say
from tests.app.test_pages import html_of, visit  # noqa: F401 - a fixture
from tests.computed import ROOT

INPUTS = {
    *("radio", "selectbox", "multiselect", "checkbox", "text_input", "number_input", "text_area", "date_input"),
    *("time_input", "select_slider", "slider", "file_uploader"),
}
CODE = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "planner" / "app").glob("*.py"))}


def inputs() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.name}:{node.lineno}", node)
        for path, code in CODE.items()
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in INPUTS
    ]


@pytest.mark.parametrize(("where", "call"), inputs(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_control_has_its_help(where: str, call: ast.Call) -> None:
    assert "help" in {keyword.arg for keyword in call.keywords}, where


def test_days_are_chosen_in_one_place_only() -> None:
    """There the era is told beside the western year."""
    assert [where for where, call in inputs() if call.func.attr == "date_input"] == [
        next(w for w, c in inputs() if w.startswith("days.py"))
    ]
    assert days.chosen.__doc__


def test_every_hint_is_shown_somewhere() -> None:
    code = "\n".join(CODE.values())
    unused = [
        key for key in catalogue("ja") if key.startswith("app.hint.") and f'"{key.removeprefix("app.hint.")}"' not in code
        and f'"{key}"' not in code
    ]  # fmt: skip
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_era_stands_beside_a_day(visit, language: Language) -> None:  # noqa: F811
    at = visit("saw", language)
    day = at.date_input(key="saw-day")
    assert day.help == say(language, "app.hint.saw_day")
    assert ("令和" in html_of(at)) == (language == "ja")
