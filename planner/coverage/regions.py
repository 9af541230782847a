"""The region that a view sees, from its envelope: the area in closed form, and the rings of its polygon."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from planner.coverage.grid import Walls
from planner.coverage.kernel import (
    ANGLE,
    FAR,
    FROM,
    NEAR,
    P_AHEAD,
    P_RIGHT,
    Q_AHEAD,
    Q_RIGHT,
    TO,
    Aim,
    Desk,
    Floats,
    aim_of,
    along,
    compiled,
    desk,
    direction,
    envelope,
    gather,
    indoors,
    inner,
    turn_of,
)

Indices = NDArray[np.int64]
CHORD_RAD = math.radians(1.0)
SAME_TURN = 1e-9
# columns of parts: turns, the outer border from point to point, and whether it is the arc at ``far_m``
A_TURN, Z_TURN, A_AHEAD, A_RIGHT, Z_AHEAD, Z_RIGHT, ARC = range(7)


@inner
def _between(ahead0: float, right0: float, ahead1: float, right1: float) -> float:
    """Angle from one vector clockwise to the next, less than half around."""
    return math.atan2(ahead0 * right1 - right0 * ahead1, ahead0 * ahead1 + right0 * right1)


@inner
def _put(
    out: Floats, n: int, turns: tuple[float, float], p: tuple[float, float], q: tuple[float, float], arc: float
) -> int:
    """Write one part; how many there are now."""
    out[n, A_TURN], out[n, Z_TURN] = turns
    out[n, A_AHEAD], out[n, A_RIGHT] = p
    out[n, Z_AHEAD], out[n, Z_RIGHT] = q
    out[n, ARC] = arc
    return n + 1


@inner
def _put_wall(
    out: Floats, n: int, turns: tuple[float, float], p: tuple[float, float], q: tuple[float, float], near: float
) -> int:
    """Write the parts of a wall that stand beyond ``near`` (the middle may come nearer)."""
    da, dr = q[0] - p[0], q[1] - p[1]
    square, half = da * da + dr * dr, p[0] * da + p[1] * dr
    root = half * half - square * (p[0] * p[0] + p[1] * p[1] - near * near)
    if near <= 0.0 or root <= 0.0:
        return _put(out, n, turns, p, q, 0.0)
    root = math.sqrt(root)
    enter, leave = (-half - root) / square, (-half + root) / square
    if enter >= 1.0 or leave <= 0.0:
        return _put(out, n, turns, p, q, 0.0)
    if enter > 0.0:
        cut = (p[0] + enter * da, p[1] + enter * dr)
        n = _put(out, n, (turns[0], turn_of(cut[0], cut[1])), p, cut, 0.0)
    if leave < 1.0:
        cut = (p[0] + leave * da, p[1] + leave * dr)
        n = _put(out, n, (turn_of(cut[0], cut[1]), turns[1]), cut, q, 0.0)
    return n


@inner
def _end(edge: Floats, turn: float) -> tuple[float, float]:
    """The point of an edge at a turn; its own end where that is meant."""
    if turn == edge[FROM] and turn == turn_of(edge[P_AHEAD], edge[P_RIGHT]):
        return edge[P_AHEAD], edge[P_RIGHT]
    if turn == edge[TO] and turn == turn_of(edge[Q_AHEAD], edge[Q_RIGHT]):
        return edge[Q_AHEAD], edge[Q_RIGHT]
    ahead, right = direction(turn)
    times = along(edge, ahead, right)
    return times * ahead, times * right


@inner
def _parts(room: Desk, spans: int, near: float, far: float, out: Floats) -> int:
    """Parts of the region: the spans whose outer border lies beyond ``near``, in order of their turns."""
    n = 0
    for i in range(spans):
        start, end, owner = room.span[i, 0], room.span[i, 1], room.owner[i]
        if owner >= 0:
            edge = room.tall[owner]
            n = _put_wall(out, n, (start, end), _end(edge, start), _end(edge, end), near)
        else:
            a0, r0 = direction(start)
            a1, r1 = direction(end)
            s0, s1 = far / math.hypot(a0, r0), far / math.hypot(a1, r1)
            n = _put(out, n, (start, end), (s0 * a0, s0 * r0), (s1 * a1, s1 * r1), 1.0)
    return n


@inner
def _width(part: Floats) -> float:
    """Angle of a part, rad; only an arc can be wider than half around."""
    if part[ARC] > 0.0:
        return math.atan2(part[Z_RIGHT], part[Z_AHEAD]) - math.atan2(part[A_RIGHT], part[A_AHEAD])
    return _between(part[A_AHEAD], part[A_RIGHT], part[Z_AHEAD], part[Z_RIGHT])


@inner
def _seen(
    walls: Walls, view: Floats, aim: Aim, target_m: float, room: Desk, out: Floats
) -> tuple[Desk, Floats, int, int]:
    """Parts of one view: the desk and the table of parts (larger ones where needed), how many, and of how many low edges."""
    if view[ANGLE] <= 0.0 or view[FAR] <= view[NEAR] or indoors(walls, view[0], view[1]):
        return room, out, 0, 0
    room, tall, low = gather(walls, aim, target_m, room)
    spans = envelope(room, tall, aim.half_turn)
    if 2 * spans > out.shape[0]:
        out = np.empty((4 * spans, 7))
    return room, out, _parts(room, spans, max(view[NEAR], 0.0), view[FAR], out), low


@compiled
def areas(walls: Walls, views: Floats, target_m: float) -> tuple[Floats, Indices]:
    """Area of each view, m2, and by how many low edges it is not yet lessened."""
    area, lower = np.zeros(len(views)), np.zeros(len(views), np.int64)
    room, part = desk(256), np.empty((512, 7))
    for i in range(len(views)):
        room, part, parts, lower[i] = _seen(walls, views[i], aim_of(views[i]), target_m, room, part)
        near, far = max(views[i, NEAR], 0.0), views[i, FAR]
        total = 0.0
        for j in range(parts):
            row = part[j]
            if row[ARC] > 0.0:
                total += (far * far - near * near) * _width(row)
            else:
                total += row[A_AHEAD] * row[Z_RIGHT] - row[A_RIGHT] * row[Z_AHEAD]
                if near > 0.0:
                    total -= near * near * _width(row)
        area[i] = 0.5 * total
    return area, lower


@inner
def _arc(out: Floats, n: int, aim: Aim, radius: float, start: float, end: float) -> int:
    """Write the points of an arc from angle to angle, both ends included."""
    pieces = max(1, math.ceil(abs(end - start) / CHORD_RAD - 1e-9))
    cosine, sine = math.cos((end - start) / pieces), math.sin((end - start) / pieces)
    ahead, right = radius * math.cos(start), radius * math.sin(start)
    for _ in range(pieces):
        n = _point(out, n, aim, ahead, right)
        ahead, right = ahead * cosine - right * sine, ahead * sine + right * cosine
    return _point(out, n, aim, radius * math.cos(end), radius * math.sin(end))


@inner
def _point(out: Floats, n: int, aim: Aim, ahead: float, right: float) -> int:
    """Write one point on the ground."""
    out[n, 0] = aim.east_m + ahead * aim.sine + right * aim.cosine
    out[n, 1] = aim.north_m + ahead * aim.cosine - right * aim.sine
    return n + 1


@inner
def _follows(part: Floats, before: Floats) -> bool:
    """Whether a part begins where another ends."""
    gap = abs(part[A_TURN] - before[Z_TURN])
    return bool(min(gap, abs(gap - 4.0)) <= SAME_TURN)


@inner
def _run(out: Floats, n: int, aim: Aim, part: Floats, first: int, number: int, near: float) -> int:
    """Write the ring of parts that follow each other: the outer border, then back along ``near_m``."""
    begin, parts = n, len(part)
    start = math.atan2(part[first, A_RIGHT], part[first, A_AHEAD])
    angle = start
    for k in range(number):
        row = part[(first + k) % parts]
        wide = _width(row)
        if row[ARC] > 0.0:
            n = _arc(out, n, aim, aim.far_m, angle, angle + wide)
        else:
            n = _point(out, n, aim, row[A_AHEAD], row[A_RIGHT])
            n = _point(out, n, aim, row[Z_AHEAD], row[Z_RIGHT])
        angle += wide
    n = _arc(out, n, aim, near, angle, start) if near > 0.0 else _point(out, n, aim, 0.0, 0.0)
    out[n] = out[begin]
    return n + 1


@inner
def _all_around(
    out: Floats, n: int, aim: Aim, part: Floats, near: float, length: Indices, rings: int
) -> tuple[int, int]:
    """Write shell and hole of a region without an end; how many points and rings there are now."""
    begin = n
    for k in range(len(part)):
        row = part[k]
        if row[ARC] > 0.0:
            start = math.atan2(row[A_RIGHT], row[A_AHEAD])
            n = _arc(out, n, aim, aim.far_m, start, start + _width(row))
        else:
            n = _point(out, n, aim, row[A_AHEAD], row[A_RIGHT])
            n = _point(out, n, aim, row[Z_AHEAD], row[Z_RIGHT])
    out[n] = out[begin]
    n += 1
    length[rings] = n - begin
    if near <= 0.0:
        return n, rings + 1
    end = _arc(out, n, aim, near, 0.0, 2.0 * math.pi)
    out[end - 1] = out[n]
    length[rings + 1] = n - end
    return end, rings + 2


@compiled
def rings(walls: Walls, views: Floats, target_m: float) -> tuple[Floats, Indices, Indices, Indices]:
    """Rings of what each view sees, before low walls.

    Returns
    -------
    Points (n, 2); length of each ring (closed; a negative length is that of a hole in the ring before it); rings per
    view; low edges per view.
    """
    point, length = np.empty((4096, 2)), np.empty(1024, np.int64)
    number, lower = np.zeros(len(views), np.int64), np.zeros(len(views), np.int64)
    room, part, points, lengths = desk(256), np.empty((512, 7)), 0, 0
    for i in range(len(views)):
        aim, near = aim_of(views[i]), max(views[i, NEAR], 0.0)
        room, part, parts, lower[i] = _seen(walls, views[i], aim, target_m, room, part)
        if parts == 0:
            continue
        if points + 1500 + 12 * parts > len(point):
            point = np.concatenate((point[:points], np.empty((len(point) + 1500 + 12 * parts, 2))))
        if lengths + parts + 2 > len(length):
            length = np.concatenate((length[:lengths], np.empty(len(length) + parts + 2, np.int64)))
        before = lengths
        mine = part[:parts]
        first = 0
        while first < parts and _follows(mine[first], mine[first - 1]):
            first += 1
        if first == parts and aim.half_turn == 2.0:
            points, lengths = _all_around(point, points, aim, mine, near, length, lengths)
        else:
            first = first % parts
            done = 0
            while done < parts:
                run = 1
                while done + run < parts and _follows(
                    mine[(first + done + run) % parts], mine[(first + done + run - 1) % parts]
                ):
                    run += 1
                end = _run(point, points, aim, mine, (first + done) % parts, run, near)
                length[lengths] = end - points
                points, lengths = end, lengths + 1
                done += run
        number[i] = lengths - before
    return point[:points], length[:lengths], number, lower
