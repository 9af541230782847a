"""Densities on a square grid: linear binning and a separable Gaussian filter, corrected at the edge of the study area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Numbers = NDArray[np.float64]

# offences, or mass: so little that it moves no figure; stands in for none in logarithms and below fractions
LEAST_EXPECTED = 1e-12
# stands in for 0 below a fraction whose upper part is then 0 too
LEAST_DIVISOR = 1e-300
_REACH = 4.0  # standard deviations after which the kernel is cut: 6e-5 of its mass lies beyond
_THIN = 1e-3  # share of a kernel inside the area below which no density is claimed


def summed(at: NDArray[np.int64], mass: Numbers, number: int) -> Numbers:
    """Mass of each of ``number`` positions."""
    return np.asarray(np.bincount(at, mass, minlength=number), dtype=np.float64)


@dataclass(frozen=True)
class Grid:
    """Square cells; ``mask`` (rows, columns), rows from south to north, is the study area.

    ``west_m``, ``south_m`` are the lower edges of cell [0, 0], ``cell_m`` its side. Values stand at the centres.
    """

    west_m: float
    south_m: float
    cell_m: float
    mask: NDArray[np.bool_]

    def centres(self) -> tuple[Numbers, Numbers]:
        """East and north of the centres of the study area's cells, in the order of ``mask``."""
        row, column = np.nonzero(self.mask)
        east, north = self.west_m + (column + 0.5) * self.cell_m, self.south_m + (row + 0.5) * self.cell_m
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    def cell_of(self, east_m: Numbers, north_m: Numbers) -> NDArray[np.int64]:
        """Position of each point's cell among the cells of the study area, -1 outside it."""
        column = np.floor((east_m - self.west_m) / self.cell_m).astype(np.int64)
        row = np.floor((north_m - self.south_m) / self.cell_m).astype(np.int64)
        rows, columns = self.mask.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        number = np.where(self.mask.ravel(), np.cumsum(self.mask.ravel()) - 1, -1)
        found = np.full(len(row), -1, dtype=np.int64)
        found[inside] = number[row[inside] * columns + column[inside]]
        return found

    def bin(self, east_m: Numbers, north_m: Numbers, weight: Numbers | None = None) -> Numbers:
        """Linear binning: each point is shared by the four nearest centres, so that mass and mean position stay."""
        rows, columns = self.mask.shape
        x = np.clip((east_m - self.west_m) / self.cell_m - 0.5, 0, columns - 1)
        y = np.clip((north_m - self.south_m) / self.cell_m - 0.5, 0, rows - 1)
        column, row = x.astype(np.int64), y.astype(np.int64)
        x -= column
        y -= row
        mass = np.ones(len(x)) if weight is None else weight
        total = np.zeros(rows * columns)
        for up in (0, 1):
            for right in (0, 1):
                part = mass * (y if up else 1 - y) * (x if right else 1 - x)
                at = np.minimum(row + up, rows - 1) * columns + np.minimum(column + right, columns - 1)
                total += np.bincount(at, part, minlength=rows * columns)
        return total.reshape(rows, columns)

    def spread(self, binned: Numbers, bandwidth_m: float) -> Numbers:
        """Gaussian kernel mass per cell, none of it lost outside the study area, shape of ``mask``.

        Each source's kernel is cut at the edge and its part inside scaled up to 1. Mass that was binned outside the area
        (a rim of one cell) enters through the kernel where that reaches inside and is lost where it does not.
        """
        inside = np.maximum(self._filter(self.mask.astype(np.float64), bandwidth_m), _THIN)
        return np.asarray(self._filter(binned / inside, bandwidth_m) * self.mask, dtype=np.float64)

    def level(self, binned: Numbers, bandwidth_m: float) -> Numbers:
        """Kernel mean of what is binned in the area around each cell: an even layer stays even up to the edge."""
        inside = np.maximum(self._filter(self.mask.astype(np.float64), bandwidth_m), _THIN)
        return np.asarray(self._filter(binned * self.mask, bandwidth_m) / inside * self.mask, dtype=np.float64)

    def read(self, surface: Numbers, east_m: Numbers, north_m: Numbers) -> Numbers:
        """Value at points: bilinear between the centres of the study area, the nearest of them at its rim."""
        nearest = ndimage.distance_transform_edt(~self.mask, return_distances=False, return_indices=True)
        filled = surface[tuple(nearest)]
        rows = (north_m - self.south_m) / self.cell_m - 0.5
        columns = (east_m - self.west_m) / self.cell_m - 0.5
        return np.asarray(
            ndimage.map_coordinates(filled, np.stack([rows, columns]), order=1, mode="nearest"), dtype=np.float64
        )

    def _filter(self, values: Numbers, bandwidth_m: float) -> Numbers:
        """The separable filter itself; outside the grid is nothing."""
        return np.asarray(
            ndimage.gaussian_filter(values, bandwidth_m / self.cell_m, mode="constant", truncate=_REACH),
            dtype=np.float64,
        )
