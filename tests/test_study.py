"""The method's own doors: other budgets as plans of their own, and when prepared tables hold."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from planner import plan, study
from planner.plan import Plan, Prepared
from planner.settings import Merged, ProgrammeEdit, Settings, merge
from planner.work import Work
from tests.app.helpers import FEW, assert_same_tables, prepared_of, same_tables
from tests.paper_town import OWN_CAPITAL_YEN, PROGRAMMES_YAML, write

LOCAL_BODY = """- id: body
  name_ja: 架空の市補助（自治会へ、2分の1）
  name_en: made-up municipal subsidy to residents, one half
  payer: municipality
  recipient: local_body
  rate: 1/2
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation]
  kinds: [install]
  source: 架空
"""


def value_of(made: Plan, key: str) -> Any:
    return next(s for s in made.settings if s.key == key)


# ---- explore ----


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Merged]:
    return prepared_of(write(tmp_path_factory.mktemp("town")), ("test", FEW))


@pytest.fixture(scope="module")
def made(asked: tuple[Prepared, Merged]) -> Plan:
    return study.decide(*asked, Work())


@pytest.fixture(scope="module")
def explored(asked: tuple[Prepared, Merged], made: Plan) -> list[Plan]:
    return list(study.explore(*asked, made, Work()))


def test_every_other_budget_that_buys_something_becomes_a_plan(made: Plan, explored: list[Plan]) -> None:
    budgets = [value_of(p, "budget.own_capital_yen").value for p in explored]
    assert budgets == [p.municipality_yen for p in made.frontier if p.sites and p.municipality_yen != OWN_CAPITAL_YEN]
    assert len(budgets) >= 4
    assert {value_of(p, "budget.own_capital_yen").origin for p in explored} == {"frontier"}


def test_they_spend_within_their_budget_and_keep_the_points_value(made: Plan, explored: list[Plan]) -> None:
    points = {p.municipality_yen: p for p in made.frontier}
    for other in explored:
        budget = value_of(other, "budget.own_capital_yen").value
        point = points[budget]
        assert other.payers.municipality_yen <= budget
        assert other.payers.municipality_yen == point.spent_yen
        assert other.value == pytest.approx(point.value, abs=1e-9)
        assert other.bound == pytest.approx(point.bound, abs=1e-9)
        assert other.status == point.status
        assert len(other.sites) == point.sites
        assert [s.rank for s in other.sites] == list(range(1, point.sites + 1))
        assert sum(s.gain_per_year for s in other.sites) == pytest.approx(point.value, abs=1e-9)


def test_they_say_where_they_come_from(made: Plan, explored: list[Plan]) -> None:
    assert all([n.code for n in p.notes].count("from_frontier") == 1 for p in explored)
    assert "from_frontier" not in [n.code for n in made.notes]
    assert all(p.frontier == [] for p in explored)


def test_they_can_be_counted_again_under_their_own_settings(
    asked: tuple[Prepared, Merged], explored: list[Plan]
) -> None:
    for other in explored:
        settings = merge(("plan", plan.settings_of(other))).settings
        count = plan.recount(asked[0], settings, plan.choice_of(other, asked[0]))
        assert count.value_per_year == pytest.approx(other.value, abs=1e-9)


def test_all_but_the_budget_is_asked_as_before(made: Plan, explored: list[Plan]) -> None:
    def rest(p: Plan) -> list[Any]:
        return [s for s in p.settings if s.key != "budget.own_capital_yen"]

    assert all(rest(p) == rest(made) for p in explored)
    ids = [p.plan_id for p in (made, *explored)]
    assert len(set(ids)) == len(ids)


def test_exploring_ends_when_asked_to_stop(asked: tuple[Prepared, Merged], made: Plan) -> None:
    work = Work()
    found = study.explore(*asked, made, work)
    next(found)
    work.stop()
    assert list(found) == []


# ---- preparing ----

OTHER: dict[str, Any] = {  # for every setting a value that differs from the base below
    "purpose.profile": "street_crime",
    "risk.spot_spacing_m": 7.0,
    "risk.interval_share": 0.8,
    "risk.bootstrap_rounds": 3,
    "coverage.standard": "dori_2014",
    "coverage.task": "overview",
    "coverage.night_required": False,
    "coverage.handling_days": 5,
    "coverage.handling_low_days": 2,
    "coverage.handling_high_days": 9,
    "coverage.agreement_days": 0,
    "coverage.spare_per_year": 0.5,
    "coverage.on_request_share": 0.5,
    "coverage.unknown_use_share": 0.5,
    "coverage.quality_steps": 8,
    "budget.own_capital_yen": 123_000,
    "budget.running_yen_per_year": 7_000,
    "budget.local_body_yen": 50_000,
    "funding.fiscal_year": 2030,
    "funding.horizon_years": 3,
    "funding.bond_yen": 100_000,
    "funding.sections": {"camera": "委託料"},
    "retention.min_days": 8,
    "retention.min_origin": "someone else",
    "retention.max_days": 20,
    "retention.max_origin": "someone else",
    "rules.spacing_m": 60.0,
    "rules.max_per_mount": 2,
    "rules.moves": True,
    "rules.districts": [{"id": "north", "max_sites": 1}],
    "schedule.as_of": dt.date(2027, 4, 1),
    "schedule.grant_decision_on": dt.date(2027, 7, 1),
    "schedule.plan_years": 5,
    "schedule.yearly_own_yen": 1_000_000,
    "programmes.use": ("half",),
    "programmes.edit": {"half": ProgrammeEdit(rate=Fraction(1, 3), origin="paper")},
    "rules.floors": [{"measure": "place", "share": 0.1}],
    "rules.pins": [{"site": "m1", "reason": "local_request"}],
    "rules.bans": [{"site": "m2", "reason": "not_feasible"}],
    "rules.views": ({"site": "m1", "model": "standard", "bearing_deg": 45.0},),
    "rules.given": ["a"],
    "rules.max_changes": 2,
    "rules.unlike": (("a", "b"),),
    "rules.most_shared": 1,
    "review.police_stations": {"north": "north station"},
    "criteria.text": "school routes first",
    "criteria.decided_on": "2026-10-01",
    "tender.contracts": [{"site": "m1", "planned_yen": 100_000, "contract_yen": 90_000, "municipality_yen": 60_000}],
    "siting.gap_goal": 0.1,
    "siting.search_rounds": 1,
    "siting.dual_rounds": 2,
    "siting.mip_nodes": 1,
    "siting.frontier_steps": 3,
    "siting.seed": 9,
    "siting.resamples": 3,
    "siting.robust_rounds": 1,
}
FREE = {
    "purpose.profile",
    "budget.own_capital_yen",
    "budget.running_yen_per_year",
    "budget.local_body_yen",
    "funding.horizon_years",
    "funding.bond_yen",
    "funding.sections",
    "rules.districts",
    "coverage.handling_low_days",
    "coverage.handling_high_days",
    "coverage.agreement_days",
    "coverage.spare_per_year",
    "funding.fiscal_year",
    "rules.floors",
    "rules.pins",
    "rules.bans",
    "rules.given",
    "rules.max_changes",
    "rules.unlike",
    "rules.most_shared",
}
FREE_SECTIONS = ("siting.", "retention.", "schedule.", "programmes.", "review.", "criteria.", "tender.")
BASE = {"budget": {"local_body_yen": 400_000}}


@pytest.fixture(scope="module")
def body_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper town with a programme for local bodies, so that their money matters."""
    town = write(tmp_path_factory.mktemp("bodies"))
    (town / "municipal" / "programmes.yaml").write_text(PROGRAMMES_YAML + LOCAL_BODY, encoding="utf-8")
    return town


@pytest.fixture(scope="module")
def base(body_town: Path) -> tuple[Prepared, Merged]:
    return prepared_of(body_town, ("base", BASE))


def changed(base: tuple[Prepared, Merged], key: str, value: Any) -> Settings:
    section, name = key.split(".")
    return study.wishes(base[0].inputs, ("base", BASE), ("test", {section: {name: value}})).settings


def test_no_setting_is_forgotten(base: tuple[Prepared, Merged]) -> None:
    every = {f"{section}.{name}" for section, group in base[1].settings for name in type(group).model_fields}
    assert set(OTHER) == every
    for key, value in OTHER.items():
        section, name = key.split(".")
        assert getattr(getattr(base[1].settings, section), name) != value, key


@pytest.mark.parametrize("key", sorted(OTHER))
def test_prepared_tables_hold_where_the_key_says_so(base: tuple[Prepared, Merged], key: str) -> None:
    settings = changed(base, key, OTHER[key])
    same_key = study.preparing(settings) == study.preparing(base[1].settings)
    assert same_key == (key in FREE or key.startswith(FREE_SECTIONS))
    if same_key:
        assert_same_tables(study.prepare(base[0].inputs, settings, Work()), study.priced(base[0], settings))


@pytest.mark.parametrize(
    "key", ["risk.spot_spacing_m", "retention.min_days", "rules.spacing_m", "rules.max_per_mount", "retention.max_days"]
)
def test_the_comparison_of_tables_can_tell_a_change(base: tuple[Prepared, Merged], key: str) -> None:
    other = study.prepare(base[0].inputs, changed(base, key, OTHER[key]), Work())
    assert not same_tables(other, base[0])


def test_whether_local_bodies_agreed_decides_about_offers(base: tuple[Prepared, Merged]) -> None:
    unsure = study.wishes(base[0].inputs).settings
    assert unsure.budget.local_body_yen is None
    assert not same_tables(study.priced(base[0], unsure), base[0])
    assert_same_tables(study.priced(base[0], unsure), study.prepare(base[0].inputs, unsure, Work()))
