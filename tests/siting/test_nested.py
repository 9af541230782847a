"""Plans inside others, plans that hold others, and years: against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import towns

from planner import frames, siting
from planner.errors import InfeasibleError, PlannerError
from planner.settings import Settings
from planner.siting import choosing as nested_choosing
from planner.siting import nested
from planner.siting.choosing import ProvenChoice
from planner.siting.phases import phases
from planner.work import Work


def small(seed: int, own: int, **sections):
    """Up to seven mounts of one or two views each, money in the hundreds, some pairs too near each other."""
    g = np.random.default_rng(seed)
    mounts = int(g.integers(4, 8))
    offers, levels = [], {}
    for m in range(mounts):
        for v in range(int(g.integers(1, 3))):
            action = f"a{m}{v}"
            seen = g.choice(12, int(g.integers(1, 6)), replace=False)
            levels[action] = {int(r): int(g.integers(4, 17)) for r in seen}
            yen = int(g.integers(2, 9)) * 100
            offers.append(towns.offer(f"o{m}{v}", action, "install", f"m:{m}", municipality_yen=yen))
    rows = towns.rows_of(g.integers(1, 50, 12), levels)
    cliques = towns.cliques_of(("q", "m:0"), ("q", "m:1"))
    settings = towns.settings_of(own, siting={"gap_goal": 0.0, "search_rounds": 10}, **sections)
    return rows, towns.offers_of(offers), cliques, settings


def plans(rows: frames.Rows, offers: frames.Offers, own: int):
    """Every plan within own capital and spacing: offers and value in whole units."""
    table = offers.table
    by_group = [[None, *g["offer_id"]] for _, g in table.groupby("group_id")]
    price = table.set_index("offer_id")["municipality_yen"]
    action = table.set_index("offer_id")["action_id"]
    group = table.set_index("offer_id")["group_id"]
    weight = rows.table["weight_micro"].to_numpy()
    level = np.rint(rows.quality.toarray() * rows.steps).astype(int)
    where = {a: i for i, a in enumerate(rows.action_ids)}
    for picked in itertools.product(*by_group):
        ids = frozenset(p for p in picked if p)
        if sum(price[i] for i in ids) > own or {"m:0", "m:1"} <= {group[i] for i in ids}:
            continue
        best = np.max([level[where[action[i]]] for i in ids], axis=0) if ids else np.zeros(len(weight), int)
        yield ids, int((weight * best).sum())


@pytest.mark.parametrize("seed", range(12))
def test_cut_backs_and_additions_equal_enumeration(seed: int) -> None:
    rows, offers, cliques, settings = small(seed, 1600)
    model = siting.build(rows, offers, cliques, settings)
    choice = siting.choose(model, settings)
    chosen = frozenset(choice.chosen["offer_id"])
    cut, status = nested.choose_among(model, settings, chosen, 1100, Work())
    assert cut is not None
    assert status == cut.status
    assert set(cut.chosen["offer_id"]) <= chosen
    best = max(v for ids, v in plans(rows, offers, 1100) if ids <= chosen)
    assert cut.value == pytest.approx(best * model.unit)
    assert cut.bound == pytest.approx(cut.value)
    more, _ = nested.choose_after(model, settings, chosen, 2500, Work())
    assert more is not None
    # the columns are those left after dominated ones were dropped: no plan with them is better
    best = max(v for ids, v in plans(rows, offers, 2500) if ids >= chosen)
    assert set(more.chosen["offer_id"]) >= chosen
    assert more.value == pytest.approx(best * model.unit)
    assert more.bound == pytest.approx(more.value)


def test_search_begins_with_a_known_plan() -> None:
    """Where there is time for nothing else it is the answer; greedy is poorer on some of the problems."""
    poorer = 0
    for seed in range(40):
        rows, offers, cliques, settings = small(seed, 1600)
        model = siting.build(rows, offers, cliques, settings)
        best, hurried = siting.choose(model, settings), Work()
        hurried.stop()
        alone, _ = nested.choose_after(model, settings, (), 1600, hurried)
        begun, _ = nested.choose_after(model, settings, (), 1600, hurried, near=[best])
        assert alone is not None
        assert begun is not None
        assert begun.value == pytest.approx(best.value)
        poorer += alone.value < best.value - 1e-9
    assert poorer > 0


def test_what_has_no_plan_is_told_from_what_was_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pinned place that is not among the offers leaves no plan of them; where search ends early nothing is proven."""
    wish = {"pins": [{"site": "m:2", "reason": "policy"}]}
    rows, offers, cliques, settings = small(1, 1600, rules=wish)
    model = siting.build(rows, offers, cliques, settings)
    chosen = set(siting.choose(model, settings).chosen["offer_id"])
    others = {o for o in chosen if not o.startswith("o2")}
    assert chosen > others
    assert nested.choose_among(model, settings, others, 1600, Work()) == (None, "infeasible")
    monkeypatch.setattr(nested_choosing.search, "greedy_plan", lambda *_: None)
    monkeypatch.setattr(nested_choosing.closer, "feasible_plan", lambda *_: None)
    assert nested.choose_among(model, settings, chosen, 1600, Work()) == (None, "none_found")
    settings = settings.model_copy(
        update={"schedule": settings.schedule.model_copy(update={"plan_years": 1, "yearly_own_yen": 1600})}
    )
    choice = ProvenChoice(offers.table.iloc[:0], (), "stopped", 0.0, 1.0, 1.0, {})
    with pytest.raises(PlannerError) as refusal:
        phases(model, settings, choice)
    assert (refusal.value.code, refusal.value.exit_code) == ("years_plan_not_found", 1)


@pytest.mark.parametrize("seed", range(8))
def test_each_year_is_best_given_the_years_before(seed: int) -> None:
    rows, offers, cliques, settings = small(seed, 2100, schedule={"plan_years": 3, "yearly_own_yen": 700})
    model = siting.build(rows, offers, cliques, settings)
    whole = siting.choose(model, settings)
    last = phases(model, settings, whole)
    price = offers.table.set_index("offer_id")["municipality_yen"]
    standing: frozenset[str] = frozenset()
    for phase in last.phases:
        limit = int(sum(price[i] for i in standing)) + 700
        best = max(v for ids, v in plans(rows, offers, limit) if ids >= standing)
        assert phase.value == pytest.approx(best * model.unit)
        assert phase.gap == pytest.approx(0.0)
        assert not standing & set(phase.offer_ids)
        standing |= set(phase.offer_ids)
        assert sum(price[i] for i in standing) <= limit
    assert standing == set(last.chosen["offer_id"])
    assert last.value <= whole.bound + 1e-12


def test_what_must_be_reached_may_wait_for_the_last_year_and_is_refused_when_it_cannot_be() -> None:
    rows, offers, cliques, _ = small(1, 0)
    pinned = sorted(offers.table["group_id"].unique())[2:4]
    wish = [{"site": s, "reason": "policy"} for s in pinned]
    least = sum(offers.table[offers.table["group_id"] == s]["municipality_yen"].min() for s in pinned)
    for yearly, fits in ((int(least) // 2 + 400, True), (200, False)):
        own = {"plan_years": 2, "yearly_own_yen": yearly}
        settings = towns.settings_of(2500, siting={"gap_goal": 0.0}, schedule=own, rules={"pins": wish})
        model = siting.build(rows, offers, cliques, settings)
        whole = siting.choose(model, settings)
        if not fits:
            with pytest.raises(InfeasibleError, match="must be reached"):
                phases(model, settings, whole)
            continue
        last = phases(model, settings, whole)
        groups = set(offers.table.set_index("offer_id").loc[list(last.chosen["offer_id"]), "group_id"])
        assert set(pinned) <= groups


def test_standing_cameras_and_spacing_hold_over_the_years() -> None:
    rows, offers, cliques = towns.city(80, seed=5, spacing_m=30.0)
    settings = towns.settings_of(
        6_000_000,
        budget={"running_yen_per_year": 300_000},
        siting={"search_rounds": 5, "mip_nodes": 10, "frontier_steps": 0},
        schedule={"plan_years": 3, "yearly_own_yen": 2_000_000},
    )
    assert isinstance(settings, Settings)
    model = siting.build(rows, offers, cliques, settings)
    whole = siting.choose(model, settings)
    last = phases(model, settings, whole)
    siting.verify(model, last)
    assert [p.value for p in last.phases] == sorted(p.value for p in last.phases)
    assert sum(len(p.offer_ids) for p in last.phases) == len(last.chosen)
    assert last.bound >= whole.bound


def test_every_year_pays_the_charge_of_a_programme_that_pays_for_a_site_of_it() -> None:
    """Sites at 500 yen of own money each, 200 yen for every year's application: three years take 2,100 yen, and 2,000 do not do.

    The fourth site, own money alone, is one that no application is needed for: it fits into 900 of a year's 1,000 yen.
    """
    table = [
        towns.offer(f"{i}G", f"a{i}", "install", f"m:{i}", programme_id="G", municipality_yen=500, subsidy_yen=500)
        for i in range(3)
    ]
    table.append(towns.offer("3", "a3", "install", "m:3", municipality_yen=900))
    rows = towns.rows_of(np.array([9, 8, 7, 1]), {f"a{i}": {i: 16} for i in range(4)})
    made = towns.offers_of(table)
    caps = pd.DataFrame({"programme_id": ["G"], "fixed_municipality_yen": [200]})
    caps = caps.assign(**{c: pd.array([None], dtype="Int64") for c in ("cap_total_yen", "max_units", "min_total_yen")})
    offers = frames.Offers(made.table, caps)
    for own, years, count in ((2_100, 3, 3), (2_000, 3, 2), (3_000, 4, 4)):
        settings = towns.settings_of(own, schedule={"plan_years": years, "yearly_own_yen": 1_000})
        model = siting.build(rows, offers, towns.cliques_of(), settings)
        last = phases(model, settings, siting.choose(model, settings))
        siting.verify(model, last)
        assert len(last.chosen) == count, own
        paid = [
            sum(900 if i == "3" else 500 for i in p.offer_ids) + 200 * ("G" in "".join(p.offer_ids))
            for p in last.phases
        ]
        assert all(yen <= 1_000 for yen in paid)
        assert sum(paid) <= own
