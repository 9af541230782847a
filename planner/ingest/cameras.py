"""Lists of standing cameras: those that were removed and those that stand in the list twice are asked about (B117)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.errors import Question
from planner.ingest.columns import SourceRows, pick
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.words import UNKNOWN

_GONE = re.compile(r"(撤去|廃止|除却|滅失|removed)(?!予定|不要|せず)")
_GONE_ON = re.compile(r"(撤去|廃止|除却)(年?月?日|年度?|年月)")
_SHOWN = 5

_SAME = ("bearing_deg", "model_id", "owner", "installed_on")  # two cameras at one place that differ in one are two

Place = tuple[float, float, tuple[str, ...]]  # metres to 0.1, the columns of _SAME as written


def gone(source: SourceRows) -> list[bool]:
    """Rows that say in any of their cells that the camera is gone, or bear the day on which it went."""
    found = [False] * len(source.lines)
    for heading in dict.fromkeys(source.headings):
        dated = _GONE_ON.search(heading) is not None
        cells = source.column(heading)
        hits = {c for c in set(cells) if (c.lower() not in UNKNOWN if dated else _GONE.search(c))}
        if hits:
            found = [before or cell in hits for before, cell in zip(found, cells, strict=True)]
    return found


def why_not(
    source: SourceRows, spec: RoleSpec, shapes: NDArray[Any], why: Sequence[str], seen: set[Place], ledger: Ledger
) -> list[str]:
    """The reasons so far, and ``camera_removed`` and ``camera_twice`` as the planner answers.

    Twice: at the same place (0.1 m) with nothing that tells them apart (``_SAME``), in this file or one before
    (``seen``). Two cameras on one pole that look two ways are two cameras.
    """
    reasons = list(why)
    away = [at for at, out in enumerate(gone(source)) if out and not reasons[at]]
    if away and _ask("cameras_removed", source, away, ledger) == "aside":
        for at in away:
            reasons[at] = "camera_removed"
    told = [pick(source, "standing", our, spec.columns) or [""] * len(reasons) for our in _SAME]
    marks = list(zip(*told, strict=True))
    twice = []
    for at, reason in enumerate(reasons):
        if reason:
            continue
        place = (*np.round((shapes[at].x, shapes[at].y), 1).tolist(), marks[at])
        if place in seen:
            twice.append(at)
        seen.add(place)
    if twice and _ask("cameras_twice", source, twice, ledger) == "aside":
        for at in twice:
            reasons[at] = "camera_twice"
    return reasons


def _ask(code: str, source: SourceRows, rows: list[int], ledger: Ledger) -> str:
    """Whether these rows stand aside (proposed) or count as cameras; the first are shown."""
    first = tuple(source.text(at) for at in rows[:_SHOWN])
    values = {"number": len(rows), "lines": ", ".join(str(source.lines[at]) for at in rows[:_SHOWN])}
    question = Question(
        code,
        "standing",
        source.file.name,
        "aside",
        ("aside", "count"),
        values,
        preview={"aside": first, "count": first},
    )
    return ledger.ask(question)
