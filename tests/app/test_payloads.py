"""Ten hostile names in every place where a name appears: no script runs, no map is blank, on no page and in no file."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from planner import show, store
from planner.app.kept import Kept
from planner.plan import Plan
from tests.app.test_access import drawn
from tests.app.test_pages import PAGES
from tests.browser import CHROMIUM, Watched, browser, server
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
PAYLOADS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "</script><script>window.hit=1</script>",
    "'\"><svg onload=window.hit=1>",
    "${window.hit=1}",
    "`+(window.hit=1)+`",
    "C:\\plan\\2024",
    "{{7*7}}{% raw %}",
    "[x](javascript:window.hit=1) **$\\href{javascript:window.hit=1}{x}$**",
    "\u202e<iframe srcdoc='<script>parent.hit=1</script>'>\u2028",
)
# what of a document is told by a person or a file; everything else is a code, an id of ours, or a number
NAMES = {
    "name", "name_ja", "area_name", "owner", "host", "model_name", "programme_name", "district_name",
    "file", "station", "contact", "comment", "author", "url", "reason_text", "who",
}  # fmt: skip


IDS = {
    "camera_id",
}  # told by files too; the tables beside a kept plan know them, so only a file is given others


def poisoned(value: Any, at: list[int], names: set[str] = NAMES) -> Any:
    """The same document with every name replaced by the next payload."""
    if isinstance(value, dict):
        found = {}
        for key, inner in value.items():
            if (
                isinstance(inner, str) and key in names and inner and not re.fullmatch("[a-z_]+", inner)
            ):  # a code of ours
                at[0] += 1
                found[key] = PAYLOADS[at[0] % len(PAYLOADS)]
            else:
                found[key] = poisoned(inner, at, names)
        return found
    return [poisoned(inner, at, names) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def hostile(paper: Computed, tmp_path_factory: pytest.TempPathFactory) -> Computed:
    folder = tmp_path_factory.mktemp("hostile")
    cache = folder / "cache"
    shutil.copytree(paper.cache, cache)
    kept = Kept(cache / paper.kept.folder.name)
    for path in (kept.folder / "plan.json", *(kept.folder / "at").glob("*.json")):
        number = [0]
        tree = poisoned(json.loads(path.read_text(encoding="utf-8")), number)
        assert number[0] > 20
        show.save(Plan.model_validate(tree), path)
    reading = kept.folder / "reading.json"
    reading.write_text(json.dumps(poisoned(json.loads(reading.read_text(encoding="utf-8")), [0])), encoding="utf-8")
    aside = [{"role": "crime", "file": p, "line": "1", "reason": "date_missing", "text": p} for p in PAYLOADS]
    (kept.folder / "set_aside.json").write_text(json.dumps(aside), encoding="utf-8")
    with store.opened(cache / "store" / "plans.sqlite") as opened:
        for payload in PAYLOADS:  # a name that cannot be printed is refused by the store itself
            told = "".join(c for c in payload if c.isprintable())
            opened.save(kept.plan(), told, 0, told)
    return Computed(paper.town, cache, kept)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Watched]:
    with browser() as watched:
        yield watched


def unharmed(page: Page) -> None:
    assert not page.evaluate("'hit' in window")
    assert page.locator("iframe[srcdoc*=parent]").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_no_page_runs_a_name(hostile: Computed, chromium: Watched) -> None:
    before = len(chromium.outside)
    kept = hostile.kept
    with server(hostile.town, hostile.cache) as address:
        for name in PAGES:
            page = chromium.open(f"{address}{name}?site={PAYLOADS[1]}&town={PAYLOADS[0]}&budget={PAYLOADS[4]}")
            drawn(page)
            unharmed(page)
            assert page.locator(".stException").count() == 0, name
            for box in page.locator(".live-map").all():
                box.locator("path, .site-icon, img").first.wait_for(state="attached")
            if name == "plan":
                page.wait_for_function(f"document.querySelectorAll('.site-icon').length === {len(kept.plan().sites)}")
                for pin in page.locator(".site-icon").all():  # the tip of each site and the card beside the map
                    pin.dispatch_event("mouseover")
                    pin.focus()
                    page.keyboard.press("Enter")
                page.wait_for_timeout(500)
                unharmed(page)
            page.close()
    assert chromium.outside[before:] == []


def test_no_file_runs_a_name(hostile: Computed, chromium: Watched, tmp_path: Path) -> None:
    before = len(chromium.outside)
    kept = hostile.kept
    plan = Plan.model_validate(poisoned(kept.plan().model_dump(mode="json"), [0], NAMES | IDS))
    for language in ("ja", "en"):
        for path in show.write_all(plan, tmp_path / language, language):
            if path.suffix == ".html":
                page = chromium.context.new_page()
                page.set_content(path.read_text(encoding="utf-8"), wait_until="load")
                page.wait_for_timeout(300)
                unharmed(page)
                if page.locator(".folium-map").count():
                    assert page.locator(".site-icon").count() == len(plan.sites)
                page.close()
    assert chromium.outside[before:] == []
