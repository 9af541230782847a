"""Delays by hand from the shipped curves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import isotonic_regression

from planner import assumptions, frames
from planner.coverage import handling, kept, one_more
from planner.coverage.retention import curve_of, secured_share
from planner.errors import InputError
from planner.settings import CoverageSettings

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


DAYS = [3, 7, 14, 30, 60, 120]
RAW = {  # unrecognised shares as counted (facts on the shape of recorded thefts); means where a curve pools several
    "bicycle": [[0.75, 0.58, 0.24, 0.10, 0.06, 0.03]],
    "motorcycle": [[0.63, 0.45, 0.10, 0.13, 0.07, 0.06]],
    "from_car": [[0.87, 0.35, 0.10, 0.03, 0.03, 0.05], [1.12, 0.50, 0.14, 0.08, 0.03, 0.03]],
    "rare": [
        [0.51, 0.57, 0.22, 0.02, 0.00, 0.03],
        [0.44, 0.76, 0.31, 0.03, 0.03, 0.20],
        [0.46, 0.00, 0.29, 0.09, 0.00, 0.00],
    ],
}


@pytest.mark.parametrize("curve", CURVES)
def test_the_shipped_curves_are_the_counted_ones_made_monotone(curve):
    counted = np.mean(RAW[curve], axis=0)
    monotone = isotonic_regression(counted, increasing=False).x
    shipped = [r for r in assumptions.rows("delays") if r["delay_curve"] == curve]
    assert [int(r["day"]) for r in shipped] == DAYS
    assert [float(r["unrecognised_share"]) for r in shipped] == pytest.approx(monotone, abs=5e-4)


def test_kept_is_the_curve_with_the_band_of_the_handling_time():
    table = kept(("bicycle_theft", "snatching"), (7, 14), CoverageSettings(handling_days=0)).set_index(
        ["offence_group", "days"]
    )
    assert table.loc[("bicycle_theft", 7.0), "share"] == pytest.approx(0.42)
    assert table.loc[("bicycle_theft", 7.0), "high"] == pytest.approx(0.42)  # nothing is faster than at once
    assert table.loc[("bicycle_theft", 7.0), "low"] == 0  # ten days of handling
    assert table.loc[("bicycle_theft", 14.0), "low"] == pytest.approx(1 - (0.75 - 0.17 / 4))  # four days are left
    stated = kept(("snatching",), (30,), CoverageSettings(handling_low_days=0, handling_high_days=16))
    assert stated[["low", "share", "high"]].to_numpy().ravel() == pytest.approx([1 - 0.273, 0.910625, 1 - 0.047])


def log_of(*taken, secured=True):
    """A log in which every request came one day after recognition and was met so many days after it."""
    first = pd.Timestamp("2026-04-01")
    table = pd.DataFrame(
        {
            "log_id": [str(n) for n in range(len(taken))],
            "recognised_on": [first] * len(taken),
            "received_on": [first + pd.Timedelta(days=1)] * len(taken),
            "secured_on": [first + pd.Timedelta(days=days) if secured else pd.NaT for days in taken],
            "outcome": ["supplied"] * len(taken),
        }
    )
    for name in ("recognised_on", "received_on", "secured_on"):
        table[name] = table[name].astype("datetime64[ns]")
    return frames.check("footage_log", table)


def test_a_log_of_requests_tells_the_handling_time():
    # 0 to 20 days: the median is 10, a tenth lies at or below 2, a tenth at or above 18
    assert handling(log_of(*range(21))) == {"handling_days": 10, "handling_low_days": 2, "handling_high_days": 18}
    assert handling(log_of(*range(21), secured=False))["handling_days"] == 1  # at least until it was received
    slow = {"handling_days": 80, "handling_low_days": 72, "handling_high_days": 88}
    assert handling(log_of(*range(70, 91))) == slow  # a city that takes eighty days is told so
    assert set((handling(log_of(*[400] * 20)) or {}).values()) == {365}  # beyond what any recorder keeps
    assert handling(log_of(*range(19))) is None  # too few
    assert handling(log_of(*range(19), -3, -4)) is None  # what runs backwards does not count


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.integers(0, 3))
def test_one_more_adds_most(seed, actions, cells, in_place):
    rng = np.random.default_rng(seed)
    quality = rng.integers(0, 5, (actions, cells)) / 4
    weight = rng.integers(1, 9, cells)
    table = pd.DataFrame({"weight_micro": weight, "measure": "place"})
    ids = tuple(f"a{n}" for n in range(actions))
    now, free = set(ids[:in_place]), set(ids[in_place:])
    found = one_more(frames.Rows(table, sparse.csr_matrix(quality), ids, 4), now, free)
    served = quality[:in_place].max(axis=0) if now else np.zeros(cells)
    gains = {i: float((weight * np.maximum(0, quality[ids.index(i)] - served)).sum()) for i in free}
    best = max(gains.values(), default=0.0)
    assert found == (min(i for i, gain in gains.items() if gain == best) if best > 0 else "")
