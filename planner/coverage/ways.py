"""Ways past a place: the pieces of street that lead away from it, within a distance along the streets."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse, spatial
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
PIECE_M = 5.0  # as far apart as spots are at most
_SNAP_M = 0.1  # vertices this near to each other are one
_JOIN_M = (
    PIECE_M / 2 + 0.5
)  # an end that lies on another street (within half a metre) is this near to one of its vertices


@dataclass(frozen=True)
class Pieces:
    """Pieces of street of at most ``PIECE_M``: ``ends`` (pieces, 2, 2), row of ``streets``, ``away_m`` along the streets."""

    ends: Floats
    street: Indices
    away_m: Floats

    @property
    def middle(self) -> Floats:
        """Their middles, (pieces, 2)."""
        return np.asarray(self.ends.mean(axis=1), dtype=np.float64)


def leading_away(streets: gpd.GeoDataFrame, place: tuple[float, float], within_m: float) -> Pieces:
    """The pieces of street whose middle is at most ``within_m`` from a place, along the streets.

    The way begins at the nearest vertex; what lies between place and street counts. Streets meet where they share a vertex
    and where an end of one lies on another; streets that cross without either pass over each other.

    Parameters
    ----------
    streets
        Table ``streets``.
    place
        east_m, north_m.
    within_m
        How far along the streets.
    """
    here = shapely.Point(place)
    near = np.flatnonzero(shapely.dwithin(streets.geometry.to_numpy(), here, within_m))
    lines, of_line = shapely.get_parts(streets.geometry.to_numpy()[near], return_index=True)
    points, line = shapely.get_coordinates(shapely.segmentize(lines, PIECE_M), return_index=True)
    if not len(points):
        return Pieces(np.empty((0, 2, 2)), np.empty(0, dtype=np.int64), np.empty(0))
    follows = np.flatnonzero(line[1:] == line[:-1])
    keys = np.round(points / _SNAP_M).astype(np.int64)
    corners, node = np.unique(keys, axis=0, return_inverse=True)
    node = node.ravel()
    tail, head = node[follows], node[follows + 1]
    length = np.hypot(*(points[follows + 1] - points[follows]).T)
    joined = _joints(points, line, node)
    size = len(corners)
    graph = sparse.coo_matrix(
        (
            np.concatenate(
                [np.maximum(length, 1e-9), np.full(len(joined), 1e-9)]
            ),  # a length of 0 would be no way at all
            (np.concatenate([tail, joined[:, 0]]), np.concatenate([head, joined[:, 1]])),
        ),
        shape=(size, size),
    )
    shortest = _shortest_of_each(graph)
    start_m = np.hypot(*(points - np.asarray(place)).T)
    first = int(np.argmin(start_m))
    away = csgraph.dijkstra(shortest, directed=False, indices=node[first], limit=within_m) + start_m[first]
    middle_m = np.minimum(away[tail], away[head]) + length / 2
    kept = np.flatnonzero(middle_m <= within_m)
    ends = np.stack([points[follows[kept]], points[follows[kept] + 1]], axis=1)
    return Pieces(ends, near[of_line[line[follows[kept]]]].astype(np.int64), middle_m[kept])


def _joints(points: Floats, line: Indices, node: Indices) -> Indices:
    """Pairs of nodes that are one junction: an end of a line and the nearest vertex of a line on which it lies."""
    fresh = np.concatenate([[True], line[1:] != line[:-1], [True]])
    ends = np.flatnonzero(fresh[:-1] | fresh[1:])
    pairs = spatial.cKDTree(points).query_ball_point(points[ends], _JOIN_M)
    found = []
    for end, close in zip(ends.tolist(), list(pairs), strict=True):
        others = np.asarray(close, dtype=np.int64)
        others = others[line[others] != line[end]]
        if len(others):
            gap = np.hypot(*(points[others] - points[end]).T)
            found.append((node[end], node[others[np.argmin(gap)]]))
    return np.asarray(found, dtype=np.int64).reshape(-1, 2)


def _shortest_of_each(graph: sparse.coo_matrix) -> sparse.csr_matrix:
    """Edges both ways, the shortest of those that join the same nodes (a matrix made of all would add them up)."""
    low, high = np.minimum(graph.row, graph.col), np.maximum(graph.row, graph.col)
    order = np.lexsort((graph.data, high, low))
    low, high, data = low[order], high[order], graph.data[order]
    first = np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
    return sparse.csr_matrix((data[first], (low[first], high[first])), shape=graph.shape)
