"""The visibility kernel: for each direction in a view the nearest wall, exactly.

Everything is seen from the camera, ``ahead`` along its bearing and ``right`` of it, m. Directions are told by their **turn**
from the bearing: ``right / (ahead + right)`` in the first quadrant and so on round, 0 ahead, 1 right, -1 left, 2 and -2
behind. It grows with the angle but costs one division, and a wall edge runs straight from turn to turn.

A wall at least as high as the camera hides all that lies behind it. Of a lower one, a target stays hidden behind its back
edge at ``s`` only as far as ``s (camera - target) / (camera - wall)``, where the sight line passes over it; such edges are
listed apart (``low``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from planner.coverage.grid import CELL_M, FIRST_COLUMN, FIRST_ROW, WITHIN_CELL, Walls

try:
    import numba
except ImportError:  # the same loops then run as plain Python on NumPy arrays, slowly; the scene says so
    numba = None

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
F = TypeVar("F", bound=Callable[..., Any])
COMPILED = numba is not None
THREADS = numba.config.NUMBA_NUM_THREADS if COMPILED else 1
FEW = 48  # so many edges are sorted faster in place
LEAST = 1e-12  # of a turn: narrower gaps and walls are rounding
EAST, NORTH, BEARING, ANGLE, NEAR, FAR, HEIGHT = range(7)  # columns of views: m, m, degrees, degrees, m, m, m
FROM, TO, P_AHEAD, P_RIGHT, Q_AHEAD, Q_RIGHT, SHADOW = range(7)  # columns of edges: turns, ends, reach of the shadow


def compiled(function: F) -> F:
    """Compile with numba where there is one; the result is kept on disk beside the source."""
    return cast("F", numba.njit(cache=True, nogil=True)(function)) if COMPILED else function


def inner(function: F) -> F:
    """Compile for calls from compiled code only (no wrapper for Python: less to compile)."""
    if not COMPILED:
        return function
    return cast("F", numba.njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


class Desk(NamedTuple):
    """Room to work on one view: its edges, and what is nearest from turn to turn (``owner`` -1: nothing)."""

    tall: Floats
    low: Floats
    order: Codes
    open: Codes
    span: Floats
    owner: Codes


class Aim(NamedTuple):
    """One view: where it stands and looks (sine and cosine of the bearing), the turn and angle of its half width."""

    east_m: float
    north_m: float
    sine: float
    cosine: float
    half_turn: float
    half_rad: float
    far_m: float
    height_m: float


@inner
def desk(edges: int) -> Desk:
    """Room for so many edges."""
    return Desk(
        np.empty((edges, 6)),
        np.empty((edges, 7)),
        np.empty(edges, np.int32),
        np.empty(edges, np.int32),
        np.empty((2 * edges + 2, 2)),
        np.empty(2 * edges + 2, np.int32),
    )


@inner
def turn_of(ahead: float, right: float) -> float:
    """Turn of a vector that is not 0."""
    turn = abs(right) / (abs(ahead) + abs(right))
    if ahead < 0.0:
        turn = 2.0 - turn
    return turn if right >= 0.0 else -turn


@inner
def direction(turn: float) -> tuple[float, float]:
    """A vector (not of length 1) of a turn."""
    size = abs(turn)
    right = size if size <= 1.0 else 2.0 - size
    return 1.0 - size, (right if turn >= 0.0 else -right)


@inner
def aim_of(view: Floats) -> Aim:
    """What one row of views means."""
    bearing, half = math.radians(view[BEARING]), math.radians(min(view[ANGLE], 360.0) / 2.0)
    half_turn = 2.0 if view[ANGLE] >= 360.0 else turn_of(math.cos(half), math.sin(half))
    return Aim(
        view[EAST], view[NORTH], math.sin(bearing), math.cos(bearing), half_turn, half, view[FAR], view[HEIGHT]
    )  # fmt: skip


@inner
def cells(aim: Aim, west: float, south: float, columns: int, rows: int) -> tuple[int, int, int, int]:
    """First and last column and row of the cells that the bounding box of the sector meets (none: last < first)."""
    wide, tall = math.cos(aim.half_rad), math.sin(aim.half_rad)
    left_e, left_n = aim.sine * wide - aim.cosine * tall, aim.cosine * wide + aim.sine * tall
    right_e, right_n = aim.sine * wide + aim.cosine * tall, aim.cosine * wide - aim.sine * tall
    e0, e1 = min(0.0, left_e, right_e), max(0.0, left_e, right_e)
    n0, n1 = min(0.0, left_n, right_n), max(0.0, left_n, right_n)
    if aim.sine >= wide:
        e1 = 1.0
    if -aim.sine >= wide:
        e0 = -1.0
    if aim.cosine >= wide:
        n1 = 1.0
    if -aim.cosine >= wide:
        n0 = -1.0
    slack = 1e-6
    c0 = math.floor((aim.east_m + e0 * aim.far_m - slack - west) / CELL_M)
    c1 = math.floor((aim.east_m + e1 * aim.far_m + slack - west) / CELL_M)
    r0 = math.floor((aim.north_m + n0 * aim.far_m - slack - south) / CELL_M)
    r1 = math.floor((aim.north_m + n1 * aim.far_m + slack - south) / CELL_M)
    return max(c0, 0), min(c1, columns - 1), max(r0, 0), min(r1, rows - 1)


@inner
def indoors(walls: Walls, east: float, north: float) -> bool:
    """Whether a point lies inside a building: the known point of its cell, and how often a wall stands between.

    A point on a wall is not inside (it looks out from it), one on a corner is.
    """
    column = math.floor((east - walls.west_m) / CELL_M)
    row = math.floor((north - walls.south_m) / CELL_M)
    if column < 0 or column >= walls.columns or row < 0 or row >= walls.rows:
        return False
    cell = row * walls.columns + column
    there_e = walls.west_m + (column + WITHIN_CELL[0]) * CELL_M - east
    there_n = walls.south_m + (row + WITHIN_CELL[1]) * CELL_M - north
    inside = walls.inside[cell]
    for k in range(walls.start[cell], walls.start[cell + 1]):
        ae, an = walls.edge[k, 0] - east, walls.edge[k, 1] - north
        be, bn = walls.edge[k, 2] - east, walls.edge[k, 3] - north
        here = ae * bn - an * be
        if here == 0.0 and ae * be + an * bn <= 0.0:
            return bool(ae * be + an * bn == 0.0)
        if (there_e * an - there_n * ae >= 0.0) == (there_e * bn - there_n * be >= 0.0):
            continue  # both ends on one side of the way
        there = (ae - there_e) * (bn - there_n) - (an - there_n) * (be - there_e)
        if (here >= 0.0) != (there >= 0.0):
            inside = not inside
    return bool(inside)


@inner
def _clip(pa: float, pr: float, qa: float, qr: float, far: float) -> tuple[float, float]:
    """Where along P..Q (0 to 1) the edge lies within ``far``; an empty stretch where it does not."""
    da, dr = qa - pa, qr - pr
    square, half = da * da + dr * dr, pa * da + pr * dr
    root = half * half - square * (pa * pa + pr * pr - far * far)
    if root <= 0.0:
        return 1.0, 0.0
    root = math.sqrt(root)
    return max((-half - root) / square, 0.0), min((-half + root) / square, 1.0)


@inner
def _enter(
    rows: Floats, n: int, half_turn: float, pa: float, pr: float, qa: float, qr: float, shadow: float
) -> int:  # fmt: skip
    """Write an edge P..Q (clockwise) cut to the sector, in two rows where it passes behind; how many rows there are now."""
    low, high = turn_of(pa, pr), turn_of(qa, qr)
    if high < low:
        if low - high < 1.0:
            return n  # seen edge-on: only rounding turns it
        high += 4.0
    if high - low > 2.5:
        return n  # more than half around: rounding behind the camera
    for shift in (0.0, 4.0):
        start, end = max(low - shift, -half_turn), min(high - shift, half_turn)
        if end - start > LEAST:
            rows[n, FROM], rows[n, TO] = start, end
            rows[n, P_AHEAD], rows[n, P_RIGHT], rows[n, Q_AHEAD], rows[n, Q_RIGHT] = pa, pr, qa, qr
            if rows.shape[1] > SHADOW:
                rows[n, SHADOW] = shadow
            n += 1
    return n


@compiled
def shadow_of(wall_m: float, camera_m: float, target_m: float) -> float:
    """How many times as far as the wall's back edge a target stays hidden: 1 not at all, infinite for good.

    A camera no higher than its target looks up at it: then a wall higher than the camera counts as hiding for good.
    """
    if wall_m >= camera_m:
        return math.inf
    return 1.0 if wall_m <= target_m else (camera_m - target_m) / (camera_m - wall_m)


@inner
def gather(walls: Walls, aim: Aim, target_m: float, room: Desk) -> tuple[Desk, int, int]:
    """Edges in the sector within ``far_m``: of tall walls those that face the camera, of low ones all.

    Returns
    -------
    The desk (a larger one where needed), the number of tall and of low edges. ``SHADOW`` of a low front edge is 0.
    """
    c0, c1, r0, r1 = cells(aim, walls.west_m, walls.south_m, walls.columns, walls.rows)
    most = 0
    for row in range(r0, r1 + 1):
        most += walls.start[row * walls.columns + c1 + 1] - walls.start[row * walls.columns + c0] if c1 >= c0 else 0
    if 2 * most > room.order.shape[0]:
        room = desk(4 * most)
    tall = low = 0
    for row in range(r0, r1 + 1):
        for column in range(c0, c1 + 1):
            cell = row * walls.columns + column
            for k in range(walls.start[cell], walls.start[cell + 1]):
                first = walls.first[k]
                if (column != c0 and not first & FIRST_COLUMN) or (row != r0 and not first & FIRST_ROW):
                    continue  # met before in another cell
                ae, an = walls.edge[k, 0] - aim.east_m, walls.edge[k, 1] - aim.north_m
                be, bn = walls.edge[k, 2] - aim.east_m, walls.edge[k, 3] - aim.north_m
                facing = an * be - ae * bn
                front = facing > 0.0 or (facing == 0.0 and ae * be + an * bn < 0.0)  # 0: the camera stands on it
                is_tall = walls.edge[k, 4] >= aim.height_m
                if is_tall and not front:
                    continue
                if not front:
                    ae, an, be, bn = be, bn, ae, an
                pa, pr = ae * aim.sine + an * aim.cosine, ae * aim.cosine - an * aim.sine
                qa, qr = be * aim.sine + bn * aim.cosine, be * aim.cosine - bn * aim.sine
                reach = aim.far_m * aim.far_m
                if pa * pa + pr * pr > reach or qa * qa + qr * qr > reach:
                    t0, t1 = _clip(pa, pr, qa, qr, aim.far_m)
                    if t1 <= t0:
                        continue
                    da, dr = qa - pa, qr - pr
                    qa, qr = pa + t1 * da, pr + t1 * dr
                    pa, pr = pa + t0 * da, pr + t0 * dr
                if abs(pa) + abs(pr) == 0.0 or abs(qa) + abs(qr) == 0.0:
                    continue  # the camera stands on its end
                if is_tall:
                    tall = _enter(room.tall, tall, aim.half_turn, pa, pr, qa, qr, 0.0)
                else:
                    shadow = 0.0 if front else shadow_of(walls.edge[k, 4], aim.height_m, target_m)
                    low = _enter(room.low, low, aim.half_turn, pa, pr, qa, qr, shadow)
    return room, tall, low


@inner
def along(edge: Floats, ahead: float, right: float) -> float:
    """How many times the vector (ahead, right) reaches the line of an edge."""
    da, dr = edge[Q_AHEAD] - edge[P_AHEAD], edge[Q_RIGHT] - edge[P_RIGHT]
    across = ahead * dr - right * da
    return (edge[P_AHEAD] * dr - edge[P_RIGHT] * da) / across if across != 0.0 else math.inf


@inner
def _nearer(a: Floats, b: Floats, turn: float) -> bool:
    """Whether edge ``a`` lies before ``b`` where both are met from ``turn`` on (edges do not cross)."""
    ahead, right = direction(0.5 * (turn + min(a[TO], b[TO])))
    return along(a, ahead, right) < along(b, ahead, right)


@inner
def _sort(edge: Floats, edges: int, order: Codes) -> None:
    """Order edges by where they begin."""
    if edges > FEW:
        order[:edges] = np.argsort(edge[:edges, FROM])
        return
    for i in range(edges):
        j = i
        while j > 0 and edge[order[j - 1], FROM] > edge[i, FROM]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i


@inner
def envelope(room: Desk, edges: int, half_turn: float) -> int:
    """What is nearest from turn to turn, by a sweep over the sorted edges; how many spans there are.

    Spans follow each other from ``-half_turn`` to ``half_turn``.
    """
    tall, spans = room.tall, 0
    _sort(tall, edges, room.order)
    now, here, met, opened = -half_turn, -1, 0, 0
    while True:
        end = tall[here, TO] if here >= 0 else half_turn
        if met < edges and tall[room.order[met], FROM] < end - LEAST:
            new = room.order[met]
            met += 1
            room.open[opened] = new
            opened += 1
            if here >= 0 and not _nearer(tall[new], tall[here], tall[new, FROM]):
                continue
            end, follower = max(tall[new, FROM], now), new
        else:
            follower, kept = -1, 0
            for k in range(opened):
                other = room.open[k]
                if tall[other, TO] > end + LEAST:
                    room.open[kept] = other
                    kept += 1
                    if follower < 0 or _nearer(tall[other], tall[follower], end):
                        follower = other
            opened = kept
        if end - now > LEAST:
            room.span[spans, 0], room.span[spans, 1], room.owner[spans] = now, end, here
            spans += 1
            now = end
        here = follower
        if now >= half_turn - LEAST:
            return spans
