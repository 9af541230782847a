"""Large things: schools, parks, supermarkets, the town hall, the station with its squares and cycle parks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from planner.example.ground import RAIL_HALF_M, STATION_DEEP_M, STATION_HALF_M, Ground
from planner.example.names import TOWN
from planner.example.streets import Site
from planner.example.things import Built, Place, box, sides

# plausible, all of them; metres
SCHOOL_STOREYS = 4
SCHOOL_DEEP_M = 15.0
CYCLE_PARK_M = (46.0, 9.0)  # a municipal cycle park beside the rails
CYCLE_PARKS_AT_M = (-158.0, -96.0, 92.0, 152.0)  # along the rails from the station
STATION_M = (58.0, 2 * RAIL_HALF_M + 12.0)  # platforms bridged by the station building
SQUARE_M = (62.0, 17.0)
SHRINE_M = (9.0, 7.0)

Add = Callable[..., None]


def _school(built: Built, add: Add, site: Site) -> None:
    middle, u, v, long, short = sides(site.shape)
    add(box(middle + v * (short / 2 - 12), u, v, (long - 16, SCHOOL_DEEP_M)), "school", site.cell, SCHOOL_STOREYS)
    add(box(middle - u * (long / 2 - 16) - v * (short / 2 - 22), u, v, (22, 32)), "school", site.cell, 3)
    built.places.append(Place(site.shape, "school", TOWN, site.cell))


def _hall(built: Built, add: Add, site: Site, kind: str, storeys: int) -> None:
    """A building with a car park before it and a cycle park at its side."""
    middle, u, v, long, short = sides(site.shape)
    deep = short * 0.48
    add(box(middle + v * (short / 2 - deep / 2 - 2), u, v, (long - 8, deep)), kind, site.cell, storeys)
    owner = TOWN if kind == "public" else "民間（架空）"
    lot = short - deep - 6
    at = middle - v * (short / 2 - lot / 2 - 1)
    built.places.append(Place(box(at - u * 8, u, v, (long - 22, lot)), "car_park", owner, site.cell))
    built.places.append(Place(box(at + u * (long / 2 - 8), u, v, (9, lot)), "cycle_park", owner, site.cell))


def _station(built: Built, add: Add, ground: Ground) -> None:
    """The station over the rails, squares and cycle parks on both sides."""
    u = ground.along
    v = np.array([-u[1], u[0]])
    cells = np.array(ground.cells, dtype=object)

    def cell_at(point: shapely.Point) -> int:
        return int(np.argmin(shapely.distance(cells, point)))

    half = ground.square.length / 4
    share = min(1.0, half / (STATION_HALF_M + STATION_DEEP_M))
    station = box(np.zeros(2), u, v, (STATION_M[0] * share, STATION_M[1]))
    add(station, "station", cell_at(station.centroid), 2)
    built.places.append(Place(station, "station", "架空鉄道", cell_at(station.centroid)))
    rails = ground.rail
    here = rails.project(shapely.Point(0, 0))
    for sign in (1, -1):
        square = box(sign * v * (RAIL_HALF_M + 6.5 + SQUARE_M[1] / 2), u, v, (SQUARE_M[0] * share, SQUARE_M[1]))
        built.places.append(Place(square, "station_square", TOWN, cell_at(square.centroid)))
        for at in CYCLE_PARKS_AT_M:
            # the railway bends: the park lies beside the rails where it is
            foot, ahead = rails.interpolate(here + at * share), rails.interpolate(here + at * share + 1)
            way = np.array([ahead.x - foot.x, ahead.y - foot.y])
            side = sign * np.array([-way[1], way[0]])
            centre = np.array([foot.x, foot.y]) + side * (STATION_DEEP_M - 4 - 1.5 - CYCLE_PARK_M[1] / 2)
            lot = box(centre, way, side * sign, (CYCLE_PARK_M[0] * share, CYCLE_PARK_M[1]))
            built.places.append(Place(lot, "cycle_park", TOWN, cell_at(lot.centroid)))


def _shrine(built: Built, add: Add, ground: Ground) -> None:
    """The children's park nearest to the old road is a shrine instead."""
    old = shapely.union_all([r.line for r in ground.roads if r.kind == "old"] or [ground.rail])
    parks = [at for at, place in enumerate(built.places) if place.kind == "park"]
    if not parks:
        return
    at = min(parks, key=lambda k: float(built.places[k].shape.distance(old)))
    place = built.places[at]
    middle, u, v, long, short = sides(place.shape)
    add(box(middle, u, v, (min(SHRINE_M[0], long / 2), min(SHRINE_M[1], short / 2))), "shrine", place.cell, 1)
    built.places[at] = Place(place.shape, "shrine", "神社（架空）", place.cell)


def stand(built: Built, add: Add, ground: Ground, sites: list[Site]) -> None:
    """Put up what stands on its own site."""
    _station(built, add, ground)
    _shrine(built, add, ground)
    for site in sites:
        if site.kind == "school":
            _school(built, add, site)
        elif site.kind == "large_park":
            built.places.append(Place(site.shape, "park", TOWN, site.cell))
        elif site.kind == "factory":
            middle, u, v, long, short = sides(site.shape)
            add(box(middle, u, v, (long - 14, short - 14)), "factory", site.cell, 3)
        elif site.kind == "supermarket":
            _hall(built, add, site, "supermarket", 2)
        else:
            _hall(built, add, site, "public", 5)
