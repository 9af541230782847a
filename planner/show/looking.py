"""One view looked at closely: map, tables and file of what ``coverage.imagine`` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from planner.frames import Imagined
from planner.plan import Plan
from planner.show import files, geojson, markup, shapes
from planner.show import zones as zones_of
from planner.show.mapspec import Layer, LegendEntry, MapSpec, Pin, Shape, Style, Tip, describe
from planner.show.ranges import face, plate
from planner.show.table import Column, Kind, Table, written
from planner.show.words import MARK, Words, safe, two_digits
from planner.show.zones import Light
from planner.text import Language

LookPart = Literal["facts", "zones", "blockers", "added"]
_BLOCKER = Style("#8a4b00", 1.5, "#f5a623", 1.0)


def _head(words: Words, key: str, kind: Kind = "text") -> Column:
    return Column(words.say(f"looking.{key}"), kind, key)


def facts(seen: Imagined, words: Words, models: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Height, direction, angle, range and pixels per metre of one view; ``models``: their names by id."""
    view = seen.view
    return [
        (words.say("looking.model"), (models or {}).get(view.model_id, view.model_id) or words.none),
        (words.say("looking.height"), words.say("tip.metres", metres=f"{view.height_m:,.1f}")),
        (words.say("tip.bearing"), words.compass(view.bearing_deg) if view.angle_deg > 0 else words.none),
        (words.say("looking.angle"), words.say("looking.degrees", degrees=f"{view.angle_deg:,.0f}")),
        (
            words.say("looking.range"),
            words.say("looking.between_m", near=f"{seen.near_m:,.1f}", far=f"{seen.far_m:,.1f}"),
        ),
        (words.say("tip.density_px"), f"{seen.pixels_per_m:,.0f}"),
        (
            words.say("looking.face"),
            face([(z["pixels_per_m"], z["near_m"], z["far_m"]) for z in _records(seen, "day")], words),
        ),
        (words.say("looking.plate"), plate(seen.plate_near_m, seen.plate_far_m, words)),
        (words.say("looking.night_reach"), words.say("tip.metres", metres=f"{view.night_far_m:,.1f}")),
        (words.say("tip.retention"), words.days(None if np.isnan(view.days) else view.days)),
    ]


def zones(seen: Imagined, words: Words) -> Table:
    """By class of pixels per metre: distances, and area by day and by night."""
    kinds: tuple[tuple[str, Kind], ...] = (
        ("task", "text"), ("pixels_per_m", "number"), ("from_m", "metres"), ("to_m", "metres"),
        ("day_m2", "whole"), ("night_m2", "whole"),
    )  # fmt: skip
    night = {(z["task"], z["near_m"]): z["area_m2"] for z in _records(seen, "night")}
    body = tuple(
        (
            zones_of.task(words, z["task"]),
            z["pixels_per_m"],
            z["near_m"],
            z["far_m"],
            round(z["area_m2"]),
            round(night[z["task"], z["near_m"]]),
        )
        for z in _records(seen, "day")
    )
    return Table("zones", tuple(_head(words, *k) for k in kinds), body)


def _records(seen: Imagined, light: Light) -> list[dict[str, Any]]:
    table = seen.zones.loc[seen.zones["light"] == light]
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def blockers(seen: Imagined, words: Words) -> Table:
    """The nearest buildings that bound the field of view, by name, and how fine the picture is there."""
    heads = (
        _head(words, "building"),
        _head(words, "distance_m", "metres"),
        _head(words, "bearing"),
        _head(words, "pixels_there", "whole"),
        _head(words, "class_there"),
        _head(words, "wall_id"),
    )
    body = tuple(
        (
            building(r, words),
            r["distance_m"],
            words.compass(r["bearing_deg"]),
            round(r["pixels_per_m"]),
            zones_of.task(words, r["task"]) if r["task"] else words.none,
            r["wall_id"],
        )
        for r in seen.blockers.to_dict("records")
    )
    return Table("blockers", heads, body)


def building(blocker: Mapping[Any, Any], words: Words) -> str:
    """A building in words: its name, else the place on it, else its use; with address or host; else where it stands."""
    place = words.coded("place", blocker["place_kind"]) if blocker["place_kind"] else ""
    use = words.coded("wall_use", blocker["use"]) if blocker["use"] else ""
    what = blocker["name"] or place or use
    where = words.join([text for text in (blocker["owner"], blocker["address"] or blocker["host"]) if text])
    if what:
        return words.say("show.with_detail", what=what, detail=where) if where else what
    if where:
        return words.say("looking.building_at", where=where)
    away, compass = f"{blocker['distance_m']:,.0f}", words.compass(blocker["bearing_deg"])
    return words.say("looking.building_away", metres=away, bearing=compass)


def added(seen: Imagined, words: Words) -> Table:
    """By offence: within view by day, at all hours, as counted, and what of it today's cameras do not serve."""
    keys = ("by_day_per_year", "in_view_per_year", "counted_per_year", "added_per_year")
    heads = (_head(words, "offence"), *(_head(words, k, "offences") for k in keys))
    table = seen.offences[seen.offences["by_day_per_year"] > 0].sort_values("in_view_per_year", ascending=False)
    body = tuple((words.offence(row["offence_group"]), *(row[k] for k in keys)) for row in table.to_dict("records"))
    sums = (words.say("show.total"), *(float(seen.offences[k].sum()) for k in keys))
    return Table("added", heads, body, (sums,) if body else ())


def look_part(seen: Imagined, name: LookPart, language: Language, models: Mapping[str, str] | None = None) -> str:
    """One part of what is told of a view, as HTML; ``models``: their names by id."""
    words = Words(language)
    if name == "facts":
        warned = "".join(f"<p><b>{safe(line)}</b></p>" for line in warnings(seen, words))
        return warned + markup.figures(facts(seen, words, models))
    return markup.table(words, {"zones": zones, "blockers": blockers, "added": added}[name](seen, words), small=True)


def warnings(seen: Imagined, words: Words) -> list[str]:
    """What keeps a view from seeing anything."""
    found = []
    if seen.inside:
        found.append(words.say("looking.inside"))
    if seen.view.angle_deg == 0:
        found.append(words.say("looking.no_bearing"))
    elif seen.far_m <= seen.near_m:
        found.append(words.say("looking.empty", near=f"{seen.near_m:,.1f}", far=f"{seen.far_m:,.1f}"))
    return found


def look_lines(seen: Imagined, language: Language) -> list[tuple[str, list[str], list[list[str]]]]:
    """Every table as heading, heads and lines of texts, for a terminal."""
    words = Words(language)
    found = [
        (
            words.say("looking.facts"),
            [words.say("cli.head.item"), words.say("cli.head.detail")],
            [list(f) for f in facts(seen, words)],
        )
    ]
    for name, make in (("zones", zones), ("blockers", blockers), ("added", added)):
        table = make(seen, words)
        lines = [
            [written(words, c.kind, v) for c, v in zip(table.columns, row, strict=True)]
            for row in (*table.rows, *table.totals)
        ]
        found.append((words.say(f"looking.{name}"), [c.heading for c in table.columns], lines))
    return found


def outlined(spec: MapSpec, beside: Sequence[str] = ("standing", "sites")) -> MapSpec:
    """The map of a plan without its classes: outlines of blocks, and the layers ``beside`` them."""
    layers = []
    for layer in spec.layers:
        if layer.key == "areas":
            clear = tuple(
                replace(s, style=Style("#8c96a3", 0.8, "#ffffff", 0.0)) for s in layer.items if isinstance(s, Shape)
            )
            layers.append(Layer("areas", Words(spec.language).say("layer.outlines"), "shapes", clear))
        elif layer.key in beside:
            layers.append(layer)
    return replace(spec, layers=tuple(layers))


def describe_look(
    plan: Plan,
    seen: Sequence[Imagined],
    light: Light,
    language: Language,
    *,
    everyone: bool = False,
    base: MapSpec | None = None,
) -> MapSpec:
    """The map of the town with sites, cameras of today and one view by class of pixels per metre.

    Parameters
    ----------
    plan, seen, light, language
        Whose map, which views, by day or at night, in which language.
    everyone
        Also the classes of every other camera, under those of the view.
    base
        ``outlined`` of the plan's map, where it is at hand: most of the work.
    """
    words = Words(language)
    spec = outlined(describe(plan, language, lasting=True)) if base is None else base
    shown = zones_of.zone_shapes(plan, light, words) if everyone else ()
    shown += tuple(shape for one in seen for shape in _zone_shapes(one, light, words))
    walls = tuple(shape for one in seen for shape in _blocker_shapes(one, words))
    views = (
        Layer("zones", words.say("looking.layer_zones"), "shapes", shown),
        Layer("blockers", words.say("looking.layer_blockers"), "dots", walls),
    )
    areas, *cameras_and_sites = spec.layers
    layers = (areas, *views, *cameras_and_sites)
    used = {z["task"]: z["pixels_per_m"] for one in seen for z in _records(one, light)}
    if everyone:
        used |= zones_of.densities_of(row[-1] for row in zones_of.zone_rows(plan))
    legend = [LegendEntry(words.say("layer.standing"), spec_style(spec, "standing"), look="standing")]
    legend += [LegendEntry(words.say("looking.layer_blockers"), _BLOCKER, look="standing")] if walls else []
    legend += zones_of.legend(used, words, "classes")
    return replace(spec, layers=layers, legend=tuple(legend), legend_heading=words.say(f"looking.legend_{light}"))


def spec_style(spec: MapSpec, key: str) -> Style | None:
    """The style of the first shape of a layer."""
    return next(
        (s.style for layer in spec.layers if layer.key == key for s in layer.items if isinstance(s, Shape)), None
    )


def _zone_shapes(seen: Imagined, light: Light, words: Words) -> list[Shape]:
    """Polygons of one view by class."""
    found = []
    records = _records(seen, light)
    turned = shapes.degrees(seen.view.epsg, np.array([z["geometry"] for z in records], dtype=object))
    for z, shape in zip(records, turned, strict=True):
        geometry = shapes.geometry(shape)
        if geometry is None:
            continue
        tip: Tip = zones_of.told(z["task"], z["pixels_per_m"], z["near_m"], z["far_m"], words)
        found.append(Shape(z["task"], geometry, zones_of.style(z["pixels_per_m"]), tip))
    return found


def _blocker_shapes(seen: Imagined, words: Words) -> list[Shape]:
    """A dot at the nearest visible point of every building told."""
    view, table = seen.view, seen.blockers
    turn, away = np.radians(table["bearing_deg"].to_numpy(float)), table["distance_m"].to_numpy(float)
    metres = np.column_stack([view.east_m + away * np.sin(turn), view.north_m + away * np.cos(turn)])
    places = shapes.lonlat(view.epsg, metres).tolist()
    return [
        Shape(
            f"wall-{r['wall_id']}",
            {"type": "Point", "coordinates": place},
            _BLOCKER,
            (
                (words.say("looking.building"), building(r, words)),
                (words.say("looking.distance_m"), f"{r['distance_m']:,.1f}"),
                (words.say("looking.pixels_there"), f"{r['pixels_per_m']:,.0f}"),
            ),
        )
        for r, place in zip(table.to_dict("records"), places, strict=True)
    ]


def look_choices(plan: Plan, language: Language) -> dict[str, str]:
    """What can be looked at: sites of the plan by rank, then cameras of today; key and text."""
    words = Words(language)
    sites = {
        s.site_id: words.say("tip.site", rank=s.rank, kind=words.coded("kind", s.kind), area=s.area_name or words.none)
        for s in plan.sites
        if s.views
    }
    return sites | {
        c.camera_id: words.say("looking.camera", id=c.camera_id, owner=c.owner or words.none) for c in plan.standing
    }


def places(spec: MapSpec, *, cameras: bool) -> dict[str, tuple[float, float]]:
    """Latitude and longitude of the sites of a map, and of today's cameras if asked for."""
    found: dict[str, tuple[float, float]] = {}
    for layer in spec.layers:
        for item in layer.items:
            if isinstance(item, Pin):
                found[item.key] = (item.lat_deg, item.lon_deg)
            elif cameras and layer.key == "standing" and isinstance(item, Shape):
                lon, lat = item.geometry["coordinates"]
                found.setdefault(item.key, (float(lat), float(lon)))
    return found


def write_look(seen: Sequence[Imagined], path: Path) -> list[Path]:
    """Write the polygons of a view by class, by day and night, as GeoJSON (WGS 84, RFC 7946).

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    features = []
    for number, one in enumerate(seen, start=1):
        table = one.zones
        turned = shapes.degrees(
            one.view.epsg, np.asarray(shapely.simplify(table.geometry.to_numpy(), 0.01), dtype=object)
        )
        for row, shape in zip(table.itertuples(), turned, strict=True):
            told = {
                "view": number, "mark": MARK, "task": row.task, "pixels_per_m": row.pixels_per_m, "light": row.light,
                "near_m": round(row.near_m, 2), "far_m": round(row.far_m, 2), "area_m2": round(row.area_m2, 1),
                "bearing_deg": one.view.bearing_deg, "angle_deg": one.view.angle_deg, "height_m": one.view.height_m,
            }  # fmt: skip
            geometry = shapes.geometry(shape)
            if geometry is not None:
                features.append({"type": "Feature", "properties": told, "geometry": geometry})
    return files.put({Path(path): geojson.encode({"type": "FeatureCollection", "features": features})})


def gain_sentence(seen: Sequence[Imagined], language: Language) -> str:
    """What the view adds to today's cameras, in a sentence."""
    total = sum(float(one.offences["added_per_year"].sum()) for one in seen)
    within = sum(float(one.offences["in_view_per_year"].sum()) for one in seen)
    return Words(language).say("looking.gain", added=two_digits(total), within=two_digits(within))
