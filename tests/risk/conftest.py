import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from planner import frames

EPSG = 6677
_ABSENT = ("walls", "zones", "mounts", "standing", "requests", "targets", "models", "tiers")


def inputs_of(areas, records=(), counts=(), streets=(), places=(), years=3.0, households=None):
    """Inputs from a few short lists; every table is held against its description."""
    ids = list(areas)
    table = gpd.GeoDataFrame(
        {
            "area_id": pd.Series(ids, dtype="str"),
            "name": pd.Series([f"name {i}" for i in ids], dtype="str"),
            "district_id": pd.Series(["all"] * len(ids), dtype="str"),
            "police_station": pd.Series([""] * len(ids), dtype="str"),
            "households": pd.Series([float("nan")] * len(ids) if households is None else households, dtype=float),
        },
        geometry=[box(*shape) if isinstance(shape, tuple) else shape for shape in areas.values()],
        crs=EPSG,
    )
    return frames.Inputs(
        town=frames.Town("town", "99999", EPSG),
        areas=frames.check("areas", table, EPSG),
        incidents=frames.check("incidents", _records(records), EPSG),
        counts=frames.check("counts", _counts(counts)),
        streets=frames.check("streets", _streets(streets), EPSG),
        places=frames.check("places", _places(places), EPSG),
        **{name: frames.empty(name, EPSG) for name in _ABSENT},
        programmes=(),
        years=years,
        wishes={},
    )


@pytest.fixture
def build():
    return inputs_of


def _records(records):
    """(offence, area, kind, precision, point or None) times number."""
    records = list(records)
    if not records:
        return frames.empty("incidents", EPSG)
    offence, area, kind, precision, point = zip(*records, strict=True)
    frame = pd.DataFrame(
        {
            "incident_id": [f"i{n}" for n in range(len(records))],
            "offence": offence,
            "occurred_on": pd.Series([pd.NaT] * len(records), dtype="datetime64[ns]"),
            "date_precision": pd.Series([""] * len(records), dtype="str"),
            "hour": pd.Series([pd.NA] * len(records), dtype="Int64"),
            "place_kind": kind,
            "area_id": area,
            "precision": precision,
            "match_level": "",
            "candidates": "",
        }
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(list(point), crs=EPSG))


def _counts(counts):
    counts = list(counts)
    if not counts:
        return frames.empty("counts", EPSG)
    return pd.DataFrame(counts, columns=["area_id", "offence", "period", "years", "number"]).astype(
        {"years": float, "number": "int64"}
    )


def _streets(streets):
    streets = dict(streets)
    if not streets:
        return frames.empty("streets", EPSG)
    frame = frames.empty("streets", EPSG).drop(columns="geometry").reindex(range(len(streets)))
    frame["street_id"] = pd.Series(list(streets), dtype="str")
    frame["kind"] = pd.Series([""] * len(streets), dtype="str")
    return gpd.GeoDataFrame(frame, geometry=list(streets.values()), crs=EPSG)


def _places(places):
    """place_id -> (kind, geometry)."""
    places = dict(places)
    if not places:
        return frames.empty("places", EPSG)
    frame = pd.DataFrame(
        {"place_id": list(places), "kind": [kind for kind, _ in places.values()], "owner": [""] * len(places)}
        | {"name": "", "address": "", "match_level": ""}
    )
    return gpd.GeoDataFrame(frame, geometry=[shape for _, shape in places.values()], crs=EPSG)
