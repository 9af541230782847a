"""What kind of file something is, by its content: the name proves nothing."""

from __future__ import annotations

import codecs
import json
import re
import zipfile

from planner.errors import InputError, Question
from planner.ingest.ledger import Ledger
from planner.ingest.paths import Found, refuse_large
from planner.ingest.pbf import MAX_HEADER
from planner.ingest.roles import KINDS, OSM, role

_HEAD = 1 << 16  # bytes that are looked at
_MAGIC = (
    (b"SQLite format 3\x00", "gpkg"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"fgb", "fgb"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"\x80\x04\x95", "pickle"),
    (b"\x93NUMPY", "numpy"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
)
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # how Excel keeps a workbook with a password
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKUP = re.compile(rb"^\s*<(\?xml|!doctype|!--|[a-z_:]+[\s/>])", re.IGNORECASE)
_GEOMETRIES = ("Point", "LineString", "Polygon")
_GEOJSON = frozenset(
    ("FeatureCollection", "Feature", "GeometryCollection", *_GEOMETRIES, *(f"Multi{kind}" for kind in _GEOMETRIES))
)
_TYPE = re.compile(rb'"type"\s*:\s*"((?:[^"\\]|\\.)*)"')


def kind_of(found: Found) -> str:
    """The kind of a file: one of ``roles.KINDS``, or what it is instead (``html``, ``vrt``, ``pdf``, ``empty`` ...)."""
    with found.path.open("rb") as file:
        head = file.read(_HEAD)
    bare = head.removeprefix(codecs.BOM_UTF8)
    if not bare.strip() or head in _WIDE:
        return "empty"
    known = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if head[4:15] == b"\x0a\x09OSMHeader" and int.from_bytes(head[:4], "big") < MAX_HEADER:
        known = "osm_pbf"  # the length of the first header stands before it
    if known:
        return _kind_of_zip(found) if known == "zip" else _kind_of_container(found) if known == "xls" else known
    if _MARKUP.match(bare):
        return _kind_of_markup(bare)
    if bare.lstrip()[:1] in (b"{", b"["):
        return _kind_of_json(bare)
    # NUL bytes here and there are damage (B012); many of them are no text
    wide = head.startswith(_WIDE)
    return "binary" if not wide and head.count(b"\x00") * 10 > len(head) else "text"


def _kind_of_zip(found: Found) -> str:
    try:
        with zipfile.ZipFile(found.path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "zip_damaged"
    if "[Content_Types].xml" in names:
        if "xl/workbook.xml" in names:
            return "xlsx"
        return "xlsb" if "xl/workbook.bin" in names else "office"
    return "zip"


def _kind_of_container(found: Found) -> str:
    """Old workbooks, and new ones under a password, stand in one kind of container."""
    return "xlsx_locked" if _LOCKED in found.path.read_bytes() else "xls"


def _kind_of_markup(head: bytes) -> str:
    low = head[:4096].lower()
    for word, kind in ((b"<ogrvrt", "vrt"), (b"<vrtdataset", "vrt"), (b"<html", "html"), (b"<!doctype html", "html")):
        if word in low:
            return kind
    return "xml"


def _kind_of_json(head: bytes) -> str:
    """GeoJSON names one of its types at the top; every other JSON (GDALG among it) is not ours."""
    types = {json.loads(b'"' + t + b'"') for t in _TYPE.findall(head) if b"\\" not in t}
    if any(str(t).startswith("gdal") for t in types):
        return "gdalg"
    return "geojson" if types & _GEOJSON else "json"


def accept(found: Found, role_name: str, ledger: Ledger) -> str:
    """The kind of a file that a role may be read from.

    A name that promises another accepted kind is a question (B027): the content is right more often than the name,
    but a wrong file may have been dropped here.

    Raises
    ------
    InputError
        ``file_empty``; ``web_page``, ``excel_old``, ``excel_locked`` (with how to save them); ``file_foreign`` (no accepted kind, whatever its name); ``file_kind_refused`` (accepted, but
        not for this role); ``file_too_large`` (another kind under the name of a larger one).
    """
    kind = kind_of(found)
    values = {"role": role_name, "file": found.name, "kind": kind}
    allowed = role(role_name).formats
    if kind == "empty":
        size = found.path.stat().st_size
        raise InputError("file_empty", f"{found.name} has {size} bytes", **values, size=size)
    if kind == "html":
        raise InputError("web_page", f"{found.name} is a web page", **values)
    if kind in ("xls", "xlsb"):
        raise InputError("excel_old", f"{found.name} is {kind}", **values)
    if kind == "xlsx_locked":
        raise InputError("excel_locked", f"{found.name} has a password", **values)
    if kind not in KINDS:
        raise InputError("file_foreign", f"{found.name} is {kind}", **values, allowed=", ".join(allowed))
    if kind not in allowed:
        raise InputError(
            "file_kind_refused", f"[{role_name}] {found.name} is {kind}", **values, allowed=", ".join(allowed)
        )
    if kind not in OSM:
        refuse_large(found.path.stat().st_size, role_name, found.name, "file_size_mb")
    if found.suffix not in KINDS[kind]:
        promised = next((k for k, suffixes in KINDS.items() if found.suffix in suffixes), "")
        if promised:
            ledger.ask(Question("open_as", role_name, found.name, kind, (kind,), {**values, "promised": promised}))
    return kind
