"""What lies in the office: how far places under negotiation have come, and when footage was asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from planner.example.cameras import FAR_PULL, REACH_M
from planner.example.furniture import Mount
from planner.example.scale import Scale

PLACES_PER_1000 = 0.6  # people; plausible: three dozen places under way in a town of 60,000
REQUESTS_PER_1000 = 0.8  # people, in two years; plausible for a town with some sixty cameras
BEGUN_ON = dt.date(2025, 5, 12)  # the first site check
ASKED_FROM = dt.date(2024, 4, 8)  # the first request in the log
ASKED_DAYS = 700  # over which they spread
# steps that come after the candidate, the days that each takes at most, and who signs; plausible
STEPS = (
    ("現地確認", 21, "澄安"),
    ("所有者内諾", 45, "澄安"),
    ("近隣説明", 30, ""),
    ("警察意見", 30, "架警"),
    ("共架・道路占用許可", 75, "澄道"),
)
REACHED_SHARE = (0.25, 0.25, 0.20, 0.15, 0.10, 0.05)  # of places: how many of these steps are done
WAIT_DAYS = (1, 2, 2, 3, 3, 3, 3, 4, 6, 10)  # from recognition until the footage was secured; the middle is 3 days
OVERWRITTEN_DAYS = 7  # the oldest recorders keep a week: what comes later may be gone


@dataclass(frozen=True)
class Step:
    """One step that was done at one place."""

    mount_id: str
    step: str
    done_on: str
    document: str


def steps(scale: Scale, mounts: list[Mount]) -> list[Step]:
    """Steps of the places under way, place by place; nobody consents who refused or was not asked."""
    rng = scale.stream("steps")
    able = [m for m in mounts if m.state in ("承諾", "協議中") and m.kind != "信号柱"]
    away = np.array([np.hypot(m.point.x, m.point.y) for m in able])
    pull = np.exp(-away / (REACH_M * scale.centre)) + FAR_PULL
    number = min(len(able), max(3, round(scale.people / 1000 * PLACES_PER_1000)))
    made, paper = [], 0
    for at in np.sort(rng.choice(len(able), number, replace=False, p=pull / pull.sum())).tolist():
        mount, day = able[at], BEGUN_ON + dt.timedelta(days=int(rng.integers(0, 150)))
        made.append(Step(mount.mount_id, "候補", day.isoformat(), ""))
        reached = int(rng.choice(len(REACHED_SHARE), p=REACHED_SHARE))
        for step, most_days, office in STEPS[: reached if mount.state == "承諾" else min(reached, 1)]:
            day += dt.timedelta(days=int(rng.integers(5, most_days + 1)))
            paper += bool(office)
            year = day.year - 2018 - (day.month < 4)  # of Reiwa, from April
            made.append(
                Step(mount.mount_id, step, day.isoformat(), f"令{year}{office}第{paper}号（架空）" if office else "")
            )
    return made


def footage(scale: Scale) -> list[tuple[str, str, str, str]]:
    """Days of recognition, of the request and of securing the footage, and the outcome; in the order of the requests."""
    rng = scale.stream("footage")
    number = max(3, round(scale.people / 1000 * REQUESTS_PER_1000))
    rows = []
    for wait in rng.permutation(np.resize(WAIT_DAYS, number)).tolist():
        recognised = ASKED_FROM + dt.timedelta(days=int(rng.integers(0, ASKED_DAYS)))
        received = recognised + dt.timedelta(days=int(rng.integers(0, wait)))
        secured = recognised + dt.timedelta(days=wait)
        lost = wait > OVERWRITTEN_DAYS and rng.random() < 0.5
        outcome = "上書き済" if lost else str(rng.choice(("提供", "範囲外", "不明", "故障"), p=(0.6, 0.2, 0.15, 0.05)))
        rows.append((recognised.isoformat(), received.isoformat(), secured.isoformat(), outcome))
    return sorted(rows, key=lambda row: (row[1], row))
