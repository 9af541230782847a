"""10,000 actions under five programmes of the shipped catalogue, priced: as towns are, and with no two actions alike."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from planner import frames, funding, ingest
from planner.programmes import Programme
from planner.settings import Settings

CATALOGUE = Path(ingest.__file__).parent / "shipped" / "programmes.yaml"
ACTIONS = 10_000
PROGRAMMES = 5
EPSG = 6677
ROUNDS = 3
CASES = ("town", "all_different")


def measure(case: str) -> str:
    """One JSON line: wall and CPU seconds of the fastest of three pricings, and the offers made."""
    models = 4 if case == "town" else ACTIONS // 5
    inputs, survey = _town(models)
    settings = Settings.model_validate({"budget": {"local_body_yen": 10**9}})
    seconds, cpu_seconds = [], []
    for _ in range(ROUNDS):
        began, cpu_began = time.perf_counter(), time.process_time()
        offers = funding.price(inputs, survey, settings)
        seconds.append(time.perf_counter() - began)
        cpu_seconds.append(time.process_time() - cpu_began)
    paid = offers.table[offers.table["programme_id"] != ""]
    figures = {
        "case": case,
        "actions": len(survey.actions),
        "programmes": [p.id for p in inputs.programmes],
        "offers": len(offers.table),
        "subsidised": len(paid),
        "seconds": round(min(seconds), 3),
        "cpu_seconds": round(min(cpu_seconds), 3),
    }
    return json.dumps(figures)


def _programmes() -> tuple[Programme, ...]:
    """The first shipped programmes that can be priced and pay towards a plain camera."""
    shipped = ingest.read_programme_file(CATALOGUE)
    fitting = [p for p in shipped if not p.missing and not p.running]
    return tuple(fitting[:PROGRAMMES])


def _table(name: str, columns: dict[str, Any], number: int) -> Any:
    """A table of the house; what is not given is unknown."""
    blank = frames.empty(name, EPSG)
    frame = pd.DataFrame({c.name: blank[c.name].reindex(range(number)) for c in frames.TABLES[name].columns})
    texts = [c.name for c in frames.TABLES[name].columns if c.kind == "text"]
    frame[texts] = frame[texts].fillna("")
    frame = frame.assign(**columns)
    frame = frame.astype({c.name: blank[c.name].dtype for c in frames.TABLES[name].columns})
    if not frames.TABLES[name].shapes:
        return frames.check(name, frame)
    points = shapely.points(np.arange(number) * 10.0, np.zeros(number))
    return frames.check(name, gpd.GeoDataFrame(frame, geometry=points, crs=EPSG), EPSG)


def _town(models: int) -> tuple[frames.Inputs, frames.Survey]:
    """Mounts, models and tiers, and new sites with one or two cameras on them."""
    g = np.random.default_rng(0)
    ids = [f"m{n}" for n in range(models)]
    prices = {
        c: g.integers(10, 300, models) * 1_000 for c in ("camera_yen", "installation_yen", "cable_yen", "signage_yen")
    }
    known = {"model_id": ids, "name": ids, "width_px": 2560, "angle_deg": 90.0, "infrared_m": 30.0, "source": "random"}
    days = [7, 14, 30, 60, 90]
    tiers = {"tier_id": [f"d{d}" for d in days], "retention_days": days, "recorder_yen": [d * 2_000 for d in days]}
    mounts = {"mount_id": [f"p{n}" for n in range(ACTIONS)], "state": "agreed"}
    mounts["kind"] = [("utility_pole", "wall", "assumed")[n % 3] for n in range(ACTIONS)]
    pick = np.arange(ACTIONS)
    actions = {
        "action_id": [f"a{n}" for n in pick],
        "kind": "install",
        "group_id": mounts["mount_id"],
        "mount_id": mounts["mount_id"],
        "model_id": [ids[n // 5 % models] for n in pick],
        "tier_id": [f"d{days[n % 5]}" for n in pick],
        "retention_days": [float(days[n % 5]) for n in pick],
        "count_share": 1.0,
        "area_id": "a",
        "district_id": "a",
        "cameras": 1 + pick % 2,
    }
    tables = {name: frames.empty(name, EPSG) for name in ("areas", "incidents", "counts", "streets", "walls", "places")}
    tables |= {name: frames.empty(name, EPSG) for name in ("zones", "standing", "requests", "targets")}
    inputs = frames.Inputs(
        town=frames.Town("random", "99999", EPSG),
        **tables,
        mounts=_table("mounts", mounts, ACTIONS),
        models=_table("models", known | prices | {"running_yen_per_year": 0}, models),
        tiers=_table("tiers", tiers | {"running_yen_per_year": 0, "source": "random"}, len(days)),
        programmes=_programmes(),
        years=1.0,
        wishes={},
    )
    survey = frames.Survey(
        mounts=inputs.mounts,
        views=frames.empty("views", EPSG),
        sees=sparse.csr_matrix((0, 0)),
        actions=_table("actions", actions, ACTIONS),
        action_views=sparse.csr_matrix((ACTIONS, 0)),
        lit=np.zeros(0, dtype=np.bool_),
        cliques=frames.empty("cliques", EPSG),
    )
    return inputs, survey
