"""What the plan could cover if one wish fell: between the value found and the bound, against solving anew without it."""

from __future__ import annotations

import pytest
from test_nested import small

from planner import siting
from planner.errors import InfeasibleError
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
    try:
        choice = siting.choose(model, settings)
    except InfeasibleError:
        pytest.skip("the pinned place and the banned ones leave no plan")
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
