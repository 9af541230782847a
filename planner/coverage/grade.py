"""Grading: how well each action serves each row, on the ladder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner import assumptions, frames
from planner.coverage import optics
from planner.coverage.retention import curve_of, secured_share
from planner.errors import InputError
from planner.settings import CoverageSettings, Settings

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
TARGET = "target:"  # begins the name of a measure that a policy target is
CHUNK_VALUES = 1_000_000  # action x row values held at a time: tens of MB
ROUNDING = 1e-9  # of one step of the ladder: 0.75 computed as 0.7499999999999999 is 0.75


def on_ladder(quality: Floats, steps: int) -> Floats:
    """Quality rounded down to ``k / steps``: ``floor(quality * steps + 1e-9) / steps``."""
    return np.floor(quality * steps + ROUNDING) / steps


def _harm(groups: tuple[str, ...], purpose: str) -> Floats:
    """What an offence of each group weighs; a purpose of whose offences none was recorded is refused (P1)."""
    harm = assumptions.harm(purpose)
    if not any(harm[group] > 0 for group in groups):
        wanted = [offence for offence, value in harm.items() if value > 0]
        raise InputError("purpose_without_records", f"{purpose}: none of {wanted}", purpose=purpose, offences=wanted)
    return np.array([harm[group] for group in groups])


@dataclass(frozen=True)
class _Listing:
    """Rows with the spot (demand's, then targets') and the group (demand's, then "none") of each; sorted by spot."""

    table: pd.DataFrame
    spot: Indices
    group: Indices


def _of_offences(demand: frames.Demand, purpose: str, asked: Collection[str]) -> _Listing:
    """Rows of measure place and, if asked for, front."""
    weight = np.rint(demand.expected * _harm(demand.groups, purpose) * frames.MICRO).astype(np.int64)
    measure = demand.spots["measure"]
    counted = measure.isin({"place"} | ({"front"} & set(asked))).to_numpy(dtype=bool)
    spot, group = np.nonzero((weight > 0) & counted[:, None])
    names = np.asarray(demand.groups, dtype=object)
    table = pd.DataFrame(demand.spots[["spot_id", "area_id", "district_id", "measure"]]).iloc[spot]
    table = table.assign(
        offence_group=pd.Series(names[group], dtype="str").to_numpy(), weight_micro=weight[spot, group]
    )
    return _Listing(table, spot.astype(np.int64), group.astype(np.int64))


def _of_targets(targets: gpd.GeoDataFrame, after: int, group: int, asked: Collection[str]) -> Iterator[_Listing]:
    """Rows of every kind of target, or single target, that is asked for; their spots come ``after`` those of demand."""
    for measure in sorted(m for m in asked if m.startswith(TARGET)):
        name = measure.removeprefix(TARGET)
        at = np.flatnonzero(((targets["kind"] == name) | (targets["target_id"] == name)).to_numpy(dtype=bool))
        steps = targets["steps"].to_numpy(dtype=np.float64)[at]
        table = pd.DataFrame(targets[["spot_id", "area_id", "district_id"]]).iloc[at]
        table = table.assign(
            measure=measure, offence_group="", weight_micro=np.rint(steps * frames.MICRO).astype(np.int64)
        )
        yield _Listing(table, after + at, np.full(len(at), group, dtype=np.int64))


def _rows(survey: frames.Survey, demand: frames.Demand, purpose: str, asked: Collection[str]) -> _Listing:
    """Table ``rows`` of measure place and of every measure asked for, with the spot and the group of each."""
    parts = [_of_offences(demand, purpose, asked)]
    if any(m.startswith(TARGET) for m in asked):
        parts += _of_targets(survey.targets, len(demand.spots), len(demand.groups), asked)
    spot = np.concatenate([p.spot for p in parts])
    order = np.argsort(spot, kind="stable")
    table = pd.concat([p.table for p in parts], ignore_index=True).iloc[order].reset_index(drop=True)
    table["row_id"] = np.arange(len(table), dtype=np.int64)
    for name in ("measure", "offence_group"):
        table[name] = table[name].astype("str")
    table = table[[c.name for c in frames.TABLES["rows"].columns]]
    return _Listing(frames.check("rows", table), spot[order], np.concatenate([p.group for p in parts])[order])


def task_met(
    views: gpd.GeoDataFrame, sees: sparse.csr_matrix, lit: NDArray[np.bool_], wish: CoverageSettings
) -> sparse.csr_matrix:
    """Views x spots, 1 where the view meets the task at the spot, and by night if that is required."""
    view = np.repeat(np.arange(sees.shape[0]), np.diff(sees.indptr))
    height = views["height_m"].to_numpy(dtype=np.float64)
    far = optics.far_m(views["density_1m_px"].to_numpy(dtype=np.float64) / optics.task_density(wish), height)[view]
    away = sees.data
    met = (away >= optics.task_near_m(wish, height)[view]) & (away <= far)
    if wish.night_required:
        by_lamp = lit[sees.indices] & (away <= assumptions.number("lit_street_reach_m"))
        met &= by_lamp | (away <= views["night_far_m"].to_numpy(dtype=np.float64)[view])
    return sparse.csr_matrix((np.ones(int(met.sum()), dtype=np.int8), (view[met], sees.indices[met])), shape=sees.shape)


def qualities(
    days: Floats, share: Floats, groups: tuple[str, ...], wish: CoverageSettings
) -> tuple[NDArray[np.int64], Floats]:
    """Class of each pair of days and share and, per class and group, the quality of a spot whose task is met."""
    pairs = np.nan_to_num(np.column_stack([days, share]))  # a removed camera keeps nothing
    kinds, which = np.unique(pairs, axis=0, return_inverse=True)
    curves = [curve_of(g) for g in groups]
    secured = [[secured_share(c, d, wish.handling_days) * s for c in curves] for d, s in kinds.tolist()]
    quality = on_ladder(np.asarray(secured, dtype=np.float64).reshape(len(kinds), len(groups)), wish.quality_steps)
    return which.ravel().astype(np.int64), quality


def _spread(
    met: sparse.csr_matrix,
    first_row: NDArray[np.int64],
    group: NDArray[np.int64],
    kind: NDArray[np.int64],
    quality: Floats,
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Values of a block of actions x rows from actions x spots: row lengths, columns, values (zeros left out)."""
    number = np.diff(first_row)[met.indices]
    action = np.repeat(np.arange(met.shape[0]), np.diff(met.indptr))
    skip = np.repeat(np.cumsum(number) - number, number)
    column = np.repeat(first_row[met.indices], number) + np.arange(len(skip)) - skip
    owner = np.repeat(action, number)
    value = quality[kind[owner], group[column]]
    kept = value > 0
    return np.bincount(owner[kept], minlength=met.shape[0]), column[kept].astype(np.int32), value[kept]


def _with_none(quality: Floats, kind: Indices, days: Floats, share: Floats, steps: int) -> Floats:
    """The qualities and, as a last column, that of a row without offences: the share that counts while anything is kept."""
    alone = np.zeros(len(quality))
    alone[kind] = np.where(np.nan_to_num(days) > 0, share, 0.0)
    return np.column_stack([quality, on_ladder(alone, steps)])


def _met(survey: frames.Survey, wish: CoverageSettings, *, targets: bool) -> sparse.csr_matrix:
    """Views x spots (of demand, then of targets if they are asked for) at which the task is met."""
    seen = task_met(survey.views, survey.sees, survey.lit, wish)
    if not targets:
        return seen
    more = task_met(survey.views, survey.target_sees, survey.target_lit, wish)
    return sparse.csr_matrix(sparse.hstack([seen, more], format="csr"))


def grade(survey: frames.Survey, demand: frames.Demand, settings: Settings) -> frames.Rows:
    """Rows of the covering model and the quality of every action for each, keep included.

    ``quality[a, (i, c)] = max over views v of a of geometry * detail * night  x  retention  x  count_share``, rounded
    down to the ladder, where geometry is ``sees``; detail is 1 for ``near_m <= d <= `` the range of the chosen task; night
    is 1 if the spot is lit and ``d <= lit_street_reach_m``, or ``d <= night_far_m`` (or if night is not required), else 0;
    retention is ``secured_share`` of the action's days; count_share is the action's. Weights are whole 1e-6 offences a
    year times ``harm`` of the purpose. Rows are listed by measure: ``place`` always; ``front`` and ``target:NAME`` where a floor of
    ``rules.floors`` asks for them (they never count for the value). A target has no offence whose delay would be
    known: its retention is 1 while anything is kept, its weight whole 1e-6 steps. Rows of weight 0 are not listed.

    Parameters
    ----------
    survey, demand
        Of the same spots, in the same order.
    settings
        ``purpose``; ``coverage``: task, night_required, handling_days, quality_steps; ``rules.floors``: which measures.

    Raises
    ------
    SettingsError
        ``unknown_task``.
    InputError
        ``offence_group_unknown``, ``offence_group_mixed``; ``purpose_without_records``.
    """
    wish = settings.coverage
    asked = {floor.measure for floor in settings.rules.floors}
    listed = _rows(survey, demand, settings.purpose.profile, asked)
    actions = survey.actions
    days, share = (actions[name].to_numpy(dtype=np.float64) for name in ("retention_days", "count_share"))
    kind, quality = qualities(days, share, demand.groups, wish)
    quality = _with_none(quality, kind, days, share, wish.quality_steps)
    seen = _met(survey, wish, targets=bool((listed.group == len(demand.groups)).any()))
    met = sparse.csr_matrix(survey.action_views.astype(np.int32) @ seen.astype(np.int32))
    met.sort_indices()
    first_row = np.searchsorted(listed.spot, np.arange(seen.shape[1] + 1)).astype(np.int64)
    size = np.concatenate([[0], np.cumsum(np.diff(first_row)[met.indices])])[met.indptr]
    blocks = np.unique(np.concatenate([[0], np.flatnonzero(np.diff(size // CHUNK_VALUES)), [met.shape[0]]]))
    parts = [
        _spread(sparse.csr_matrix(met[a:b]), first_row, listed.group, kind[a:b], quality)
        for a, b in zip(blocks.tolist(), blocks[1:].tolist(), strict=False)
    ]
    lengths = np.concatenate([np.empty(0, dtype=np.int64), *(p[0] for p in parts)])
    columns = np.concatenate([np.empty(0, dtype=np.int32), *(p[1] for p in parts)])
    values = np.concatenate([np.empty(0), *(p[2] for p in parts)])
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    matrix = sparse.csr_matrix((values, columns, indptr), shape=(met.shape[0], len(listed.table)))
    return frames.Rows(listed.table, matrix, tuple(survey.actions["action_id"].tolist()), wish.quality_steps)
