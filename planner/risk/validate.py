"""The second door: what the model would have said a year ago, held against what was then recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import assumptions, frames
from planner.errors import InputError, Note
from planner.risk import history, metrics
from planner.risk.blocks import per_block
from planner.risk.calibrate import Scatter, scatter
from planner.risk.laid import lay
from planner.risk.score import spread_over_spots
from planner.risk.shrink import Shrunk
from planner.risk.surface import LEAST_EXPECTED, Grid, Numbers
from planner.risk.town import study_grid
from planner.settings import RiskSettings
from planner.work import Work

CELL_M = 100.0
KERNEL_M = 200.0
LEAST_YEARS = 2.0  # one to learn from, one to be tested on
FEWEST_POINTS = 50  # test records with a point below which no figure per 100 m cell is printed


@dataclass(frozen=True)
class Split:
    """History and the last year of a town."""

    past: frames.Inputs
    test: pd.DataFrame
    tested_from: dt.date
    tested_until: dt.date

    @property
    def judges(self) -> bool:
        """Whether both parts hold a record with an area."""
        return len(self.test) > 0 and bool(_placed(self.past.incidents).any())


def validate(inputs: frames.Inputs, settings: RiskSettings, work: Work | None = None) -> frames.Validation:
    """Fit on all years but the last, predict the last, and score it beside counts, uniform spreading and a kernel map.

    Parameters
    ----------
    inputs, settings, work
        As for ``score``; the incidents need dates (count tables are held in neither part).

    Raises
    ------
    InputError
        ``validation_undated`` (no dated record), ``validation_short`` (less than two years of records),
        ``validation_empty`` (no record with an area in the last year or before it).
    StoppedError
        The user asked to stop.

    Notes
    -----
    The test year ends on the last recorded day. Undated and older records belong to neither part. Unit ``area`` judges
    blocks; unit ``cell`` judges 100 m squares and exists only where test records have points. In split ``space`` the
    points of the half of town that is judged are hidden from the model (north and south of the median in turn), whose
    records then count for their block only: what a town without points could expect of a place model. PAI of areas is
    per square metre. Intervals are negative binomial; their variance is that of the estimate plus how the second last year scattered
    around what the years before it said, beyond what was unsure of that, so that no year judges its own fit (none with less than three
    years of records, or where one of the earlier ones names no area). The user may stop between the parts.
    """
    split = held_out(inputs)
    parts = _Parts(work or Work(), 6 if (split.test["precision"] == "point").sum() >= FEWEST_POINTS else 3)
    parts.next()
    town = lay(split.past, settings, Work())
    blocks = per_block(town, settings.interval_share)
    judged = _Judge(split, town.areas, town.recorded.groups, settings)
    parts.next()
    mean = np.column_stack([one.mean for one in blocks.shrunk])
    number = town.recorded.number.astype(np.float64)
    rows = list(judged.areas(mean, number, _scatter(split.past, settings), _unsure(blocks.shrunk)))
    tested = [*rows]
    if judged.points:
        parts.next()
        spots, expected = spread_over_spots(town, blocks)
        tested += judged.cells("time", spots, expected, split.past)
        tested += judged.cells("space", *_hidden(split.past, settings, parts), split.past)
    parts.next()
    level = history.level(town.by_year, town.recorded.years)
    observed = judged.per_area.sum()
    notes = () if judged.points else (Note("validation_blocks_only", {"records": int(observed)}),)
    return frames.Validation(
        tested_from=split.tested_from,
        tested_until=split.tested_until,
        history_years=split.past.years,
        level_predicted=float(level.sum()),
        level_observed=float(observed),
        scores=frames.check("validation_scores", pd.DataFrame(tested).reset_index(drop=True)),
        deciles=frames.check("validation_deciles", judged.deciles(mean)),
        districts=frames.check("validation_districts", judged.districts(mean)),
        notes=notes,
    )


def held_out(inputs: frames.Inputs) -> Split:
    """The records of the last year apart from those before; count tables are set aside."""
    incidents = inputs.incidents
    dates = incidents["occurred_on"]
    if not dates.notna().any():
        raise InputError("validation_undated", "no record has a date", records=len(incidents))
    if inputs.years < LEAST_YEARS:
        raise InputError("validation_short", f"{inputs.years} years", years=float(inputs.years))
    split = _last_year(inputs)
    if not split.judges:
        tested, before = len(split.test), int(_placed(split.past.incidents).sum())
        raise InputError("validation_empty", f"{tested} and {before}", tested=tested, before=before)
    return split


def _last_year(inputs: frames.Inputs) -> Split:
    """The last year of dated records apart from the years before it, which may hold no record of use."""
    incidents = inputs.incidents
    dates = incidents["occurred_on"]
    last = dates.max()
    first = last - pd.Timedelta(days=round(assumptions.number("days_per_year"))) + pd.Timedelta(days=1)
    start = last - pd.Timedelta(days=round(assumptions.number("days_per_year") * inputs.years))
    test = incidents[(dates >= first) & _placed(incidents)]
    past = incidents[(dates < first) & (dates >= start)]
    counts = inputs.counts.iloc[:0]
    history_only = replace(inputs, incidents=past.reset_index(drop=True), counts=counts, years=inputs.years - 1)
    return Split(history_only, test.reset_index(drop=True), first.date(), last.date())


def _placed(incidents: pd.DataFrame) -> pd.Series:
    """Which records name their area."""
    return (incidents["area_id"] != "") & (incidents["precision"] != "city")


class _Parts:
    """Progress in parts of about equal length; before each the user may have asked to stop."""

    def __init__(self, work: Work, number: int) -> None:
        self.work, self.number, self.done = work, number, 0

    def next(self) -> None:
        """One part begins."""
        self.work.check()
        self.work.step("risk_validate", self.done, self.number)
        self.done += 1


def _unsure(shrunk: list[Shrunk]) -> Numbers:
    """Relative variance of each area's estimate, of every group and last of all together, (areas, groups + 1)."""
    mean = np.column_stack([one.mean for one in shrunk])
    relative = np.column_stack([one.relative_variance for one in shrunk])
    of_all = (relative * mean**2).sum(axis=1) / np.maximum(mean.sum(axis=1), LEAST_EXPECTED) ** 2
    return np.column_stack([relative, of_all])


def _scatter(past: frames.Inputs, settings: RiskSettings) -> Scatter | None:
    """How widely the last year of the history scatters around what the years before it said; None without records of both."""
    dates = past.incidents["occurred_on"]
    if past.years < LEAST_YEARS or not dates.notna().any():
        return None
    split = _last_year(past)
    if not split.judges:
        return None
    town = lay(split.past, settings, Work())
    shrunk = per_block(town, settings.interval_share).shrunk
    said = np.sum([one.mean for one in shrunk], axis=0)
    came = split.test[split.test["offence"].isin(town.recorded.groups)]
    at = pd.Index(town.areas["area_id"]).get_indexer(pd.Index(came["area_id"]))
    observed = np.bincount(at[at >= 0], minlength=len(said)).astype(np.float64)
    return scatter(said, observed, np.ones(len(said)), _unsure(shrunk)[:, -1])


def _hidden(past: frames.Inputs, settings: RiskSettings, parts: _Parts) -> tuple[gpd.GeoDataFrame, Numbers]:
    """Spots and expected offences where the points of a spot's own half of town were hidden from the model."""
    north = past.areas.geometry.representative_point().y
    upper = set(past.areas["area_id"][north > north.median()])

    def hiding(*, half: bool) -> tuple[gpd.GeoDataFrame, Numbers]:
        """The whole town without the points of one half."""
        parts.next()
        own = past.incidents["area_id"].isin(upper) == half
        precision = past.incidents["precision"].mask(own & (past.incidents["precision"] == "point"), "area")
        town = lay(replace(past, incidents=past.incidents.assign(precision=precision)), settings, Work())
        return spread_over_spots(town, per_block(town, settings.interval_share))

    spots, north_hidden = hiding(half=True)
    _, south_hidden = hiding(half=False)
    in_north = spots["area_id"].isin(upper).to_numpy()[:, None]
    return spots, np.where(in_north, north_hidden, south_hidden)


class _Judge:
    """The last year of a town, counted per area and per 100 m cell, and the methods it is held against."""

    def __init__(self, split: Split, areas: gpd.GeoDataFrame, groups: tuple[str, ...], settings: RiskSettings) -> None:
        self.share = settings.interval_share
        self.groups = groups
        self.table = areas
        self.size = areas.geometry.area.to_numpy()
        self.past = split.past.incidents
        self.test = split.test[split.test["offence"].isin(groups)]
        self.index = pd.Index(areas["area_id"])
        self.per_area = _count(
            self.index.get_indexer(pd.Index(self.test["area_id"])), self._group(self.test), self.shape
        )
        self.exact = self.test[(self.test["precision"] == "point") & ~self.test.geometry.isna()]
        self.points = len(self.exact) >= FEWEST_POINTS

    @property
    def shape(self) -> tuple[int, int]:
        """Areas and groups."""
        return len(self.table), len(self.groups)

    def _group(self, records: pd.DataFrame) -> np.ndarray:
        """Position of each record's group."""
        return pd.Index(self.groups).get_indexer(pd.Index(records["offence"]))

    def _columns(self, values: Numbers) -> Iterator[tuple[str, Numbers]]:
        """Each group's column, then all together under ""."""
        for c, group in enumerate(self.groups):
            yield group, values[:, c]
        yield "", values.sum(axis=1)

    def areas(
        self, mean: Numbers, number: Numbers, spread: Scatter | None, unsure: Numbers
    ) -> Iterator[dict[str, object]]:
        """Rows of unit ``area``, split ``time``; ``spread`` is how widely next year's numbers scatter, beside what is ``unsure`` of ours."""
        grid = study_grid(self.table)
        centre = self.table.geometry.representative_point()
        kernel = _kernel(grid, centre.x.to_numpy(), centre.y.to_numpy(), number)
        at = self.index.get_indexer(pd.Index(_areas_of(grid, self.table)))
        smooth = np.zeros_like(mean)
        np.add.at(smooth, at[at >= 0], kernel[at >= 0])
        smooth = np.maximum(smooth, LEAST_EXPECTED)
        even = np.tile(self.size[:, None], (1, mean.shape[1])) * mean.sum(axis=0) / self.size.sum()
        methods = {"ours": mean, "count": number, "uniform": even, "kde_200": smooth}
        yield from self._rows("time", "area", methods, self.per_area, self.size, spread, unsure)

    def cells(
        self, split: str, spots: gpd.GeoDataFrame, expected: Numbers, past: frames.Inputs
    ) -> Iterator[dict[str, object]]:
        """Rows of unit ``cell``."""
        grid = study_grid(self.table, CELL_M)
        number = int(grid.mask.sum())

        def on_cells(table: pd.DataFrame) -> Numbers:
            at = grid.cell_of(shapely.get_x(table.geometry.values), shapely.get_y(table.geometry.values))
            return _count(at, self._group(table), (number, len(self.groups)))

        at = grid.cell_of(spots.geometry.x.to_numpy(), spots.geometry.y.to_numpy())
        ours = np.zeros((number, len(self.groups)))
        np.add.at(ours, at[at >= 0], expected[at >= 0])
        known = past.incidents[(past.incidents["precision"] == "point") & ~past.incidents.geometry.isna()]
        known = known[known["offence"].isin(self.groups)]
        count = on_cells(known)
        east, north = grid.centres()
        methods = {
            "ours": ours,
            "count": count,
            "uniform": np.ones_like(ours),
            "kde_200": _kernel(grid, east, north, count),
        }
        observed = on_cells(self.exact)
        yield from self._rows(split, "cell", methods, observed, np.ones(number), None)

    def _rows(
        self,
        split: str,
        unit: str,
        methods: dict[str, Numbers],
        observed: Numbers,
        size: Numbers,
        spread: Scatter | None,
        unsure: Numbers | None = None,
    ) -> Iterator[dict[str, object]]:
        """One row per method and group with a test record."""
        for name, values in methods.items():
            columns = zip(self._columns(values), self._columns(observed), strict=True)
            for at, ((group, predicted), (_, seen)) in enumerate(columns):
                if seen.sum() == 0 or predicted.sum() == 0:
                    continue
                level, interval = predicted * (seen.sum() / predicted.sum()), None
                if name == "ours" and spread is not None and unsure is not None:
                    interval = spread.interval(level, level, self.share, unsure[:, at])
                found = metrics.scores(predicted, seen, size, interval).as_dict()
                yield {
                    "offence_group": group,
                    "split": split,
                    "unit": unit,
                    "method": name,
                    "units": len(seen),
                    "test_records": int(seen.sum()),
                    **{(f"{key}_share" if key.startswith("hit") else key): value for key, value in found.items()},
                }

    def deciles(self, mean: Numbers) -> pd.DataFrame:
        """Table ``validation_deciles`` of the areas."""
        rows = []
        for (group, predicted), (_, seen) in zip(self._columns(mean), self._columns(self.per_area), strict=True):
            level = predicted * (seen.sum() / predicted.sum()) if predicted.sum() else predicted
            for at, (one, other) in enumerate(zip(*metrics.deciles(seen, level), strict=True)):
                rows.append((group, "time", "area", at + 1, float(one), float(other)))
        return pd.DataFrame(rows, columns=[c.name for c in frames.TABLES["validation_deciles"].columns])

    def districts(self, mean: Numbers) -> pd.DataFrame:
        """Table ``validation_districts``: is every district predicted as well, and as high, as it was recorded."""
        rows = []
        district = self.table["district_id"].to_numpy(dtype=object)
        for (group, predicted), (_, seen) in zip(self._columns(mean), self._columns(self.per_area), strict=True):
            level = predicted * (seen.sum() / predicted.sum()) if predicted.sum() else predicted
            for name in sorted(set(district)):
                own = district == name
                hit = metrics.hits(level[own], seen[own], self.size[own], 0.1).hit if level[own].sum() else np.nan
                slope = metrics.slope(seen[own], level[own])
                rows.append((group, name, int(own.sum()), float(level[own].sum()), float(seen[own].sum()), slope, hit))
        return pd.DataFrame(rows, columns=[c.name for c in frames.TABLES["validation_districts"].columns])


def _count(at: np.ndarray, group: np.ndarray, shape: tuple[int, int]) -> Numbers:
    """How many records stand at each unit and group; those outside all units are left out."""
    table = np.zeros(shape)
    inside = (at >= 0) & (group >= 0)
    np.add.at(table, (at[inside], group[inside]), 1.0)
    return table


def _kernel(grid: Grid, east_m: Numbers, north_m: Numbers, number: Numbers) -> Numbers:
    """Gaussian kernel surface of weighted points per cell of the study area, (cells, groups)."""
    columns = [
        grid.spread(grid.bin(east_m, north_m, number[:, c]), KERNEL_M)[grid.mask] for c in range(number.shape[1])
    ]
    return np.column_stack(columns)


def _areas_of(grid: Grid, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Area id of each cell of the study area, "" where its centre lies in none."""
    east, north = grid.centres()
    area, cell = shapely.STRtree(shapely.points(east, north)).query(areas.geometry.to_numpy(), predicate="intersects")
    found = np.full(len(east), "", dtype=object)
    found[cell] = areas["area_id"].to_numpy(dtype=object)[area]
    return found
