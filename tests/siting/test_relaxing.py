"""What the plan could cover if one wish fell: between the value found and the bound, against solving anew without it."""

from __future__ import annotations

import every_rule
import pandas as pd
import pytest
import towns
from test_nested import small

from planner import siting
from planner.errors import InfeasibleError, SettingsError
from planner.siting.model import CoverModel
from planner.work import Work

WISHES = {
    "pins": [{"site": "m:2", "reason": "policy"}],
    "bans": [{"site": "m:3", "reason": "policy"}, {"site": "m:0", "reason": "owner_refused"}],
}


def without(name: str) -> dict[str, list[dict[str, str]]]:
    kind, site = name.split(":", 1)
    return {**WISHES, f"{kind}s": [w for w in WISHES[f"{kind}s"] if w["site"] != site]}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_the_truth_lies_between_value_and_bound(seed: int, exact: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    rows, offers, cliques, settings = small(seed, 1600, rules=WISHES)
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    names = ["pin:m:2", "ban:m:3", "ban:m:0"]
    if not exact:  # as a model of many columns is treated
        monkeypatch.setattr(CoverModel, "small", property(lambda _: False))
    found = list(siting.without_rules(model, settings, choice, names, Work()))
    monkeypatch.undo()
    assert [name for name, *_ in found] == names
    for name, value, bound in found:
        _, _, _, free = small(seed, 1600, rules=without(name))
        truth = siting.choose(siting.build(rows, offers, cliques, free), free)
        assert truth.status == "optimal"
        assert choice.value - 1e-9 <= value <= truth.value + 1e-9 <= bound + 2e-9, name
        if exact:
            assert value == pytest.approx(truth.value, abs=1e-9)
            assert bound == pytest.approx(truth.value, abs=1e-9)


def test_a_rule_that_nothing_meets_costs_nothing() -> None:
    rows, offers, cliques, settings = small(1, 1600)
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    (told,) = siting.without_rules(model, settings, choice, ["pin:m:2"], Work())
    assert told == ("pin:m:2", choice.value, choice.value)


def test_a_stopped_computation_prices_nothing_more() -> None:
    rows, offers, cliques, settings = small(1, 1600, rules=WISHES)
    model = siting.build(rows, offers, cliques, settings)
    choice, work = siting.choose(model, settings), Work()
    work.stop()
    assert list(siting.without_rules(model, settings, choice, ["pin:m:2"], work)) == []


def test_a_programme_that_own_money_cannot_use_takes_no_price_away() -> None:
    """The programme must pay 500 in all, 300 a camera, and own money is enough for one. Without the ban the better place is free."""
    offers = [towns.offer(f"o{n}", f"a{n}", "install", f"m:{n}", municipality_yen=100) for n in (1, 2)]
    paid = {"municipality_yen": 60, "subsidy_yen": 300, "programme_id": "G"}
    offers += [towns.offer(f"g{n}", f"a{n}", "install", f"m:{n}", **paid) for n in (1, 2)]
    made = towns.offers_of(offers, [("G", None, None)])
    made = made.__class__(made.table, made.caps.assign(min_total_yen=pd.array([500], dtype="Int64")))
    rows = towns.rows_of([10, 6], {"a1": {0: 16}, "a2": {1: 16}})
    settings = towns.settings_of(100, rules={"bans": [{"site": "m:1", "reason": "policy"}]})
    model = siting.build(rows, made, towns.cliques_of(), settings)
    choice = siting.choose(model, settings)
    assert list(choice.chosen["offer_id"]) == ["o2"]
    (told,) = siting.without_rules(model, settings, choice, ["ban:m:1"], Work())
    assert told == ("ban:m:1", pytest.approx(1e-5), pytest.approx(1e-5))


def test_prices_under_every_rule_hold_the_truth() -> None:
    priced = 0
    for seed in range(every_rule.FIRST_SEED, every_rule.FIRST_SEED + 60):
        rows, offers, cliques, settings, more = every_rule.problem(seed)
        rules = settings.rules
        try:
            model = siting.build(rows, offers, cliques, settings, more)
            choice = siting.choose(model, settings)
        except (InfeasibleError, SettingsError):
            continue
        free = {f"{kind}:{w.site}": {f"{kind}s": ()} for kind in ("pin", "ban") for w in getattr(rules, f"{kind}s")}
        free |= {f.name: {"floors": tuple(o for o in rules.floors if o != f)} for f in rules.floors}
        if rules.max_changes is not None:
            free["changes"] = {"max_changes": None}
        every = every_rule.Every(rows, offers)
        for name, value, bound in siting.without_rules(model, settings, choice, list(free), Work()):
            wished = settings.model_copy(update={"rules": rules.model_copy(update=free[name])})
            truth = every.best(cliques, wished, more)
            assert truth is not None
            assert (value, bound) == (pytest.approx(truth * model.unit), pytest.approx(truth * model.unit)), (
                seed,
                name,
            )
            priced += len(model.charges)
    assert priced > 10
