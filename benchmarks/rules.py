"""``python -m benchmarks rules --cases 1000``: random small problems with every rule against enumeration, one JSON line.

The problems and their enumeration are those of ``tests/siting/every_rule.py``, which shares no code with the solver.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "siting"


def main(arguments: list[str]) -> None:
    """The number of cases, of those that no plan can keep, and every case whose answer is another than enumeration's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rules", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(TESTS))
    every = importlib.import_module("every_rule")
    began = time.process_time()
    seeds = range(every.FIRST_SEED, every.FIRST_SEED + given.cases)
    differing = {seed: why for seed in seeds if (why := every.differs(seed))}
    line = {
        "benchmark": "rules",
        "cases": given.cases,
        "without_plan": sum(map(every.refused, seeds)),
        "differing": differing,
        "cpu_seconds": round(time.process_time() - began, 1),
    }
    print(json.dumps(line))
    if differing:
        raise SystemExit(1)
