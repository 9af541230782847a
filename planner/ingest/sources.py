"""One file of a role opened: by what it holds, never by what it is called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner import frames
from planner.ingest.columns import SourceRows
from planner.ingest.excel import read_workbook
from planner.ingest.formats import accept
from planner.ingest.forms import resolved
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.points import points
from planner.ingest.roles import VECTOR
from planner.ingest.shapes import read_vector, shape_reasons
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
    """A text file or a workbook as the same rows."""
    return read_workbook(found, spec, ledger) if kind == "xlsx" else read_text(found, spec, ledger)


def open_layer(
    found: Found, spec: RoleSpec, epsg: int, ledger: Ledger
) -> tuple[SourceRows, RoleSpec, NDArray[Any] | None, list[str]]:
    """A file's rows, the role's mapping for it, its geometries in the study's CRS and a reason per geometry.

    Geometries are None for a plain table; a reason of "" means usable.

    Raises
    ------
    InputError
        As `open_table`, `points.points` and `shapes.read_vector`.
    """
    allowed = frames.TABLES[spec.name].shapes
    kind = accept(found, spec.name, ledger)
    if kind in VECTOR:
        layer = read_vector(found, spec, epsg, ledger)
        shapes = np.asarray(layer.geometry.array)
        return layer, resolved(layer, spec, ledger), shapes, shape_reasons(shapes, allowed)
    rows = _table(kind, found, spec, ledger)
    here = resolved(rows, spec, ledger)
    if not allowed:
        return rows, here, None, [""] * len(rows.lines)
    shapes, why = points(rows, here, epsg, ledger)
    return rows, here, shapes, why
