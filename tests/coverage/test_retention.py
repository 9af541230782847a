"""Delays by hand from the shipped curves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import assumptions
from planner.coverage.retention import curve_of, secured_share
from planner.errors import InputError

CURVES = sorted({r["delay_curve"] for r in assumptions.rows("delays")})


@pytest.mark.parametrize(
    ("days", "handling", "share"),
    [
        (7, 0, 0.42),  # the point itself
        (7, 3, 1 - (0.75 - 0.17 / 4)),  # one of the four days from day 3 (.75) to day 7 (.58)
        (3, 0, 0.25),
        (1.5, 0, 0.125),  # half-way from (0, 1) to (3, .75)
        (3, 3, 0.0),
        (2, 3, 0.0),
        (365, 3, 0.97),  # constant after day 120
    ],
)
def test_bicycle_theft_by_hand(days, handling, share):
    assert secured_share("bicycle", days, handling) == pytest.approx(share, abs=1e-12)


@given(st.sampled_from(CURVES), st.floats(0, 400), st.floats(0, 60), st.floats(0, 100))
def test_more_days_never_secure_less_and_handling_never_helps(curve, days, handling, more):
    share = secured_share(curve, days, handling)
    assert 0 <= share <= 1
    assert secured_share(curve, days + more, handling) >= share
    assert secured_share(curve, days, handling + more) <= share


def test_groups_find_their_curve():
    assert curve_of("car_parts_theft") == "from_car"
    assert curve_of("theft_from_car+car_parts_theft") == "from_car"
    with pytest.raises(InputError) as refusal:
        curve_of("arson")
    assert refusal.value.code == "offence_group_unknown"
    with pytest.raises(InputError) as refusal:
        curve_of("bicycle_theft+snatching")
    assert refusal.value.code == "offence_group_mixed"
