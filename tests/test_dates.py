"""Dates by era, and times in Japan's."""

from __future__ import annotations

import pytest

from planner.text import dates


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2019-04-30", "平成31年4月30日"),
        ("2019-05-01", "令和元年5月1日"),
        ("1989-01-08", "平成元年1月8日"),
        ("1989-01-07", "1989年1月7日"),  # before the eras of the files
        ("2026-11-22", "令和8年11月22日"),
        ("soon", "soon"),
    ],
)
def test_a_day_is_told_by_its_era(iso: str, said: str) -> None:
    assert dates.day("ja", iso) == said


@pytest.mark.parametrize(("year", "said"), [(2018, "平成30年度"), (2019, "令和元年度"), (2027, "令和9年度")])
def test_a_fiscal_year_is_told_by_the_era_in_which_it_ends(year: int, said: str) -> None:
    # 平成31年4月 belongs to 令和元年度, as the state's own papers have it
    assert dates.fiscal_year(year) == said


def test_times_are_japans_where_a_zone_is_given() -> None:
    assert dates.moment("ja", "2026-11-28T15:30:00+00:00") == "令和8年11月29日 00:30"
    assert dates.moment("en", "2026-11-28T15:30:00+00:00") == "2026-11-29 00:30"
    assert dates.moment("en", "2026-11-28T15:30:00") == "2026-11-28 15:30"
    assert dates.moment("en", "never") == "never"
