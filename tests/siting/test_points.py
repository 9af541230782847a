"""A point of the frontier as a choice, and what the search tells while it works."""

from __future__ import annotations

import numpy as np
import pytest
import towns

from planner import siting
from planner.work import Work

MICRO = 1e-6  # offences a year per unit of weight


@pytest.fixture(scope="module")
def hand():
    """Three mounts and a standing camera.

    Row 0 weighs 1000, row 1 3000, row 2 2000. The camera sees row 2 at half quality, extended in full; m0 sees rows 0
    and 1, m1 only row 1, m2 row 0 at a quarter.
    """
    levels = {"k": {2: 8}, "e": {2: 16}, "a0": {0: 16, 1: 16}, "a1": {1: 16}, "a2": {0: 4}, "lone": {0: 1}}
    rows = towns.rows_of(np.array([1000, 3000, 2000]), levels)
    offers = [
        towns.offer("keep", "k", "keep", "camera"),
        towns.offer("extend", "e", "extend", "camera", municipality_yen=50),
        towns.offer("o0", "a0", "install", "m0", municipality_yen=300),
        towns.offer("o1", "a1", "install", "m1", municipality_yen=100),
        towns.offer("o2", "a2", "install", "m2", municipality_yen=10),
        towns.offer("locked", "lone", "keep", "locked"),
    ]
    return siting.build(rows, towns.offers_of(offers), towns.cliques_of(), towns.settings_of(10_000))


def told(choice):
    table = choice.chosen
    return list(zip(table["offer_id"], table["rank"], np.rint(table["gain_per_year"] / MICRO).astype(int), strict=True))


def test_offers_are_ranked_by_what_each_adds(hand) -> None:
    # alone o1 sees 3000, extend adds 1000 (2000 from 8/16 to 16/16), o2 adds 3/16 of 1000 to the locked camera's 1/16
    choice = siting.at_point(hand, ["o2", "extend", "o1"], 1.0, 0.02)
    assert told(choice) == [("o1", 1, 3000), ("extend", 2, 1000), ("o2", 3, 188)]
    assert choice.value == pytest.approx((3000 + 1000 + 187.5) * MICRO)
    assert choice.chosen["cumulative_gain_per_year"].iloc[-1] == pytest.approx(choice.value)
    assert choice.kept == ("locked",)


def test_what_two_see_counts_once(hand) -> None:
    # o0 sees both rows: 937.5 + 3000; after it o1 adds nothing
    choice = siting.at_point(hand, ["o1", "o0"], 1.0, 0.02)
    assert told(choice) == [("o0", 1, 3938), ("o1", 2, 0)]
    assert choice.value == pytest.approx(3937.5 * MICRO)
    assert choice.kept == ("keep", "locked")


def test_the_order_in_which_offers_are_named_changes_nothing(hand) -> None:
    one = siting.at_point(hand, ["o0", "o2", "extend"], 1.0, 0.02)
    two = siting.at_point(hand, ["extend", "o2", "o0"], 1.0, 0.02)
    assert told(one) == told(two)
    assert one.value == two.value


def test_nothing_chosen_gains_nothing(hand) -> None:
    choice = siting.at_point(hand, [], 0.0, 0.02)
    assert (choice.value, choice.bound, choice.gap, choice.status) == (0.0, 0.0, 0.0, "optimal")
    assert told(choice) == []
    assert choice.kept == ("keep", "locked")


@pytest.mark.parametrize(
    ("bound", "goal", "gap", "status"),
    [
        (0.004, 0.3, 0.25, "within_gap"),
        (0.004, 0.2, 0.25, "stopped"),
        (0.003, 0.0, 0.0, "optimal"),
        (0.002, 0.0, 0.0, "optimal"),  # a bound below the value is none: the value itself bounds
        (0.0, 0.0, 0.0, "optimal"),
    ],
)
def test_the_bound_is_never_below_the_value(hand, bound: float, goal: float, gap: float, status: str) -> None:
    choice = siting.at_point(hand, ["o1"], bound, goal)  # worth 0.003
    assert choice.bound == pytest.approx(max(bound, 0.003), abs=1e-12)
    assert choice.bound >= choice.value
    assert choice.gap == pytest.approx(gap, abs=1e-9)
    assert choice.status == status
    (note,) = choice.notes
    assert note.code == "from_frontier"
    assert note.values["gap"] == choice.gap
    siting.verify(hand, siting.at_point(hand, ["o1"], 1.0, goal))


@pytest.fixture(scope="module")
def town():
    settings = towns.settings_of(3_000_000, siting={"gap_goal": 0.0, "frontier_steps": 8})
    return siting.build(*towns.city(60, seed=2), settings), settings


def test_every_point_of_a_frontier_is_such_a_choice(town) -> None:
    model, settings = town
    front = siting.frontier(model, settings, siting.choose(model, settings))
    weight = model.given.rows.table["weight_micro"].to_numpy()
    action = dict(zip(model.given.offers.table["offer_id"], model.given.offers.table["action_id"], strict=True))
    position = {a: i for i, a in enumerate(model.given.rows.action_ids)}
    for row, ids in zip(front.table.itertuples(), front.offer_ids, strict=True):
        choice = siting.at_point(model, ids, row.bound_per_year, 0.02)
        assert set(choice.chosen["offer_id"]) == set(ids)
        assert choice.chosen["rank"].tolist() == list(range(1, len(ids) + 1))
        assert choice.value == pytest.approx(row.value_per_year, abs=1e-9)
        assert choice.bound == pytest.approx(row.bound_per_year, abs=1e-9)
        gains = choice.chosen["gain_per_year"].to_numpy()
        assert (np.diff(gains) <= 1e-12).all()  # what is installed later adds less
        seen = model.given.rows.quality[[position[action[i]] for i in ids]].toarray().max(axis=0)
        assert choice.value == pytest.approx(float((seen * weight).sum()) * MICRO, abs=1e-9)
    assert len(front.table) >= 6


def test_proof_rises_and_falls_to_the_answer(town) -> None:
    model, settings = town
    proofs: list[tuple[float, float]] = []
    choice = siting.choose(model, settings, Work(prove=lambda value, bound: proofs.append((value, bound))))
    values, bounds = np.array(proofs).T
    assert len(proofs) >= 3
    assert (np.diff(values) >= 0).all()
    assert (np.diff(bounds) <= 0).all()
    assert (bounds >= values).all()
    assert values[0] > 0
    assert bounds[-1] < bounds[0]
    assert (values[-1], bounds[-1]) == pytest.approx((choice.value, choice.bound), abs=1e-12)


def test_a_stopped_search_has_told_what_it_gives(town) -> None:
    model, settings = town
    proofs: list[tuple[float, float]] = []
    work = Work(prove=lambda value, bound: proofs.append((value, bound)))
    work.stop()
    choice = siting.choose(model, settings, work)
    assert proofs[-1] == pytest.approx((choice.value, choice.bound), abs=1e-12)
