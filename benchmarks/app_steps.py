"""What a visitor waits for, timed inside the browser: a step of the budget, another page, a pan; one visitor or many."""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import say
from tests.browser import Watched, browser, server, wait_for_map

STEPS = 30
STEPS_OF_MANY = 6
PANS = 20
TURNS = 10  # of height, bearing and model each
PAGES = ("risk", "coverage", "funding", "plan", "data", "plan")
LIMIT_S = 60
TURN_GOAL_S = 0.3
ZONES = "[...document.querySelectorAll('.leaflet-zones-pane path')].map(p => p.getAttribute('d')).join()"

# every message of the websocket with its time and size, and what a step of the budget has to show
WATCH = """(() => {
  const Plain = WebSocket;
  const size = (d) => d.byteLength ?? d.size ?? d.length;
  window.told = [];
  window.WebSocket = class extends Plain {
    constructor(...a) {
      super(...a);
      this.addEventListener("message", (e) => window.told.push(["in", performance.now(), size(e.data)]));
    }
    send(d) { window.told.push(["out", performance.now(), size(d)]); return super.send(d); }
  };
  window.arrive = (money, sites) => {
    window.told = [];
    let began;
    addEventListener("keydown", () => { began = performance.now(); }, { once: true, capture: true });
    window.arrived = new Promise((done) => {
      const latest = performance.now() + 60000;
      const look = () => {
        if (performance.now() > latest) { done(NaN); return; }
        const there = document.querySelector(".figures")?.textContent.includes(money)
          && document.querySelectorAll(".rows tbody tr").length === sites.length
          && [...document.querySelectorAll(".site-icon")].map((e) => e.dataset.key).join() === sites.join();
        if (!there || began === undefined) { setTimeout(look, 4); return; }
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
      };
      look();
    });
  };
  window.redrawn = (drawn) => {
    window.told = [];
    const before = drawn();
    let began;
    addEventListener("click", () => { began = performance.now(); }, { once: true, capture: true });
    window.arrived = new Promise((done) => {
      const latest = performance.now() + 60000;
      const look = () => {
        if (performance.now() > latest) { done(NaN); return; }
        if (began === undefined || drawn() === before) { setTimeout(look, 4); return; }
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
      };
      look();
    });
  };
})();"""


@dataclass
class Step:
    """One step: seconds until drawn, seconds until the server's last word, kilobytes received."""

    seconds: float
    server_s: float
    kb: float


def slider(town: Path, cache: Path, kept: Kept, sessions: int = 1) -> dict[str, Any]:
    """Seconds from a key press on the budget until counters, table and map show the plan of the new budget."""
    plans = {yen: kept.at(yen) for yen in kept.budgets_yen()}
    own = next(int(s.value) for s in kept.plan().settings if s.key == "budget.own_capital_yen")
    plans[own] = kept.plan()
    with ExitStack() as stack:
        address = stack.enter_context(server(town, cache))
        watched = stack.enter_context(browser())
        faults: list[str] = []
        began = time.perf_counter()
        pages = _opened(watched, f"{address}plan", plans[own], faults, sessions)
        opened = time.perf_counter() - began
        steps: list[Step] = []
        for before, after in _walk(sorted(plans), own, STEPS if sessions == 1 else STEPS_OF_MANY):
            found = _step(pages, "ArrowLeft" if after < before else "ArrowRight", plans[after])
            if _texts(plans[before]) != _texts(plans[after]):  # where nothing changes there is nothing to wait for
                steps += found
                faults += ["a step never arrived" for step in found if math.isnan(step.seconds)]
        faults += [text for page in pages for text in page.locator(".stException").all_inner_texts()]
        outside = len(watched.outside)
        peak = _server_peak_mb()
    told = {"errors": len(faults), "outside_requests": outside, "server_peak_mb": peak}
    arrived = [step for step in steps if not math.isnan(step.seconds)]
    return {"sessions": sessions, "seconds_until_all_are_open": round(opened, 1), **_figures(arrived), **told}


def _server_peak_mb() -> int | None:
    """The most memory that the server of this process has held so far; None where the system does not tell (only Linux does)."""
    for task in Path("/proc/self/task").glob("*/children"):
        for child in task.read_text().split():
            if b"planner.app" in Path(f"/proc/{child}/cmdline").read_bytes():
                told = Path(f"/proc/{child}/status").read_text()
                return int(re.findall(r"VmHWM:\s+(\d+) kB", told)[0]) // 1024
    return None


def moving(town: Path, cache: Path, kept: Kept) -> dict[str, Any]:
    """Seconds of another page, and milliseconds of a pan of the map, one visitor."""
    with server(town, cache) as address, browser() as watched:
        (page,) = _opened(watched, f"{address}plan", kept.plan(), [])
        pans = list(_pan(page))
        for name in PAGES:  # each once before it is timed: the server reads its own code only once
            _switch(page, name)
        switches = {name: round(_switch(page, name), 3) for name in PAGES}
    return {
        "pan_median_ms": round(statistics.median(pans)),
        "pan_p95_ms": round(_share(pans, 0.95)),
        "page_switch_seconds": switches,
        "page_switch_max_seconds": max(switches.values()),
    }


def turning(town: Path, cache: Path, kept: Kept) -> dict[str, Any]:
    """Seconds from a press that changes height, bearing or model of a view until its classes are drawn anew on the map."""
    with server(town, cache) as address, browser() as watched:
        watched.context.add_init_script(WATCH)
        page = watched.open(f"{address}coverage")
        wait_for_map(page, len(kept.plan().sites))
        page.wait_for_function(f"{ZONES} !== ''")
        page.wait_for_timeout(1500)
        changes = {"height": _pressed, "bearing": _pressed, "model": _picked}
        steps: dict[str, list[Step]] = {name: [] for name in changes}
        for turn in range(TURNS + 1):
            for name, change in changes.items():
                pressed = change(page, say("ja", f"app.coverage.{name}"), turn)
                step = _redrawn(page, pressed)
                if turn:  # the first of each is not timed: the server reads its own code only once
                    steps[name].append(step)
    every = [step for found in steps.values() for step in found]
    return {
        **{f"{name}_median_seconds": _figures(found)["median_seconds"] for name, found in steps.items()},
        **_figures(every),
        "goal_seconds": TURN_GOAL_S,
        "outside_requests": len(watched.outside),
    }


def _pressed(page: Page, label: str, turn: int) -> Locator:
    """The button of a number; upwards and downwards by turns, so that no limit is met."""
    widget = page.locator("[data-testid=stNumberInput]", has_text=label)
    return widget.get_by_test_id("stNumberInputStepUp" if turn % 2 else "stNumberInputStepDown")


def _picked(page: Page, label: str, turn: int) -> Locator:
    """Another model of the list, which is opened for it."""
    page.locator("[data-testid=stSelectbox]", has_text=label).locator("[role=combobox]").first.click()
    options = page.locator("[role=option]")
    options.first.wait_for()
    return options.nth(1 + turn % (options.count() - 1))


def _redrawn(page: Page, pressed: Locator) -> Step:
    """Press, and wait until other polygons stand on the map and two more pictures were painted."""
    page.evaluate(f"window.redrawn(() => {ZONES})")
    pressed.click()
    seconds = page.evaluate("window.arrived") / 1000
    page.wait_for_timeout(300)
    return _step_of(page, seconds)


def _opened(watched: Watched, address: str, plan: Plan, faults: list[str], sessions: int = 1) -> list[Page]:
    """The page opened by so many visitors at once, each with its map."""
    pages = [watched.window() for _ in range(sessions)]
    for page in pages:
        page.add_init_script(WATCH)
        page.set_default_timeout(LIMIT_S * 1000 * sessions)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(address, wait_until="commit")
    for page in pages:
        page.wait_for_selector(".live-map.leaflet-container", state="attached")
        page.wait_for_function(f"document.querySelectorAll('.site-icon').length === {len(plan.sites)}", polling=5)
    pages[-1].wait_for_timeout(1000)
    return pages


def _walk(budgets: Sequence[int], own: int, steps: int) -> Iterator[tuple[int, int]]:
    """So many neighbouring budgets to and fro, from the plan's own downwards."""
    at, way = budgets.index(own), -1
    for _ in range(steps):
        if at + way not in range(len(budgets)):
            way = -way
        yield budgets[at], budgets[at + way]
        at += way


def _texts(plan: Plan) -> tuple[str, list[str]]:
    """What of a plan tells on the page that its budget has arrived."""
    return f"{plan.total_yen:,}", [site.site_id for site in plan.sites]


def _step(pages: Sequence[Page], key: str, after: Plan) -> list[Step]:
    """Press in every session, then wait for all."""
    for page in pages:
        page.locator("input[type=range]").first.focus()
        page.evaluate("([money, sites]) => window.arrive(money, sites)", list(_texts(after)))
    for page in pages:
        page.keyboard.press(key)
    found = []
    for page in pages:
        seconds = page.evaluate("window.arrived") / 1000
        page.wait_for_timeout(300 if len(pages) == 1 else 0)
        found.append(_step_of(page, seconds))
    return found


def _step_of(page: Page, seconds: float) -> Step:
    """What the websocket carried for a step of so many seconds."""
    told = page.evaluate("window.told")
    sent = [at for way, at, _ in told if way == "out"]
    heard = [(at, size) for way, at, size in told if way == "in"]
    last = max((at for at, _ in heard), default=0.0)
    return Step(seconds, (last - sent[0]) / 1000 if sent else 0.0, sum(size for _, size in heard) / 1000)


def _figures(steps: Sequence[Step]) -> dict[str, Any]:
    seconds, server_s, kb = ([getattr(s, name) for s in steps] for name in ("seconds", "server_s", "kb"))
    return {
        "steps": len(steps),
        "median_seconds": round(statistics.median(seconds), 3),
        "p95_seconds": round(_share(seconds, 0.95), 3),
        "max_seconds": round(max(seconds), 3),
        "server_median_ms": round(1000 * statistics.median(server_s)),
        "websocket_median_kb": round(statistics.median(kb), 1),
        "websocket_max_kb": round(max(kb), 1),
    }


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def _pan(page: Page) -> Iterator[float]:
    """Milliseconds from each move of the mouse until two more pictures were painted."""
    box = page.locator(".live-map").first.bounding_box()
    if box is None:
        raise RuntimeError("no map")
    x, y = box["x"] + 40, box["y"] + box["height"] * 0.8
    page.mouse.move(x, y)
    page.mouse.down()
    for _ in range(PANS):
        x += 8
        page.evaluate(
            "void (window.painted = new Promise((done) => addEventListener('mousemove', () => { const began = performance.now();"
            " requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began))); },"
            " { once: true, capture: true })))"
        )
        page.mouse.move(x, y)
        yield float(page.evaluate("window.painted"))
    page.mouse.up()


def _switch(page: Page, name: str) -> float:
    """Seconds from the click on a page's name until its heading stands and the server has nothing more to say."""
    link = page.locator(f"a[href$='/{name}']").first
    page.evaluate("window.told = [['out', performance.now(), 0]]")
    link.click()
    page.wait_for_url(f"**/{name}*")
    page.wait_for_timeout(1500)
    told = page.evaluate("window.told")
    return float((max(at for _, at, _ in told) - told[0][1]) / 1000)
