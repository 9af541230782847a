"""What standing cameras see today: each and all together, with what is unknown of them at either end; what nobody sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner import frames
from planner.coverage.grade import qualities, task_met
from planner.settings import CoverageSettings, Settings

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def _as_assumed(survey: frames.Survey) -> frames.Extreme:
    """The cameras as the plan counts them."""
    keep = np.flatnonzero((survey.actions["kind"] == "keep").to_numpy())
    view = sparse.csr_matrix(survey.action_views[keep]).indices
    actions = survey.actions.iloc[keep]
    return frames.Extreme(
        survey.views.iloc[view],
        sparse.csr_matrix(survey.sees[view]),
        np.arange(len(keep)),
        actions["retention_days"].to_numpy(dtype=np.float64),
        actions["count_share"].to_numpy(dtype=np.float64),
    )


class _Seen:
    """One end: quality of each view, and the spots whose task it meets."""

    def __init__(
        self, end: frames.Extreme, lit: NDArray[np.bool_], demand: frames.Demand, wish: CoverageSettings
    ) -> None:
        met = task_met(end.views, end.sees, lit, wish)
        kind, quality = qualities(end.days, end.share, demand.groups, wish)
        place = (demand.spots["measure"] == "place").to_numpy(dtype=bool)
        weight = np.where(place[:, None], demand.expected, 0.0)
        self.camera = end.camera
        self.alone = np.asarray(met @ weight) * quality[kind]  # views x groups, offences a year
        chosen = self._one_per_camera()
        rows = sparse.csr_matrix(met[chosen])
        self.view = np.repeat(chosen, np.diff(rows.indptr))
        self.spot = rows.indices
        self.quality = quality[kind]
        self.weight = weight
        self.chosen = chosen

    def _one_per_camera(self) -> Indices:
        """The view of each camera that shows most."""
        total = self.alone.sum(axis=1)
        order = np.lexsort((np.arange(len(total)), -total, self.camera))
        first = np.ones(len(order), dtype=bool)
        first[1:] = self.camera[order][1:] != self.camera[order][:-1]
        return order[first]

    def by_camera(self) -> Floats:
        """Offences a year of each camera alone."""
        return np.asarray(self.alone[self.chosen].sum(axis=1))

    def best(self, without: Indices | None = None) -> Floats:
        """Quality with which each spot and group is served (the best camera counts), some cameras left out."""
        served = np.zeros_like(self.weight)
        counts = slice(None) if without is None else ~np.isin(self.camera[self.view], without)
        np.maximum.at(served, self.spot[counts], self.quality[self.view[counts]])
        return served

    def lost_without(self) -> Floats:
        """What is lost without each camera: its lead over the second best wherever it is the best."""
        lost = np.zeros(len(self.quality))
        for group in range(self.weight.shape[1]):
            value = self.quality[self.view, group]
            order = np.lexsort((-value, self.spot))
            spot, value, view = self.spot[order], value[order], self.view[order]
            start = np.flatnonzero(np.append(True, spot[1:] != spot[:-1])) if len(spot) else np.empty(0, dtype=np.int64)
            ends = np.append(start[1:], len(spot))
            second = np.where(ends - start > 1, value[np.minimum(start + 1, max(len(spot) - 1, 0))], 0.0)
            np.add.at(lost, view[start], self.weight[spot[start], group] * (value[start] - second))
        return lost[self.chosen]


def today(survey: frames.Survey, demand: frames.Demand, settings: Settings) -> frames.Today:
    """What each standing camera sees, and all together; what is unknown of them as an interval.

    Low and high take bearing, angle, range, days and state at their worst and best at once. Of a camera of unknown bearing the
    direction counts in which it alone shows most (low: none). ``low <= assumed <= high`` everywhere.
    """
    wish = settings.coverage
    middle = _as_assumed(survey)
    ends = [_Seen(end, survey.lit, demand, wish) for end in (survey.worst or middle, middle, survey.best or middle)]
    names = ("low_per_year", "assumed_per_year", "high_per_year")
    keeps = survey.actions.loc[survey.actions["kind"] == "keep", "camera_id"].reset_index(drop=True)
    ours = set(survey.actions.loc[survey.actions["kind"] == "remove", "camera_id"])
    cameras = pd.DataFrame({"camera_id": keeps, **{n: e.by_camera() for n, e in zip(names, ends, strict=True)}})
    cameras["alone_per_year"] = ends[1].lost_without()
    cameras["removable"] = keeps.isin(ours).to_numpy(dtype=bool)
    cameras["unknown"] = pd.Series(survey.unknown or [""] * len(keeps), dtype="str")
    sums = {n: (e.best() * e.weight).sum(axis=0) for n, e in zip(names, ends, strict=True)}
    offences = pd.DataFrame({"offence_group": pd.Series(demand.groups, dtype="str"), **sums})
    repairs = _repairs(survey, demand, wish, ends[1])
    return frames.Today(frames.check("today", cameras), frames.check("today_offences", offences), repairs)


def _repairs(survey: frames.Survey, demand: frames.Demand, wish: CoverageSettings, now: _Seen) -> pd.DataFrame:
    """Table ``repairs``: what each broken camera would add to what is served now, if it were repaired as it is."""
    at = np.flatnonzero((survey.actions["kind"] == "repair").to_numpy())
    actions = survey.actions.iloc[at]
    days, share = (actions[name].to_numpy(dtype=np.float64) for name in ("retention_days", "count_share"))
    kind, quality = qualities(days, share, demand.groups, wish)
    met = task_met(survey.views, survey.sees, survey.lit, wish)
    views, served = sparse.csr_matrix(survey.action_views[at]).indices, now.best()
    gains = []
    for view, steps in zip(views, quality[kind], strict=True):
        spots = sparse.csr_matrix(met[[view]]).indices
        gains.append(float((now.weight[spots] * np.maximum(steps - served[spots], 0.0)).sum()))
    table = pd.DataFrame({"camera_id": actions["camera_id"].to_numpy(dtype=object), "gain_per_year": gains})
    table = table.astype({"camera_id": "str", "gain_per_year": "float64"})
    table = table.sort_values(["gain_per_year", "camera_id"], ascending=[False, True], ignore_index=True)
    checked: pd.DataFrame = frames.check("repairs", table)
    return checked


class Served:
    """How well today's cameras serve each spot, as the plan counts them."""

    def __init__(self, survey: frames.Survey, demand: frames.Demand, settings: Settings) -> None:
        self._seen = _Seen(_as_assumed(survey), survey.lit, demand, settings.coverage)
        self._names = survey.actions.loc[survey.actions["kind"] == "keep", "camera_id"].to_numpy(dtype=object)
        self._all = self._seen.best()

    def without(self, camera_id: str = "") -> Floats:
        """Quality (spots x groups), one camera left out if named."""
        at = np.flatnonzero(self._names == camera_id)
        return self._seen.best(at) if len(at) else self._all


def unseen(survey: frames.Survey, demand: frames.Demand, settings: Settings) -> frames.Demand:
    """The demand that no standing camera sees: place offences at spots outside every field of view of today.

    As the plan counts them: a camera whose bearing is unknown sees nothing, one that does not count sees nothing. Kept
    for how long does not matter here. Intervals and blocks are left out: they belong to the whole demand.
    """
    end = _as_assumed(survey)
    counts = np.flatnonzero(end.share > 0)
    met = sparse.csr_matrix(task_met(end.views, end.sees, survey.lit, settings.coverage)[counts])
    open_ = (demand.spots["measure"] == "place").to_numpy(dtype=bool, copy=True)
    open_[np.unique(met.indices)] = False
    return replace(demand, expected=np.where(open_[:, None], demand.expected, 0.0))
