"""The app in a real browser: first map cold and warm, slider steps, and the parts of the computation behind them."""

from __future__ import annotations

import argparse
import json
import os
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
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--sessions", type=int, help="only the slider, moved by so many visitors at once")
    only.add_argument("--study", action="store_true", help="only the whole study, as the app computes it")
    parser.add_argument(
        "--cache", type=Path, help="folder of kept studies (default: a new one); its study is not made anew"
    )
    wish = parser.parse_args(arguments)
    if wish.study and wish.cache:
        parser.error("--study makes a study anew, so that it takes no --cache")
    with tempfile.TemporaryDirectory() as folder:
        town = wish.town.resolve()
        if wish.people:
            town = Path(folder, "town")
            example.write(town, people=wish.people)
        about = {"town": wish.people or town.name, "commit": commit(), "machine": machine()}
        cache = wish.cache or Path(folder, "cache")
        if wish.study:
            lines = iter([whole_study(town, cache)[1]])
        else:
            lines = measure(town, cache, wish.sessions, whole=wish.cache is None)
        for line in lines:
            print(json.dumps({**line, **about}, ensure_ascii=False), flush=True)


def measure(town: Path, cache: Path, sessions: int | None, *, whole: bool) -> Iterator[dict[str, Any]]:
    """The figures one by one; ``whole``: those of the computation too."""
    if whole and sessions is None:
        yield parts(town)
        yield {"benchmark": "app first map, nothing kept", **first_map(town, cache)}
    if whole:
        kept, seconds = whole_study(town, cache)
        yield seconds
    else:
        standing = next((Kept(p.parent) for p in cache.glob("*/study.json")), None)
        if standing is None:
            raise RuntimeError(f"no study is kept in {cache}")
        kept = standing
    if sessions is None:
        yield {"benchmark": "app first map, study kept", **first_map(town, cache)}
        yield {"benchmark": "app page and pan", **app_steps.moving(town, cache, kept)}
        yield {"benchmark": "app what-if view", **app_steps.turning(town, cache, kept)}
    yield {"benchmark": "app slider", **app_steps.slider(town, cache, kept, sessions or 1)}


def whole_study(town: Path, cache: Path) -> tuple[Kept, dict[str, Any]]:
    """The study as the app computes it, and seconds until its plan, its budgets, its plans beside the plan and all of it stand.

    Seconds of this process's children are processor time.
    """
    began, spent = time.perf_counter(), os.times()
    job, at = Job(town, [], cache), dict.fromkeys(("plan", "budgets", "plans_beside", "all"), 0.0)
    while not job.wait(0.05).done:
        now, stage = round(time.perf_counter() - began, 1), job.news.step[0]
        at["plan"] = at["plan"] or (now if job.news.kept else 0.0)
        at["budgets"] = at["budgets"] or (now if stage == "cutbacks" else 0.0)
        at["plans_beside"] = at["plans_beside"] or (now if stage == "risk_validate" else 0.0)
    at["all"] = round(time.perf_counter() - began, 1)
    news = job.wait(60)
    if news.kept is None:
        raise RuntimeError(news.refused)
    ended = os.times()
    cpu = ended.children_user + ended.children_system - spent.children_user - spent.children_system
    figures = {f"seconds_to_{name}": seconds for name, seconds in at.items()}
    return news.kept, {
        "benchmark": "app study",
        **figures,
        "cpu_seconds": round(cpu, 1),
        "budgets": len(news.kept.budgets_yen()),
    }


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
