"""Random small problems with every rule: the answer equals enumeration, and every answer verifies.

``python -m benchmarks rules --cases 1000`` runs the 1,000 cases of the issue, of which these are the first 100.
"""

from __future__ import annotations

import pytest
from every_rule import FIRST_SEED, differs, refused


@pytest.mark.parametrize("block", range(2))
def test_the_best_plan_under_every_rule_equals_enumeration(block: int) -> None:
    seeds = range(FIRST_SEED + block * 50, FIRST_SEED + 50 + block * 50)
    assert {seed: why for seed in seeds if (why := differs(seed))} == {}
    assert 3 < sum(map(refused, seeds)) < 45


def test_a_plan_that_must_lose_verifies() -> None:
    # pins and changes leave only plans that cover less than all-keep does: value and bound are below 0
    assert differs(1279) == ""
