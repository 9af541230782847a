"""Fields of view by class of pixels per metre on the map: colours, names, shapes and legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from planner.assumptions import rows
from planner.plan import Plan, Site, ViewPart, ZonePart
from planner.show import shapes
from planner.show.mapspec import PROPOSED_VIEW, Layer, LegendEntry, MapSpec, Shape, Style
from planner.show.words import Words

Light = Literal["day", "night"]
LIGHTS: tuple[Light, ...] = ("day", "night")
# Seven classes of one hue, the densest darkest: readable in grey print and with every kind of colour vision.
COLOURS = ("#08306b", "#08519c", "#2171b5", "#4292c6", "#6baed6", "#9ecae1", "#c6dbef")
_LEAST = (1500.0, 500.0, 250.0, 125.0, 80.0, 40.0, 0.0)  # pixels per metre from which each colour stands


def task(words: Words, name: str) -> str:
    """The name of a class in words."""
    return next((r[f"name_{words.language}"] for r in rows("densities") if r["task"] == name), name)


def style(density: float) -> Style:
    """The finer the class, the darker."""
    colour = COLOURS[next(n for n, least in enumerate(_LEAST) if density >= least)]
    return Style("#08306b", 0.6, colour, 0.6)


def legend(densities: Mapping[str, float], words: Words, group: Literal["classes", "zones"]) -> list[LegendEntry]:
    """One entry per class, the finest first; ``densities``: pixels per metre by task."""
    return [
        LegendEntry(
            words.say("looking.class", task=task(words, t), density=f"{densities[t]:,g}"),
            style(densities[t]),
            group=group,
        )
        for t in sorted(densities, key=lambda t: -densities[t])
    ]


def zone_rows(plan: Plan) -> list[tuple[Site | None, str, int, ViewPart, ZonePart]]:
    """Every class of every view: the site (None: a camera of today), the id, the number of the view, the view, the class."""
    owners: list[tuple[Site | None, str, list[ViewPart]]] = [(s, s.site_id, s.views) for s in plan.sites]
    owners += [(None, c.camera_id, c.views) for c in plan.standing]
    return [
        (site, name, number, view, zone)
        for site, name, views in owners
        for number, view in enumerate(views, start=1)
        for zone in view.zones
    ]


def zone_shapes(plan: Plan, light: Light, words: Words, *, standing: bool = True) -> tuple[Shape, ...]:
    """What chosen sites (and, if ``standing``, today's cameras) see by class, by day or at night."""
    found = [row for row in zone_rows(plan) if row[4].light == light and row[4].polygons and (standing or row[0])]
    turned = shapes.degrees(plan.town.epsg, shapes.metric([zone.polygons for *_, zone in found]))
    made: list[Shape] = []
    for (site, name, _, _, zone), shape in zip(found, turned, strict=True):
        geometry = shapes.geometry(shape)
        if geometry is not None:
            head = (words.say("column.camera_id"), name) if site is None else (words.say("column.rank"), f"{site.rank}")
            tip = (head, *told(zone.task, zone.pixels_per_m, zone.near_m, zone.far_m, words))
            made.append(Shape(f"{name}-{len(made)}", geometry, style(zone.pixels_per_m), tip))
    return tuple(made)


def told(name: str, density: float, near_m: float, far_m: float, words: Words) -> tuple[tuple[str, str], ...]:
    """What a class is, and from where to where."""
    return (
        (words.say("looking.task"), task(words, name)),
        (words.say("looking.pixels_per_m"), f"{density:,g}"),
        (words.say("looking.range"), words.say("looking.between_m", near=f"{near_m:,.1f}", far=f"{far_m:,.1f}")),
    )


def densities_of(zones: Iterable[ZonePart]) -> dict[str, float]:
    """Pixels per metre of the classes that occur."""
    return {zone.task: zone.pixels_per_m for zone in zones}


def with_classes(spec: MapSpec, plan: Plan, words: Words) -> MapSpec:
    """The map with two more layers to switch on: fields of view by class, by day and at night."""
    if not zone_rows(plan):
        return spec
    more = [
        Layer(
            f"zones_{light}", words.say(f"layer.zones_{light}"), "shapes", zone_shapes(plan, light, words), shown=False
        )
        for light in LIGHTS
    ]
    at = next((n for n, layer in enumerate(spec.layers) if layer.key == "standing"), len(spec.layers))
    used = densities_of(row[-1] for row in zone_rows(plan))
    return replace(
        spec,
        layers=(*spec.layers[:at], *more, *spec.layers[at:]),
        legend=(*spec.legend, *legend(used, words, "zones")),
    )


def views_by_class(spec: MapSpec, plan: Plan, light: Light) -> MapSpec:
    """The map with what its sites see by class, by day or at night, in place of one outline each (as it is where no class is known)."""
    words = Words(spec.language)
    views = zone_shapes(plan, light, words, standing=False)
    used = densities_of(zone for site, *_, zone in zone_rows(plan) if site is not None and zone.light == light)
    if not used:
        return spec
    stays = tuple(entry for entry in spec.legend if entry.style != PROPOSED_VIEW)
    return replace(
        spec,
        layers=tuple(replace(la, items=views) if la.key == "proposed_views" else la for la in spec.layers),
        legend=(*stays, *legend(used, words, "zones")),
    )
