"""A town laid out: its ground, what was recorded on it by year, and how far a record speaks."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.risk import history, reach
from planner.risk import spots as ground_of
from planner.risk.exact import Units
from planner.risk.lent import Around, around
from planner.risk.masses import FEWEST_POINTS
from planner.risk.recorded import KINDS, PointRecords, Recorded, gather
from planner.risk.spots import Points
from planner.risk.spread import nearest_in_area
from planner.risk.surface import Numbers
from planner.risk.town import Pieces, pieces
from planner.settings import RiskSettings
from planner.work import Work

Whole = NDArray[np.int64]

_ACROSS_M = 50.0  # a river or a railway between two areas: what is known on its other side is still next door


@dataclass(frozen=True)
class Town:
    """The ground of a town and what was recorded on it, in the order of ids.

    ``by_year`` per group (areas, years), records of a town without 丁目 included; ``units`` the street pieces and those
    beyond the border, None where no group has enough exact points to need them; ``beyond`` per group the records on the
    latter, (pieces beyond, years); ``underestimated`` areas at the border beyond which nothing is known. Of each exact point:
    ``point_piece`` the piece of the nearest street of its area, ``on_park`` whether a listed park is meant.
    """

    areas: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    ground: ground_of.Ground
    pieces: Pieces
    recorded: Recorded
    by_year: list[Numbers]
    units: Units | None
    beyond: list[tuple[Numbers, Numbers]]
    near: Around
    underestimated: Whole
    point_piece: Whole
    on_park: NDArray[np.bool_]


def lay(inputs: frames.Inputs, settings: RiskSettings, work: Work) -> Town:
    """Count the records and lay out the ground they can be on."""
    work.step("risk_areas")
    areas = inputs.areas.sort_values("area_id", ignore_index=True)
    streets = inputs.streets.sort_values("street_id", ignore_index=True)
    places = inputs.places.sort_values("place_id", ignore_index=True)
    ids = pd.Index(areas["area_id"])
    slot = history.slots(inputs.incidents, inputs.years)
    recorded = gather(inputs.incidents, inputs.counts, inputs.years, ids, slot)
    work.step("risk_spots")
    spacing_m = settings.spot_spacing_m
    ground = ground_of.lay_out(areas, streets, places, spacing_m)
    everywhere = ground_of.joined(ground.streets, ground.rings)
    cut = pieces(inputs, areas, everywhere)
    placed = history.by_year(inputs, recorded, ids, slot)
    by_year = history.with_towns(placed, recorded, ground_of.exposure(areas, ground)[0])
    outer = reach.beyond(inputs, ground, spacing_m)
    there = history.slots(inputs.incidents, inputs.years, inputs.neighbour_incidents) if len(outer.areas) else slot
    beyond = [
        reach.numbers(inputs, outer, group, there, table.shape[1])
        for group, table in zip(recorded.groups, by_year, strict=True)
    ]
    enough = (recorded.of_points.sum(axis=0) >= FEWEST_POINTS).any()
    units = reach.units(streets, ground, cut, outer, spacing_m) if enough else None
    bare = _at_the_border(areas, outer.areas)
    at, on_park = _at_streets(recorded.points, everywhere, ground.parks)
    near = around(areas, outer.areas)
    return Town(areas, streets, ground, cut, recorded, by_year, units, beyond, near, bare, cut.of[at], on_park)


def _at_streets(points: PointRecords, streets: Points, parks: Points) -> tuple[Whole, NDArray[np.bool_]]:
    """Nearest street point of each record in its area, and whether it was on a park that is nearer."""
    here = (points.east_m, points.north_m, points.area)
    at, away_m = nearest_in_area(here, _standing(streets))
    on_park = np.zeros(len(points.area), dtype=bool)
    parked = points.kind == KINDS.index("parking")
    if parked.any() and len(parks.area):
        to_park_m = nearest_in_area(
            (points.east_m[parked], points.north_m[parked], points.area[parked]), _standing(parks)
        )[1]
        on_park[parked] = to_park_m < away_m[parked]
    return at, on_park


def _standing(points: Points) -> tuple[Numbers, Numbers, Whole]:
    """East, north and area of ground points."""
    return shapely.get_x(points.geometry), shapely.get_y(points.geometry), points.area


def _at_the_border(areas: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> Whole:
    """Areas on the outer limit of the town, beyond which no record is at hand: positions."""
    polygons = areas.geometry.to_numpy()
    limit = shapely.boundary(shapely.union_all(shapely.buffer(polygons, ground_of.BORDER_M)))
    if len(known):
        limit = shapely.difference(limit, shapely.union_all(shapely.buffer(known.geometry.to_numpy(), _ACROSS_M)))
    return np.flatnonzero(shapely.distance(polygons, limit) <= 2 * ground_of.BORDER_M)
