"""The whole town folder: every role read, all faults raised at once."""

from __future__ import annotations

import datetime as dt
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
from planner.ingest.crs_sense import Box
from planner.ingest.districts import assign
from planner.ingest.elsewhere import refuse_foreign_areas
from planner.ingest.gazetteer import read_gazetteer
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import Manifest, RoleSpec, load
from planner.ingest.names import code_changes
from planner.ingest.neighbours import Neighbours, count_outside, foreign
from planner.ingest.tables import read_role
from planner.ingest.together import compare_layers, note_gaps
from planner.programmes import Programme
from planner.work import Work

_LAYERS = ("streets", "walls", "places", "zones", "mounts", "standing")
# no result rests on them: without them nothing is assumed, with them a note says so
_KEPT = ("requests", "targets", "police_list")
_STAGES = 5


def read(
    folder: Path,
    work: Work = Work(),  # noqa: B008 - a silent Work holds no state that is shared
    answers: Mapping[str, str] = MappingProxyType({}),
    today: dt.date | None = None,
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
    today
        Rows dated after this day are set aside (the clock's day without it; ``[town] as_of`` goes before both, so
        that the same folder gives the same tables on every day).

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
    ledger.today = today or ledger.today
    manifest: Manifest | None = None
    with ledger.gathering():
        manifest = load(folder, ledger)
    if manifest is None:
        ledger.raise_faults()
        raise InputError("town_missing", "nothing read", folder=folder.name)
    ledger.answers = {**manifest.answers, **answers}
    town, specs = manifest.town, manifest.roles
    _note_old_code(town, ledger)
    _step(work, "read_areas", 0)
    areas, others = _areas(folder, specs, town, ledger)
    areas, districts = _districts(folder, specs, town, areas, ledger)
    _step(work, "read_records", 1)
    addresses = _addresses(folder, specs, town, ledger)
    geocoder = neighbours = box = None
    if areas is not None:
        geocoder, neighbours = Geocoder(areas, town, addresses), Neighbours(areas, others, town)
        west, south, east, north = (float(v) for v in areas.total_bounds)
        box = (west, south, east, north)
    incidents, counts = _records(folder, specs, town, geocoder, neighbours, box, ledger)
    tables = _tables(folder, specs, town, box, geocoder, work, ledger)
    if areas is not None:
        compare_layers(areas, tables, ledger)
    programmes = _programmes(folder, specs, ledger)
    _note_rows_aside(ledger)
    ledger.raise_faults(areas)
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
        addresses=addresses,
        districts=districts,
        neighbours=neighbours.areas if neighbours else frames.empty("neighbours", town.epsg),
        neighbour_incidents=frames.empty("incidents", town.epsg) if incidents is None else incidents.beyond,
        **tables,
    )


def _note_old_code(town: Town, ledger: Ledger) -> None:
    """A code in ``town.toml`` that the municipality no longer bears (B052)."""
    for change in code_changes():
        if town.code == change.old_code != change.new_code:
            told = {"code": town.code, "old_name": change.old_name, "since": change.since}
            ledger.note("town_code_old", **told, new_code=change.new_code, new_name=change.new_name)


def _step(work: Work, stage: str, done: int) -> None:
    """Report, and stop between roles if asked to."""
    if work.stopped:
        raise StoppedError("stopped_reading", "stopped while reading")
    work.step(stage, done, _STAGES)


def _areas(folder: Path, specs: Mapping[str, RoleSpec], town: Town, ledger: Ledger) -> tuple[Any, Any]:
    """The areas, names joined, and those of other municipalities as read; (None, None) when they cannot be read."""
    with ledger.gathering():
        if "areas" not in specs:
            return None, None
        before = ledger.refusals
        spec = specs["areas"]
        areas = read_role(folder, spec, town.epsg, None, ledger)
        if ledger.refusals > before:
            return None, None
        if areas.empty:
            raise InputError("areas_empty", "no usable area", role="areas")
        refuse_foreign_areas(", ".join(spec.patterns), areas.geometry.to_numpy(), town.epsg)
        beyond = foreign(areas, town)
        count_outside(beyond, ledger)
        ours, others = (areas[mask].reset_index(drop=True) for mask in (~beyond, beyond))
        note_gaps(ours, ledger)
        return join_by_name(ours, town, ledger), others
    return None, None


def _districts(folder: Path, specs: Mapping[str, RoleSpec], town: Town, areas: Any, ledger: Ledger) -> tuple[Any, Any]:
    """The areas with their school districts, and the districts; as they were where the role is not given."""
    with ledger.gathering():
        if "districts" in specs and areas is not None:
            west, south, east, north = (float(v) for v in areas.total_bounds)
            districts = read_role(folder, specs["districts"], town.epsg, (west, south, east, north), ledger)
            return (assign(areas, districts, ledger) if len(districts) else areas), districts
    return areas, frames.empty("districts", town.epsg)


def _addresses(folder: Path, specs: Mapping[str, RoleSpec], town: Town, ledger: Ledger) -> Any:
    """The gazetteer's reference points; none without the role (names of areas are then all that is known)."""
    with ledger.gathering():
        if "gazetteer" in specs:
            return read_gazetteer(folder, specs["gazetteer"], town, ledger)
        ledger.note("role_absent", role="gazetteer")
    return frames.empty("addresses", town.epsg)


def _records(
    folder: Path,
    specs: Mapping[str, RoleSpec],
    town: Town,
    geocoder: Geocoder | None,
    neighbours: Neighbours | None,
    box: Box | None,
    ledger: Ledger,
) -> tuple[Incidents | None, Any]:
    """Incident records and count tables; nothing can be placed without areas."""
    incidents: Incidents | None = None
    counts = None
    if geocoder is None or neighbours is None or box is None:
        return incidents, counts
    with ledger.gathering():
        if "crime" in specs:
            incidents = read_crime(folder, specs["crime"], town, geocoder, neighbours, box, ledger)
    with ledger.gathering():
        if "counts" in specs:
            by_records = incidents.offences if incidents is not None else frozenset()
            counts = read_counts(folder, specs["counts"], town, geocoder, by_records, ledger)
        else:
            counts = absent_table("counts", town.epsg, ledger)
    return incidents, counts


def _tables(
    folder: Path,
    specs: Mapping[str, RoleSpec],
    town: Town,
    box: Box | None,
    geocoder: Geocoder | None,
    work: Work,
    ledger: Ledger,
) -> dict[str, Any]:
    """The layers and the catalogues; empty tables for absent layers, the shipped catalogue for absent ones."""
    tables: dict[str, Any] = {}
    for name in (*_LAYERS, *_KEPT):
        _step(work, "read_layers", 2)
        with ledger.gathering():
            if name in specs:
                tables[name] = read_role(folder, specs[name], town.epsg, box, ledger, geocoder)
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
    for name in ("steps", "footage_log"):
        with ledger.gathering():
            tables[name] = frames.empty(name, town.epsg)
            if name in specs:
                tables[name] = read_role(folder, specs[name], town.epsg, None, ledger)
    return tables


def _note_kept(name: str, number: int, ledger: Ledger) -> None:
    """What is read and kept but does not move the plan is said aloud: requests never do (P37), targets not yet (P3)."""
    if name == "requests":
        ledger.note("requests_not_scored", number=number)
    elif name == "police_list":
        ledger.note("police_list_kept", number=number)
    elif name == "targets":
        ledger.note("targets_counted_apart", number=number)


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
