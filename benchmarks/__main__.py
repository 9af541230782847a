"""``python -m benchmarks plan|app|ingest|funding [TOWN ...]`` and ``risk ...``: figures measured from outside, one JSON line each."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import app, funding, ingest, plan, risk_cli


def main() -> None:
    """Run the named benchmark."""
    if sys.argv[1:2] == ["risk"]:
        risk_cli.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "spec",
        choices=["plan", "app", "ingest", "risk", "funding"],
        help="what to measure (risk has options of its own)",
    )
    parser.add_argument("towns", nargs="*", type=Path, help="town folders (default: data and the real one)")
    arguments = parser.parse_args()
    real = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data")) / "yamato"
    if arguments.spec == "ingest":
        for case in ingest.CASES:
            if case != "kanagawa" or real.is_dir():
                print(ingest.measure(case), flush=True)
        return
    if arguments.spec == "funding":
        print(*map(funding.measure, funding.CASES), sep="\n", flush=True)
        return
    if arguments.spec == "app":
        for town in arguments.towns or [Path("data")]:
            print(*app.measure(town), sep="\n", flush=True)
        return
    for town in arguments.towns or [Path("data"), *([real] if real.is_dir() else [])]:
        for case in plan.CASES:
            print(plan.measure(town, case), flush=True)


if __name__ == "__main__":
    main()
