"""What a column is and what a table is: kinds, units, bounds, keys, geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from planner.frames.words import (
    Kind,
)


@dataclass(frozen=True)
class Column:
    """One column: what kind of value, in which unit, within which bounds."""

    name: str
    kind: Kind
    unit: str = "-"
    optional: bool = False  # may be unknown (NaN, NaT, <NA> or, for text, "")
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()

    def schema(self) -> pa.Column:
        """The same as a pandera column."""
        checks: list[pa.Check] = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low))
        if self.high is not None:
            checks.append(pa.Check.le(self.high))
        if self.words:
            checks.append(pa.Check.isin([*self.words, *([""] if self.optional else [])]))
        kinds: dict[str, Any] = {
            "text": str,
            "number": float,
            "whole": "Int64" if self.optional else "int64",
            "flag": "boolean" if self.optional else bool,
            "date": "datetime64[ns]",
        }
        if self.kind == "text" and not self.optional:
            checks.append(pa.Check.str_length(min_value=1))
        return pa.Column(kinds[self.kind], checks, nullable=self.optional and self.kind != "text")

    def empty(self) -> pd.Series[Any]:
        """A column of this kind without rows."""
        kinds = {
            "text": "str",
            "number": "float64",
            "whole": "Int64" if self.optional else "int64",
            "flag": "boolean" if self.optional else "bool",
            "date": "datetime64[ns]",
        }
        return pd.Series([], dtype=kinds[self.kind])


@dataclass(frozen=True)
class Table:
    """A named table: its key, its columns and its geometry types (none: a plain data frame)."""

    key: tuple[str, ...]
    columns: tuple[Column, ...]
    shapes: tuple[str, ...] = ()
    shape_optional: bool = False

    def empty(self, epsg: int) -> Any:
        """The table without rows (a GeoDataFrame where it has geometry)."""
        frame = pd.DataFrame({c.name: c.empty() for c in self.columns})
        if not self.shapes:
            return frame
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=epsg), crs=epsg)


def text(name: str, *words: str, optional: bool = False) -> Column:
    """A column of text: any, or one of these words."""
    return Column(name, "text", words=words, optional=optional)


def _unit(name: str) -> str:
    """The unit that a column's last words name."""
    for suffix, unit in (
        ("_yen_per_year", "yen/year"),
        ("_per_year", "offences/year"),
        ("_yen", "yen"),
        ("_m", "m"),
        ("_s", "s"),
        ("_deg", "degrees"),
        ("_days", "days"),
        ("_years", "years"),
        ("_px", "pixels"),
        ("_mbps", "Mbit/s"),
        ("_share", "share"),
    ):
        if name.endswith(suffix):
            return unit
    return "-"


def num(name: str, low: float | None = 0, high: float | None = None, *, optional: bool = False) -> Column:
    """A column of numbers; its unit is its last word."""
    return Column(name, "number", _unit(name), optional, low, high)


def whole(name: str, low: float | None = 0, high: float | None = None, *, optional: bool = False) -> Column:
    """A column of whole numbers; its unit is its last word."""
    return Column(name, "whole", _unit(name), optional, low, high)


def no_shapes() -> gpd.GeoDataFrame:
    """Nothing, with a geometry column."""
    return gpd.GeoDataFrame(geometry=[])
