"""``python -m benchmarks mclp`` and ``product``: one covering problem solved for so many CPU seconds, one JSON line.

The clock counts CPU seconds of all threads and child processes, from the points to the plan: who covers whom, merging, search,
bound. Reading, drawing random numbers, imports and compilation (a tiny case is solved first) are left out.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks import instances, plain
from benchmarks.clock import CpuClock, cpu
from benchmarks.plain import Cover
from planner import frames, siting
from planner.settings import Settings, SitingSettings
from planner.siting import search, sweeping
from planner.siting.bounds import bound_at
from planner.siting.closer import Proof
from planner.siting.completing import complete
from planner.siting.crossing import ranks_from, smoothed
from planner.siting.exchanging import covers_of, left_by
from planner.siting.model import CoverModel
from planner.siting.pricing import found_prices
from planner.siting.search import Plan
from planner.siting.sharing import by_regions
from planner.siting.tightening import by_triples
from planner.work import Work

ROUNDS_PER_SECOND = 20_000  # of search: more than there is time for
NODES = 10_000_000
GOAL = SitingSettings().gap_goal  # of a frontier's plans, as in the tool
DUAL_ROUNDS = 200  # a second, four times as many at most: more prove hardly more


def settings_for(seconds: float, seed: int) -> Settings:
    """Work in plenty: the clock cuts."""
    rounds, dual_rounds = max(60, int(ROUNDS_PER_SECOND * seconds)), int(DUAL_ROUNDS * min(4.0, max(1.0, seconds)))
    wish = SitingSettings(
        gap_goal=0.0, search_rounds=min(100_000_000, rounds), dual_rounds=dual_rounds, mip_nodes=NODES, seed=seed
    )
    return Settings(siting=wish)


def solved(pose: Callable[[], Cover], settings: Settings, seconds: float) -> dict[str, object]:
    """The figures of one run; value and rules are recounted from the cover, the bound from its prices."""
    trace: list[tuple[float, float]] = []
    wall, began = time.perf_counter(), cpu()
    cover = pose()
    model = plain.build_plain(cover, settings)
    built = cpu() - began
    work = Work(
        seconds=max(0.01, seconds - built), clock=CpuClock(), prove=lambda value, _: trace.append((cpu(), value))
    )
    choice = siting.choose(model, settings, work)
    used, wall = cpu() - began, time.perf_counter() - wall
    chosen = np.sort(np.array([int(i) for i in choice.chosen["offer_id"]], np.int64))
    value = plain.covered_weight(cover, chosen)
    broken = plain.broken_rules(cover, chosen)
    if broken or value != round(choice.value):
        raise SystemExit(f"the plan does not stand: {broken}, {value} against {choice.value}")
    bound = math.floor(choice.bound + 1e-6)
    if choice.multipliers is not None and choice.proven_by == "prices":
        bound = max(value, bound_at(model, choice.multipliers))
    reached = next((at for at, worth in trace if round(worth) >= value), began + used)
    return {
        "value": value,
        "bound": bound,
        "gap": (bound - value) / bound if bound else 0.0,
        "optimal": bound == value,
        "seconds": round(wall, 3),
        "cpu_seconds": round(used, 3),
        "cpu_seconds_prepare": round(built, 3),
        "seconds_to_best": round(reached - began, 3),
        "threads": 1,
        "proven_by": choice.proven_by,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "work": {k: int(v) for k, v in choice.work.items()},
        "chosen": chosen.tolist(),
    }


def warm() -> None:
    """Compile everything on tiny cases."""
    for cover in (instances.generated("U:100:1000", 1).cover(), instances.product(100, 1000, 1, ("floors",))):
        solved(lambda cover=cover: cover, Settings(siting=SitingSettings(mip_nodes=1)), 30.0)  # type: ignore[misc]
        frontier_figures(lambda cover=cover: cover, Settings(), 2)  # type: ignore[misc]
    model, plan = _planned(instances.product(300, 3000, 1))
    prices, _ = found_prices(model, plan.gain, 200, Work())
    proof = Proof(plan, bound_at(model, prices), prices)
    by_regions(model, proof, 0.0, 1, 0, Work())
    by_triples(model, proof, 0, Work())
    model, plan = _planned(instances.generated("U:100:1000", 1).cover())
    complete(model, plan, plan, 2, 0, Work())
    smoothed(model.net, ranks_from(model.net, 0))
    left_by(covers_of(model.net), plan.current[plan.current >= 0][1:])


def _planned(cover: Cover) -> tuple[CoverModel, Plan]:
    """A case to compile on, and a plan of it."""
    model = plain.build_plain(cover, Settings())
    plan = search.greedy_plan(model, 0, Work())
    if plan is None:
        raise SystemExit("the warming case has no plan")
    return model, plan


def frontier_figures(pose: Callable[[], Cover], settings: Settings, steps: int) -> dict[str, object]:
    """So many budgets from 10 to 150 %: mean gap and the CPU seconds of plans and bounds; and of one budget step."""
    model = plain.build_plain(pose(), settings)
    budget = int(model.net.limit[0])
    budgets = sorted({max(1, round(budget * s)) for s in np.linspace(0.1, 1.5, steps)})
    began = cpu()
    bounds, runs = sweeping.sweep_bounds(model, budgets, None, None, GOAL, Work())
    bounded = cpu()
    ready = sweeping.sweeper(model, budgets, runs, None, -1)
    plans = sweeping.sweep_plans(ready, settings.siting.seed, Work())
    planned = cpu()
    closed, lower = sweeping.close_plans(ready, plans, bounds, GOAL, settings.siting.seed, Work())
    ended = cpu()
    joined = sweeping.join_plans(ready, closed, lower, GOAL, settings.siting.seed, Work())
    finished = cpu()
    current, times = search.rest(ready.part.model), []
    for number in range(len(budgets)):
        before = cpu()
        plan = ready.at(number, [current], settings.siting.seed, Work())
        times.append(cpu() - before)
        current = current if plan is None else plan.current
    return {
        "budgets": len(budgets),
        **_gaps(plans, bounds),
        "closed": _gaps(closed, lower) | {"cpu_seconds": round(ended - planned, 3)},
        "joined": _gaps(joined, lower) | {"cpu_seconds": round(finished - ended, 3)},
        "cpu_seconds_bounds": round(bounded - began, 3),
        "cpu_seconds_plans": round(planned - bounded, 3),
        "cpu_seconds_per_step_max": round(max(times), 4),
        "cpu_seconds_per_step_mean": round(float(np.mean(times)), 4),
    }


def _gaps(plans: Sequence[Plan | None], bounds: Sequence[int]) -> dict[str, object]:
    """How far the plans of a frontier are from their bounds."""
    found = [frames.gap(p.gain, b) for p, b in zip(plans, bounds, strict=True) if p is not None]
    return {
        "without_plan": len(bounds) - len(found),
        "mean_gap": round(float(np.mean(found)), 5) if found else 1.0,
        "max_gap": round(float(np.max(found)), 5) if found else 1.0,
    }


def main(arguments: list[str]) -> None:
    """One line for one instance."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mclp")
    parser.add_argument("file", nargs="?", type=Path, help="published file (with --radius-m and --sites)")
    parser.add_argument("--radius-m", type=float)
    parser.add_argument("--sites", type=int)
    parser.add_argument("--generate", help="U:sites:points[:radius:budget] or C:sites:points")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--frontier", type=int, default=0, help="so many budgets instead of one")
    given = parser.parse_args(arguments)
    if (given.file is None) == (given.generate is None):
        parser.error("a file or --generate")
    if given.file is not None and (given.radius_m is None or given.sites is None):
        parser.error("a file needs --radius-m and --sites")
    warm()
    if given.generate:
        points = instances.generated(given.generate, given.seed)
        pose: Callable[[], Cover] = points.cover
        name = f"{given.generate}, seed {given.seed}"
    else:
        cover = instances.published(given.file, given.radius_m, given.sites)
        pose = lambda: cover  # noqa: E731
        name = f"{given.file.stem}, {given.radius_m:g} m, {given.sites} sites"
    _print("mclp", name, pose, given)


def product(arguments: list[str]) -> None:
    """One line for the product's case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks product")
    parser.add_argument("--sites", type=int, required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--without", action="append", default=[], choices=instances.PRODUCT_RULES)
    parser.add_argument("--frontier", type=int, default=0, help="so many budgets instead of one")
    given = parser.parse_args(arguments)
    warm()
    cover = instances.product(given.sites, given.points, given.seed, tuple(given.without))
    name = f"product {given.sites} x {given.points}, seed {given.seed}" + "".join(f", no {w}" for w in given.without)
    _print("product", name, lambda: cover, given)


def _print(benchmark: str, name: str, pose: Callable[[], Cover], given: argparse.Namespace) -> None:
    """The line."""
    settings = settings_for(given.seconds, given.seed)
    if given.frontier:
        figures = frontier_figures(pose, settings, given.frontier)
    else:
        figures = solved(pose, settings, given.seconds)
    print(json.dumps({"benchmark": benchmark, "instance": name, **figures}), flush=True)
