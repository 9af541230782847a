"""Prices by hand: plain 100 + 80 + 20 thousand and a sign of 10; recorder of 14 days 50 thousand."""

from dataclasses import replace

import pandas as pd
import pytest

from planner.assumptions import number
from planner.errors import InputError
from planner.frames import COST_CATEGORIES, PAYERS
from planner.funding import price
from planner.settings import Settings

UPKEEP = int(number("electricity_yen_per_year") + number("inspection_yen_per_year"))
FEE = int(number("pole_fee_yen_per_year"))
POLE = int(number("pole_yen"))


def first(town, **action):
    """Own-money offer of one action, and the notes."""
    offers = price(*town([action]), Settings())
    return offers.table.iloc[0], {note.code: note.values for note in offers.notes}


def spent(offer):
    return {name: int(offer[f"{name}_yen"]) for name in COST_CATEGORIES if offer[f"{name}_yen"]}


def test_one_camera_on_a_wall(town):
    offer, notes = first(town)
    assert spent(offer) == {
        "camera": 100_000,
        "recorder": 50_000,
        "installation": 80_000,
        "cable": 20_000,
        "signage": 10_000,
    }
    assert offer["offer_id"] == "a0|"
    assert offer["programme_id"] == ""
    assert offer["municipality_yen"] == 260_000
    assert offer["running_yen_per_year"] == UPKEEP + 1_000
    assert notes == {"running_cost_assumed": {"number": 1, "amount": UPKEEP}, "prices_undated": {"number": 5}}


def test_a_moved_camera_is_not_bought_again(town):
    offer, _ = first(town, kind="install_reused", mount="utility", cameras=2)
    assert spent(offer) == {"recorder": 50_000, "installation": 160_000, "cable": 40_000, "signage": 10_000}
    assert offer["running_yen_per_year"] == 2 * UPKEEP + 1_000 + FEE


def test_two_cameras_share_recorder_sign_and_pole_fee(town):
    offer, _ = first(town, mount="utility", cameras=2)
    assert spent(offer) == {
        "camera": 200_000,
        "recorder": 50_000,
        "installation": 160_000,
        "cable": 40_000,
        "signage": 10_000,
    }
    assert offer["running_yen_per_year"] == 2 * UPKEEP + 1_000 + FEE


def test_stated_running_cost_includes_electricity_and_inspection(town):
    offer, _ = first(town, model="cloud", tier="d30", days=30.0, mount="utility")
    assert offer["running_yen_per_year"] == 33_000 + 2_500 + FEE


@pytest.mark.parametrize(("mount", "pole"), [("own", POLE), ("taken", 0), ("guess", POLE), ("utility", 0), ("wall", 0)])
def test_pole_is_built_where_there_is_none(town, mount, pole):
    offer, notes = first(town, mount=mount)
    assert offer["pole_yen"] == pole
    assert ("pole_for_assumed_mount" in notes) == (mount == "guess")


@pytest.mark.parametrize(
    ("action", "costs", "running"),
    [
        ({"kind": "keep", "camera": "known"}, {}, 0),
        ({"kind": "extend", "camera": "known", "tier": "d30", "days": 30.0}, {"recorder": 90_000}, 2_500),
        (
            {"kind": "renew", "camera": "known"},
            {"camera": 100_000, "installation": 80_000, "recorder": 50_000},
            UPKEEP + 1_000 - 33_000,
        ),
        (
            {"kind": "renew", "camera": "unknown", "model": "cloud"},
            {"camera": 180_000, "installation": 90_000, "recorder": 50_000},
            33_000 + 1_000 - UPKEEP,
        ),
        ({"kind": "repair", "camera": "known"}, {"repair": int(number("repair_yen"))}, 0),
        ({"kind": "remove", "camera": "known", "cameras": 0}, {"removal": int(number("removal_yen"))}, -33_000),
        ({"kind": "remove", "camera": "unknown", "cameras": 0}, {"removal": int(number("removal_yen"))}, -UPKEEP),
    ],
)
def test_standing_cameras_cost_the_difference_from_keep(town, action, costs, running):
    offer, _ = first(town, **action)
    assert spent(offer) == costs
    assert offer["running_yen_per_year"] == running
    assert sum(int(offer[f"{payer}_yen"]) for payer in PAYERS) == sum(costs.values())
    assert offer["why_not"] == ""


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("model_without_price", {"model": "nobody"}),
        ("tier_without_price", {"tier": "d99"}),
        ("mount_without_kind", {"mount": "nowhere"}),
    ],
)
def test_unknown_names_are_refused(town, code, action):
    with pytest.raises(InputError) as caught:
        price(*town([action]), Settings())
    assert caught.value.code == code
    assert caught.value.values["number"] == 1


def test_a_camera_that_is_hung_up_again_is_not_leased(town):
    """Stated: 36,000 yen a year for a new camera put up. Hung up again: its installation, 80,000 x 0.2; recorder 50,000 x 0.2."""
    inputs, survey = town([{}, {"kind": "install_reused"}])
    models = inputs.models.assign(lease_yen_per_year=pd.array([36_000, 40_000], dtype="Int64"))
    offers = price(replace(inputs, models=models), survey, Settings())
    assert offers.upkeep["lease_yen_per_year"].to_list() == [36_000 + 10_000, 16_000 + 10_000]
