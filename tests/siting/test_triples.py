"""Cuts of three layers and the tree over them: no plan breaks a cut, bounds lie above the optimum, and the tree ends at it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from every_rule import FIRST_SEED, models
from test_cuts import covers_of

from benchmarks import plain
from planner import siting
from planner.errors import PlannerError
from planner.settings import Settings, SitingSettings
from planner.siting import bounds, branching, choosing, closer, dual, program, search, tightening, triples
from planner.siting.closer import Proof
from planner.siting.crossing import Crowd
from planner.siting.model import CoverModel
from planner.siting.program import Warm, core_of, program_of
from planner.siting.rules import Rule
from planner.work import Work

SETTINGS = Settings(siting=SitingSettings(gap_goal=0.0, mip_nodes=100_000))


def posed(covers: list[list[int]], weight: list[int], cost: list[int], budget: int, **more) -> CoverModel:
    """A problem: what each column covers and costs; ``more``: further rules, groups, spacing, districts."""
    start = np.concatenate([[0], np.cumsum([len(c) for c in covers])]).astype(np.int64)
    rules = (Rule("municipality_budget", np.array(cost, np.int64), budget), *more.get("rules", ()))
    group = more.get("group", np.arange(len(covers)))
    pairs = more.get("pairs", np.zeros((0, 2), np.int64))
    district = more.get("district", np.full(len(weight), -1, np.int64))
    point = np.concatenate(covers).astype(np.int32)
    return plain.build_plain(
        plain.Cover(start, point, np.array(weight, np.int64), rules, group, pairs, district), SETTINGS
    )


def random_problem(seed: int, columns: int = 40, *, ruled: bool = False) -> CoverModel:
    """Columns along a ring that see three to seven of 60 points, so that many overlap in odd circles.

    ``ruled``: some exclude each other, a second rule limits them, and a third of the points must be covered to 15 %.
    """
    g = np.random.default_rng(seed)
    covers = []
    for _ in range(columns):
        first, size = g.integers(0, 60), g.integers(3, 8)
        covers.append(sorted({int((first + k * g.integers(1, 3)) % 60) for k in range(size)}))
    weight, cost = g.integers(1, 60, 60), g.integers(5, 12, columns)
    more = {}
    if ruled:
        district = np.where(np.arange(60) < 20, 0, -1)
        need = int(0.15 * weight[:20].sum())
        more = {
            "rules": (
                Rule("running_budget", g.integers(1, 9, columns), 40),
                Rule("district_floor:0", 0 * cost, -need, "0"),
            ),
            "group": np.sort(g.integers(0, columns - 8, columns)),
            "pairs": g.integers(0, columns - 8, (6, 2)),
            "district": district,
        }
        more["group"] = np.unique(more["group"], return_inverse=True)[1]
        pairs = np.sort(more["pairs"] % (more["group"].max() + 1), axis=1)
        more["pairs"] = pairs[pairs[:, 0] < pairs[:, 1]]
    return posed(covers, weight.tolist(), cost.tolist(), 70, **more)


def branched(model: CoverModel, proof: Proof, gap: float, nodes: int, work: Work | None = None) -> Proof:
    """The proof after a tree of so many nodes, itself where there are no cuts."""
    return proof if proof.tight is None else branching.Tree(model, proof, gap, 0, work or Work()).grown(proof, nodes)


def begun(model: CoverModel) -> Proof:
    """A greedy plan and the prices of the linear program."""
    plan = search.greedy_plan(model, 0, Work())
    assert plan is not None
    free = dual.free(model)
    return closer.by_linear_program(model, Proof(plan, bounds.bound_at(model, free), free), 0, Work())


def test_three_points_and_three_cameras_by_hand() -> None:
    # three cameras see two of three points each and there is money for one and a half: half of each covers all three, a plan two of
    # them and the point that the cheap camera sees
    model = posed([[0, 1], [1, 2], [0, 2], [3]], [10, 10, 10, 1], [2, 2, 2, 1], 3)
    proof = begun(model)
    assert (proof.plan.gain, proof.bound) == (21, 30)
    tight = tightening.by_triples(model, proof, 0, Work())
    # with the cut the three are covered by no more than one and a half cameras and one: two points and a half
    assert (tight.plan.gain, tight.bound, tight.proven_by) == (21, 25, "cuts")
    assert tight.tight is not None
    assert sorted(tight.tight.layers[0].tolist()) == [0, 1, 2]
    done = branched(model, tight, 0.0, 100)
    assert (done.plan.gain, done.bound, done.proven_by) == (21, 21, "tree")


def test_a_column_counts_by_half_of_the_layers_it_covers() -> None:
    model = posed([[0, 4], [0, 1, 5], [0, 1, 2, 6], [3, 7]], [1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 1], 9)
    cover = covers_of(model)
    layers = [
        int(np.flatnonzero((want == cover.T).all(axis=1))[0]) for want in ([1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0])
    ]
    rows = triples.halves(model, np.arange(4), np.array([layers])).toarray().ravel()
    assert rows.tolist() == [1, 1, 2, 0]


def plans_of(model: CoverModel) -> Iterator[np.ndarray]:
    """Every choice of at most one column a group."""
    groups = [range(a, b) for a, b in itertools.pairwise(model.net.group_start.tolist())]
    for picked in itertools.product(*[[-1, *g] for g in groups]):
        yield np.array([c for c in picked if c >= 0], np.int64)


def test_no_plan_of_a_random_problem_breaks_a_cut() -> None:
    plans, met = 0, 0
    for seed, model in models(range(FIRST_SEED, FIRST_SEED + 60)):
        m = model.net.weight.size
        if m < 3 or int(np.prod(np.diff(model.net.group_start) + 1)) > 3000:
            continue
        g = np.random.default_rng(seed)
        layers = np.array([g.choice(m, 3, replace=False) for _ in range(8)])
        half, cover = triples.halves(model, np.arange(model.columns), layers).toarray(), covers_of(model)
        for plan in plans_of(model):
            slack = half[plan].sum(axis=0) + 1 - cover[plan].any(axis=0)[layers].sum(axis=1)
            assert (slack >= 0).all(), seed
            plans, met = plans + 1, met + int((slack == 0).sum())
    assert plans > 1000
    assert met > 1000


def least_odd(core, x: np.ndarray) -> float:
    """By trying every three layers: what the slack and the odd columns of the best come to."""
    n, m = core.columns.size, core.layers.weight.size
    cover = np.zeros((n, m))
    cover[np.repeat(np.arange(n), np.diff(core.layers.pattern_start)), core.layers.pattern_layer] = 1
    part, y = x[:n], x[n : n + m]
    loose = np.maximum(part @ cover - y, 0) + 2 * np.maximum(1 - y, 0)
    return min(
        loose[list(s)].sum() + part[cover[:, list(s)].sum(axis=1) % 2 == 1].sum()
        for s in itertools.combinations(range(m), 3)
    )


def test_the_cut_that_is_broken_most_is_found() -> None:
    found = 0
    for seed in range(12):
        core = core_of(model := random_problem(seed), search.every(model))
        x = Warm(program_of(core), Work()).solve().x
        best, cuts = least_odd(core, x), triples.broken(core, x)
        assert bool(len(cuts)) == (best < triples.BROKEN - 1e-9), seed
        if len(cuts):
            rows = triples.rows_of(core, cuts)
            # a cut is broken by half of what is missing to 1
            assert (rows @ x + 1).min() == pytest.approx((best - 1) / 2, abs=1e-7), seed
            found += 1
    assert found > 3


@pytest.mark.parametrize("steps", [1.0, 0.1])
def test_the_solution_is_the_same_by_either_method(monkeypatch: pytest.MonkeyPatch, steps: float) -> None:
    """Also where the simplex method is given too few steps and interior points take over, and after more rows."""
    monkeypatch.setattr(program, "SIMPLEX_ENTRIES", 0)
    monkeypatch.setattr(program, "RULED_STEPS", steps)
    for seed in range(6):
        core = core_of(model := random_problem(seed, ruled=True), search.every(model))
        one, other = (Warm(program_of(core), Work(), ruled=ruled) for ruled in (False, True))
        first, second = one.solve(), other.solve()
        assert second.status == first.status == "optimal"
        assert second.objective == pytest.approx(first.objective)
        cuts = triples.broken(core, first.x)
        for warm in (one, other):
            warm.add(triples.rows_of(core, cuts), -1.0)
        assert other.solve().objective == pytest.approx(one.solve().objective)


def test_bounds_lie_between_the_optimum_and_the_linear_program_and_the_tree_ends_there() -> None:
    lower, nodes = 0, 0
    for seed in range(40):
        model = random_problem(seed)
        proof = begun(model)
        best = closer.by_tree(model, proof, 0.0, 100_000, 0, Work())
        tight = tightening.by_triples(model, proof, 0, Work())
        assert proof.bound >= tight.bound >= best.bound == best.plan.gain, seed
        if tight.tight is None:
            continue
        lower += tight.bound < proof.bound
        assert max(tight.plan.gain, triples.bound_of(model, tight.tight)) == tight.bound
        # from a poorer plan as well: it finds the best by itself
        for start in (tight, replace(tight, plan=proof.plan)):
            done = branched(model, start, 0.0, 10_000)
            assert (done.plan.gain, done.bound) == (best.plan.gain, best.bound), seed
            nodes += done.nodes
        near = branched(model, replace(tight, plan=proof.plan), 0.05, 10_000)
        assert near.plan.gain <= best.bound <= near.bound
        assert near.bound - near.plan.gain <= max(0.05 * near.bound + 1, 0), seed
        few = branched(model, tight, 0.0, 1)
        assert few.plan.gain <= best.bound <= few.bound <= tight.bound, seed
    assert lower > 20
    assert nodes > 100


def test_with_groups_spacing_and_further_rules_it_ends_at_the_optimum_too() -> None:
    tried = 0
    for seed in range(30):
        model = random_problem(seed, ruled=True)
        plan = search.greedy_plan(model, 0, Work())
        if plan is None:
            continue
        proof = tightening.by_triples(model, begun(model), 0, Work())
        if proof.tight is None:
            continue
        free = dual.free(model)
        best = closer.by_tree(model, Proof(plan, bounds.bound_at(model, free), free), 0.0, 100_000, 0, Work())
        done = branched(model, replace(proof, plan=plan), 0.0, 10_000)
        assert proof.bound >= best.plan.gain, seed
        assert (done.plan.gain, done.bound) == (best.plan.gain, best.plan.gain), seed
        tried += 1
    assert tried > 10


@cache
def trees() -> list[tuple[CoverModel, Proof, Proof]]:
    """Random problems that need some nodes: the model, the proof before the tree, and after it."""
    found = []
    for seed in range(40):
        model = random_problem(seed)
        proof = tightening.by_triples(model, begun(model), 0, Work())
        found.append((model, proof, branched(model, proof, 0.0, 10_000)))
    found = [one for one in found if one[2].nodes >= 4]
    assert len(found) > 3
    return found


def test_a_tree_goes_on_where_it_was_left() -> None:
    """Grown node by node it is the same tree."""
    for model, proof, whole in trees():
        tree, part = branching.Tree(model, proof, 0.0, 0, Work()), proof
        for _ in range(whole.nodes):
            assert part.bound >= whole.plan.gain
            part = tree.grown(part, 1)
        assert (part.plan.gain, part.bound, part.nodes) == (whole.plan.gain, whole.bound, whole.nodes)


def test_tree_and_search_in_turn_end_where_the_tree_alone_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node by node at first, with search in between; nodes and rounds are those that were allowed."""
    monkeypatch.setattr(choosing, "TURN_ENTRIES", 1)
    monkeypatch.setattr(choosing, "TURN_ROUNDS", 20 * choosing.EXCHANGES)
    wish = SitingSettings(search_rounds=60)
    for model, proof, whole in trees():
        turns = partial(choosing._in_turn, model, proof, Crowd(model, 0), 0, 0.0)
        done, rounds = turns(10_000, wish, Work())
        assert (done.plan.gain, done.bound) == (whole.plan.gain, whole.bound)
        assert 20 <= rounds <= 60
        few, rounds = turns(3, wish, Work())
        assert few.nodes <= 3
        assert few.plan.gain <= whole.plan.gain <= few.bound


def test_a_stop_leaves_what_was_known() -> None:
    model = random_problem(14)
    tight = tightening.by_triples(model, begun(model), 0, Work())
    assert tight.tight is not None
    assert tight.bound > closer.by_tree(model, tight, 0.0, 100_000, 0, Work()).bound
    work = Work()
    work.stop()
    stopped = branched(model, tight, 0.0, 1000, work)
    assert (stopped.plan.gain, stopped.bound, stopped.nodes) == (tight.plan.gain, tight.bound, 0)
    assert tightening.by_triples(model, begun(model), 0, work).tight is None


def test_what_the_cuts_prove_is_recounted_and_a_lower_claim_refused() -> None:
    for seed, model in models((1112, 1149, 1234)):  # few leave something open above the plan that cuts find
        plan = search.greedy_plan(model, 0, Work())
        free = dual.free(model)
        assert plan is not None
        tight = tightening.by_triples(model, Proof(plan, bounds.bound_at(model, free), free), 0, Work())
        assert tight.tight is not None
        assert tight.bound > tight.plan.gain + 1, seed
        choice = choosing.to_choice(model, tight, 0.0, {}, stopped=False)
        assert choice.proven_by == "cuts"
        siting.verify(model, choice)
        less = choice.bound - model.unit
        # a bound that the prices do not prove; and a core without a column that a better plan may use
        smaller = replace(tight.tight, columns=tight.tight.columns[1:])
        for wrong in (replace(choice, bound=less, gap=(less - choice.value) / less), replace(choice, tight=smaller)):
            with pytest.raises(PlannerError) as refused:
                siting.verify(model, wrong)
            assert (refused.value.code, refused.value.values["rule"]) == ("choice_refused", "bound")


def test_the_same_plan_in_another_order_of_columns() -> None:
    values = set()
    for order in (np.arange(40), np.random.default_rng(1).permutation(40)):
        g = np.random.default_rng(11)
        covers = [sorted({int((g.integers(0, 60) + k) % 60) for k in range(g.integers(3, 8))}) for _ in range(40)]
        cost = g.integers(5, 12, 40)
        model = posed([covers[i] for i in order], g.integers(1, 60, 60).tolist(), cost[order].tolist(), 70)
        tight = tightening.by_triples(model, begun(model), 0, Work())
        done = branched(model, tight, 0.0, 10_000)
        values.add((done.plan.gain, done.bound))
    assert len(values) == 1
