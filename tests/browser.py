"""A real server and a real browser that is let nowhere but to this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Download, Frame, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

ROOT = Path(__file__).parent.parent
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-backgrounding-occluded-windows",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
WAIT_MS = 60_000
# a click that is lost, since its button moved or was drawn anew under it, is given again, as a user does
CLICKS, CLICK_MS = 15, 4_000


# headings of tables that go on in a second line after their first letter; what is folded is unfolded while it is measured:
# Chromium lays it out only when asked, and may answer the first question about each fold from before it did
CUT = """() => {
  const folds = [...document.querySelectorAll('details:not([open])')];
  folds.forEach(fold => { fold.open = true; });
  const top = (text, at) => {
    const letter = document.createRange();
    letter.setStart(text, at);
    letter.setEnd(text, at + 1);
    return letter.getBoundingClientRect().top;
  };
  const cut = [...document.querySelectorAll('th')]
    .map(th => [...th.childNodes].find(n => n.nodeType === 3 && n.length > 1))
    .filter(text => text && top(text, 1) > top(text, 0) + 4).map(text => text.data);
  folds.forEach(fold => { fold.open = false; });
  return cut;
}"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(town: Path, cache: Path, base: str = "", store: Path | None = None) -> Iterator[str]:
    """The app on a free port, as ``make app`` starts it; its address."""
    port = free_port()
    command = [sys.executable, "-m", "planner.app", "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--server.baseUrlPath", base] if base else []
    environment = {**os.environ, "PLANNER_TOWN": str(town), "PLANNER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    environment["PLANNER_STORE"] = str(store or cache / "store" / "plans.sqlite")
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            _wait_for(port, running)
            yield f"http://127.0.0.1:{port}/{base + '/' if base else ''}"
        finally:
            running.terminate()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if running.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


@dataclass
class Watched:
    """A browser context and every request that would have left this machine (all are refused)."""

    context: BrowserContext
    outside: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(address)
        return page

    def window(self) -> Page:
        """A window of its own, watched like the others: Chromium draws a page behind another only once a second."""
        beside = self.context.browser
        assert beside is not None
        return _watched(beside, self.outside).new_page()


def _elsewhere(address: str) -> bool:
    """Whether an address is not of this machine."""
    return not address.startswith(("http://127.0.0.1", "data:", "blob:", "file:"))


def _watched(
    running: Browser, outside: list[str], wide: int = 1400, high: int = 1000, *, held: bool = False
) -> BrowserContext:
    """A context in Japanese; requests to other machines find none (``held``: are never answered) and are noted in ``outside``.

    They are not routed through Playwright unless held: Chromium keeps no file where it is asked about each, as no user's does.
    """
    context = running.new_context(
        viewport={"width": wide, "height": high}, locale="ja-JP", timezone_id="Asia/Tokyo", accept_downloads=True
    )
    if held:
        context.route(_elsewhere, lambda route: outside.append(route.request.url))
    else:
        context.on("request", lambda request: outside.append(request.url) if _elsewhere(request.url) else None)
    return context


@contextmanager
def browser(wide: int = 1400, high: int = 1000, *, held: bool = False) -> Iterator[Watched]:
    """Chromium in Japanese; requests to other machines are counted and refused, or ``held`` open as a firewall does that drops them."""
    # what is expected may take as long as what is waited for: other workers share the cores
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        outside: list[str] = []
        try:
            yield Watched(_watched(running, outside, wide, high, held=held), outside)
        finally:
            running.close()


def saved(page: Page, button: Locator) -> Download:
    """The file behind a button, once what unfolds has come to rest; what the app says beside the button (for five seconds) is no lost click."""
    for _ in range(CLICKS):
        page.wait_for_function("[...document.querySelectorAll('details')].every(fold => !fold.getAnimations().length)")
        try:
            with page.expect_download(timeout=CLICK_MS) as download:
                button.click()
        except NotInTime:
            refusal = page.locator("[data-testid=stDownloadButtonError]")
            assert refusal.count() == 0, refusal.all_inner_texts()
            continue
        return download.value
    raise AssertionError(f"{button} saved nothing in {CLICKS} clicks")


def speak(page: Page, language: str) -> None:
    """Choose a language by its own name, on the page."""
    page.get_by_role("radio", name=language).locator("xpath=ancestor::label").click()


def drawn(page: Page) -> None:
    """Until the server has nothing more to say."""
    page.wait_for_selector("h1")
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    page.wait_for_timeout(500)


def found_by_axe(page: Page) -> list[tuple[str, list[str], str]]:
    """What axe-core finds serious or worse, with everything unfolded."""
    drawn(page)
    page.evaluate(
        "document.querySelectorAll('[data-testid=stExpander] details:not([open]) > summary').forEach(f => f.click())"
    )
    page.wait_for_timeout(300)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        (v["id"], node["target"], node["failureSummary"])
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def map_frame(page: Page) -> Frame:
    """The frame in which the map is drawn: the page's own."""
    page.wait_for_selector(".live-map.leaflet-container", state="attached")
    return page.main_frame


def wait_for_map(page: Page, pins: int) -> Frame:
    """The map's frame once it shows so many sites and two more pictures were painted."""
    frame = map_frame(page)
    frame.wait_for_function(f"document.querySelectorAll('.site-icon').length === {pins}", timeout=WAIT_MS, polling=5)
    frame.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
    return frame
