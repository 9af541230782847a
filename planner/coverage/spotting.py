"""Which spots a view sees: the point test of the kernel, in bulk."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from planner.coverage.grid import Spots, Walls
from planner.coverage.kernel import (
    ANGLE,
    FAR,
    FROM,
    LEAST,
    NEAR,
    SHADOW,
    TO,
    Aim,
    Desk,
    Floats,
    aim_of,
    along,
    cells,
    compiled,
    desk,
    envelope,
    gather,
    indoors,
    inner,
    turn_of,
)

Indices = NDArray[np.int64]
OFF_SPOT_M = 0.01  # a sight line ends this short of its spot: a spot on a facade is seen from before that facade
LEAST_M = 0.01  # a stored distance is never 0, which a sparse matrix would drop
SIDE = 1e-9  # of a turn: a spot in line with a corner is seen past it, to whichever side is open


@inner
def _clear(room: Desk, spans: int, low: int, turn: float, ahead: float, right: float, short: float) -> bool:
    """Whether nothing stands between at a turn; ``short``: the share of the way to the spot that must be clear."""
    first, last = 0, spans - 1
    while first < last:
        middle = (first + last) // 2
        if room.span[middle, 1] < turn:
            first = middle + 1
        else:
            last = middle
    owner = room.owner[first]
    if owner >= 0 and along(room.tall[owner], ahead, right) < short:
        return False
    within = 0
    for k in range(low):
        edge = room.low[k]
        if edge[FROM] <= turn < edge[TO]:
            share = along(edge, ahead, right)
            if share < short:
                if edge[SHADOW] == 0.0:
                    within += 1
                elif share * edge[SHADOW] > 1.0:
                    return False
                else:
                    within -= 1
    return within <= 0


@inner
def _row(
    spots: Spots, aim: Aim, near: float, room: Desk, spans: int, low: int, out: tuple[Indices, Floats], n: int
) -> int:
    """Write position and distance of the spots that one view sees; how many are written now."""
    c0, c1, r0, r1 = cells(aim, spots.west_m, spots.south_m, spots.columns, spots.rows)
    sine, cosine = math.sin(aim.half_rad), math.cos(aim.half_rad)
    position, distance = out
    for row in range(r0, r1 + 1):
        base = row * spots.columns
        for k in range(spots.start[base + c0], spots.start[base + c1 + 1] if c1 >= c0 else 0):
            east, north = spots.point[k, 0] - aim.east_m, spots.point[k, 1] - aim.north_m
            square = east * east + north * north
            if square > aim.far_m * aim.far_m or square < near * near:
                continue
            ahead, right = east * aim.sine + north * aim.cosine, east * aim.cosine - north * aim.sine
            if ahead * sine - abs(right) * cosine < -SIDE:
                continue
            away = math.sqrt(square)
            if away > LEAST:
                turn = turn_of(ahead, right)
                short = max(1.0 - OFF_SPOT_M / away, 0.5)
                before, after = max(turn - SIDE, -aim.half_turn), min(turn + SIDE, aim.half_turn)
                if not _clear(room, spans, low, before, ahead, right, short):  # noqa: SIM102  (calls cost)
                    if not _clear(room, spans, low, after, ahead, right, short):
                        continue
            position[n], distance[n] = spots.position[k], max(away, LEAST_M)
            n += 1
    return n


@inner
def _most(spots: Spots, aim: Aim) -> int:
    """No view can see more spots than lie in the cells of its bounding box."""
    c0, c1, r0, r1 = cells(aim, spots.west_m, spots.south_m, spots.columns, spots.rows)
    number = 0
    for row in range(r0, r1 + 1):
        base = row * spots.columns
        number += spots.start[base + c1 + 1] - spots.start[base + c0] if c1 >= c0 else 0
    return number


@compiled
def look(walls: Walls, spots: Spots, views: Floats, target_m: float) -> tuple[Indices, Indices, Floats]:
    """What each view sees.

    Returns
    -------
    Number of spots per view; then, view after view, their positions (in no order) and horizontal distances, m.
    """
    number = np.zeros(len(views), np.int64)
    position, distance, n = np.empty(4096, np.int64), np.empty(4096), 0
    room = desk(256)
    for i in range(len(views)):
        view = views[i]
        if view[ANGLE] <= 0.0 or view[FAR] < view[NEAR] or indoors(walls, view[0], view[1]):
            continue
        aim = aim_of(view)
        most = _most(spots, aim)
        if most == 0:
            continue
        if n + most > len(position):
            position = np.concatenate((position[:n], np.empty(len(position) + most, np.int64)))
            distance = np.concatenate((distance[:n], np.empty(len(distance) + most)))
        room, tall, low = gather(walls, aim, target_m, room)
        spans = envelope(room, tall, aim.half_turn)
        if spans == 0:
            continue
        end = _row(spots, aim, view[NEAR], room, spans, low, (position, distance), n)
        number[i] = end - n
        n = end
    return number, position[:n], distance[:n]


@compiled
def place(
    number: Indices, position: Indices, distance: Floats, start: Indices, columns: NDArray[np.int32], values: Floats
) -> None:
    """Write rows that ``look`` found where they belong (``start``), each in the order of its columns."""
    n = 0
    for i in range(len(number)):
        end = n + number[i]
        order = np.argsort(position[n:end])
        for k in range(number[i]):
            columns[start[i] + k] = position[n + order[k]]
            values[start[i] + k] = distance[n + order[k]]
        n = end
