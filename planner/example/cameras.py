"""The cameras that stand today: bunched at the station, of many owners, ages and settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from planner.example.furniture import HOSTS, Mount
from planner.example.names import TOWN
from planner.example.net import Streets
from planner.example.scale import Scale
from planner.example.things import Built

CAMERAS_PER_1000 = 0.95  # people; plausible: 57 in a town of 60,000
REACH_M = 230.0  # plausible: how fast the cameras thin out away from the station
BESIDE_M, BESIDE_PULL = 12.0, 9.0  # plausible: places worth watching draw cameras this near, so much more often
CONTACTS = {  # office and telephone; 00 is no area code
    TOWN: "防災安全課（架空） 00-0000-0101",
    HOSTS["shops"]: "商店街事務局（架空） 00-0000-0102",
    "架空鉄道": "広報課（架空） 00-0000-0103",
}
OWNERS = {  # share, words for the condition of use, days kept ("" unknown) and how often; plausible
    TOWN: (0.48, ("市所有",), ("7", "14", "30", ""), (0.38, 0.34, 0.18, 0.10)),
    HOSTS["shops"]: (0.24, ("協定あり", "照会により提供"), ("7", "14", ""), (0.5, 0.2, 0.3)),
    "澄瀬駅前自治会（架空）": (0.16, ("照会により提供", "協定あり", "不明"), ("7", "30", ""), (0.5, 0.1, 0.4)),
    "架空鉄道": (0.12, ("照会により提供", "不明"), ("30", ""), (0.4, 0.6)),
}
MODELS = (("c2w", "c4w", "", "c4n"), (0.45, 0.25, 0.2, 0.1))  # identifier of the model ("" unknown), shares; plausible
BROKEN_SHARE = 0.09  # plausible: old cameras nobody looks at
UNKNOWN_BEARING_SHARE = 0.08  # plausible
FAR_PULL = 0.0008  # plausible: a few cameras hang far from the station
NO_DAY_SHARE = 0.15  # plausible: entries without a day of installation, or with one of the Japanese calendar
FIRST_YEAR, LAST_YEAR = 2012, 2023
LOCK_YEARS = 6  # plausible: disposal of subsidised equipment is restricted for about as long
SUBSIDISED_SHARE = 0.5


@dataclass(frozen=True)
class Camera:
    """One row of the register."""

    mount: Mount
    model: str
    bearing_deg: str
    days: str
    owner: str
    use: str
    working: str
    installed_on: str
    locked_until: str


def _bearing(mount: Mount, streets: Streets, watched: list[shapely.Geometry], rng: np.random.Generator) -> str:
    """Towards a cycle park or square beside it, else along the street, else anywhere."""
    if rng.random() < UNKNOWN_BEARING_SHARE:
        return ""
    beside = [w for w in watched if w.distance(mount.point) < BESIDE_M]
    if beside:
        goal = beside[0].centroid
    elif mount.street >= 0:
        line = streets.line[mount.street]
        at = line.project(mount.point)
        goal = line.interpolate(at + 10 if rng.random() < 0.5 and at + 10 < line.length else max(at - 10, 0))
    else:
        return str(int(rng.integers(0, 24)) * 15)
    return str(round(float(np.degrees(np.arctan2(goal.x - mount.point.x, goal.y - mount.point.y))) % 360) % 360)


def standing(scale: Scale, streets: Streets, mounts: list[Mount], built: Built) -> list[Camera]:
    """The register of standing cameras, in the order of their mounts."""
    rng = scale.stream("cameras")
    parks = [p.shape for p in built.places if p.kind in ("park", "school")]
    watched = [p.shape for p in built.places if p.kind in ("cycle_park", "station_square")]
    weight = []
    for mount in mounts:
        away = float(np.hypot(mount.point.x, mount.point.y))
        pull = np.exp(-away / (REACH_M * scale.centre)) + FAR_PULL
        pull *= BESIDE_PULL if any(p.distance(mount.point) < BESIDE_M for p in parks + watched) else 1.0
        weight.append(pull * (mount.state == "承諾") * (mount.kind != "信号柱"))
    share = np.array(weight) / sum(weight)
    number = max(4, round(scale.people / 1000 * CAMERAS_PER_1000))
    chosen = np.sort(rng.choice(len(mounts), number, replace=False, p=share))
    made = []
    for at in chosen.tolist():
        owner = str(rng.choice(list(OWNERS), p=[o[0] for o in OWNERS.values()]))
        _, uses, days, shares = OWNERS[owner]
        year, month = int(rng.integers(FIRST_YEAR, LAST_YEAR + 1)), int(rng.integers(1, 13))
        old = year < FIRST_YEAR + 6
        locked = rng.random() < SUBSIDISED_SHARE
        made.append(
            Camera(
                mounts[at],
                str(rng.choice(MODELS[0], p=MODELS[1])),
                _bearing(mounts[at], streets, watched, rng),
                str(rng.choice(days, p=shares)),
                owner,
                str(rng.choice(uses)),
                "無" if rng.random() < BROKEN_SHARE * (2 if old else 0.5) else "有",
                f"{year}-{month:02d}-01"
                if rng.random() < 1 - NO_DAY_SHARE
                else f"R{year - 2018}.{month}.1"
                if year > 2018
                else "",
                f"{year + LOCK_YEARS}-03-31" if locked else "",
            )
        )
    return made
