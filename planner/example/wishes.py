"""What people ask for and what the town aims at: requests, school routes, entrances, and where nothing may hang."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops

from planner.example.ground import RIVER_HALF_M, Ground
from planner.example.net import Streets, Walk
from planner.example.scale import Scale
from planner.example.things import Built

REQUESTS_PER_1000 = 25 / 60  # people; plausible: 25 in a town of 60,000
ROUTES_PER_SCHOOL = 4  # plausible
BANK_M = 18.0  # depth of the landscape area on both sides of the river; plausible
BANK_SHARE = 0.35  # part of the river's length; plausible
REQUESTERS = {  # who asks, for what
    "自治会（架空）": (
        "夜間に自転車の盗難が続いているため、設置してほしい",
        "通り抜ける道が暗く不安なため、設置してほしい",
        "不法投棄と車上ねらいがあったため、設置してほしい",
    ),
    "小学校（架空）": ("通学路の見守りのため、設置してほしい", "校門付近での声かけ事案があったため、設置してほしい"),
    "商店会（架空）": ("店の前の自転車盗が多いため、設置してほしい", "既設カメラが古く、更新してほしい"),
    "保護者会（架空）": ("公園で遊ぶ子どもの見守りのため、設置してほしい",),
}


@dataclass(frozen=True)
class Target:
    """A policy target: ``kind`` school_route, entrance, park or station_front."""

    name: str
    kind: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Request:
    """A request for a camera."""

    received_on: str
    requester: str
    wish: str
    point: shapely.Point


def targets(scale: Scale, streets: Streets, built: Built) -> list[Target]:
    """School routes over the street net, gates, larger parks and the station's fronts."""
    rng = scale.stream("targets")
    walk = Walk(streets)
    made = []
    schools = [p for p in built.places if p.kind == "school"]
    points = shapely.points(walk.nodes)
    for number, school in enumerate(schools, 1):
        gate = walk.nearest(school.shape.centroid)
        made.append(Target(f"第{number}学校 正門（架空）", "entrance", shapely.Point(gate)))
        ways = walk.home(gate)
        near = np.flatnonzero(shapely.dwithin(points, school.shape, 620) & ~shapely.dwithin(points, school.shape, 300))
        starts = [walk.nodes[i] for i in near.tolist() if walk.nodes[i] in ways and ways[walk.nodes[i]][0] < 1100]
        if not starts:
            continue
        picks = np.sort(rng.choice(len(starts), min(ROUTES_PER_SCHOOL, len(starts)), replace=False))
        for turn, at in enumerate(picks.tolist(), 1):
            node, pieces = starts[at], []
            while node != gate:
                _, onward, street = ways[node]
                pieces.append(streets.line[street])
                node = onward
            route = shapely.line_merge(shapely.multilinestrings(pieces))
            made.append(Target(f"第{number}学校 通学路{turn}（架空）", "school_route", route))
    parks = sorted((p.shape for p in built.places if p.kind == "park"), key=lambda s: -s.area)
    made += [Target(f"公園{k}（架空）", "park", s.representative_point()) for k, s in enumerate(parks[:8], 1)]
    fronts = [p.shape.centroid for p in built.places if p.kind == "station_square"]
    return made + [Target(f"駅前広場{k}（架空）", "station_front", s) for k, s in enumerate(fronts, 1)]


def requests(scale: Scale, built: Built) -> list[Request]:
    """Requests by associations, schools and shops, near the places they are about; no person's name."""
    rng = scale.stream("requests")
    about = {
        "自治会（架空）": [p.shape for p in built.places if p.kind == "car_park"],
        "小学校（架空）": [p.shape for p in built.places if p.kind == "school"],
        "商店会（架空）": [b.shape for b in built.buildings if b.kind == "shop"],
        "保護者会（架空）": [p.shape for p in built.places if p.kind == "park"],
    }
    who = [name for name, near in about.items() if near]
    made = []
    for _ in range(max(3, round(scale.people / 1000 * REQUESTS_PER_1000))):
        name = who[int(rng.integers(len(who)))]
        shape = about[name][int(rng.integers(len(about[name])))]
        corner = shape.exterior.coords[int(rng.integers(4))]
        day = f"{int(rng.integers(2022, 2025))}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
        made.append(Request(day, name, str(rng.choice(REQUESTERS[name])), shapely.Point(corner)))
    return sorted(made, key=lambda r: (r.received_on, r.requester, r.point.x))


def zones(ground: Ground, built: Built) -> list[tuple[str, shapely.Geometry]]:
    """Origin and outline of the areas where nothing may be installed."""
    made = []
    if ground.river is not None:
        at = ground.river.project(shapely.Point(0, 0))
        half = BANK_SHARE * ground.river.intersection(ground.outline).length / 2
        bank = shapely.ops.substring(ground.river, at - half, at + half).buffer(RIVER_HALF_M + BANK_M, cap_style="flat")
        made.append(("景観計画の河川景観地区（架空）", bank.intersection(ground.outline).simplify(0.5)))
    shrine = [p.shape for p in built.places if p.kind == "shrine"]
    return made + [("神社の境内（架空）", s.buffer(10.0, join_style="mitre")) for s in shrine]
