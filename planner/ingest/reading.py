"""The whole town folder: every role read, all faults raised at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from planner import frames
from planner.errors import InputError, StoppedError
from planner.frames import Inputs, Town
from planner.ingest.areas import join_by_name
from planner.ingest.catalogue import absent_table, read_programmes, shipped_table
from planner.ingest.counts import read_counts
from planner.ingest.crime import Incidents, read_crime
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import Manifest, RoleSpec, load
from planner.ingest.shapes import refuse_foreign_areas
from planner.ingest.tables import Box, read_role
from planner.programmes import Programme
from planner.work import Work

_LAYERS = ("streets", "walls", "places", "zones", "mounts", "standing")
_KEPT = ("requests", "targets")  # no result rests on them: without them nothing is assumed, with them a note says so
_STAGES = 5


def read(
    folder: Path,
    work: Work = Work(),  # noqa: B008 - a silent Work holds no state that is shared
    answers: Mapping[str, str] = MappingProxyType({}),
) -> Inputs:
    """Read a town folder.

    Parameters
    ----------
    folder
        Holds ``town.toml`` and the files it names; nothing outside is ever read.
    work
        Progress (stages ``read_areas``, ``read_records``, ``read_layers``, ``read_catalogues``) and stopping.
    answers
        Answers to questions (``errors.Question.key`` -> choice), over those that ``town.toml`` remembers.

    Returns
    -------
    Inputs
        Checked tables, all geometry in the study's metric CRS (``town.epsg``, m); tallies per file, in which
        accepted + set aside + duplicate + outside = rows; rows set aside with line, reason and text; notes.
        ``years``: see `crime.period_years`; 1.0 where no records were given. ``wishes`` as they stand.

    Raises
    ------
    InputFaults
        All faults of all roles at once (each an ``InputError`` or ``SettingsError`` with its own code), questions
        without an answer among them (``UnansweredError``), with the account of what could be read all the same.
    StoppedError
        ``stopped_reading``: the user or the wall limit stopped the reading.
    """
    folder = Path(folder)
    ledger = Ledger(dict(answers))
    manifest: Manifest | None = None
    with ledger.gathering():
        manifest = load(folder, ledger)
    if manifest is None:
        ledger.raise_faults()
        raise InputError("town_missing", "nothing read", folder=folder.name)
    ledger.answers = {**manifest.answers, **answers}
    town, specs = manifest.town, manifest.roles
    _step(work, "read_areas", 0)
    areas, box = _areas(folder, specs, town, ledger)
    _step(work, "read_records", 1)
    incidents, counts = _records(folder, specs, town, areas, ledger)
    tables = _tables(folder, specs, town, box, work, ledger)
    programmes = _programmes(folder, specs, ledger)
    _note_rows_aside(ledger)
    ledger.raise_faults()
    if incidents is None:  # no [crime] table
        ledger.note("role_absent", role="crime")
    work.step("read_catalogues", _STAGES, _STAGES)
    account = ledger.account()
    return Inputs(
        town=town,
        areas=areas,
        incidents=frames.empty("incidents", town.epsg) if incidents is None else incidents.table,
        counts=counts,
        programmes=programmes,
        years=1.0 if incidents is None else incidents.years,
        wishes=manifest.wishes,
        tallies=account.tallies,
        set_aside=account.set_aside,
        corrections=account.corrections,
        notes=account.notes,
        **tables,
    )


def _step(work: Work, stage: str, done: int) -> None:
    """Report, and stop between roles if asked to."""
    if work.stopped:
        raise StoppedError("stopped_reading", "stopped while reading")
    work.step(stage, done, _STAGES)


def _areas(folder: Path, specs: Mapping[str, RoleSpec], town: Town, ledger: Ledger) -> tuple[Any, Box | None]:
    """The areas, names joined, and their bounding box; (None, None) when they cannot be read."""
    with ledger.gathering():
        if "areas" not in specs:
            return None, None
        before = len(ledger.faults)
        spec = specs["areas"]
        areas = read_role(folder, spec, town.epsg, None, ledger)
        if len(ledger.faults) > before:
            return None, None
        if areas.empty:
            raise InputError("areas_empty", "no usable area", role="areas")
        refuse_foreign_areas(", ".join(spec.patterns), areas.geometry.to_numpy(), town.epsg)
        joined = join_by_name(areas, town, ledger)
        west, south, east, north = (float(v) for v in joined.total_bounds)
        return joined, (west, south, east, north)
    return None, None


def _records(
    folder: Path, specs: Mapping[str, RoleSpec], town: Town, areas: Any, ledger: Ledger
) -> tuple[Incidents | None, Any]:
    """Incident records and count tables; nothing can be placed without areas."""
    incidents: Incidents | None = None
    counts = None
    if areas is None:
        return incidents, counts
    with ledger.gathering():
        if "crime" in specs:
            incidents = read_crime(folder, specs["crime"], town, areas, ledger)
    with ledger.gathering():
        if "counts" in specs:
            by_records = incidents.offences if incidents is not None else frozenset()
            counts = read_counts(folder, specs["counts"], town, areas, by_records, ledger)
        else:
            counts = absent_table("counts", town.epsg, ledger)
    return incidents, counts


def _tables(
    folder: Path, specs: Mapping[str, RoleSpec], town: Town, box: Box | None, work: Work, ledger: Ledger
) -> dict[str, Any]:
    """The layers and the catalogues; empty tables for absent layers, the shipped catalogue for absent ones."""
    tables: dict[str, Any] = {}
    for name in (*_LAYERS, *_KEPT):
        _step(work, "read_layers", 2)
        with ledger.gathering():
            if name in specs:
                tables[name] = read_role(folder, specs[name], town.epsg, box, ledger)
                _note_kept(name, len(tables[name]), ledger)
            elif name in _KEPT:
                tables[name] = frames.empty(name, town.epsg)
            else:
                tables[name] = absent_table(name, town.epsg, ledger)
    for name in ("models", "tiers"):
        _step(work, "read_catalogues", 3)
        with ledger.gathering():
            if name in specs:
                tables[name] = read_role(folder, specs[name], town.epsg, None, ledger)
            else:
                tables[name] = shipped_table(name, town.epsg, ledger)
    return tables


def _note_kept(name: str, number: int, ledger: Ledger) -> None:
    """What is read and kept but does not move the plan is said aloud: requests never do (P37), targets not yet (P3)."""
    if name == "requests":
        ledger.note("requests_not_scored", number=number)
    elif name == "targets":
        ledger.note("targets_not_planned", number=number)


def _programmes(folder: Path, specs: Mapping[str, RoleSpec], ledger: Ledger) -> tuple[Programme, ...]:
    """The programmes named; without the table there is own money only."""
    with ledger.gathering():
        if "programmes" in specs:
            return read_programmes(folder, specs["programmes"], ledger)
        ledger.note("own_money_only")
    return ()


def _note_rows_aside(ledger: Ledger) -> None:
    """One note per role that had rows set aside or duplicates: how many of how many."""
    for name in dict.fromkeys(tally.role for tally in ledger.tallies):
        mine = [tally for tally in ledger.tallies if tally.role == name]
        aside, duplicates = sum(t.set_aside for t in mine), sum(t.duplicate for t in mine)
        if aside or duplicates:
            ledger.note(
                "rows_set_aside", role=name, number=aside, duplicates=duplicates, rows=sum(t.rows for t in mine)
            )
