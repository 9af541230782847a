"""Every table by its name, and the check at each door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyproj

from planner.errors import InputError
from planner.frames import choices, demand, inputs, offers, views
from planner.frames.columns import Table

TABLES: Mapping[str, Table] = {
    **inputs.TABLES,
    **demand.TABLES,
    **views.TABLES,
    **offers.TABLES,
    **choices.TABLES,
}


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """The pandera schema of one table (extra columns are refused)."""
    table = TABLES[name]
    columns = {c.name: c.schema() for c in table.columns}
    if table.shapes:
        columns["geometry"] = pa.Column("geometry", nullable=table.shape_optional)
    return pa.DataFrameSchema(columns, strict=True, unique=list(table.key), name=name)


def empty(name: str, epsg: int) -> Any:
    """A table without rows (a GeoDataFrame where the table has geometry)."""
    return TABLES[name].empty(epsg)


def check(name: str, frame: Any, epsg: int | None = None) -> Any:
    """Hold a table against its description and return it as it came.

    Parameters
    ----------
    name
        A key of ``TABLES``.
    frame
        The (geo)data frame.
    epsg
        The study's metric CRS; needed for tables with geometry.

    Raises
    ------
    InputError
        ``table_refused`` with the first five faults and their number; ``crs_not_metric``; ``crs_differs``.
    """
    table = TABLES[name]
    if table.shapes:
        crs = getattr(frame, "crs", None)
        if crs is None or not pyproj.CRS(crs).is_projected:
            raise InputError("crs_not_metric", f"{name} has no metric CRS: {crs}", table=name, crs=str(crs))
        if epsg is not None and pyproj.CRS(crs).to_epsg() != epsg:
            raise InputError("crs_differs", f"{name}: {crs} is not {epsg}", table=name, crs=str(crs), epsg=epsg)
        shapes = set(frame.geometry.geom_type.dropna()) - set(table.shapes)
        if shapes:
            raise InputError(
                "table_refused", f"{name}: {shapes}", table=name, number=1, faults=", ".join(sorted(shapes))
            )
    try:
        schema(name).validate(pd.DataFrame(frame), lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        first = [f"{r.column}[{r.index}]={r.failure_case!r}: {r.check}" for r in cases.head(5).itertuples()]
        raise InputError(
            "table_refused", f"{name}: {first}", table=name, number=len(cases), faults="; ".join(first)
        ) from error
    return frame
