"""Rules that only a plan shows, against plans worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.funding.plan_examples import EXAMPLES, Planned


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.shows_en)
def test_by_hand(example: Planned) -> None:
    chosen = example.chosen()
    paid = chosen["programme_id"] != ""
    assert (int(paid.sum()), int((~paid).sum())) == (example.paid, example.alone)
    assert int(chosen["subsidy_yen"].sum()) == example.subsidy_yen
    assert int(chosen["municipality_yen"].sum()) == example.municipality_yen
    found = {rule for why in example.offers.table["why_not"] for rule in why.split()}
    assert found == ({example.why_not} if example.why_not else set())


EXACT = [e for e in EXAMPLES if e.own_yen == e.municipality_yen and e.paid + e.alone > 0]


@pytest.mark.parametrize("example", EXACT, ids=lambda e: e.shows_en)
def test_a_yen_less_is_not_enough(example: Planned) -> None:
    assert len(replace(example, own_yen=example.own_yen - 1).chosen()) < example.paid + example.alone
