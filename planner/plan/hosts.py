"""How far each site is, from the candidate to the running camera, and whether it can be ready in its fiscal year (P15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner import assumptions
from planner.frames import STEPS
from planner.plan.document import Site
from planner.plan.duties import HostPart, StepPart, Warned
from planner.plan.recount import records
from planner.programmes import fiscal_year_of
from planner.settings import ScheduleSettings

_CONTRACT = STEPS.index("contract")


@dataclass(frozen=True)
class Calendar:
    """The day from which lead times run (None: none is known), the grant's decision, and the last day of the year."""

    as_of: dt.date | None
    decision_on: dt.date | None
    year_end: dt.date | None
    fiscal_year: int | None


NO_DAY = Calendar(None, None, None, None)


def calendar(wish: ScheduleSettings, fiscal_year: int | None, steps: pd.DataFrame) -> Calendar:
    """Days of the settings; without ``as_of`` the latest step that was done counts (never today's date)."""
    done = steps["done_on"].dropna()
    as_of = wish.as_of or (None if done.empty else done.max().date())
    year = fiscal_year if fiscal_year or as_of is None else fiscal_year_of(as_of)
    return Calendar(as_of, wish.grant_decision_on, None if year is None else dt.date(year + 1, 3, 31), year)


def hosts(sites: Sequence[Site], steps: pd.DataFrame, when: Calendar) -> list[HostPart]:
    """The state of every site, its remaining steps with their lead times, and what cannot be in time.

    A row of ``steps`` belongs to the site, mount or camera whose id it names. A host that is listed as ``agreed`` has
    consented. Lead times (table ``lead_times``) are added one after the other, which is the careful reading; no contract
    can be made before the grant is decided, where a programme pays.
    """
    by_place: dict[str, list[dict[str, Any]]] = {}
    for row in records(steps):
        by_place.setdefault(str(row["place_id"]), []).append(row)
    parts = []
    for site in sites:
        ids = dict.fromkeys(i for i in (site.site_id, site.mount_id, site.camera_id) if i)
        rows = sorted((r for i in ids for r in by_place.get(i, [])), key=lambda r: STEPS.index(r["step"]))
        done = {str(r["step"]): None if pd.isna(r["done_on"]) else r["done_on"].date() for r in rows}
        parts.append(_host(site, rows, done, when))
    return parts


def _host(
    site: Site, rows: Sequence[Mapping[str, Any]], done: Mapping[str, dt.date | None], when: Calendar
) -> HostPart:
    """One site."""
    reached = {*done, *(["host_consent"] if site.mount_state == "agreed" else [])}
    furthest = max((STEPS.index(step) for step in reached), default=0)
    todo = [r for r in _required(site) if r["step"] not in reached and _open(r["step"], furthest)]
    days, low, high = (sum(int(r[k]) for r in todo) for k in ("days", "low", "high"))
    ready, latest = (_ready(todo, key, bool(site.programme_id), when) for key in ("days", "high"))
    return HostPart(
        site_id=site.site_id,
        state=STEPS[furthest],
        steps=[
            StepPart(
                step=str(r["step"]),
                done_on="" if pd.isna(r["done_on"]) else r["done_on"].date().isoformat(),
                document_number=str(r["document_number"]),
            )
            for r in rows
        ],
        remaining=[str(r["step"]) for r in todo],
        days=days,
        low_days=low,
        high_days=high,
        ready_on=ready.isoformat() if ready else "",
        latest_on=latest.isoformat() if latest else "",
        warnings=[*_late(ready, latest, when), *_too_early(site, done, when)],
    )


def _required(site: Site) -> list[Mapping[str, str]]:
    """The steps that a site of its kind, on its kind of mount, has to go through."""
    return [
        row
        for row in assumptions.rows("lead_times")
        if site.kind in row["kinds"].split()
        and (not row["mount_kinds"] or site.mount_kind in row["mount_kinds"].split())
        and (row["programme"] == "0" or site.programme_id)
    ]


def _open(step: str, furthest: int) -> bool:
    """Whether a step that is not recorded is still to do: once a contract stands, only later ones are."""
    return furthest < _CONTRACT or STEPS.index(step) > furthest


def _ready(todo: Sequence[Mapping[str, str]], key: str, funded: bool, when: Calendar) -> dt.date | None:  # noqa: FBT001
    """The day on which all is done: preparation, then (after the grant's decision) contract, work and inspection."""
    if when.as_of is None:
        return None
    known = funded and when.decision_on is not None
    early = [r for r in todo if STEPS.index(r["step"]) < _CONTRACT and not (known and r["step"] == "grant_decision")]
    late = [r for r in todo if STEPS.index(r["step"]) >= _CONTRACT]
    prepared = when.as_of + dt.timedelta(days=sum(int(r[key]) for r in early))
    awaits = any(r["step"] == "grant_decision" for r in todo)
    if known and awaits and when.decision_on is not None:
        prepared = max(prepared, when.decision_on)
    return prepared + dt.timedelta(days=sum(int(r[key]) for r in late))


def _late(ready: dt.date | None, latest: dt.date | None, when: Calendar) -> list[Warned]:
    """Lead times against the end of the fiscal year."""
    if ready is None or latest is None or when.year_end is None or latest <= when.year_end:
        return []
    told = {"ready_on": ready.isoformat(), "latest_on": latest.isoformat(), "year_end": when.year_end.isoformat()}
    return [Warned(code="misses_year_end" if ready > when.year_end else "may_miss_year_end", values=told)]


def _too_early(site: Site, done: Mapping[str, dt.date | None], when: Calendar) -> list[Warned]:
    """Work that begins before the grant is decided loses the grant."""
    begun = {step: day for step, day in done.items() if step in ("contract", "installed")}
    if not site.programme_id or not begun:
        return []
    decided = done.get("grant_decision") or when.decision_on
    first = min((day for day in begun.values() if day is not None), default=None)
    if "grant_decision" in done and (decided is None or first is None or first >= decided):
        return []
    if "grant_decision" not in done and decided is not None and first is not None and first >= decided:
        return []
    told = {"begun_on": first.isoformat() if first else "-", "decided_on": decided.isoformat() if decided else "-"}
    return [Warned(code="work_before_decision", values=told)]
