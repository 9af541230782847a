"""The door of the room: from recorded offences to expected offences per spot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import stats

from planner import frames
from planner.errors import Note
from planner.risk import history, spread, sureness
from planner.risk import prior as place
from planner.risk import spots as ground_of
from planner.risk.bootstrap import refitted
from planner.risk.estimate import Estimate, Records, Support, estimate
from planner.risk.recorded import Recorded, gather
from planner.risk.shrink import Shrunk, shrink
from planner.risk.surface import Numbers, summed
from planner.risk.town import Pieces, pieces
from planner.settings import RiskSettings
from planner.work import Work

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Town:
    """The ground of a town and what was recorded on it, in the order of ids."""

    areas: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    ground: ground_of.Ground
    pieces: Pieces
    recorded: Recorded
    by_year: list[Numbers]


@dataclass(frozen=True)
class Blocks:
    """Area estimates of every group, how they were made, and how unsure the place model is of each piece's share of its area.

    ``unsure`` (pieces, groups): relative variance between fits on redrawn records.
    """

    shrunk: list[Shrunk]
    estimates: list[Estimate]
    decay: float
    unsure: Numbers


def score(inputs: frames.Inputs, settings: RiskSettings, work: Work | None = None) -> frames.Demand:
    """Expected recorded offences a year at every spot of the town.

    Parameters
    ----------
    inputs
        Tables ``areas, incidents, counts, streets, places, walls`` and the length of the period in years; metric CRS of the
        town.
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
    Area estimate: Gamma-Poisson posterior mean around the place prior, calibrated on the last year (``estimate``). Inside
    the area: shares of place kinds, Dirichlet shrunk, each kind split over the measures by ``place_kinds.csv`` (``spread``),
    over points on streets by the place prior and on listed car and cycle parks; then exact points by empirical Bayes.
    ``owner_only`` has one spot per area, at a representative point: no camera of the municipality ever covers it, so
    its position means nothing. The level of the next year is forecast apart, in ``basis``. Source: ``model.md`` 1, facts on
    risk 2.2.
    """
    work = work or Work()
    town = lay(inputs, settings, work)
    blocks = per_block(town, settings.interval_share, settings.bootstrap_rounds)
    work.step("risk_spread")
    return _demand(inputs, town, blocks, settings)


def lay(inputs: frames.Inputs, settings: RiskSettings, work: Work) -> Town:
    """Count the records and lay out the ground they can be on."""
    work.step("risk_areas")
    areas = inputs.areas.sort_values("area_id", ignore_index=True)
    streets = inputs.streets.sort_values("street_id", ignore_index=True)
    places = inputs.places.sort_values("place_id", ignore_index=True)
    ids = pd.Index(areas["area_id"])
    slot = history.slots(inputs.incidents, inputs.years)
    recorded = gather(inputs.incidents, inputs.counts, inputs.years, ids, slot)
    work.step("risk_spots")
    ground = ground_of.lay_out(areas, streets, places, settings.spot_spacing_m)
    everywhere = ground_of.joined(ground.streets, ground.rings)
    by_year = history.by_year(inputs, recorded, ids, slot)
    return Town(areas, streets, ground, pieces(inputs, areas, everywhere), recorded, by_year)


def per_block(town: Town, interval_share: float, rounds: int = 0) -> Blocks:
    """Area estimates of every group around their place priors; ``rounds`` of the bootstrap (0: none) widen the intervals."""
    exposure, _ = ground_of.exposure(town.areas, town.ground)
    decay = history.year_weights(town.by_year, exposure)
    even = exposure / exposure.sum()
    shrunk, estimates, unsure = [], [], []
    for c, group in enumerate(town.recorded.groups):
        totals = town.by_year[c]
        years, total = float(town.recorded.years[c]), float(town.recorded.totals[c])
        weight = history.weights(decay, totals.shape[1])
        weight *= len(weight) / weight.sum()
        support = _support(town, group)
        records = _records(town, c, weight)
        found = estimate(support, records)
        mass = summed(support.label, found.mass, len(exposure))
        if found.prior == "length":
            mass = exposure
        one = shrink(totals @ weight, mass, years, total, interval_share)
        masses = refitted(support, records, found, rounds, c)
        others = (summed(support.label, other, len(exposure)) for other in masses)
        means = [shrink(totals @ weight, other, years, total, interval_share).mean for other in others]
        one = sureness.widened(one, np.array(means), interval_share)
        unsure.append(sureness.allocation(masses, found.mass, support.label))
        turned = found.calibration.apply(np.maximum(one.mean, 1e-12))
        turn = turned / np.maximum(one.mean, 1e-12)
        shrunk.append(
            replace(one, mean=one.mean * turn, low=one.low * turn, high=one.high * turn, uniform=even * (total / years))
        )
        estimates.append(found)
    return Blocks(shrunk, estimates, decay, np.column_stack(unsure))


def _support(town: Town, group: str) -> Support:
    """The town's pieces with the shipped model of this offence."""
    support = town.pieces.support
    kind = "burglary" if group == "burglary" else support.kind
    return replace(support, kind=kind if support.kind else "")


def _records(town: Town, group: int, weight: Numbers) -> Records:
    """One group's records by year; exact points on the nearest piece of their area."""
    support, totals = town.pieces.support, town.by_year[group]
    points = np.zeros((len(support.size), totals.shape[1]))
    mine = town.recorded.points.group == group
    if mine.sum():
        at = spread.nearest_in_area(
            (town.recorded.points.east_m[mine], town.recorded.points.north_m[mine], town.recorded.points.area[mine]),
            (*town.pieces.middle, support.label),
        )
        np.add.at(points, (at, np.maximum(town.recorded.points.slot[mine], 0)), 1.0)
    number = town.recorded.number[:, group]
    seen = np.divide(town.recorded.of_points[:, group], number, out=np.zeros(len(number)), where=number > 0)
    return Records(totals, points, seen[support.label], weight)


@dataclass(frozen=True)
class Filled:
    """Spots with their expected offences, (spots, groups), and per group the pseudo-records of the rule in each unit."""

    table: ground_of.SpotTable
    expected: Numbers
    unit_alpha: Numbers
    parks: Whole
    without_kind: tuple[str, ...]


def spread_over_spots(town: Town, blocks: Blocks) -> tuple[gpd.GeoDataFrame, Numbers]:
    """Table ``spots`` and expected offences a year, (spots, groups)."""
    filled = _fill(town, blocks)
    return filled.table.spots, filled.expected


def _fill(town: Town, blocks: Blocks) -> Filled:
    """Spread the area estimates over the spots by place kind, place prior and exact points."""
    recorded, ground = town.recorded, town.ground
    shares, without_kind = spread.kind_shares(recorded)
    parks = _parks_per_area(ground, len(town.areas))
    by_class = spread.class_shares(shares, parks)
    needed = tuple(name for at, name in enumerate(spread.CLASSES) if (by_class[:, :, at] > 0).any())
    table = ground_of.table(
        town.areas, town.streets["street_id"].to_numpy(dtype=object), ground, town.pieces.of, needed
    )
    spot_class = np.array([spread.CLASSES.index(name) for name in needed])[table.local_class]
    estimates = np.column_stack([one.mean for one in blocks.shrunk])
    weight = np.tile(table.weight[:, None], (1, len(recorded.groups)))
    on_piece = table.piece >= 0
    per_metre = np.column_stack([one.mass / town.pieces.support.size for one in blocks.estimates])
    weight[on_piece] *= per_metre[table.piece[on_piece]]
    expected = spread.fill(estimates, by_class, table.area, weight, spot_class)
    at = table.spots.geometry.to_numpy()
    places = spread.SpotPlaces(shapely.get_x(at), shapely.get_y(at), table.area, spot_class, table.unit)
    expected, unit_alpha = spread.heed_points(expected, recorded, shares, places)
    return Filled(table, expected, unit_alpha, parks, without_kind)


def _demand(inputs: frames.Inputs, town: Town, blocks: Blocks, settings: RiskSettings) -> frames.Demand:
    """The spots' expected offences and how sure they are."""
    filled = _fill(town, blocks)
    recorded, table, expected = town.recorded, filled.table, filled.expected
    total = np.column_stack([one.mean for one in blocks.shrunk]).sum(axis=1)
    dispersion = np.array([_dispersion(one, b) for one, b in zip(blocks.estimates, filled.unit_alpha, strict=True)])
    spread_out = _spot_dispersion(table.piece, blocks.unsure, dispersion)
    low, high = _spot_interval(expected, table.area, blocks.shrunk, spread_out, settings.interval_share)
    drawn = sureness.draw_areas(blocks.shrunk).sum(axis=2)
    measure = table.spots["measure"].to_numpy(dtype=object)
    filmed = expected.sum(axis=1) * (measure != "owner_only")
    ratio = drawn / np.maximum(total, 1e-12)
    notes = (
        *recorded.notes,
        *town.ground.notes,
        ground_of.exposure(town.areas, town.ground)[1],
        *_record_notes(recorded, blocks.shrunk, filled.without_kind),
        Note("parks_listed", {"number": int(filled.parks.sum()), "areas": int((filled.parks > 0).sum())}),
        _measure_note(measure, expected),
    )
    area_ids = town.areas["area_id"]
    return frames.Demand(
        spots=frames.check("spots", table.spots, inputs.town.epsg),
        groups=recorded.groups,
        expected=expected,
        areas=frames.check("area_demand", _area_demand(area_ids, recorded, blocks.shrunk)),
        notes=notes,
        low=low,
        high=high,
        top_share=sureness.top_spots(filmed, table.unit, table.area, ratio, _of_all(spread_out, expected)),
        ranks=frames.check("area_ranks", sureness.ranks(area_ids, drawn, total, settings.interval_share)),
        basis=frames.check("basis", _basis(town, blocks, dispersion)),
    )


def _dispersion(found: Estimate, unit_alpha: float) -> float:
    """Relative variance of a unit around what the place model says: from points, else the shipped one."""
    return float(1 / unit_alpha) if found.prior == "points" else place.shipped_dispersion()


def _spot_dispersion(piece: Whole, unsure: Numbers, dispersion: Numbers) -> Numbers:
    """Relative variance of each spot inside its area (spots, groups): of its place around the model, and of the model."""
    return dispersion + np.where((piece >= 0)[:, None], unsure[np.maximum(piece, 0)], 0.0)


def _of_all(dispersion: Numbers, expected: Numbers) -> Numbers:
    """One relative variance for all groups together, weighed by what is expected of each, shape (spots,)."""
    return np.asarray((dispersion * expected).sum(axis=1) / np.maximum(expected.sum(axis=1), 1e-300), dtype=np.float64)


def _spot_interval(
    expected: Numbers, area: Whole, shrunk: list[Shrunk], dispersion: Numbers, share: float
) -> tuple[Numbers, Numbers]:
    """Interval of each spot: a gamma with the relative variance of its area plus that of the place inside it."""
    tails = np.array([(1 - share) / 2, (1 + share) / 2])
    relative = np.column_stack([one.relative_variance for one in shrunk])[area] + dispersion
    kinds, back = np.unique(
        relative, return_inverse=True
    )  # the spots of a piece share one: few quantiles for many spots
    low, high = np.asarray(stats.gamma.ppf(tails[:, None], 1 / kinds, scale=kinds))[:, back.reshape(relative.shape)]
    return expected * low, expected * high


def _basis(town: Town, blocks: Blocks, dispersion: Numbers) -> pd.DataFrame:
    """Table ``basis``: what the estimate of each group rests on."""
    recorded = town.recorded
    totals = recorded.totals
    placed = history.level(town.by_year, recorded.years)
    grown = totals / np.maximum(recorded.number.sum(axis=0), 1)
    most = np.maximum(totals, 1)
    return pd.DataFrame(
        {
            "offence_group": pd.Series(recorded.groups, dtype="str"),
            "prior": pd.Series([one.prior for one in blocks.estimates], dtype="str"),
            "records": totals,
            "years": recorded.years,
            "recorded_per_year": totals / recorded.years,
            "level_per_year": np.where(recorded.number.sum(axis=0) > 0, placed * grown, totals / recorded.years),
            "without_area_share": recorded.unplaced / most,
            "without_kind_share": 1 - recorded.kinds.sum(axis=(0, 2)) / most,
            "point_share": recorded.of_points.sum(axis=0) / most,
            "pooled_records": [one.alpha for one in blocks.shrunk],
            "dispersion": dispersion,
        }
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
