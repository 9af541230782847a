"""A town folder as support of the model: street pieces, their place features, and the chequer that judges them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.risk.estimate import Support, quarters
from planner.risk.features import Layer, measure
from planner.risk.nests import nests
from planner.risk.spots import Points
from planner.risk.surface import Grid, Numbers, summed

Whole = NDArray[np.int64]

PIECE_M = 50.0  # length of street on which one intensity lives (the cells of the measurements have this side)
_MARGIN_CELLS = 2
SHIPPED_LAYERS = ("street", "eat", "shop", "school", "bar")


@dataclass(frozen=True)
class Pieces:
    """Street pieces of one area each; ``of`` (street points,) names the piece of each point, ``middle`` east and north."""

    of: Whole
    support: Support
    middle: tuple[Numbers, Numbers]


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
    per_piece = np.maximum(np.round(PIECE_M / np.maximum(streets.weight, 1e-9)), 1).astype(np.int64)
    keys = pd.DataFrame({"origin": streets.origin, "area": streets.area, "run": streets.step // per_piece})
    of = np.asarray(keys.groupby(["origin", "area", "run"], sort=False).ngroup(), dtype=np.int64)
    number = int(of.max()) + 1 if len(of) else 0
    east, north = shapely.get_x(streets.geometry), shapely.get_y(streets.geometry)
    size = summed(of, streets.weight, number)
    middle = [summed(of, streets.weight * at, number) / size for at in (east, north)]
    label = np.zeros(number, dtype=np.int64)
    label[of] = streets.area
    layers = _layers(inputs, Layer(east, north, streets.weight))
    features = measure(study_grid(areas), layers, *middle)
    premises = sum(len(layers[name].weight) for name in ("eat", "shop", "school", "bar") if name in layers)
    kind = "street" if premises >= assumptions.number("place_layer_premises") else ""
    area_m2 = float(shapely.area(areas.geometry.to_numpy()).mean())
    return Pieces(
        of,
        Support(
            features,
            size,
            label,
            quarters(middle[0], middle[1]),
            area_m2,
            kind,
            nests(label, middle[0], middle[1], area_m2),
        ),
        (middle[0], middle[1]),
    )


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
