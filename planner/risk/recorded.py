"""What was recorded: counts per area, offence group and place kind, from records and from count tables."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.errors import InputError, Note

KINDS = tuple(kind for kind in frames.PLACE_KINDS if kind != "unknown")
Whole = NDArray[np.int64]
_PINNED = 5  # records of one area on one coordinate, and none elsewhere: no town's offences do that


@dataclass(frozen=True)
class PointRecords:
    """Records with coordinates, as positions; ``kind`` is -1 where unknown. They never leave this room.

    ``slot`` is the year, 0 the oldest, -1 undated.
    """

    slot: Whole
    area: Whole
    group: Whole
    kind: Whole
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """Counts by position of area (in the order of area ids) and group (in the order of ``offences.csv``).

    ``number`` (areas, groups) placed records, ``of_points`` those of them with coordinates, ``unplaced`` (groups,),
    ``years`` (groups,) the period behind the counts, ``kinds`` (areas + 1, groups, kinds) records of known place
    kind, the last row those without an area. ``towns``: areas (positions) of each town that records name without its 丁目,
    ``of_towns`` (towns, groups) those records: they are neither in ``number`` nor in ``unplaced``.
    """

    groups: tuple[str, ...]
    years: NDArray[np.float64]
    number: Whole
    of_points: Whole
    unplaced: Whole
    kinds: Whole
    points: PointRecords
    notes: tuple[Note, ...]
    towns: tuple[Whole, ...]
    of_towns: Whole

    @property
    def totals(self) -> Whole:
        """All records per group, unplaced ones included."""
        return np.asarray(self.number.sum(axis=0) + self.of_towns.sum(axis=0) + self.unplaced, dtype=np.int64)


def gather(
    incidents: gpd.GeoDataFrame, counts: pd.DataFrame, years: float, area_ids: pd.Index, slot: Whole | None = None
) -> Recorded:
    """Count the records of each area and offence group.

    Parameters
    ----------
    incidents, counts
        Tables of those names. Of an offence that stands in both, only the records are used (a Note says so).
    years
        Period that the incident records span, years; count tables bring their own.
    area_ids
        Known areas; the order of the rows of the result.
    slot
        Year of each record (``history.slots``); without it all are undated.

    Raises
    ------
    InputError
        ``no_offences_recorded``, ``offence_unknown``, ``area_unknown``, ``years_not_positive``, ``period_years_differ``.
    """
    in_records, in_counts = set(incidents["offence"]), set(counts["offence"])
    known = [row["offence"] for row in assumptions.rows("offences")]
    strangers = sorted((in_records | in_counts) - set(known))
    if strangers:
        raise InputError(
            "offence_unknown", f"{strangers[:5]}", offences=", ".join(strangers[:5]), number=len(strangers)
        )
    groups = tuple(offence for offence in known if offence in in_records | in_counts)
    if not groups:
        raise InputError("no_offences_recorded", "neither records nor counts of any offence")
    if in_records and not years > 0:
        raise InputError("years_not_positive", f"the records span {years} years", years=years)
    notes = []
    both = [offence for offence in groups if offence in in_records & in_counts]
    if both:
        notes.append(Note("counts_beside_records", {"offences": list(both)}))
    tables = counts[~counts["offence"].isin(both)]

    shape = (len(area_ids) + 1, len(groups))  # last row: no area
    index = pd.Index(groups)
    area = np.where(incidents["precision"] == "city", -1, _positions(incidents["area_id"], area_ids, "incidents"))
    group = index.get_indexer(pd.Index(incidents["offence"]))
    kind = pd.Index(KINDS).get_indexer(pd.Index(incidents["place_kind"]))
    east, north = shapely.get_x(incidents.geometry.values), shapely.get_y(incidents.geometry.values)
    slot = np.full(len(incidents), -1) if slot is None else slot
    is_point = (incidents["precision"] == "point").to_numpy() & ~np.isnan(east) & (area >= 0)
    one_spot = _on_one_spot(area, east, north, is_point)
    if one_spot.any():
        notes.append(Note("points_on_one_spot", {"number": int(one_spot.sum()), "areas": len(set(area[one_spot]))}))
        is_point &= ~one_spot

    number = _tally((area, group), shape)
    table_area = _positions(tables["area_id"], area_ids, "counts")
    np.add.at(number, (table_area, index.get_indexer(pd.Index(tables["offence"]))), tables["number"].to_numpy())
    known_kind = kind >= 0
    towns, of_towns = _of_towns(incidents["candidates"], area, group, area_ids, len(groups))
    return Recorded(
        groups=groups,
        years=_years(groups, in_records, tables, years),
        number=number[:-1],
        of_points=_tally((area[is_point], group[is_point]), shape)[:-1],
        unplaced=number[-1] - of_towns.sum(axis=0),
        kinds=_tally((area[known_kind], group[known_kind], kind[known_kind]), (*shape, len(KINDS))),
        points=PointRecords(
            slot[is_point], area[is_point], group[is_point], kind[is_point], east[is_point], north[is_point]
        ),
        notes=tuple(notes),
        towns=towns,
        of_towns=of_towns,
    )


def _of_towns(
    candidates: pd.Series, area: Whole, group: Whole, area_ids: pd.Index, groups: int
) -> tuple[tuple[Whole, ...], Whole]:
    """Areas of each town named without its 丁目, and the records that name it, (towns, groups)."""
    named = candidates.where(area < 0, "").to_numpy(dtype=object)
    texts = sorted(set(named) - {""})
    number = np.zeros((len(texts), groups), dtype=np.int64)
    at = pd.Index(texts).get_indexer(pd.Index(named))
    np.add.at(number, (at[at >= 0], group[at >= 0]), 1)
    ids = [pd.Series(text.split(frames.BETWEEN_IDS), dtype="str") for text in texts]
    return tuple(_positions(one, area_ids, "incidents") for one in ids), number


def _on_one_spot(
    area: Whole, east: NDArray[np.float64], north: NDArray[np.float64], is_point: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Records of areas whose points all have one coordinate: a geocoder's pin for the block, not where it happened.

    Where most areas with enough records to tell are pinned, the town was geocoded: then so are those with fewer records.
    """
    table = pd.DataFrame({"area": area, "at": list(zip(east, north, strict=True))})[is_point]
    spread = table.groupby("area")["at"].agg(["nunique", "size"])
    alike, telling = spread["nunique"] == 1, spread["size"] >= _PINNED
    geocoded = (alike & telling).sum() * 2 > telling.sum()
    return is_point & np.isin(area, spread.index[alike & (telling | geocoded)])


def _positions(ids: pd.Series, area_ids: pd.Index, table: str) -> Whole:
    """Row of each area id, -1 where it is blank; ids that no area has are refused."""
    found = area_ids.get_indexer(pd.Index(ids))
    lost = sorted(set(ids[(found < 0) & (ids != "")]))
    if lost:
        raise InputError(
            "area_unknown", f"{table}: {lost[:5]}", table=table, areas=", ".join(lost[:5]), number=len(lost)
        )
    return np.asarray(found, dtype=np.int64)


def _tally(positions: tuple[Whole, ...], shape: tuple[int, ...]) -> Whole:
    """How often each combination of positions occurs (position -1: the last)."""
    table = np.zeros(shape, dtype=np.int64)
    np.add.at(table, positions, 1)
    return table


def _years(groups: tuple[str, ...], in_records: set[str], tables: pd.DataFrame, years: float) -> NDArray[np.float64]:
    """Years behind the counts of each group: the records' span, or the sum of the count tables' periods."""
    periods = tables.groupby(["offence", "period"])["years"].agg(["min", "max"])
    odd = periods[periods["min"] < periods["max"]]
    if len(odd):
        offence, period = odd.index[0]
        raise InputError(
            "period_years_differ",
            f"{offence} {period}: {odd.iloc[0].to_list()}",
            offence=offence,
            period=period,
            low=float(odd.iloc[0]["min"]),
            high=float(odd.iloc[0]["max"]),
        )
    own = periods["max"].groupby(level="offence").sum()
    return np.array([years if group in in_records else own[group] for group in groups], dtype=np.float64)
