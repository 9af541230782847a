"""Saves against ``kill -9``: how many that were acknowledged are lost; how long a save takes.

A writer process saves version after version and says each number only after its save has returned. It is killed at a random
moment, again and again; then every acknowledged version must be there and the store whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from planner import show, store
from planner.errors import StoreError
from planner.plan import Plan

NAME = "案"
LONGEST_S = 0.25  # a writer lives at most this long after its first save: several saves, kills fall in their midst
KILLS_A_STORE = 10  # then a new store, since the whole of it is examined after each kill


def write(path: Path, plan: Plan) -> None:
    """Save for ever, acknowledging each version on standard output."""
    with store.opened(path) as shelf:
        number = max((v.number for v in shelf.versions(NAME)), default=0)
        while True:
            number = shelf.save(plan, NAME, number, "writer").number
            os.write(1, f"{number}\n".encode())


def killed(path: Path, plan_file: Path, after_s: float) -> list[int]:
    """The versions that a writer acknowledged before it was killed ``after_s`` after its first."""
    words = ["--plan", str(plan_file), "--writer", str(path)]
    command = [sys.executable, "-c", "import sys; from benchmarks.store import main; main(sys.argv[1:])", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        said = cast("BinaryIO", writer.stdout)
        first = said.readline()
        time.sleep(after_s)
        writer.send_signal(signal.SIGKILL)
        told = (first + said.read()).split(b"\n")[:-1]  # what was cut off was not said
    return [int(line) for line in told]


def kills(folder: Path, plan_file: Path, number: int, seed: int) -> dict[str, int]:
    """Kill a writer ``number`` times; count what was acknowledged, lost and found broken."""
    chance = random.Random(seed)  # noqa: S311 - moments of a test
    acknowledged = lost = unsound = 0
    for kill in range(number):
        path = folder / f"kills_{kill // KILLS_A_STORE}.sqlite"
        told = killed(path, plan_file, chance.uniform(0, LONGEST_S))
        with store.opened(path, must_exist=True) as shelf:
            there = {v.number for v in shelf.versions(NAME)}
            unsound += bool(store.examine(shelf).faults)
        acknowledged += len(told)
        lost += len(set(told) - there)
    return {"kills": number, "acknowledged": acknowledged, "lost": lost, "unsound": unsound}


def rivals(path: Path, plan: Plan, planners: int, saves: int) -> dict[str, int]:
    """Planners who save the same plan at once: each save stands or its planner is told of the other."""
    told = {"saved": 0, "conflicts": 0}
    lock = threading.Lock()

    def one(name: str) -> None:
        with store.opened(path) as shelf:
            for _ in range(saves):
                base = max((v.number for v in shelf.versions(NAME)), default=0)
                try:
                    shelf.save(plan, NAME, base, name)
                    outcome = "saved"
                except StoreError as error:
                    if error.code != "version_conflict":
                        raise
                    outcome = "conflicts"
                with lock:
                    told[outcome] += 1

    threads = [threading.Thread(target=one, args=(f"課{i}",)) for i in range(planners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.opened(path) as shelf:
        head = shelf.version(NAME).number
    return {"planners": planners, **told, "head": head, "overwritten": told["saved"] - head}


def seconds(path: Path, plan: Plan, saves: int) -> dict[str, float]:
    """How long a save takes (one transaction, flushed to disk), and a load."""
    took = []
    with store.opened(path) as shelf:
        for number in range(saves):
            start = time.perf_counter()
            version = shelf.save(plan, NAME, number, "課")
            took.append(time.perf_counter() - start)
        start = time.perf_counter()
        shelf.load(version)
        loaded = time.perf_counter() - start
    return {"save_median_s": float(np.median(took)), "save_p99_s": float(np.quantile(took, 0.99)), "load_s": loaded}


def main(arguments: list[str]) -> None:
    """``python -m benchmarks store --plan PLAN.json [--kills 200] [--seed 0]``: one JSON line."""
    parser = argparse.ArgumentParser(prog="benchmarks store")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--writer", type=Path)
    wish = parser.parse_args(arguments)
    plan = show.load(wish.plan)
    if wish.writer:
        write(wish.writer, plan)
        return
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        print(
            json.dumps(
                {
                    "payload_bytes": len(plan.model_dump_json().encode()),
                    **kills(here, wish.plan, wish.kills, wish.seed),
                    "rivals": rivals(here / "rivals.sqlite", plan, 4, 50),
                    **seconds(here / "seconds.sqlite", plan, 100),
                }
            )
        )
