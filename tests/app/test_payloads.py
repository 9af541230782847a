"""Hostile names in every place where a name appears: no script runs, no map is blank, on no page and in no file."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from planner import reviewing, show, store
from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import LANGUAGES
from tests.app.test_access import drawn
from tests.app.test_pages import PAGES
from tests.browser import CHROMIUM, Watched, server
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
    "![x](http://192.0.2.1/hit.png) **太字** $x^2$",
)
PRINTED = tuple("".join(c for c in payload if c.isprintable()) for payload in PAYLOADS)
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
                turn = sum(map(ord, inner)) if key in IDS else at[0]  # an id is the same wherever it stands
                found[key] = PAYLOADS[turn % len(PAYLOADS)]
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
    prepared = kept.prepared()  # what the page of "which camera saw it" reads
    standing = prepared.inputs.standing
    for column in ("owner", "address"):
        standing[column] = [PAYLOADS[n % len(PAYLOADS)] for n in range(len(standing))]
    kept.keep_prepared(prepared)
    plan = kept.plan()
    with store.opened(cache / "store" / "plans.sqlite") as opened:
        for printed in PRINTED:  # a name that cannot be printed is refused by the store itself
            opened.review(opened.save(plan, printed, 0, printed, printed), answers(plan), PRINTED[1])
    return Computed(paper.town, cache, kept)


def answers(plan: Plan) -> list[store.Answer]:
    """Every payload as comment and station: of a site, and of a place that is suggested."""
    sites = [plan.sites[n % len(plan.sites)] for n in range(len(PRINTED))]
    return [
        answer
        for site, printed in zip(sites, PRINTED, strict=True)
        for answer in (
            store.Answer(site.site_id, "reconsider", printed, printed, "2026-11-20"),
            store.Answer("", "to_discuss", printed, printed, "2026-11-20", site.east_m, site.north_m),
        )
    ]


@pytest.fixture(scope="module")
def address(hostile: Computed) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as here:
        here.setenv("PLANNER_TOWNS", str(hostile.cache.parent / "towns"))
        with server(hostile.town, hostile.cache) as found:
            yield found


def unharmed(page: Page) -> None:
    assert not page.evaluate("'hit' in window")
    assert page.locator("iframe[srcdoc*=parent]").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.locator("img[src*='192.0.2.1']").count() == 0


def test_no_page_runs_a_name(address: str, hostile: Computed, chromium: Watched) -> None:
    before = len(chromium.outside)
    kept = hostile.kept
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


def test_answers_and_owners_run_nothing(address: str, chromium: Watched) -> None:
    page = chromium.open(f"{address}review")
    for printed in (PRINTED[1], PRINTED[8]):
        page.get_by_text(printed).first.wait_for()
    for shape in page.locator(".live-map path.leaflet-interactive").all():  # the tip of each suggested place
        shape.dispatch_event("mouseover")
    back = page.locator(".st-key-sheet-back input[type=file]")
    back.set_input_files({"name": f"{PAYLOADS[1]}.xlsx", "mimeType": "application/zip", "buffer": b"PK\3\4 no book"})
    page.locator("[data-testid=stAlert]").first.wait_for()
    # after the file: Streamlit 1.67 forgets where a file goes that is dropped within milliseconds of another widget's run
    station = page.locator(".st-key-answer-station input")
    station.fill(PRINTED[1])
    station.press("Enter")
    drawn(page)
    unharmed(page)
    page.close()
    page = chromium.open(f"{address}saw")
    page.locator(".live-map.leaflet-container").click(position={"x": 300, "y": 280})
    page.get_by_text(PRINTED[1]).first.wait_for()
    unharmed(page)
    page.close()


def test_names_of_files_run_nothing(address: str, chromium: Watched) -> None:
    names = [f"{n}{printed.replace('/', '')}.csv" for n, printed in enumerate(PRINTED)]
    page = chromium.open(address)
    page.locator("[data-testid=stExpander] summary").first.click()
    dropped: list[Any] = [{"name": name, "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"} for name in names]
    page.locator("input[type=file]").first.set_input_files(dropped)
    found = page.locator(".st-key-town-found button")
    expect(found).to_be_enabled()
    found.click()
    page.locator("table td").get_by_text(names[1].rsplit("\\")[-1]).wait_for()
    unharmed(page)
    page.close()


def test_no_file_runs_a_name(hostile: Computed, chromium: Watched, tmp_path: Path) -> None:
    before = len(chromium.outside)
    kept = hostile.kept
    plan = Plan.model_validate(poisoned(kept.plan().model_dump(mode="json"), [0], NAMES | IDS))
    with store.opened(hostile.cache / "store" / "plans.sqlite") as opened:
        version = opened.version(PRINTED[1])
    for language in LANGUAGES:
        to_print = tmp_path / f"review_{language}.html"
        to_print.write_bytes(reviewing.sheet_for(plan, version, PAYLOADS[1], language, "html"))
        sheets = show.export(plan, tmp_path / f"a3_{language}.html", "a3", language)
        for path in (*show.write_all(plan, tmp_path / language, language), to_print, *sheets):
            if path.suffix == ".html":
                page = chromium.context.new_page()
                page.set_content(path.read_text(encoding="utf-8"), wait_until="load")
                page.wait_for_timeout(300)
                unharmed(page)
                if page.locator(".folium-map").count():
                    assert page.locator(".site-icon").count() == len(plan.sites)
                page.close()
    assert chromium.outside[before:] == []
