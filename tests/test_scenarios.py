"""Scenarios of the paper town, by hand: years, cut-backs, a refused grant, a tender surplus.

Years with 250,000 yen each (see ``test_paper_town`` for what a site brings and costs). 2026: a standard camera in the south with
"half", 180,000 yen and 0.875, which meets the south's floor, and the repair of k4 with "third", 66,667 yen and 3 spots on s1 and
the park (0.625): 1.5 a year. A narrow camera would leave too little for the repair. 2027: "third" pays only once and "half" has
130,000 left, so that no new camera fits 250,000; k1 does: 80,000 yen, 0.375. 2028: nothing fits. All at once: 3.5417.
"""

from __future__ import annotations

import pytest

from planner import ingest, plan, study
from planner.plan import Plan, Prepared
from planner.settings import Merged
from planner.work import Work
from tests.paper_town import write

ROUNDING = 1e-5


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Merged]:
    inputs = ingest.read(write(tmp_path_factory.mktemp("town")))
    merged = study.wishes(inputs, ("test", {"funding": {"fiscal_year": 2026}}))
    return study.prepare(inputs, merged.settings, Work()), merged


@pytest.fixture(scope="module")
def in_years(prepared: tuple[Prepared, Merged]) -> Plan:
    town, merged = prepared
    own = study.wishes(
        town.inputs,
        ("test", {"funding": {"fiscal_year": 2026}, "schedule": {"plan_years": 3, "yearly_own_yen": 250_000}}),
    )
    return study.decide(town, own, Work())


def test_years_by_hand(in_years: Plan) -> None:
    assert [p.fiscal_year for p in in_years.phases] == [2026, 2027, 2028]
    assert [p.value for p in in_years.phases] == pytest.approx([1.5, 1.875, 1.875], abs=ROUNDING)
    assert [p.payers.municipality_yen for p in in_years.phases] == [246_667, 80_000, 0]
    assert all(p.gap == pytest.approx(0.0, abs=1e-9) for p in in_years.phases)
    assert in_years.value == in_years.phases[-1].value
    assert in_years.bound == pytest.approx(3.5417, abs=1e-3)  # all the money at once


def test_every_site_has_its_year_and_the_ledgers_follow(in_years: Plan) -> None:
    built = {s.site_id: s.fiscal_year for s in in_years.sites}
    assert built == {i: p.fiscal_year for p in in_years.phases for i in p.site_ids}
    assert in_years.ledgers is not None
    capital = {
        year: sum(r.total_yen for r in in_years.ledgers.rows if r.nature == "capital" and r.fiscal_year == year)
        for year in (2026, 2027, 2028)
    }
    assert capital == {p.fiscal_year: p.total_yen for p in in_years.phases}
    running = {r.fiscal_year: r.total_yen for r in in_years.ledgers.rows if r.nature == "running"}
    for phase in in_years.phases:
        assert running.get(phase.fiscal_year + 1, 0) == phase.running_yen_per_year
    assert in_years.ledgers.rows[-1].fiscal_year <= 2026 + in_years.ledgers.horizon_years


def test_a_stored_plan_in_years_is_counted_again(prepared: tuple[Prepared, Merged], in_years: Plan) -> None:
    stored = plan.choice_of(in_years, prepared[0])
    count = plan.recount(prepared[0], prepared[1].settings, stored)
    assert count.value_per_year == pytest.approx(in_years.value)
