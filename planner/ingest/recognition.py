"""Files as somebody dropped them into a folder: what each seems to be, and which municipality they are about."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyproj

from planner import frames, gdal_guard
from planner.errors import InputError, PlannerError
from planner.ingest import forms
from planner.ingest.archives import unpacked
from planner.ingest.catalogue import programme_count
from planner.ingest.formats import kind_of
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.mapfiles import refuse_view
from planner.ingest.names import check_digit, municipality_name
from planner.ingest.paths import Found, find_all
from planner.ingest.plane import JGD2011, study_epsg
from planner.ingest.records import is_police, record_columns
from planner.ingest.roles import MAPS, OSM, POINTS, TEXT, VECTOR, YAML, Role, roles
from planner.ingest.roles import role as role_of
from planner.ingest.sources import open_table
from planner.ingest.texts import TextRows
from planner.ingest.words import SHIPPED, folded

OWN = ("town.toml", "answers.toml")
_SIDECARS = (".dbf", ".shx", ".prj", ".cpg")
_SHOWN = 3
_ANY = RoleSpec("crime", (), True, None, None, None, {}, "")  # any table can be opened as one of records
_MIXED = "Unknown"  # GDAL's word for a layer with geometries of several kinds
_ZONES = range(6669, 6688)  # Japan Plane Rectangular I to XIX on JGD2011
_PLACELESS = ("crime", "counts", "models", "tiers", "steps", "footage_log")  # lists that need no coordinates
# headings under which a person may stand: their cells are not shown
_PERSONAL = re.compile(
    r"氏名|姓名|名前|ふりがな|フリガナ|電話|携帯|メール|e-?mail|phone|(?<!発)生年月日|年齢|住所|ナンバー|車両番号|被害者|申請者|届出者|担当者",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Seen:
    """One file (or one layer of it) and what it seems to be.

    ``role`` is "" where nothing fits; ``why`` is a code (``seen.<why>`` in the text catalogues) with ``values``.
    ``columns``: the mapping that ``town.toml`` must state. Cells under ``hidden`` headings are not in ``first_rows``.
    """

    file: str
    kind: str
    role: str
    why: str
    values: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    headings: tuple[str, ...] = ()
    first_rows: tuple[tuple[str, ...], ...] = ()
    hidden: tuple[str, ...] = ()
    layer: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognised:
    """What a folder holds, and the municipality its files are about ("" where they do not say).

    ``told_by``: ``police``, ``areas`` or "". ``crs``: needed in ``town.toml`` where the code does not settle the zone.
    """

    files: tuple[Seen, ...]
    name: str
    code: str
    told_by: str
    crs: str
    missing: tuple[Role, ...]

    def of(self, role: str) -> list[Seen]:
        """The files to be read for a role: those of one kind of heading, the most rows first decide which."""
        mine = [seen for seen in self.files if seen.role == role]
        if not mine or role in ("crime", "counts", "programmes"):
            return mine
        first = max(mine, key=lambda seen: (seen.why == "form", seen.rows))
        return [s for s in mine if (s.headings, s.layer, s.kind) == (first.headings, first.layer, first.kind)]


@dataclass
class _Clues:
    """Which municipality rows and areas speak of: code and name, counted; the middle of the areas, degrees."""

    police: Counter[tuple[str, str]] = field(default_factory=Counter)
    areas: Counter[tuple[str, str]] = field(default_factory=Counter)
    middle: tuple[float, float] | None = None


def recognise(folder: Path) -> Recognised:
    """Look at every file of a folder and below, by content.

    Parameters
    ----------
    folder
        Files as they were dropped; nothing in it is changed. A ``town.toml`` that stands there is not looked at.

    Returns
    -------
    Recognised
        Every file with its role or why it has none, the municipality, the roles without a file.

    Raises
    ------
    InputError
        ``folder_missing``: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError("folder_missing", f"no folder {folder.name}", folder=folder.name)
    clues = _Clues()
    seen: list[Seen] = []
    for found in find_all(folder):
        if found.path.name.startswith(OWN) or found.suffix in _SIDECARS:
            continue
        try:
            seen += _look(found, clues)
        except PlannerError as error:
            values = {name: str(value) for name, value in error.values.items()}
            seen.append(Seen(found.name, "-", "", error.code, values))
    name, code, told_by = _municipality(clues)
    there = {s.role for s in seen}
    missing = tuple(r for r in roles() if r.supported and r.name not in there)
    return Recognised(tuple(seen), name, code, told_by, _crs(code, clues), missing)


def _look(found: Found, clues: _Clues) -> list[Seen]:
    """One file: a table, the layers of a map file, programmes, or nothing that is read here."""
    kind = kind_of(found)
    if found.suffix in YAML and kind == "text":
        return [Seen(found.name, "yaml", "programmes", "programmes", rows=programme_count(found))]
    if kind in MAPS:
        return _look_at_layers(found, kind, clues)
    if kind == "zip":
        with unpacked(found, "-", Ledger()) as inner:
            return _look_at_layers(inner, kind_of(inner), clues)
    if kind in OSM:
        return [Seen(found.name, kind, role.name, "osm") for role in roles() if kind in role.formats]
    if kind in role_of("crime").formats:
        return [_look_at_table(found, kind, clues)]
    return [Seen(found.name, kind, "", "kind", {"kind": kind})]


def _look_at_table(found: Found, kind: str, clues: _Clues) -> Seen:
    """A table: police records, an official form, our own headings, or headings in other words."""
    # what the reading would ask is asked by ``check``: here every proposal holds
    rows = open_table(found, _ANY, Ledger())
    role, why, values = _role_of(rows.headings, "")
    if is_police(rows):
        role, why, values = "crime", "police", {}
        _count_police(rows, clues)
    cells = [rows.column(h)[:_SHOWN] if rows.headings.count(h) == 1 else [] for h in rows.headings]
    seen = _seen(found, kind, rows.headings, zip_longest(*cells, fillvalue=""), rows.rows, (role, why, values))
    return replace(seen, hidden=(*rows.left_out, *seen.hidden))


def _look_at_layers(found: Found, kind: str, clues: _Clues) -> list[Seen]:
    """Every layer of a map file."""
    gdal_guard.require()
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    seen = []
    try:
        for layer, _ in pyogrio.list_layers(found.path):
            if kind == "gpkg":
                refuse_view(found, "-", str(layer))
            about = pyogrio.read_info(found.path, layer=layer, force_total_bounds=True)
            headings = tuple(folded(str(name)) for name in about["fields"])
            table = pyogrio.read_dataframe(found.path, layer=layer, read_geometry=False)
            cells = [[str(v) for v in row] for row in table.head(_SHOWN).itertuples(index=False)]
            role = _role_of(headings, str(about["geometry_type"]))
            if role[0] == "areas":
                _count_areas({h: table.iloc[:, n].astype(str) for n, h in enumerate(headings)}, about, clues)
            seen.append(_seen(found, kind, headings, cells, len(table), role, str(layer)))
    except (DataSourceError, DataLayerError, sqlite3.DatabaseError) as error:
        raise InputError(
            "vector_unreadable", f"{found.name}: {error}", role="-", file=found.name, reason=str(error)[:200]
        ) from error
    if len(seen) == 1:
        return [replace(seen[0], layer="")]
    return seen


def _seen(
    found: Found,
    kind: str,
    headings: tuple[str, ...],
    cells: Iterable[Sequence[str]],
    rows: int,
    role: tuple[str, str, Mapping[str, str]],
    layer: str = "",
) -> Seen:
    """A file with its first rows, those of persons left out."""
    shown = [n for n, heading in enumerate(headings) if not _PERSONAL.search(heading)]
    first = tuple(tuple(row[n][:40] for n in shown if n < len(row)) for row in cells)
    hidden = tuple(heading for heading in headings if _PERSONAL.search(heading))
    name, why, told = role
    columns = {our: heading for our, heading in told.items() if our != "form"}
    return Seen(
        found.name, kind, name, why, told, rows, tuple(headings[n] for n in shown), first, hidden, layer, columns
    )


@cache
def _hints() -> tuple[tuple[str, str, str, str], ...]:
    """Geometry, role, our column ("" none), heading in small letters ("" any), in the order of their weight."""
    with (SHIPPED / "hints.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (r["geometry"], r["role"], r["column"], folded(r["heading"]).lower()) for r in csv.DictReader(file)
        )


def _role_of(headings: tuple[str, ...], geometry: str) -> tuple[str, str, Mapping[str, str]]:
    """The role, why, and the mapping that it needs: a form, a key of ours, our headings, or (map files) hints."""
    kind = geometry.removeprefix("Multi").removeprefix("3D ").removeprefix("Multi").split(" ")[0]
    form = forms.recognise(headings)
    if form is not None and _opens(role_of(form.role), kind):
        return form.role, "form", {"form": form.source}
    fitting = [role for role in roles() if role.supported and _fits(role, headings, kind)]
    if fitting:
        return max(fitting, key=lambda role: _own(role, headings)).name, "headings", {}
    low = {heading.lower(): heading for heading in headings}
    for shape, role, column, heading in _hints() if kind else ():
        fits = kind in (shape, _MIXED) if heading else shape == kind
        if fits and (not heading or heading in low):
            found = low.get(heading, "")
            return role, "hint", {column: found} if column and column != found else {}
    return "", "unknown", {}


def _opens(role: Role, kind: str) -> bool:
    """Whether a role is read from such geometries (of a map file), or ("") from a table."""
    if not kind:
        return bool(set(TEXT) & set(role.formats))
    shapes = frames.TABLES[role.name].shapes if role.name in frames.TABLES else ()
    return bool(set(VECTOR) & set(role.formats)) and kind in (*shapes, _MIXED)


def _own(role: Role, headings: tuple[str, ...]) -> int:
    """How many of a role's columns stand there by our name; its key counts most."""
    key = frames.TABLES[role.name].key[0] if role.name in frames.TABLES else ""
    hits = sum(column.name in headings for column in role.columns if column.name not in POINTS)
    return hits + 100 * (key in headings)


def _fits(role: Role, headings: tuple[str, ...], kind: str) -> bool:
    """Whether a role can be read from these headings: all it needs is there, and something that is its own."""

    def there(column: str) -> bool:
        return column in headings or bool(forms.likely(headings, role.name, column)[0])

    if not _opens(role, kind):
        return False
    if not kind and role.name not in _PLACELESS and not (there("lon") and there("lat")):
        return there("east_m") and there("north_m") and _own(role, headings) >= 2
    needed = [column.name for column in role.columns if not column.optional]
    return all(there(name) for name in needed) and _own(role, headings) >= min(2, len(needed) or 2)


def _count_police(rows: TextRows, clues: _Clues) -> None:
    """Municipalities of police records."""
    cells = record_columns(rows, _ANY)
    clues.police.update(
        (five, municipality_name(city))
        for code, city in zip(cells["code"], cells["city"], strict=True)
        if (five := _five_digits(code))
    )


def _count_areas(columns: Mapping[str, Any], about: Mapping[str, Any], clues: _Clues) -> None:
    """Municipalities of areas: the first five digits of a census key, or prefecture and city apart."""
    keys = columns.get("KEY_CODE", columns.get("area_id"))
    if "PREF" in columns and "CITY" in columns:
        keys = columns["PREF"].str.zfill(2) + columns["CITY"].str.zfill(3)
    names = next((columns[h] for h in ("CITY_NAME", "GST_NAME", "市区町村名", "city") if h in columns), None)
    if keys is not None:
        clues.areas.update(
            (five, municipality_name(name))
            for key, name in zip(keys, names if names is not None else [""] * len(keys), strict=True)
            if (five := _five_digits(str(key)[:5]))
        )
    bounds, crs = about["total_bounds"], about["crs"]
    if bounds is not None and crs is not None:
        turn = pyproj.Transformer.from_crs(crs, JGD2011, always_xy=True)
        clues.middle = turn.transform((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)


def _five_digits(text: str) -> str:
    """A municipality code of five digits, whether written with a check digit or without its leading zero; "" if none."""
    if not (text.isascii() and text.isdigit()):
        return ""
    if len(text) == 6 and check_digit(text[:5]) == text[5]:
        return text[:5]
    return text.zfill(5) if len(text) in (4, 5) else ""


def _municipality(clues: _Clues) -> tuple[str, str, str]:
    """Name, code and who told them: the areas' municipality, named by the police where the areas do not name it."""
    named = {code: name for (code, name), _ in reversed(clues.police.most_common()) if name}
    for (code, name), _ in clues.areas.most_common():
        if not clues.police or code in named:
            return name or named.get(code, ""), code, "areas"
    for (code, name), _ in clues.police.most_common(1):
        return name, code, "police"
    return "", "", ""


def _crs(code: str, clues: _Clues) -> str:
    """The plane zone around the areas, where the municipality code does not settle it; "" where it does."""
    try:
        study_epsg(code, None)
    except InputError:
        if clues.middle is None:
            return ""
    else:
        return ""
    lon, lat = clues.middle
    near = min(_ZONES, key=lambda number: _degrees_off(pyproj.CRS.from_epsg(number), lon, lat))
    return f"EPSG:{near}"


def _degrees_off(zone: pyproj.CRS, lon: float, lat: float) -> float:
    """How far a place lies from a zone's region, then from its middle, in degrees."""
    use = zone.area_of_use
    if use is None:
        return 360.0
    outside = max(use.west - lon, lon - use.east, use.south - lat, lat - use.north, 0.0)
    return float(10 * outside + abs((use.west + use.east) / 2 - lon))
