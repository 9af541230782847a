"""A planner's afternoon in a real browser, once in each language: from the example town to the files for the council.

Every step leaves a picture in ``out/screens``; ``python -m benchmarks afternoon`` prints how long each step took.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from benchmarks.plan import commit, machine
from planner.text import LANGUAGES, Language, say
from tests.browser import ROOT, Watched, browser, server

PICTURES = ROOT / "out" / "screens"
HIGHEST_PX = 3000  # of a picture: lower down a page is a list
COMPUTED_MS = 900_000
DRAWN_MS = 120_000
BEGUN_MS = 15_000
TURNS = 3  # tries to open a list
RUNNING = "[data-testid=stApp][data-test-script-state=running]"
OWN_FILES = ("*.csv", "*.geojson", "*.gpkg", "*.json")


@dataclass
class Afternoon:
    """One visitor: the page, its language, and seconds and picture of every step so far."""

    page: Page
    language: Language
    steps: list[dict[str, Any]] = field(default_factory=list)

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the page."""
        return say(self.language, key, **values)

    def step(self, name: str, *acts: Callable[[], object]) -> None:
        """Do them, wait until the page stands, take a picture of all of it."""
        began = time.perf_counter()
        for act in acts:
            act()
        self.stands()
        took = time.perf_counter() - began
        if self.page.locator(".stException").count():
            raise RuntimeError(f"a fault is shown after {name}")
        high = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": 1400, "height": min(max(high + 60, 900), HIGHEST_PX)})
        self.page.wait_for_timeout(500)
        file = PICTURES / f"afternoon_{len(self.steps) + 1:02d}_{name}_{self.language}.png"
        self.page.screenshot(path=file)
        self.page.set_viewport_size({"width": 1400, "height": 900})
        self.steps.append({"step": name, "seconds": round(took, 2), "picture": file.name})
        print(json.dumps(self.steps[-1], ensure_ascii=False), flush=True)

    def stands(self) -> None:
        """Until nothing is computed and the server has nothing more to say."""
        self.page.wait_for_timeout(250)
        expect(self.page.locator(".st-key-stop")).to_have_count(0, timeout=COMPUTED_MS)
        self.page.wait_for_function(f"!document.querySelector('{RUNNING}')", timeout=DRAWN_MS)
        self.page.wait_for_timeout(400)

    def compute(self, key: str) -> None:
        """Press what begins a computation, and wait until it has begun (a kept study is shown at once)."""
        self.key(key).locator("button").first.click()  # its help is a second one, out of sight
        try:
            self.key("stop").wait_for(timeout=BEGUN_MS)
        except PlaywrightTimeoutError:
            self.stands()

    def to(self, name: str) -> None:
        """Another page by its name in the bar."""
        self.page.get_by_role("link", name=self.say(f"app.page.{name}"), exact=True).first.click()
        title = self.say("app.title" if name == "start" else f"app.page.{name}")
        expect(self.page.locator("h1")).to_have_text(title, timeout=DRAWN_MS)

    def key(self, name: str) -> Locator:
        """What stands under a key."""
        return self.page.locator(f".st-key-{name}")

    def press(self, label: str) -> None:
        """A button by its words."""
        self.page.get_by_role("button", name=self.say(label), exact=True).first.click()

    def write(self, key: str, words: str) -> None:
        """Words into a field."""
        box = self.key(key).locator("input, textarea").first
        box.fill(words)
        box.press("Tab")

    def choose(self, key: str, words: str) -> None:
        """A choice of a list."""
        option = self.page.get_by_role("option", name=words).first
        for _ in range(TURNS):
            self.stands()
            box = self.key(key).locator("[role=combobox]").first
            box.scroll_into_view_if_needed()
            box.click()
            try:
                option.click(timeout=BEGUN_MS)
            except PlaywrightTimeoutError:  # a list that is drawn anew while it is open closes
                self.page.keyboard.press("Escape")
            else:
                return
        raise RuntimeError(f"{key} never offered {words}")

    def saved(self, key: str, folder: Path) -> Path:
        """The file behind a button."""
        with self.page.expect_download(timeout=DRAWN_MS) as download:
            self.key(key).locator("button").first.click()  # its help is a second one, out of sight
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


def main(arguments: list[str]) -> None:
    """``python -m benchmarks afternoon [--town FOLDER] [--own FOLDER] [--cache FOLDER] [--language ja]``: one JSON line a step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks afternoon")
    real = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data")) / "yamato"
    parser.add_argument("--own", type=Path, default=real, help="folder of the visitor's own files")
    parser.add_argument("--town", type=Path, default=ROOT / "data", help="the town of the server")
    parser.add_argument("--cache", type=Path, help="folder of kept studies (default: a new one)")
    parser.add_argument("--language", choices=LANGUAGES, help="one language only")
    wish = parser.parse_args(arguments)
    if not wish.own.is_dir():
        parser.error(f"--own: {wish.own} is no folder")
    for language in [wish.language] if wish.language else LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            told = spent(language, wish.town.resolve(), wish.own, Path(folder), wish.cache)
            print(json.dumps(told, ensure_ascii=False), flush=True)


def spent(language: Language, town: Path, own: Path, folder: Path, cache: Path | None) -> dict[str, Any]:
    """The afternoon in one language; versions, own towns and files go to ``folder``."""
    from benchmarks.afternoon_parts import PARTS

    PICTURES.mkdir(parents=True, exist_ok=True)
    os.environ["PLANNER_TOWNS"] = str(folder / "towns")
    store = folder / "plans.sqlite"
    with server(town, cache or folder / "cache", store=store) as address, browser(1400, 900) as watched:
        faults: list[str] = []
        page = watched.open(f"{address}?lang={language}")
        page.set_default_timeout(DRAWN_MS)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        visit = Afternoon(page, language)
        for part in PARTS:
            part(visit, folder, own)
        return {"benchmark": "afternoon", "language": language, **_sum(visit, watched, faults)}


def _sum(visit: Afternoon, watched: Watched, faults: list[str]) -> dict[str, Any]:
    """All of it in one line."""
    slowest = max(visit.steps, key=lambda s: float(s["seconds"]))
    return {
        "steps": len(visit.steps),
        "seconds": round(sum(float(s["seconds"]) for s in visit.steps), 1),
        "slowest": slowest["step"],
        "page_errors": len(faults),
        "outside_requests": len(watched.outside),
        "commit": commit(),
        "machine": machine(),
    }
