"""The years behind the records: which of them a neighbour's record belongs to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner.risk import history


def _records(*days):
    return pd.DataFrame({"occurred_on": pd.to_datetime(pd.Series(days, dtype="object")).astype("datetime64[ns]")})


OWN = ("2024-01-10", "2024-12-31")
THERE = ("2021-12-30", "2024-06-01", "2025-03-01", None)  # three years old, of the period, after it, undated


@pytest.mark.parametrize(("years", "back"), [(1.0, "2024-01-02"), (0.5, "2024-07-03"), (1.4, "2023-08-09")])
def test_beyond_the_border_only_the_own_period_counts_though_it_is_one_year(years, back):
    assert history.slots(_records(*OWN), years).tolist() == [0, 0]
    slot = history.slots(_records(*OWN), years, _records(*THERE))
    assert slot.tolist() == [-1, 0 if years >= 1 else -1, -1, -1]
    day = pd.Timestamp(back)
    ends = history.slots(_records(*OWN), years, _records(day, day - pd.Timedelta(days=2)))
    assert ends.tolist() == [0, -1]


def test_beyond_the_border_only_the_own_period_counts_though_its_years_cannot_be_told():
    half = _records(*OWN, None, None)
    assert history.slots(half, 3.0).tolist() == [0, 0, 0, 0]
    assert history.slots(half, 3.0, _records(*THERE)).tolist() == [-1, 0, -1, -1]
    assert history.slots(half, 3.1, _records(*THERE)).tolist() == [0, 0, -1, -1]


def test_years_beyond_the_border_are_those_of_the_own_records():
    slot = history.slots(_records("2022-03-01", *OWN), 3.0, _records("2021-12-29", "2022-02-01", *THERE[1:]))
    assert slot.tolist() == [-1, 0, 2, -1, -1]


def test_without_any_own_day_there_is_no_period_to_keep_to():
    assert history.slots(_records(None, None), 3.0, _records(*THERE)).tolist() == [0, 0, 0, 0]


def test_without_own_records_none_beyond_the_border_speaks():
    assert (history.slots(_records(), 3.0, _records(*THERE)) == np.full(4, -1)).all()
