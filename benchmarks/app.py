"""The app in a real browser: first map cold and warm, slider steps, what-if views, and the parts of the computation behind them."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.plan import commit, machine
from planner import ingest, siting, study
from planner.app.job import Job
from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import say
from planner.work import Work
from tests.browser import browser, server, wait_for_map

STEPS = 30
GAP_GOAL = 0.05
_DRAWN = "[...document.querySelectorAll('.leaflet-zones-pane path')].map(p => p.getAttribute('d')).join()"


def measure(town: Path) -> list[str]:
    """One JSON line each for the parts, the pages and the slider."""
    found: list[dict[str, Any]] = [parts(town)]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        found.append({"benchmark": "app first map, nothing kept", **first_map(town, cache)})
        news = Job(town, [], cache).wait(900)
        if news.kept is None:
            raise RuntimeError(news.refused)
        found.append({"benchmark": "app first map, study kept", **first_map(town, cache)})
        found.append({"benchmark": "app slider", **slider(town, cache, news.kept)})
        found.append({"benchmark": "app what-if view", **what_if(town, cache, news.kept)})
    about = {"town": town.name, "commit": commit(), "machine": machine()}
    return [json.dumps({**line, **about}, ensure_ascii=False) for line in found]


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
        page = watched.open(f"{address}plan")
        page.set_default_timeout(600_000)
        page.wait_for_selector("h1")
        said = time.perf_counter() - began
        page.wait_for_selector(".rows tbody tr")
        wait_for_map(page, page.locator(".rows tbody tr").count())
        drawn = time.perf_counter() - began
        again = time.perf_counter()
        other = watched.open(f"{address}plan")
        other.wait_for_selector(".rows tbody tr")
        wait_for_map(other, other.locator(".rows tbody tr").count())
        visitor = time.perf_counter() - again
        outside = len(watched.outside)
    return {
        "seconds_to_page": round(said, 1),
        "seconds_to_map": round(drawn, 1),
        "seconds_to_map_next_visitor": round(visitor, 1),
        "outside_requests": outside,
    }


def slider(town: Path, cache: Path, kept: Kept) -> dict[str, Any]:
    """Seconds from a key press on the budget until counters, table and map show the plan of the new budget."""
    plans = {yen: kept.at(yen) for yen in kept.budgets_yen()}
    own = next(int(s.value) for s in kept.plan().settings if s.key == "budget.own_capital_yen")
    plans[own] = kept.plan()
    budgets = sorted(plans)
    with server(town, cache) as address, browser() as watched:
        page = watched.open(f"{address}plan")
        wait_for_map(page, len(plans[own].sites))
        page.wait_for_timeout(1500)
        page.locator("input[type=range]").first.focus()
        at, way = budgets.index(own), -1
        seconds: list[float] = []
        while len(seconds) < STEPS:
            if at + way not in range(len(budgets)):
                way = -way
            before, after = plans[budgets[at]], plans[budgets[at + way]]
            took = _step(page, "ArrowLeft" if way < 0 else "ArrowRight", after)
            if _texts(before) != _texts(after):  # where nothing changes on the page there is nothing to wait for
                seconds.append(took)
            at += way
            page.wait_for_timeout(300)
        outside = len(watched.outside)
    ordered = sorted(seconds)
    return {
        "steps": len(seconds),
        "median_seconds": round(statistics.median(seconds), 3),
        "p95_seconds": round(ordered[round(0.95 * (len(ordered) - 1))], 3),
        "max_seconds": round(ordered[-1], 3),
        "outside_requests": outside,
    }


def _texts(plan: Plan) -> tuple[str, int]:
    """What of a plan tells on the page that its budget has arrived."""
    return f"{plan.total_yen:,}", len(plan.sites)


def _step(page: Page, key: str, after: Plan) -> float:
    """Press, and wait for counters, rows and pins."""
    money, sites = _texts(after)
    began = time.perf_counter()
    page.keyboard.press(key)
    page.wait_for_function(
        "([money, sites]) => document.querySelector('.figures').textContent.includes(money)"
        " && document.querySelectorAll('.rows tbody tr').length === sites",
        arg=[money, sites],
        polling=5,
    )
    wait_for_map(page, sites)
    return time.perf_counter() - began


def what_if(town: Path, cache: Path, kept: Kept) -> dict[str, Any]:
    """Seconds from a press that turns a view by 5 degrees until its classes are drawn anew on the map."""
    label = say("ja", "app.coverage.bearing")
    with server(town, cache) as address, browser() as watched:
        page = watched.open(f"{address}coverage")
        frame = wait_for_map(page, len(kept.plan().sites))
        frame.wait_for_function(f"{_DRAWN} !== ''")
        page.wait_for_timeout(1500)
        more = page.locator("[data-testid=stNumberInput]", has_text=label).get_by_test_id("stNumberInputStepUp")
        seconds: list[float] = []
        while len(seconds) < STEPS:
            before = frame.evaluate(_DRAWN)
            began = time.perf_counter()
            more.click()
            frame.wait_for_function(f"before => {_DRAWN} !== before && {_DRAWN} !== ''", arg=before, polling=5)
            frame.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
            seconds.append(time.perf_counter() - began)
            page.wait_for_timeout(300)
        outside = len(watched.outside)
    ordered = sorted(seconds)
    return {
        "steps": len(seconds),
        "median_seconds": round(statistics.median(seconds), 3),
        "p95_seconds": round(ordered[round(0.95 * (len(ordered) - 1))], 3),
        "max_seconds": round(ordered[-1], 3),
        "goal_seconds": 0.3,
        "outside_requests": outside,
    }
