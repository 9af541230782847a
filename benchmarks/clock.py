"""CPU seconds of this process and its children, those that still run included."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

LOOK_SECONDS = 0.1  # between two looks at the running children: reading them all takes milliseconds


def _running() -> float:
    """CPU seconds of the children that still run (0 where there is no /proc)."""
    ticks, mine, total = os.sysconf("SC_CLK_TCK"), str(os.getpid()), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if fields[1] == mine:
            total += int(fields[11]) + int(fields[12])
    return total / ticks


def _own() -> float:
    """CPU seconds of this process and of the children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def cpu() -> float:
    """CPU seconds of this process and its children."""
    return _own() + _running()


class CpuClock:
    """The same as a clock for ``Work``: running children are looked at now and then only."""

    def __init__(self) -> None:
        self.looked, self.running, self.last = -LOOK_SECONDS, 0.0, 0.0

    def __call__(self) -> float:
        """CPU seconds so far, never less than before."""
        now = time.monotonic()
        if now - self.looked >= LOOK_SECONDS:
            self.looked, self.running = now, _running()
        self.last = max(self.last, _own() + self.running)
        return self.last
