"""What stands in the streets and could carry a camera: poles, lights, signals, walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.example.names import TOWN
from planner.example.net import Streets
from planner.example.scale import Scale
from planner.example.things import Built

# plausible, all of them
POLE_STEP_M = 34.0  # Japanese poles stand 30-40 m apart
LIGHT_STEP_M = 38.0  # lights of main roads and shopping streets
FROM_EDGE_M = 0.25  # a pole stands this far inside the edge of its street
POWER_SHARE = 0.68  # poles of the power company; the others are the telephone company's
WALL_KINDS = ("shop", "office", "school", "public", "supermarket", "station")
WALL_SHARE = 0.12  # of such buildings
HOSTS = {
    "power": "架空電力",
    "phone": "架空通信",
    "city": TOWN,
    "police": "架空県警察",
    "shops": "澄瀬駅前商店会（架空）",
    "owner": "民間（架空）",
}
STATES = {  # shares of agreed, asked, unknown, refused
    "power": (0.55, 0.20, 0.20, 0.05),
    "phone": (0.35, 0.25, 0.30, 0.10),
    "city": (0.90, 0.08, 0.02, 0.00),
    "police": (0.00, 0.25, 0.45, 0.30),
    "shops": (0.80, 0.15, 0.05, 0.00),
    "owner": (0.30, 0.30, 0.30, 0.10),
}
STATE_WORDS = ("承諾", "協議中", "未協議", "不承諾")
KIND_WORDS = {"pole": "電柱", "light": "街路灯", "signal": "信号柱", "wall": "壁面", "own": "専用柱"}
HEIGHTS_M = {
    "pole": (4.5, 4.8, 5.0),
    "light": (4.0, 4.5, 5.0),
    "signal": (4.5, 5.0),
    "wall": (3.0, 3.5, 4.0),
    "own": (4.0, 4.5),
}
NO_HEIGHT_SHARE = 0.05  # of rows of the register

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mount:
    """One thing that could carry a camera; ``street`` is the piece of street it stands at (-1: none)."""

    mount_id: str
    kind: str
    host: str
    height_m: float | None
    powered: str
    state: str
    point: shapely.Point
    street: int


class _Register:
    """The list as it grows."""

    def __init__(self, scale: Scale, streets: Streets, built: Built) -> None:
        self.rng = scale.stream("furniture")
        self.mounts: list[Mount] = []
        self._streets = streets
        self._walls = shapely.STRtree([b.shape for b in built.buildings])

    def add(self, kind: str, host: str, at: Array, street: int) -> None:
        """One more, unless it would stand in a building."""
        rng, point = self.rng, shapely.Point(np.round(at, 2))
        if kind != "wall" and len(self._walls.query(point, predicate="dwithin", distance=0.15)):
            return
        height = None if rng.random() < NO_HEIGHT_SHARE else float(rng.choice(HEIGHTS_M[kind]))
        powered = (
            "有" if host in ("power", "city", "police") else str(rng.choice(["有", "無", "不明"], p=[0.5, 0.2, 0.3]))
        )
        state = STATE_WORDS[int(rng.choice(4, p=STATES[host]))]
        name = (
            f"{ {'pole': 'D', 'light': 'G', 'signal': 'S', 'wall': 'K', 'own': 'P'}[kind] }{len(self.mounts) + 1:05d}"
        )
        self.mounts.append(Mount(name, KIND_WORDS[kind], HOSTS[host], height, powered, state, point, street))

    def along(
        self, street: int, step_m: float, sides: tuple[int, ...], kind: str, hosts: tuple[str, float, str]
    ) -> None:
        """Along one piece of street at even steps."""
        line, width = self._streets.line[street], self._streets.width_m[street]
        number = int(line.length / step_m + self.rng.random())
        for k in range(number):
            at = (k + 0.5) / number * line.length
            a, b = line.interpolate(max(at - 0.5, 0)), line.interpolate(min(at + 0.5, line.length))
            way = np.array([b.x - a.x, b.y - a.y])
            way /= np.hypot(*way)
            side = sides[k % len(sides)] * (width / 2 - FROM_EDGE_M)
            host = hosts[0] if self.rng.random() < hosts[1] else hosts[2]
            middle = line.interpolate(at)
            self.add(kind, host, np.array([middle.x, middle.y]) + side * np.array([-way[1], way[0]]), street)


def furnish(scale: Scale, streets: Streets, built: Built) -> list[Mount]:
    """All mounts of the town."""
    made = _Register(scale, streets, built)
    rng = made.rng
    for at, kind in enumerate(streets.kind):
        if kind in ("trunk", "main"):
            made.along(at, LIGHT_STEP_M, (1, -1), "light", ("city", 1.0, "city"))
        elif kind == "shopping":
            made.along(at, LIGHT_STEP_M * 0.7, (1, -1), "light", ("shops", 0.6, "city"))
        side = 1 if rng.random() < 0.5 else -1
        made.along(at, POLE_STEP_M, (side,), "pole", ("power", POWER_SHARE, "phone"))
    _signals(made, streets)
    for building in built.buildings:
        if building.kind in WALL_KINDS and rng.random() < WALL_SHARE:
            ring = building.shape.exterior
            host = {"school": "city", "public": "city", "shop": "shops"}.get(building.kind, "owner")
            middle = ring.interpolate(ring.length * rng.random())
            made.add("wall", host, np.array([middle.x, middle.y]), -1)
    for place in built.places:
        if place.kind in ("park", "cycle_park", "station_square"):
            x, y = place.shape.exterior.coords[int(rng.integers(4))]
            made.add("own", "city", np.array([x, y]), -1)
    return made.mounts


def _signals(made: _Register, streets: Streets) -> None:
    """A signal pole at every crossing of a main road with another road that is no side street."""
    arms: dict[tuple[float, float], list[int]] = {}
    for at, ends in enumerate(streets.ends):
        for end in ends:
            arms.setdefault(end, []).append(at)
    for node, pieces in sorted(arms.items()):
        large = [p for p in pieces if streets.kind[p] in ("trunk", "main")]
        other = [p for p in pieces if streets.kind[p] in ("collector", "old", "shopping")]
        if len(pieces) >= 3 and (len(large) >= 3 or (large and other)):
            wide = max(streets.width_m[p] for p in pieces) / 2 - FROM_EDGE_M
            made.add("signal", "police", np.array(node) + wide * np.array([0.7, 0.7]), large[0])
