"""Answer sheets go out and come back as a station's Excel would save them, in both languages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
import shapely
import xlsxwriter
from pyproj import Transformer
from python_calamine import CalamineWorkbook

from planner import reviewing, show, store
from planner.errors import InputError
from planner.plan import Advice, PlacePart, Plan, Site, place_of
from planner.show import shapes
from planner.store import Answer, Review, Version
from planner.text import Language, say
from tests.golden_plan import golden_plan
from tests.show.conftest import build

STATION = "大和警察署 生活安全課 係長"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build()  # with names that would be script or formulas


@pytest.fixture
def version(plan: Plan) -> Version:
    return Version("案", 2, "b" * 64, "a" * 64, "", "危機管理課", "2026-11-25T00:00:00+00:00", plan.plan_id, "c" * 64)


def filled(
    sheet: bytes,
    path: Path,
    language: Language,
    answers: dict[str, tuple[str, str]],
    day: object = "令和8年11月20日",
    places: tuple[tuple[object, ...], ...] = (),
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """The sheet with answers by site, saved anew (``renamed``: lines that then bear another site's id)."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet))
    out = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/mm/dd", "strings_to_formulas": False})
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        if name == say(language, "sheet.review"):
            rows = [[*row[:-2], *answers.get(str(row[0]), row[-2:])] for row in rows]
            rows = [[renamed.get(str(row[0]), row[0]), *row[1:]] for row in rows]
            for row in rows:
                if row[0] == say(language, "column.answered_on"):
                    row[1] = day
        if name == say(language, "sheet.suggested"):
            rows = [rows[0], *map(list, places)]
        paper = out.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                paper.write(line, column, value)
    out.close()
    return path


@pytest.mark.parametrize("language", ["ja", "en"])
def test_answers_come_back(plan: Plan, version: Version, tmp_path: Path, language: Language) -> None:
    one, two = plan.sites[0].site_id, plan.sites[1].site_id
    sheet = reviewing.sheet_for(plan, version, STATION, language)
    told = {one: (say(language, "opinion.no_objection"), ""), two: (say(language, "opinion.reconsider"), "=1+1 樹木")}
    places = ((139.46, 35.48, "駅の北口", "夜間に多い"), ("", "", "公園の入口", ""), ("北口", 35.4, "", "不明"))
    path = filled(sheet, tmp_path / "a.xlsx", language, told, dt.date(2026, 11, 20), places)
    found = reviewing.read(path, plan, version)
    assert (found.station, found.answered_on) == (STATION, "2026-11-20")
    assert [(a.site_id, a.opinion, a.comment) for a in found.answers[:2]] == [
        (one, "no_objection", ""),
        (two, "reconsider", "=1+1 樹木"),
    ]
    north_exit, park = found.answers[2:]
    assert north_exit.comment == "駅の北口 夜間に多い"
    assert abs(north_exit.east_m - -33_900) < 1000  # about 139.46 E, 35.48 N in EPSG:6677
    assert (park.comment, park.east_m) == ("公園の入口", None)
    assert [(p.code, p.values["line"]) for p in found.problems] == [("review_place_unreadable", 4)]


def test_a_place_that_lies_nowhere_near_is_no_suggestion(plan: Plan, version: Version, tmp_path: Path) -> None:
    """Not a number, the pole, and longitude and latitude the wrong way round."""
    sheet = reviewing.sheet_for(plan, version, STATION, "ja")
    nowhere = (("nan", "nan"), (139.46, 90.0), (35.48, 139.46), (135.0, 35.0))
    path = filled(sheet, tmp_path / "a.xlsx", "ja", {}, places=tuple((*at, "駅", "") for at in nowhere))
    found = reviewing.read(path, plan, version)
    assert found.answers == ()
    assert [(p.code, p.values["line"]) for p in found.problems] == [("review_place_outside", n) for n in (2, 3, 4, 5)]
    for lon, lat in nowhere:
        with pytest.raises(InputError) as refused:
            reviewing.suggestion(plan, float(lon), float(lat), "駅", STATION, "2026-11-20")
        assert refused.value.code == "place_outside_town"


def test_two_lines_on_one_site_are_told_and_neither_is_taken(plan: Plan, version: Version, tmp_path: Path) -> None:
    one, two, three = (s.site_id for s in plan.sites[:3])
    sheet = reviewing.sheet_for(plan, version, STATION, "ja")
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet))
    lines = [str(row[0]) for row in book.get_sheet_by_name(say("ja", "sheet.review")).to_python()]
    told = {one: ("支障なし", ""), two: ("支障なし", ""), three: ("再検討", "樹木")}
    path = filled(sheet, tmp_path / "a.xlsx", "ja", told, renamed={three: one})
    found = reviewing.read(path, plan, version)
    assert [a.site_id for a in found.answers] == [two]
    assert [(p.code, p.values["line"], p.values["opinion"]) for p in found.problems] == [
        ("review_site_twice", lines.index(one) + 1, "支障なし"),
        ("review_site_twice", lines.index(three) + 1, "再検討"),
    ]


def test_a_sheet_of_another_version_is_refused(plan: Plan, version: Version, tmp_path: Path) -> None:
    sheet = reviewing.sheet_for(plan, version, STATION, "ja")
    later = Version(**{**vars(version), "number": 3, "version_sha256": "d" * 64})
    path = filled(sheet, tmp_path / "a.xlsx", "ja", {})
    with pytest.raises(InputError) as refused:
        reviewing.read(path, plan, later)
    assert refused.value.code == "review_stale"
    assert (refused.value.values["version"], refused.value.values["asked"]) == ("2", 3)


def test_what_cannot_be_read_is_listed_with_its_line(plan: Plan, version: Version, tmp_path: Path) -> None:
    one, two = plan.sites[0].site_id, plan.sites[1].site_id
    sheet = reviewing.sheet_for(plan, version, STATION, "ja")
    path = filled(sheet, tmp_path / "a.xlsx", "ja", {one: ("OK", "良い"), two: ("", "意見なし？")})
    found = reviewing.read(path, plan, version)
    assert found.answers == ()
    assert [p.code for p in found.problems] == ["review_opinion_unknown", "review_without_opinion"]
    assert found.problems[1].values["line"] == found.problems[0].values["line"] + 1


@pytest.mark.parametrize(("day", "code"), [("", "review_unsigned"), ("11月", "day_unreadable")])
def test_a_sheet_without_a_day_is_refused(plan: Plan, version: Version, tmp_path: Path, day: str, code: str) -> None:
    path = filled(reviewing.sheet_for(plan, version, STATION, "ja"), tmp_path / "a.xlsx", "ja", {}, day)
    with pytest.raises(InputError) as refused:
        reviewing.read(path, plan, version)
    assert refused.value.code == code


def test_another_workbook_is_refused(plan: Plan, version: Version, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("表").write(0, 0, "何か")
    book.close()
    with pytest.raises(InputError) as refused:
        reviewing.read(tmp_path / "a.xlsx", plan, version)
    assert refused.value.code == "review_unknown"
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError) as refused:
        reviewing.read(tmp_path / "b.xlsx", plan, version)
    assert refused.value.code == "zip_damaged"


def test_a_changed_opinion_is_a_conflict_and_the_same_sheet_adds_nothing(
    plan: Plan, version: Version, tmp_path: Path
) -> None:
    one = plan.sites[0].site_id
    sheet = reviewing.sheet_for(plan, version, STATION, "ja")
    first = reviewing.read(filled(sheet, tmp_path / "a.xlsx", "ja", {one: ("条件付き", "剪定後")}), plan, version)
    again = reviewing.read(filled(sheet, tmp_path / "b.xlsx", "ja", {one: ("支障なし", "")}), plan, version)
    kept = [Review(**vars(a), review_id=n, version_sha256="b" * 64) for n, a in enumerate(first.answers)]
    assert reviewing.new(kept, first) == []
    assert reviewing.conflicts(kept, first) == []
    (conflict,) = reviewing.conflicts(kept, again)
    assert (conflict.earlier.opinion, conflict.answer.opinion) == ("conditional", "no_objection")
    both = [*kept, *(Review(**vars(a), review_id=9, version_sha256="b" * 64) for a in again.answers)]
    assert reviewing.new(both, again) == []
    assert reviewing.new(both, first) == list(first.answers)  # back to the first opinion on the same day: that is news


def test_answers_are_kept_with_the_file_they_came_in(plan: Plan, tmp_path: Path) -> None:
    with store.opened(tmp_path / "s.sqlite") as shelf:
        version = shelf.save(plan, "案", 0, "危機管理課")
        sheet = reviewing.sheet_for(plan, version, STATION, "ja", districts=[plan.sites[0].district_id])
        path = filled(sheet, tmp_path / "a.xlsx", "ja", {plan.sites[0].site_id: ("支障なし", "")})
        found = reviewing.read(path, plan, version)
        (review,) = reviewing.keep(shelf, version, found.answers, path.read_bytes(), "回答.xlsx", "危機管理課")
        assert shelf.upload(review.upload_sha256).name == "回答.xlsx"
        assert store.examine(shelf).faults == ()


def received(*answers: Answer) -> list[Review]:
    return [Review(**vars(a), review_id=n, version_sha256="b" * 64) for n, a in enumerate(answers)]


def of_site(site: Site, opinion: str, station: str = STATION) -> Answer:
    return Answer(site.site_id, opinion, "", station, "2026-11-20")


def test_answers_suggest_pins_and_bans(plan: Plan) -> None:
    one, two = plan.sites[:2]
    known = received(of_site(one, "reconsider"), of_site(two, "conditional"), of_site(one, "no_objection", "別の署"))
    found = [(p.kind, p.site, p.answer.station) for p in reviewing.proposals(plan, known)]
    assert found == [("ban", place_of(one), STATION), ("pin", two.site_id, STATION), ("pin", one.site_id, "別の署")]


def test_only_the_latest_answer_of_a_station_suggests_anything(plan: Plan) -> None:
    known = received(of_site(plan.sites[0], "reconsider"), of_site(plan.sites[0], "to_discuss"))
    assert reviewing.proposals(plan, known) == []


def test_a_suggested_place_is_the_nearest_site_or_place_left_out(plan: Plan) -> None:
    site = plan.sites[0]
    left_out = (("m:shut", 5_000.0, "refused"), ("m:open", 5_020.0, "outbid"))
    places = [
        PlacePart(place_id=name, east_m=site.east_m + east, north_m=site.north_m, address="裏通り地先", code=code)
        for name, east, code in left_out
    ]
    asked = plan.model_copy(update={"advice": Advice(places=places), "sites": [site]})

    def suggested(east_m: float) -> list[tuple[str, str, float | None]]:
        answer = Answer("", "to_discuss", "夜間に多い", STATION, "2026-11-20", site.east_m + east_m, site.north_m)
        return [(p.kind, p.site, p.distance_m) for p in reviewing.proposals(asked, received(answer))]

    assert suggested(30) == [("pin", site.site_id, 30)]
    assert suggested(5_000) == [("pin", "m:open", 20)]  # not where the owner refuses
    assert suggested(2_000) == []
    in_words = Answer("", "to_discuss", "公園の入口", STATION, "2026-11-20")
    assert reviewing.proposals(asked, received(in_words)) == []


def test_a_place_pointed_at_comes_back_to_where_it_was(plan: Plan) -> None:
    answer = reviewing.suggestion(plan, 139.46, 35.48, "北口", STATION, "2026-11-20")
    back = Transformer.from_crs(plan.town.epsg, 4326, always_xy=True).transform(answer.east_m, answer.north_m)
    assert back == pytest.approx((139.46, 35.48), abs=1e-6)
    assert (answer.site_id, answer.opinion) == ("", "to_discuss")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sheet_to_print_holds_a_box_per_opinion_and_only_the_districts_asked(
    plan: Plan, version: Version, language: Language
) -> None:
    first, *rest = plan.sites
    plan = plan.model_copy(update={"sites": [first.model_copy(update={"district_id": "ours"}), *rest]})
    html = reviewing.sheet_for(plan, version, "<b>署</b>", language, "html", districts=["ours"]).decode("utf-8")
    mine = plan.sites[:1]
    assert html.count("□") == 4 * len(mine)
    assert "&lt;b&gt;署" in html
    assert "<b>署" not in html
    assert version.version_sha256[:12] in html
    others = {s.site_id for s in plan.sites} - {s.site_id for s in mine}
    assert others
    assert not [i for i in others if i in html]
    assert "http://" not in html
    assert "https://" not in html


def of_two_stations(plan: Plan) -> Plan:
    """The same plan, its blocks shared out: the first belongs to the north station, the others to the south one."""
    first, *rest = plan.areas
    areas = [first, *rest]
    named = ["北署", *["南署"] * len(rest)]
    return plan.model_copy(
        update={"areas": [a.model_copy(update={"police_station": n}) for a, n in zip(areas, named, strict=True)]}
    )


def test_each_station_is_asked_about_its_sites_and_those_that_film_into_its_jurisdiction() -> None:
    plan = of_two_stations(golden_plan())
    assert show.stations(plan) == ["北署", "南署"]
    own = show.station_of(plan)
    north, south = (show.asked_of(plan, station) for station in ("北署", "南署"))
    for here, station in ((north, "北署"), (south, "南署")):
        ids = {s.site_id for s in here.plan.sites}
        assert {i for i, name in own.items() if name == station} <= ids
        areas = shapes.metric([a.polygons for a in here.plan.areas])
        for site in plan.sites:
            views = shapes.metric([v.polygons for v in site.views])
            films = any(shapely.intersection(v, a).area > 1 for v in views for a in areas)
            assert (site.site_id in ids) == (films or own[site.site_id] == station)
    assert len(north.plan.areas) == 1
    assert [name for name, _ in north.borders] == [plan.areas[0].name]
    assert all(others == ("南署",) for _, others in north.borders)
    assert show.asked_of(plan).plan.sites == plan.sites
    both = {s.site_id for s in north.plan.sites} & {s.site_id for s in south.plan.sites}
    assert both == {i for i, others in show.asked_of(plan).beside.items() if others}


def test_the_sheet_of_a_station_names_the_other_station_and_the_border(version: Version) -> None:
    plan = of_two_stations(golden_plan())
    html = reviewing.sheet_for(plan, version, "北署", "ja", "html", station="北署").decode("utf-8")
    assert f"南署に接するのは、{plan.areas[0].name}です。" in html
    cells = ["".join(row) for row in _rows(reviewing.sheet_for(plan, version, "北署", "ja", station="北署"))]
    shown = [s for s in plan.sites if any(s.site_id in row for row in cells)]
    assert [s.site_id for s in shown] == [s.site_id for s in show.asked_of(plan, "北署").plan.sites]


def _rows(sheet: bytes) -> list[list[str]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows]
