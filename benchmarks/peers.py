"""``python -m benchmarks peers``: other tools on the same instances, each run in a process of its own, one JSON line each.

They live in an environment of their own (``requirements-peers.txt``), made in the user's cache folder at the first run.
CPU seconds are those of the child after its imports, solver processes included and compilation left out; a run is cut off at 600 and then counts ">=600".
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

from benchmarks import instances, plain

CUT_OFF = 600  # CPU seconds
PEERS = ("spopt+CBC", "spopt+HiGHS", "highspy", "CP-SAT", "apricot")
CASES = ("U:100:10000", "U:1000:10000", "C:1000:10000")
PLAIN_ONLY = {"spopt+CBC", "spopt+HiGHS", "apricot"}  # no costs


def environment() -> Path:
    """The peers' Python, installed when it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "planner-peers"
    python = cache / "bin" / "python"
    if not python.exists():
        venv.create(cache, with_pip=True)
        wanted = Path(__file__).with_name("requirements-peers.txt")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True, stdout=sys.stderr)
    return python


def measure(python: Path, peer: str, case: str, seed: int, cut_off: int) -> str:
    """One run as one JSON line; the value is recomputed from the chosen sites."""
    points = instances.generated(case, seed)
    cover = points.cover()
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder) / "task.npz", Path(folder) / "answer.json"
        np.savez(
            task,
            sites=points.sites,
            points=points.points,
            radius=points.radius,
            weight=points.weight,
            cost=points.cost,
            budget=points.budget,
            start=cover.start,
            point=cover.point,
        )
        script = Path(__file__).with_name("peer.py")
        command = [str(python), str(script), peer, str(task), str(answer), str(cut_off)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        said = json.loads(answer.read_text()) if answer.exists() else {}
    line: dict[str, object] = {"benchmark": "peers", "peer": peer, "instance": f"{case}, seed {seed}"}
    cut = not said or said["cpu_seconds"] >= cut_off
    if not said and done.returncode != -signal.SIGXCPU:
        return json.dumps(line | {"error": done.stderr.strip().split("\n")[-1][:200]})
    line["cpu_seconds"] = f">={cut_off}" if cut else round(said["cpu_seconds"], 2)
    if said.get("chosen") is not None:
        chosen = np.array(said["chosen"], np.int64)
        line["value"] = plain.covered_weight(cover, chosen)
        line["broken"] = list(plain.broken_rules(cover, chosen))
    line["optimal"] = bool(said.get("optimal")) and not cut
    line["bound"] = said.get("bound")
    return json.dumps(line)


def main(arguments: list[str]) -> None:
    """All peers on all instances, or those named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers", description=__doc__)
    parser.add_argument("--peer", action="append", choices=PEERS, default=[])
    parser.add_argument("--generate", action="append", default=[], help="instances (default: the three compared)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cut-off", type=int, default=CUT_OFF, help="CPU seconds")
    given = parser.parse_args(arguments)
    python = environment()
    for case in given.generate or CASES:
        for peer in given.peer or PEERS:
            if not (peer in PLAIN_ONLY and case.startswith("C")):
                print(measure(python, peer, case, given.seed, given.cut_off), flush=True)
