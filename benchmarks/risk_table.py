"""Every case of the risk benchmark, one after the other, as the rows of the table in RESULTS.md with what each missed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import risk

_SEEDS = (0, 1)
_SPARSE = 0.05
_EXACT_SHARE = 0.1
_NOISE = {"street": 0.04, "burglary": 0.1}  # differences of PAI below this are chance (facts on risk, section 1)
_SLOPE, _SPARSE_SLOPE, _COVERED = (0.95, 1.05), (0.85, 1.15), (0.87, 0.97)
_TIMES_KERNEL = 1.38  # street, all exact points, PAI@5 over a kernel map of 200 m
_TIMES_UNIFORM = {  # at a quarter of a km2 with the full history; anywhere else never below uniform
    ("street", "totals"): 1.08,
    ("burglary", "totals"): 1.05,
    ("street", "halves"): 1.15,
    ("burglary", "halves"): 1.15,
    ("street", "tenth"): 1.25,
    ("burglary", "tenth"): 1.25,
}
_SMALL_KM2 = 0.25


def cases(task: risk.Task) -> Iterator[risk.Task]:
    """The table's cases on the files of a task, of its kind.

    Exact points have no blocks: there the seed only thins, and a second one would be the same run on the full history.
    """
    for seed in _SEEDS:
        for thin in (1.0, _SPARSE):
            one = replace(task, seed=seed, thin=thin)
            if seed == 0 or thin < 1:
                yield replace(one, areal_km2=None, fit="totals", exact_share=0.0)
            for fit in ("totals", "halves"):
                for km2 in (_SMALL_KM2, 1.0, 2.0) if thin == 1 else (_SMALL_KM2,):
                    yield replace(one, areal_km2=km2, fit=fit, exact_share=0.0)
            if thin == 1:
                yield replace(one, areal_km2=_SMALL_KM2, fit="totals", exact_share=_EXACT_SHARE)


def run(task: risk.Task, kept: Path) -> Iterator[str]:
    """A Markdown row per case; figures stand in ``kept`` as JSON lines, and a case that stands there is not run again."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    known = {_name(made["task"]): made for made in map(json.loads, lines)}
    for case in cases(task):
        made = known.get(_name(vars(case)))
        if made is None:
            line = risk.run(case)
            with kept.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
            made = json.loads(line)
        yield row(made)


def _name(task: dict[str, Any]) -> str:
    """What a case is called in the table."""
    km2 = task["areal_km2"]
    known = f"{task['exact_share']:.0%} exact" if task["exact_share"] else task["fit"] if km2 else "exact points"
    parts = [task["kind"], known, *([f"{km2:g} km2"] if km2 else [])]
    if task["thin"] < 1:
        parts.append(f"{task['thin']:.0%} of the history")
    return ", ".join([*parts, f"seed {task['seed']}"]).replace("%", " %")


def row(made: dict[str, Any]) -> str:
    """Markdown: the case, PAI, what it is held against, slope, intervals, and which goals it missed."""
    task, ours, others = made["task"], made["ours"], made["baselines"]
    against, goal, missed = (_of_blocks if task["areal_km2"] else _of_points)(task, ours, others)
    slopes = _SLOPE if task["thin"] == 1 else _SPARSE_SLOPE
    missed += [] if slopes[0] <= ours["slope"] <= slopes[1] else ["slope"]
    covered = [ours["covered_share"], ours["covered_top_share"]]
    missed += [] if all(_COVERED[0] <= one <= _COVERED[1] for one in covered) else ["intervals"]
    missed += ["zero intensity"] if task["zero_cells"] else []
    cells = [
        _name(task),
        f"{ours['pai_1']:.2f} / {ours['pai_5']:.3f}",
        against,
        f"{ours['slope']:.3f}",
        f"{covered[0]:.3f} / {covered[1]:.3f}",
        f"{goal}; " + (f"missed: {', '.join(missed)}" if missed else "met"),
    ]
    return f"| {' | '.join(cells)} |"


def _of_blocks(task: dict[str, Any], ours: dict[str, Any], others: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Against uniform spreading of the block totals."""
    times = ours["pai_5"] / others["uniform"]["pai_5"]
    fit = "tenth" if task["exact_share"] else task["fit"]
    full = task["areal_km2"] == _SMALL_KM2 and task["thin"] == 1
    goal = _TIMES_UNIFORM[task["kind"], fit] if full else 1.0
    return f"{times:.3f} x", f"{goal:g} x", ["x"] if times < goal else []


def _of_points(task: dict[str, Any], ours: dict[str, Any], others: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Against previous years' counts and empirical Bayes, and a kernel map."""
    names = ("pai_1", "pai_5")
    best = {name: max(others[other][name] for other in ("count", "eb")) for name in names}
    times = ours["pai_5"] / others["kde_200"]["pai_5"]
    missed = [f"PAI@{name[-1]}" for name in names if ours[name] < best[name] - _NOISE[task["kind"]]]
    goal = ">= count, EB"
    if task["kind"] == "street" and task["thin"] == 1:
        goal += f"; {_TIMES_KERNEL} x KDE"
        missed += ["x KDE"] if times < _TIMES_KERNEL else []
    against = f"best of count, EB {best['pai_1']:.2f} / {best['pai_5']:.3f}; {times:.3f} x KDE 200 m"
    return against, goal, missed
