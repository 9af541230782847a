"""A few actions and prices that can be added up by hand, as tables of the rooms before `funding`."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from shapely.geometry import Point

from planner import frames

EPSG = 6677
MODELS = pd.DataFrame(
    {
        "model_id": ["plain", "cloud"],
        "name": ["plain", "cloud"],
        "width_px": [2560, 3840],
        "angle_deg": [90.0, 60.0],
        "infrared_m": [30.0, 40.0],
        "camera_yen": [100_000, 180_000],
        "installation_yen": [80_000, 90_000],
        "cable_yen": [20_000, 0],
        "signage_yen": [10_000, 12_000],
        "running_yen_per_year": [0, 33_000],
        "source": ["test", "test"],
    }
)
TIERS = pd.DataFrame(
    {
        "tier_id": ["d7", "d14", "d30"],
        "retention_days": [7, 14, 30],
        "recorder_yen": [30_000, 50_000, 90_000],
        "running_yen_per_year": [0, 1_000, 2_500],
        "source": ["test", "test", "test"],
    }
)
MODELS["bitrate_mbps"] = float("nan")
for _table in (MODELS, TIERS):
    _n = len(_table)
    _table["tax_included"] = pd.Series([pd.NA] * _n, dtype="boolean")
    _table["tax_share"] = float("nan")
    _table["quoted_on"] = pd.Series([pd.NaT] * _n, dtype="datetime64[ns]")
    _table["quotations"] = pd.Series([pd.NA] * _n, dtype="Int64")
    _table["service_life_years"] = float("nan")
    _table["lease_yen_per_year"] = pd.Series([pd.NA] * _n, dtype="Int64")
MOUNTS = {"utility": "utility_pole", "wall": "wall", "own": "own_pole", "taken": "own_pole", "guess": "assumed"}
STANDING = {"known": ("cloud", "wall"), "unknown": ("", "taken")}


def town(actions, programmes=(), standing=None):
    """(inputs, survey) of a few actions, each a dict of what differs from one plain camera on a wall, 14 days."""
    table = pd.DataFrame([_action(n, **action) for n, action in enumerate(actions)], columns=list(_action(0)))
    for column in ("retention_days", "count_share", "min_days", "max_days"):
        table[column] = table[column].astype(float)
    table = table.astype({name: "str" for name in table if table[name].dtype == object})
    geometry = [Point(n, 0) for n in range(len(table))]
    survey_actions = gpd.GeoDataFrame(table, geometry=geometry, crs=EPSG)
    if not actions:
        survey_actions = frames.empty("actions", EPSG)
    inputs = frames.Inputs(
        town=frames.Town("town", "99999", EPSG),
        **_absent(),
        mounts=_mounts(),
        standing=_standing() if standing is None else standing,
        models=MODELS,
        tiers=TIERS,
        programmes=tuple(programmes),
        years=1.0,
        wishes={},
    )
    survey = frames.Survey(
        mounts=_mounts(),
        views=frames.empty("views", EPSG),
        sees=sparse.csr_matrix((0, 0)),
        actions=frames.check("actions", survey_actions, EPSG),
        action_views=sparse.csr_matrix((len(actions), 0)),
        lit=np.zeros(0, dtype=bool),
        cliques=frames.empty("cliques", EPSG),
    )
    return inputs, survey


def _action(
    n, kind="install", mount="wall", camera="", model="plain", tier="d14", days=14.0, cameras=1, low=None, high=None
):
    standing = kind not in ("install", "install_reused")
    return {
        "action_id": f"a{n}",
        "kind": kind,
        "group_id": f"c:{camera}" if standing else f"m:{mount}",
        "mount_id": "" if standing else mount,
        "camera_id": camera,
        "model_id": model if kind in ("install", "install_reused", "renew") else "",
        "tier_id": tier if kind in ("install", "install_reused", "renew", "extend") else "",
        "retention_days": float("nan") if days is None else days,
        "count_share": 1.0,
        "area_id": "A",
        "district_id": "all",
        "cameras": cameras,
        "min_days": float("nan") if low is None else low,
        "max_days": float("nan") if high is None else high,
        "limit_origin": "",
        **dict.fromkeys(("host", "mount_state", "reused_model_id", "needs_removed"), ""),
    }


@cache
def _absent():
    """The tables of the town that prices do not depend on."""
    kinds = ("areas", "incidents", "counts", "streets", "walls", "places", "zones", "requests", "targets")
    return {name: frames.empty(name, EPSG) for name in kinds}


@cache
def _mounts():
    table = pd.DataFrame(
        {
            "mount_id": list(MOUNTS),
            "kind": list(MOUNTS.values()),
            "host": "",
            "height_m": 4.0,
            "powered": pd.Series([pd.NA] * len(MOUNTS), dtype="boolean"),
            "state": "agreed",
            **dict.fromkeys(("pole_number", "address", "match_level"), ""),
        }
    ).astype(dict.fromkeys(("host", "state", "pole_number", "address", "match_level"), "str"))
    return frames.check("mounts", gpd.GeoDataFrame(table, geometry=[Point(n, 0) for n in range(len(MOUNTS))], crs=EPSG))


@cache
def _standing():
    n = len(STANDING)
    table = pd.DataFrame(
        {
            "camera_id": list(STANDING),
            "mount_id": [mount for _, mount in STANDING.values()],
            "model_id": [model for model, _ in STANDING.values()],
            "bearing_deg": 0.0,
            "retention_days": 7.0,
            "owner": pd.Series([""] * n, dtype="str"),
            "use": pd.Series(["own"] * n, dtype="str"),
            "working": pd.Series([True] * n, dtype="boolean"),
            "installed_on": pd.Series([pd.NaT] * n, dtype="datetime64[ns]"),
            "locked_until": pd.Series([pd.NaT] * n, dtype="datetime64[ns]"),
            **{name: pd.Series([""] * n, dtype="str") for name in ("address", "match_level")},
            "acquired_on": pd.Series([pd.NaT] * n, dtype="datetime64[ns]"),
            "funds": pd.Series([""] * n, dtype="str"),
            "renewal_fiscal_year": pd.Series([pd.NA] * n, dtype="Int64"),
            "asset_number": pd.Series([""] * n, dtype="str"),
            "inspected_on": pd.Series([pd.NaT] * n, dtype="datetime64[ns]"),
            "angle_deg": pd.Series([float("nan")] * n, dtype="float64"),
            "height_m": pd.Series([float("nan")] * n, dtype="float64"),
            "clock_error_s": pd.Series([float("nan")] * n, dtype="float64"),
            "contact": pd.Series([""] * n, dtype="str"),
        }
    )
    return frames.check("standing", gpd.GeoDataFrame(table, geometry=[Point(n, 0) for n in range(n)], crs=EPSG))
