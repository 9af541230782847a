"""Wishes laid over one another: a limit can be lifted by a word, since nothing said leaves it as it is."""

from __future__ import annotations

import pytest

from planner.errors import SettingsError
from planner.settings import NO_LIMIT, merge

TOWN = {
    "budget": {"own_capital_yen": 1, "running_yen_per_year": 5},
    "retention": {"min_days": 7, "max_days": 14},
    "schedule": {"as_of": "2026-11-01"},
}


def test_nothing_said_leaves_a_limit_and_the_word_lifts_it() -> None:
    as_it_is = merge(("town.toml", TOWN), ("widget", {"budget": {"running_yen_per_year": None}}))
    assert as_it_is.settings.budget.running_yen_per_year == 5
    lifted = {
        "budget": {"running_yen_per_year": NO_LIMIT},
        "retention": {"max_days": NO_LIMIT},
        "schedule": {"as_of": NO_LIMIT},
    }
    made = merge(("town.toml", TOWN), ("widget", lifted))
    assert made.settings.budget.running_yen_per_year is None
    assert (made.settings.retention.min_days, made.settings.retention.max_days) == (7, None)
    assert made.settings.schedule.as_of is None
    assert made.origins["retention.max_days"] == "widget"
    assert made.origins["retention.min_days"] == "town.toml"
    again = merge(("town.toml", TOWN), ("settings", lifted), ("widget", {"retention": {"max_days": 30}}))
    assert again.settings.retention.max_days == 30


def test_what_must_have_a_value_cannot_be_lifted() -> None:
    with pytest.raises(SettingsError) as refused:
        merge(("widget", {"budget": {"own_capital_yen": NO_LIMIT}}))
    assert refused.value.code == "setting_refused"
