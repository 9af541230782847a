"""Counts a plan again from the tables, in the plainest way, and refuses one that does not add up.

Nothing here is shared with the rooms that made the plan: loops over sites, views and spots instead of
matrices, so that a slip there cannot hide here.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from planner import assumptions
from planner.errors import PlannerError
from planner.frames import COST_CATEGORIES, INSTALLS, MICRO, PAYERS, Choice, Demand, Inputs, Offers, Survey
from planner.plan.measures import floors as count_floors
from planner.plan.measures import in_place, units
from planner.plan.wishes import Counted, money, wishes
from planner.settings import Settings

Cell = tuple[int, int]  # position of the spot, position of the offence group
Levels = dict[Cell, int]  # how well a cell is served, in steps of the quality ladder


@dataclass(frozen=True)
class Prepared:
    """All that is slow to make: the tables of the town, its demand, its survey and its offers."""

    inputs: Inputs
    demand: Demand
    survey: Survey
    offers: Offers


@dataclass(frozen=True)
class Count:
    """The plan counted again.

    ``value_per_year``: place offences a year within view, gained over all-keep. ``before``, ``after``: levels of
    every served cell. ``gains[offer_id]``: (gain, low, high) a year of each site in rank order.
    """

    value_per_year: float
    before: Levels
    after: Levels
    gains: Mapping[str, tuple[float, float, float]]


@cache
def secured_share(curve: str, days: float, handling_days: float) -> float:
    """Share of offences whose footage still exists when it is secured: P(delay <= days - handling)."""
    if days <= handling_days:
        return 0.0
    points = [(0.0, 1.0)]
    points += [
        (float(r["day"]), float(r["unrecognised_share"]))
        for r in assumptions.rows("delays")
        if r["delay_curve"] == curve
    ]
    xs, ys = zip(*points, strict=True)
    return 1.0 - float(np.interp(days - handling_days, xs, ys))


class Recounter:
    """Looks up, action by action, what is served and how well: the chosen actions and every keep."""

    def __init__(self, prepared: Prepared, settings: Settings, chosen: Iterable[str]) -> None:
        self.demand, self.survey = prepared.demand, prepared.survey
        self.settings = settings
        self._served: dict[str, Levels] = {}
        actions = prepared.survey.actions
        wanted = np.flatnonzero(actions["action_id"].isin(set(chosen)) | (actions["kind"] == "keep"))
        self.actions = {r["action_id"]: (int(i), r) for i, r in zip(wanted, records(actions.iloc[wanted]), strict=True)}
        linked = np.unique(prepared.survey.action_views[wanted].indices)
        self.views = dict(zip(linked.tolist(), records(prepared.survey.views.iloc[linked]), strict=True))
        spots = prepared.demand.spots
        self.measures, self.areas, self.districts = (spots[c].tolist() for c in ("measure", "area_id", "district_id"))
        curves = {r["offence"]: r["delay_curve"] for r in assumptions.rows("offences")}
        self.curves = [curves[g] for g in prepared.demand.groups]
        harm = assumptions.harm(settings.purpose.profile)
        self.harm = [harm[g] for g in prepared.demand.groups]
        self.density = next(
            float(r["pixels_per_m"])
            for r in assumptions.rows("densities")
            if (r["standard"], r["task"]) == (settings.coverage.standard, settings.coverage.task)
        )

    def weight(self, cell: Cell) -> int:
        """Whole millionths of an offence a year, times what an offence weighs in the plan's purpose."""
        return round(float(self.demand.expected[cell]) * self.harm[cell[1]] * MICRO)

    def offences(self, cell: Cell) -> int:
        """Whole millionths of an offence a year, whatever the purpose: what is shown by offence."""
        return round(float(self.demand.expected[cell]) * MICRO)

    @cached_property
    def totals(self) -> dict[tuple[str, str], float]:
        """``weight`` of all cells by measure and district."""
        weights = np.rint(self.demand.expected * np.array(self.harm) * MICRO).sum(axis=1)
        keys = [self.demand.spots[column] for column in ("measure", "district_id")]
        together = pd.Series(weights, self.demand.spots.index).groupby(keys).sum()
        return dict(zip(together.index.tolist(), together.tolist(), strict=True))

    def served(self, action_id: str) -> Levels:
        """Every cell that one action serves, and its level."""
        if action_id not in self._served:
            self._served[action_id] = self._serves(action_id)
        return self._served[action_id]

    def _serves(self, action_id: str) -> Levels:
        """The same, looked up."""
        position, action = self.actions[action_id]
        levels: Levels = {}
        if math.isnan(action["retention_days"]) or action["count_share"] == 0:
            return levels
        coverage = self.settings.coverage
        kept = [secured_share(c, action["retention_days"], coverage.handling_days) for c in self.curves]
        links = self.survey.action_views
        for view_at in links.indices[links.indptr[position] : links.indptr[position + 1]]:
            view = self.views[view_at]
            sees = self.survey.sees
            for entry in range(sees.indptr[view_at], sees.indptr[view_at + 1]):
                spot, distance_m = int(sees.indices[entry]), float(sees.data[entry])
                if not self.meets(view, distance_m, lit=bool(self.survey.lit[spot])):
                    continue
                for group, share in enumerate(kept):
                    level = math.floor(share * action["count_share"] * coverage.quality_steps + 1e-9)
                    if level > levels.get((spot, group), 0):
                        levels[spot, group] = level
        return levels

    def meets(self, view: Mapping[str, Any], distance_m: float, *, lit: bool) -> bool:
        """Between near and far limit of the chosen task, and lit, within infrared reach, or night does not matter."""
        if not view["near_m"] <= distance_m <= view["far_m"]:
            return False
        if not self.settings.coverage.night_required:
            return True
        return (lit and distance_m <= assumptions.number("lit_street_reach_m")) or bool(
            distance_m <= view["night_far_m"]
        )

    def union(self, action_ids: Iterable[str]) -> Levels:
        """The best camera counts: the highest level per cell."""
        best: Levels = {}
        for action_id in action_ids:
            for cell, level in self.served(action_id).items():
                if level > best.get(cell, 0):
                    best[cell] = level
        return best

    def per_year(self, levels: Levels, measure: str = "place") -> float:
        """Offences a year within view, one measure."""
        units = sum(self.weight(c) * k for c, k in levels.items() if self.measures[c[0]] == measure)
        return units / (MICRO * self.settings.coverage.quality_steps)

    def banded(
        self, before: Levels, after: Levels, band: Mapping[tuple[str, str], tuple[float, float]]
    ) -> tuple[float, float, float]:
        """What ``after`` adds to ``before`` (place, a year), with the low and high of the blocks behind it."""
        totals = [0.0, 0.0, 0.0]
        for cell in {cell for cell, _ in before.items() ^ after.items()}:
            more = after.get(cell, 0) - before.get(cell, 0)
            if self.measures[cell[0]] != "place":
                continue
            step = more * self.weight(cell)
            low, high = band[self.areas[cell[0]], self.demand.groups[cell[1]]]
            for i, factor in enumerate((1.0, low, high)):
                totals[i] += step * factor
        scale = MICRO * self.settings.coverage.quality_steps
        gain, low, high = (t / scale for t in totals)
        return gain, min(low, high), max(low, high)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dictionaries."""
    return cast("list[dict[str, Any]]", pd.DataFrame(frame).to_dict("records"))


def bands(demand: Demand) -> dict[tuple[str, str], tuple[float, float]]:
    """(area_id, offence_group) -> low and high as multiples of what is expected."""
    return {
        (r["area_id"], r["offence_group"]): (
            r["low_per_year"] / r["expected_per_year"] if r["expected_per_year"] > 0 else 1.0,
            r["high_per_year"] / r["expected_per_year"] if r["expected_per_year"] > 0 else 1.0,
        )
        for r in records(demand.areas)
    }


def chosen_offers(prepared: Prepared, choice: Choice) -> list[dict[str, Any]]:
    """The chosen offers as records, in rank order."""
    ranked = choice.chosen.sort_values("rank")["offer_id"].tolist()
    table = prepared.offers.table
    offers = {r["offer_id"]: r for r in records(table[table["offer_id"].isin(ranked)])}
    return [offers[o] for o in ranked]


def recount(prepared: Prepared, settings: Settings, choice: Choice) -> Count:
    """Count the chosen plan again and hold it against every rule.

    Parameters
    ----------
    prepared, settings
        What the plan was made from.
    choice
        The chosen offers in rank order.

    Returns
    -------
    Count
        Levels before (all standing cameras kept) and after, and each site's gain in rank order.

    Raises
    ------
    PlannerError
        ``recount_differs`` (the value is not the sum of its parts), ``rule_broken`` (which rule, by how much).
    """
    chosen = chosen_offers(prepared, choice)
    counter = Recounter(prepared, settings, (o["action_id"] for o in chosen))
    _check_rules(prepared, settings, chosen, counter)
    keeps = {a["group_id"]: i for i, (_, a) in counter.actions.items() if a["kind"] == "keep"}
    band = bands(prepared.demand)
    before = counter.union(keeps.values())
    now, current, gains = dict(keeps), before, {}
    for offer in chosen:
        replaces = now.get(offer["group_id"])
        now[offer["group_id"]] = offer["action_id"]
        if replaces is None:
            after = dict(current)
            for cell, level in counter.served(offer["action_id"]).items():
                after[cell] = max(level, after.get(cell, 0))
        else:
            after = counter.union(now.values())
        gains[offer["offer_id"]] = counter.banded(current, after, band)
        current = after
    value = counter.per_year(current) - counter.per_year(before)
    tolerance = 1e-9 * max(1.0, abs(value))
    if abs(value - choice.value) > tolerance:
        raise PlannerError(
            "recount_differs",
            f"value {choice.value} counted again is {value}",
            what="value",
            stated=choice.value,
            counted=value,
        )
    return Count(value, before, current, gains)


def _broken(rule: str, counted: float, limit: float) -> PlannerError:
    return PlannerError("rule_broken", f"{rule}: {counted} against {limit}", rule=rule, counted=counted, limit=limit)


def _check_rules(prepared: Prepared, settings: Settings, chosen: list[dict[str, Any]], counter: Recounter) -> None:
    """Raise on the first rule that the chosen offers break."""
    _check_money(prepared, settings, chosen)
    groups = [o["group_id"] for o in chosen]
    if len(groups) != len(set(groups)):
        raise _broken("one_choice_per_group", len(groups), len(set(groups)))
    refused = [o["offer_id"] for o in chosen if o["why_not"]]
    if refused:
        raise _broken("why_not", len(refused), 0)
    for offer in chosen:
        action = counter.actions[offer["action_id"]][1]
        days, retention = action["retention_days"], settings.retention
        if offer["kind"] in ("keep", "remove"):
            continue
        if days < action["min_days"] or days > action["max_days"]:  # zones may ask for more than the settings
            limit = action["min_days"] if days < action["min_days"] else action["max_days"]
            raise _broken(f"retention {action['limit_origin']}", days, limit)
        if retention.min_days is not None and days < retention.min_days:
            raise _broken("retention_min", days, retention.min_days)
        if retention.max_days is not None and days > retention.max_days:
            raise _broken("retention_max", days, retention.max_days)
    told = prepared.survey.actions
    told = told[told["action_id"].isin({*settings.rules.given, *itertools.chain.from_iterable(settings.rules.unlike)})]
    _hold(wishes(settings, chosen, dict(zip(told["action_id"], told["group_id"], strict=True))))
    _check_spacing(settings, chosen, counter)
    _check_moves(chosen)
    _check_districts(settings, chosen, counter)


def _hold(counted: Iterable[Counted]) -> None:
    """Raise on the first rule of which more is counted than its limit."""
    for rule, found, limit in counted:
        if found > limit:
            raise _broken(rule, found, limit)


def _check_money(prepared: Prepared, settings: Settings, chosen: list[dict[str, Any]]) -> None:
    """Every ledger within its limit, every offer paid in full."""
    for offer in chosen:
        cost = sum(offer[f"{c}_yen"] for c in COST_CATEGORIES)
        paid = sum(offer[f"{p}_yen"] for p in PAYERS)
        if cost != paid:
            raise _broken("payers_add_up", paid, cost)
    _hold(money(records(prepared.offers.caps), settings, chosen))


def _check_spacing(settings: Settings, chosen: list[dict[str, Any]], counter: Recounter) -> None:
    """No two new sites nearer than the spacing rule."""
    spacing_m = settings.rules.spacing_m
    if spacing_m <= 0:
        return
    new = [counter.actions[o["action_id"]][1]["geometry"] for o in chosen if o["kind"] in INSTALLS]
    for i, one in enumerate(new):
        for other in new[:i]:
            if one.distance(other) < spacing_m:
                raise _broken("spacing_m", one.distance(other), spacing_m)


def _check_moves(chosen: list[dict[str, Any]]) -> None:
    """No more cameras hung up again than taken down, per model; no camera on a mount on which another still hangs."""
    freed, used = defaultdict[str, int](int), defaultdict[str, int](int)
    for offer in chosen:
        freed[offer["reused_model_id"]] += offer["kind"] == "remove"
        used[offer["reused_model_id"]] += offer["cameras"] * (offer["kind"] == "install_reused")
    for model in used:
        if model and used[model] > freed[model]:
            raise _broken(f"reuse {model}", used[model], freed[model])
    removed = {offer["group_id"] for offer in chosen if offer["kind"] == "remove"}
    for offer in chosen:
        if offer["needs_removed"] and f"c:{offer['needs_removed']}" not in removed:
            raise _broken(f"mount_free {offer['needs_removed']}", 1, 0)


def _check_districts(settings: Settings, chosen: list[dict[str, Any]], counter: Recounter) -> None:
    """Numbers of changed sites and covered shares per district."""
    rules, floors = settings.rules.districts, settings.rules.floors
    if not rules and not floors:
        return
    changed: dict[str, int] = defaultdict(int)
    for offer in chosen:
        changed[offer["district_id"]] += offer["kind"] != "remove"
    for rule in rules:
        if rule.min_sites is not None and changed[rule.id] < rule.min_sites:
            raise _broken(f"min_sites {rule.id}", changed[rule.id], rule.min_sites)
        if rule.max_sites is not None and changed[rule.id] > rule.max_sites:
            raise _broken(f"max_sites {rule.id}", changed[rule.id], rule.max_sites)
    if all(rule.floor_share is None for rule in rules) and not floors:
        return
    now = in_place(counter, chosen)
    levels = counter.union(now)
    _hold(count_floors(counter, settings, now, levels))
    covered, total = units(counter, now, levels, "place")
    for rule in rules:
        if rule.floor_share is not None and covered[rule.id] < rule.floor_share * total[rule.id] * (1 - 1e-9):
            raise _broken(f"floor_share {rule.id}", covered[rule.id] / max(total[rule.id], 1), rule.floor_share)
