"""Random tiny models with every rule on: the solver against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import towns

from planner import siting
from planner.errors import InfeasibleError, PlannerError
from planner.siting import conflict, dual, search
from planner.siting.model import Multipliers
from planner.work import Work


def tiny(seed: int):
    """A model with up to 12 options: mounts, standing cameras, a programme, cliques, districts, all limits."""
    g = np.random.default_rng(seed)
    n = int(g.integers(4, 12))
    districts = [f"D{1 + int(g.integers(2))}" for _ in range(n)]
    measures = list(g.choice(["place", "place", "place", "place", "front", "owner_only"], n))
    weights = g.integers(0, 2_000_000, n)
    levels: dict[str, dict[int, int]] = {}
    offers = []

    def levels_of(share: float) -> dict[int, int]:
        return {int(r): int(g.integers(1, 17)) for r in np.flatnonzero(g.random(n) < share)}

    for m in range(int(g.integers(1, 4))):
        group, district = f"m{m}", f"D{1 + int(g.integers(2))}"
        for a in range(int(g.integers(1, 3))):
            action = f"{group}a{a}"
            levels[action] = levels_of(0.4)
            cost, run = int(g.integers(1, 20)) * 10_000, int(g.integers(1, 6)) * 1000
            shared = {"district_id": district, "running_yen_per_year": run}
            offers.append(
                towns.offer(
                    f"{action}-own",
                    action,
                    "install",
                    group,
                    municipality_yen=cost,
                    why_not="zone" if g.random() < 0.1 else "",
                    **shared,
                )
            )
            if g.random() < 0.5:
                body = int(g.integers(0, 3)) * 10_000
                offers.append(
                    towns.offer(
                        f"{action}-g",
                        action,
                        "install",
                        group,
                        municipality_yen=cost // 2,
                        local_body_yen=body,
                        subsidy_yen=cost // 2,
                        programme_id="G",
                        **shared,
                    )
                )
    for k in range(int(g.integers(0, 3))):
        group = f"k{k}"
        shared = {"district_id": f"D{1 + int(g.integers(2))}"}
        seen = levels_of(0.4)
        levels[f"{group}keep"] = {r: max(1, q - 4) for r, q in seen.items()}
        offers.append(towns.offer(f"{group}keep", f"{group}keep", "keep", group, **shared))
        if g.random() < 0.6:
            levels[f"{group}ext"] = seen
            offers.append(
                towns.offer(
                    f"{group}ext",
                    f"{group}ext",
                    "extend",
                    group,
                    municipality_yen=int(g.integers(1, 8)) * 10_000,
                    running_yen_per_year=1000,
                    **shared,
                )
            )
        if g.random() < 0.6:
            levels[f"{group}rem"] = {}
            offers.append(
                towns.offer(
                    f"{group}rem",
                    f"{group}rem",
                    "remove",
                    group,
                    running_yen_per_year=-int(g.integers(0, 5)) * 1000,
                    **shared,
                )
            )
    cliques = towns.cliques_of(*[("c0", "m0"), ("c0", "m1"), ("c1", "m1"), ("c1", "m2")][: int(g.integers(0, 5))])
    rules = {
        "districts": [
            {"id": "D1", "min_sites": int(g.integers(0, 2)), "max_sites": int(g.integers(1, 4))},
            {"id": "D2", "floor_share": round(float(g.random()) * 0.3, 3)},
        ]
    }
    settings = towns.settings_of(
        int(g.integers(2, 40)) * 10_000,
        budget={
            "running_yen_per_year": int(g.integers(0, 12)) * 1000,
            "local_body_yen": int(g.integers(0, 3)) * 10_000,
        },
        rules=rules,
        siting={"search_rounds": 5, "dual_rounds": 60},
    )
    caps = [("G", int(g.integers(0, 20)) * 10_000, int(g.integers(0, 3)))]
    return towns.rows_of(weights, levels, districts, measures), towns.offers_of(offers, caps), cliques, settings


def enumerate_best(rows, offers, cliques, settings, *, budget: int | None = None) -> int | None:
    """The best covered weight over all-keep, by trying every combination (None: no combination keeps the rules)."""
    table = offers.table[offers.table["why_not"] == ""]
    options = []
    for _, group in table.groupby("group_id"):
        records = group.to_dict("records")
        options.append(records if any(r["kind"] == "keep" for r in records) else [*records, None])
    position = {a: i for i, a in enumerate(rows.action_ids)}
    dense = np.rint(rows.quality.toarray() * 16).astype(int)
    weight = rows.table["weight_micro"].to_numpy() * (rows.table["measure"] == "place").to_numpy()
    district = rows.table["district_id"].to_numpy()
    limit = settings.budget.own_capital_yen if budget is None else budget

    def covered(picked) -> np.ndarray:
        level = np.zeros(len(weight), int)
        for r in picked:
            level = np.maximum(level, dense[position[r["action_id"]]])
        return weight * level

    base = covered([r for g in options for r in g if r and r["kind"] == "keep"]).sum()
    best = None
    for combination in itertools.product(*options):
        picked = [r for r in combination if r]
        total = lambda name, rs=picked: sum(r[name] for r in rs)  # noqa: E731
        ok = total("municipality_yen") <= limit
        ok &= total("running_yen_per_year") <= settings.budget.running_yen_per_year
        ok &= total("local_body_yen") <= settings.budget.local_body_yen
        paid = [r for r in picked if r["programme_id"] == "G"]
        ok &= total("subsidy_yen", paid) <= offers.caps["cap_total_yen"].iloc[0]
        ok &= total("cameras", paid) <= offers.caps["max_units"].iloc[0]
        installs = {r["group_id"] for r in picked if r["kind"] == "install"}
        ok &= all(len(installs & set(c["group_id"])) <= 1 for _, c in cliques.groupby("clique_id"))
        value = covered(picked)
        for rule in settings.rules.districts:
            number = sum(r["district_id"] == rule.id and r["kind"] not in ("keep", "remove") for r in picked)
            ok &= (rule.min_sites or 0) <= number
            ok &= rule.max_sites is None or number <= rule.max_sites
            need = round((rule.floor_share or 0) * 1000) * int(weight[district == rule.id].sum()) * 16
            ok &= int(value[district == rule.id].sum()) * 1000 >= need
        if ok:
            best = max(int(value.sum() - base), best) if best is not None else int(value.sum() - base)
    return best


@pytest.mark.parametrize("block", range(8))
def test_value_equals_enumeration(block: int) -> None:
    infeasible = 0
    for seed in range(block * 40, block * 40 + 40):
        rows, offers, cliques, settings = tiny(seed)
        truth = enumerate_best(rows, offers, cliques, settings)
        model = siting.build(rows, offers, cliques, settings)
        if truth is None:
            infeasible += 1
            with pytest.raises(InfeasibleError):
                siting.choose(model, settings)
            continue
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert round(choice.value / model.unit) == truth, seed
        assert choice.bound >= choice.value
        assert choice.status == "optimal", seed
        g = np.random.default_rng(seed)
        net = model.net
        for scale in (0.3, 1.0, 3.0):
            prices = Multipliers(
                g.random(net.weight.size) * net.weight * scale,
                g.random(net.limit.size) * scale * 100,
                g.random(net.cliques) * 1e6 * scale,
            )
            assert dual.bound_at(model, prices) >= truth, seed
        greedy = search.greedy_plan(model, 0, Work())
        assert greedy is None or greedy.gain <= truth
    assert infeasible < 30


def test_prices_prove_other_budgets_too() -> None:
    for seed in range(60):
        rows, offers, cliques, settings = tiny(seed)
        model = siting.build(rows, offers, cliques, settings)
        if enumerate_best(rows, offers, cliques, settings) is None:
            continue
        prices = siting.choose(model, settings).multipliers
        budgets = [0, 50_000, 120_000, 300_000]
        for budget, bound in zip(budgets, dual.line_bounds(model, prices, budgets), strict=True):
            truth = enumerate_best(rows, offers, cliques, settings, budget=budget)
            assert dual.bound_at(model, prices, budget) >= (truth if truth is not None else -1e18)
            assert bound >= (truth if truth is not None else -1e18)


def test_frontier_of_tiny_models_is_between_truth_and_bound() -> None:
    for seed in range(40):
        rows, offers, cliques, settings = tiny(seed)
        if enumerate_best(rows, offers, cliques, settings) is None:
            continue
        settings = settings.model_copy(update={"siting": settings.siting.model_copy(update={"frontier_steps": 6})})
        model = siting.build(rows, offers, cliques, settings)
        choice = siting.choose(model, settings)
        table = siting.frontier(model, settings, choice).table
        assert table["value_per_year"].is_monotonic_increasing
        assert table["bound_per_year"].is_monotonic_increasing
        assert settings.budget.own_capital_yen in table["municipality_yen"].tolist()
        for point in table.itertuples():
            truth = enumerate_best(rows, offers, cliques, settings, budget=point.municipality_yen)
            if truth is None:
                assert point.gap == 1.0
                assert point.status in ("infeasible", "stopped")
            else:
                assert point.status != "infeasible"
                assert point.value_per_year <= truth * model.unit + 1e-9
                assert point.bound_per_year >= truth * model.unit - 1e-9


def test_order_of_tables_changes_nothing() -> None:
    rows, offers, cliques, settings = tiny(11)
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    g = np.random.default_rng(5)
    r, a, o = g.permutation(len(rows.table)), g.permutation(len(rows.action_ids)), g.permutation(len(offers.table))
    other_rows = type(rows)(
        rows.table.iloc[r].reset_index(drop=True),
        rows.quality[a][:, r].tocsr(),
        tuple(rows.action_ids[i] for i in a),
        rows.steps,
    )
    other_offers = type(offers)(offers.table.iloc[o].reset_index(drop=True), offers.caps)
    other = siting.choose(
        siting.build(other_rows, other_offers, cliques.iloc[::-1].reset_index(drop=True), settings), settings
    )
    assert other.value == choice.value
    assert other.chosen["offer_id"].tolist() == choice.chosen["offer_id"].tolist()


def test_other_limits_are_refused() -> None:
    rows, offers, cliques, settings = tiny(11)
    model = siting.build(rows, offers, cliques, settings)
    with pytest.raises(PlannerError) as refusal:
        siting.choose(model, towns.settings_of(1))
    assert refusal.value.code == "limits_differ"


def test_a_floor_is_called_out_of_reach_only_where_no_plan_reaches_it() -> None:
    refused = 0
    for seed in range(60):
        rows, offers, cliques, settings = tiny(seed)
        harder = settings.rules.model_copy(
            update={"districts": tuple(r.model_copy(update={"floor_share": 0.4}) for r in settings.rules.districts)}
        )
        settings = settings.model_copy(update={"rules": harder})
        model = siting.build(rows, offers, cliques, settings)
        refusal = conflict.out_of_reach(model, 100, Work())
        if refusal is not None:
            refused += 1
            assert enumerate_best(rows, offers, cliques, settings) is None, seed
            assert any(r["rule"].startswith("district_floor:") for r in refusal.values["rules"])
    assert refused > 5
