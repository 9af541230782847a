"""One description of the map: layers, styles, legend. folium, the app and a report draw from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely

from planner.plan import Plan, Site, StandingPart
from planner.show import shapes, tables_plan
from planner.show.geojson import site_shapes
from planner.show.table import Table, written
from planner.show.words import Words, sentence, two_digits
from planner.text import Language

Tip = tuple[tuple[str, str], ...]  # (label, text): plain text, escaped by whoever draws it

# Five steps of one hue, falling in lightness: readable in grey print and with every kind of colour vision; no red (P38).
CLASS_COLOURS = ("#f1eef6", "#d0d1e6", "#a6bddb", "#74a9cf", "#2b8cbe")
SMALL_M2 = 1e-6
_VIEW_TOLERANCE_M = 0.1  # on the map only: what a camera sees stands exactly in the plan and in coverage.geojson


@dataclass(frozen=True)
class Style:
    """How a shape is drawn."""

    colour: str
    weight_px: float
    fill: str = ""
    fill_share: float = 0.0
    dashes: str = ""


STANDING_VIEW = Style("#3f3f3f", 1.2, "#7f7f7f", 0.35, "4 3")
PROPOSED_VIEW = Style("#8a4b00", 1.4, "#f5a623", 0.5)
STANDING_CAMERA = Style("#ffffff", 1.2, "#3f3f3f", 1.0)
DISTRICT = Style("#1a1a1a", 1.6)  # unbroken: neighbours draw the same border, and dashes over dashes would not show
LIMIT_ZONE = Style("#542788", 1.4, "#998ec3", 0.35, "2 3")
_SLIVER_M = 1.0  # outlines of blocks are drawn to half a metre, so that neighbours leave slivers of twice that
NO_AREA = Style("#8c96a3", 0.8, "#ffffff", 0.6)
SITE_LOOKS = {"A": ("#1a1a1a", "#ffffff"), "B": ("#5f5f5f", "#ffffff"), "C": ("#ffffff", "#1a1a1a")}  # fill, figure


@dataclass(frozen=True)
class Shape:
    """A GeoJSON geometry in degrees with its style and what is told about it."""

    key: str
    geometry: Mapping[str, Any]
    style: Style
    tip: Tip


@dataclass(frozen=True)
class Pin:
    """A numbered site."""

    key: str
    lon_deg: float
    lat_deg: float
    label: str
    look: str  # a key of SITE_LOOKS
    heading: str
    tip: Tip
    text: str


@dataclass(frozen=True)
class Picture:
    """A picture by its address, between west, south, east and north in degrees."""

    address: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Layer:
    """Shapes, dots, pins or a picture that are switched together; later layers lie above earlier ones."""

    key: str
    name: str
    kind: Literal["shapes", "dots", "pins", "picture"]
    items: tuple[Shape, ...] | tuple[Pin, ...] | tuple[Picture, ...]
    shown: bool = True  # whether it is switched on at first


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: a patch in a style, or a numbered pin."""

    text: str
    style: Style | None = None
    look: str = ""
    group: Literal["symbols", "classes", "zones"] = "symbols"


@dataclass(frozen=True)
class MapSpec:
    """The whole map. ``box``: west, south, east, north in degrees; None when nothing has a place."""

    language: Language
    box: tuple[float, float, float, float] | None
    layers: tuple[Layer, ...]
    legend: tuple[LegendEntry, ...]
    legend_heading: str


def describe(plan: Plan, language: Language = "ja", *, lasting: bool = False) -> MapSpec:
    """The map of a plan: blocks by expected offences a year and km2, what is seen today, what would be seen, sites.

    Parameters
    ----------
    plan, language
        Whose map, in which language.
    lasting
        Leave out of the tips of blocks and standing cameras what another budget changes (for a map on which the
        budget moves).
    """
    words = Words(language)
    outlines = shapes.metric([a.polygons for a in plan.areas])
    breaks = class_breaks([a.expected_per_year for a in plan.areas], shapely.area(outlines) if len(outlines) else [])
    blocks, box_of_areas = _areas(plan, words, outlines, breaks, lasting=lasting)
    points = site_shapes(plan)
    districts, zones = _districts(plan, words, outlines), _limit_zones(plan, words)
    layers = (
        Layer("areas", words.say("layer.areas"), "shapes", blocks),
        *([Layer("districts", words.say("layer.districts"), "shapes", districts)] if districts else []),
        *([Layer("limit_zones", words.say("layer.limit_zones"), "shapes", zones)] if zones else []),
        Layer("standing_views", words.say("layer.standing_views"), "shapes", _views(plan, words, plan.standing)),
        Layer("proposed_views", words.say("layer.proposed_views"), "shapes", _views(plan, words, plan.sites)),
        Layer("standing", words.say("layer.standing"), "dots", _cameras(plan, words, lasting=lasting)),
        Layer("sites", words.say("layer.sites"), "pins", _pins(plan, words, points)),
    )
    boxes = [b for b in (box_of_areas, shapes.bounds(points)) if b is not None]
    return MapSpec(
        language,
        (
            (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
            if boxes
            else None
        ),
        layers,
        _legend(words, breaks, plan),
        words.say("legend.heading"),
    )


def describe_step(base: MapSpec, plan: Plan) -> MapSpec:
    """The lasting map of a study at another of its budgets: sites and their views anew, all else as it was."""
    words = Words(base.language)
    points = site_shapes(plan)
    moved: dict[str, tuple[Shape, ...] | tuple[Pin, ...]] = {
        "proposed_views": _views(plan, words, plan.sites),
        "sites": _pins(plan, words, points),
    }
    layers = tuple(replace(la, items=moved[la.key]) if la.key in moved else la for la in base.layers)
    stays = tuple(entry for entry in base.legend if entry.look not in SITE_LOOKS)
    return replace(base, layers=layers, legend=(*_priorities(words, plan), *stays))


def class_breaks(expected_per_year: Sequence[float], area_m2: Any) -> tuple[float, ...]:
    """Upper limits of all classes but the last, offences a year and km2: quintiles of two digits, each once."""
    return quintiles(
        [e / m2 * 1e6 for e, m2 in zip(expected_per_year, area_m2, strict=True) if m2 > SMALL_M2 and e > 0]
    )


def quintiles(densities: Any) -> tuple[float, ...]:
    """Fifths of the densities, two digits, each once; none where there is nothing."""
    if not len(densities):
        return ()
    steps = np.quantile(densities, np.arange(1, len(CLASS_COLOURS)) / len(CLASS_COLOURS))
    return tuple(sorted({float(two_digits(s).replace(",", "")) for s in steps}))


def class_colour(density: float, breaks: tuple[float, ...]) -> str:
    """The colour of the class in which a density (offences a year and km2) falls."""
    return CLASS_COLOURS[int(np.searchsorted(breaks, density, side="left"))]


def describe_risk(
    plan: Plan,
    language: Language,
    address: str,
    box: tuple[float, float, float, float],
    breaks: tuple[float, ...],
    cell_m: float,
) -> MapSpec:
    """The map of expected offences: the surface by its address, block outlines to point at, cameras of today."""
    words = Words(language)
    outlines = shapes.metric([a.polygons for a in plan.areas])
    blocks, box_of_areas = _areas(plan, words, outlines, (), lasting=True)
    clear = tuple(replace(b, style=Style(b.style.colour, 1.2, "#ffffff", 0.0)) for b in blocks)
    west, south, east, north = box_of_areas or box
    return MapSpec(
        language,
        (min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3])),
        (
            Layer("surface", words.say("layer.surface"), "picture", (Picture(address, box),)),
            Layer("areas", words.say("layer.outlines"), "shapes", clear),
            Layer("standing", words.say("layer.standing"), "dots", _cameras(plan, words, lasting=True)),
        ),
        (LegendEntry(words.say("layer.standing"), STANDING_CAMERA, look="standing"), *_classes(words, breaks)),
        words.say("legend.surface", cell=f"{cell_m:,.0f}"),
    )


def _areas(
    plan: Plan, words: Words, outlines: Any, breaks: tuple[float, ...], *, lasting: bool
) -> tuple[tuple[Shape, ...], list[float] | None]:
    """Town blocks in classes of expected offences a year and km2."""
    turned = shapes.degrees(plan.town.epsg, outlines)
    found = []
    for area, outline, shape in zip(plan.areas, outlines, turned, strict=True):
        geometry = shapes.geometry(shape)
        if geometry is None:
            continue
        density = area.expected_per_year / outline.area * 1e6
        colour = class_colour(density, breaks)
        tip: Tip = (
            (words.say("column.area"), area.name),
            (words.say("column.recorded"), words.few(area.recorded)),
            (words.say("column.expected"), two_digits(area.expected_per_year)),
            (
                words.say("tip.interval"),
                tables_plan.interval(area.low_per_year, area.high_per_year, words),
            ),
            (words.say("tip.density"), two_digits(density)),
            (words.say("column.before"), two_digits(area.before_per_year)),
        )
        if not lasting:
            tip = (*tip, (words.say("column.after"), two_digits(area.after_per_year)))
        found.append(Shape(area.area_id, geometry, Style("#8c96a3", 0.8, colour, 0.75), tip))
    return tuple(found), shapes.bounds(turned)


def district_outlines(plan: Plan, outlines: Any) -> dict[str, Any]:
    """Districts of a town that has several, each the blocks of it taken together (town's CRS)."""
    of = np.array([a.district_id for a in plan.areas])
    names = sorted(set(of.tolist()))
    if len(names) < 2:  # the whole town needs no border of its own
        return {}
    joined = [shapely.union_all(shapely.buffer(outlines[of == name], _SLIVER_M, join_style="mitre")) for name in names]
    closed = shapely.buffer(np.array(joined, object), -_SLIVER_M, join_style="mitre")
    return dict(zip(names, closed.tolist(), strict=True))


def _districts(plan: Plan, words: Words, outlines: Any) -> tuple[Shape, ...]:
    """Borders of districts: of their blocks taken together."""
    found = district_outlines(plan, outlines)
    names, turned = list(found), shapes.degrees(plan.town.epsg, np.array([*found.values()], object))
    told = zip(names, map(shapes.geometry, turned), strict=True)
    return tuple(
        Shape(name, geometry, DISTRICT, ((words.say("column.district"), words.district(name)),))
        for name, geometry in told
        if geometry is not None
    )


def _limit_zones(plan: Plan, words: Words) -> tuple[Shape, ...]:
    """Zones in which cameras are refused or their days are limited."""
    turned = shapes.degrees(plan.town.epsg, shapes.metric([z.polygons for z in plan.limit_zones]))
    told = zip(plan.limit_zones, map(shapes.geometry, turned), strict=True)
    return tuple(
        Shape(
            zone.zone_id,
            geometry,
            LIMIT_ZONE,
            (
                (words.say("tip.zone"), words.coded("zone_rule", zone.rule)),
                *([(words.say("tip.retention"), words.days(zone.limit_days))] if zone.limit_days else []),
                (words.say("tip.origin"), zone.origin or words.none),
            ),
        )
        for zone, geometry in told
        if geometry is not None
    )


def _views(plan: Plan, words: Words, owners: Sequence[Site] | Sequence[StandingPart]) -> tuple[Shape, ...]:
    """What cameras see, today's or proposed."""
    rows = [(owner, view) for owner in owners for view in owner.views]
    outlines = shapely.simplify(shapes.metric([view.polygons for _, view in rows]), _VIEW_TOLERANCE_M)
    turned = shapes.degrees(plan.town.epsg, outlines)
    found = []
    for number, ((owner, view), shape) in enumerate(zip(rows, turned, strict=True)):
        geometry = shapes.geometry(shape)
        if geometry is None:
            continue
        if isinstance(owner, Site):
            head, style = (words.say("column.rank"), f"{owner.rank}"), PROPOSED_VIEW
        else:
            head, style = (words.say("column.camera_id"), owner.camera_id), STANDING_VIEW
        tip = (
            head,
            (words.say("tip.bearing"), words.compass(view.bearing_deg)),
            (words.say("tip.reach"), words.say("tip.metres", metres=f"{view.far_m:,.0f}")),
            (words.say("tip.density_px"), f"{view.pixels_per_m:,g}"),
            (words.say("tip.retention"), words.days(owner.retention_days)),
        )
        found.append(Shape(f"{number}", geometry, style, tip))
    return tuple(found)


def _cameras(plan: Plan, words: Words, *, lasting: bool) -> tuple[Shape, ...]:
    """Cameras of today as dots."""
    metres = np.array([(c.east_m, c.north_m) for c in plan.standing], dtype=float).reshape(-1, 2)
    places = shapes.lonlat(plan.town.epsg, metres).tolist()
    return tuple(
        Shape(
            c.camera_id,
            {"type": "Point", "coordinates": place},
            STANDING_CAMERA,
            (
                (words.say("column.camera_id"), c.camera_id),
                (words.say("column.owner"), c.owner or words.none),
                (words.say("column.use"), words.coded("use", c.use)),
                (words.say("tip.retention"), words.days(c.retention_days)),
                (words.say("column.limits"), words.within(within=c.within_limits)),
                *(() if lasting else ((words.say("column.decision"), words.coded("kind", c.decision)),)),
            ),
        )
        for c, place in zip(plan.standing, places, strict=True)
    )


def _pins(plan: Plan, words: Words, points: Any) -> tuple[Pin, ...]:
    """Sites numbered by rank."""
    table: Table = tables_plan.sites_short(plan, words)
    shown = [n for n, c in enumerate(table.columns) if c.key not in ("rank", "kind", "area")]
    pins = []
    for site, point, row in zip(plan.sites, points, table.rows, strict=True):
        tip = tuple((table.columns[n].heading, written(words, table.columns[n].kind, row[n])) for n in shown)
        heading = words.say(
            "tip.site", rank=site.rank, kind=words.coded("kind", site.kind), area=site.area_name or words.none
        )
        pins.append(
            Pin(
                site.site_id,
                float(point.x),
                float(point.y),
                f"{site.rank}",
                site.priority,
                heading,
                tip,
                sentence(site.reason, words.language),
            )
        )
    return tuple(pins)


def _legend(words: Words, breaks: tuple[float, ...], plan: Plan) -> tuple[LegendEntry, ...]:
    """Sites by group, views, cameras, then the classes of the blocks."""
    return (
        *_priorities(words, plan),
        LegendEntry(words.say("layer.proposed_views"), PROPOSED_VIEW),
        LegendEntry(words.say("layer.standing_views"), STANDING_VIEW),
        LegendEntry(words.say("layer.standing"), STANDING_CAMERA, look="standing"),
        *([LegendEntry(words.say("layer.limit_zones"), LIMIT_ZONE)] if plan.limit_zones else []),
        *(
            [LegendEntry(words.say("layer.districts"), DISTRICT)]
            if len({a.district_id for a in plan.areas}) > 1
            else []
        ),
        *_classes(words, breaks),
    )


def _priorities(words: Words, plan: Plan) -> tuple[LegendEntry, ...]:
    """The groups of priority that the plan has."""
    found = {site.priority for site in plan.sites}
    return tuple(
        LegendEntry(words.say(f"legend.site_{look.lower()}"), look=look) for look in SITE_LOOKS if look in found
    )


def _classes(words: Words, breaks: tuple[float, ...]) -> tuple[LegendEntry, ...]:
    """The classes of offences a year and km2."""
    ends = [two_digits(b) for b in breaks]
    if not ends:
        return ()
    texts = [words.say("legend.up_to", high=ends[0])]
    texts += [words.say("legend.between", low=a, high=b) for a, b in pairwise(ends)]
    texts.append(words.say("legend.above", low=ends[-1]))
    styles = [Style("#8c96a3", 0.8, colour, 0.75) for colour in CLASS_COLOURS]
    return tuple(
        LegendEntry(text, style, group="classes") for text, style in zip(texts, styles[: len(texts)], strict=True)
    )
