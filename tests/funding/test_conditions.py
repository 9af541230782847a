"""Conditions that hang on the place or on what the town states, and two programmes on one action. A plain site costs 260,000 yen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from planner import frames
from planner.errors import SettingsError
from planner.funding import price
from planner.programmes import Programme
from planner.settings import Settings
from planner.terms import edited
from tests.funding.small_town import town

ALL = ("camera", "recorder", "installation", "cable", "signage")
YEAR = Settings.model_validate({"funding": {"fiscal_year": 2027}, "budget": {"local_body_yen": 1}})
SOLAR = {"cap_per_camera_yen": 100_000, "variants": [{"when": {"power": "solar"}, "cap_per_camera_yen": 120_000}]}
JOINT = {
    "cap_total_yen": 100_000,
    "cap_total_of": "application",
    "variants": [{"when": {"joint": True}, "cap_total_yen": 120_000}],
}


def programme(**terms: Any) -> Programme:
    known = {"id": "g", "name_ja": "例", "name_en": "example", "payer": "prefecture", "source": "made up"}
    return Programme.model_validate({**known, "rate": "1/2", "eligible_categories": ALL, **terms})


def priced(*programmes: Programme, powered: bool | None = None, **action: Any) -> frames.Offers:
    inputs, survey = town([action], programmes)
    fed = pd.Series([powered] * len(survey.mounts), dtype="boolean")
    return price(inputs, replace(survey, mounts=survey.mounts.assign(powered=fed)), YEAR)


def offer(offers: frames.Offers, programme_id: str = "g") -> dict[str, Any]:
    (row,) = offers.table[offers.table["programme_id"] == programme_id].to_dict("records")
    return row


def told(offers: frames.Offers) -> set[str]:
    return {n.code for n in offers.notes if n.code.startswith("programme_") and n.code != "programme_unchecked"}


@pytest.mark.parametrize(
    ("powered", "stated", "subsidy", "why"),
    [
        (True, None, 100_000, ""),
        (True, "solar", 100_000, ""),  # the table knows better than a word for all
        (None, "solar", 120_000, ""),
        (False, "mains", 100_000, ""),
        (None, None, 100_000, "programme_power_untold"),
        (False, None, 100_000, "programme_power_untold"),
    ],
)
def test_power_is_that_of_the_mount_or_stated(powered: Any, stated: Any, subsidy: int, why: str) -> None:
    offers = priced(programme(**SOLAR, power=stated), powered=powered)
    assert (offer(offers)["subsidy_yen"], offer(offers)["why_not"]) == (subsidy, why)
    assert told(offers) == ({why, "programmes_without_offer"} - {"programmes_without_offer", ""})


@pytest.mark.parametrize(
    ("joint", "subsidy", "why"), [(True, 120_000, ""), (False, 100_000, ""), (None, 100_000, "programme_joint_untold")]
)
@pytest.mark.parametrize("recipient", ["municipality", "local_body"])
def test_a_joint_application_is_stated(joint: Any, subsidy: int, why: str, recipient: str) -> None:
    offers = priced(programme(**JOINT, joint=joint, recipient=recipient))
    assert (offer(offers)["subsidy_yen"], offer(offers)["why_not"]) == (subsidy, why)
    assert told(offers) == ({why} if why else set())


def test_what_makes_no_difference_need_not_be_stated() -> None:
    high = {**JOINT, "cap_total_yen": 500_000, "recipient": "local_body"}
    high["variants"] = [{"when": {"joint": True}, "cap_total_yen": 900_000}]
    assert offer(priced(programme(**high)))["why_not"] == ""
    both = programme(
        **{**JOINT, "recipient": "local_body"},
        cap_per_camera_yen=90_000,
    ).model_copy(update={"variants": (*programme(**JOINT).variants, *programme(**SOLAR).variants)})
    row = offer(priced(both))  # joint alone changes nothing, solar alone 10,000, both together 30,000
    assert row["why_not"] == "programme_joint_untold programme_power_untold"


@pytest.mark.parametrize(
    ("stated", "why"),
    [("0.5", ""), ("0.9", ""), ("0.4", "programme_public_share"), (None, "programme_public_share_untold")],
)
def test_the_public_share_is_stated(stated: Any, why: str) -> None:
    offers = priced(programme(min_public_share="1/2", public_share=stated))
    assert offer(offers)["why_not"] == why
    assert ("programme_public_share_untold" in told(offers)) == (stated is None)


def test_a_removal_has_no_picture() -> None:
    asked = programme(min_public_share="1/2", kinds=("remove",), eligible_categories=("removal",))
    assert offer(priced(asked, kind="remove", camera="known"))["why_not"] == ""


def test_the_town_states_terms_by_settings() -> None:
    wish = Settings.model_validate({"programmes": {"edit": {"g": {"joint": True, "public_share": "1/2"}}}}).programmes
    (stated,) = edited([programme(**JOINT, min_public_share="1/2")], wish)
    assert offer(priced(stated))["why_not"] == ""
    wrong = Settings.model_validate({"programmes": {"edit": {"g": {"stacks_on": ["g"]}}}}).programmes
    with pytest.raises(SettingsError, match="itself"):
        edited([programme()], wrong)


@pytest.mark.parametrize(
    ("terms", "low", "high", "code", "days"),
    [
        ({"min_retention_days": 30}, None, 14.0, "programme_min_days_conflict", 14.0),
        ({"max_retention_days": 7}, 14.0, None, "programme_max_days_conflict", 14.0),
    ],
)
def test_days_that_cannot_be_kept_are_told_with_both_rules(
    terms: Any, low: Any, high: Any, code: str, days: float
) -> None:
    offers = priced(programme(**terms), low=low, high=high)
    note = next(n for n in offers.notes if n.code == code)
    assert note.values == {
        "name": {"ja": "例", "en": "example"},
        "days": next(iter(terms.values())),
        "limit_days": days,
        "origin": "-",
        "number": 1,
    }


def half_and_rest(**terms: Any) -> tuple[Programme, Programme]:
    """A prefecture pays half; the state two thirds of what is left."""
    first = programme(id="half", rate="1/2")
    return first, programme(id="rest", payer="national", rate="2/3", stacks_on=("half",), **terms)


def test_two_programmes_pay_one_action_in_the_stated_order() -> None:
    for order in (half_and_rest(), half_and_rest()[::-1]):
        row = offer(priced(*order), "half+rest")
        # 260,000 / 2 = 130,000; (260,000 - 130,000) x 2/3 = 86,666; the rest 43,334
        assert [row[f"{p}_yen"] for p in frames.PAYERS] == [86_666, 130_000, 43_334, 0]
        assert (row["subsidy_yen"], row["second_subsidy_yen"], row["offer_id"]) == (216_666, 86_666, "a0|half+rest")


def test_what_the_first_pays_is_taken_off_what_both_count() -> None:
    offers = priced(*half_and_rest(eligible_categories=("camera",)))
    # of the 100,000 for the camera nothing is left after 130,000: the second would pay nothing, so there is no such offer
    assert set(offers.table["programme_id"]) == {"", "half", "rest"}
    first, second = half_and_rest(eligible_categories=("camera", "installation"))
    row = offer(priced(first, second), "half+rest")  # (180,000 - 130,000) x 2/3
    assert row["second_subsidy_yen"] == 33_333


def test_nothing_is_stacked_unless_stated() -> None:
    one, other = programme(id="a"), programme(id="b", payer="national")
    assert set(priced(one, other).table["programme_id"]) == {"", "a", "b"}
    both = [p.model_copy(update={"stackable": True}) for p in (one, other)]
    assert set(priced(both[0], other).table["programme_id"]) == {"", "a", "b"}
    assert set(priced(*both).table["programme_id"]) == {"", "a", "b", "a+b"}
    assert set(priced(*both[::-1]).table["programme_id"]) == {"", "a", "b", "b+a"}
    apart = both[1].model_copy(update={"recipient": "local_body"})
    assert set(priced(both[0], apart).table["programme_id"]) == {"", "a", "b"}


def test_either_rule_takes_the_offer_of_both_away() -> None:
    first, second = half_and_rest(max_retention_days=7)
    assert offer(priced(first, second), "half+rest")["why_not"] == "programme_max_days"
    assert offer(priced(first, second), "half")["why_not"] == ""


def test_units_are_cameras_or_sites_as_the_programme_says() -> None:
    caps = priced(programme(max_units=3), programme(id="h", max_units=3, max_units_of="site")).caps
    assert caps["units_of"].to_list() == ["camera", "site"]


@pytest.mark.parametrize(
    ("recipient", "running", "mine"),
    [
        ("municipality", None, 14_000),
        ("local_body", None, 0),  # whoever installs keeps it running
        ("municipality", {"recipient": "municipality"}, 7_000),
        ("local_body", {"recipient": "local_body", "payer": "municipality"}, 7_000),
        ("local_body", {"recipient": "local_body"}, 0),  # the prefecture helps the body
        ("local_body", {"recipient": "municipality"}, 0),
    ],
)
def test_running_costs_fall_to_whoever_installs(recipient: str, running: Any, mine: int) -> None:
    more = [] if running is None else [programme(id="r", running=True, eligible_categories=YEARLY, **running)]
    offers = priced(programme(recipient=recipient), *more)
    row = offer(offers)
    assert (row["running_yen_per_year"], row["municipality_running_yen_per_year"]) == (14_000, mine)


YEARLY = ("electricity", "maintenance", "running")
