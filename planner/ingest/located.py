"""Points of a table: from its coordinates, else from its addresses (B051)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.ingest.columns import pick
from planner.ingest.crs_sense import Box
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.points import has_points, points
from planner.ingest.texts import TextRows


def points_or_addresses(
    rows: TextRows, spec: RoleSpec, epsg: int, box: Box | None, geocoder: Geocoder | None, ledger: Ledger
) -> tuple[NDArray[Any], list[str], list[str]]:
    """Points in the study's CRS, per row a reason and the level at which the place is known.

    A row without coordinates is placed by its address: at the reference point of its street block, else at a point
    inside its area. Never placed, but set aside, are ``address_unknown`` and ``address_town_only`` (several areas bear
    the town's name). The note ``addresses_placed`` says how many are placed and how many of them coarsely.

    Raises
    ------
    InputError
        As `points.points`, where there is no address column.
    """
    addresses = pick(rows, spec.name, "address", spec.columns) if geocoder is not None else None
    if geocoder is None or addresses is None:
        shapes, why = points(rows, spec, epsg, box, ledger)
        return shapes, why, ["point"] * len(why)
    if has_points(rows, spec):
        shapes, why = points(rows, spec, epsg, box, ledger)
    else:
        shapes, why = np.full(len(addresses), None, dtype=object), ["coordinate_missing"] * len(addresses)
    levels = ["point"] * len(why)
    placed: Counter[str] = Counter()
    for at, text in enumerate(addresses):
        if why[at] != "coordinate_missing" or not text:
            continue
        match = geocoder.find(text)
        levels[at] = match.level
        if match.point is None:
            why[at] = "address_town_only" if match.level == "town" else "address_unknown"
            continue
        shapes[at], why[at] = match.point, ""
        placed[match.level] += 1
    if placed:
        told = {"role": spec.name, "file": rows.file.name, "number": placed.total(), "coarse": placed["area"]}
        ledger.note("addresses_placed", **told)
    return shapes, why, levels
