"""From where to where number plates are read, in words."""

from __future__ import annotations

import pytest

from planner.show import ranges
from planner.show.words import Words


@pytest.mark.parametrize(
    ("near_m", "far_m", "said"),
    [
        (4.04, 9.0, "4.0 to 9.0 m"),
        (9.0, 4.0, "nowhere (flat enough from 9.0 m on, dense enough up to 4.0 m)"),
        (9.0, 0.04, "nowhere (not enough pixels per metre at any distance)"),
        (0.0, 0.0, "nowhere (not enough pixels per metre at any distance)"),
    ],
)
def test_where_plates_are_read_nowhere_the_reason_is_told(near_m: float, far_m: float, said: str) -> None:
    assert ranges.plate(near_m, far_m, Words("en")) == said


def test_without_a_range_nothing_is_said_of_it() -> None:
    words = Words("ja")
    assert ranges.plate(None, 3.0, words) == ranges.plate(3.0, None, words) == words.none
