"""What a visitor waits for, timed inside the browser: a step of the budget, another page, a pan; one visitor or many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from planner.app.kept import Kept
from planner.plan import Plan
from planner.text import say
from tests.browser import Watched, browser, server, wait_for_map

STEPS = 30
STEPS_OF_MANY = 6
PANS = 20
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
        watched.context.add_init_script(WATCH)
        faults: list[str] = []
        pages = [_opened(watched, f"{address}plan", plans[own], faults) for _ in range(sessions)]
        steps: list[Step] = []
        for before, after in _walk(sorted(plans), own, STEPS if sessions == 1 else STEPS_OF_MANY):
            found = _step(pages, "ArrowLeft" if after < before else "ArrowRight", plans[after])
            if _texts(plans[before]) != _texts(plans[after]):  # where nothing changes there is nothing to wait for
                steps += found
        faults += [text for page in pages for text in page.locator(".stException").all_inner_texts()]
        outside = len(watched.outside)
    return {"sessions": sessions, **_figures(steps), "errors": len(faults), "outside_requests": outside}


def moving(town: Path, cache: Path, kept: Kept) -> dict[str, Any]:
    """Seconds of another page, and milliseconds of a pan of the map, one visitor."""
    with server(town, cache) as address, browser() as watched:
        watched.context.add_init_script(WATCH)
        page = _opened(watched, f"{address}plan", kept.plan(), [])
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
    """Seconds from a press that turns a view by 5 degrees until its classes are drawn anew on the map."""
    label = say("ja", "app.coverage.bearing")
    with server(town, cache) as address, browser() as watched:
        page = watched.open(f"{address}coverage")
        wait_for_map(page, len(kept.plan().sites))
        page.wait_for_function(f"{ZONES} !== ''")
        page.wait_for_timeout(1500)
        more = page.locator("[data-testid=stNumberInput]", has_text=label).get_by_test_id("stNumberInputStepUp")
        seconds: list[float] = []
        while len(seconds) < STEPS:
            before = page.evaluate(ZONES)
            began = time.perf_counter()
            more.click()
            page.wait_for_function(f"before => {ZONES} !== before && {ZONES} !== ''", arg=before, polling=5)
            page.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
            seconds.append(time.perf_counter() - began)
            page.wait_for_timeout(300)
    return {
        "steps": len(seconds),
        "median_seconds": round(statistics.median(seconds), 3),
        "p95_seconds": round(_share(seconds, 0.95), 3),
        "goal_seconds": TURN_GOAL_S,
        "outside_requests": len(watched.outside),
    }


def _opened(watched: Watched, address: str, plan: Plan, faults: list[str]) -> Page:
    page = watched.context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address)
    wait_for_map(page, len(plan.sites))
    page.wait_for_timeout(1000)
    return page


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
        told = page.evaluate("window.told")
        sent = [at for way, at, _ in told if way == "out"]
        heard = [(at, size) for way, at, size in told if way == "in"]
        last = max((at for at, _ in heard), default=0.0)
        found.append(Step(seconds, (last - sent[0]) / 1000 if sent else 0.0, sum(size for _, size in heard) / 1000))
    return found


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
