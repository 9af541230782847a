"""Plans beside the plan in tables, page and workbook; plans A, B, C; years."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from planner import show
from planner.plan import Cutbacks, CutSite, OtherPlan, OtherSite, Payers, PhasePart, Tender
from planner.show import tables_scenarios
from planner.show.page import render
from planner.show.words import Words
from planner.text import LANGUAGES, Language, say
from tests.show.conftest import build

NOBODY = Payers(national_yen=0, prefecture_yen=0, municipality_yen=900_000, local_body_yen=0)


def other_site(site) -> OtherSite:
    return OtherSite(
        site_id=site.site_id,
        offer_id=site.offer_id,
        kind=site.kind,
        mount_id=site.mount_id,
        camera_id=site.camera_id,
        area_name=site.area_name,
        address="",
        model_id=site.model_id,
        retention_days=14.0,
        total_yen=site.total_yen,
        municipality_yen=site.payers.municipality_yen,
        gain_per_year=0.25,
    )


def other(plan, kind, share, sites, value, **changes) -> OtherPlan:
    here = [other_site(s) for s in sites]
    ids = {s.site_id for s in sites}
    told = {
        "own_yen": 1_000_000,
        "bound": value * 1.1,
        "gap": 1 - 1 / 1.1,
        "status": "within_gap",
        "total_yen": 900_000,
        "payers": NOBODY,
        "running_yen_per_year": 5_000,
        "gone": [s.site_id for s in plan.sites if s.site_id not in ids],
        "added": [],
    }
    return OtherPlan(kind=kind, share=share, value=value, sites=here, **(told | changes))


def found_of(plan) -> Cutbacks:
    s = plan.sites
    nested = [other(plan, "cut_nested", share, s[:n], float(n)) for share, n in ((0.1, 5), (0.2, 4), (0.3, 2))]
    free = [other(plan, "cut_free", share, s[:n], n + 0.5) for share, n in ((0.1, 5), (0.2, 4), (0.3, 3))]
    none = other(plan, "without_grant", 0.0, [], 0.0, status="infeasible", bound=4.0, gap=1.0)
    return Cutbacks(
        plan_id=plan.plan_id,
        own_yen=2_000_000,
        plans=[*nested, *free, none],
        cuts=[CutSite(site_id=s[5].site_id, goes_at=0.1), *(CutSite(site_id=x.site_id, goes_at=None) for x in s[:5])],
        refused=["kuni"],
        shortfall_yen=1_234_567,
        reserve=[other_site(s[0])],
        tender=Tender(
            sites=2, planned_yen=9, contracted_yen=4, surplus_yen=5, unspent_yen=1, free_yen=6, assumed=1
        ),
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cut_says_of_every_site_whether_it_stays(language: Language) -> None:
    plan = build(sites=6)
    words = Words(language)
    table = tables_scenarios.cuts(found_of(plan), plan, words)
    assert [c.key for c in table.columns][-3:] == ["at_cut"] * 3
    by_site = {row[0]: row[-3:] for row in table.rows}
    stays, goes = words.say("scenario.stays"), words.say("scenario.goes")
    ids = [s.site_id for s in plan.sites]
    assert by_site[ids[5]] == (goes, goes, goes)
    assert by_site[ids[4]] == (stays, goes, goes)
    assert by_site[ids[2]] == (stays, stays, goes)
    assert by_site[ids[0]] == (stays, stays, stays)
    assert table.rows[0][0] == ids[5]  # the first to go stands first


def test_a_budget_without_a_plan_shows_no_figures_but_its_bound() -> None:
    plan = build(sites=6)
    row = tables_scenarios.plans(found_of(plan), plan, Words("ja")).rows[-1]
    assert row[:5] == (
        say("ja", "scenario.without_grant", share=""),
        1_000_000,
        None,
        4.0,
        say("ja", "scenario.infeasible"),
    )
    assert set(row[5:]) == {None}


def test_the_price_of_nesting_and_the_surplus_are_said() -> None:
    plan = build(sites=6)
    said = " ".join(tables_scenarios.sentences(found_of(plan), plan, Words("en")))
    assert "at most about 1.5 offences a year (at a cut of 30%)" in said
    assert "1,234,567 yen more" in said
    assert "a surplus of 5. With 1 yen unspent, 6 yen are free" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_written_marked_and_read_back(tmp_path: Path, language: Language) -> None:
    plan = build(sites=6)
    found = found_of(plan)
    files = show.write_cutbacks(found, plan, tmp_path, language)
    assert {f.name for f in files} == {"cutbacks.json", "cutbacks.xlsx", "cutbacks.html"}
    assert Cutbacks.model_validate_json((tmp_path / "cutbacks.json").read_bytes()) == found
    book = CalamineWorkbook.from_path(tmp_path / "cutbacks.xlsx")
    cuts = book.get_sheet_by_name(say(language, "sheet.cuts")).to_python()
    assert len(cuts) == 1 + len(plan.sites)
    page = (tmp_path / "cutbacks.html").read_text(encoding="utf-8")
    assert say(language, "show.mark") in page
    assert "<script" not in page  # names of the town that would run are escaped


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_plans_side_by_side(language: Language) -> None:
    plans = (build(sites=3), build(sites=5), build(sites=6))
    shown = show.side_by_side(plans, language)
    for letter in "abc":
        assert say(language, f"scenario.plan_{letter}", yen="").split("（")[0].split("(")[0] in shown
    assert shown.count(say(language, "scenario.in_it")) >= 3 + 5 + 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_years_stand_on_page_and_in_the_workbook_only_where_there_are_any(tmp_path: Path, language: Language) -> None:
    plain = build(sites=3)
    year = PhasePart(
        fiscal_year=2027, own_yen=1_000_000, site_ids=[plain.sites[0].site_id], total_yen=900_000, payers=NOBODY,
        running_yen_per_year=5_000, value=1.0, bound=1.1, gap=0.09, status="within_gap",
    )  # fmt: skip
    sites = [s.model_copy(update={"fiscal_year": 2027}) for s in plain.sites]
    plan = plain.model_copy(update={"phases": [year], "sites": sites})
    name = say(language, "section.phases")
    assert name in render(plan, language)
    assert name not in render(plain, language)
    (file,) = show.export(plan, tmp_path / "p.xlsx", "xlsx", language)
    book = CalamineWorkbook.from_path(file)
    rows = book.get_sheet_by_name(say(language, "sheet.phases")).to_python()
    assert rows[1][:4] == [Words(language).fiscal_year(2027), 1_000_000, 1, 900_000]
    heads, *lines = book.get_sheet_by_name(say(language, "sheet.sites")).to_python()
    at = heads.index(say(language, "column.built"))
    assert {line[at] for line in lines} == {Words(language).fiscal_year(2027)}
