"""A town folder as support of the model: street pieces, their place features, and the chequer that judges them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.risk.features import Layer, measure
from planner.risk.masses import Support, quarters
from planner.risk.nests import nests
from planner.risk.spots import Points
from planner.risk.surface import Grid, Numbers, summed

Whole = NDArray[np.int64]

PIECE_M = 50.0  # length of street on which one intensity lives (the cells of the measurements have this side)
_MARGIN_CELLS = 2
SHIPPED_LAYERS = ("street", "eat", "shop", "school", "bar")


@dataclass(frozen=True)
class Cut:
    """Street pieces of one area each: ``of`` (street points,) names the piece of each point; per piece size, middle, area."""

    of: Whole
    size_m: Numbers
    middle: tuple[Numbers, Numbers]
    label: Whole


@dataclass(frozen=True)
class Pieces:
    """Street pieces as support of the model; ``of`` (street points,) names the piece of each point, ``middle`` east and north."""

    of: Whole
    support: Support
    middle: tuple[Numbers, Numbers]


def run_of(points: Points) -> Whole:
    """Which run of about PIECE_M along its street or ring each point belongs to; numbers are of one street."""
    per_piece = np.maximum(np.round(PIECE_M / np.maximum(points.weight, 1e-9)), 1).astype(np.int64)
    return np.asarray(points.step // per_piece, dtype=np.int64)


def cut(points: Points) -> Cut:
    """Cut street points into pieces of about PIECE_M, each in one area."""
    keys = pd.DataFrame({"origin": points.origin, "area": points.area, "run": run_of(points)})
    of = np.asarray(keys.groupby(["origin", "area", "run"], sort=False).ngroup(), dtype=np.int64)
    number = int(of.max()) + 1 if len(of) else 0
    east, north = shapely.get_x(points.geometry), shapely.get_y(points.geometry)
    size = summed(of, points.weight, number)
    middle = (summed(of, points.weight * east, number) / size, summed(of, points.weight * north, number) / size)
    label = np.zeros(number, dtype=np.int64)
    label[of] = points.area
    return Cut(of, size, middle, label)


def pieces(inputs: frames.Inputs, areas: gpd.GeoDataFrame, streets: Points) -> Pieces:
    """Cut the street points into pieces of about PIECE_M and measure their places.

    Parameters
    ----------
    inputs
        Tables ``places``; ``walls`` for homes.
    areas
        In the order of area ids.
    streets
        Points along streets (and along rings where an area has no street), each in an area.

    Notes
    -----
    Layers: metres of street, junction ends, buildings and premises by ``place_layers.csv``. The shipped model is offered where at
    least ``place_layer_premises`` premises are known; with fewer a place tells nothing and length alone decides.
    """
    made = cut(streets)
    east, north = shapely.get_x(streets.geometry), shapely.get_y(streets.geometry)
    layers = _layers(inputs, Layer(east, north, streets.weight))
    features = measure(study_grid(areas), layers, *made.middle)
    premises = sum(len(layers[name].weight) for name in ("eat", "shop", "school", "bar") if name in layers)
    kind = "street" if premises >= assumptions.number("place_layer_premises") else ""
    size_m2 = float(shapely.area(areas.geometry.to_numpy()).mean())
    inner = nests(made.label, *made.middle, size_m2)
    support = Support(features, made.size_m, made.label, quarters(*made.middle), size_m2, kind, inner)
    return Pieces(made.of, support, made.middle)


def study_grid(areas: gpd.GeoDataFrame, cell_m: float = PIECE_M) -> Grid:
    """Cells whose centre lies in an area; edges at multiples of the cell."""
    polygons = areas.geometry.to_numpy()
    west, south, east, north = areas.total_bounds
    west_m, south_m = ((np.floor(at / cell_m) - _MARGIN_CELLS) * cell_m for at in (west, south))
    columns, rows = (int(np.ceil(span / cell_m)) + _MARGIN_CELLS for span in (east - west_m, north - south_m))
    x, y = np.meshgrid(west_m + (np.arange(columns) + 0.5) * cell_m, south_m + (np.arange(rows) + 0.5) * cell_m)
    inside = np.zeros(x.size, dtype=bool)
    inside[shapely.STRtree(shapely.points(x.ravel(), y.ravel())).query(polygons, predicate="intersects")[1]] = True
    if not inside.any():  # a study smaller than one cell
        inside[:] = True
    return Grid(float(west_m), float(south_m), cell_m, inside.reshape(rows, columns))


def _layers(inputs: frames.Inputs, streets: Layer) -> dict[str, Layer]:
    """Points by layer; those of the shipped model are always there, if empty."""
    of_kind = {row["kind"]: row["layer"] for row in assumptions.rows("place_layers")}
    centre = shapely.point_on_surface(inputs.places.geometry.to_numpy())
    layer = inputs.places["kind"].map(of_kind).fillna("").to_numpy()
    layers = {"street": streets}
    for name in SHIPPED_LAYERS[1:]:
        layers[name] = _points(centre[layer == name])
    if len(inputs.walls):
        layers["building"] = _points(shapely.point_on_surface(inputs.walls.geometry.to_numpy()))
    return layers


def _points(at: NDArray[np.object_]) -> Layer:
    """Points of weight 1 each."""
    return Layer(shapely.get_x(at), shapely.get_y(at), np.ones(len(at)))
