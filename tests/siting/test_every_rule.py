"""Random small problems with every rule: the answer equals enumeration, and every answer verifies.

``range(10)`` in place of ``range(2)`` runs the 1,000 cases of the issue (all equal; too long for every run).
"""

from __future__ import annotations

import pytest
from every_rule import Every, problem

from planner import siting
from planner.errors import InfeasibleError


@pytest.mark.parametrize("block", range(2))
def test_the_best_plan_under_every_rule_equals_enumeration(block: int) -> None:
    refused = 0
    for seed in range(1000 + block * 100, 1100 + block * 100):
        rows, offers, cliques, settings, more = problem(seed)
        truth = Every(rows, offers).best(cliques, settings, more)
        model = siting.build(rows, offers, cliques, settings, more)
        if truth is None:
            refused += 1
            with pytest.raises(InfeasibleError) as refusal:
                siting.choose(model, settings)
            assert refusal.value.values["rules"], seed
            continue
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert round(choice.value / model.unit) == truth, seed
        assert (choice.status, choice.bound >= choice.value) == ("optimal", True), seed
    assert 5 < refused < 80
