"""``python -m benchmarks coverage``: is the kernel right, how fast is it beside others, and how long does a city take.

One JSON line per measure. Ratios are taken in one process on one thread, rounds of all ways interleaved. Speeds of cities
are wall seconds on every core, after a first run has compiled what is used.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import sight_scenes
from benchmarks.plain_sight import Plain, View
from benchmarks.sight_peers import Peer, peers
from planner import assumptions, coverage, example, ingest, risk
from planner.coverage import kernel, regions, sight, visible
from planner.coverage.grid import FIRST_COLUMN, FIRST_ROW
from planner.coverage.scene import Scene
from planner.settings import merge

Floats = NDArray[np.float64]
SCENES: dict[str, Callable[[], Scene]] = {"real": sight_scenes.real, "lots": sight_scenes.lots}
POSES = 200
POINTS_PER_POSE = 100
OWN_POSES, PEER_POSES, ROUNDS = 20_000, 60, 5
VIEWS, MANY_VIEWS, SPACING_M = 100_000, 1_000_000, 5.0
TOWNS = {"example": 60_000, "200,000 people": 200_000}


def _line(**figures: Any) -> str:
    """One measure as a JSON line."""
    return json.dumps({"benchmark": "coverage", **figures}, ensure_ascii=False)


def _seconds(run: Callable[[], Any]) -> float:
    """Wall seconds of a run."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _errors(found: Floats, truth: Floats) -> dict[str, float]:
    """Mean error (of the sum) and worst error of single poses, percent."""
    off = np.abs(found - truth)
    return {
        "mean_percent": round(float(100 * off.sum() / truth.sum()), 6),
        "worst_percent": round(float(100 * (off / np.maximum(truth, 1.0)).max()), 6),
    }


def _as_views(rows: Floats) -> list[View]:
    """Rows of ``visible.table`` for the plain construction."""
    return [View(*row) for row in rows.tolist()]


def _each(seen: Peer, views: list[View]) -> None:
    """One pose after the other."""
    for view in views:
        seen(view)


def accuracy(name: str, scene: Scene) -> Iterator[str]:
    """Areas, drawn polygons and the 15-ray cone against the shapely construction; points against straight sight lines."""
    rows = sight_scenes.poses(scene, POSES, seed=5)
    rng = np.random.default_rng(6)
    rows[:, kernel.NEAR] = rng.choice([0.0, 1.4, 5.0], POSES)
    views, plain = _as_views(rows), Plain(scene.walls)
    truth = shapely.area(np.array([plain.seen(view) for view in views]))
    area, drawn = visible.areas(scene, rows), visible.polygons(scene, rows)
    yield _line(
        measure="area_error",
        scene=name,
        poses=POSES,
        walls=int((scene.grid.first == FIRST_COLUMN + FIRST_ROW).sum()),
        **_errors(area, truth),
    )
    yield _line(
        measure="polygon_error",
        scene=name,
        poses=POSES,
        valid=bool(shapely.is_valid(drawn).all()),
        **_errors(shapely.area(drawn), truth),
    )
    rows[:, kernel.NEAR] = 0.0  # a cone knows no near limit
    cone = shapely.area(np.array([plain.cone(view) for view in _as_views(rows)]))
    whole = shapely.area(np.array([plain.seen(view) for view in _as_views(rows)]))
    share = float((whole / (np.radians(rows[:, kernel.ANGLE]) / 2 * rows[:, kernel.FAR] ** 2)).mean())
    yield _line(measure="cone_15_rays_error", scene=name, poses=POSES, **_errors(cone, whole))
    yield _line(measure="visible_share_of_sector", scene=name, poses=POSES, share=round(share, 4))
    wrong = asked = 0
    for i, view in enumerate(_as_views(rows)):
        turn = np.radians(view.bearing_deg + (rng.random(POINTS_PER_POSE) - 0.5) * view.angle_deg)
        away = view.far_m * np.sqrt(rng.random(POINTS_PER_POSE))
        points = rows[i, :2] + away[:, None] * np.column_stack([np.sin(turn), np.cos(turn)])
        seen = sight.matrix(scene, rows[[i]], points).toarray()[0] > 0
        wrong += int((seen != plain.clear(view, points)).sum())
        asked += POINTS_PER_POSE
    yield _line(measure="wrong_pairs", scene=name, pairs=asked, wrong=wrong)


def ratios(name: str, scene: Scene) -> Iterator[str]:
    """Poses a second on one thread: polygons of the kernel, its areas, and the others."""
    rows = sight_scenes.poses(scene, OWN_POSES, seed=7)
    near_each_other = rows[np.concatenate(visible.blocks(rows))]  # as ``visible`` hands them over
    views, target_m = _as_views(rows[: PEER_POSES * ROUNDS]), assumptions.number("target_height_m")
    own: dict[str, Callable[[Any, Any, float], Any]] = {
        "kernel_polygons": regions.rings,
        "kernel_areas": regions.areas,
    }
    others = peers(scene)
    ready = {peer: seen for peer, seen in others.items() if seen is not None}
    for own_way in own.values():
        own_way(scene.grid, near_each_other, target_m)
    for other in ready.values():
        other(views[0])
    rates: dict[str, list[float]] = {way: [] for way in (*own, *ready)}
    for turn in range(ROUNDS):
        for way, own_way in own.items():
            rates[way].append(OWN_POSES / _seconds(partial(own_way, scene.grid, near_each_other, target_m)))
        mine = views[turn * PEER_POSES : (turn + 1) * PEER_POSES]
        for peer, other in ready.items():
            rates[peer].append(PEER_POSES / _seconds(partial(_each, other, mine)))
    middle = {way: float(np.median(found)) for way, found in rates.items()}
    for way, rate in middle.items():
        yield _line(
            measure="poses_per_second",
            scene=name,
            way=way,
            rate=round(rate, 1),
            kernel_polygons_times=round(middle["kernel_polygons"] / rate, 1),
            kernel_areas_times=round(middle["kernel_areas"] / rate, 1),
        )
    for peer in others.keys() - ready.keys():
        yield _line(
            measure="poses_per_second", scene=name, way=peer, rate=None, missing="benchmarks/peers-coverage.txt"
        )


def city(name: str, scene: Scene) -> Iterator[str]:
    """100,000 views against a 5 m grid of spots, and a million views, on every core."""
    rows = sight_scenes.poses(scene, VIEWS, seed=9)
    points = sight_scenes.grid_points(scene, SPACING_M)
    sight.matrix(scene, rows[:64], points[:64])
    found = []
    seconds = [_seconds(lambda: found.append(sight.matrix(scene, rows, points))) for _ in range(3)]
    matrix = found[-1]
    size = sum(part.nbytes for part in (matrix.data, matrix.indices, matrix.indptr))
    where = {"scene": name, "threads": kernel.THREADS}
    yield _line(
        measure="views_times_spots", **where, views=VIEWS, spots=len(points), seen=matrix.nnz, megabytes=round(size / 1e6, 1),
        seconds=round(float(np.median(seconds)), 3),
    )  # fmt: skip
    many = np.tile(rows, (MANY_VIEWS // VIEWS, 1))
    many[:, kernel.BEARING] = np.random.default_rng(10).uniform(0, 360, MANY_VIEWS)
    yield _line(
        measure="areas", **where, views=MANY_VIEWS, seconds=round(_seconds(lambda: visible.areas(scene, many)), 3)
    )
    yield _line(
        measure="views_times_spots", **where, views=MANY_VIEWS, spots=len(points),
        seconds=round(_seconds(lambda: sight.matrix(scene, many, points)), 3),
    )  # fmt: skip


def town(name: str, people: int) -> Iterator[str]:
    """The whole survey of a made-up town, and its grading, warm."""
    with tempfile.TemporaryDirectory() as folder:
        example.write(Path(folder) / "town", people=people)
        inputs = ingest.read(Path(folder) / "town")
    settings = merge(("town.toml", inputs.wishes)).settings
    demand = risk.score(inputs, settings.risk)
    survey = coverage.survey(inputs, demand, settings)
    seconds = min(_seconds(lambda: coverage.survey(inputs, demand, settings)) for _ in range(2))
    sizes = {
        "views": len(survey.views),
        "spots": len(demand.spots),
        "seen": survey.sees.nnz,
        "walls": len(inputs.walls),
    }
    yield _line(measure="survey", town=name, people=people, **sizes, seconds=round(seconds, 3))
    graded = min(_seconds(lambda: coverage.grade(survey, demand, settings)) for _ in range(3))
    yield _line(measure="grade", town=name, people=people, actions=len(survey.actions), seconds=round(graded, 3))


def main(arguments: list[str]) -> None:
    """Print every measure, or those of one part."""
    parts = ("accuracy", "ratios", "city", "towns")
    parser = argparse.ArgumentParser(prog="python -m benchmarks coverage", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what to measure (default: all)")
    wanted = parser.parse_args(arguments).parts or parts
    print(
        _line(measure="machine", python=platform.python_version(), machine=platform.machine(), threads=kernel.THREADS)
    )
    by_scene = {"accuracy": accuracy, "ratios": ratios, "city": city}
    for name, make in SCENES.items():
        if set(wanted) & set(by_scene):
            scene = make()
            for part in parts:
                if part in wanted and part in by_scene and (name == "real" or part != "city"):
                    print(*by_scene[part](name, scene), sep="\n", flush=True)
    if "towns" in wanted:
        for name, people in TOWNS.items():
            print(*town(name, people), sep="\n", flush=True)
