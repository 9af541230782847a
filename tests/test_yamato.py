"""A real town, as its files stand: police records of a whole prefecture, census blocks, a derived street skeleton."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import ingest, plan, siting, study
from planner.errors import InfeasibleError
from planner.plan import Plan, Prepared
from planner.settings import Merged
from planner.work import Work

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def prepared(real_data: Path) -> tuple[Prepared, Merged]:
    inputs = ingest.read(real_data / "yamato")
    merged = study.wishes(inputs, ("test", {"siting": {"frontier_steps": 0, "resamples": 0}}))
    return study.prepare(inputs, merged.settings, Work()), merged


@pytest.fixture(scope="module")
def made(prepared: tuple[Prepared, Merged]) -> Plan:
    return study.decide(*prepared, Work())


def test_every_row_is_accounted_for(prepared: tuple[Prepared, Merged]) -> None:
    inputs = prepared[0].inputs
    crime = [t for t in inputs.tallies if t.role == "crime"]
    assert sum(t.rows for t in crime) == 45_317
    assert sum(t.accepted for t in crime) == 1_788
    for t in inputs.tallies:
        assert t.rows == t.accepted + t.set_aside + t.duplicate + t.outside, t.file
    assert len(inputs.set_aside) == sum(t.set_aside for t in inputs.tallies)
    assert inputs.set_aside[["file", "reason", "text"]].map(bool).to_numpy().all()


def test_all_records_of_the_city_are_placed(prepared: tuple[Prepared, Merged]) -> None:
    inputs, demand = prepared[0].inputs, prepared[0].demand
    placed = inputs.incidents["precision"].value_counts()
    assert placed["area"] + placed["city"] == 1_788
    assert placed["city"] == 30
    assert demand.expected.sum() * inputs.years == pytest.approx(1_788)
    split = inputs.areas.set_index("name").geometry.geom_type
    assert split["福田"] == "MultiPolygon"


def test_the_plan_is_within_budget_and_near_its_bound(prepared: tuple[Prepared, Merged], made: Plan) -> None:
    assert 0 < made.gap <= 0.025  # measured 0.0203; the goal of two per cent is reported in benchmarks/RESULTS.md
    assert made.value <= made.bound
    assert 0 < made.payers.municipality_yen <= 20_000_000
    assert made.running_yen_per_year <= 2_000_000
    assert {s.retention_days for s in made.sites} <= {14, 30}
    assert made.payers.national_yen == 0
    stated = plan.recount(prepared[0], prepared[1].settings, plan.choice_of(made, prepared[0]))
    assert stated.value_per_year == pytest.approx(made.value, abs=1e-9)


def test_with_spacing_and_a_floor_it_is_within_five_per_cent(prepared: tuple[Prepared, Merged]) -> None:
    town, merged = prepared
    wish = {
        "rules": {"spacing_m": 100.0, "districts": [{"id": "all", "floor_share": 0.02}]},
        "siting": {"frontier_steps": 0, "resamples": 0},
    }
    spaced = study.wishes(town.inputs, ("test", wish))
    again = study.prepare(town.inputs, spaced.settings, Work())  # spacing makes new cliques
    model = study.pose(again, spaced.settings, Work())
    choice = siting.choose(model, spaced.settings, Work())
    siting.verify(model, choice)
    plan.recount(again, spaced.settings, choice)
    assert choice.gap <= 0.05
    assert merged.settings.rules.spacing_m == 0


def test_a_plan_that_the_clock_cut_says_so(prepared: tuple[Prepared, Merged]) -> None:
    town, merged = prepared
    model = study.pose(town, merged.settings, Work())
    choice = siting.choose(model, merged.settings, Work(seconds=0.5))
    assert choice.status == "stopped"
    assert [n.code for n in choice.notes] == ["time_cut"]
    assert 0 < choice.value <= choice.bound
    plan.recount(town, merged.settings, choice)


def test_a_floor_that_no_plan_reaches_is_refused_by_name(prepared: tuple[Prepared, Merged]) -> None:
    town, _ = prepared
    wish = {"rules": {"districts": [{"id": "all", "floor_share": 0.2}]}}
    strict = study.wishes(town.inputs, ("test", wish)).settings
    with pytest.raises(InfeasibleError) as refused:
        siting.choose(study.pose(town, strict, Work()), strict, Work())
    assert {"municipality_budget", "district_floor:all"} <= {r["rule"] for r in refused.value.values["rules"]}


def test_no_assumption_is_hidden(made: Plan) -> None:
    codes = [n.code for n in made.notes]
    absent = {n.values["role"] for n in made.notes if n.code == "role_absent"}
    assert {"walls", "mounts", "standing"} <= absent
    assert "walls_absent_no_occlusion" in codes
    assert "own_money_only" in codes
    assert {n.values["role"] for n in made.notes if n.code == "catalogue_shipped"} == {"models", "tiers"}


def test_a_plan_file_holds_no_spot_and_no_record(made: Plan) -> None:
    text = made.model_dump_json()
    assert "spot_id" not in text
    assert "incident_id" not in text
    assert len(text) < 3_000_000
