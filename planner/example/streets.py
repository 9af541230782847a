"""Streets inside the 町丁目: each with a grid of its own, turned and sized by its age, and the sites left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from planner.example.ground import RAIL_HALF_M, RIVER_HALF_M, STATION_DEEP_M, Ground
from planner.example.net import OVERSHOOT_M, Streets, net
from planner.example.scale import Scale

# plausible, all of them: measures of Japanese suburbs, in metres
ROW_M = (36.0, 46.0)  # between parallel streets: two rows of lots back to back and a street
PIECE_M = (70.0, 128.0)  # between cross streets
OLD_PIECE_M = (55.0, 140.0)
OLD_SHARE = 0.4  # share of 町丁目 that grew without a plan: staggered, bent, with dead ends
BEND_M = 4.0  # how far the streets of such a 町丁目 sway
BEND_LENGTH_M = 230.0
TURN_DEG = 2.5  # spread of a grid's direction around that of its 町丁目
WIDTH_M = (4.0, 4.0, 4.5, 5.0, 6.0)  # of local streets; 4 m is the least the building law allows
COLLECTOR_M = 8.0
SHOPPING_M = 6.0
SHOPPING_NEAR_M = (30.0, 160.0)  # shopping streets lie this far from the station (in a town of 60,000)
BESIDE_M = 15.0  # a street this near to a road beside it is not built ...
BESIDE_LENGTH_M = 40.0  # ... if it would run along it for longer than this
DEAD_END_SHARE = 0.13  # of the streets of an old 町丁目
SITES_M = {  # land left out of the grid, width and depth
    "school": (112.0, 96.0),
    "large_park": (84.0, 62.0),
    "supermarket": (78.0, 52.0),
    "city_hall": (74.0, 56.0),
    "hospital": (70.0, 50.0),
    "factory": (95.0, 60.0),
}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Site:
    """Land for one thing, as large as a street block or larger."""

    kind: str
    shape: shapely.Polygon
    cell: int


def _frame(cell: shapely.Polygon, rng: np.random.Generator) -> tuple[Array, Array, Array, float, float]:
    """Middle, directions and half sizes of the grid of one 町丁目; streets run along the first direction."""
    box = np.asarray(cell.minimum_rotated_rectangle.exterior.coords)[:4]
    side = box[1] - box[0] if np.hypot(*(box[1] - box[0])) >= np.hypot(*(box[2] - box[1])) else box[2] - box[1]
    turn = np.arctan2(side[1], side[0]) + np.radians(rng.normal(0, TURN_DEG))
    u, v = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    middle = box.mean(axis=0)
    points = np.asarray(cell.exterior.coords) - middle
    return middle, u, v, float(np.abs(points @ u).max()), float(np.abs(points @ v).max())


def _steps(half: float, step: tuple[float, float], rng: np.random.Generator) -> Array:
    """Positions from one side to the other at random steps, centred."""
    steps = rng.uniform(*step, int(2 * half / step[0]) + 2)
    at = np.cumsum(steps)
    at = at[at < 2 * half - 0.55 * step[0]]
    return at - half + (2 * half - (at[-1] if len(at) else 0) - step[0]) / 2 if len(at) else np.zeros(1)


def _grid(cell: shapely.Polygon, rng: np.random.Generator, *, old: bool) -> list[shapely.LineString]:
    """Streets of one grid, longer than the 町丁目."""
    middle, u, v, long, wide = _frame(cell, rng)
    phase = rng.uniform(0, 6, 2)

    def bent(points: Array) -> shapely.LineString:
        if old:
            points = points + BEND_M * np.sin(points[:, ::-1] / BEND_LENGTH_M * 2 * np.pi + phase)
        return shapely.LineString(middle + points[:, :1] * u + points[:, 1:] * v)

    rows = _steps(wide, ROW_M, rng)
    along = np.linspace(-long - 5, long + 5, max(3, int(2 * long / 24)))
    lines = [bent(np.column_stack([along, np.full_like(along, r)])) for r in rows]
    edges = np.concatenate([[-wide - 5], rows, [wide + 5]])
    common = _steps(long, PIECE_M, rng)
    for low, high in pairwise(edges.tolist()):
        crossings = _steps(long, OLD_PIECE_M, rng) + rng.uniform(-20, 20) if old else common
        up = np.array([low - OVERSHOOT_M, (low + high) / 2, high + OVERSHOOT_M])
        lines += [bent(np.column_stack([np.full(3, c), up])) for c in crossings]
    return lines


def _kept(line: shapely.LineString, land: shapely.Geometry, beside: shapely.Geometry) -> list[shapely.LineString]:
    """The parts of a line on the land, without those that run along a road just beside it."""
    inside = line.intersection(land)
    along = [p for p in shapely.get_parts(inside.intersection(beside)) if p.length > BESIDE_LENGTH_M]
    if along:
        inside = inside.difference(shapely.union_all(along).buffer(0.3))
    return [p for p in shapely.get_parts(inside) if p.geom_type == "LineString" and p.length > 1]


def _site(kind: str, cell: shapely.Polygon, busy: shapely.Geometry, rng: np.random.Generator) -> shapely.Polygon | None:
    """Room for a site in a 町丁目, somewhat smaller if need be; None where there is none."""
    middle, u, v, long, wide = _frame(cell, rng)
    inner = cell.buffer(-10)
    for attempt in range(60):
        size = np.array(SITES_M[kind]) * (0.985**attempt)
        centre = middle + rng.uniform(-0.5, 0.5) * long * u + rng.uniform(-0.5, 0.5) * wide * v
        corners = [centre + a * size[0] / 2 * u + b * size[1] / 2 * v for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        shape = shapely.Polygon(corners)
        if inner.contains(shape) and not shape.intersects(busy):
            return shape
    return None


def sites(scale: Scale, ground: Ground, district: NDArray[np.int64]) -> list[Site]:
    """Schools, one per district, and other large things."""
    rng = scale.stream("sites")
    busy = shapely.union_all([r.line.buffer(12) for r in ground.roads] + [ground.square.buffer(10), ground.shut])
    wishes: list[tuple[str, int]] = []
    for d in range(int(district.max()) + 1):
        cells = np.flatnonzero(district == d)
        order = cells[np.argsort([-ground.cells[c].area for c in cells], kind="stable")].tolist()
        wishes.append(("school", order[0]))
        others = order[1:] or order
        for number, kind in enumerate(("large_park", "supermarket")):
            wishes.append((kind, others[number % len(others)]))
        if d % 2 == 1:
            wishes.append(("school", others[2 % len(others)]))  # a junior high school for two districts
    far = [float(c.distance(shapely.Point(0, 0))) for c in ground.cells]
    order = np.argsort(far, kind="stable").tolist()
    taken = {c for _, c in wishes}
    free = [c for c in order if c not in taken] or order
    wishes += [("city_hall", free[0]), ("hospital", free[1 % len(free)]), ("factory", free[-1])]
    made = []
    for kind, at in wishes:
        shape = _site(kind, ground.cells[at], busy, rng)
        if shape is not None:
            made.append(Site(kind, shape, at))
            busy = busy.union(shape.buffer(14))
    return made


def _shortened(line: shapely.LineString, rng: np.random.Generator) -> shapely.LineString:
    """A dead end: only one part of a piece of street."""
    share = rng.uniform(0.4, 0.65)
    ends = (0.0, share) if rng.random() < 0.5 else (1 - share, 1.0)
    return shapely.ops.substring(line, *ends, normalized=True)


def _dead_ends(streets: Streets, old: shapely.Geometry, rng: np.random.Generator) -> Streets:
    """Some streets of the old 町丁目 stop on the way."""
    lines = streets.line.copy()
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    for at in np.flatnonzero((streets.kind == "local") & shapely.contains(old, middle)):
        if rng.random() < DEAD_END_SHARE and 45 < lines[at].length < 120:
            lines[at] = shapely.set_precision(_shortened(lines[at], rng), 0.01)
    return Streets(lines, streets.kind, streets.width_m)


def pave(scale: Scale, ground: Ground, kept: list[Site]) -> Streets:
    """The street net of the town."""
    rng = scale.stream("streets")
    land = ground.outline
    rail, water = ground.rail.buffer(RAIL_HALF_M + 3), ground.rail.buffer(0.01)
    if ground.river is not None:
        water = ground.river.buffer(RIVER_HALF_M + 3)
    sources: list[tuple[shapely.Geometry, str, float]] = []
    for road in ground.roads:
        line = road.line.intersection(land)
        line = line.difference(water) if road.kind == "old" else line
        sources += [(p, road.kind, road.width_m) for p in shapely.get_parts(line)]
    mains = shapely.union_all([line.buffer(1.5) for line, _, _ in sources] or [shapely.Point()])
    front = [ground.rail.offset_curve(s * STATION_DEEP_M).intersection(ground.square.buffer(9)) for s in (1, -1)]
    sources += [(p, "collector", COLLECTOR_M) for line in front for p in shapely.get_parts(line)]
    borders = shapely.union_all([c.exterior for c in ground.cells], grid_size=0.01)
    taken = [rail, water, land.exterior.buffer(1.5), ground.square, mains]
    borders = borders.difference(shapely.union_all(taken))
    edges = [p for p in shapely.get_parts(shapely.line_merge(borders)) if p.length > 12]
    # a border was cut a little short of the roads it meets
    edges = [_longer(p, 2.4) for p in edges]
    sources += [(p.difference(shapely.union_all([rail, water])), "collector", COLLECTOR_M) for p in edges]
    for site in kept:
        sources.append((shapely.buffer(site.shape, 3.0, join_style="mitre").exterior, "local", 5.0))
    holes = shapely.union_all([s.shape.buffer(3.0, join_style="mitre") for s in kept] or [shapely.Point()])
    roads = shapely.union_all([line for line, _, _ in sources])
    old_cells = []
    for cell in ground.cells:
        old = bool(rng.random() < OLD_SHARE)
        if old:
            old_cells.append(cell)
        free = cell.buffer(OVERSHOOT_M).difference(shapely.union_all([rail, water, ground.square]))
        free = free.intersection(land).difference(holes.buffer(-OVERSHOOT_M))
        near = roads.intersection(cell.buffer(20))
        beside = near.buffer(BESIDE_M, cap_style="flat")
        for line in _grid(cell, rng, old=old):
            sources += [(p, "local", float(rng.choice(WIDTH_M))) for p in _kept(line, free, beside)]
    streets = net(sources)
    streets = _dead_ends(streets, shapely.union_all(old_cells or [shapely.Point()]), rng)
    return _with_shops(scale, streets)


def _longer(line: shapely.LineString, by: float) -> shapely.LineString:
    """A line lengthened at both ends."""
    p = shapely.get_coordinates(line)
    head, tail = p[0] - p[1], p[-1] - p[-2]
    first, last = p[0] + by * head / np.hypot(*head), p[-1] + by * tail / np.hypot(*tail)
    return shapely.LineString(np.vstack([first, p, last]))


def _with_shops(scale: Scale, streets: Streets) -> Streets:
    """Small streets near the station become shopping streets."""
    middle = shapely.get_coordinates(shapely.line_interpolate_point(streets.line, 0.5, normalized=True))
    away = np.hypot(middle[:, 0], middle[:, 1])
    near = (away > SHOPPING_NEAR_M[0]) & (away < SHOPPING_NEAR_M[1] * scale.centre)
    shop = near & np.isin(streets.kind, ["local", "collector"])
    kind = np.where(shop, "shopping", streets.kind).astype(object)
    width = np.where(shop, SHOPPING_M, streets.width_m)
    return Streets(streets.line, kind, width)
