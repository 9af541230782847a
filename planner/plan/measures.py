"""What is covered by measure (offences at the place, in front; policy targets), counted in the plainest way; never summed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from planner.frames import MICRO
from planner.plan import document as doc
from planner.plan.wishes import Counted
from planner.settings import Settings

if TYPE_CHECKING:
    from planner.plan.recount import Levels, Recounter

_TARGET = "target:"
Units = dict[str, float]  # per district: 1e-6 offences (or steps of a target) times steps of the ladder


def in_place(counter: Recounter, chosen: Iterable[Mapping[str, str]] = ()) -> list[str]:
    """Actions in force: what is chosen, and every standing camera of which nothing is chosen as it is."""
    now = {a["group_id"]: i for i, (_, a) in counter.actions.items() if a["kind"] == "keep"}
    return list((now | {o["group_id"]: o["action_id"] for o in chosen}).values())


def units(counter: Recounter, actions: Sequence[str], levels: Levels, measure: str) -> tuple[Units, Units]:
    """Covered and total of one measure per district, in the same unit.

    Parameters
    ----------
    actions, levels
        The actions in force, and how well they serve each cell.
    measure
        ``place``, ``front``, or ``target:`` and a kind of target or the id of one.
    """
    if measure.startswith(_TARGET):
        return _target_units(counter, actions, measure.removeprefix(_TARGET))
    steps = counter.settings.coverage.quality_steps
    covered: Units = defaultdict(float)
    for cell, level in levels.items():
        if counter.measures[cell[0]] == measure:
            covered[counter.districts[cell[0]]] += counter.weight(cell) * level
    total = {district: weight * steps for (of, district), weight in counter.totals.items() if of == measure}
    return covered, total


def _target_units(counter: Recounter, actions: Sequence[str], name: str) -> tuple[Units, Units]:
    """The same for the points of one kind of target, or of one target."""
    table, steps = counter.survey.targets, counter.settings.coverage.quality_steps
    covered: Units = defaultdict(float)
    total: Units = defaultdict(float)
    served = target_levels(counter, actions)
    named = np.flatnonzero((table["kind"] == name) | (table["target_id"] == name))
    points = table.iloc[named]
    for at, district, part in zip(named.tolist(), points["district_id"], points["steps"], strict=True):
        weight = round(part * MICRO)
        covered[district] += weight * served.get(at, 0)
        total[district] += weight * steps
    return covered, total


def target_levels(counter: Recounter, actions: Iterable[str]) -> dict[int, int]:
    """Level of every target point that an action serves: the share that counts, while anything is kept."""
    survey, best = counter.survey, dict[int, int]()
    links, sees = survey.action_views, survey.target_sees
    for action_id in actions if len(survey.targets) else ():
        position, action = counter.actions[action_id]
        if not action["retention_days"] > 0:  # also where nothing is kept at all (NaN)
            continue
        level = math.floor(action["count_share"] * counter.settings.coverage.quality_steps + 1e-9)
        for at in links.indices[links.indptr[position] : links.indptr[position + 1]]:
            for entry in range(sees.indptr[at], sees.indptr[at + 1]):
                spot, distance_m = int(sees.indices[entry]), float(sees.data[entry])
                met = counter.meets(counter.views[at], distance_m, lit=bool(survey.target_lit[spot]))
                if met and level > best.get(spot, 0):
                    best[spot] = level
    return best


def floors(counter: Recounter, settings: Settings, actions: Sequence[str], levels: Levels) -> Iterator[Counted]:
    """Every floor with what is covered against what it asks for (siting refuses a floor of which nothing is counted)."""
    for floor in settings.rules.floors:
        covered, total = units(counter, actions, levels, floor.measure)
        here = [floor.district] if floor.district else list(total)
        need = floor.share * sum(total.get(d, 0.0) for d in here) * (1 - 1e-9)
        yield floor.name, -sum(covered.get(d, 0.0) for d in here), -need


def shares(
    counter: Recounter, settings: Settings, chosen: Sequence[Mapping[str, str]], before: Levels, after: Levels
) -> list[doc.MeasurePart]:
    """Covered share by measure before and after: place, front, every kind of target, then what the floors ask for."""
    kinds = (
        [_TARGET + kind for kind in sorted(set(counter.survey.targets["kind"]))] if len(counter.survey.targets) else []
    )
    asked = [(f.measure, f.district, f.share) for f in settings.rules.floors]
    whole = [(m, "", None) for m in ("place", "front", *kinds) if (m, "") not in {(a[0], a[1]) for a in asked}]
    keeps, now = in_place(counter), in_place(counter, chosen)
    parts = []
    for measure, district, floor_share in (*whole, *asked):
        ends = []
        for actions, levels in ((keeps, before), (now, after)):
            covered, total = units(counter, actions, levels, measure)
            here = [district] if district else list(total)
            all_of_it = sum(total.get(d, 0.0) for d in here)
            ends.append(sum(covered.get(d, 0.0) for d in here) / all_of_it if all_of_it > 0 else None)
        if ends[0] is not None:
            parts.append(
                doc.MeasurePart(
                    measure=measure,
                    district_id=district,
                    covered_share_before=ends[0],
                    covered_share_after=ends[1],
                    floor_share=floor_share,
                )
            )
    return parts
