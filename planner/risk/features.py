"""What a place is like: densities of streets, homes and premises around it, in units that carry over between towns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.risk.surface import Grid, Numbers

BANDWIDTHS_M = (0.0, 75.0, 150.0, 400.0)  # on the spot, next door, the block, the neighbourhood; 0: binned only


@dataclass(frozen=True)
class Layer:
    """Points of one kind of place, with a weight each (metres of street, homes; 1 for premises)."""

    east_m: Numbers
    north_m: Numbers
    weight: Numbers


@dataclass(frozen=True)
class Features:
    """Place features of units: ``values`` (units, names), each ``log(1 + density / its mean over the study area)``.

    A density that is everywhere the mean is log 2 in any town, so coefficients learned in one town can be read in
    another. No coordinate, no id of a cell and no trait of residents is among them.
    """

    names: tuple[str, ...]
    values: Numbers

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Features:
        """The same features of some units."""
        return Features(self.names, self.values[which])

    def only(self, names: tuple[str, ...]) -> Features:
        """Some of the features, in the order of ``names``."""
        return Features(names, self.values[:, [self.names.index(name) for name in names]])


def measure(grid: Grid, layers: Mapping[str, Layer], east_m: Numbers, north_m: Numbers) -> Features:
    """Features of units at given points.

    Parameters
    ----------
    grid
        Study area; densities are made on its cells and read between their centres.
    layers
        Points by name of the layer. A layer without points gives features that are 0 everywhere.
    east_m, north_m
        Units, shape (units,).

    Returns
    -------
    Features
        ``<layer>_<bandwidth>`` for every layer and BANDWIDTHS_M.
    """
    names, columns = [], []
    for name, layer in layers.items():
        binned = grid.bin(layer.east_m, layer.north_m, layer.weight)
        for bandwidth in BANDWIDTHS_M:
            surface = grid.level(binned, bandwidth) if bandwidth else binned * grid.mask
            mean = surface[grid.mask].mean()
            names.append(f"{name}_{bandwidth:.0f}")
            columns.append(np.log1p(np.maximum(grid.read(surface, east_m, north_m), 0) / (mean or 1.0)))
    return Features(tuple(names), np.column_stack(columns))
