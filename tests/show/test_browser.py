"""plan.html in a real browser that may ask nobody."""

from __future__ import annotations

import os
import shutil

import pytest

from planner import show
from planner.plan import SettingPart
from tests.browser import CUT

ROLES = (
    *("areas", "crime", "counts", "streets", "walls", "places", "zones", "mounts", "standing", "requests", "targets"),
    *("models", "tiers", "programmes"),
)
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    where = shutil.which("chromium")
    if where is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is needed for this test and is not installed")
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=where, args=ARGS)
        yield found
        found.close()


def open_page(browser, path):
    """The page with every request but its own file blocked; what it asked for, what it complained about."""
    asked, complaints = [], []
    sheet = browser.new_page(viewport={"width": 1200, "height": 900})

    def gate(route):
        address = route.request.url
        if address == path.as_uri() or address.startswith("data:"):
            route.continue_()
        else:
            asked.append(address)
            route.abort()

    sheet.route("**/*", gate)
    sheet.on("console", lambda message: complaints.append(message.text))
    sheet.on("pageerror", lambda error: complaints.append(str(error)))
    sheet.goto(path.as_uri())
    sheet.wait_for_selector(".leaflet-pane", state="attached")
    return sheet, asked, complaints


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_every_site_and_asks_nobody(browser, plan, tmp_path, language):
    show.export(plan, tmp_path / "plan.html", "html", language)
    sheet, asked, complaints = open_page(browser, tmp_path / "plan.html")
    icons = sheet.locator(".site-icon")
    assert icons.count() == len(plan.sites)
    box = sheet.locator(".map").bounding_box()
    for n in range(icons.count()):
        at = icons.nth(n).bounding_box()
        assert box["x"] <= at["x"] < box["x"] + box["width"]
        assert box["y"] <= at["y"] < box["y"] + box["height"]
    views = sum(len(s.views) for s in plan.sites) + sum(len(c.views) for c in plan.standing)
    assert sheet.locator("path.leaflet-interactive").count() == len(plan.areas) + views + len(plan.standing)
    assert not sheet.locator("#map-failed").is_visible()
    assert sheet.locator(".leaflet-control-layers-overlays label").count() == 5
    assert sheet.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert sheet.evaluate(CUT) == []
    assert asked == []
    assert complaints == []
    sheet.close()


@pytest.mark.browser
def test_nasty_names_open_as_text(browser, plan, tmp_path):
    show.export(plan, tmp_path / "plan.html", "html")
    sheet, asked, complaints = open_page(browser, tmp_path / "plan.html")
    title = sheet.title()
    opened = sheet.evaluate(
        """() => { let n = 0; const map = window[Object.keys(window).find(k => /^map_/.test(k))];
        map.eachLayer(function each(l) { if (l.eachLayer) l.eachLayer(each);
          if (l.getTooltip && l.getTooltip()) { l.openTooltip(); n++; }
          if (l.getPopup && l.getPopup()) { l.openPopup(); n++; } }); return n; }"""
    )
    assert opened >= 2 * len(plan.sites)
    sheet.wait_for_timeout(200)
    assert sheet.title() == title
    assert title.startswith("<script>document.title='hit'</script>駅前")
    assert asked == []
    assert complaints == []
    popup = sheet.locator(".site-popup").first.inner_text()
    assert any(s.area_name.strip() in popup for s in plan.sites)
    sheet.close()


@pytest.mark.browser
def test_layers_can_be_switched_and_the_popup_tells_the_reason(browser, plain_plan, tmp_path):
    show.export(plain_plan, tmp_path / "plan.html", "html")
    sheet, _, _ = open_page(browser, tmp_path / "plan.html")
    sheet.locator(".site-icon").first.click()
    sheet.wait_for_selector(".site-popup")
    assert "街頭防犯カメラを新設します" in sheet.locator(".site-popup").inner_text()
    sheet.locator(".leaflet-control-layers-overlays label").last.click()
    assert sheet.locator(".site-icon").count() == 0
    sheet.close()


def test_map_legend_and_sources_stand_on_one_a3_sheet_and_a_site_takes_a_line(browser, big_plan, tmp_path):
    """As the browser prints it: A3 less its margins is 400 x 277 mm."""
    one = big_plan.sites[1].model_copy(update={"area_name": "鹿ノ子原二丁目", "pole_number": ""})
    sites = [one.model_copy(update={"rank": n + 1}) for n in range(40)]
    criteria = [("criteria.text", "通学路を優先する。" * 60), ("criteria.decided_on", "2026-04-01")]
    settings = [*(s for s in big_plan.settings if not s.key.startswith("criteria.")),
                *(SettingPart(key=key, value=value, origin="widget", unit="-") for key, value in criteria)]  # fmt: skip
    roles = [big_plan.sources[0].model_copy(update={"role": role}) for role in ROLES]
    file = tmp_path / "a3.html"
    file.write_bytes(
        show.content(big_plan.model_copy(update={"sites": sites, "sources": roles, "settings": settings}), "a3")
    )
    sheet = browser.new_page(viewport={"width": 1512, "height": 800})
    sheet.emulate_media(media="print")
    sheet.goto(file.as_uri())
    high_px = sheet.evaluate("document.querySelector('.columns').getBoundingClientRect().bottom")
    sheet.close()
    assert high_px * 25.4 / 96 <= 277
