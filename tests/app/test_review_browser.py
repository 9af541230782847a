"""Compare and review in a real browser: maps that move in step, a place pointed at, a camera found."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from planner import show, store
from planner.text import say
from tests.browser import CHROMIUM, ROOT, WAIT_MS, Watched, server
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
PICTURES = ROOT / "out" / "screens"
SEEN = "box => [box.map.getCenter().lat, box.map.getCenter().lng, box.map.getZoom()]"


@pytest.fixture(scope="module")
def address(own_paper: Computed) -> Iterator[str]:
    kept = own_paper.kept
    with store.opened(own_paper.cache / "store" / "plans.sqlite") as shelf:
        shelf.save(kept.plan(), "令和9年度当初予算案", 0, "危機管理課")
        shelf.save(kept.at(kept.budgets_yen()[0]), "令和9年度当初予算案", 1, "危機管理課")
    with server(own_paper.town, own_paper.cache) as found:
        yield found


def maps_of(page: Page, number: int) -> list[Locator]:
    """So many maps, once each has drawn its shapes."""
    found = page.locator(".live-map.leaflet-container")
    expect(found).to_have_count(number, timeout=WAIT_MS)
    for box in found.all():
        box.locator("path.leaflet-interactive").first.wait_for(state="attached")
    return found.all()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    high = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": 1400, "height": min(high + 60, 6000)})
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}.png")


def test_two_maps_move_in_step_at_one_scale(address: str, chromium: Watched) -> None:
    page = chromium.open(f"{address}compare")
    one, two = maps_of(page, 2)
    page.wait_for_timeout(500)
    assert one.evaluate(SEEN) == pytest.approx(two.evaluate(SEEN))
    before = one.evaluate(SEEN)
    one.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(700)
    assert one.evaluate(SEEN)[2] > before[2]
    assert two.evaluate(SEEN) == pytest.approx(one.evaluate(SEEN))
    box = two.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 230, steps=5)
    page.mouse.up()
    page.wait_for_timeout(700)
    assert two.evaluate(SEEN)[:2] != pytest.approx(before[:2], abs=1e-9)
    assert one.evaluate(SEEN) == pytest.approx(two.evaluate(SEEN))
    picture(page, "compare_in_step_ja")
    assert chromium.outside == []
    page.close()


def test_a_place_pointed_at_on_the_map_is_suggested(address: str, chromium: Watched) -> None:
    page = chromium.open(f"{address}review")
    (box,) = maps_of(page, 1)
    box.click(position={"x": 40, "y": 300})
    lon = page.locator(".st-key-suggest-lon input")
    expect(lon).to_have_value(re.compile(r"^139\.8"), timeout=WAIT_MS)
    page.locator(".st-key-answer-station input").fill("大和署 地域課")
    page.locator(".st-key-answer-station input").press("Enter")
    page.locator(".st-key-suggest-comment input").fill("駅の北口")
    page.locator(".st-key-suggest-comment input").press("Enter")
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    page.get_by_role("button", name=say("ja", "app.review.suggest")).click()
    expect(page.get_by_text("駅の北口").first).to_be_visible(timeout=WAIT_MS)
    (box,) = maps_of(page, 1)
    page.wait_for_function("[...document.querySelectorAll('path')].some(p => p.getAttribute('fill') === '#56b4e9')")
    picture(page, "review_suggested_ja")
    page.close()


def test_a_choice_holds_when_the_language_is_changed(address: str, chromium: Watched) -> None:
    page = chromium.open(f"{address}review")
    maps_of(page, 1)
    offence = page.locator(".st-key-review-offence [role=combobox]")
    for key, words in (("review-offence", show.Words("ja").offence("snatching")), ("review-version", None)):
        page.locator(f".st-key-{key} [role=combobox]").click()
        option = page.get_by_role("option", name=words) if words else page.get_by_role("option").last
        option.click()
        page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    for language, code in (("English", "en"), ("日本語", "ja")):
        page.get_by_text(language, exact=True).click()
        expect(page.locator("h1")).to_have_text(say(code, "app.page.review"), timeout=WAIT_MS)  # type: ignore[arg-type]
        expect(offence).to_have_value(show.Words(code).offence("snatching"), timeout=WAIT_MS)  # type: ignore[arg-type]
        version = say(code, "app.shelf.version", name="令和9年度当初予算案", number=1, author="危機管理課")  # type: ignore[arg-type]
        expect(page.locator(".st-key-review-version [role=combobox]")).to_have_value(version, timeout=WAIT_MS)
    assert page.locator(".stException").count() == 0
    page.close()


def test_a_place_pointed_at_tells_its_cameras(address: str, chromium: Watched) -> None:
    page = chromium.open(f"{address}saw")
    (box,) = maps_of(page, 1)
    box.click(position={"x": 300, "y": 280})
    expect(page.locator(".st-key-saw-lon input")).to_have_value(re.compile(r"^139\.8"), timeout=WAIT_MS)
    expect(page.get_by_text(say("ja", "saw.kept_until")).first).to_be_visible(timeout=WAIT_MS)
    (box,) = maps_of(page, 1)
    page.wait_for_function("[...document.querySelectorAll('path')].some(p => p.getAttribute('stroke') === '#8a4b00')")
    picture(page, "saw_ja")
    assert chromium.outside == []
    page.close()


def test_a_saved_version_is_gone_on_from(address: str, chromium: Watched, own_paper: Computed) -> None:
    """From the newest version, which is of another budget than the plan in view: its budget is wished again and computed."""
    budget = own_paper.kept.budgets_yen()[0]
    page = chromium.open(f"{address}review")
    maps_of(page, 1)
    page.get_by_role("button", name=say("ja", "app.shelf.continue")).click()
    expect(page.locator("h1")).to_have_text(say("ja", "app.page.plan"), timeout=WAIT_MS)
    name = say("ja", "app.shelf.version", name="令和9年度当初予算案", number=2, author="危機管理課")
    expect(page.get_by_text(say("ja", "app.shelf.went_on", name=name))).to_be_visible(timeout=WAIT_MS)
    wished = page.locator(f".st-key-w-budget-own_capital_yen input[value='{budget // 10_000}']")
    expect(wished).to_be_visible(timeout=WAIT_MS * 4)
    page.get_by_role("link", name=say("ja", "app.page.review"), exact=True).click()
    maps_of(page, 1)
    expect(page.get_by_text(say("ja", "app.review.own_conditions"))).to_have_count(0)
    assert chromium.outside == []
    page.close()
