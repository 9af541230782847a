"""Lines to a street net: cut at every crossing, without stubs and islands."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

OVERSHOOT_M = 0.6  # a line is drawn this far over the one it ends at, so that the two surely cross
STUB_M = 2.0  # a loose end shorter than this is such an overshoot
SNAP_M = 0.01  # drawings keep centimetres

Node = tuple[float, float]
Lines = NDArray[np.object_]


@dataclass(frozen=True)
class Streets:
    """Pieces of street between crossings; ``kind`` trunk, main, old, collector, local or shopping."""

    line: Lines
    kind: NDArray[np.object_]
    width_m: NDArray[np.float64]

    @property
    def ends(self) -> list[tuple[Node, Node]]:
        """First and last point of each piece."""
        return [_ends(line) for line in self.line]

    @property
    def surface(self) -> shapely.Geometry:
        """The ground under all streets."""
        return shapely.union_all(shapely.buffer(self.line, self.width_m / 2, cap_style="square", join_style="mitre"))


def _ends(line: shapely.LineString) -> tuple[Node, Node]:
    points = shapely.get_coordinates(line)
    return (tuple(points[0].tolist()), tuple(points[-1].tolist()))


def _degrees(lines: Lines) -> dict[Node, int]:
    degree: dict[Node, int] = defaultdict(int)
    for line in lines:
        for end in _ends(line):
            degree[end] += 1
    return degree


def _without_stubs(lines: Lines) -> Lines:
    """Without the overshoots at crossings (both ends loose, or one loose and short)."""
    degree = _degrees(lines)
    loose = np.array([min(degree[a], degree[b]) == 1 for a, b in map(_ends, lines)])
    return np.asarray(lines[~(loose & (shapely.length(lines) < STUB_M))], dtype=object)


def _largest(lines: Lines) -> Lines:
    """The part of the net that hangs together."""
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in map(_ends, lines):
        parent[root(a)] = root(b)
    length: dict[Node, float] = defaultdict(float)
    roots = [root(_ends(line)[0]) for line in lines]
    for at, line in zip(roots, lines, strict=True):
        length[at] += line.length
    best = max(length, key=lambda n: length[n])
    return np.asarray(lines[[at == best for at in roots]], dtype=object)


def net(sources: list[tuple[shapely.Geometry, str, float]]) -> Streets:
    """The pieces of all lines between their crossings; where two lie on each other the earlier one names the kind.

    Parameters
    ----------
    sources
        Line, kind, width in metres; the most important first.
    """
    lines = shapely.union_all([line for line, _, _ in sources], grid_size=SNAP_M)
    lines = shapely.get_parts(shapely.line_merge(lines))
    lines = _without_stubs(np.asarray(lines, dtype=object))
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(lines, grid_size=SNAP_M)))
    lines = _largest(np.asarray(lines, dtype=object))
    lines = lines[np.lexsort(shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True)).T)]
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    known = np.array([line for line, _, _ in sources], dtype=object)
    piece, source = shapely.STRtree(known).query(middle, predicate="dwithin", distance=0.2)
    owner = np.full(len(lines), len(known))
    np.minimum.at(owner, piece, source)
    found = owner < len(known)
    kinds = np.array([kind for _, kind, _ in sources], dtype=object)
    widths = np.array([width for _, _, width in sources])
    return Streets(lines[found], kinds[owner[found]], widths[owner[found]])


class Walk:
    """Shortest ways on foot over the net."""

    def __init__(self, streets: Streets) -> None:
        self._next: dict[Node, list[tuple[Node, int, float]]] = defaultdict(list)
        for at, ((a, b), line) in enumerate(zip(streets.ends, streets.line, strict=True)):
            self._next[a].append((b, at, line.length))
            self._next[b].append((a, at, line.length))
        self.nodes = sorted(self._next)
        self._tree = shapely.STRtree(shapely.points(self.nodes))

    def nearest(self, point: shapely.Point) -> Node:
        """The crossing nearest to a point."""
        return self.nodes[int(self._tree.nearest(point))]

    def home(self, goal: Node) -> dict[Node, tuple[float, Node, int]]:
        """From every crossing: metres to the goal, the next crossing on the way, the street to it (-1 at the goal)."""
        found: dict[Node, tuple[float, Node, int]] = {}
        heap = [(0.0, goal, goal, -1)]
        while heap:
            metres, node, onward, street = heapq.heappop(heap)
            if node in found:
                continue
            found[node] = (metres, onward, street)
            for beyond, at, length in self._next[node]:
                if beyond not in found:
                    heapq.heappush(heap, (metres + length, beyond, node, at))
        return found
