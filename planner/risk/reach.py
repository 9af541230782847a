"""How far a record speaks: over the street pieces around it, in the plane or along the streets, and across the border."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner import frames
from planner.risk import spots as ground_of
from planner.risk import town
from planner.risk.exact import BANDWIDTHS_M, Spread, Units
from planner.risk.network import density, of_stretches
from planner.risk.spots import Ground, Points
from planner.risk.spread import nearest_in_area
from planner.risk.surface import LEAST_DIVISOR, Grid, Numbers, summed
from planner.risk.town import PIECE_M, Cut, Pieces

Whole = NDArray[np.int64]

ALONG_M = (100.0, 200.0, 300.0, 400.0)  # bandwidths along streets: the ways fork, and farther out each carries nothing
_MARGIN_M = 2 * PIECE_M


@dataclass(frozen=True)
class Beyond:
    """Street pieces beyond the border, of neighbouring areas whose municipality's records are at hand.

    The first ``on_street`` of the points stand on streets, the others on rings.
    """

    areas: gpd.GeoDataFrame
    points: Points
    on_street: int
    cut: Cut


def beyond(inputs: frames.Inputs, ground: Ground, spacing_m: float) -> Beyond:
    """The neighbours' street pieces; along the rings of those areas that no street of the files reaches.

    Where a municipality has no record in the files nothing is known of it: its areas are left out, and the border there is an
    edge like the sea.
    """
    told = set(inputs.neighbour_incidents["area_id"].str[:5]) if len(inputs.neighbour_incidents) else set()
    areas = inputs.neighbours
    if told:
        areas = areas[areas["area_id"].str[:5].isin(told)].sort_values("area_id", ignore_index=True)
    polygons = areas.geometry.to_numpy() if told else np.empty(0, dtype=object)
    outside = ground.outside
    found = ground_of.assign(outside.geometry, outside.step, polygons)
    streets = Points(outside.geometry, found, outside.origin, outside.step, outside.weight).where(found >= 0)
    bare = np.setdiff1d(np.arange(len(polygons)), streets.area)
    points = ground_of.joined(streets, ground_of.rings(polygons, bare, spacing_m))
    return Beyond(areas if told else areas.iloc[:0], points, len(streets.area), town.cut(points))


def units(streets: gpd.GeoDataFrame, ground: Ground, pieces: Pieces, outer: Beyond, spacing_m: float) -> Units:
    """Own street pieces, then those beyond the border, and the ways in which records spread over them."""
    east, north = (np.concatenate([a, b]) for a, b in zip(pieces.middle, outer.cut.middle, strict=True))
    size = np.concatenate([pieces.support.size, outer.cut.size_m])
    own = np.arange(len(size)) < len(pieces.support.size)
    surfaces: dict[str, tuple[Spread, tuple[float, ...]]] = {"planar": (_planar(east, north, size), BANDWIDTHS_M)}
    if len(streets):
        surfaces["network"] = (_along(streets, ground, pieces, outer, spacing_m), ALONG_M)
    return Units(east, north, size, own, surfaces)


def numbers(inputs: frames.Inputs, outer: Beyond, group: str, slot: Whole, years: int) -> tuple[Numbers, Numbers]:
    """Records of one offence beyond the border by piece and by area, (pieces beyond, years) and (areas beyond, years).

    Those known to their area only lie evenly on its streets. ``slot`` is the year of each of ``neighbour_incidents`` (-1: undated
    or older, left out).
    """
    number, by_area = np.zeros((len(outer.cut.size_m), years)), np.zeros((len(outer.areas), years))
    records = inputs.neighbour_incidents
    if not len(outer.areas):
        return number, by_area
    area = pd.Index(outer.areas["area_id"]).get_indexer(pd.Index(records["area_id"]))
    used = (records["offence"] == group).to_numpy() & (area >= 0) & (slot >= 0) & (slot < years)
    exact = used & (records["precision"] == "point").to_numpy() & ~records.geometry.isna().to_numpy()
    if exact.any():
        at, stood = records.geometry.to_numpy()[exact], outer.points
        found = nearest_in_area(
            (shapely.get_x(at), shapely.get_y(at), area[exact]),
            (shapely.get_x(stood.geometry), shapely.get_y(stood.geometry), stood.area),
        )[0]
        np.add.at(number, (outer.cut.of[found], slot[exact]), 1.0)
    vague = np.zeros_like(by_area)
    np.add.at(vague, (area[used & ~exact], slot[used & ~exact]), 1.0)
    np.add.at(by_area, (area[used], slot[used]), 1.0)
    whole = summed(outer.cut.label, outer.cut.size_m, len(outer.areas))
    return number + vague[outer.cut.label] * (outer.cut.size_m / whole[outer.cut.label])[:, None], by_area


def _planar(east_m: Numbers, north_m: Numbers, size: Numbers) -> Spread:
    """Gaussian kernel ratio of records to metres of street: needs no correction at an edge, an even layer stays even."""
    west, south = east_m.min() - _MARGIN_M, north_m.min() - _MARGIN_M
    shape = (
        int((north_m.max() - south + _MARGIN_M) / PIECE_M) + 1,
        int((east_m.max() - west + _MARGIN_M) / PIECE_M) + 1,
    )
    grid = Grid(float(west), float(south), PIECE_M, np.ones(shape, dtype=bool))
    below: dict[float, Numbers] = {}

    def smooth(mass: Numbers, bandwidth_m: float) -> Numbers:
        return grid.read(grid.level(grid.bin(east_m, north_m, mass), bandwidth_m), east_m, north_m)

    def spread(mass: Numbers, bandwidth_m: float) -> Numbers:
        if bandwidth_m not in below:
            below[bandwidth_m] = smooth(size, bandwidth_m)
        made = size * np.maximum(smooth(mass, bandwidth_m) / below[bandwidth_m], 0)
        return np.asarray(made * (mass.sum() / max(made.sum(), LEAST_DIVISOR)), dtype=np.float64)

    return spread


def _along(streets: gpd.GeoDataFrame, ground: Ground, pieces: Pieces, outer: Beyond, spacing_m: float) -> Spread:
    """Quartic kernel along the streets, equally split at junctions; rings, which no street reaches, keep their own mass."""
    parts, street = shapely.get_parts(streets.geometry.to_numpy(), return_index=True)
    whole = ground_of.along(parts, spacing_m)
    key = street[whole.origin]
    first = np.searchsorted(key, np.arange(len(streets)))
    known = len(ground.streets.area)
    ghosts = outer.on_street
    at = np.concatenate(
        [
            first[ground.streets.origin] + ground.streets.step,
            first[outer.points.origin[:ghosts]] + outer.points.step[:ghosts],
        ]
    )
    piece = np.concatenate([pieces.of[:known], outer.cut.of[:ghosts] + len(pieces.support.size)])
    metre = whole.weight
    run = np.full(len(metre), -1)
    per_run = np.maximum(np.round(PIECE_M / metre), 1).astype(np.int64)
    run[at] = ((np.arange(len(metre)) - first[key]) // per_run)[at]
    net, edge = of_stretches(parts, whole.origin, metre, run)
    number = len(pieces.support.size) + len(outer.cut.size_m)
    shared = sparse.csr_matrix((metre[at], (piece, edge[at])), shape=(number, len(net.length_m)))
    by_edge = sparse.csr_array(shared) @ sparse.diags_array(
        1 / np.maximum(np.asarray(shared.sum(axis=0)).ravel(), LEAST_DIVISOR)
    )
    of_piece = np.asarray(shared.sum(axis=1)).ravel()
    to_edges = (sparse.diags_array(1 / np.maximum(of_piece, LEAST_DIVISOR)) @ sparse.csr_array(shared)).T.tocsr()
    ring = of_piece == 0
    middle = np.full(len(net.length_m), 0.5)

    def spread(mass: Numbers, bandwidth_m: float) -> Numbers:
        made = by_edge @ density(net, np.arange(len(middle)), middle, to_edges @ mass, bandwidth_m)
        return np.asarray(made + mass * ring, dtype=np.float64)

    return spread
