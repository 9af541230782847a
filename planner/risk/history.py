"""The years behind the counts: records by year, what each year counts, and the level of the next."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.risk import metrics
from planner.risk.recorded import Recorded
from planner.risk.shrink import shrunk_mean
from planner.risk.surface import Numbers

Whole = NDArray[np.int64]

DECAYS = (1.0, 0.8, 0.6, 0.4)  # what a year counts beside the one after it
_DATED_SHARE = 0.8  # with fewer dated records years cannot be told apart
_FEWEST = 100  # records in the last year below which a decay is not tuned


def slots(incidents: pd.DataFrame, years: float, others: pd.DataFrame | None = None) -> Whole:
    """Year of each record, 0 the oldest, counted back from the last recorded day; -1 undated or older, shape (records,).

    All 0 where fewer than 80 % of the records have a date or they span less than two years. With ``others`` (records beyond the
    border) the years of those, as the own records have them; later ones are -1 too. Where the own years cannot be told apart the whole
    period is one year to them; where no own record has a day there is no period to keep to, and all are 0.
    """
    dates = incidents["occurred_on"]
    number, year_days = round(years), assumptions.number("days_per_year")
    wanted = incidents if others is None else others
    if number < 2 or dates.notna().mean() < _DATED_SHARE:
        if others is None or (len(dates) and dates.isna().all()):
            return np.zeros(len(wanted), dtype=np.int64)
        number, year_days = 1, years * year_days
    days = (dates.max() - wanted["occurred_on"]).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    back = np.floor(days / year_days)
    return np.where(np.isnan(back) | (back >= number) | (back < 0), -1, number - 1 - back).astype(np.int64)


def by_year(inputs: frames.Inputs, recorded: Recorded, area_ids: pd.Index, slot: Whole) -> list[Numbers]:
    """Records with an area by year, one array (areas, years) per group; over the years they add up to ``recorded.number``.

    Undated records are spread over the years like the dated ones of their group. Count tables bring their periods as years
    where these are a year long.
    """
    in_records = set(inputs.incidents["offence"])
    area = np.where(
        inputs.incidents["precision"] == "city", -1, area_ids.get_indexer(pd.Index(inputs.incidents["area_id"]))
    )
    number = int(slot.max()) + 1 if len(slot) else 1
    found = []
    for c, group in enumerate(recorded.groups):
        total = recorded.number[:, c].astype(np.float64)
        if group in in_records:
            mine = (inputs.incidents["offence"] == group).to_numpy() & (area >= 0) & (slot >= 0)
            table = np.zeros((len(area_ids), number))
            np.add.at(table, (area[mine], slot[mine]), 1.0)
        else:
            table = _of_periods(inputs.counts[inputs.counts["offence"] == group], area_ids)
        shares = table.sum(axis=0) / table.sum() if table.sum() else np.full(table.shape[1], 1 / table.shape[1])
        found.append(table + (total - table.sum(axis=1))[:, None] * shares)
    return found


def with_towns(by_year: list[Numbers], recorded: Recorded, exposure: Numbers) -> list[Numbers]:
    """The same with the records that name a town without its 丁目 spread over the areas of that town.

    In proportion to what the records with an area let expect there (``shrunk_mean``), over the years like those: the mean of the
    missing area given the estimate (the E step of Dempster, Laird and Rubin 1977).
    """
    made = []
    for c, table in enumerate(by_year):
        known = table.sum(axis=1)
        part = np.zeros(len(known))
        mean = shrunk_mean(known, exposure, 1.0, float(known.sum())) if known.any() else exposure
        for areas, number in zip(recorded.towns, recorded.of_towns[:, c], strict=True):
            part[areas] += number * mean[areas] / mean[areas].sum()
        over = table.sum(axis=0) / known.sum() if known.any() else np.full(table.shape[1], 1 / table.shape[1])
        made.append(table + part[:, None] * over)
    return made


def _of_periods(counts: pd.DataFrame, area_ids: pd.Index) -> Numbers:
    """Count tables of one offence as (areas, periods); one column where periods are no years."""
    periods = sorted(counts["period"].unique()) if counts["years"].between(0.9, 1.1).all() else []
    column = pd.Index(periods).get_indexer(pd.Index(counts["period"])) if periods else np.zeros(len(counts), dtype=int)
    area = area_ids.get_indexer(pd.Index(counts["area_id"]))
    table = np.zeros((len(area_ids), max(len(periods), 1)))
    np.add.at(table, (area[area >= 0], column[area >= 0]), counts["number"].to_numpy(dtype=np.float64)[area >= 0])
    return table


def year_weights(totals: list[Numbers], exposure: Numbers) -> float:
    """Decay from year to year with which shrunk area totals predict the last year's places best, all groups together.

    The level of the last year is given to each candidate: this weighs where, not how many. 1 where nothing can be tuned.
    """
    long = [t for t in totals if t.shape[1] >= 3]
    if sum(t[:, -1].sum() for t in long) < _FEWEST:
        return 1.0

    def loss(decay: float) -> float:
        lost = 0.0
        for table in long:
            number = table[:, :-1] @ weights(decay, table.shape[1] - 1)
            if number.sum() and table[:, -1].sum():
                mean = shrunk_mean(number, exposure, 1.0, float(number.sum()))
                lost += metrics.deviance(table[:, -1], mean * (table[:, -1].sum() / mean.sum()))
        return lost

    return min(DECAYS, key=loss)


def weights(decay: float, years: int) -> Numbers:
    """What a record of each year counts, the last year 1."""
    return np.asarray(decay ** np.arange(years - 1, -1, -1), dtype=np.float64)


def level(totals: list[Numbers], years: Numbers) -> Numbers:
    """Forecast of each group's records a year, placed ones, shape (groups,): a level of its own, apart from the places.

    Mean over the years weighted by a decay, the one of DECAYS that, over all groups, best predicts each year from those before
    it (Poisson deviance); even weights where there are no three years.
    """
    long = [t.sum(axis=0) for t in totals if t.shape[1] >= 3 and t.sum() > 0]

    def loss(decay: float) -> float:
        pairs = [(n[t], _mean(n[:t], decay)) for n in long for t in range(1, len(n))]
        return metrics.deviance(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]))

    decay = min(DECAYS, key=loss) if long else 1.0
    return np.array(
        [_mean(t.sum(axis=0), decay) * t.shape[1] / years[c] for c, t in enumerate(totals)], dtype=np.float64
    )


def _mean(number: Numbers, decay: float) -> float:
    """Weighted mean of yearly numbers."""
    return float(np.average(number, weights=weights(decay, len(number))))
