"""The door of the room: from recorded offences to expected offences per spot."""

from __future__ import annotations

from dataclasses import dataclass

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
from planner.risk.blocks import Blocks, per_block
from planner.risk.laid import Town, lay
from planner.risk.recorded import Recorded
from planner.risk.shrink import Shrunk
from planner.risk.surface import LEAST_DIVISOR, LEAST_EXPECTED, Numbers
from planner.settings import RiskSettings
from planner.work import Work

Whole = NDArray[np.int64]

_KEPT_DRAWS = 50  # resamples of the areas that plans may be tried on
_NAMED = 20  # areas named in a note


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
    Area estimate: Gamma-Poisson posterior mean around the place prior, calibrated on the last year (``per_block``). Inside
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
    per_metre = blocks.inside / town.pieces.support.size[:, None]
    weight[on_piece] *= per_metre[table.piece[on_piece]]
    expected = spread.fill(estimates, by_class, table.area, weight, spot_class)
    at = table.spots.geometry.to_numpy()
    places = spread.SpotPlaces(shapely.get_x(at), shapely.get_y(at), table.area, spot_class, table.unit)
    told = np.array([one is not None for one in blocks.exact])
    expected, unit_alpha = spread.heed_points(expected, recorded, shares, places, told)
    return Filled(table, expected, unit_alpha, parks, without_kind)


def _demand(inputs: frames.Inputs, town: Town, blocks: Blocks, settings: RiskSettings) -> frames.Demand:
    """The spots' expected offences and how sure they are."""
    filled = _fill(town, blocks)
    recorded, table, expected = town.recorded, filled.table, filled.expected
    total = np.column_stack([one.mean for one in blocks.shrunk]).sum(axis=1)
    dispersion = _dispersion(blocks, filled.unit_alpha)
    spread_out = _spot_dispersion(table.piece, blocks, dispersion)
    low, high = _spot_interval(expected, table.area, blocks.shrunk, spread_out, settings.interval_share)
    by_group = sureness.draw_areas(blocks.shrunk)
    drawn = by_group.sum(axis=2)
    measure = table.spots["measure"].to_numpy(dtype=object)
    filmed = expected.sum(axis=1) * (measure != "owner_only")
    ratio = drawn / np.maximum(total, LEAST_EXPECTED)
    notes = (
        *recorded.notes,
        *town.ground.notes,
        ground_of.exposure(town.areas, town.ground)[1],
        *_record_notes(recorded, blocks.shrunk, filled.without_kind),
        *_border_note(town),
        Note(
            "level_of_expected",
            {"recorded": float((recorded.totals / recorded.years).sum()), "forecast": float(_level(town).sum())},
        ),
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
        drawn=by_group[:_KEPT_DRAWS] / np.maximum(np.column_stack([one.mean for one in blocks.shrunk]), LEAST_EXPECTED),
        dispersion=spread_out,
        unit=table.unit,
    )


def _dispersion(blocks: Blocks, unit_alpha: Numbers) -> Numbers:
    """Relative variance of a place around what told us of it, (groups,): from points, else the shipped one of place models."""
    made = []
    for exact, found, alpha in zip(blocks.exact, blocks.priors, unit_alpha, strict=True):
        if exact is not None:
            made.append(float(np.average(exact.relative_variance, weights=exact.mean)))
        else:
            made.append(float(1 / alpha) if found.prior == "points" else place.shipped_dispersion())
    return np.array(made)


def _spot_dispersion(piece: Whole, blocks: Blocks, dispersion: Numbers) -> Numbers:
    """Relative variance of each spot inside its area (spots, groups): of its place around the model, and of the model.

    Where exact points told the pieces apart, what the last year scattered around them holds both.
    """
    told = np.array([one is not None for one in blocks.exact])
    of_piece = blocks.unsure + np.where(told, 0.0, dispersion)
    return np.where((piece >= 0)[:, None], of_piece[np.maximum(piece, 0)], dispersion)


def _of_all(dispersion: Numbers, expected: Numbers) -> Numbers:
    """One relative variance for all groups together, weighed by what is expected of each, shape (spots,)."""
    return np.asarray(
        (dispersion * expected).sum(axis=1) / np.maximum(expected.sum(axis=1), LEAST_DIVISOR), dtype=np.float64
    )


def _spot_interval(
    expected: Numbers, area: Whole, shrunk: list[Shrunk], dispersion: Numbers, share: float
) -> tuple[Numbers, Numbers]:
    """Interval of each spot: a gamma with the relative variance of its area plus that of the place inside it."""
    tails = np.array([(1 - share) / 2, (1 + share) / 2])
    relative = np.column_stack([one.relative_variance for one in shrunk])[area] + dispersion
    # the spots of a piece share one: few quantiles for many spots
    kinds, back = np.unique(relative, return_inverse=True)
    low, high = np.asarray(stats.gamma.ppf(tails[:, None], 1 / kinds, scale=kinds))[:, back.reshape(relative.shape)]
    return expected * low, expected * high


def _basis(town: Town, blocks: Blocks, dispersion: Numbers) -> pd.DataFrame:
    """Table ``basis``: what the estimate of each group rests on."""
    recorded = town.recorded
    totals = recorded.totals
    most = np.maximum(totals, 1)
    return pd.DataFrame(
        {
            "offence_group": pd.Series(recorded.groups, dtype="str"),
            "prior": pd.Series([one.prior for one in blocks.priors], dtype="str"),
            "records": totals,
            "years": recorded.years,
            "recorded_per_year": totals / recorded.years,
            "level_per_year": _level(town),
            "without_area_share": recorded.unplaced / most,
            "town_share": recorded.of_towns.sum(axis=0) / most,
            "without_kind_share": 1 - recorded.kinds.sum(axis=(0, 2)) / most,
            "point_share": recorded.of_points.sum(axis=0) / most,
            "pooled_records": [one.alpha for one in blocks.shrunk],
            "dispersion": dispersion,
            "decay": blocks.decay,
            "surface": pd.Series(["" if one is None else one.surface for one in blocks.exact], dtype="str"),
            "bandwidth_m": [np.nan if one is None else one.bandwidth_m for one in blocks.exact],
        }
    )


def _level(town: Town) -> Numbers:
    """Forecast of each group's records a year, those without an area included, (groups,)."""
    recorded = town.recorded
    placed = np.array([table.sum() for table in town.by_year])
    grown = recorded.totals / np.maximum(placed, 1.0)
    said = history.level(town.by_year, recorded.years) * grown
    return np.where(placed > 0, said, recorded.totals / recorded.years)


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
    if recorded.of_towns.any():
        of_towns = {"number": int(recorded.of_towns.sum()), "towns": len(recorded.towns), "total": total}
        notes.append(Note("records_of_towns", of_towns))
    if without_kind:
        notes.append(Note("place_kind_by_default", {"offences": list(without_kind)}))
    pooled = [group for group, one in zip(recorded.groups, shrunk, strict=True) if one.pooled]
    if pooled and len(recorded.number) > 1:
        notes.append(Note("areas_not_told_apart", {"offences": pooled}))
    return notes


def _border_note(town: Town) -> list[Note]:
    """Areas at the border beyond which no record is at hand (P33)."""
    at = town.underestimated
    if not len(at):
        return []
    names = ", ".join(town.areas["name"].iloc[at[:_NAMED]])
    return [Note("border_underestimated", {"number": len(at), "areas": len(town.areas), "names": names})]


def _measure_note(measure: NDArray[np.object_], expected: NDArray[np.float64]) -> Note:
    """Shares of all expected offences by measure."""
    per_spot = expected.sum(axis=1)
    total = per_spot.sum() or 1.0
    return Note("measure_split", {name: float(per_spot[measure == name].sum() / total) for name in frames.MEASURES})
