"""Small towns on paper: every distance countable by hand. East and north in metres of plane zone IX."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planner import frames
from planner.settings import Settings

EPSG = 6677
_KNOWN: set[tuple[str, str]] = set()


def _frame(name, rows, geometry=None):
    """A checked table from rows of values; columns left out are unknown."""
    table = frames.TABLES[name]
    if not rows:
        return frames.empty(name, EPSG)
    columns = {}
    for column in table.columns:
        empty = column.empty()
        missing = {"text": "", "number": np.nan, "whole": pd.NA, "flag": pd.NA, "date": pd.NaT}[column.kind]
        columns[column.name] = pd.Series([r.get(column.name, missing) for r in rows], dtype=empty.dtype)
    frame = pd.DataFrame(columns)
    if table.shapes:
        frame = gpd.GeoDataFrame(frame, geometry=list(geometry), crs=EPSG)
    key = (name, repr(rows))
    if key not in _KNOWN:  # most tests draw the same block, model and tiers: checking them once will do
        frames.check(name, frame, EPSG if table.shapes else None)
        _KNOWN.add(key)
    return frame


def _model(model_id="wide", width_px=2560, angle_deg=90.0, infrared_m=100.0):
    prices = dict.fromkeys(("camera_yen", "installation_yen", "cable_yen", "signage_yen", "running_yen_per_year"), 1)
    named = {"model_id": model_id, "name": model_id, "source": "paper"}
    return {**named, "width_px": width_px, "angle_deg": angle_deg, "infrared_m": infrared_m, **prices}


def _tier(tier_id, days):
    return {"tier_id": tier_id, "retention_days": days, "recorder_yen": 1, "running_yen_per_year": 1, "source": "paper"}


def _town(
    *,
    mounts=(),
    standing=(),
    walls=(),
    streets=(),
    places=(),
    zones=(),
    targets=(),
    areas=None,
    models=None,
    tiers=None,
    incidents=(),
):
    """Inputs: mounts and standing as (east, north, values), the rest as (geometry, values)."""
    models = [_model()] if models is None else models
    tiers = [_tier("t7", 7), _tier("t30", 30)] if tiers is None else tiers
    areas = [(shapely.box(-1000, -1000, 1000, 1000), {"area_id": "a1"})] if areas is None else areas

    def points(table, rows, **default):
        return _frame(table, [{**default, **r[2]} for r in rows], [shapely.Point(r[0], r[1]) for r in rows])

    def shapes(table, rows, key, **default):
        values = [{key: f"{table}{i}", **default, **r[1]} for i, r in enumerate(rows)]
        return _frame(table, values, [r[0] for r in rows])

    return frames.Inputs(
        town=frames.Town("paper", "00000", EPSG),
        areas=shapes("areas", areas, "area_id", name="block", district_id="d1"),
        incidents=_frame("incidents", list(incidents), [None] * len(incidents)),
        counts=frames.empty("counts", EPSG),
        streets=shapes("streets", streets, "street_id"),
        walls=shapes("walls", walls, "wall_id"),
        places=shapes("places", places, "place_id", kind="park"),
        zones=shapes("zones", zones, "zone_id", rule="no_install"),
        mounts=points("mounts", mounts, kind="utility_pole", state="agreed"),
        standing=points("standing", standing, use="own", working=True),
        requests=frames.empty("requests", EPSG),
        targets=_frame("targets", [t for _, t in targets], [shape for shape, _ in targets]),
        models=_frame("models", models),
        tiers=_frame("tiers", tiers),
        programmes=(),
        years=3.0,
        wishes={},
    )


def _demand(spots, groups=("bicycle_theft",), expected=None):
    """Spots as (east, north) or (east, north, values)."""
    rows = [
        {
            "spot_id": f"s{i}",
            "area_id": "a1",
            "district_id": "d1",
            "measure": "place",
            **(s[2] if len(s) > 2 else {}),
        }
        for i, s in enumerate(spots)
    ]
    table = _frame("spots", rows, [shapely.Point(s[0], s[1]) for s in spots])
    shape = (len(spots), len(groups))
    values = np.ones(shape) if expected is None else np.asarray(expected, dtype=float).reshape(shape)
    return frames.Demand(table, tuple(groups), values, frames.empty("area_demand", EPSG))


def _settings(**wishes):
    """Settings from ``coverage={...}, rules={...}``."""
    return Settings.model_validate(wishes)


def _seen(survey, view_id):
    """{spot position: distance} of one view."""
    row = survey.views.index[survey.views["view_id"] == view_id][0]
    part = slice(survey.sees.indptr[row], survey.sees.indptr[row + 1])
    return dict(zip(survey.sees.indices[part].tolist(), survey.sees.data[part].tolist(), strict=True))


def _notes(survey):
    return {n.code: n.values for n in survey.notes}


@pytest.fixture(scope="session")
def paper():
    """The drawing tools."""
    return SimpleNamespace(
        town=_town, demand=_demand, settings=_settings, model=_model, tier=_tier, seen=_seen, notes=_notes, epsg=EPSG
    )
