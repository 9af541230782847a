"""``python -m benchmarks cities``: the published city cases one after another, each against its best known plan.

Maximo, Cordeau and Nascimento 2023 (``instances.published``); ``optima/CITY_SITES_RADIUS.txt`` holds the best known value and its
sites, which are counted again from the cover before anything is compared with them. A line per case as ``mclp`` prints it, without
the chosen sites unless they cover more than the best known, and last a line with mean and worst.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import instances, plain
from benchmarks.mclp import settings_for, solved, warm
from benchmarks.plain import Cover


def best_known(path: Path, cover: Cover) -> int:
    """The best known value, refused where its own sites do not cover so much."""
    first, second = path.read_text(encoding="ascii").split("\n")[:2]
    value, chosen = int(first.split(":")[1]), np.array(second.split(":")[1].split(), np.int64)
    if plain.covered_weight(cover, chosen) != value or chosen.size != cover.rules[0].limit:
        raise SystemExit(
            f"{path.name}: its {chosen.size} sites cover {plain.covered_weight(cover, chosen)}, not {value}"
        )
    return value


def measured(path: Path, seconds: float, seed: int) -> dict[str, object]:
    """The figures of one case."""
    city, sites, radius = path.stem.split("_")
    cover = instances.published(path.parent.parent / f"{city}.txt", float(radius), int(sites))
    pose: Callable[[], Cover] = lambda: cover  # noqa: E731
    known, figures = best_known(path, cover), solved(pose, settings_for(seconds, seed), seconds)
    value, bound = int(str(figures["value"])), int(str(figures["bound"]))
    if value <= known:
        del figures["chosen"]
    to_known = {
        "best_known": known,
        "gap_to_best_known": (known - value) / known,
        "certificate": (bound - value) / bound,
    }
    return {"benchmark": "cities", "instance": f"{city} {sites}", **figures, **to_known}


def main(arguments: list[str]) -> None:
    """A line per case and one of all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cities")
    parser.add_argument("--seconds", type=float, required=True, help="CPU seconds per case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="names of files in optima, without .txt")
    given = parser.parse_args(arguments)
    folder = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data")) / "instances" / "ails_mclp" / "optima"
    cases = [path for path in sorted(folder.glob("*.txt")) if not given.only or path.stem in given.only]
    if not cases:
        parser.error(f"no such case in {folder}")
    warm()
    lines = []
    for path in cases:
        lines.append(measured(path, given.seconds, given.seed))
        print(json.dumps(lines[-1]), flush=True)
    gap, certificate, used = (
        np.array([float(str(line[name])) for line in lines])
        for name in ("gap_to_best_known", "certificate", "cpu_seconds")
    )
    together = {
        "benchmark": "cities",
        "cases": len(lines),
        "matched": int((gap <= 0).sum()),
        "optimal": sum(bool(line["optimal"]) for line in lines),
        "mean_gap_to_best_known": round(float(gap.mean()), 6),
        "worst_gap_to_best_known": round(float(gap.max()), 6),
        "mean_certificate": round(float(certificate.mean()), 6),
        "worst_certificate": round(float(certificate.max()), 6),
        "cpu_seconds_longest": round(float(used.max()), 2),
    }
    print(json.dumps(together), flush=True)
