"""A purpose counts its own offences only, shows all of them, and is refused without their records (P1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import assumptions, coverage, ingest, plan, study
from planner.errors import InputError
from planner.plan import Prepared
from planner.replies import fault_reply
from planner.settings import PurposeSettings
from planner.work import Work
from tests.brute_force import best_plan
from tests.paper_town import write


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    inputs = ingest.read(write(tmp_path_factory.mktemp("town")))
    return study.prepare(inputs, study.wishes(inputs).settings, Work())


@pytest.mark.parametrize("purpose", ["street_crime", "school_route", "cycle_parking"])
def test_a_plan_for_one_purpose_is_the_best_for_its_offences(prepared: Prepared, purpose: str) -> None:
    wish = {"purpose": {"profile": purpose}, "siting": {"frontier_steps": 0, "resamples": 0}}
    merged = study.wishes(prepared.inputs, ("test", wish))
    rows = coverage.grade(prepared.survey, prepared.demand, merged.settings)
    counted = {offence for offence, harm in assumptions.harm(purpose).items() if harm}
    assert set(rows.table["offence_group"]) <= counted
    value, _ = best_plan(rows, prepared.offers, prepared.survey.cliques, merged.settings)
    made = study.decide(prepared, merged, Work())
    assert made.value == pytest.approx(value, abs=1e-5)
    named = sum(o.after_per_year - o.before_per_year for o in made.offences if o.offence_group in counted)
    assert made.value == pytest.approx(named, abs=1e-5)
    assert {o.offence_group for o in made.offences} == {
        "snatching",
        "bicycle_theft",
    }  # the others are shown all the same
    count = plan.recount(prepared, merged.settings, plan.choice_of(made, prepared))
    assert count.value_per_year == pytest.approx(made.value, abs=1e-9)


def test_no_plan_bears_the_name_of_offences_without_records(prepared: Prepared) -> None:
    merged = study.wishes(prepared.inputs, ("test", {"purpose": {"profile": "burglary_robbery"}}))
    with pytest.raises(InputError) as caught:
        study.pose(prepared, merged.settings, Work())
    assert caught.value.code == "purpose_without_records"
    sentence = fault_reply(caught.value.code, caught.value.values, "ja").sentence
    assert "侵入・強盗対策" in sentence
    assert "侵入窃盗、強盗" in sentence


def test_every_purpose_names_known_offences_once() -> None:
    known = {row["offence"] for row in assumptions.rows("offences")}
    rows = [(row["purpose"], row["offence"]) for row in assumptions.rows("purposes")]
    assert len(rows) == len(set(rows))
    assert {offence for _, offence in rows} <= known
    choices = set(PurposeSettings.model_fields["profile"].annotation.__args__)
    assert choices == {"any_crime", *(purpose for purpose, _ in rows)}
    assert all(0 < float(row["harm"]) <= 1 and row["source"] for row in assumptions.rows("purposes"))


def test_the_town_file_may_name_the_purpose(tmp_path: Path) -> None:
    town = write(tmp_path)
    (town / "town.toml").write_text(
        (town / "town.toml").read_text(encoding="utf-8") + '\n[purpose]\nprofile = "cycle_parking"\n', encoding="utf-8"
    )
    merged = study.wishes(ingest.read(town))
    assert merged.settings.purpose.profile == "cycle_parking"
    assert merged.origins["purpose.profile"] == "town.toml"
