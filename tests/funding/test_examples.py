"""The calculator against sums done by hand, and laws that hold for every programme."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.funding import circumstances, costs_of, work_out
from planner.ingest import read_programme_file
from planner.programmes import CATEGORIES, PAYERS, Programme, When
from planner.text import knows
from tests.funding.examples import EXAMPLES, Example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.rule_en)
def test_by_hand(example: Example) -> None:
    worked = work_out(example.programme, example.costs, example.facts, example.cameras)
    assert worked.subsidy_yen == example.subsidy_yen
    assert sum(worked.payers.values()) == sum(example.costs.values())
    for payer, yen in example.payers.items():
        assert worked.payers[payer] == yen


def test_each_step_begins_where_the_last_one_ended() -> None:
    for example in EXAMPLES:
        worked = work_out(example.programme, example.costs, example.facts, example.cameras)
        assert worked.steps[0].before_yen == sum(example.costs.values())
        assert worked.steps[-1].after_yen == worked.subsidy_yen
        for one, then in zip(worked.steps, worked.steps[1:], strict=False):
            assert then.before_yen == one.after_yen
        assert all(knows(f"subsidy_rule.{step.rule}") for step in worked.steps)


def test_variants_hold_only_where_their_circumstances_are() -> None:
    for example in EXAMPLES:
        if example.facts != When():
            without = work_out(example.programme, example.costs, When(), example.cameras)
            assert without.subsidy_yen != example.subsidy_yen, example.rule_en


def test_prose_never_holds() -> None:
    terms = {"rate": "1/2", "variants": [{"when": {"text": "in hard cases"}, "rate": 1}]}
    worked = work_out(Example("", "", terms, {}, 0, "").programme, {"camera": 100}, When(place="in hard cases"))
    assert worked.subsidy_yen == 50
    assert any(note.code == "variants_in_prose" for note in worked.notes)


def test_what_is_not_stated_is_not_guessed() -> None:
    with pytest.raises(InputError) as caught:
        work_out(Example("", "", {"eligible_categories": None}, {}, 0, "").programme, {"camera": 1}, When())
    assert caught.value.code == "programme_incomplete"
    assert caught.value.values["missing"] == ["rate", "eligible_categories"]


_yen = st.integers(0, 3_000_000)
_cap = st.none() | _yen


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Programmes of any terms."""
    chosen = draw(st.lists(st.sampled_from(["camera", "installation", "pole", "recorder"]), min_size=1, unique=True))
    return Programme.model_validate(
        {
            "id": "g",
            "name_ja": "g",
            "name_en": "g",
            "source": "g",
            "eligible_categories": chosen,
            "payer": draw(st.sampled_from(PAYERS[:3])),
            "recipient": draw(st.sampled_from(["municipality", "local_body", "either"])),
            "rate": draw(st.sampled_from(["1/3", "23/24", "0.75", 1])),
            "cap_per_camera_yen": draw(_cap),
            "cap_per_site_yen": draw(_cap),
            "cap_total_yen": draw(_cap),
            "eligible_cost_cap_per_camera_yen": draw(_cap),
            "min_eligible_cost_yen": draw(_cap),
            "rounding_yen": draw(st.sampled_from([None, 100, 1000])),
            "variants": [{"when": {"own_pole": True}, "add_per_site_yen": draw(_yen), "pole_part_yen": draw(_yen)}],
        }
    )


@given(
    programmes(), st.dictionaries(st.sampled_from(CATEGORIES), _yen, min_size=1), st.integers(0, 1), st.integers(1, 2)
)
@settings(max_examples=300)
def test_no_ceiling_is_passed_and_the_payers_add_up(
    programme: Programme, costs: dict[str, int], poles: int, cameras: int
) -> None:
    worked = work_out(programme, costs, When(own_pole=poles > 0), cameras)
    assert 0 <= worked.subsidy_yen <= worked.eligible_yen <= sum(costs.values())
    assert sum(worked.payers.values()) == sum(costs.values())
    assert min(worked.payers.values()) >= 0
    assert worked.subsidy_yen % (programme.rounding_yen or 1) == 0
    assert worked.subsidy_yen <= worked.eligible_yen * (programme.rate or Fraction(1))
    for cap, units in ((programme.cap_per_camera_yen, cameras), (programme.cap_total_yen, 1)):
        assert cap is None or worked.subsidy_yen <= cap * units
    if programme.cap_per_site_yen is not None:
        assert worked.subsidy_yen <= programme.cap_per_site_yen + (programme.variants[0].add_per_site_yen or 0) * poles


@given(programmes(), st.integers(0, 2_000_000), st.integers(0, 500_000))
@settings(max_examples=200)
def test_rounding_never_favours_the_applicant(programme: Programme, camera: int, more: int) -> None:
    exact = programme.model_copy(update={"rounding_yen": 1})
    coarse = programme.model_copy(update={"rounding_yen": 1000})
    costs = {"camera": camera, "installation": more}
    assert work_out(coarse, costs, When()).subsidy_yen <= work_out(exact, costs, When()).subsidy_yen


def test_the_records_of_real_programmes(real_data: Path) -> None:
    file = real_data.parent / "facts" / "grants.yaml"
    if not file.is_file():
        pytest.skip("the records of real programmes are absent")
    found = read_programme_file(file)
    records = yaml.safe_load(file.read_text(encoding="utf-8"))["programmes"]
    assert [p.id for p in found] == [r["id"] for r in records]
    assert len(found) == 54
    for programme, record in zip(found, records, strict=True):
        amounts = ("rate", "cap_per_camera", "cap_per_site")
        stated = any(record[a] is not None for a in amounts) and record["eligible_categories"] is not None
        assert (not programme.missing) == stated, programme.id
        if stated:
            costs = dict.fromkeys(record["eligible_categories"], 100_000)
            worked = work_out(programme, costs, When())
            assert 0 < worked.subsidy_yen <= sum(costs.values())
        for caps in ("cap_per_camera", "cap_per_site", "cap_total"):
            assert getattr(programme, f"{caps}_yen") == record[caps]
        assert len(programme.variants) >= len(record["cap_variants"] or [])
    prose = [v.when.text for p in found for v in p.variants if v.when.text]
    assert prose == []  # every phrase of the records has its keys


def test_real_programmes_by_hand(real_data: Path) -> None:
    file = real_data.parent / "facts" / "grants.yaml"
    if not file.is_file():
        pytest.skip("the records of real programmes are absent")
    known = {p.id: p for p in read_programme_file(file)}

    def subsidy(name: str, costs: str, *when: str) -> int:
        told = costs_of(costs)
        return work_out(known[name], told, circumstances(when, told)).subsidy_yen

    assert subsidy("yokosuka-r7", "camera=250000,installation=100000") == 270_000  # 315,000 -> 270,000
    assert subsidy("yokosuka-r7", "camera=250000,installation=100000", "power=solar") == 300_000
    assert subsidy("kakogawa-r7", "setup_unspecified=300000") == 120_000
    assert subsidy("kakogawa-r7", "setup_unspecified=300000,pole=80000") == 160_000
    assert subsidy("kakogawa-r7", "setup_unspecified=300000,pole=80000", "unit_from=2") == 120_000
    assert subsidy("kakogawa-r7", "setup_unspecified=300000", "unit_from=3") == 80_000
    assert subsidy("ogaki", "camera=300000,pole=100000", "place=school_route") == 300_000  # 360,000 -> 300,000
    assert subsidy("ogaki", "camera=300000,pole=100000") == 200_000  # 266,666 -> 200,000
    assert subsidy("tama-r7-neighbourhood", "camera=320000") == 306_000  # 306,666 cut to 1,000
    assert subsidy("nagoya-electricity-r7", "electricity=1500") == 1_500
    assert subsidy("kobe-h30", "camera=200000,pole=100000") == 110_000
    assert subsidy("amagasaki-r6", "camera=200000", "kind=renew") == 80_000
