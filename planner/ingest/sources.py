"""One file of a role opened: by what it holds, never by what it is called."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner import frames
from planner.ingest.archives import unpacked
from planner.ingest.columns import SourceRows
from planner.ingest.crs_sense import Box
from planner.ingest.excel import read_workbook
from planner.ingest.formats import accept
from planner.ingest.forms import resolved, strangers
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.located import points_or_addresses
from planner.ingest.manifest import RoleSpec
from planner.ingest.osm import from_export, read_osm
from planner.ingest.paths import Found
from planner.ingest.persons import without_persons
from planner.ingest.roles import OSM, VECTOR
from planner.ingest.shapes import read_vector, usable
from planner.ingest.texts import TextRows, read_text


def open_table(found: Found, spec: RoleSpec, ledger: Ledger) -> TextRows:
    """A table of text cells.

    Raises
    ------
    InputError
        As `formats.accept`, `texts.read_text` and `excel.read_workbook`.
    """
    return _table(accept(found, spec.name, ledger), found, spec, ledger)


def _table(kind: str, found: Found, spec: RoleSpec, ledger: Ledger) -> TextRows:
    """A text file or a workbook as the same rows, without the personal data that the planner drops."""
    rows = read_workbook(found, spec, ledger) if kind == "xlsx" else read_text(found, spec, ledger)
    return without_persons(rows, spec.name, ledger)


def open_layer(
    found: Found, spec: RoleSpec, epsg: int, box: Box | None, ledger: Ledger, geocoder: Geocoder | None = None
) -> tuple[SourceRows, RoleSpec, NDArray[Any] | None, list[str], list[str]]:
    """A file's rows, the role's mapping for it, its geometries in the study's CRS, and per geometry a reason and level.

    Geometries are None for a plain table; a reason of "" means usable, ``outside`` another municipality's; the level
    (``frames.MATCH_LEVELS``) says how closely a place is known that the file gives by its address alone. ``box``:
    bounds of the areas (m), against which the coordinates are judged; None while the areas themselves are read.

    Raises
    ------
    InputError
        As `open_table`, `archives.unpacked`, `points.points`, `shapes.read_vector` and `osm.read_osm`.
    """
    allowed = frames.TABLES[spec.name].shapes
    kind = accept(found, spec.name, ledger)
    if kind in OSM:
        features, drawn = read_osm(found, spec.name, epsg, box, ledger)
        shapes, why = usable(drawn, spec.name, found.name, ledger)
        return features, spec, shapes, why, ["point"] * len(shapes)
    if kind in VECTOR:
        with unpacked(found, spec.name, ledger) if kind == "zip" else nullcontext(found) as inner:
            whole, why = read_vector(inner, spec, epsg, box, ledger)
        layer = without_persons(whole, spec.name, ledger)
        exported = None if spec.columns else from_export(layer, spec.name, ledger)
        if exported is not None:
            shapes, why = usable(np.asarray(exported.shapes, dtype=object), spec.name, found.name, ledger)
            return exported, spec, shapes, why, ["point"] * len(shapes)
        here = resolved(layer, spec, ledger)
        shapes = np.asarray(layer.geometry.array)
        return layer, here, shapes, strangers(layer, here, why), ["point"] * len(why)
    rows = _table(kind, found, spec, ledger)
    here = resolved(rows, spec, ledger)
    if not allowed:
        return rows, here, None, [""] * len(rows.lines), []
    shapes, why, levels = points_or_addresses(rows, here, epsg, box, geocoder, ledger)
    return rows, here, shapes, strangers(rows, here, why), levels
