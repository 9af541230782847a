"""Square cells over the town: which wall edges, insides and spots lie in each, so that a view looks only nearby."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
CELL_M = 20.0  # a street camera looks over a handful of such cells, each with a handful of edges
MARGIN_M = 1.0
# the point of a cell whose being inside a building is known: off every round coordinate, so that no edge runs through it
WITHIN_CELL = (0.3819660113, 0.5857864376)
FIRST_COLUMN, FIRST_ROW = 1, 2  # bits of ``Walls.first``


class Walls(NamedTuple):
    """Wall edges by cell, for compiled loops.

    ``edge`` (entries, 5): east and north of start and end, m, the inside on the left; height, m. An edge is entered in
    every cell that its bounding box meets, ``first`` marks the entries in the first column and row of it; the entries of
    cell ``row * columns + column`` stand at ``start[cell]:start[cell + 1]``. ``inside`` (cells,): whether the cell's point
    ``WITHIN_CELL`` lies in a building.
    """

    west_m: float
    south_m: float
    columns: int
    rows: int
    start: Indices
    edge: Floats
    first: NDArray[np.uint8]
    inside: NDArray[np.bool_]


class Spots(NamedTuple):
    """Points by cell: ``point`` (n, 2) in the order of the cells, ``position`` where each stood before."""

    west_m: float
    south_m: float
    columns: int
    rows: int
    start: Indices
    point: Floats
    position: Indices


def _frame(low: Floats, high: Floats) -> tuple[float, float, int, int]:
    """West, south, columns and rows of cells that hold all boxes ``low``..``high`` (n, 2)."""
    if len(low) == 0:
        return 0.0, 0.0, 1, 1
    west, south = low.min(axis=0) - MARGIN_M
    columns, rows = ((high.max(axis=0) + MARGIN_M - (west, south)) // CELL_M).astype(int) + 1
    return float(west), float(south), int(columns), int(rows)


def _covered(low: Floats, high: Floats, west: float, south: float) -> tuple[Indices, Indices, Indices]:
    """Every (box, column, row) such that the box meets the cell."""
    first = ((low - (west, south)) // CELL_M).astype(np.int64)
    across, up = (((high - (west, south)) // CELL_M).astype(np.int64) - first + 1).T
    number = across * up
    box = np.repeat(np.arange(len(low)), number)
    slot = np.arange(len(box)) - np.repeat(np.cumsum(number) - number, number)
    return box, first[box, 0] + slot % across[box], first[box, 1] + slot // across[box]


def _starts(cell: Indices, cells: int) -> Indices:
    """Where the entries of each cell begin once they are sorted by cell."""
    return np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells))]).astype(np.int64)


def _edges(polygons: NDArray[np.object_]) -> tuple[Floats, Indices]:
    """(n, 4) starts and ends of all edges, and the polygon of each."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return np.hstack([points[:-1][same], points[1:][same]]), owner[ring[:-1][same]].astype(np.int64)


def walls(polygons: NDArray[np.object_], height_m: Floats) -> Walls:
    """Cells of wall polygons with shells counter-clockwise, holes clockwise, of which no two overlap.

    Parameters
    ----------
    polygons
        (n,) shapely Polygons in m.
    height_m
        (n,) their heights, infinite where a wall blocks at any height.
    """
    edge, owner = _edges(polygons)
    low, high = np.minimum(edge[:, :2], edge[:, 2:]), np.maximum(edge[:, :2], edge[:, 2:])
    west, south, columns, rows = _frame(low, high)
    which, column, row = _covered(low, high, west, south)
    cell = row * columns + column
    begin = ((low - (west, south)) // CELL_M).astype(np.int64)[which]
    first = (column == begin[:, 0]) * FIRST_COLUMN + (row == begin[:, 1]) * FIRST_ROW
    order = np.argsort(cell, kind="stable")
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    building, across, up = _covered(bounds[:, :2], bounds[:, 2:], west, south)
    x, y = west + (across + WITHIN_CELL[0]) * CELL_M, south + (up + WITHIN_CELL[1]) * CELL_M
    inside = np.zeros(columns * rows, dtype=bool)
    inside[(up * columns + across)[shapely.contains_xy(polygons[building], x, y)]] = True
    return Walls(
        west,
        south,
        columns,
        rows,
        _starts(cell, columns * rows),
        np.column_stack([edge, height_m[owner]])[which[order]],
        first[order].astype(np.uint8),
        inside,
    )


def spots(points: Floats) -> Spots:
    """Cells of points (n, 2) in m."""
    west, south, columns, rows = _frame(points, points)
    column, row = ((points - (west, south)) // CELL_M).astype(np.int64).T
    cell = row * columns + column
    order = np.argsort(cell, kind="stable")
    return Spots(west, south, columns, rows, _starts(cell, columns * rows), points[order], order)
