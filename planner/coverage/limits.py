"""Retention limits: how long and no longer, for every action where it stands, and who says so."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.settings import RetentionSettings

Indices = NDArray[np.int64]
_NOTES = ("standing_outside_retention", "retention_conflict_at", "zones_without_days")
_FIRST = 5  # places that a note names


def limited(survey: frames.Survey, inputs: frames.Inputs, wish: RetentionSettings) -> frames.Survey:
    """The survey with ``min_days``, ``max_days`` and ``limit_origin`` of every action written anew.

    The strictest rule that holds at the place counts: the settings (police, ordinance, guideline) everywhere, a zone of
    rule ``min_days`` or ``max_days`` inside it (its border counts). What a programme asks for belongs to its offers.
    Nothing is repaired: where the least exceeds the most, no number of days fits, and a note says which two rules
    fight and where. Fast: views and what they see stay.

    Notes: ``standing_outside_retention``, ``retention_conflict_at``, ``zones_without_days``.
    """
    actions = survey.actions
    rules = _rules(inputs.zones, wish)
    least, most = _binding(actions, rules, "min_days"), _binding(actions, rules, "max_days")
    days = np.append(rules["limit_days"].to_numpy(dtype=np.float64), np.nan)
    origins = np.append(rules["origin"].to_numpy(dtype=object), "")
    table = actions.copy()
    table["min_days"], table["max_days"] = days[least], days[most]
    pairs = pd.Series(
        [" / ".join(dict.fromkeys(o for o in (a, b) if o)) for a in origins for b in origins], dtype="str"
    )
    at = np.where(least < 0, len(rules), least) * len(origins) + np.where(most < 0, len(rules), most)
    table["limit_origin"] = pairs.take(at).to_numpy()
    table["limit_origin"] = table["limit_origin"].astype("str")
    notes = [note for note in survey.notes if note.code not in _NOTES]
    notes += [*_outside(table, inputs), *_conflicts(table, origins[least], origins[most]), *_without_days(inputs.zones)]
    return replace(survey, actions=frames.check("actions", table), notes=tuple(notes))


def _rules(zones: gpd.GeoDataFrame, wish: RetentionSettings) -> pd.DataFrame:
    """Rules on days: rule, limit_days, origin and shape (None: everywhere)."""
    rows = [
        {"rule": rule, "limit_days": days, "origin": origin, "shape": None}
        for rule, days, origin in (
            ("min_days", wish.min_days, wish.min_origin),
            ("max_days", wish.max_days, wish.max_origin),
        )
        if days is not None
    ]
    if len(zones):
        known = zones[(zones["rule"] != "no_install") & zones["limit_days"].notna()]
        rows += [
            {"rule": z.rule, "limit_days": z.limit_days, "origin": z.origin or z.zone_id, "shape": z.geometry}
            for z in known.itertuples()
        ]
    return pd.DataFrame(rows, columns=["rule", "limit_days", "origin", "shape"])


def _binding(actions: gpd.GeoDataFrame, rules: pd.DataFrame, rule: str) -> Indices:
    """Position in ``rules`` of the strictest rule of one kind at each action, -1 where there is none."""
    bound = np.full(len(actions), -1, dtype=np.int64)
    own = rules.index[rules["rule"] == rule]
    stricter = rules.loc[own].sort_values("limit_days", ascending=rule == "min_days", kind="stable").index
    points = actions.geometry.to_numpy()
    for at in stricter:  # the strictest last, so that it stands
        shape = rules.loc[at, "shape"]
        inside = np.ones(len(points), dtype=bool) if shape is None else shapely.intersects(shape, points)
        bound[inside] = at
    return bound


def _named(code: str, ids: pd.Series[str], **values: object) -> list[Note]:
    """A note that names the first of several places; none for none."""
    names = list(dict.fromkeys(ids))
    return [Note(code, {"number": len(names), "ids": ", ".join(names[:_FIRST]), **values})] if names else []


def _outside(table: gpd.GeoDataFrame, inputs: frames.Inputs) -> list[Note]:
    """Standing cameras whose days are known and outside their limits (保存期間不適合)."""
    unknown = set(inputs.standing.loc[inputs.standing["retention_days"].isna(), "camera_id"])
    days = table["retention_days"]
    broken = (days < table["min_days"]) | (days > table["max_days"])
    keeps = table.loc[(table["kind"] == "keep") & broken, "camera_id"]
    return _named("standing_outside_retention", keeps[~keeps.isin(unknown)])


def _conflicts(table: gpd.GeoDataFrame, least: NDArray[np.object_], most: NDArray[np.object_]) -> list[Note]:
    """Where the least number of days exceeds the most: one note per pair of rules."""
    at = np.flatnonzero(table["min_days"].to_numpy() > table["max_days"].to_numpy())
    here = pd.DataFrame(
        {
            "place": (table["camera_id"] + table["mount_id"].where(table["camera_id"] == "", "")).iloc[at].to_numpy(),
            "min_days": table["min_days"].iloc[at].to_numpy(),
            "max_days": table["max_days"].iloc[at].to_numpy(),
            "min_origin": least[at],
            "max_origin": most[at],
        }
    )
    notes: list[Note] = []
    for values, part in here.groupby(["min_days", "min_origin", "max_days", "max_origin"]):
        low, low_origin, high, high_origin = values
        told = {"min_days": low, "min_origin": low_origin or "-", "max_days": high, "max_origin": high_origin or "-"}
        notes += _named("retention_conflict_at", part["place"], **told)
    return notes


def _without_days(zones: gpd.GeoDataFrame) -> list[Note]:
    """Zones whose rule needs a number of days and has none: they bind nothing."""
    if not len(zones):
        return []
    return _named(
        "zones_without_days", zones.loc[(zones["rule"] != "no_install") & zones["limit_days"].isna(), "zone_id"]
    )
