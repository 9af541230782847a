"""Progress and stopping: one context, handed down, no globals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from planner.errors import StoppedError

Report = Callable[[str, int, int], None]
Prove = Callable[[float, float], None]


def silent(*_told: object) -> None:
    """Tell nobody."""


@dataclass
class Work:
    """What a long piece of work reports to, and what may stop it.

    ``report(stage, done, total)`` is called with a stage code (``progress.<stage>`` in the text
    catalogues); ``prove(value, bound)`` is called whenever the search has a better plan or a lower
    bound (offences a year); ``seconds`` is a wall limit that only cuts and sets status ``stopped``.
    """

    report: Report = silent
    seconds: float | None = None
    prove: Prove = silent
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    _asked_to_stop: bool = False

    def __post_init__(self) -> None:
        self.started = self.clock()

    def step(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far a stage is (``total`` 0: unknown)."""
        self.report(stage, done, total)

    @contextmanager
    def quiet(self) -> Iterator[Work]:
        """The same work, heard to stop, while what it does tells neither stages nor proofs."""
        told = self.report, self.prove
        self.report = self.prove = silent
        try:
            yield self
        finally:
            self.report, self.prove = told

    def stop(self) -> None:
        """Ask the work to end at its next safe point."""
        self._asked_to_stop = True

    @contextmanager
    def apart(self) -> Iterator[None]:
        """While another question than the plan's is answered its proofs are not told."""
        prove, self.prove = self.prove, silent
        try:
            yield
        finally:
            self.prove = prove

    @property
    def elapsed_seconds(self) -> float:
        """Seconds of the clock since the work began."""
        return self.clock() - self.started

    def check(self) -> None:
        """Raise ``StoppedError`` once the user asked to stop (a wall limit alone cuts only the search)."""
        if self._asked_to_stop:
            raise StoppedError("stopped_without_plan", "stopped before a plan stood")

    @property
    def stopped(self) -> bool:
        """True once the user asked to stop or the wall limit has passed."""
        return self._asked_to_stop or (self.seconds is not None and self.elapsed_seconds >= self.seconds)
