"""Sites and what cameras see as RFC 7946 GeoJSON, with the plan's provenance at the top."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from planner.plan import Plan, Site, TodayCamera, ViewPart
from planner.show import shapes
from planner.show.words import MARK, Words, sentence


def provenance(plan: Plan, audit_sha256: str = "") -> dict[str, Any]:
    """Where a file comes from: foreign member ``planner`` of a FeatureCollection, metadata of a GeoPackage."""
    return {
        "mark": MARK,
        "plan_id": plan.plan_id,
        "code_version": plan.code_version,
        "created_at": plan.run.created_at,
        "municipality": plan.town.name,
        "municipality_code": plan.town.code,
        "status": plan.status,
        "value_per_year": round(plan.value, 6),
        "bound_per_year": round(plan.bound, 6),
        "gap": plan.gap,
        "note_ja": Words("ja").say("show.file_note"),
        "note_en": Words("en").say("show.file_note"),
        "sources": [
            {"role": s.role, "file": s.file, "sha256": s.sha256, "rows": s.rows, "accepted": s.accepted}
            for s in plan.sources
        ],
        "settings": {s.key: s.value for s in plan.settings},
        "table_hashes": plan.table_hashes,
        "audit_sha256": audit_sha256,
    }


def _view(view: ViewPart, number: int) -> dict[str, Any]:
    """One view's figures, without its outline."""
    return {
        "view": number,
        "bearing_deg": view.bearing_deg,
        "angle_deg": view.angle_deg,
        "near_m": view.near_m,
        "far_m": view.far_m,
        "pixels_per_m": view.pixels_per_m,
        "area_m2": view.area_m2,
        "plate_near_m": view.plate_near_m,
        "plate_far_m": view.plate_far_m,
        "storage_gb_per_day": view.storage_gb_per_day,
    }


def site_properties(plan: Plan, site: Site) -> dict[str, Any]:
    """What a file says about one site; the specification is a class of device, never a product (P25)."""
    return {
        "id": site.site_id,
        "plan_id": plan.plan_id,
        "mark": MARK,
        "rank": site.rank,
        "priority": site.priority,
        "kind": site.kind,
        "cameras": site.cameras,
        "mount_id": site.mount_id,
        "pole_number": site.pole_number,
        "mount_kind": site.mount_kind,
        "mount_state": site.mount_state,
        "host": site.host,
        "camera_id": site.camera_id,
        "area_id": site.area_id,
        "area_name": site.area_name,
        "address": site.address,
        "district_id": site.district_id,
        "police_station": plan.police_station(site),
        "specification": {
            "width_px": site.width_px,
            "angle_deg": site.views[0].angle_deg if site.views else None,
        },
        "bearing_deg": site.views[0].bearing_deg if site.views else None,
        "views": [_view(v, n) for n, v in enumerate(site.views, start=1)],
        "retention_days": site.retention_days,
        "min_days": site.min_days,
        "max_days": site.max_days,
        "limit_origin": site.limit_origin,
        "retention_rule_ja": Words("ja").limits(site.min_days, site.max_days, site.limit_origin),
        "retention_rule_en": Words("en").limits(site.min_days, site.max_days, site.limit_origin),
        "programme_id": site.programme_id,
        "cost_yen": site.cost_yen,
        "total_yen": site.total_yen,
        "subsidy_yen": site.subsidy_yen,
        "payers_yen": {name.removesuffix("_yen"): value for name, value in site.payers.model_dump().items()},
        "running_yen_per_year": site.running_yen_per_year,
        "in_view_per_year": _rounded(site.in_view_per_year),
        "front_per_year": _rounded(site.front_per_year),
        "gain_per_year": round(site.gain_per_year, 6),
        "gain_low_per_year": round(site.gain_low_per_year, 6),
        "gain_high_per_year": round(site.gain_high_per_year, 6),
        "cumulative_gain_per_year": round(site.cumulative_gain_per_year, 6),
        "precision": site.precision,
        "nearest_standing_m": site.nearest_standing_m,
        "reason_ja": sentence(site.reason, "ja"),
        "reason_en": sentence(site.reason, "en"),
    }


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(number, 6) for name, number in numbers.items()}


def _ends(known: TodayCamera | None) -> dict[str, Any]:
    """What a camera of today sees with what nobody told of it at its worst, as assumed, and at its best."""
    names = ("low_per_year", "assumed_per_year", "high_per_year")
    numbers = {f"today_{n}": None if known is None else round(getattr(known, n), 6) for n in names}
    return numbers | {"unknown": None if known is None else " ".join(known.unknown)}


def coverage_rows(plan: Plan) -> list[tuple[dict[str, Any], ViewPart]]:
    """Every view of chosen sites and standing cameras with its properties."""
    found: list[tuple[dict[str, Any], ViewPart]] = []
    for site in plan.sites:
        for number, view in enumerate(site.views, start=1):
            what = {"id": site.site_id, "standing": False, "kind": site.kind, "rank": site.rank} | _ends(None)
            found.append((what | _view(view, number) | {"days": site.retention_days, "mark": MARK}, view))
    ends = {} if plan.today is None else {c.camera_id: c for c in plan.today.cameras}
    for camera in plan.standing:
        for number, view in enumerate(camera.views, start=1):
            what = {"id": camera.camera_id, "standing": True, "kind": camera.decision, "rank": None} | _ends(
                ends.get(camera.camera_id)
            )
            found.append((what | _view(view, number) | {"days": camera.retention_days, "mark": MARK}, view))
    return found


def site_shapes(plan: Plan) -> Any:
    """Site points in degrees."""
    metres = np.array([(s.east_m, s.north_m) for s in plan.sites], dtype=float).reshape(-1, 2)
    return shapely.points(shapes.lonlat(plan.town.epsg, metres))


def sites_document(plan: Plan, audit_sha256: str = "") -> dict[str, Any]:
    """``sites.geojson``: one Point per site where something changes."""
    points = site_shapes(plan)
    features = [
        {
            "type": "Feature",
            "id": site.site_id,
            "geometry": {"type": "Point", "coordinates": shapely.get_coordinates(point)[0].tolist()},
            "properties": site_properties(plan, site),
        }
        for site, point in zip(plan.sites, points, strict=True)
    ]
    return _collection(provenance(plan, audit_sha256), features, shapes.bounds(points))


def coverage_document(plan: Plan, audit_sha256: str = "") -> dict[str, Any]:
    """``coverage.geojson``: one polygon per view (geometry null without any area), then one per class, by day and at night.

    Property ``part`` tells them apart: ``view`` (the chosen task by day, exact) or ``class`` (simplified, ``pixels_per_m``, ``light``).
    """
    rows = coverage_rows(plan)
    turned = shapes.degrees(plan.town.epsg, shapes.metric([view.polygons for _, view in rows]))
    features = [
        {
            "type": "Feature",
            "id": f"{'standing' if properties['standing'] else 'site'}:{properties['id']}:{properties['view']}",
            "geometry": shapes.geometry(shape),
            "properties": properties | {"part": "view", "plan_id": plan.plan_id},
        }
        for (properties, _), shape in zip(rows, turned, strict=True)
    ]
    features += _class_features(plan, rows)
    return _collection(provenance(plan, audit_sha256), features, shapes.bounds(turned))


def _class_features(plan: Plan, rows: Sequence[tuple[dict[str, Any], ViewPart]]) -> list[dict[str, Any]]:
    """One feature per view, class and light that has an area."""
    found = [(told, n, zone) for told, view in rows for n, zone in enumerate(view.zones) if zone.polygons]
    turned = shapes.degrees(plan.town.epsg, shapes.metric([zone.polygons for *_, zone in found]))
    kept = ("id", "standing", "kind", "rank", "view", "mark")
    return [
        {
            "type": "Feature",
            "id": f"class:{'standing' if told['standing'] else 'site'}:{told['id']}:{told['view']}:{n}",
            "geometry": shapes.geometry(shape),
            "properties": {name: told[name] for name in kept}
            | zone.model_dump(exclude={"polygons"})
            | {"part": "class", "plan_id": plan.plan_id},
        }
        for (told, n, zone), shape in zip(found, turned, strict=True)
    ]


def _collection(origin: dict[str, Any], features: list[dict[str, Any]], box: list[float] | None) -> dict[str, Any]:
    """A FeatureCollection with its box (left out when nothing has a place)."""
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if box is not None:
        head["bbox"] = box
    return head | {"planner": origin, "features": features}


def encode(document: dict[str, Any]) -> bytes:
    """UTF-8 without BOM; what is no finite number becomes null, since JSON has no other word for it."""
    return (json.dumps(_finite(document), ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
