"""Who cannot use a mouse changes a plan by keyboard alone; pages with maps and pictures, whose addresses differ, below a base path.

With requests to other machines held open, as a firewall does that drops them: nothing may wait for an answer. Without a base path
``test_browser`` opens every page.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import say
from tests.browser import CHROMIUM, Watched, browser, drawn, found_by_axe, server, speak, wait_for_map
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
MOST_TABS = 60


@pytest.fixture(scope="module")
def address(paper: Computed) -> Iterator[str]:
    with server(paper.town, paper.cache, "bouhan/camera") as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Watched]:
    with browser(held=True) as watched:
        yield watched


@pytest.fixture(scope="module")
def kept(paper: Computed) -> Kept:
    return paper.kept


@pytest.mark.parametrize("name", ["", "risk", "coverage", "plan"])
def test_pages_with_maps_stand_below_a_base_path(address: str, chromium: Watched, name: str) -> None:
    page = chromium.open(f"{address}{name}")
    assert found_by_axe(page) == []
    for box in page.locator(".live-map").all():
        box.locator(".leaflet-control-scale").wait_for()
    if name in ("plan", "risk"):  # pictures have addresses too
        page.wait_for_function("document.querySelector('img.leaflet-image-layer')?.naturalWidth > 0")
    speak(page, "English")
    expect(page.locator("h1")).to_have_text(say("en", f"app.page.{name}" if name else "app.title"))
    assert chromium.outside == []
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
