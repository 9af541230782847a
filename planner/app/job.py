"""One computation in a process of its own: the page polls it, and it can be stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.app.kept import Kept, Layers, Reading
from planner.errors import PlannerError, Question

_CODE = Path(__file__).parents[2]


@dataclass
class News:
    """What is known of a computation so far.

    ``step``: stage, done, total. ``value`` and ``bound`` are offences a year. ``kept`` is there as soon as a plan
    can be shown; ``refused`` holds (code, values) of what the planner must be told instead. ``reading`` is there where
    the town's files were refused: with ``questions`` to be answered, over the ``boundary`` (GeoJSON geometry, degrees).
    """

    step: tuple[str, int, int] = ("read", 0, 0)
    value: float | None = None
    bound: float | None = None
    kept: Kept | None = None
    points: int = 0
    done: bool = False
    refused: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reading: Reading | None = None
    questions: list[Question] = field(default_factory=list)
    boundary: dict[str, Any] | None = None

    @property
    def gap(self) -> float | None:
        """(bound - value) / bound, once both are known."""
        if self.value is None or self.bound is None:
            return None
        return (self.bound - self.value) / max(self.bound, 1e-9)


class Job:
    """A worker process for one town and its wishes (``beside``: what `scenarios.beside` is asked for a study that stands)."""

    def __init__(self, town: Path, layers: Layers, root: Path, beside: Mapping[str, Any] | None = None) -> None:
        self.news = News()
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = os.pathsep.join(p for p in (str(_CODE), os.environ.get("PYTHONPATH", "")) if p)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "planner.app.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            encoding="utf-8",
            errors="replace",
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise PlannerError("internal_error", "no pipes", kind="worker", detail="no pipes")
        self._into, self._from = self._process.stdin, self._process.stdout
        request: dict[str, Any] = {"town": str(town), "root": str(root), "layers": [[o, dict(w)] for o, w in layers]}
        request |= {"beside": dict(beside)} if beside else {}
        self._write(json.dumps(request))
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """End the search with what it has."""
        if not self.news.done:
            self._write("stop")

    def wait(self, seconds: float) -> News:
        """The news when the process has ended, or after so many seconds."""
        self._reader.join(seconds)
        return self.news

    def _write(self, line: str) -> None:
        with suppress(BrokenPipeError, ValueError):  # a worker that has ended says so through ``_follow``
            self._into.write(line + "\n")
            self._into.flush()

    def _follow(self) -> None:
        """Read the worker's lines until it ends."""
        with self._from:
            for line in self._from:
                with suppress(ValueError, TypeError, AttributeError):  # what a library prints is no news
                    self._hear(dict(json.loads(line)))
        self._process.wait()
        with suppress(BrokenPipeError):
            self._into.close()
        self._ended()

    def _hear(self, told: dict[str, Any]) -> None:
        news = self.news
        if "step" in told:
            stage, done, total = told["step"]
            news.step = (str(stage), int(done), int(total))
        elif "proof" in told:
            news.value, news.bound = told["proof"]
        elif "plan" in told:
            news.kept = Kept(self._root / told["plan"])
        elif "point" in told:
            news.points += 1
        elif "refused" in told:
            if "reading" in told:
                news.questions = [_question(q) for q in told["questions"]]
                news.reading, news.boundary = Reading(**told["reading"]), told["boundary"]
            news.refused = [(code, values) for code, values in told["refused"]]
            news.done = True
        elif "done" in told:
            news.done = True

    def _ended(self) -> None:
        """A process that ended without a last word is an internal error."""
        if not self.news.done:
            code = self._process.poll()
            self.news.refused = [("internal_error", {"kind": "worker", "detail": f"exit {code}"})]
            self.news.done = True


def _question(told: dict[str, Any]) -> Question:
    """A question as it was before it went down the pipe."""
    places = {choice: tuple((lon, lat) for lon, lat in points) for choice, points in told["places"].items()}
    preview = {choice: tuple(rows) for choice, rows in told["preview"].items()}
    return Question(**{**told, "choices": tuple(told["choices"]), "preview": preview, "places": places})
