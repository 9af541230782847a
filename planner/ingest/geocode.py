"""Local geocoding: an address or the name of a place to its area, to a point where one is known, and how closely.

Nothing is asked of the network: the names of the areas and the reference points of the gazetteer are all there is. A
name is found as it stands, then without its number and 番地 step by step; it is never pinned to a place that another
reading excludes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from planner.frames import Town
from planner.ingest.names import address, loose_name, municipality_name, place_name, stem, without_section
from planner.ingest.plane import prefecture_name


@dataclass(frozen=True)
class Match:
    """Where an address or name lies, and how closely that is known (``frames.MATCH_LEVELS``).

    ``street_block``: ``point`` is the block's reference point; ``area``: ``point`` is a point inside the area, drawn
    for it; ``town``: somewhere in the ``candidates`` (a town named without its 丁目, or two readings that both fit);
    ``city``: the municipality alone is named; ``none``: nothing known bears this name.
    """

    level: str
    area_id: str = ""
    point: Any = None
    candidates: tuple[str, ...] = ()


class _Names:
    """Comparable names and what they stand for; written otherwise (`names.loose_name`) where one alone fits."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        self._strict: dict[str, Any] = {}
        for name, value in pairs:
            self._strict.setdefault(name, value)
        groups: dict[str, list[str]] = {}
        for name in self._strict:
            groups.setdefault(loose_name(name), []).append(name)
        self._loose = {loose: names[0] for loose, names in groups.items() if len(names) == 1}

    def get(self, name: str) -> Any:
        """What a name stands for, None where nothing or more than one thing does."""
        if name in self._strict:
            return self._strict[name]
        return self._strict.get(self._loose.get(loose_name(name), ""))


class Geocoder:
    """Finds areas and points by address, by name and by position; each distinct text is worked out once.

    Parameters
    ----------
    areas
        Table ``areas``, names joined.
    town
        The municipality.
    addresses
        Table ``addresses``; without it the names of the areas are all that is known.
    """

    def __init__(self, areas: gpd.GeoDataFrame, town: Town, addresses: gpd.GeoDataFrame | None = None) -> None:
        self._town, self._prefecture = town, prefecture_name(town.code)
        self._ids: list[str] = areas["area_id"].tolist()
        self._shapes = np.asarray(areas.geometry.array)
        self._tree = shapely.STRtree(self._shapes)
        self._at = {area: at for at, area in enumerate(self._ids)}
        keys = [self._key(name) for name in areas["name"]]
        self._areas = _Names(zip(keys, self._ids, strict=True))
        stems: dict[str, list[str]] = {}
        for key, area in zip(keys, self._ids, strict=True):
            if stem(key):
                stems.setdefault(stem(key), []).append(area)
        self._stems = _Names((name, tuple(ids)) for name, ids in stems.items())
        self._towns, self._blocks = self._gazetteer(addresses)
        self._memo: dict[str, Match] = {}

    def _gazetteer(self, addresses: gpd.GeoDataFrame | None) -> tuple[_Names, _Names]:
        """By town name its reference point, and those of its blocks by number (the first of each, as they stand)."""
        towns: list[tuple[str, Any]] = []
        blocks: dict[str, dict[int, Any]] = {}
        if addresses is not None:
            rows = zip(addresses["name"], addresses["level"], np.asarray(addresses.geometry.array), strict=True)
            for name, level, point in rows:
                key = self._key(name)
                parts = address(key)
                if level == "town":
                    towns.append((key, point))
                elif parts.blocks:
                    blocks.setdefault(parts.town, {}).setdefault(parts.blocks[0], point)
        return _Names(towns), _Names(blocks.items())

    def _key(self, text: str) -> str:
        return place_name(text, municipality=self._town.name, prefecture=self._prefecture)

    def find(self, text: str) -> Match:
        """Where an address or the name of a place lies."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._find(text)
        return known

    def by_name(self, text: str) -> str:
        """The area_id of a name or address, "" when no single area is known."""
        return self.find(text).area_id

    def by_point(self, shapes: NDArray[Any]) -> list[str]:
        """The area_id that holds each point ("" in none; on a shared border the first area)."""
        found = [""] * len(shapes)
        points, holders = self._tree.query(shapes, predicate="intersects")
        for point, holder in sorted(zip(points.tolist(), holders.tolist(), strict=True), reverse=True):
            found[point] = self._ids[holder]
        return found

    def _find(self, text: str) -> Match:
        name = self._key(text)
        if name in ("", self._key(municipality_name(self._town.name)), self._prefecture):
            return Match("city")
        whole = self._of_town(name)
        if whole is not None:
            return whole
        for form in dict.fromkeys((name, self._key(without_section(text)))):
            match = self._of_address(form)
            if match is not None:
                return match
        return Match("none")

    def _of_town(self, name: str) -> Match | None:
        """The area of a town's name; a name that only the gazetteer knows lies in the area around its point."""
        area = self._areas.get(name)
        if area is not None:
            return Match("area", area, shapely.point_on_surface(self._shapes[self._at[area]]))
        point = self._towns.get(name)
        area = "" if point is None else self.by_point(np.array([point], dtype=object))[0]
        return Match("area", area, point) if area else None

    def _of_address(self, name: str) -> Match | None:
        """A name with its numbers taken off: every reading that fits, and ``town`` where several do."""
        parts = address(name)
        readings = [(parts.town, parts.blocks)]
        if parts.joined:  # 中央林間4-12: 4丁目, unless there is a 中央林間 with 番地
            readings.append((f"{parts.town}{parts.blocks[0]}丁目", parts.blocks[1:]))
        fitting = []
        for town, blocks in readings:
            match = self._of_town(town)
            if match is not None:
                fitting.append(self._of_block(town, blocks, match))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            return Match("town", candidates=tuple(dict.fromkeys(m.area_id for m in fitting)))
        several = self._stems.get(parts.town)
        return Match("town", candidates=several) if several else None

    def _of_block(self, town: str, blocks: tuple[int, ...], match: Match) -> Match:
        """The block of a town, where the gazetteer knows it, else the town's area."""
        known = self._blocks.get(town) if blocks else None
        point = known.get(blocks[0]) if known else None
        return match if point is None else Match("street_block", match.area_id, point)
