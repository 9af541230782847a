"""What the records themselves say, as a police liaison asks for it: no model, only counts and what chance allows."""

from __future__ import annotations

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import cKDTree

from planner import assumptions, frames
from planner.errors import Note

UNKNOWN = -1  # hour, weekday or year of a record that does not name it
APRIL = 4  # the fiscal year begins
SHUFFLES = 499  # smallest p-value 1 / 500
MOST_PAIRS = 2_000_000  # pairs of neighbouring records that one test may hold (48 MB)
_ROUNDING_YEARS = 1e-6  # a period of 2.9999999 years is three
LEVEL = 0.95  # of the intervals of a ratio
Whole = NDArray[np.int64]


def describe(inputs: frames.Inputs) -> frames.Profile:
    """Records by hour, weekday, place kind and year; change of the last year; near repeats.

    Parameters
    ----------
    inputs
        Table ``incidents`` (and ``areas`` for the names of blocks). Count tables hold no days and are left out.

    Returns
    -------
    frames.Profile
        Tables ``profile_hours, profile_weekdays, profile_places, profile_years, profile_changes, near_repeats``. Hour
        and weekday are those of the *start* of the offence (始期): its end is not recorded, so neither says when it
        happened (P31). -1 is unknown, and stays in the counts.

    Notes
    -----
    The change compares the last full calendar year with the years before it: given the sum of both, the last year's
    number is binomial with the share of its length (exact test; the interval of the ratio is Clopper and Pearson's,
    turned into a ratio). Blocks are tested for all offences together, and ``false_discovery_share`` (Benjamini and
    Hochberg 1995) says which share of the blocks up to this one would be chance. Near repeats: Knox (1964), see
    `near_repeats`.
    """
    records = inputs.incidents
    offences = [r["offence"] for r in assumptions.rows("offences") if r["offence"] in set(records["offence"])]
    days = records["occurred_on"]
    hours = records["hour"].fillna(UNKNOWN).astype("int64")
    weekdays = days.dt.day_of_week.fillna(UNKNOWN).astype("int64")
    years = days.dt.year.fillna(UNKNOWN).astype("int64")
    fiscal = (years - (days.dt.month < APRIL).astype("int64")).where(years != UNKNOWN, UNKNOWN)
    last, before = full_years(records, inputs.years)
    repeats, of_latest = near_repeats(records, offences)
    tables = {
        "profile_hours": _counted(records, {"hour": hours}),
        "profile_weekdays": _counted(records, {"weekday": weekdays}),
        "profile_places": _counted(records, {"place_kind": records["place_kind"]}),
        "profile_years": _counted(records, {"calendar_year": years, "fiscal_year": fiscal}),
        "profile_changes": _changes(records, years, last, before, offences),
        "near_repeats": repeats,
    }
    notes = [Note("hours_are_starts", {"unknown": int((hours == UNKNOWN).sum()), "number": len(records)})]
    if last:
        notes.append(Note("last_year_late_records", {"year": last}))
    notes += of_latest
    return frames.Profile(**{name: frames.check(name, table) for name, table in tables.items()}, notes=tuple(notes))


def full_years(records: gpd.GeoDataFrame, years: float) -> tuple[int, tuple[int, ...]]:
    """The last full calendar year that the records cover and the full years before it; (0, ()) when there are not two.

    A police file of year y holds what was *recognised* in y: a few of its offences began in earlier years, which are
    not covered. So the years counted back from the last day are as many as the period is long.
    """
    days = records["occurred_on"].dropna()
    if days.empty:
        return 0, ()
    final = days.max()
    last = final.year if final.month == 12 else final.year - 1
    full = math.floor(years + _ROUNDING_YEARS) - (0 if final.month == 12 else 1)
    return (int(last), tuple(range(last - full + 1, last))) if full >= 2 else (0, ())


def _counted(records: gpd.GeoDataFrame, by: dict[str, pd.Series]) -> pd.DataFrame:
    """Number of records per offence and value."""
    keys = pd.DataFrame({"offence_group": records["offence"], **by})
    return keys.groupby(list(keys.columns), sort=True).size().rename("number").reset_index()


def _changes(
    records: gpd.GeoDataFrame, years: pd.Series, last: int, before: tuple[int, ...], offences: list[str]
) -> pd.DataFrame:
    """Last year against the years before: per offence, and per block over all offences."""
    now, then = (years == last).to_numpy(), years.isin(before).to_numpy()
    rows = []
    if last:
        for offence in offences:
            mine = (records["offence"] == offence).to_numpy()
            rows.append(("offence", offence, int((mine & now).sum()), int((mine & then).sum())))
        by_area = pd.DataFrame({"area_id": records["area_id"], "now": now, "then": then})
        sums = by_area[by_area["area_id"] != ""].groupby("area_id", sort=True)[["now", "then"]].sum()
        rows += [("area", str(area), int(n), int(t)) for area, n, t in sums.itertuples() if n + t]
    made = [(level, name, n, t / len(before), *ratio(n, t, len(before))) for level, name, n, t in rows]
    names = ("level", "id", "last_year_number", "before_per_year", "ratio", "low_ratio", "high_ratio", "chance_share")
    table = pd.DataFrame(made, columns=list(names)).astype(
        {"level": "str", "id": "str", "last_year_number": "int64", **dict.fromkeys(names[3:], "float64")}
    )
    table["false_discovery_share"] = np.ones(len(table))
    for level in ("offence", "area"):
        mine = (table["level"] == level).to_numpy()
        if mine.any():
            table.loc[mine, "false_discovery_share"] = stats.false_discovery_control(table.loc[mine, "chance_share"])
    return table


def ratio(now: int, then: int, years_before: int) -> tuple[float, float, float, float]:
    """Last year over a mean year before: ratio (NaN without records before), interval, chance of a difference as large.

    ``now | now + then ~ Binomial(now + then, 1 / (1 + years_before))`` when nothing changed.
    """
    total = now + then
    if total == 0:
        return math.nan, 0.0, math.inf, 1.0
    test = stats.binomtest(now, total, 1 / (1 + years_before))
    band = test.proportion_ci(LEVEL, method="exact")
    low, high = (share / (1 - share) * years_before if share < 1 else math.inf for share in (band.low, band.high))
    return (now / then * years_before if then else math.inf), low, high, float(test.pvalue)


def near_repeats(records: gpd.GeoDataFrame, offences: list[str]) -> tuple[pd.DataFrame, list[Note]]:
    """Knox test per offence: pairs of records near in space and time, against shuffled days.

    Near in space: within ``near_repeat_m`` where both records have a point, else in the same block; near in time: within
    ``near_repeat_days``. ``number`` counts the records tested, ``expected`` is the mean over shuffles of the days among them (seeded);
    ``chance_share`` the share of shuffles with at least as many pairs, the records' own order included. Records
    without a day or a place are left out; of an offence with more than MOST_PAIRS pairs near in space all but the latest records, and a
    Note says so. A signal for patrols over days, not for cameras over years.

    Source: Knox (1964), The detection of space-time interactions, Applied Statistics 13.
    """
    within_m, within_days = assumptions.number("near_repeat_m"), assumptions.number("near_repeat_days")
    rows, notes = [], []
    for offence in offences:
        known = records[(records["offence"] == offence) & records["occurred_on"].notna() & (records["area_id"] != "")]
        used = _latest(known, within_m)
        day = (used["occurred_on"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy(dtype=np.int64)
        first, second = _pairs(used, within_m)
        if len(first) == 0:
            continue
        if len(used) < len(known):
            told = {"offence": offence, "used": len(used), "number": len(known)}
            notes.append(Note("near_repeats_of_latest", told))
        rng = np.random.default_rng(0)
        seen = _near_in_time(day, first, second, within_days)
        shuffled = [_near_in_time(rng.permutation(day), first, second, within_days) for _ in range(SHUFFLES)]
        expected = float(np.mean(shuffled))
        chance = (1 + sum(s >= seen for s in shuffled)) / (1 + SHUFFLES)
        by_point = bool((used["precision"] == "point").all())
        rows.append((offence, "point" if by_point else "area", len(used), seen, expected, chance))
    names = ("offence_group", "precision", "number", "pairs", "expected_pairs", "chance_share")
    kinds = ("str", "str", "int64", "int64", "float64", "float64")
    return pd.DataFrame(rows, columns=list(names)).astype(dict(zip(names, kinds, strict=True))), notes


def _near_in_time(day: Whole, first: Whole, second: Whole, within_days: float) -> int:
    """Pairs whose days lie near each other."""
    return int((np.abs(day[first] - day[second]) <= within_days).sum())


def _latest(records: gpd.GeoDataFrame, within_m: float) -> gpd.GeoDataFrame:
    """The records, or the latest half of them, of that half ..., as many as form pairs that can be held; in their order."""
    while _number_of_pairs(records, within_m) > MOST_PAIRS:
        order = np.argsort(records["occurred_on"].to_numpy(), kind="stable")
        records = records.iloc[np.sort(order[(len(order) + 1) // 2 :])]
    return records


def _number_of_pairs(records: gpd.GeoDataFrame, within_m: float) -> int:
    """How many pairs are near in space, counted without making them."""
    point, code, tree = _standing(records)
    near = (int(tree.count_neighbors(tree, within_m)) - tree.n) // 2
    whole, exact = np.bincount(code), np.bincount(code[point])
    return near + int((whole * (whole - 1)).sum() - (exact * (exact - 1)).sum()) // 2


def _pairs(records: gpd.GeoDataFrame, within_m: float) -> tuple[Whole, Whole]:
    """Pairs near in space, each once: of points by distance, of others by block, positions of the records."""
    point, code, tree = _standing(records)
    parts = [np.flatnonzero(point)[tree.query_pairs(within_m, output_type="ndarray")].reshape(-1, 2)]
    by_block = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[by_block], np.arange(code.max(initial=-1) + 2))
    for begin, end in pairwise(starts.tolist()):
        members = by_block[begin:end]
        exact, vague = members[point[members]], members[~point[members]]
        parts.append(vague[np.column_stack(np.triu_indices(len(vague), 1))])
        parts.append(np.column_stack([np.repeat(vague, len(exact)), np.tile(exact, len(vague))]))
    both = np.concatenate(parts).astype(np.int64)
    return both[:, 0], both[:, 1]


def _standing(records: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], Whole, cKDTree]:
    """Which records have a point, the number of each one's block, and a tree of the points."""
    point = (records["precision"] == "point").to_numpy()
    at = records.geometry.to_numpy()[point]
    code, _ = pd.factorize(records["area_id"])
    return point, code, cKDTree(np.column_stack([shapely.get_x(at), shapely.get_y(at)]))
