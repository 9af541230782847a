"""Land between the streets: lots, the buildings on them, parks, car parks and cycle parks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.example.ground import RAIL_HALF_M, Ground
from planner.example.landmarks import stand
from planner.example.names import TOWN
from planner.example.net import Streets
from planner.example.scale import Scale
from planner.example.streets import Site
from planner.example.things import Building, Built, Place, box, sides

# plausible, all of them: measures of Japanese suburbs; metres, m2, storeys, or shares of lots
EDGE_M = 0.7  # buildings keep off the street by at least this
GAP_M = 1.0  # between two houses: each keeps half a metre off its border (Civil Code, article 234)
ROW_DEPTH_M = 18.0
FRONT_M = {
    "house": (10.5, 14.5),
    "low_flats": (17.0, 24.0),
    "high_flats": (34.0, 52.0),
    "shop": (6.5, 12.0),
    "office": (15.0, 27.0),
}
YARD_M = {
    "house": (1.0, 4.2),
    "low_flats": (0.8, 3.0),
    "high_flats": (2.0, 5.0),
    "shop": (0.1, 0.6),
    "office": (0.3, 1.5),
}
STOREYS = {
    "house": (2, 3),
    "low_flats": (2, 4),
    "high_flats": (5, 12),
    "shop": (2, 5),
    "office": (4, 11),
}  # end excluded
HOUSEHOLDS_PER_M2 = {
    "house": 0.0,
    "low_flats": 1 / 62.0,
    "high_flats": 1 / 78.0,
    "shop": 1 / 400.0,
    "office": 1 / 400.0,
}
SMALLEST_M2 = 34.0  # footprint
LEAST_BLOCK_M2 = 150.0
PLAIN_SHARE = 0.86  # a footprint must fill this much of its convex hull
EMPTY_SHARE = 0.035  # fields and bare lots
CENTRE_M = 150.0  # offices stand this near to the station (in a town of 60,000)
FLATS_NEAR_M = 520.0
HIGH_FLATS_SHARE = (0.24, 0.045)  # of street blocks: near the station, elsewhere
LOW_FLATS_SHARE = 0.13  # of rows of lots
PARKING_SHARE = 0.075  # of street blocks that lose a run of lots to a monthly or coin car park
PARK_SHARE = 0.03  # of street blocks whose end is a children's park
OFFICE_SHARE = 0.55  # of street blocks in the centre
END_M = {"car_park": (17, 32), "park": (22, 34), "flats": (9, 16)}  # length of the end of a block given to them
PARK_BLOCK_M2, FLATS_BLOCK_M2 = 1500.0, 1100.0  # smaller blocks have no room for a park, or for large flats
DEEPEST_M = {"house": 13.5, "shop": 13.5, "low_flats": 12.0, "high_flats": 17.0, "office": 22.0}  # of a building
LARGE_ROW_M = 30.0  # depth of the lots of large flats and offices
SHOP_GAP_M, LARGE_GAP_M = 0.4, 2.0  # between shops, between large buildings
CAR_ROOM_M, CAR_SHARE = 2.6, 0.5  # room for a car beside a house, in some lots
BACK_M = (0.5, 4.0)  # yard behind a building
MAIN_ROAD_M = 16.0  # a house this near to the middle of a main road may be a shop
HOUSE_SHOP_SHARE = 0.3  # of lots on a main road
SHOP_BLOCK_SHARE = 0.72  # of street blocks at a shopping street; flats stand in the others

Array = NDArray[np.float64]


class _Builder:
    """Fills street blocks one by one."""

    def __init__(self, scale: Scale, ground: Ground, streets: Streets) -> None:
        self.rng = scale.stream("lots")
        self.built = Built()
        self._centre = scale.centre
        self._main = shapely.STRtree(streets.line[np.isin(streets.kind, ["trunk", "main"])])
        self._shops = shapely.STRtree(streets.line[streets.kind == "shopping"])
        self._rails = ground.rail.buffer(RAIL_HALF_M + 2)

    def fill(self, block: shapely.Polygon, cell: int) -> None:
        """Lots and buildings of one street block."""
        rng, inner = self.rng, block.buffer(-EDGE_M, join_style="mitre")
        if inner.area < LEAST_BLOCK_M2:
            return
        shapely.prepare(inner)
        kind = self._kind_of(block)
        draw = rng.random()
        if kind == "house" and draw < PARKING_SHARE:
            self._end(inner, cell, "car_park", "民間（架空）", rng.uniform(*END_M["car_park"]))
        elif kind == "house" and draw < PARKING_SHARE + PARK_SHARE and block.area > PARK_BLOCK_M2:
            self._end(inner, cell, "park", TOWN, rng.uniform(*END_M["park"]))
        elif kind == "high_flats":
            self._end(inner, cell, "", "", rng.uniform(*END_M["flats"]))
        else:
            self._rows(inner, inner, cell, kind)

    def _kind_of(self, block: shapely.Polygon) -> str:
        rng = self.rng
        middle = block.centroid
        away = float(np.hypot(middle.x, middle.y))
        if away < CENTRE_M * self._centre and rng.random() < OFFICE_SHARE:
            return "office"
        if len(self._shops.query(block, predicate="dwithin", distance=5.0)):
            return "shop" if rng.random() < SHOP_BLOCK_SHARE else "low_flats"
        share = HIGH_FLATS_SHARE[0 if away < FLATS_NEAR_M * self._centre else 1]
        return "high_flats" if block.area > FLATS_BLOCK_M2 and rng.random() < share else "house"

    def _end(self, inner: shapely.Polygon, cell: int, kind: str, owner: str, length: float) -> None:
        """Give one end of a block to a park, the rest to lots (kind "": to the cycle park of flats, which is nobody else's)."""
        middle, u, v, long, short = sides(inner)
        sign = 1 if self.rng.random() < 0.5 else -1
        length = min(length, 0.6 * long)
        cut = box(middle + sign * u * (long - length) / 2, u, v, (length, short + 2))
        shape = max(shapely.get_parts(inner.intersection(cut)).tolist(), key=lambda p: p.area)
        if kind and shape.area > 90 and shape.geom_type == "Polygon":
            self.built.places.append(Place(shape.simplify(0.2), kind, owner, cell))
        rest = inner.difference(cut.buffer(1.0))
        self._rows(rest, inner, cell, "house" if kind else "high_flats")

    def _rows(self, land: shapely.Geometry, block: shapely.Polygon, cell: int, kind: str) -> None:
        """Rows of lots along the longer side."""
        rng = self.rng
        _, u, v, _, short = sides(block)
        middle, rows = (
            np.asarray(block.minimum_rotated_rectangle.centroid.coords)[0],
            max(1, round(short / ROW_DEPTH_M)),
        )
        if kind in ("high_flats", "office"):
            rows = max(1, round(short / LARGE_ROW_M))
        corners = (shapely.get_coordinates(land) - middle) @ np.column_stack([u, v])
        if len(corners) == 0:
            return
        depth = short / rows
        for row in range(rows):
            off = (row + 0.5) * depth - short / 2
            out = 1 if off >= 0 else -1  # which side looks at the street
            what = kind
            if kind == "house" and rng.random() < LOW_FLATS_SHARE:
                what = "low_flats"
            for low, high in self._fronts(float(corners[:, 0].min()), float(corners[:, 0].max()), what):
                if rng.random() < EMPTY_SHARE:
                    continue
                self._lot((middle, u, v), ((low + high) / 2, off), (high - low, depth), out, land, cell, what)

    def _fronts(self, start: float, end: float, kind: str) -> Iterator[tuple[float, float]]:
        """Lots side by side."""
        low, high = FRONT_M[kind]
        number = max(1, round((end - start) / self.rng.uniform(low, high)))
        edges = np.linspace(start, end, number + 1)
        if number > 2:
            edges[1:-1] += self.rng.uniform(-0.12, 0.12, number - 1) * (end - start) / number
        yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)

    def _lot(
        self,
        frame: tuple[Array, Array, Array],
        at: tuple[float, float],
        size: tuple[float, float],
        out: int,
        land: shapely.Geometry,
        cell: int,
        kind: str,
    ) -> None:
        """The building of one lot."""
        rng = self.rng
        middle, u, v = frame
        front = rng.uniform(*YARD_M[kind])
        gap = GAP_M if kind in ("house", "low_flats") else SHOP_GAP_M if kind == "shop" else LARGE_GAP_M
        side = (
            gap if kind != "house" or rng.random() < CAR_SHARE else gap + rng.uniform(0, CAR_ROOM_M)
        )  # room for a car
        back = rng.uniform(*BACK_M)
        deep = min(size[1] - front - back, DEEPEST_M[kind])
        wide = size[0] - side
        if deep < 5 or wide < 4:
            return
        centre = middle + u * (at[0] + (side - gap) / 2) + v * (at[1] + out * (size[1] / 2 - front - deep / 2))
        shape = box(centre, u, v, (wide, deep))
        if not land.contains(shape):
            parts = [p for p in shapely.get_parts(land.intersection(shape)) if p.geom_type == "Polygon"]
            if not parts:
                return
            shape = max(parts, key=lambda p: p.area).simplify(0.15)
            if shape.area < PLAIN_SHARE * shape.convex_hull.area or len(shape.interiors):
                return
            shape = shapely.set_precision(shape, 0.01)
        if shape.area < SMALLEST_M2 or shape.geom_type != "Polygon":
            return
        if (
            kind == "house"
            and rng.random() < HOUSE_SHOP_SHARE
            and len(self._main.query(shape, "dwithin", distance=MAIN_ROAD_M))
        ):
            kind = "shop"
        self.add(shape, kind, cell)

    def add(self, shape: shapely.Polygon, kind: str, cell: int, storeys: int = 0) -> None:
        """One more building."""
        rng = self.rng
        floors = storeys or int(rng.integers(*STOREYS[kind]))
        homes = 1 if kind == "house" else round(shape.area * floors * HOUSEHOLDS_PER_M2.get(kind, 0.0))
        self.built.buildings.append(Building(shape, kind, floors, homes, cell))


def blocks(ground: Ground, streets: Streets, sites: list[Site]) -> list[tuple[shapely.Polygon, int]]:
    """Street blocks with the position of their 町丁目."""
    surface = streets.surface
    busy = shapely.union_all([ground.shut.buffer(2.0), ground.square, *[s.shape for s in sites]])
    found = []
    for at, cell in enumerate(ground.cells):
        free = cell.difference(shapely.union_all([surface.intersection(cell.buffer(1)), busy]))
        pieces = [
            p.simplify(0.3) for p in shapely.get_parts(free) if p.geom_type == "Polygon" and p.area > LEAST_BLOCK_M2
        ]
        found += [(p, at) for p in pieces]
    return found


def build(scale: Scale, ground: Ground, streets: Streets, sites: list[Site]) -> Built:
    """All buildings and places of the town."""
    builder = _Builder(scale, ground, streets)
    for block, cell in blocks(ground, streets, sites):
        builder.fill(block, cell)
    stand(builder.built, builder.add, ground, sites)
    return builder.built
