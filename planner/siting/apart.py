"""Branch and bound in a process of its own, so that it ends the moment the work is stopped.

HiGHS hears a stop only between its steps, and one step of a large root (cuts, heuristics) takes seconds. What the child has
found and proven until then is kept, and should the child be ended from outside the planner goes on with that.
"""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from planner.siting.highs import Floats, Task
from planner.work import Work

LOOK_SECONDS = 0.05  # between two looks at whether the work is stopped


def solve_apart(
    task: Task, work: Work, told: Callable[[float], None], found: Callable[[Floats], None]
) -> dict[str, Any] | None:
    """What HiGHS ends with (``highs.said``), or None when the work was stopped or the child ended early.

    ``told`` hears each lower bound, ``found`` each better solution, both in this process and thread.
    """
    try:
        return _conversation(task, work, {"told": told, "found": found})
    except BrokenPipeError:  # it ended before it had the whole task
        return None


def _conversation(task: Task, work: Work, heard: dict[str, Callable[[Any], None]]) -> dict[str, Any] | None:
    """Give the task, hear the news until the end or a stop, and leave no child behind."""
    child = Path(__file__).with_name("highs.py")
    command, pipe = [sys.executable, "-P", str(child)], subprocess.PIPE
    # a session of its own: Ctrl-C is for the planner, which then asks what has been found
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as process:
        try:
            news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
            assert process.stdin is not None  # noqa: S101 - pipes were asked for
            assert process.stdout is not None  # noqa: S101
            threading.Thread(target=_read, args=(process.stdout, news), daemon=True).start()
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            while not work.stopped:
                try:
                    kind, what = news.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    continue
                if kind not in heard:
                    return dict(what) if what is not None else None
                heard[kind](what)
        finally:
            process.kill()
    return None


def _read(output: IO[bytes], news: queue.SimpleQueue[tuple[str, Any]]) -> None:
    """The child's news into the queue, and ``said`` nothing at their end."""
    try:
        while True:
            news.put(pickle.load(output))  # noqa: S301 - from the child that was started here
    except (EOFError, pickle.UnpicklingError, ValueError):
        news.put(("said", None))
