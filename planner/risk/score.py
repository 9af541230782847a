"""The door of the room: from recorded offences to expected offences per spot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.risk import spots as ground_of
from planner.risk import spread
from planner.risk.recorded import Recorded, gather
from planner.risk.shrink import Shrunk, shrink
from planner.settings import RiskSettings
from planner.work import Work


def score(inputs: frames.Inputs, settings: RiskSettings, work: Work | None = None) -> frames.Demand:
    """Expected recorded offences a year at every spot of the town.

    Parameters
    ----------
    inputs
        Tables ``areas, incidents, counts, streets, places`` and the length of the period in years; metric CRS of the town.
    settings
        Spot spacing in metres, share inside the interval.
    work
        Progress stages ``risk_areas``, ``risk_spots``, ``risk_spread``.

    Returns
    -------
    frames.Demand
        One group per offence that occurs in records or count tables, in the order of ``offences.csv``. The spots of an
        area add up to its estimate, the areas to records over years of the whole municipality, records
        without an area included. No coordinate of a record is in it.

    Raises
    ------
    InputError
        ``no_offences_recorded``, ``offence_unknown``, ``area_unknown``, ``years_not_positive``, ``period_years_differ``;
        ``table_refused`` and ``crs_differs`` of ``frames.check``.

    Notes
    -----
    Area estimate: Gamma-Poisson posterior mean (``shrink``). Inside the area: shares of place kinds, Dirichlet
    shrunk, each kind split over the measures by ``place_kinds.csv`` (``spread``), over points on streets by length and
    on listed car and cycle parks. ``owner_only`` has one spot per area, at a representative point: no camera of
    the municipality ever covers it, so its position means nothing. Source: ``model.md`` 1, facts on risk 2.2.
    """
    work = work or Work()
    work.step("risk_areas")
    areas = inputs.areas.sort_values("area_id", ignore_index=True)
    streets = inputs.streets.sort_values("street_id", ignore_index=True)
    places = inputs.places.sort_values("place_id", ignore_index=True)
    recorded = gather(inputs.incidents, inputs.counts, inputs.years, pd.Index(areas["area_id"]))

    work.step("risk_spots")
    ground = ground_of.lay_out(areas, streets, places, settings.spot_spacing_m)
    exposure, exposure_note = ground_of.exposure(areas, ground)
    shrunk = [
        shrink(
            recorded.number[:, c].astype(np.float64),
            exposure,
            recorded.years[c],
            float(recorded.totals[c]),
            settings.interval_share,
        )
        for c in range(len(recorded.groups))
    ]
    estimate = np.column_stack([one.mean for one in shrunk])
    shares, without_kind = spread.kind_shares(recorded)
    parks = _parks_per_area(ground, len(areas))
    by_class = spread.class_shares(shares, parks)

    work.step("risk_spread")
    needed = tuple(name for at, name in enumerate(spread.CLASSES) if (by_class[:, :, at] > 0).any())
    spots, area, weight, local = ground_of.table(areas, streets["street_id"].to_numpy(dtype=object), ground, needed)
    spot_class = np.array([spread.CLASSES.index(name) for name in needed])[local]
    expected = spread.fill(estimate, by_class, area, weight, spot_class)
    at = spots.geometry.to_numpy()
    expected = spread.pin_points(
        expected, recorded, estimate, shares, (shapely.get_x(at), shapely.get_y(at), area, spot_class)
    )
    notes = (
        *recorded.notes,
        *ground.notes,
        exposure_note,
        *_record_notes(recorded, shrunk, without_kind),
        Note("parks_listed", {"number": int(parks.sum()), "areas": int((parks > 0).sum())}),
        _measure_note(spots["measure"].to_numpy(dtype=object), expected),
    )
    return frames.Demand(
        spots=frames.check("spots", spots, inputs.town.epsg),
        groups=recorded.groups,
        expected=expected,
        areas=frames.check("area_demand", _area_demand(areas["area_id"], recorded, shrunk)),
        notes=notes,
    )


def _parks_per_area(ground: ground_of.Ground, areas: int) -> NDArray[np.int64]:
    """Number of listed car and cycle parks in each area."""
    _, first = np.unique(ground.parks.origin, return_index=True)
    return np.asarray(np.bincount(ground.parks.area[first], minlength=areas), dtype=np.int64)


def _area_demand(area_ids: pd.Series, recorded: Recorded, shrunk: list[Shrunk]) -> pd.DataFrame:
    """Table ``area_demand``: every area with every group."""
    precision = _precision(recorded)
    parts = [
        pd.DataFrame(
            {
                "area_id": area_ids,
                "offence_group": pd.Series(group, index=area_ids.index, dtype="str"),
                "recorded": recorded.number[:, c].astype(np.float64),
                "expected_per_year": shrunk[c].mean,
                "low_per_year": shrunk[c].low,
                "high_per_year": shrunk[c].high,
                "uniform_per_year": shrunk[c].uniform,
                "precision": pd.Series(precision[:, c], dtype="str"),
            }
        )
        for c, group in enumerate(recorded.groups)
    ]
    return pd.concat(parts, ignore_index=True)


def _precision(recorded: Recorded) -> NDArray[np.object_]:
    """What most records behind each estimate are, shape (areas, groups).

    A group of which most records have no area is ``city`` everywhere; an area without a record of its own takes the
    precision of the group's other records: that it has none was seen with that precision.
    """
    group_points = recorded.of_points.sum(axis=0) * 2 > recorded.number.sum(axis=0)
    cell = np.where(recorded.number > 0, recorded.of_points * 2 > recorded.number, group_points)
    mostly_city = recorded.unplaced * 2 > recorded.totals
    return np.where(mostly_city, "city", np.where(cell, "point", "area")).astype(object)


def _record_notes(recorded: Recorded, shrunk: list[Shrunk], without_kind: tuple[str, ...]) -> list[Note]:
    """What a reader must know about the records behind the estimates."""
    notes: list[Note] = []
    bare = int((recorded.number.sum(axis=1) == 0).sum())
    if bare:
        notes.append(Note("areas_without_record", {"number": bare, "areas": len(recorded.number)}))
    unplaced, total = int(recorded.unplaced.sum()), int(recorded.totals.sum())
    if unplaced:
        notes.append(Note("records_without_area", {"number": unplaced, "total": total}))
    if without_kind:
        notes.append(Note("place_kind_by_default", {"offences": list(without_kind)}))
    pooled = [group for group, one in zip(recorded.groups, shrunk, strict=True) if one.pooled]
    if pooled and len(recorded.number) > 1:
        notes.append(Note("areas_not_told_apart", {"offences": pooled}))
    return notes


def _measure_note(measure: NDArray[np.object_], expected: NDArray[np.float64]) -> Note:
    """Shares of all expected offences by measure."""
    per_spot = expected.sum(axis=1)
    total = per_spot.sum() or 1.0
    return Note("measure_split", {name: float(per_spot[measure == name].sum() / total) for name in frames.MEASURES})
