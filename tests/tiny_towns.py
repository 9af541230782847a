"""Random towns small enough for brute force: streets, poles, cameras, prices, programmes and rules at random."""

from __future__ import annotations

from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import frames
from planner.frames import Inputs, Town
from planner.programmes import Programme
from planner.settings import Merged, merge

EPSG = 6677
CHECKED = 3  # towns whose tables are held against their description: all are made by the same lines
_seen: Counter[str] = Counter()


def table(name: str, rows: list[dict[str, Any]]) -> Any:
    """Rows of one table, absent columns unknown."""
    if not rows:
        return frames.empty(name, EPSG)
    columns: dict[str, Any] = {}
    for column in frames.TABLES[name].columns:
        values = [r.get(column.name, "" if column.kind == "text" else None) for r in rows]
        columns[column.name] = pd.Series(values, dtype=column.empty().dtype)
    frame = pd.DataFrame(columns)
    if frames.TABLES[name].shapes:
        frame = gpd.GeoDataFrame(frame, geometry=[r.get("geometry") for r in rows], crs=EPSG)
    _seen[name] += 1
    return frames.check(name, frame, EPSG) if _seen[name] <= CHECKED else frame


def tiny(seed: int) -> tuple[Inputs, Merged]:
    """A town of two blocks and one crossing, and wishes about it."""
    g = np.random.default_rng(seed)
    areas = [
        {
            "area_id": "a",
            "name": "西",
            "district_id": "west",
            "households": 10.0,
            "geometry": shapely.box(0, 0, 60, 80),
        },
        {
            "area_id": "b",
            "name": "東",
            "district_id": "east",
            "households": 10.0,
            "geometry": shapely.box(60, 0, 120, 80),
        },
    ]
    lines = [((0, 40), (60, 40)), ((60, 40), (120, 40)), ((60, 0), (60, 40))]
    streets = [
        {"street_id": f"s{k}", "kind": "local", "lit": bool(g.random() < 0.5), "geometry": shapely.LineString(p)}
        for k, p in enumerate(lines)
    ]
    walls = [{"wall_id": "w", "geometry": shapely.box(x, 42, x + 8, 46)} for x in g.uniform(5, 100, size=1)]
    spots = g.choice([(15, 40), (38, 40), (75, 40), (100, 40), (60, 14)], size=int(g.integers(1, 4)), replace=False)
    mounts = [
        {"mount_id": f"m{k}", "kind": "utility_pole", "height_m": 4.0, "state": "agreed", "geometry": shapely.Point(*p)}
        for k, p in enumerate(spots.tolist())
    ]
    standing = [
        {
            "camera_id": f"k{k}",
            "model_id": "wide",
            "bearing_deg": 90.0 if x == 0 else 270.0,
            "retention_days": float(g.choice([7, 14, 30])),
            "use": str(g.choice(["own", "own", "on_request"])),
            "working": bool(g.random() < 0.7),
            "geometry": shapely.Point(x, 40),
        }
        for k, x in enumerate((0, 120)[: int(g.integers(0, 3))])
    ]
    incidents = [
        {
            "incident_id": str(n),
            "offence": str(g.choice(["snatching", "bicycle_theft"])),
            "occurred_on": pd.Timestamp("2023-05-01"),
            "hour": int(g.integers(0, 24)),
            "place_kind": str(g.choice(["road", "parking", "detached_house"])),
            "area_id": str(g.choice(["a", "a", "b"])),
            "precision": "area",
        }
        for n in range(int(g.integers(3, 30)))
    ]
    price = {
        "installation_yen": 50_000,
        "cable_yen": 0,
        "signage_yen": 10_000,
        "running_yen_per_year": 8_000,
        "source": "random",
    }
    models = [
        {
            "model_id": "wide",
            "name": "w",
            "width_px": 2560,
            "angle_deg": 90.0,
            "infrared_m": 30.0,
            "camera_yen": int(g.integers(10, 30)) * 10_000,
            **price,
        },
        {
            "model_id": "far",
            "name": "f",
            "width_px": 2560,
            "angle_deg": 60.0,
            "infrared_m": 40.0,
            "camera_yen": int(g.integers(15, 45)) * 10_000,
            **price,
        },
    ]
    tiers = [
        {"tier_id": f"d{d}", "retention_days": d, "recorder_yen": y, "running_yen_per_year": 0, "source": "random"}
        for d, y in ((14, 40_000), (30, 90_000))
    ]
    programme = {
        "id": "p",
        "name_ja": "架空",
        "name_en": "made up",
        "payer": str(g.choice(["national", "prefecture"])),
        "rate": str(g.choice(["1/2", "2/3"])),
        "cap_per_camera_yen": int(g.choice([100_000, 200_000])),
        "cap_total_yen": int(g.choice([150_000, 400_000])),
        "max_units": int(g.integers(1, 3)),
        "rounding_yen": 1000,
        "eligible_categories": ("camera", "installation", "recorder"),
        "kinds": ("install", "renew"),
        "source": "random",
    }
    inputs = Inputs(
        town=Town("tiny", "99001", EPSG),
        areas=table("areas", areas),
        incidents=table("incidents", incidents),
        counts=frames.empty("counts", EPSG),
        streets=table("streets", streets),
        walls=table("walls", walls),
        places=frames.empty("places", EPSG),
        zones=frames.empty("zones", EPSG),
        mounts=table("mounts", mounts),
        standing=table("standing", standing),
        requests=frames.empty("requests", EPSG),
        targets=frames.empty("targets", EPSG),
        models=table("models", models),
        tiers=table("tiers", tiers),
        programmes=(Programme.model_validate(programme),),
        years=2.0,
        wishes={},
    )
    wishes = {
        "budget": {
            "own_capital_yen": int(g.integers(2, 12)) * 50_000,
            "running_yen_per_year": int(g.choice([15_000, 30_000, 60_000])),
        },
        "rules": {
            "spacing_m": float(g.choice([0, 30])),
            "districts": [{"id": "east", "max_sites": int(g.integers(1, 3))}],
        },
        "siting": {"frontier_steps": 3, "gap_goal": 0.0, "resamples": 0},
    }
    if g.random() < 0.5:
        wishes["retention"] = {"min_days": 14, "max_days": int(g.choice([14, 30]))}
    return inputs, merge(("random", wishes))
