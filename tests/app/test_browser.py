"""The app in a real browser that reaches no other machine."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from planner import show, store
from planner.plan import Plan
from planner.text import Language, say
from tests.browser import CHROMIUM, CUT, Watched, found_by_axe, map_frame, saved, server, speak, wait_for_map
from tests.computed import ROOT, Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
PAGES = {"start": "", "data": "data", "risk": "risk", "coverage": "coverage", "plan": "plan"} | {
    name: name for name in ("saw", "funding", "compare", "review", "export", "status", "help")
}
PICTURES = ROOT / "out" / "screens"
# no Japanese word exists for these: formats, standards, codes, units, identifiers of the town's files
KNOWN = re.compile(
    r"^(GeoJSON|GeoPackage|Excel|HTML|KPI|yyyy|mm|dd|SHA|[a-f]+|README|English|IEC|DORI|HD|CSV|TOML|ID|JSON|EPSG|WGS|UTF|utf|cp|sig|geojson|csv|yaml|municipal|crime"
    r"|kakuu|kuni|waku|ken|gaitou|koushin|chouki|jichikai|PAI|PEI|Shift|JIS|installed|areas|buildings|counts|models|mounts|places|programmes|requests|standing|streets|targets|tiers|zones|floors|steps|footage|log|rules"
    r"|[a-z]*(?:nerai|toritou|syatou|baitou|takuri|hittakuri)|[A-Z]|km|m)$"
)


# what a reader reads: icons are drawn from a font by their English names, the link for keyboards and the place for files are worded by style,
# and what describes a date field to screen readers alone can only be worded by Streamlit
READ = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('[data-testid=stIconMaterial], [data-testid=stSkipToContent], [data-testid=stFileUploaderDropzone], style, script, noscript')
    .forEach(e => e.remove());
  copy.querySelectorAll('[style*="display: none"]').forEach(e => e.remove());
  return [...copy.querySelectorAll('*')].flatMap(e => [...e.childNodes])
    .filter(n => n.nodeType === 3).map(n => n.textContent).join('\\n');
}"""


@pytest.fixture(scope="module")
def address(example: Computed) -> Iterator[str]:
    kept = example.kept
    with store.opened(example.cache / "store" / "plans.sqlite") as opened:
        for number, plan in enumerate((kept.plan(), kept.at(kept.budgets_yen()[0]))):
            opened.save(plan, "令和9年度当初予算案", number, "危機管理課")
    with server(example.town, example.cache) as found:
        yield found


@pytest.fixture(scope="module")
def plan(example: Computed) -> Plan:
    return example.kept.plan()


LAST = {  # what stands lowest on each page
    "start": "section.offences",
    "data": "app.data.assumptions",
    "risk": "app.risk.areas_intro",
    "coverage": "today.unseen_share",
    "plan": "app.plan.compute",
    "saw": "saw.procedure",
    "funding": "app.funding.save_kpi",
    "compare": "section.districts",
    "review": "app.review.back",
    "export": "app.export.public_intro",
    "status": "app.status.verify",
    "help": "app.help.own_town",
}


def settled(page: Page, name: str, language: str) -> None:
    """Until the whole page stands."""
    page.get_by_text(say(language, LAST[name])).last.wait_for()  # type: ignore[arg-type]
    page.wait_for_timeout(300)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_both_languages(address: str, chromium: Watched, plan: Plan, name: str) -> None:
    before = len(chromium.outside)
    page = chromium.open(f"{address}{PAGES[name]}?lang=en")
    _read(page, plan, name, "en")
    speak(page, "日本語")
    _read(page, plan, name, "ja")
    assert chromium.outside[before:] == []
    page.close()


def _read(page: Page, plan: Plan, name: str, language: Language) -> None:
    """The whole page as a reader finds it, with a picture."""
    expect(page.locator("h1")).to_have_text(say(language, f"app.page.{name}" if name != "start" else "app.title"))
    settled(page, name, language)
    if name in ("start", "plan"):
        wait_for_map(page, len(plan.sites))
    elif name == "risk":
        frame = map_frame(page)
        frame.wait_for_function("document.querySelector('img.leaflet-image-layer')?.naturalWidth > 10")
    high = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": 1400, "height": min(high + 60, 6000)})
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}_{language}.png")
    text = page.evaluate(READ)
    assert "Traceback" not in text
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if language == "ja":
        cited = json.dumps([a.source for a in plan.assumptions])
        found = {w for w in re.findall(r"[A-Za-z]+", text) if not KNOWN.match(w) and w not in cited}
        identifiers = set(re.findall(r"[A-Za-z]+", plan.plan_id + " ".join(s.sha256 for s in plan.sources)))
        assert found - identifiers == set()
    else:
        assert say("ja", "app.page.plan") not in text
    assert found_by_axe(page) == []  # last, since it unfolds everything


def test_the_slider_moves_counters_and_map(address: str, chromium: Watched, example: Computed) -> None:
    study = example.kept
    page = chromium.open(f"{address}plan")
    wait_for_map(page, len(study.plan().sites))
    slider = page.locator("input[type=range]").first
    own = next(int(s.value) for s in study.plan().settings if s.key == "budget.own_capital_yen")
    below = [b for b in study.budgets_yen() if b < own][::-1]
    assert len(below) >= 4
    slider.focus()
    for yen in below[:4]:
        page.keyboard.press("ArrowLeft")
        here = study.at(yen)
        wait_for_map(page, len(here.sites))
        expect(page.locator(".rows tbody tr")).to_have_count(len(here.sites))
        expect(page.locator(".figures").first).to_contain_text(f"{here.total_yen:,}")
    last = study.at(below[3])
    page.get_by_text(say("ja", "app.plan.views_day"), exact=True).click()
    zones = [z for s in last.sites for v in s.views for z in v.zones if z.light == "day" and z.polygons]
    page.wait_for_function(
        f"document.querySelectorAll('.leaflet-proposed_views-pane path').length === {len(zones)}", timeout=60_000
    )
    page.get_by_text(say("ja", "app.plan.views_outline"), exact=True).click()
    file = _saved_file(page, last.plan_id[:12])
    stored = json.loads(file.read_text(encoding="utf-8"))
    assert len(stored["features"]) == len(last.sites)
    assert "crs" not in stored
    page.close()


def _saved_file(page: Page, plan_id: str) -> Path:
    """The file that the button saves, once the page below the map has followed the budget too."""
    for _ in range(20):
        download = saved(page, page.get_by_role("button", name="GeoJSON"))
        if plan_id in download.suggested_filename:
            return Path(download.path())
        page.wait_for_timeout(250)
    raise AssertionError(f"the button never saved {plan_id}")


def test_map_and_table_belong_together(address: str, chromium: Watched, plan: Plan) -> None:
    page = chromium.open(f"{address}plan")
    frame = wait_for_map(page, len(plan.sites))
    page.locator(".rows tbody tr").nth(4).click()
    expect(page.locator(".card h4")).to_contain_text(f"番号{plan.sites[4].rank}")
    expect(frame.locator("circle[stroke='#d98200']")).to_have_count(1)
    whole = page.locator(".live-map").bounding_box()
    assert whole is not None
    frame.wait_for_function("!document.querySelector('.leaflet-pan-anim')")
    page.wait_for_timeout(500)
    ring = frame.locator("circle[stroke='#d98200']").bounding_box()
    assert ring is not None
    assert abs(ring["x"] + ring["width"] / 2 - whole["x"] - whole["width"] / 2) < 60  # the map went to the site
    # the last pin of the drawing order lies above the others
    far = max(
        plan.sites,
        key=lambda s: min((s.east_m - o.east_m) ** 2 + (s.north_m - o.north_m) ** 2 for o in plan.sites if o is not s),
    )
    frame.locator(".site-icon").nth(plan.sites.index(far)).click()
    row = page.locator(".rows tr[aria-selected=true]")
    expect(row).to_have_count(1)
    expect(row.locator("td").first).to_have_text(str(far.rank))
    page.locator(".rows tbody tr").nth(0).focus()
    page.keyboard.press("Enter")
    expect(row.locator("td").first).to_have_text("1")
    names = "[...document.querySelectorAll('.site-icon')].map(e => [e.getAttribute('aria-label'), e.dataset.key])"
    before = frame.evaluate(names)
    assert all(name and key for name, key in before)
    layer = page.get_by_role("checkbox", name=say("ja", "layer.sites"))
    layer.uncheck()
    expect(frame.locator(".site-icon")).to_have_count(0)
    layer.check()  # Leaflet makes new icons: they keep their names
    assert sorted(frame.evaluate(names)) == sorted(before)
    page.close()


def test_a_click_on_the_coverage_map_shows_that_camera(address: str, chromium: Watched, plan: Plan) -> None:
    page = chromium.open(f"{address}coverage")
    frame = wait_for_map(page, len(plan.sites))
    settled(page, "coverage", "ja")
    camera = next(c for c in plan.standing if c.views and c.views[0].area_m2 > 0)
    lat, lon = show.places(show.describe(plan), cameras=True)[camera.camera_id]
    frame.evaluate(f"document.querySelector('.live-map').map.setView([{lat}, {lon}], 18, {{animate: false}})")
    page.wait_for_timeout(300)
    box = page.locator(".live-map").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-testid=stSelectbox] input").first).to_have_value(re.compile(camera.camera_id))
    frame.wait_for_function("document.querySelectorAll('.leaflet-zones-pane path').length > 0")
    by_day = frame.locator(".leaflet-zones-pane path").count()
    page.get_by_text(say("ja", "app.coverage.everyone")).click()
    frame.wait_for_function(f"document.querySelectorAll('.leaflet-zones-pane path').length > {by_day}")
    page.close()


def test_a_sentence_stands_where_the_map_cannot_load(address: str, chromium: Watched) -> None:
    chromium.context.route("**/leaflet.js", lambda route: route.abort())
    try:
        page = chromium.open(f"{address}plan")
        page.wait_for_selector(".rows tbody tr")
        message = page.locator(".map-failed")
        expect(message).to_be_visible()
        assert message.inner_text() == say("ja", "app.map_waiting")
        box = message.bounding_box()
        assert box is not None
        on_top = page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.className", [box["x"] + 20, box["y"] + 5])
        assert on_top is not None
        page.close()
    finally:
        chromium.context.unroute("**/leaflet.js")


def test_computing_again_shows_the_gap_and_can_be_stopped(address: str, chromium: Watched, plan: Plan) -> None:
    page = chromium.open(f"{address}plan")
    wait_for_map(page, len(plan.sites))
    name = say("ja", "app.plan.in_man", name=say("ja", "setting.budget.own_capital_yen"))
    field = page.get_by_role("spinbutton", name=name)
    field.fill("90")
    page.get_by_role("button", name=say("ja", "app.plan.compute")).click()
    expect(page.get_by_text(re.compile("ここまでの案"))).to_be_visible(timeout=90_000)
    page.get_by_role("button", name=say("ja", "app.stop")).click()
    expect(page.get_by_role("button", name=say("ja", "app.stop"))).to_have_count(0, timeout=60_000)
    expect(page.locator(".figures").first).to_be_visible()
    page.get_by_role("button", name=say("ja", "app.back_to_town")).last.click()
    wait_for_map(page, len(plan.sites))
    page.close()
