"""The file roles of ``town.toml``: what each may hold. Docs, the manifest check and the readers use this one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from planner.frames import PLACE_KINDS, TABLES, Column, Kind

# kinds of file by content (`formats.kind_of`) and the names they usually bear
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (".csv", ".txt", ".tsv"),
        "xlsx": (".xlsx", ".xlsm"),
        "geojson": (".geojson", ".json"),
        "gpkg": (".gpkg",),
        "shp": (".shp",),
        "fgb": (".fgb",),
        "zip": (".zip",),
        "osm_pbf": (".pbf",),
    }
)
MAPS = ("geojson", "gpkg", "shp", "fgb")  # what GDAL reads as it stands
VECTOR = (*MAPS, "zip")
OSM = ("osm_pbf",)
TEXT = ("text", "xlsx")
YAML = (".yaml", ".yml")  # programmes: by name, since any text may be YAML
POINTS = ("lon", "lat", "east_m", "north_m")

REQUIRED = ("areas",)  # and one of crime and counts
MADE = ("match_level", "candidates")  # columns that the reading makes itself: no file brings them


@dataclass(frozen=True)
class RoleColumn:
    """One column a role may be given: kind of value, unit, whether it may be absent, allowed words."""

    name: str
    kind: Kind
    unit: str = "-"
    optional: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """One table of ``town.toml`` that names files of certain kinds (``formats``: keys of ``KINDS``).

    ``source_key`` and ``meaning_key`` name sentences in the text catalogues; a column's meaning stands under
    ``input.<role>.<column>``.
    """

    name: str
    required: bool
    supported: bool
    columns: tuple[RoleColumn, ...]
    formats: tuple[str, ...]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The names that its kinds of file usually bear."""
        return tuple(suffix for kind in self.formats for suffix in KINDS.get(kind, (kind,)))

    @property
    def source_key(self) -> str:
        """Text key: the official Japanese source to download it from."""
        return f"input_role.{self.name}.source"

    @property
    def meaning_key(self) -> str:
        """Text key: what the role is for."""
        return f"input_role.{self.name}.meaning"


# Columns that a table needs but a file may leave out: value taken then. "" in an id column: a running number.
DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "areas": {"area_id": "", "district_id": "all"},
        "streets": {"street_id": ""},
        "walls": {"wall_id": ""},
        "places": {"place_id": ""},
        "zones": {"zone_id": "", "rule": "no_install"},
        "mounts": {"mount_id": "", "state": "unknown"},
        "standing": {"camera_id": "", "use": "unknown"},
        "requests": {"request_id": ""},
        "police_list": {"place_id": ""},
        "districts": {"district_id": ""},
        "targets": {"target_id": ""},
        "steps": {"step_id": ""},
        "footage_log": {"log_id": ""},
    }
)

_CRIME = (
    RoleColumn("incident_id", "text", optional=True),
    RoleColumn("offence", "text"),
    RoleColumn("occurred_on", "date", "date"),
    RoleColumn("hour", "whole", optional=True),
    RoleColumn("place_kind", "text", optional=True, words=PLACE_KINDS),
    RoleColumn("area", "text", optional=True),
    RoleColumn("code", "text", optional=True),
    RoleColumn("lon", "number", "degrees", optional=True),
    RoleColumn("lat", "number", "degrees", optional=True),
    RoleColumn("east_m", "number", "m", optional=True),
    RoleColumn("north_m", "number", "m", optional=True),
)
_COUNTS = (
    RoleColumn("area", "text"),
    RoleColumn("offence", "text"),
    RoleColumn("period", "text"),
    RoleColumn("number", "whole"),
)
_GAZETTEER = (
    RoleColumn("name", "text"),
    RoleColumn("block", "text", optional=True),
    RoleColumn("representative", "flag", optional=True),
    RoleColumn("prefecture", "text", optional=True),
    RoleColumn("city", "text", optional=True),
    RoleColumn("code", "text", optional=True),
)
_POINT = tuple(c for c in _CRIME if c.name in POINTS)
_SHAPES = ("areas", "districts", "streets", "walls", "places", "zones", "targets")
_POINTED = ("places", "mounts", "standing", "requests", "police_list")
_LAYERS = (
    *("areas", "districts", "streets", "walls", "places", "mounts", "standing", "zones"),
    *("requests", "targets", "police_list"),
)
_LISTS = ("models", "tiers", "steps", "footage_log")  # tables without a place
_MAPPED = ("streets", "walls", "places", "mounts", "standing")  # what OpenStreetMap holds


def _from_table(name: str) -> tuple[RoleColumn, ...]:
    """A role's columns as its table has them (those with a default may be absent)."""
    defaults = DEFAULTS.get(name, {})

    def one(c: Column) -> RoleColumn:
        return RoleColumn(c.name, c.kind, c.unit, c.optional or c.name in defaults, c.words)

    return tuple(one(c) for c in TABLES[name].columns if c.name not in MADE) + (_POINT if name in _POINTED else ())


def roles() -> tuple[Role, ...]:
    """Every file role of ``town.toml``, supported or not, in the order of the file.

    Returns
    -------
    tuple[Role, ...]
        With the columns of the tables in ``frames`` (kind, unit, optional); unsupported roles have none.
    """
    made = [
        Role("crime", required=True, supported=True, columns=_CRIME, formats=TEXT),
        Role("counts", required=False, supported=True, columns=_COUNTS, formats=TEXT),
        Role("gazetteer", required=False, supported=True, columns=_GAZETTEER + _POINT, formats=TEXT),
    ]
    for name in (*_LAYERS, *_LISTS):
        formats = (VECTOR if name in (*_SHAPES, *_POINTED) else ()) + (TEXT if name in (*_POINTED, *_LISTS) else ())
        formats += OSM if name in _MAPPED else ()
        made.append(Role(name, name in REQUIRED, supported=True, columns=_from_table(name), formats=formats))
    made.append(Role("programmes", required=False, supported=True, columns=(), formats=YAML))
    return tuple(made)


SUPPORTED = tuple(role.name for role in roles() if role.supported)


def role(name: str) -> Role:
    """One role by name."""
    return next(r for r in roles() if r.name == name)
