"""Each shape of programme by hand; one plain camera with a 14-day recorder costs 260,000 yen, two cost 460,000."""

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import frames
from planner.frames import COST_CATEGORIES, PAYERS
from planner.funding import price
from planner.programmes import Programme
from planner.settings import Settings

ALL = ("camera", "recorder", "installation", "pole", "cable", "signage")
CONFIRMED = Settings.model_validate({"budget": {"local_body_yen": 1_000_000}})


def programme(**wishes):
    given_ = {
        "id": "g",
        "name_ja": "制度",
        "name_en": "programme",
        "payer": "prefecture",
        "rate": "1/2",
        "eligible_categories": ALL,
        "rounding_per": "item",
        "source": "test",
    }
    return Programme(**(given_ | wishes))


def subsidised(town, wishes, wanted=CONFIRMED, **action):
    """The offer under the programme, None if there is none."""
    table = price(*town([action], [programme(**wishes)]), wanted).table
    rows = table[table["programme_id"] == "g"]
    return rows.iloc[0] if len(rows) else None


@pytest.mark.parametrize(
    ("wishes", "action", "subsidy"),
    [
        ({}, {}, 130_000),
        ({"rate": "2/3"}, {}, 173_333),
        ({"rate": "0.75"}, {}, 195_000),
        ({"rate": "2/3", "rounding_yen": 1_000}, {}, 173_000),
        ({"rate": "9/10", "cap_per_camera_yen": 200_000}, {}, 200_000),
        ({"rate": "9/10", "cap_per_camera_yen": 200_000}, {"cameras": 2}, 400_000),
        ({"rate": "9/10", "cap_per_site_yen": 300_000}, {"cameras": 2}, 300_000),
        ({"rate": "9/10", "cap_per_camera_yen": 150_500, "rounding_yen": 1_000}, {}, 150_000),
        # 23/24 of at most 200,000 yen a camera that counts (191,666.67), two cameras 383,333.33
        ({"rate": "23/24", "eligible_cost_cap_per_camera_yen": 200_000}, {}, 191_666),
        ({"rate": "23/24", "eligible_cost_cap_per_camera_yen": 200_000}, {"cameras": 2}, 383_333),
        ({"eligible_categories": ("camera", "recorder")}, {}, 75_000),
        ({"eligible_categories": ("pole",), "rate": 1}, {"mount": "guess"}, 150_000),
        # fixed amount per site: rate 1 up to the ceiling
        ({"rate": 1, "cap_per_site_yen": 60_000}, {"cameras": 2}, 60_000),
        # rates written as long decimals: products beyond 64 bits
        ({"rate": "0.333333333333333333333"}, {}, 86_666),
        ({"rate": "0.6666666666666666"}, {}, 173_333),
        (
            {"kinds": ("repair",), "eligible_categories": ("repair",), "cap_per_site_yen": 40_000},
            {"kind": "repair"},
            40_000,
        ),
        ({"kinds": ("remove",), "eligible_categories": ("removal",)}, {"kind": "remove", "cameras": 0}, 25_000),
        ({"kinds": ("extend",)}, {"kind": "extend", "tier": "d30", "days": 30.0}, 45_000),
    ],
)
def test_shapes_by_hand(town, wishes, action, subsidy):
    offer = subsidised(town, wishes, **action)
    cost = sum(int(offer[f"{name}_yen"]) for name in COST_CATEGORIES)
    assert offer["offer_id"] == "a0|g"
    assert offer["subsidy_yen"] == offer["prefecture_yen"] == subsidy
    assert offer["municipality_yen"] == cost - subsidy
    assert offer["national_yen"] == offer["local_body_yen"] == 0
    assert offer["why_not"] == ""


def test_local_body_pays_the_rest_once_confirmed(town):
    wishes = {"payer": "municipality", "recipient": "local_body", "rate": "3/4", "cap_per_camera_yen": 150_000}
    offer = subsidised(town, wishes)
    assert (offer["municipality_yen"], offer["local_body_yen"], offer["subsidy_yen"]) == (150_000, 110_000, 150_000)
    assert offer["why_not"] == ""
    offers = price(*town([{}], [programme(**wishes)]), Settings())
    assert offers.table["why_not"].to_list() == ["", "local_body_not_confirmed"]
    assert {n.code: n.values for n in offers.notes}["local_body_not_confirmed"] == {"number": 1}
    nothing_left = subsidised(town, {"recipient": "local_body", "rate": 1}, Settings())
    assert nothing_left["local_body_yen"] == 0
    assert nothing_left["why_not"] == ""


@pytest.mark.parametrize(
    ("wishes", "days", "why"),
    [
        ({"min_retention_days": 14}, 14.0, ""),
        ({"min_retention_days": 15}, 14.0, "programme_min_days"),
        ({"max_retention_days": 14}, 14.0, ""),
        ({"max_retention_days": 13}, 14.0, "programme_max_days"),
        ({"max_retention_days": 13}, None, "programme_max_days"),
        ({}, None, ""),
    ],
)
def test_conditions_on_days_are_listed_with_their_reason(town, wishes, days, why):
    assert subsidised(town, wishes, days=days)["why_not"] == why


def test_other_kinds_and_empty_subsidies_make_no_offer(town):
    assert subsidised(town, {"kinds": ("renew",)}) is None
    assert subsidised(town, {"rate": 0}) is None
    assert subsidised(town, {"eligible_categories": ("pole",)}) is None
    assert subsidised(town, {"rounding_yen": 1_000_000}) is None
    offers = price(*town([{}], [programme(kinds=("renew",))]), Settings())
    assert {n.code: n.values for n in offers.notes}["programmes_without_offer"] == {
        "programmes": [programme().named],
        "number": 1,
    }


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ({"low": 14.0, "high": 14.0}, ""),
        ({"low": 15.0}, "below_min_days"),
        ({"high": 13.0}, "above_max_days"),
        ({"kind": "keep", "camera": "known", "low": 15.0}, ""),
        ({"kind": "remove", "camera": "known", "cameras": 0, "high": 7.0}, ""),
        ({"kind": "repair", "camera": "known", "low": 30.0}, "below_min_days"),
        ({"kind": "repair", "camera": "known", "days": None, "low": 30.0}, ""),
    ],
)
def test_retention_limits(town, action, why):
    offers = price(*town([action]), Settings())
    assert offers.table["why_not"].to_list() == [why]
    assert ("actions_outside_retention" in {n.code for n in offers.notes}) == bool(why)


def test_several_reasons_stand_together(town):
    wishes = {"payer": "municipality", "recipient": "local_body", "min_retention_days": 15}
    offer = subsidised(town, wishes, Settings(), low=30.0)
    assert offer["why_not"] == "below_min_days local_body_not_confirmed programme_min_days"


def test_offers_stand_by_action_then_programme_and_caps_by_programme(town):
    programmes = [
        programme(id="b", cap_total_yen=9_000_000, max_units=5),
        programme(id="a", kinds=("install", "extend"), payer="national"),
    ]
    actions = [{}, {"kind": "keep", "camera": "known"}, {"kind": "extend", "camera": "known"}]
    offers = price(*town(actions, programmes), Settings())
    assert offers.table["offer_id"].to_list() == ["a0|", "a0|b", "a0|a", "a1|", "a2|", "a2|a"]
    assert offers.table["national_yen"].to_list() == [0, 0, 130_000, 0, 0, 25_000]
    caps = offers.caps.set_index("programme_id")
    assert caps.loc["b"].to_list() == [9_000_000, 5, "camera", pd.NA, 0, 0]
    assert caps.loc["a"].to_list() == [pd.NA, pd.NA, "camera", pd.NA, 0, 0]


def test_no_actions_and_no_programmes(town):
    offers = price(*town([]), Settings())
    assert len(offers.table) == len(offers.caps) == 0
    assert list(offers.table.columns) == list(frames.empty("offers", 6677).columns)


caps_yen = st.none() | st.integers(0, 500_000)
programmes = st.builds(
    programme,
    payer=st.sampled_from(["national", "prefecture", "municipality"]),
    recipient=st.sampled_from(["municipality", "local_body"]),
    rate=st.fractions(0, 1, max_denominator=97),
    eligible_cost_cap_per_camera_yen=caps_yen,
    cap_per_camera_yen=caps_yen,
    cap_per_site_yen=caps_yen,
    rounding_yen=st.sampled_from([1, 10, 1_000, 10_000]),
    eligible_categories=st.lists(st.sampled_from(COST_CATEGORIES), unique=True, max_size=8).map(tuple),
    kinds=st.just(("install", "extend", "renew", "repair", "remove")),
)
EVERYTHING = [
    {"mount": "guess"},
    {"mount": "utility", "cameras": 2, "model": "cloud", "tier": "d30", "days": 30.0},
    {"kind": "keep", "camera": "known"},
    {"kind": "extend", "camera": "known"},
    {"kind": "renew", "camera": "unknown"},
    {"kind": "repair", "camera": "known"},
    {"kind": "remove", "camera": "known", "cameras": 0},
]
quick = settings(max_examples=40, deadline=None)


def plain_subsidy(one, offer):
    """The rule in exact fractions, one offer at a time."""
    cameras = max(int(offer["cameras"]), 1)
    eligible = Fraction(sum(int(offer[f"{name}_yen"]) for name in one.eligible_categories))
    if one.eligible_cost_cap_per_camera_yen is not None:
        eligible = min(eligible, Fraction(one.eligible_cost_cap_per_camera_yen * cameras))
    paid = eligible * one.rate
    if one.cap_per_camera_yen is not None:
        paid = min(paid, Fraction(one.cap_per_camera_yen * cameras))
    if one.cap_per_site_yen is not None:
        paid = min(paid, Fraction(one.cap_per_site_yen))
    return int(paid / one.rounding_yen) * one.rounding_yen


def test_payers_add_up_and_the_subsidy_is_exact(town):
    inputs, survey = town(EVERYTHING)
    payers = [f"{payer}_yen" for payer in PAYERS]

    @quick
    @given(one=programmes)
    def holds(one):
        table = price(replace(inputs, programmes=(one,)), survey, CONFIRMED).table
        cost = table[[f"{name}_yen" for name in COST_CATEGORIES]].sum(axis=1)
        assert (table[payers].sum(axis=1) == cost).all()
        assert (table[payers] >= 0).all(axis=None)
        own = table[table["programme_id"] == ""]
        assert (own["municipality_yen"] == cost[own.index]).all()
        paid = table[table["programme_id"] != ""].set_index("action_id")["subsidy_yen"].to_dict()
        wanted = {row["action_id"]: plain_subsidy(one, row) for _, row in own.iterrows()}
        assert paid == {action: yen for action, yen in wanted.items() if yen}

    holds()


def test_a_higher_rate_never_costs_the_municipality_more(town):
    inputs, survey = town(EVERYTHING)

    @quick
    @given(one=programmes, more=st.fractions(0, 1, max_denominator=50))
    def holds(one, more):
        low = one.model_copy(update={"recipient": "municipality", "id": "low"})
        high = low.model_copy(update={"rate": low.rate + (1 - low.rate) * more, "id": "high"})
        table = price(replace(inputs, programmes=(low, high)), survey, CONFIRMED).table
        left = table.pivot_table(index="action_id", columns="programme_id", values="municipality_yen", observed=True)
        if "low" in left:
            paid = left.dropna(subset="low")
            assert (paid["high"] <= paid["low"]).all()  # an offer at the low rate is one at the high rate too

    holds()


def test_two_hundred_thousand_actions(town):
    programmes_ = [programme(id=f"g{n}", rate=Fraction(n, 7)) for n in (1, 2, 3)]
    inputs, survey = town(EVERYTHING, programmes_)
    times = -(-200_000 // len(EVERYTHING))
    big = survey.actions.take(np.tile(np.arange(len(EVERYTHING)), times)).reset_index(drop=True)
    big["action_id"] = pd.Series([f"{n:012x}" for n in range(len(big))], dtype="str")
    began = time.process_time()
    offers = price(inputs, replace(survey, actions=big), CONFIRMED)
    seconds = time.process_time() - began
    print(len(offers.table), round(seconds, 2))
    assert seconds < 6  # about 2 s on an idle core; the tables' own check is most of it
    assert offers.table["municipality_yen"].sum() > 0
