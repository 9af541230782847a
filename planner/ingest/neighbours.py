"""What lies just beyond the border: areas of other municipalities and records near the own ones (P33).

The risk at the border comes from both sides; a municipality that knows only its own records underestimates its outer
blocks. What is kept here stays counted as outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.frames import Town
from planner.ingest.areas import join_by_name
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.names import code_forms, old_codes
from planner.ingest.records import parsed
from planner.ingest.tables import to_frame
from planner.ingest.texts import TextRows

_CENSUS_ID = re.compile(r"\d{9,11}")  # KEY_CODE: two digits of the prefecture, three of the municipality, the area


def foreign(areas: gpd.GeoDataFrame, town: Town) -> NDArray[np.bool_]:
    """Which areas belong to other municipalities, by the code that begins a census id.

    Where no id begins with a code of the municipality the ids mean something else: then none is foreign.
    """
    codes = [area[:5] if _CENSUS_ID.fullmatch(area) else "" for area in areas["area_id"]]
    ours = code_forms(town.code) | old_codes(town.code).keys()
    if not ours.intersection(codes):
        return np.zeros(len(codes), dtype=bool)
    return np.array([code != "" and code not in ours for code in codes], dtype=bool)


def count_outside(mask: NDArray[np.bool_], ledger: Ledger) -> None:
    """Move the foreign areas of each file from accepted to outside; ``mask`` runs over all accepted rows in order."""
    begin = 0
    for at, tally in enumerate(ledger.tallies):
        if tally.role == "areas":
            number = int(mask[begin : begin + tally.accepted].sum())
            begin += tally.accepted
            ledger.tallies[at] = replace(tally, accepted=tally.accepted - number, outside=tally.outside + number)


class Neighbours:
    """Areas within the buffer around the own ones, and the records that lie there.

    Parameters
    ----------
    areas
        Table ``areas`` of the municipality, names joined.
    others
        Areas of other municipalities as read.
    town
        The municipality.

    Attributes
    ----------
    areas
        Table ``neighbours``: those of ``others`` within ``border_buffer_m`` of the own areas, names joined by
        municipality.
    """

    def __init__(self, areas: gpd.GeoDataFrame, others: gpd.GeoDataFrame, town: Town) -> None:
        self._town = town
        self._own = shapely.STRtree(np.asarray(areas.geometry.array))
        self._values: dict[str, list[Any]] = {c.name: [] for c in frames.TABLES["incidents"].columns}
        self._shapes: list[Any] = []
        self._seen: set[str] = set()
        codes = others["area_id"].str[:5]
        tables = []
        self._by_code: dict[str, Geocoder] = {}
        for code in sorted(set(codes.iloc[self._near(others.geometry.array)])):
            elsewhere = Town("", code, town.epsg)
            joined = join_by_name(others[codes == code].reset_index(drop=True), elsewhere, Ledger())
            kept = joined.iloc[self._near(joined.geometry.array)].reset_index(drop=True)
            geocoder = Geocoder(kept, elsewhere)
            self._by_code |= dict.fromkeys(code_forms(code), geocoder)
            tables.append(kept)
        empty = frames.empty("neighbours", town.epsg)
        self.areas: gpd.GeoDataFrame = frames.check(
            "neighbours", pd.concat(tables, ignore_index=True) if tables else empty, town.epsg
        )
        self._all = Geocoder(self.areas, Town("", town.code, town.epsg))

    def _near(self, shapes: Any) -> NDArray[np.int64]:
        """Positions of the shapes within the buffer around the own areas."""
        buffer_m = assumptions.number("border_buffer_m")
        found = self._own.query(np.asarray(shapes, dtype=object), predicate="dwithin", distance=buffer_m)[0]
        return np.unique(found)

    def take(
        self,
        source: TextRows,
        spec: RoleSpec,
        outside: list[int],
        cells: Mapping[str, list[str]],
        shapes: NDArray[Any] | None,
        answers: Mapping[str, str],
    ) -> None:
        """Keep those of a file's outside rows that lie within the buffer and can be read.

        Parameters
        ----------
        source, spec, outside
            The file, the role's mapping for it, and the positions of its outside rows.
        cells, shapes
            The record columns of those rows, and their points; None where the file has none.
        answers
            The planner's answers: what the own rows' questions said holds here too. Nothing is asked, listed or
            corrected aloud for rows of somebody else's.
        """
        found, lines = source.file, [source.lines[at] for at in outside]
        placed: dict[int, tuple[str, str, str]] = {}  # row -> area, precision, level
        blank = [""] * len(lines)
        codes, names = cells.get("code", blank), cells["area"]
        if shapes is not None:
            near = self._near(shapes)
            held = self._all.by_point(shapes[near])
            placed = {int(at): (area, "point", "point") for at, area in zip(near, held, strict=True)}
        for at, (code, name) in enumerate(zip(codes, names, strict=True)):
            geocoder = self._by_code.get(code)
            if geocoder is not None and name and (shapes is None or shapes[at] is None):
                match = geocoder.find(name)
                if match.area_id:
                    placed[at] = (match.area_id, "area", match.level)
        rows = sorted(placed)
        mine = {our: [column[at] for at in rows] for our, column in cells.items()}
        values, reasons = parsed(mine, source, spec, [outside[at] for at in rows], Ledger(answers))
        identities = cells.get("incident_id", blank)
        for n, at in enumerate(rows):
            identity = identities[at] or f"{found.name}:{lines[at]}"
            if reasons[n] or identity in self._seen:
                continue
            self._seen.add(identity)
            row = {
                "incident_id": identity,
                **dict(zip(("area_id", "precision", "match_level"), placed[at], strict=True)),
                "candidates": "",
            }
            for name, cell in (row | {name: column[n] for name, column in values.items()}).items():
                self._values[name].append(cell)
            self._shapes.append(None if shapes is None else shapes[at])

    def incidents(self, ledger: Ledger) -> gpd.GeoDataFrame:
        """Table ``incidents`` of what was kept; the note ``neighbours_kept`` or ``neighbours_absent``."""
        told = {"number": len(self._shapes), "areas": len(self.areas)}
        buffer_m = assumptions.number("border_buffer_m")
        if self._shapes:
            ledger.note("neighbours_kept", **told, buffer_m=buffer_m)
        else:
            ledger.note("neighbours_absent", areas=len(self.areas), buffer_m=buffer_m)
        table = to_frame("incidents", self._values, self._shapes, self._town.epsg)
        checked: gpd.GeoDataFrame = frames.check("incidents", table, self._town.epsg)
        return checked
