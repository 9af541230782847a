"""Kernel density along streets: each record's mass walks the network, split equally at junctions, and none is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from planner.risk.surface import Numbers

Whole = NDArray[np.int64]

JUNCTION_M = 0.5  # an end this near to another line lies on it
_SNAP_M = 0.1  # ends of lines this near to each other are one junction
_LEAST_SHARE = 1e-3  # a branch that carries less of a record's mass stays where it is


@dataclass(frozen=True)
class Network:
    """Street pieces as edges: ``tail``, ``head`` (pieces,) junctions, ``length_m``; CSR of the pieces at each junction."""

    tail: Whole
    head: Whole
    length_m: Numbers
    first: Whole
    at: Whole


def network(lines: NDArray[np.object_]) -> Network:
    """Edges of LineStrings that meet at their ends (within 10 cm); lines are expected to be cut at crossings."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    node = np.unique(_keys(ends), return_inverse=True, axis=0)[1].reshape(-1)
    return _meeting(node[: len(lines)], node[len(lines) :], shapely.length(lines))


def _meeting(tail: Whole, head: Whole, length_m: Numbers) -> Network:
    """Edges between numbered nodes."""
    node = np.concatenate([tail, head])
    order = np.argsort(node, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(node))])
    edges = np.concatenate([np.arange(len(tail))] * 2)[order]
    return Network(tail, head, length_m, first.astype(np.int64), edges.astype(np.int64))


def _keys(coordinates: Numbers) -> Whole:
    """Coordinates as whole numbers of _SNAP_M."""
    return np.round(coordinates / _SNAP_M).astype(np.int64)


def of_stretches(lines: NDArray[np.object_], line: Whole, metre: Numbers, unit: Whole) -> tuple[Network, Whole]:
    """Edges made of stretches of street, and the edge of each stretch.

    Parameters
    ----------
    lines
        LineStrings of the streets, wherever they were cut.
    line, metre, unit
        Of each stretch: its line, its length in m, and the run of street it belongs to (-1: none, it is left out and the
        street ends there); shape (stretches,). A line is covered from its start to its end by equal stretches, in order.

    Returns
    -------
    tuple
        The network, and the position of each stretch's edge, -1 without one, (stretches,). An edge is a series of stretches of
        one line and run without a junction inside.

    Notes
    -----
    Lines meet where an end of one lies on another (within JUNCTION_M) and where they share a vertex; lines that cross without a
    common vertex pass over each other. A junction stands at the nearest end of a stretch.
    """
    if not (unit >= 0).any():
        none = np.empty(0, dtype=np.int64)
        return _meeting(none, none, np.empty(0)), np.full(len(line), -1)
    fresh = np.concatenate([[True], line[1:] != line[:-1]])
    boundary = np.arange(len(line)) + np.cumsum(fresh) - 1  # its first end: a line has one end more than stretches
    meeting = _one_place(lines, line, metre, boundary, fresh)
    touched = np.bincount(meeting)[meeting] > 1
    starts = np.flatnonzero(fresh | touched[boundary] | np.concatenate([[True], unit[1:] != unit[:-1]]))
    ends = np.concatenate([starts[1:], [len(line)]]) - 1
    kept = unit[starts] >= 0
    edge = np.repeat(np.where(kept, np.cumsum(kept) - 1, -1), ends - starts + 1)
    number = int(kept.sum())
    node = np.unique(meeting[np.concatenate([boundary[starts[kept]], boundary[ends[kept]] + 1])], return_inverse=True)[
        1
    ]
    length = np.bincount(edge[edge >= 0], metre[edge >= 0], minlength=number).astype(np.float64)
    return _meeting(node[:number], node[number:], length), np.asarray(edge, dtype=np.int64)


def _one_place(
    lines: NDArray[np.object_], line: Whole, metre: Numbers, boundary: Whole, fresh: NDArray[np.bool_]
) -> Whole:
    """A number for each end of a stretch: ends that are one junction share it."""
    ends = int(boundary[-1]) + 2 if len(boundary) else 0
    first = np.full(len(lines), -1)
    first[line[fresh]] = boundary[fresh]
    stretches = np.bincount(line, minlength=len(lines))
    step = np.bincount(line, metre, minlength=len(lines)) / np.maximum(stretches, 1)
    there = np.flatnonzero(stretches > 0)
    vertices, owner = shapely.get_coordinates(lines[there], return_index=True)
    keys, place, times = np.unique(_keys(vertices), axis=0, return_inverse=True, return_counts=True)
    at_end = np.zeros(len(keys), dtype=bool)
    outer = np.concatenate([[True], owner[1:] != owner[:-1], [True]])
    at_end[place.reshape(-1)[outer[:-1] | outer[1:]]] = True
    wanted = shapely.points(keys[at_end | (times > 1)] * _SNAP_M)
    at, junction = shapely.STRtree(wanted).query(lines[there], predicate="dwithin", distance=JUNCTION_M)
    along = shapely.line_locate_point(lines[there[at]], wanted[junction])
    nearest = np.clip(np.rint(along / step[there[at]]), 0, stretches[there[at]]).astype(np.int64) + first[there[at]]
    links = sparse.coo_matrix((np.ones(len(at)), (nearest, ends + junction)), shape=(ends + len(wanted),) * 2)
    return np.asarray(csgraph.connected_components(links, directed=False)[1][:ends], dtype=np.int64)


def density(net: Network, piece: Whole, along_share: Numbers, weight: Numbers, bandwidth_m: float) -> Numbers:
    """Mass per piece of a quartic kernel along the network.

    Parameters
    ----------
    piece, along_share, weight
        Piece of each record, where on it (0 tail, 1 head) and its mass, shape (records,).
    bandwidth_m
        Reach of the kernel along the streets, m; its density is ``15/16 (1 - (d/h)^2)^2 / h``.

    Returns
    -------
    Numbers
        Shape (pieces,), adding up to the weights.

    Notes
    -----
    Equal split (Okabe, Satoh and Sugihara 2009): at a junction of n pieces each of the n - 1 others gets an equal part of
    what arrives; at a dead end it turns back; what would carry less than a thousandth of a record is left on the piece it
    was about to leave. Records on one piece are gathered in nine places of it, exactly in mass and to an eighth of the piece
    in position.
    """
    if not len(piece):
        return np.zeros(len(net.length_m))
    spots = np.zeros((len(net.length_m), _PLACES))
    np.add.at(spots, (piece, np.rint(along_share * (_PLACES - 1)).astype(np.int64)), weight)
    return np.asarray(
        _walk(net.tail, net.head, net.length_m, net.first, net.at, spots, bandwidth_m, _LEAST_SHARE), dtype=np.float64
    )


_PLACES = 9
_STACK = 4096


@njit(cache=True)
def _within(distance: float, reach: float) -> float:
    """Mass of the quartic kernel between 0 and a distance on one side, of 1/2 in all."""
    t = min(distance / reach, 1.0)
    return 15.0 / 16.0 * (t - 2.0 * t**3 / 3.0 + t**5 / 5.0)


@njit(cache=True)
def _walk(
    tail: Whole,
    head: Whole,
    length: Numbers,
    first: Whole,
    at: Whole,
    spots: Numbers,
    reach: float,
    least: float,
) -> Numbers:
    """Every gathered record's mass walks outward, depth first, until the kernel ends."""
    mass = np.zeros(len(length))
    node = np.empty(_STACK, np.int64)
    came = np.empty(_STACK, np.int64)
    gone = np.empty(_STACK, np.float64)
    share = np.empty(_STACK, np.float64)
    for start in range(len(length)):
        for place in range(_PLACES):
            weight = spots[start, place]
            if weight == 0.0:
                continue
            on = length[start] * place / (_PLACES - 1)
            top = 0
            for way in range(2):
                run = on if way == 0 else length[start] - on
                mass[start] += weight * _within(run, reach)
                if run < reach:
                    node[top] = tail[start] if way == 0 else head[start]
                    came[top], gone[top], share[top] = start, run, 1.0
                    top += 1
            while top > 0:
                top -= 1
                here, edge, walked, part = node[top], came[top], gone[top], share[top]
                left = 0.5 - _within(walked, reach)
                ways = first[here + 1] - first[here] - 1
                branch = part if ways == 0 else part / ways
                if branch * left < least or top + ways + 1 > _STACK:
                    mass[edge] += weight * part * left
                    continue
                passed = False
                for slot in range(first[here], first[here + 1]):
                    other = at[slot]
                    if other == edge and ways > 0 and not passed:
                        passed = True
                        continue
                    end = walked + length[other]
                    mass[other] += weight * branch * (_within(end, reach) - _within(walked, reach))
                    if end < reach:
                        node[top] = head[other] if tail[other] == here else tail[other]
                        came[top], gone[top], share[top] = other, end, branch
                        top += 1
    return mass
