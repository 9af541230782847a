"""The metric CRS of a study: given, or the Japan Plane Rectangular zone of the municipality."""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

import pyproj
from pyproj.exceptions import CRSError

from planner.errors import InputError
from planner.ingest.words import SHIPPED

JGD2011 = 6668  # longitude and latitude of Japanese public data


@cache
def prefectures() -> dict[str, dict[str, str]]:
    """Rows of the shipped zone table by code (prefecture, or a municipality that differs from its prefecture)."""
    with (SHIPPED / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def crs_of(text: Any, *, key: str) -> pyproj.CRS:
    """A CRS the user named.

    Raises
    ------
    InputError
        ``crs_unknown``: not an authority code such as ``EPSG:6677`` (free text may name files and is refused).
    """
    value = str(text).strip()
    authority, _, number = value.partition(":")
    refusal = InputError("crs_unknown", f"{key}: {value!r} is not EPSG:<number>", key=key, value=value[:80])
    if authority.upper() != "EPSG" or not (number.isascii() and number.isdigit()):
        raise refusal
    try:
        return pyproj.CRS.from_epsg(int(number))
    except CRSError as error:
        raise refusal from error


def study_epsg(code: str, wish: Any) -> int:
    """The EPSG number of the study's metric CRS.

    Without a wish the zone follows from the municipality code, by prefecture (Cabinet notice 平成14年国土交通省告示
    第9号; EPSG 6669 to 6687 are zones I to XIX on JGD2011).

    Raises
    ------
    InputError
        ``zone_ambiguous``: the prefecture spans several zones (北海道, 鹿児島県, 沖縄県) or is unknown;
        ``crs_unknown``, ``crs_not_metric``: the wish cannot be used.
    """
    if wish is not None:
        crs = crs_of(wish, key="[town] crs")
        if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
            raise InputError("crs_not_metric", f"{wish} is not in metres", table="[town]", crs=str(wish))
        return int(str(wish).strip().partition(":")[2])
    table = prefectures()
    row = table.get(code) or table.get(code[:2])
    if row is None or row["sure"] != "1":
        name = row["name_ja"] if row else code[:2]
        raise InputError("zone_ambiguous", f"{name} has several plane zones", town_code=code, prefecture=name)
    return int(row["epsg"])


def prefecture_name(code: str) -> str:
    """The prefecture of a municipality code ("" when there is none)."""
    row = prefectures().get(code[:2])
    return row["name_ja"] if row else ""
