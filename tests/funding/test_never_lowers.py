"""Whatever the programmes: one more never lowers the optimum, and a stricter rule on days never raises it, rounding included."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner import siting
from planner.frames import Choice, Rows
from planner.funding import price
from planner.programmes import Programme
from planner.settings import Settings
from tests.funding.small_town import town
from tests.siting.towns import cliques_of, rows_of

Days = tuple[int | None, int | None]
# one camera of 14 or of 30 days on each of four mounts: 180,000 to 450,000 yen with whatever pole and pole fee it needs
ACTIONS = [
    {"mount": mount, "model": model, "tier": f"d{days}", "days": float(days)}
    for mount in ("utility", "wall", "own", "guess")
    for model, days in (("plain", 14), ("plain", 30), ("cloud", 30))
]
INPUTS, SURVEY = town(ACTIONS)

programmes = st.fixed_dictionaries(
    {
        "payer": st.sampled_from(["national", "prefecture"]),
        "rate": st.sampled_from(["1/3", "1/2", "2/3", "11/12"]),
        "rounding_yen": st.sampled_from([None, 10, 100, 1_000]),
        "rounding_per": st.sampled_from(["item", "application"]),
        "cap_per_camera_yen": st.none() | st.integers(1, 300_000),
        "cap_total_yen": st.none() | st.integers(1, 600_000),
        "max_units": st.none() | st.integers(1, 3),
        "min_retention_days": st.none() | st.just(30),
        "max_retention_days": st.none() | st.just(14),
        "fixed_cost_yen": st.sampled_from([0, 0, 700, 40_000]),
    }
)
budgets = st.integers(1, 12).map(lambda n: n * 130_000) | st.integers(200_000, 2_000_000)
weights = st.lists(st.integers(1, 50), min_size=6, max_size=6)


def programme(name: str, terms: dict[str, Any]) -> Programme:
    given_ = {"id": name, "name_ja": name, "name_en": name, "source": "made up"}
    bought = ("camera", "recorder", "installation", "cable", "signage")
    return Programme.model_validate({**given_, "eligible_categories": bought, **terms})


def seen(weight: list[int]) -> Rows:
    """Each mount sees two spots of which one is the next mount's too; thirty days keep more, the wider picture most."""
    levels = {}
    for n in range(len(ACTIONS)):
        at, better = n // 3, (8, 11, 16)[n % 3]
        levels[f"a{n}"] = {at: better, (at + 1) % 6: better - 3}
    return rows_of(np.array(weight) * 1_000, levels)


def best(rows: Rows, given_: tuple[Programme, ...], own_yen: int, days: Days = (None, None)) -> Choice:
    """The proven best plan; it is counted again by the rules of ``verify``."""
    actions = SURVEY.actions.assign(min_days=float(days[0] or "nan"), max_days=float(days[1] or "nan"))
    search = {"gap_goal": 0.0, "search_rounds": 5, "dual_rounds": 40}  # the tree closes what is this small
    wish = Settings.model_validate(
        {"budget": {"own_capital_yen": own_yen}, "siting": search, "funding": {"fiscal_year": 2026}}
    )
    offers = price(replace(INPUTS, programmes=given_), replace(SURVEY, actions=actions), wish)
    model = siting.build(rows, offers, cliques_of(), wish)
    choice = siting.choose(model, wish)
    siting.verify(model, choice)
    assert choice.status == "optimal"
    return choice


# it pays a yen for each camera and its application loses up to 99 to rounding: no use to anybody
USELESS = {"payer": "national", "rate": "1/2", "rounding_yen": 100, "cap_per_camera_yen": 1}
ALL_SPENT = 894_000  # what the best plan for a million spends


@settings(max_examples=8, deadline=None)
@given(weight=weights, first=programmes, more=programmes, own_yen=budgets)
@example(weight=[10] * 6, first=USELESS, more=USELESS, own_yen=ALL_SPENT)
def test_a_programme_more_never_lowers_the_optimum(
    weight: list[int], first: dict[str, Any], more: dict[str, Any], own_yen: int
) -> None:
    rows, both = seen(weight), (programme("p", first), programme("q", more))
    values = [best(rows, both[:n], own_yen).value for n in range(3)]
    assert all(b >= a - 1e-9 for a, b in pairwise(values)), values


def test_what_many_offers_keep_back_is_told_with_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, used = seen([10] * 6), (programme("p", USELESS),)
    exact = best(rows, used, ALL_SPENT)
    assert exact.notes == ()
    monkeypatch.setattr("planner.siting.rules.FEW_OFFERS", 0)
    kept = best(rows, used, ALL_SPENT)
    told = next(n.values for n in kept.notes if n.code == "rounding_reserve")
    assert (told["amount"], told["number"]) == (99, 1)
    assert kept.value < exact.value <= told["most_per_year"]


@settings(max_examples=4, deadline=None)
@given(weight=weights, terms=programmes, own_yen=budgets)
def test_stricter_days_never_raise_the_optimum(weight: list[int], terms: dict[str, Any], own_yen: int) -> None:
    rows, used = seen(weight), (programme("p", terms),)
    free = best(rows, used, own_yen).value
    assert best(rows, used, own_yen, (30, 30)).value <= best(rows, used, own_yen, (14, 30)).value + 1e-9 <= free + 2e-9
    assert best(rows, used, own_yen, (None, 14)).value <= free + 1e-9
