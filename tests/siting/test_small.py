"""Random tiny models with every rule on: the solver against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import towns

from planner import siting
from planner.errors import InfeasibleError, PlannerError
from planner.siting import bounds, conflict, search
from planner.siting.model import Multipliers
from planner.work import Work


def tiny(seed: int):
    """A model with up to 12 options: mounts, standing cameras, a programme, cliques, districts, all limits."""
    g, renewals = np.random.default_rng(seed), np.random.default_rng(200_000 + seed)
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
        if renewals.random() < 0.5:  # another lens: it need not see what the standing one does
            lens = np.flatnonzero(renewals.random(n) < 0.4)
            levels[f"{group}ren"] = {int(r): int(renewals.integers(1, 17)) for r in lens}
            yen = int(renewals.integers(0, 8)) * 10_000
            offers.append(towns.offer(f"{group}ren", f"{group}ren", "renew", group, municipality_yen=yen, **shared))
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


class Enumeration:
    """Every combination of one offer per standing group and at most one per mount, and what it covers and uses."""

    def __init__(self, rows, offers, cliques, settings) -> None:
        table = offers.table[offers.table["why_not"] == ""]
        options = []
        for _, group in table.groupby("group_id"):
            records = group.to_dict("records")
            options.append(records if any(r["kind"] == "keep" for r in records) else [*records, None])
        position = {a: i for i, a in enumerate(rows.action_ids)}
        dense = np.rint(rows.quality.toarray() * 16).astype(int)
        weight = rows.table["weight_micro"].to_numpy() * (rows.table["measure"] == "place").to_numpy()
        district = rows.table["district_id"].to_numpy()
        crowds = [set(c["group_id"]) for _, c in cliques.groupby("clique_id")]
        caps = offers.caps.iloc[0]

        def covered(picked) -> np.ndarray:
            level = np.zeros(len(weight), int)
            for r in picked:
                level = np.maximum(level, dense[position[r["action_id"]]])
            return weight * level

        base = covered([r for g in options for r in g if r and r["kind"] == "keep"]).sum()
        self.plans = []  # (own capital, gain) of every combination that keeps the other rules
        for combination in itertools.product(*options):
            picked = [r for r in combination if r]
            paid = [r for r in picked if r["programme_id"] == "G"]
            installs = {r["group_id"] for r in picked if r["kind"] == "install"}
            ok = sum(r["running_yen_per_year"] for r in picked) <= settings.budget.running_yen_per_year
            ok &= sum(r["local_body_yen"] for r in picked) <= settings.budget.local_body_yen
            ok &= sum(r["subsidy_yen"] for r in paid) <= caps["cap_total_yen"]
            ok &= sum(r["cameras"] for r in paid) <= caps["max_units"]
            ok &= all(len(installs & crowd) <= 1 for crowd in crowds)
            if not ok:
                continue
            value = covered(picked)
            for rule in settings.rules.districts:
                here = district == rule.id
                number = sum(r["district_id"] == rule.id and r["kind"] not in ("keep", "remove") for r in picked)
                ok &= (rule.min_sites or 0) <= number
                ok &= rule.max_sites is None or number <= rule.max_sites
                ok &= (
                    int(value[here].sum()) * 1000
                    >= round((rule.floor_share or 0) * 1000) * int(weight[here].sum()) * 16
                )
            if ok:
                self.plans.append((sum(r["municipality_yen"] for r in picked), int(value.sum() - base)))

    def best(self, budget: int) -> int | None:
        """The best gain for so much own capital (None: no combination keeps the rules)."""
        return max((gain for cost, gain in self.plans if cost <= budget), default=None)


def enumerate_best(rows, offers, cliques, settings) -> int | None:
    return Enumeration(rows, offers, cliques, settings).best(settings.budget.own_capital_yen)


def test_a_renewal_that_costs_nothing_takes_no_floor_away() -> None:
    """The standing camera alone sees the school route; its renewal would see an offence instead."""
    rows = towns.rows_of([5, 7], {"keep": {0: 16}, "renew": {1: 16}}, measures=["target:school", "place"])
    offers = towns.offers_of([towns.offer("k", "keep", "keep", "c:1"), towns.offer("r", "renew", "renew", "c:1")])
    for share, chosen in ((1.0, []), (0.0, ["r"])):
        floor = {"measure": "target:school", "share": share}
        settings = towns.settings_of(100, rules={"floors": [floor]})
        model = siting.build(rows, offers, towns.cliques_of(), settings)
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert choice.chosen["offer_id"].tolist() == chosen


@pytest.mark.parametrize("block", range(6))
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
            assert bounds.bound_at(model, prices) >= truth, seed
        greedy = search.greedy_plan(model, 0, Work())
        assert greedy is None or greedy.gain <= truth
    assert infeasible < 30


def test_other_budgets_are_bounded_and_never_less_for_more() -> None:
    for seed in range(45):
        rows, offers, cliques, settings = tiny(seed)
        truth = Enumeration(rows, offers, cliques, settings)
        if truth.best(settings.budget.own_capital_yen) is None:
            continue
        settings = settings.model_copy(update={"siting": settings.siting.model_copy(update={"frontier_steps": 6})})
        model = siting.build(rows, offers, cliques, settings)
        choice = siting.choose(model, settings)
        budgets = [0, 50_000, 120_000, 300_000]
        for budget, bound in zip(budgets, bounds.line_bounds(model, choice.multipliers, budgets), strict=True):
            most = truth.best(budget)
            assert most is None or min(bound, bounds.bound_at(model, choice.multipliers, budget)) >= most
        front = siting.frontier(model, settings, choice)
        table = front.table
        assert table["value_per_year"].is_monotonic_increasing
        assert table["bound_per_year"].is_monotonic_increasing
        assert settings.budget.own_capital_yen in table["municipality_yen"].tolist()
        cost = offers.table.set_index("offer_id")["municipality_yen"]
        for point, ids in zip(table.itertuples(), front.offer_ids, strict=True):
            assert cost.loc[list(ids)].sum() <= point.municipality_yen
            most = truth.best(point.municipality_yen)
            if most is None:
                assert (point.value_per_year, point.gap) == (0.0, 1.0)
                assert point.status in ("infeasible", "stopped")
            else:
                assert point.status != "infeasible"
                assert point.value_per_year <= most * model.unit + 1e-9
                assert point.bound_per_year >= most * model.unit - 1e-9


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
            *others, floor = [r["rule"] for r in refusal.values["rules"]]
            assert floor.startswith("district_floor:")
            assert conflict.out_of_reach(conflict.keeping(model, [*others, floor]), 100, Work()) is not None
            for name in others:
                rest = conflict.keeping(model, [other for other in (*others, floor) if other != name])
                assert conflict.out_of_reach(rest, 100, Work()) is None, (seed, name)
    assert refused > 5
