"""The app in a real browser: first map cold and warm, slider steps, and the parts of the computation behind them."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import app_steps
from benchmarks.plan import commit, machine
from planner import example, ingest, siting, study
from planner.app.job import Job
from planner.app.kept import Kept
from planner.work import Work
from tests.browser import browser, server, wait_for_map

GAP_GOAL = 0.05


def main(arguments: list[str]) -> None:
    """One JSON line each for the parts, the pages, the slider, and many visitors at once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks app", description=__doc__)
    parser.add_argument("--town", type=Path, default=Path("data"), help="town folder (default: the example town)")
    parser.add_argument("--people", type=int, help="instead of a folder: a made-up town of so many people")
    parser.add_argument("--sessions", type=int, help="only the slider, moved by so many visitors at once")
    parser.add_argument(
        "--cache", type=Path, help="folder of kept studies (default: a new one); its study is not made anew"
    )
    wish = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        town = wish.town.resolve()
        if wish.people:
            town = Path(folder, "town")
            example.write(town, people=wish.people)
        about = {"town": wish.people or town.name, "commit": commit(), "machine": machine()}
        for line in measure(town, wish.cache or Path(folder, "cache"), wish.sessions, whole=wish.cache is None):
            print(json.dumps({**line, **about}, ensure_ascii=False), flush=True)


def measure(town: Path, cache: Path, sessions: int | None, *, whole: bool) -> Iterator[dict[str, Any]]:
    """The figures one by one; ``whole``: those of the computation too."""
    if whole and sessions is None:
        yield parts(town)
        yield {"benchmark": "app first map, nothing kept", **first_map(town, cache)}
    news = Job(town, [], cache).wait(3600) if whole else None
    kept = news.kept if news is not None else next((Kept(p.parent) for p in cache.glob("*/study.json")), None)
    if kept is None:
        raise RuntimeError(news.refused if news is not None else "no study is kept there")
    if sessions is None:
        yield {"benchmark": "app first map, study kept", **first_map(town, cache)}
        yield {"benchmark": "app page and pan", **app_steps.moving(town, cache, kept)}
        yield {"benchmark": "app what-if view", **app_steps.turning(town, cache, kept)}
    yield {"benchmark": "app slider", **app_steps.slider(town, cache, kept, sessions or 1)}


def parts(town: Path) -> dict[str, Any]:
    """Seconds of prepare and decide in one process, the second time (compiled), and when the gap was small enough."""
    figures: dict[str, Any] = {}
    for _ in range(2):
        proofs: list[tuple[float, float]] = []
        inputs = ingest.read(town)
        merged = study.wishes(inputs)
        began = time.perf_counter()
        prepared = study.prepare(inputs, merged.settings, Work())
        made = time.perf_counter()

        def heard(value: float, bound: float, made: float = made, told: list[tuple[float, float]] = proofs) -> None:
            told.append((time.perf_counter() - made, (bound - value) / max(bound, 1e-9)))

        model = study.pose(prepared, merged.settings, Work())
        choice = siting.choose(model, merged.settings, Work(prove=heard))
        chosen = time.perf_counter()
        study.decide(prepared, merged, Work())
        figures = {
            "benchmark": "prepare and decide",
            "spots": len(prepared.demand.spots),
            "actions": len(prepared.survey.actions),
            "prepare_seconds": round(made - began, 2),
            f"seconds_to_gap_{GAP_GOAL}": next((round(at, 2) for at, gap in proofs if gap <= GAP_GOAL), None),
            "pose_and_choose_seconds": round(chosen - made, 2),
            "decide_with_frontier_and_document_seconds": round(time.perf_counter() - chosen, 2),
            "gap": round(choice.gap, 4),
        }
    return figures


def first_map(town: Path, cache: Path) -> dict[str, Any]:
    """Seconds from the server's start until the plan page shows all sites, and until the page says anything."""
    began = time.perf_counter()
    with server(town, cache) as address, browser() as watched:
        opened = time.perf_counter()
        page = watched.open(f"{address}plan")
        page.set_default_timeout(600_000)
        page.wait_for_selector("h1")
        said = time.perf_counter() - began
        page.wait_for_selector(".rows tbody tr")
        wait_for_map(page, page.locator(".rows tbody tr").count())
        drawn = time.perf_counter() - began
        first = time.perf_counter() - opened
        again = time.perf_counter()
        other = watched.open(f"{address}plan")
        other.wait_for_selector(".rows tbody tr")
        wait_for_map(other, other.locator(".rows tbody tr").count())
        visitor = time.perf_counter() - again
        outside = len(watched.outside)
    return {
        "seconds_to_page": round(said, 1),
        "seconds_to_map": round(drawn, 1),
        "seconds_to_map_from_opening": round(first, 1),
        "seconds_to_map_next_visitor": round(visitor, 1),
        "outside_requests": outside,
    }
