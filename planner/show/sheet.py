"""The A3 sheet: the map to scale with north and sources, and the list of sites; for the printer, the wall and the meeting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from planner.plan import Plan
from planner.show import markup, shapes, style, tables_plan
from planner.show.ground import Ground
from planner.show.mapspec import (
    DISTRICT,
    LIMIT_ZONE,
    PROPOSED_VIEW,
    SITE_LOOKS,
    SMALL_M2,
    STANDING_CAMERA,
    STANDING_VIEW,
    Style,
    class_breaks,
    class_colour,
    describe,
    district_outlines,
)
from planner.show.marked import criteria_of, criteria_sentences
from planner.show.page import ids
from planner.show.words import MARK, Words, proof, safe
from planner.text import Language

PAPER_MM = (420.0, 297.0)  # A3 landscape, ISO 216
MARGIN_MM = 10.0
MAP_MM = (262.0, 204.0)  # so high that legend, sources and criteria stand on the same sheet
CRITERIA = 100  # characters of the criteria on the sheet: about a line; the plan has all of it
PIN_MM = 2.2
GROUND_SHARE = 0.9  # opacity, as on screen
SCALES = tuple(m * 10**e for e in range(2, 7) for m in (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8))  # as people name scales

CSS = f"""
@page {{ size: {PAPER_MM[0]:g}mm {PAPER_MM[1]:g}mm; margin: {MARGIN_MM:g}mm; }}
body.sheet {{ max-width: none; width: {PAPER_MM[0] - 2 * MARGIN_MM:g}mm; margin: 0 auto; padding: 0; font-size: 9pt; line-height: 1.4; }}
.sheet header {{ display: flex; justify-content: space-between; align-items: flex-end; gap: 6mm; border-bottom: 1px solid #1a1a1a; }}
.sheet h1 {{ font-size: 15pt; margin: 0; }}
.sheet p {{ margin: 0.5mm 0; }}
.sheet .columns {{ display: grid; grid-template-columns: {MAP_MM[0]:g}mm 1fr; gap: 4mm; margin-top: 2mm; align-items: start; }}
.sheet .plan-map {{ width: {MAP_MM[0]:g}mm; height: {MAP_MM[1]:g}mm; border: 1px solid #1a1a1a; display: block; }}
.sheet table.small {{ font-size: 6.6pt; line-height: 1.25; }}
.sheet table.small td {{ padding: 0.5mm 0.8mm; min-width: 0; word-break: keep-all; overflow-wrap: break-word; }}
.sheet .approval {{ border: 1px solid #1a1a1a; padding: 1mm 3mm; min-width: 60mm; }}
.sheet .legend {{ font-size: 7pt; gap: 1mm 4mm; margin: 1mm 0; }}
.sheet tr {{ break-inside: avoid; }}
"""


def render(plan: Plan, language: Language = "ja", audit_sha256: str = "", ground: Ground | None = None) -> str:
    """The sheet as one HTML text that asks for nothing, its map on the ground where that is given; the same plan gives the same sheet."""
    words = Words(language)
    table = (
        tables_plan.sites_short(plan, words)
        .without(
            *("rule", "precision", "gain_interval", "district", "mount", "specification", "cumulative", "running"),
            *("address", "range"),  # a line a site, so that forty stand beside the map; the workbook has all columns
        )
        .without_empty("pole_number")
    )
    title = words.say("show.title_of", municipality=plan.town.name) if plan.town.name else words.say("show.title")
    head = (
        f'<header><div><span class="mark" title="{safe(MARK)}">{safe(words.say("show.mark"))}</span><h1>{safe(title)}</h1></div>'
        f"<div><p>{safe(proof(plan, words))}</p>"
        f"<p>{safe(words.moment(plan.run.created_at))}</p></div>"
        f'<div class="approval">{safe(words.say("sheet_a3.approval"))}</div></header>'
    )
    body = (
        f'<div class="columns"><div>{map_and_notes(plan, words, audit_sha256, ground)}</div>'
        f"<div>{markup.table(words, table, small=True)}<p>{safe(words.say('show.handling'))}</p></div></div>"
    )
    return document(title, f"{head}\n{body}", language)


def document(title: str, body: str, language: Language, style_too: str = "") -> str:
    """A whole HTML text on A3 that asks for nothing; ``body`` is HTML already."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        f'<title>{safe(title)}</title>\n<link rel="icon" href="data:,">\n<style>{style.CSS}{CSS}{style_too}</style>\n</head>\n'
        f'<body class="sheet">\n{body}\n</body>\n</html>\n'
    )


def map_and_notes(plan: Plan, words: Words, audit_sha256: str = "", ground: Ground | None = None) -> str:
    """The map to scale with its legend, scale, north, sources and the plan's number, as HTML."""
    outlines = shapes.metric([a.polygons for a in plan.areas])
    middle, scale = _frame(plan, outlines)
    files = Counter(s.role for s in plan.sources)
    roles = [words.say("sheet_a3.role", role=words.coded("role", r), files=n) for r, n in files.items()]
    said = [
        words.say("sheet_a3.scale", scale=f"{scale:,.0f}"),
        words.say("sheet_a3.north"),
        words.say("sheet_a3.sources", roles=words.join(roles)),
        *([words.run_on(criteria_sentences(plan, words, CRITERIA))] if criteria_of(plan)[0] else []),
        ids(plan, words, audit_sha256),
    ]
    drawn = _map(plan, words, outlines, middle, scale, ground) + markup.legend(describe(plan, words.language))
    return f"{drawn}<p>{safe((' ／ ' if words.language == 'ja' else ' · ').join(said))}</p>"


def _frame(plan: Plan, outlines: Any) -> tuple[tuple[float, float], float]:
    """Middle of the map (east, north in m) and the scale's denominator: the largest usual scale that holds the town."""
    places = [(s.east_m, s.north_m) for s in plan.sites] + [(c.east_m, c.north_m) for c in plan.standing]
    boxes = [shapely.bounds(o) for o in outlines if not o.is_empty]
    corners = [*places, *(tuple(b[:2]) for b in boxes), *(tuple(b[2:]) for b in boxes)] or [(0.0, 0.0), (1.0, 1.0)]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    size = np.maximum(high - low, 1.0)
    needed = max(size[0] / (MAP_MM[0] - 8), size[1] / (MAP_MM[1] - 8)) * 1000
    scale = next((s for s in SCALES if s >= needed), needed)
    return (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2), float(scale)


def _map(
    plan: Plan, words: Words, outlines: Any, middle: tuple[float, float], scale: float, ground: Ground | None
) -> str:
    """The map as a drawing in millimetres of paper."""
    per_m = 1000 / scale

    def at(east: float, north: float) -> tuple[float, float]:
        return MAP_MM[0] / 2 + (east - middle[0]) * per_m, MAP_MM[1] / 2 - (north - middle[1]) * per_m

    def path(shape: Any) -> str:
        rings = (
            ring for part in shapely.get_parts(shape) if not part.is_empty for ring in (part.exterior, *part.interiors)
        )
        lines = (
            "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in (at(e, n) for e, n in ring.coords)) + "Z" for ring in rings
        )
        return "".join(lines)

    def drawn(shape: Any, look: Style) -> str:
        line = path(shape)
        fill = look.fill or "none"
        return (
            f'<path d="{line}" fill="{fill}" fill-opacity="{look.fill_share:g}" fill-rule="evenodd" stroke="{look.colour}" '
            f'stroke-width="{look.weight_px * 0.12:.2f}" stroke-dasharray="{_dashes(look)}"/>'
            if line
            else ""
        )

    breaks = class_breaks([a.expected_per_year for a in plan.areas], [o.area for o in outlines])
    parts = [
        drawn(outline, Style("#8c96a3", 1.0, class_colour(a.expected_per_year / outline.area * 1e6, breaks), 0.75))
        for a, outline in zip(plan.areas, outlines, strict=True)
        if outline.area > SMALL_M2
    ]
    if ground:
        parts.append(_picture(ground, plan.town.epsg, at))
    parts += [drawn(outline, DISTRICT) for outline in district_outlines(plan, outlines).values()]
    parts += [drawn(zone, LIMIT_ZONE) for zone in shapes.metric([z.polygons for z in plan.limit_zones])]
    tolerance = scale / 1000 * 0.05  # a twentieth of a millimetre on paper
    for owners, look in ((plan.standing, STANDING_VIEW), (plan.sites, PROPOSED_VIEW)):
        views = [view.polygons for owner in owners for view in owner.views]
        parts += [drawn(shape, look) for shape in shapely.simplify(shapes.metric(views), tolerance)] if views else []
    for camera in plan.standing:
        x, y = at(camera.east_m, camera.north_m)
        parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.8" fill="{STANDING_CAMERA.fill}" stroke="#ffffff" stroke-width="0.2"/>'
        )
    for site in reversed(plan.sites):
        x, y = at(site.east_m, site.north_m)
        fill, ink = SITE_LOOKS[site.priority]
        parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{PIN_MM:g}" fill="{fill}" stroke="#1a1a1a" stroke-width="0.3"/>'
            f'<text x="{x:.2f}" y="{y + 0.85:.2f}" font-size="2.4" text-anchor="middle" fill="{ink}">{site.rank}</text>'
        )
    return (
        f'<svg class="plan-map" viewBox="0 0 {MAP_MM[0]:g} {MAP_MM[1]:g}" role="img" aria-label="{safe(words.say("map.label"))}">'
        f"{''.join(parts)}{_north(words)}{_bar(scale)}</svg>"
    )


def _dashes(look: Style) -> str:
    """Dashes of a style, which counts pixels, in millimetres."""
    return " ".join(f"{float(px) * 0.12:.2f}" for px in look.dashes.split()) or "none"


def _picture(ground: Ground, epsg: int, at: Callable[[float, float], tuple[float, float]]) -> str:
    """The ground, turned from Web Mercator into the town's plane: the affine map that fits its four corners best.

    In a town of 10 km the two differ from an affine map by some 3 m at the corners, a quarter of a millimetre on paper.
    """
    west, south, east, north = ground.box
    plane = Transformer.from_crs(4326, epsg, always_xy=True)
    corners = [(west, north), (east, north), (west, south), (east, south)]
    paper = np.array([at(*plane.transform(*corner)) for corner in corners])
    unit = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
    turn = np.linalg.lstsq(unit, paper, rcond=None)[0].ravel()  # a, b, c, d, e, f of SVG's matrix
    return (
        f'<image href="{ground.address}" width="1" height="1" preserveAspectRatio="none" opacity="{GROUND_SHARE:g}" '
        f'transform="matrix({" ".join(f"{v:.4f}" for v in turn)})"/>'
    )


def _north(words: Words) -> str:
    """The arrow of grid north."""
    x, y = MAP_MM[0] - 10, 6
    return (
        f'<path d="M{x} {y}L{x + 3} {y + 9}L{x} {y + 7}L{x - 3} {y + 9}Z" fill="#1a1a1a"/>'
        f'<text x="{x}" y="{y + 13}" font-size="3.4" text-anchor="middle">{safe(words.say("compass.n"))}</text>'
    )


def _bar(scale: float) -> str:
    """A bar of a round length, at most 60 mm of paper."""
    most_m = 60 * scale / 1000
    power = 10 ** math.floor(math.log10(most_m))
    length_m = max(m * power for m in (1, 2, 5) if m * power <= most_m)
    wide, x, y = length_m * 1000 / scale, 6.0, MAP_MM[1] - 6
    name = f"{length_m:,.0f} m" if length_m < 1000 else f"{length_m / 1000:,g} km"
    return (
        f'<rect x="{x - 2}" y="{y - 6}" width="{wide + 16:.2f}" height="10" fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{x} {y - 2}V{y}H{x + wide:.2f}V{y - 2}" fill="none" stroke="#1a1a1a" stroke-width="0.5"/>'
        f'<text x="{x}" y="{y - 2.8}" font-size="3" text-anchor="middle">0</text>'
        f'<text x="{x + wide:.2f}" y="{y - 2.8}" font-size="3" text-anchor="middle">{name}</text>'
    )
