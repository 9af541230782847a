"""``python -m benchmarks plan|ingest [TOWN ...]`` and ``afternoon|app|risk|coverage|sight|mclp|cities|product|peers|rules|store ...``: figures measured from outside, one JSON line each."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import (
    afternoon,
    app,
    cities,
    coverage,
    funding,
    ingest,
    mclp,
    peers,
    plan,
    risk_cli,
    rules,
    sight,
    store,
)

WITH_OPTIONS = {
    "afternoon": afternoon.main,
    "app": app.main,
    "risk": risk_cli.main,
    "coverage": coverage.main,
    "sight": sight.main,
    "mclp": mclp.main,
    "cities": cities.main,
    "product": mclp.product,
    "peers": peers.main,
    "rules": rules.main,
    "store": store.main,
}


def main() -> None:
    """Run the named benchmark."""
    if sys.argv[1:] and sys.argv[1] in WITH_OPTIONS:
        WITH_OPTIONS[sys.argv[1]](sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "spec",
        choices=["plan", "ingest", "funding", *WITH_OPTIONS],
        help="what to measure (all but plan and ingest have options of their own)",
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
    for town in arguments.towns or [Path("data"), *([real] if real.is_dir() else [])]:
        for case in plan.CASES:
            print(plan.measure(town, case), flush=True)
    if not arguments.towns:
        print(plan.measure_tight(), flush=True)


if __name__ == "__main__":
    main()
