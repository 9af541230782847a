"""What may be published: which blocks get how many cameras for how much, and nothing that tells where nobody looks.

No position finer than the town block, no bearing, no reach, no expected offences per block, no rank (P6). Numbers of records below
``k`` (none among them) are told as one class, and so many further blocks with them that no number can be worked out from a total:
the withheld ones together hold at least ``k``, and are at least two. All other blocks are told in classes too, so that two public
sets held against each other (last year's and this year's) never show that a few offences came or went (P38).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.assumptions import number
from planner.plan import AreaPart, Plan, Site
from planner.show import geojson, shapes, tables_plan, tables_programmes
from planner.show.classes import dictionary, public
from planner.show.marked import about, criteria_of
from planner.show.table import Kind, Table
from planner.show.words import Words

STEPS = (1, 2, 4, 10, 20)  # multiples of k at which a class begins: 5, 10, 20, 50, 100 for k = 5


def withheld(recorded: Mapping[str, float], k: float) -> set[str]:
    """The blocks whose number of records must not be told.

    Parameters
    ----------
    recorded
        Records of each block.
    k
        Fewest records that are told as a number.

    Returns
    -------
    All blocks with 0 < records < k and, where these are one alone or together hold fewer than ``k``, the smallest of the
    others until both hold (all, if need be): the total less all told numbers is then neither one block's nor a small number.
    """
    small = {name for name, value in recorded.items() if 0 < value < k}
    if not small:
        return small
    rest = sorted((value, name) for name, value in recorded.items() if value >= k)
    for _, name in rest:
        if len(small) >= 2 and sum(recorded[n] for n in small) >= k:
            break
        small.add(name)
    return small


def recorded_class(recorded: float, k: float) -> tuple[int, int | None]:
    """The class in which a number of records falls: lowest and highest whole number in it (None: no highest).

    Classes begin at 0 and at ``STEPS`` times ``k``; each is at least ``k`` wide, so that a change of class never tells that
    fewer than ``k`` were added, nor does staying in it that any were.
    """
    starts = [0, *(int(step * k) for step in STEPS)]
    at = max(n for n, start in enumerate(starts) if recorded >= start)
    return starts[at], starts[at + 1] - 1 if at + 1 < len(starts) else None


def areas(plan: Plan, words: Words) -> Table:
    """Town blocks with their records as far as they may be told, and what the plan does there."""
    k = number("small_number")
    hidden = withheld({a.area_id: a.recorded for a in plan.areas}, k)
    sites = Counter(s.area_id for s in plan.sites if s.kind != "remove")
    cameras = Counter[str]()
    for site in plan.sites:
        cameras[site.area_id] += site.cameras
    columns: list[tuple[str, Kind]] = [
        ("area", "text"),
        ("district", "text"),
        ("households", "whole"),
        ("recorded_class", "text"),
        ("sites", "whole"),
        ("cameras", "whole"),
    ]

    def told(area: AreaPart) -> str:
        low, high = recorded_class(area.recorded, k)
        if low == 0:
            return words.say("show.fewer_than", number=f"{k:,.0f}")
        if area.area_id in hidden:
            return words.say("show.not_told")
        return words.say(
            "show.class_from" if high is None else "show.class_between", low=f"{low:,}", high=f"{high or 0:,}"
        )

    rows = [
        (a.name, words.district(a.district_id), a.households, told(a), sites[a.area_id], cameras[a.area_id])
        for a in plan.areas
    ]
    return Table.of(words, "public_areas", columns, rows)


def sites(plan: Plan, words: Words) -> Table:
    """What is to be done, one line per site, in the order of block and kind, so that the order tells no rank."""
    columns: list[tuple[str, Kind]] = [
        ("area", "text"),
        ("district", "text"),
        ("kind", "text"),
        ("specification", "text"),
        ("cameras", "whole"),
        ("retention", "days"),
        ("rule", "text"),
        ("programme", "text"),
        ("cost", "yen"),
        ("subsidy", "yen"),
        ("running", "yen"),
    ]

    def line(s: Site) -> tuple[Any, ...]:
        what = (
            s.area_name,
            words.district(s.district_id),
            words.coded("kind", s.kind),
            tables_plan.specification(s, words),
            s.cameras,
        )
        days = (s.retention_days, words.limits(s.min_days, s.max_days, s.limit_origin))
        return (
            *what,
            *days,
            tables_programmes.programmes_named(plan, s.programme_id, words),
            s.total_yen,
            s.subsidy_yen,
            s.running_yen_per_year,
        )

    rows = sorted((line(s) for s in plan.sites), key=lambda row: tuple(str(v) for v in row))
    return Table.of(words, "public_sites", columns, rows)


def sheets(plan: Plan, words: Words, audit_sha256: str = "") -> list[tuple[str, list[Table]]]:
    """The public workbook: sheet key and tables; the last sheets say what it is of and what the columns are."""
    found = [
        ("public_sites", [public(sites(plan, words))]),
        ("public_areas", [public(areas(plan, words))]),
        ("ledger", [public(tables_plan.payers(plan, words)), public(tables_plan.ledger(plan, words))]),
        ("about", [about(plan, words, audit_sha256, "show.public_mark")]),
    ]
    named = [(words.say(f"sheet.{key}"), tables) for key, tables in found]
    return [*found, ("dictionary", [dictionary(words, named)])]


def document(plan: Plan, audit_sha256: str = "") -> dict[str, Any]:
    """``public.geojson``: the blocks that get something, each with what it gets."""
    getting = {s.area_id for s in plan.sites}
    chosen = [a for a in plan.areas if a.area_id in getting]
    turned = shapes.degrees(plan.town.epsg, shapes.metric([a.polygons for a in chosen]))
    here = [[s for s in plan.sites if s.area_id == a.area_id] for a in chosen]
    features = [
        {
            "type": "Feature",
            "id": area.area_id,
            "geometry": shapes.geometry(shape),
            "properties": {
                "area_name": area.name,
                "district_id": area.district_id,
                "sites": len(parts),
                "cameras": sum(s.cameras for s in parts),
                "retention_days": sorted({s.retention_days for s in parts if s.retention_days is not None}),
            },
        }
        for area, shape, parts in zip(chosen, turned, here, strict=True)
    ]
    box = shapes.bounds(np.asarray(turned, dtype=object))
    head: dict[str, Any] = {"type": "FeatureCollection"} | ({"bbox": box} if box else {})
    told = geojson.provenance(plan, audit_sha256)
    kept = {name: told[name] for name in ("plan_id", "created_at", "municipality", "municipality_code", "audit_sha256")}
    criteria, decided_on = criteria_of(plan)
    kept |= {"criteria": criteria, "criteria_decided_on": decided_on}
    note = {f"note_{lang}": Words(lang).say("show.public_note") for lang in ("ja", "en")}
    return head | {"planner": kept | note, "features": features}
