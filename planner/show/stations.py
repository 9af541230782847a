"""Whose jurisdiction: the plan as one police station needs it, and where two stations must talk to each other (P33)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from planner.plan import Plan, Site
from planner.show import shapes
from planner.show.mapspec import SMALL_M2
from planner.show.table import Kind, Table
from planner.show.tables_plan import specification
from planner.show.words import Words

TOUCHING_M = 0.5  # drawings of one border differ by this much (as in ``risk.spots``)


@dataclass(frozen=True)
class Asked:
    """The part of a plan that a station is asked about.

    ``plan``: only its sites and areas (the cameras of today stay); ``beside``: site -> other stations into whose
    jurisdiction it films, or whose site it is; ``borders``: name of each of its areas that touches another station's, and whose.
    """

    plan: Plan
    beside: dict[str, tuple[str, ...]]
    borders: tuple[tuple[str, tuple[str, ...]], ...]


def stations(plan: Plan) -> list[str]:
    """Every police station of the town; none where the town's files and settings tell of none."""
    return sorted({a.police_station for a in plan.areas} - {""})


def station_of(plan: Plan) -> dict[str, str]:
    """Site -> the police station in whose jurisdiction it stands ("" where nothing tells)."""
    return {s.site_id: plan.police_station(s) for s in plan.sites}


def asked(plan: Plan, station: str = "", districts: Sequence[str] = ()) -> Asked:
    """What one station, or some districts, are asked about; everything where neither is named.

    A site that stands elsewhere but films into the station's jurisdiction is asked about too.
    """
    own, filmed = station_of(plan), _filmed(plan)
    mine = [
        s
        for s in plan.sites
        if (not station or station == own[s.site_id] or station in filmed[s.site_id])
        and (not districts or s.district_id in districts)
    ]
    areas = [
        a
        for a in plan.areas
        if (not station or a.police_station == station) and (not districts or a.district_id in districts)
    ]
    beside = {s.site_id: tuple(sorted({own[s.site_id], *filmed[s.site_id]} - {station, ""})) for s in mine}
    if not station:  # everybody's sheet: only who looks over a border is told
        beside = {s.site_id: tuple(sorted(filmed[s.site_id] - {own[s.site_id]})) for s in mine}
    return Asked(plan.model_copy(update={"sites": mine, "areas": areas}), beside, _borders(plan, station))


def _filmed(plan: Plan) -> dict[str, set[str]]:
    """Site -> the stations in whose jurisdiction its fields of view lie."""
    if not stations(plan):
        return {s.site_id: set() for s in plan.sites}
    areas = [a for a in plan.areas if a.police_station]
    outlines = shapes.metric([a.polygons for a in areas])
    tree = shapely.STRtree(outlines)
    found = {}
    for site in plan.sites:
        views = shapes.metric([view.polygons for view in site.views])
        hits = {(int(v), int(a)) for v, a in tree.query(views, predicate="intersects").T} if len(views) else set()
        found[site.site_id] = {
            areas[a].police_station for v, a in hits if shapely.intersection(views[v], outlines[a]).area > SMALL_M2
        }
    return found


def _borders(plan: Plan, station: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Areas of a station that touch another one's."""
    if not station:
        return ()
    outlines = shapes.metric([a.polygons for a in plan.areas])
    tree = shapely.STRtree(outlines)
    found = []
    for area, outline in zip(plan.areas, outlines, strict=True):
        if area.police_station == station:
            near = tree.query(outline, predicate="dwithin", distance=TOUCHING_M)
            others = {plan.areas[int(n)].police_station for n in near} - {station, ""}
            if others:
                found.append((area.name, tuple(sorted(others))))
    return tuple(found)


def sites(here: Asked, words: Words) -> Table:
    """What the answer sheet says of each site, on paper and in the workbook alike."""
    columns: list[tuple[str, Kind]] = [
        ("id", "text"),
        ("rank", "whole"),
        ("priority", "text"),
        ("kind", "text"),
        ("area", "text"),
        ("address", "text"),
        ("pole_number", "text"),
        ("bearing", "text"),
        ("specification", "text"),
        ("retention", "days"),
        ("beside", "text"),
    ]

    def line(s: Site) -> tuple[str | float | None, ...]:
        facing = words.join([words.compass(v.bearing_deg) for v in s.views])
        where = (s.area_name, s.address, s.pole_number)
        what = (facing, specification(s, words), s.retention_days, words.join(here.beside[s.site_id]))
        return (s.site_id, s.rank, s.priority, words.coded("kind", s.kind), *where, *what)

    table = Table.of(words, "review_sites", columns, [line(s) for s in here.plan.sites])
    return table.without_empty("pole_number", "beside")


def border_sentence(here: Asked, words: Words) -> str:
    """Which blocks lie at another station's jurisdiction; "" where none does."""
    if not here.borders:
        return ""
    near: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for area, others in here.borders:
        near[others].append(area)
    named = [words.say("review.border", areas=words.join(a), stations=words.join(o)) for o, a in sorted(near.items())]
    return words.say("review.borders", borders=words.run_on(named))
