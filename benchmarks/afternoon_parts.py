"""What the planner does in the afternoon, part by part."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

from playwright.sync_api import Locator, expect
from python_calamine import CalamineWorkbook

from benchmarks.afternoon import COMPUTED_MS, DRAWN_MS, PICTURES, Afternoon
from planner.app.exporting import INTERNAL, PUBLIC
from tests.test_reviewing import filled

PLAN = {"ja": "令和9年度当初予算案", "en": "Initial budget of 2027"}
OFFICE = {"ja": "危機管理課 防犯係", "en": "Crisis management division"}
STATION = {"ja": "架空警察署 生活安全課", "en": "Kakuu police station"}
REMARK = {"ja": "街路樹の陰になるため", "en": "A street tree hides the view"}
OWN_FILES = (".csv", ".geojson", ".gpkg", ".json")
MOST_ROUNDS = 4  # of questions


def look(visit: Afternoon, _folder: Path, _own: Path) -> None:
    """The first screens, without a word read beforehand."""
    visit.step("start", lambda: _map(visit))
    for name in ("data", "risk", "coverage"):
        visit.step(name, partial(visit.to, name))


def plan(visit: Afternoon, _folder: Path, _own: Path) -> None:
    """The budget moved, a site asked about and banned, a place pinned, both computed with their prices."""
    page = visit.page

    def down() -> None:
        page.locator("input[type=range]").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
            page.wait_for_timeout(400)

    def up() -> None:
        page.locator("input[type=range]").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(400)

    visit.step("plan", lambda: visit.to("plan"), lambda: _map(visit))
    visit.step("plan_less_money", down)
    visit.step("plan_back", up)
    visit.step("plan_site", lambda: _middle(page.locator(".rows tbody tr")).click())
    visit.step("plan_ban", lambda: _wish(visit, "site", "ban", "owner_refused"))
    visit.step("plan_place", lambda: page.locator(".live-map").first.click(position={"x": 420, "y": 300}))
    visit.step("plan_pin", lambda: _wish(visit, "place", "pin", "local_request"))


def save_and_compare(visit: Afternoon, _folder: Path, _own: Path) -> None:
    """The plan kept before the wishes and after them, the two side by side."""
    visit.step("export_first", lambda: _save(visit, "v1"))
    visit.step("plan_pending", lambda: visit.to("plan"))
    visit.step("plan_computed", partial(visit.compute, "compute-wishes"), lambda: _map(visit))
    visit.step("export_second", lambda: _save(visit, "v2"))
    visit.step("compare", lambda: visit.to("compare"), lambda: _both(visit))


def review(visit: Afternoon, folder: Path, _own: Path) -> None:
    """The station answers one site in the browser and the others in the workbook."""

    def answer() -> None:
        visit.choose("answer-opinion", visit.say("opinion.reconsider"))
        visit.write("answer-comment", REMARK[visit.language])
        visit.press("app.review.keep")

    visit.step("review", lambda: visit.to("review"))
    visit.step("review_station", lambda: visit.write("answer-station", STATION[visit.language]))
    visit.step("review_answer", answer)
    sheet = visit.saved("sheet-xlsx", folder)
    _fill(visit, sheet)
    visit.step("review_back", lambda: visit.key("sheet-back").locator("input[type=file]").set_input_files(sheet))
    visit.step("review_taken", lambda: _take(visit))


def take_up(visit: Afternoon, _folder: Path, _own: Path) -> None:
    """What the answers propose becomes a wish."""
    visit.step("review_proposed", visit.key("propose-0").locator("button").first.click)
    visit.step("plan_proposed", lambda: visit.to("plan"))
    visit.step("plan_again", partial(visit.compute, "compute-wishes"), lambda: _map(visit))


def export(visit: Afternoon, folder: Path, _own: Path) -> None:
    """The money, then every file once."""
    visit.step("funding", lambda: visit.to("funding"))
    visit.step("saw", lambda: visit.to("saw"))
    visit.step("saw_place", lambda: visit.page.locator(".live-map").first.click(position={"x": 300, "y": 280}))
    visit.step("export", lambda: _save(visit, "v3"))
    for form in (*INTERNAL, *PUBLIC):
        path = visit.saved(f"file-{form}", folder)
        if path.stat().st_size == 0:
            raise RuntimeError(f"{path.name} is empty")
    for form in ("html", "a3"):
        _picture_of(visit, next(folder.glob("plan_*.html" if form == "html" else "sheet_a3_*.html")), form)


def own_town(visit: Afternoon, _folder: Path, own: Path) -> None:
    """Own files dropped, questions answered as proposed, the plan of the own town."""
    files = sorted(p for p in own.rglob("*") if p.suffix in OWN_FILES)

    def drop() -> None:
        visit.page.locator("[data-testid=stExpander] summary").first.click()
        visit.page.locator("[data-testid=stFileUploaderDropzoneInput], input[type=file]").first.set_input_files(files)
        expect(visit.key("town-found").locator("button")).to_be_enabled(timeout=DRAWN_MS)

    visit.step("own_start", lambda: visit.to("start"))
    visit.step("own_dropped", drop)
    visit.step("own_found", partial(visit.compute, "town-found"))
    visit.step("own_data", lambda: visit.to("data"))
    for number in range(1, MOST_ROUNDS + 1):
        if not visit.key("save-answers").count():
            break
        visit.step(f"own_answered_{number}", partial(visit.compute, "save-answers"))
    visit.step("own_risk", lambda: visit.to("risk"))
    visit.step("own_plan", lambda: visit.to("plan"), lambda: _map(visit))
    visit.step("own_funding", lambda: visit.to("funding"))


def last(visit: Afternoon, _folder: Path, _own: Path) -> None:
    """The pages for whoever takes over."""
    for name in ("status", "help"):
        visit.step(name, partial(visit.to, name))


def _middle(found: Locator) -> Locator:
    return found.nth(found.count() // 2)


def _map(visit: Afternoon) -> None:
    visit.page.locator(".live-map .site-icon").first.wait_for(timeout=COMPUTED_MS)


def _both(visit: Afternoon) -> None:
    expect(visit.page.locator(".live-map.leaflet-container")).to_have_count(2, timeout=DRAWN_MS)


def _wish(visit: Afternoon, where: str, kind: str, reason: str) -> None:
    """A pin or ban with its reason and who asked."""
    visit.key(f"{where}-kind").get_by_text(visit.say(f"app.pin.{kind}"), exact=True).click()
    visit.choose(f"{where}-reason", visit.say(f"wish_reason.{reason}"))
    visit.write(f"{where}-who", OFFICE[visit.language])
    form = visit.page.locator("[data-testid=stForm]", has=visit.key(f"{where}-kind"))
    form.get_by_role("button", name=visit.say("app.pin.propose")).click()


def _save(visit: Afternoon, remark: str) -> None:
    visit.to("export")
    visit.stands()
    for key, words in (("version-name", PLAN[visit.language]), ("version-author", OFFICE[visit.language])):
        visit.write(key, words)
    visit.write("version-remark", remark)
    visit.press("app.export.save")


def _fill(visit: Afternoon, sheet: Path) -> None:
    """The workbook as an officer fills it: the day, an opinion for every site but the one answered, one of them against it."""
    rows = CalamineWorkbook.from_path(sheet).get_sheet_by_name(visit.say("sheet.review")).to_python()
    first = next(at for at, row in enumerate(rows) if row[0] == visit.say("column.id")) + 1
    sites = [str(row[0]) for row in rows[first + 1 :]]
    told = {site: (visit.say("opinion.no_objection"), "") for site in sites}
    told[sites[-1]] = (visit.say("opinion.reconsider"), REMARK[visit.language])
    filled(sheet.read_bytes(), sheet, visit.language, told, dt.date.today())  # noqa: DTZ011 - the station's own day


def _take(visit: Afternoon) -> None:
    visit.write("sheet-author", OFFICE[visit.language])
    visit.key("sheet-take").locator("button").first.click()


def _picture_of(visit: Afternoon, file: Path, name: str) -> None:
    """A saved page as a reader opens it."""
    page = visit.page.context.new_page()
    page.goto(file.as_uri())
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"afternoon_file_{name}_{visit.language}.png", full_page=True)
    page.close()


PARTS = (look, plan, save_and_compare, review, take_up, export, own_town, last)
