"""``python -m benchmarks risk``: on files with exact points, on a town folder, on a made-up city, or for speed."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from benchmarks import risk, risk_table, risk_town


def main(arguments: list[str]) -> None:
    """Read the wishes and print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks risk", description=__doc__)
    parser.add_argument("--incidents", type=Path, help="kind, date, east_m, north_m (parquet or CSV)")
    parser.add_argument("--blocks", type=Path, help="street blocks: east_m, north_m")
    parser.add_argument("--places", type=Path, help="place_class, east_m, north_m")
    parser.add_argument("--kind", choices=["street", "burglary"], default="street")
    parser.add_argument("--history-from", type=pd.Timestamp, default=pd.Timestamp("2013-01-01"), help="first day")
    parser.add_argument(
        "--until",
        type=pd.Timestamp,
        default=pd.Timestamp("2016-01-01"),
        help="last day of history, or the first of the test",
    )
    parser.add_argument("--areal-km2", type=float, help="mean size of the blocks to which the history is known")
    parser.add_argument("--fit", choices=["totals", "halves"], default="totals")
    parser.add_argument("--exact-share", type=float, default=0.0)
    parser.add_argument("--thin", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, help="every case of this kind, kept in this file, as Markdown rows")
    parser.add_argument("--town", type=Path, help="town folder: the last year held out, by block")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--synthetic", action="store_true")
    given = parser.parse_args(arguments)
    if given.town:
        print(risk_town.town(given.town), flush=True)
    elif given.speed:
        print(risk_town.speed(), flush=True)
    elif given.synthetic:
        print(risk_town.synthetic(given.seed), flush=True)
    elif given.incidents and given.blocks and given.places:
        until = given.until + pd.Timedelta(
            days=0 if given.until.day == 1 else 1
        )  # 2015-12-31 is the last day of history
        task = risk.Task(
            given.incidents,
            given.blocks,
            given.places,
            given.kind,
            given.history_from,
            until,
            given.areal_km2,
            given.fit,
            given.exact_share,
            given.thin,
            given.seed,
        )
        for line in risk_table.run(task, given.table) if given.table else [risk.run(task)]:
            print(line, flush=True)
    else:
        parser.error("--incidents, --blocks and --places together, or --town, --speed, --synthetic")
