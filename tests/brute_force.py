"""Finds the best plan of a small town by trying everything: no bound, no pruning by value, no shared code."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from planner.frames import Offers, Rows
from planner.settings import Settings


def best_plan(rows: Rows, offers: Offers, cliques: pd.DataFrame, settings: Settings) -> tuple[float, list[str]]:
    """Value (offences a year gained over all-keep) and offer ids of a best plan.

    Every combination of coverage (one action or none per group) is valued; the best one that some assignment of
    programmes makes affordable is returned.
    """
    table = offers.table[offers.table["why_not"] == ""]
    by_action: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for offer in table.to_dict("records"):
        by_action[offer["action_id"]].append(offer)
    groups = table.drop_duplicates("action_id").groupby("group_id")["action_id"].apply(list).to_dict()
    keep = {r["group_id"]: r["action_id"] for r in table.to_dict("records") if r["kind"] == "keep"}
    kinds = dict(zip(table["action_id"], table["kind"], strict=True))
    districts = dict(zip(table["action_id"], table["district_id"], strict=True))
    quality = {a: rows.quality[i].toarray().ravel() for i, a in enumerate(rows.action_ids)}
    nothing = np.zeros(len(rows.table))
    weight = rows.table["weight_micro"].to_numpy() * 1e-6  # of every measure; the value counts place alone
    place = weight * (rows.table["measure"] == "place").to_numpy()
    choices = [actions if g in keep else [None, *actions] for g, actions in groups.items()]
    baseline = np.max([nothing, *(quality[a] for a in keep.values())], axis=0)
    least = {a: min(o["municipality_yen"] for o in paid) for a, paid in by_action.items()}
    combinations: list[tuple[Any, ...]] = [()]
    covered, spent = nothing[None, :], np.zeros(1)
    for options in choices:  # every earlier combination with every option that the municipality could still afford
        table_of = np.array([quality[a] if a else nothing for a in options])
        total = spent[:, None] + np.array([least.get(a, 0) for a in options])[None, :]
        i, j = np.nonzero(total <= settings.budget.own_capital_yen)
        combinations = [(*combinations[p], options[q]) for p, q in zip(i.tolist(), j.tolist(), strict=True)]
        covered, spent = np.maximum(covered[i], table_of[j]), total[i, j]
    values = covered @ place - place @ baseline
    apart = cliques.groupby("clique_id")["group_id"].apply(set).tolist()
    caps = offers.caps.to_dict("records")
    for at in np.argsort(-values, kind="stable"):
        allowed = _allowed(combinations[at], kinds, districts, groups, apart, settings)
        if not allowed or not _floors_met(covered[at], weight, rows, settings):
            continue
        changed = [a for a in combinations[at] if a and kinds[a] != "keep"]
        paid = _affordable([by_action[a] for a in changed], caps, settings)
        if paid is not None:
            return float(values[at]), paid
    raise AssertionError("nothing fits")


def _allowed(
    combination: Any, kinds: Any, districts: Any, groups: Any, apart: list[set[str]], settings: Settings
) -> bool:
    """Spacing and numbers per district."""
    chosen = {g: a for g, a in zip(groups, combination, strict=True) if a and kinds[a] != "keep"}
    new = {g for g, a in chosen.items() if kinds[a] == "install"}
    if any(len(new & members) > 1 for members in apart):
        return False
    for rule in settings.rules.districts:
        number = sum(districts[a] == rule.id and kinds[a] != "remove" for a in chosen.values())
        if number < (rule.min_sites or 0) or number > (rule.max_sites if rule.max_sites is not None else 10**9):
            return False
    return True


def _floors_met(quality: Any, weight: Any, rows: Rows, settings: Settings) -> bool:
    """Covered share of every district with a floor, and of every measure with one."""
    measure, district = (rows.table[name].to_numpy() for name in ("measure", "district_id"))
    for floor in settings.rules.floors:
        here = (measure == floor.measure) & ((floor.district == "") | (district == floor.district))
        if weight[here] @ quality[here] < floor.share * weight[here].sum() - 1e-9:
            return False
    for rule in settings.rules.districts:
        here = (district == rule.id) & (measure == "place")
        if rule.floor_share is not None and weight[here] @ quality[here] < rule.floor_share * weight[here].sum() - 1e-9:
            return False
    return True


def _affordable(
    per_action: list[list[dict[str, Any]]], caps: list[dict[str, Any]], settings: Settings
) -> list[str] | None:
    """An assignment of programmes within every money limit (the cheapest for the municipality), or None."""
    budget = settings.budget
    fitting = []
    for paid in itertools.product(*per_action):
        used = {part for o in paid for part in o["programme_id"].split("+")}
        charged = [cap for cap in caps if cap["programme_id"] in used]
        charges = sum(cap["fixed_municipality_yen"] for cap in charged)
        if sum(o["municipality_yen"] for o in paid) + charges > budget.own_capital_yen:
            continue
        if sum(o["local_body_yen"] for o in paid) > (budget.local_body_yen or 0):
            continue
        if (
            budget.running_yen_per_year is not None
            and sum(o["municipality_running_yen_per_year"] for o in paid)
            + sum(cap["fixed_running_yen_per_year"] for cap in charged)
            > budget.running_yen_per_year
        ):
            continue
        if all(_within(cap, paid) for cap in caps):
            fitting.append(paid)
    if not fitting:
        return None
    cheapest = min(fitting, key=lambda paid: sum(o["municipality_yen"] for o in paid))
    return [o["offer_id"] for o in cheapest]


def _within(cap: dict[str, Any], paid: Any) -> bool:
    """One programme's allocation, units and least total."""
    name = cap["programme_id"]
    first = [o for o in paid if o["programme_id"].split("+")[0] == name]
    second = [o for o in paid if o["programme_id"].split("+")[1:] == [name]]
    given = sum(o["subsidy_yen"] - o["second_subsidy_yen"] for o in first) + sum(
        o["second_subsidy_yen"] for o in second
    )
    if (first or second) and not pd.isna(cap["min_total_yen"]) and given < cap["min_total_yen"]:
        return False
    money = pd.isna(cap["cap_total_yen"]) or given <= cap["cap_total_yen"]
    units = sum(1 if cap["units_of"] == "site" else o["cameras"] for o in (*first, *second))
    return money and (pd.isna(cap["max_units"]) or units <= cap["max_units"])
