"""Random tiny problems with every rule, and their best plan by enumeration (no code of the product but its tables)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import towns
from test_small import tiny

from planner import frames, siting
from planner.errors import InfeasibleError, PlannerError, SettingsError
from planner.settings import Settings
from planner.siting.wished import Linear

FIRST_SEED = 1000
REASONS = ("police_opinion", "local_request", "not_feasible", "owner_refused", "policy")


def problem(seed: int):
    """Rows, offers, cliques, settings and further linear rules; each rule is there with some chance."""
    rows, offers, cliques, settings = tiny(seed)
    g = np.random.default_rng(100_000 + seed)
    n = len(rows.table)
    measure = np.where(g.random(n) < 0.2, "target:school_route", rows.table["measure"])
    rows = replace(rows, table=rows.table.assign(measure=pd.Series(measure, dtype="str")))
    caps = offers.caps.assign(
        min_total_yen=pd.array([int(g.integers(1, 12)) * 10_000 if g.random() < 0.3 else None], dtype="Int64"),
        fixed_municipality_yen=[int(g.integers(0, 3)) * 10_000 if g.random() < 0.3 else 0],
        fixed_running_yen_per_year=[1000 if g.random() < 0.2 else 0],
    )
    offers = replace(offers, caps=caps)
    rules = settings.rules.model_dump()
    if g.random() < 0.5:
        asked = [("front", ""), ("target:school_route", ""), ("target:school_route", "D1"), ("place", "")]
        wanted = g.choice(len(asked), int(g.integers(1, 3)), replace=False)
        rules["floors"] = [
            {"measure": asked[i][0], "district": asked[i][1], "share": round(float(g.random()) * 0.4, 3)}
            for i in wanted
            if ((measure == asked[i][0]) & ((rows.table["district_id"] == asked[i][1]) | (asked[i][1] == ""))).any()
        ]
    table = offers.table
    free = table[table["kind"] != "keep"]
    names = [*free["group_id"].unique(), *free["action_id"].unique()]
    sites = list(g.choice(names, min(2, len(names)), replace=False)) if names else []
    for kind, site in zip(("pins", "bans"), sites, strict=False):
        if g.random() < 0.3:
            rules[kind] = [{"site": str(site), "reason": str(g.choice(REASONS)), "who": "課", "when": "2026-11-01"}]
    if g.random() < 0.4:
        given = [str(g.choice(a["action_id"].unique())) for _, a in free.groupby("group_id") if g.random() < 0.6]
        if g.random() < 0.4:
            rules |= {"unlike": [given, names[-2:]], "most_shared": int(g.integers(0, 2))}
        rules |= {"given": [*given, "gone"] if g.random() < 0.2 else given, "max_changes": int(g.integers(0, 4))}
    settings = Settings.model_validate(settings.model_dump() | {"rules": rules})
    more = []
    if g.random() < 0.4:
        amount = {o: int(g.integers(-2, 3)) for o in free["offer_id"]}
        more.append(Linear("reuse:m1", amount, int(g.integers(-1, 3))))
    return rows, offers, cliques, settings, more


class Every:
    """All combinations of one offer per standing camera and at most one per mount, in arrays."""

    def __init__(self, rows: frames.Rows, offers: frames.Offers) -> None:
        self.rows, self.caps, self.all = rows, offers.caps.iloc[0], offers.table
        self.table = offers.table[offers.table["why_not"] == ""].reset_index(drop=True)
        groups = self.table.groupby("group_id").indices
        none = len(self.table)  # the row of nothing chosen
        options = [
            [*at, none] if not (self.table["kind"].iloc[at] == "keep").any() else list(at) for at in groups.values()
        ]
        self.groups = list(groups)
        self.grid = np.array(list(itertools.product(*options)), int).reshape(
            int(np.prod([len(o) for o in options])), len(options)
        )
        where = {a: i for i, a in enumerate(rows.action_ids)}
        dense = np.rint(rows.quality.toarray() * rows.steps).astype(int)
        levels = np.vstack([dense[[where[a] for a in self.table["action_id"]]], np.zeros((1, dense.shape[1]), int)])
        self.level = levels[self.grid].max(axis=1, initial=0)
        keeps = levels[np.flatnonzero(self.table["kind"] == "keep")].max(axis=0, initial=0)
        self.weight = rows.table["weight_micro"].to_numpy()
        self.measure = rows.table["measure"].to_numpy()
        place = np.where(self.measure == "place", self.weight, 0)
        self.gain = self.level @ place - int(keeps @ place)

    def total(self, values) -> np.ndarray:
        """Sum of a value per offer over every combination."""
        return np.append(np.asarray(values, np.int64), 0)[self.grid].sum(axis=1)

    def share_met(self, here: np.ndarray, share: float) -> np.ndarray:
        """Whether a share of some rows is covered."""
        need = Fraction(str(share)) * int(self.weight[here].sum()) * self.rows.steps
        return np.array([value >= need for value in (self.level[:, here] @ self.weight[here]).tolist()])

    def fine(self, cliques: pd.DataFrame, settings: Settings, more: list[Linear]) -> np.ndarray:
        """Which combinations keep every rule."""
        t, rules, budget, cap = self.table, settings.rules, settings.budget, self.caps
        paid = (t["programme_id"] == "G").to_numpy()
        used = self.total(paid) > 0
        subsidy = self.total(t["subsidy_yen"] * paid)
        ok = self.total(t["municipality_yen"]) + used * cap["fixed_municipality_yen"] <= budget.own_capital_yen
        running = self.total(t["running_yen_per_year"]) + used * cap["fixed_running_yen_per_year"]
        ok &= running <= budget.running_yen_per_year
        ok &= self.total(t["local_body_yen"]) <= budget.local_body_yen
        ok &= (subsidy <= cap["cap_total_yen"]) & (self.total(t["cameras"] * paid) <= cap["max_units"])
        if not pd.isna(cap["min_total_yen"]):
            ok &= ~used | (subsidy >= cap["min_total_yen"])
        for _, clique in cliques.groupby("clique_id"):
            ok &= self.total((t["kind"] == "install") & t["group_id"].isin(clique["group_id"])) <= 1
        district = self.rows.table["district_id"].to_numpy()
        changed = ~t["kind"].isin(["keep", "remove"])
        for rule in rules.districts:
            number = self.total(changed & (t["district_id"] == rule.id))
            ok &= (number >= (rule.min_sites or 0)) & (number <= (99 if rule.max_sites is None else rule.max_sites))
            ok &= self.share_met((self.measure == "place") & (district == rule.id), rule.floor_share or 0)
        for floor in rules.floors:
            here = (self.measure == floor.measure) & ((district == floor.district) | (floor.district == ""))
            ok &= self.share_met(here, floor.share)
        for wish in rules.pins:
            exact = t["action_id"] == wish.site
            ok &= self.total(exact | ((t["group_id"] == wish.site) & changed)) >= 1
        for wish in rules.bans:
            ok &= (
                self.total(((t["action_id"] == wish.site) | (t["group_id"] == wish.site)) & (t["kind"] != "keep")) == 0
            )
        if rules.max_changes is not None:
            same = t["action_id"].isin(rules.given)
            there = t["group_id"].isin(set(self.all.loc[self.all["action_id"].isin(rules.given), "group_id"]))
            lost = len(set(rules.given)) - self.total(same)
            ok &= lost + self.total(~same & ~there & (t["kind"] != "keep")) <= rules.max_changes
        for sites in rules.unlike:
            places = set(self.all.loc[self.all["action_id"].isin(sites), "group_id"])
            ok &= self.total(t["group_id"].isin(places) & (t["kind"] != "keep")) <= rules.most_shared
        for linear in more:
            ok &= self.total([linear.amount.get(o, 0) for o in t["offer_id"]]) <= linear.limit
        return ok

    def contradicts(self, settings: Settings) -> bool:
        """Whether bans take out every offer that some pin means."""
        t, rules = self.all, settings.rules
        banned = [w.site for w in rules.bans]
        out = (t["action_id"].isin(banned) | t["group_id"].isin(banned)) & (t["kind"] != "keep")
        changed = ~t["kind"].isin(["keep", "remove"])
        meant = [(t["action_id"] == w.site) | ((t["group_id"] == w.site) & changed) for w in rules.pins]
        return any(m.any() and not (m & ~out).any() for m in meant)

    def best(self, cliques: pd.DataFrame, settings: Settings, more: list[Linear]) -> int | None:
        """The best gain over all-keep in whole units (None: no combination keeps every rule)."""
        ok = self.fine(cliques, settings, more)
        return int(self.gain[ok].max()) if ok.any() else None


def refused(seed: int) -> bool:
    """Whether no combination of this problem keeps every rule."""
    rows, offers, cliques, settings, more = problem(seed)
    return Every(rows, offers).best(cliques, settings, more) is None


def differs(seed: int) -> str:
    """How the answer to this problem differs from enumeration (empty: not at all)."""
    rows, offers, cliques, settings, more = problem(seed)
    every = Every(rows, offers)
    truth = every.best(cliques, settings, more)
    try:
        model = siting.build(rows, offers, cliques, settings, more)
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
    except InfeasibleError as refusal:
        rightly = truth is None and not every.contradicts(settings) and refusal.values["rules"]
        return "" if rightly else f"{refusal}, but {truth} is reached"
    except SettingsError as refusal:
        rightly = refusal.code == "wish_contradicts" and every.contradicts(settings)
        return "" if rightly else str(refusal)
    except PlannerError as error:
        return str(error)
    found = round(choice.value / model.unit)
    if truth is None or found != truth:
        return f"{found} against {truth}"
    if choice.status != "optimal" or choice.bound < choice.value:
        return f"{choice.status}, {choice.value} of {choice.bound}"
    return ""


def models(seeds: Iterable[int]) -> Iterator[tuple[int, siting.CoverModel]]:
    """The models of those problems whose wishes do not contradict one another."""
    for seed in seeds:
        found = _model(seed)
        if found is not None:
            yield seed, found


@cache
def _model(seed: int) -> siting.CoverModel | None:
    """Built once for all the tests that look at it: nothing changes a model."""
    rows, offers, cliques, settings, more = problem(seed)
    if Every(rows, offers).contradicts(settings):
        return None
    return siting.build(rows, offers, cliques, settings, more)


__all__ = ["FIRST_SEED", "Every", "differs", "models", "problem", "refused", "towns"]
