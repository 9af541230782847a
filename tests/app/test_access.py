"""Who cannot use a mouse or cannot see: no serious finding of axe-core, and a plan changed by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import LANGUAGES, Language, say
from tests.app.test_pages import PAGES
from tests.browser import CHROMIUM, Watched, browser, server, wait_for_map
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
MOST_TABS = 60


@pytest.fixture(scope="module")
def address(paper: Computed) -> Iterator[str]:
    with server(paper.town, paper.cache) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Watched]:
    with browser() as watched:
        yield watched


@pytest.fixture(scope="module")
def kept(paper: Computed) -> Kept:
    return paper.kept


def drawn(page: Page) -> None:
    """Until the server has nothing more to say."""
    page.wait_for_selector("h1")
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    page.wait_for_timeout(500)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_finding(address: str, chromium: Watched, name: str, language: Language) -> None:
    page = chromium.open(f"{address}{name}?lang={language}")
    drawn(page)
    for fold in page.locator("[data-testid=stExpander] summary").all():
        fold.click()
    page.wait_for_timeout(300)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [
        (v["id"], node["target"], node["failureSummary"])
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
    assert told == []
    page.close()


def to(page: Page, selector: str) -> None:
    """Tab until an element that fits has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_a_plan_is_changed_and_saved_by_keyboard_alone(address: str, chromium: Watched, kept: Kept) -> None:
    plan: Plan = kept.plan()
    page = chromium.open(f"{address}plan")
    wait_for_map(page, len(plan.sites))
    drawn(page)
    to(page, "input[type=range]")
    budgets = [b for b in kept.budgets_yen() if len(kept.at(b).sites) != len(plan.sites)]
    own = next(int(s.value) for s in plan.settings if s.key == "budget.own_capital_yen")
    below = max(b for b in budgets if b < own)
    for _ in range(len([b for b in kept.budgets_yen() if below <= b < own])):
        page.keyboard.press("ArrowLeft")
    now = kept.at(below)
    wait_for_map(page, len(now.sites))
    expect(page.locator(".figures").first).to_contain_text(f"{now.total_yen:,}")
    to(page, ".site-icon")
    page.keyboard.press("Enter")
    expect(page.locator(".rows tr[aria-selected=true]")).to_have_count(1)
    assert "site=" in page.url
    assert f"budget={below}" in page.url
    to(page, ".rows tbody tr:last-child")
    page.keyboard.press("Enter")
    expect(page.locator(".rows tbody tr").last).to_have_attribute("aria-selected", "true")
    to(page, "[data-testid=stDownloadButton] button")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert now.plan_id[:12] in download.value.suggested_filename
    assert Path(download.value.path()).stat().st_size > 0
    again = chromium.open(page.url)  # the address alone shows the same to somebody else
    wait_for_map(again, len(now.sites))
    expect(again.locator(".figures").first).to_contain_text(f"{now.total_yen:,}")
    expect(again.locator(".rows tbody tr").last).to_have_attribute("aria-selected", "true")
    assert say("ja", "app.page.plan") in again.locator("h1").inner_text()
    again.close()
    page.close()


@pytest.mark.parametrize("base", ["", "bouhan/camera"])
def test_no_page_asks_another_machine_or_waits_for_one(paper: Computed, chromium: Watched, base: str) -> None:
    """Requests to other machines are held open, as a firewall does that drops them: nothing may wait for an answer."""
    asked: list[str] = []
    held = chromium.context.browser
    assert held is not None
    context = held.new_context(locale="ja-JP")
    context.route(
        lambda url: not url.startswith(("http://127.0.0.1", "data:", "blob:")), lambda r: asked.append(r.request.url)
    )
    with server(paper.town, paper.cache, base) as found:
        for name in PAGES:
            page = context.new_page()
            page.goto(f"{found}{name}")
            drawn(page)
            for box in page.locator(".live-map").all():
                box.locator(".leaflet-control-scale").wait_for()
            page.close()
    context.close()
    assert asked == []
