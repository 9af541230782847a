"""A city with exact points, as the risk model sees it: cells of 50 m as units, 100 m cells to be scored on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from planner.risk.features import Features, Layer, measure
from planner.risk.masses import quarters
from planner.risk.surface import Grid, Numbers, summed

CELL_M = 100.0
UNIT_M = 50.0
_REACH_M = 150.0  # a cell belongs to the study when a street block is this near its centre
_MARGIN_M = 2000.0
_JITTER = 0.35
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class City:
    """Units (50 m cells) with their place features; ``cell`` is the scored 100 m cell of each unit."""

    cells: Grid
    units: Grid
    east_m: Numbers
    north_m: Numbers
    cell: Whole
    fold: Whole
    layers: dict[str, Layer]
    features: Features

    def on_cells(self, values: Numbers) -> Numbers:
        """Units' values summed to the scored cells."""
        return summed(self.cell, values, int(self.cells.mask.sum()))

    def count(self, points: pd.DataFrame) -> Numbers:
        """Points per unit."""
        at = self.units.cell_of(points["east_m"].to_numpy(float), points["north_m"].to_numpy(float))
        return np.bincount(at[at >= 0], minlength=len(self.cell)).astype(np.float64)

    def areas(self, km2: float, seed: int) -> Whole:
        """Label of each unit: Voronoi cells of a jittered square lattice of this mean size."""
        side = np.sqrt(km2 * 1e6)
        rng = np.random.default_rng(seed)
        x, y = np.meshgrid(
            np.arange(self.east_m.min() - side, self.east_m.max() + side, side),
            np.arange(self.north_m.min() - side, self.north_m.max() + side, side),
        )
        seeds = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-_JITTER, _JITTER, (x.size, 2)) * side
        nearest = cKDTree(seeds).query(np.column_stack([self.east_m, self.north_m]))[1]
        return np.asarray(np.unique(nearest, return_inverse=True)[1], dtype=np.int64)


def table(path: Path) -> pd.DataFrame:
    """A parquet or CSV table with metres as float64."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return frame.astype({"east_m": float, "north_m": float})


@cache
def read(blocks: Path, places: Path) -> City:
    """The city from its street blocks and places (columns ``east_m, north_m``; ``place_class``)."""
    street = table(blocks)
    premises = table(places)
    cells = _study(street)
    units = Grid(cells.west_m, cells.south_m, UNIT_M, np.kron(cells.mask, np.ones((2, 2), dtype=bool)))
    east, north = units.centres()
    layers = {"street": _layer(street)}
    for name in sorted(set(premises["place_class"])):
        layers[str(name)] = _layer(premises[premises["place_class"] == name])
    features = measure(units, layers, east, north)
    return City(cells, units, east, north, cells.cell_of(east, north), quarters(east, north), layers, features)


def _layer(points: pd.DataFrame) -> Layer:
    """Points of weight 1."""
    return Layer(points["east_m"].to_numpy(), points["north_m"].to_numpy(), np.ones(len(points)))


def _study(street: pd.DataFrame) -> Grid:
    """100 m cells with edges at multiples of 100 m whose centre is at most 150 m from a street block."""
    at = street[["east_m", "north_m"]].to_numpy()
    west, south = np.floor(at.min(axis=0) / CELL_M) * CELL_M - _MARGIN_M
    columns, rows = ((at.max(axis=0) + _MARGIN_M - (west, south)) // CELL_M).astype(int) + 1
    x, y = np.meshgrid(west + (np.arange(columns) + 0.5) * CELL_M, south + (np.arange(rows) + 0.5) * CELL_M)
    near, _ = cKDTree(at).query(np.column_stack([x.ravel(), y.ravel()]), distance_upper_bound=_REACH_M + 1)
    return Grid(float(west), float(south), CELL_M, np.asarray(near <= _REACH_M).reshape(rows, columns))
