"""``python -m benchmarks plan [TOWN ...]``: figures measured as whole processes, one JSON line each."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.plan import CASES, measure


def main() -> None:
    """Run the named benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("spec", choices=["plan"], help="what to measure")
    parser.add_argument("towns", nargs="*", type=Path, help="town folders (default: data and the real one)")
    arguments = parser.parse_args()
    real = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data")) / "yamato"
    towns = arguments.towns or [Path("data"), *([real] if real.is_dir() else [])]
    for town in towns:
        for case in CASES:
            print(measure(town, case), flush=True)


if __name__ == "__main__":
    main()
