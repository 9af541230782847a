"""The lie of the land: outline, railway, river, main roads, and the 町丁目 between them.

Coordinates are metres east and north of the station.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from planner.example.scale import Scale

# plausible, all of them: the shape of the town, in shares of its radius or in metres
OUTLINE_POINTS = 56
OUTLINE_STRETCH = 1.12  # east-west over the round shape
STEP_M = 30.0  # distance between the corners of a curved line
RAIL_HALF_M = 7.0  # half of a two-track right of way
RIVER_HALF_M = 13.0  # half of a small river with its banks
RIVER_SHARE = 0.50  # distance of the river from the railway
TRUNK_SHARE = 0.46  # distance of the trunk road from the railway
SIDE_ROADS_SHARE = (-0.52, 0.47)  # roads that cross the railway west and east of the station
STATION_HALF_M = 250.0  # the part of the railway with squares and cycle parks beside it
STATION_DEEP_M = 31.0  # the squares reach this far from the rails
ROAD_M = {"trunk": 16.0, "avenue": 14.0, "side": 11.0, "old": 6.0}  # widths
RAIL_BEND, TRUNK_BEND, SIDE_SWAY, AVENUE_SWAY = 0.05, 0.05, 0.06, 0.03  # how far lines leave the straight
RIVER_WAVES = ((0.10, 0.34), (0.05, 0.15))  # height and length of the river's two waves
OLD_ROAD_SHARE = 0.11  # distance of the old road from the river
RAIL_TURN_DEG = (8, 28)  # the railway runs east-north-east
OUTLINE_WAVES = ((2, 0.08), (3, 0.06), (5, 0.04))  # bays and noses: number, height
SPLIT_AT = (0.43, 0.57)  # where a piece of land is halved
SPLIT_TURN_DEG = 7.0  # most that a dividing road is out of square
LARGEST = 1.5  # a piece larger than this times the mean 町丁目 is halved again
SMALLEST = 0.42  # a piece smaller than this joins its neighbour

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Road:
    """A road that was there before the blocks; ``divides``: 町丁目 end at it."""

    line: shapely.LineString
    kind: str
    width_m: float
    divides: bool = True


@dataclass(frozen=True)
class Ground:
    """The land and what divides it; ``cells`` are the polygons of the 町丁目, neighbours in the order beside each other."""

    outline: shapely.Polygon
    rail: shapely.LineString
    river: shapely.LineString | None
    roads: tuple[Road, ...]
    cells: tuple[shapely.Polygon, ...]
    along: Array

    @property
    def shut(self) -> shapely.Geometry:
        """Land under rails and water."""
        parts = [self.rail.buffer(RAIL_HALF_M)]
        if self.river is not None:
            parts.append(self.river.buffer(RIVER_HALF_M))
        return shapely.union_all(parts)

    @property
    def square(self) -> shapely.Polygon:
        """The land beside the station that no block takes."""
        half = min(STATION_HALF_M, 0.4 * float(np.sqrt(self.outline.area / np.pi)))
        middle = self.rail.project(shapely.Point(0, 0))
        piece = shapely.ops.substring(self.rail, middle - half, middle + half)
        return piece.buffer(STATION_DEEP_M, cap_style="flat")


def _outline(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    """A round town with bays and noses."""
    turn = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)
    phase = rng.uniform(0, 2 * np.pi, len(OUTLINE_WAVES))
    away = np.ones(OUTLINE_POINTS)
    for (number, height), start in zip(OUTLINE_WAVES, phase, strict=True):
        away += height * np.sin(number * turn + start)
    points = radius * away[:, None] * np.column_stack([np.cos(turn) * OUTLINE_STRETCH, np.sin(turn) / OUTLINE_STRETCH])
    return shapely.Polygon(points)


def _curve(points: Array) -> shapely.LineString:
    return shapely.LineString(np.round(points, 2))


def _roads(scale: Scale, along: Array, radius: float, river: shapely.LineString | None) -> list[Road]:
    """Main roads, the most important first; few people need few."""
    rng = scale.stream("roads")
    across = np.array([-along[1], along[0]])
    t = np.arange(-1.6 * radius, 1.6 * radius + STEP_M, STEP_M)
    bend = TRUNK_BEND * radius * np.sin(t / (0.9 * radius) + rng.uniform(0, 6))
    roads = []
    if scale.blocks >= 9:
        trunk = along * t[:, None] + across * (TRUNK_SHARE * radius + bend)[:, None]
        roads.append(Road(_curve(trunk), "trunk", ROAD_M["trunk"]))
    if scale.blocks >= 6:
        phase = rng.uniform(0, 6)
        out = np.concatenate([[STATION_DEEP_M - 1], t[t > 1.5 * STATION_DEEP_M]])  # it begins at the station's square
        for way in (out, -out):
            sway = AVENUE_SWAY * radius * np.sin(way / (0.6 * radius) + phase) * np.minimum(np.abs(way) / 200, 1)
            roads.append(Road(_curve(across * way[:, None] + along * sway[:, None]), "main", ROAD_M["avenue"]))
    large = scale.blocks >= 16
    for share in SIDE_ROADS_SHARE if large else SIDE_ROADS_SHARE[:1]:  # every town needs one crossing and one bridge
        sway = SIDE_SWAY * radius * np.sin(t / (0.8 * radius) + rng.uniform(0, 6))
        side = across * t[:, None] + along * (share * radius + sway)[:, None]
        roads.append(Road(_curve(side), "main", ROAD_M["side"], divides=large))
    if river is not None:
        old = river.offset_curve(OLD_ROAD_SHARE * radius)  # the old road keeps to the dry side of the river
        roads.append(Road(old, "old", ROAD_M["old"], divides=False))
    return roads


def halves(land: shapely.Polygon, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Two pieces, cut across the longer side."""
    box = np.asarray(land.minimum_rotated_rectangle.exterior.coords)[:4]
    sides = box[[1, 2]] - box[[0, 1]]
    long, short = (0, 1) if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else (1, 0)
    way = sides[short] / np.hypot(*sides[short])
    turn = np.radians(rng.uniform(-SPLIT_TURN_DEG, SPLIT_TURN_DEG))
    way = np.array([way[0] * np.cos(turn) - way[1] * np.sin(turn), way[0] * np.sin(turn) + way[1] * np.cos(turn)])
    middle = box.mean(axis=0) + sides[long] * (rng.uniform(*SPLIT_AT) - 0.5)
    far = 2 * float(np.hypot(*sides[long]))
    cut = shapely.LineString([middle - far * way, middle + far * way])
    return [p for p in shapely.ops.split(land, cut).geoms if p.area > 1]


def _pieces(land: shapely.Polygon, goal: float, rng: np.random.Generator) -> list[shapely.Polygon]:
    """A piece of land cut until no part is too large; parts stay in walking order."""
    if land.area <= LARGEST * goal:
        return [land]
    return [part for half in halves(land, rng) for part in _pieces(half, goal, rng)]


def _joined(pieces: list[shapely.Polygon], goal: float, rail: shapely.LineString) -> list[shapely.Polygon]:
    """Small pieces join the neighbour with the longest common border on the same side of the railway."""
    pieces = list(pieces)
    bar = rail.buffer(0.5)
    while len(pieces) > 2:
        at = min(range(len(pieces)), key=lambda i: pieces[i].area)
        if pieces[at].area >= SMALLEST * goal:
            break
        small = pieces.pop(at)
        border = [small.buffer(0.1).intersection(p).difference(bar).area for p in pieces]
        best = int(np.argmax(border))
        joined = shapely.union_all([pieces[best], small], grid_size=0.01)
        pieces[best] = max(shapely.get_parts(joined).tolist(), key=lambda p: p.area)
    return pieces


def lay(scale: Scale) -> Ground:
    """The ground of the town."""
    rng = scale.stream("ground")
    radius = float(np.sqrt(scale.area_m2 / np.pi))
    outline = _outline(rng, radius)
    turn = np.radians(rng.uniform(*RAIL_TURN_DEG))
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    t = np.arange(-1.6 * radius, 1.6 * radius + STEP_M, STEP_M)
    rail = _curve(along * t[:, None] + across * (RAIL_BEND * radius * (1 - np.cos(t / (0.9 * radius))))[:, None])
    river = None
    if scale.blocks >= 4:
        (high, long), (low, short) = RIVER_WAVES
        wave = high * radius * np.sin(t / (long * radius) + rng.uniform(0, 6))
        wave = wave + low * radius * np.sin(t / (short * radius))
        river = _curve(along * t[:, None] + across * (wave - RIVER_SHARE * radius)[:, None])
    roads = _roads(scale, along, radius, river)
    dividers = [outline.exterior, rail, *([river] if river is not None else [])]
    middle = shapely.LineString([-STATION_DEEP_M * 1.2 * across, STATION_DEEP_M * 1.2 * across])
    dividers += [r.line for r in roads if r.divides]
    if scale.blocks >= 6:
        dividers.append(middle)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(dividers))))
    inner = shapely.buffer(outline, 0.5)
    lands = [f for f in faces if inner.contains(f)]

    # from west to east on one side of the railway, then back on the other: neighbours stay near in the order
    def walk(land: shapely.Polygon) -> tuple[bool, float]:
        centre = np.array(land.centroid.coords[0])
        south = bool(centre @ across < rail.distance(shapely.Point(0, 0)))
        return south, float(centre @ along) * (-1 if south else 1)

    goal = scale.area_m2 / scale.blocks
    cells = [p for land in sorted(lands, key=walk) for p in _pieces(land, goal, rng)]
    cells = sorted(_joined(cells, goal, rail), key=walk)
    return Ground(outline, rail, river, tuple(roads), tuple(cells), along)
