"""The address by which people on the spot know a site: the nearest 地先 (P22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner import assumptions
from planner.frames import Inputs

BESIDE = "地先"  # "in front of": how permits and site lists name a place on the road


class Whereabouts:
    """Addresses of actions, from the registers of cameras and ``mounts``, the street blocks of the gazetteer or the names of areas."""

    def __init__(self, inputs: Inputs, mounts: pd.DataFrame) -> None:
        self._cameras = dict(zip(inputs.standing["camera_id"], inputs.standing["address"], strict=True))
        self._mounts = dict(zip(mounts["mount_id"].tolist(), mounts["address"].tolist(), strict=True))
        self._areas = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
        self._names: list[str] = []
        points: Any = np.array([], dtype=object)
        if len(inputs.addresses):
            blocks = inputs.addresses[inputs.addresses["level"] == "street_block"].sort_values("name", kind="stable")
            self._names, points = blocks["name"].tolist(), np.asarray(blocks.geometry.array)
        self._tree = shapely.STRtree(points)
        self._area_ids = inputs.areas["area_id"].tolist()
        self._area_tree = shapely.STRtree(np.asarray(inputs.areas.geometry.array))
        self._reach_m = assumptions.number("address_reach_m")

    def of(self, action: Mapping[str, Any]) -> str:
        """The address of an action (a row of ``actions``) as a register has it, else the nearest 地先."""
        registered = self._cameras.get(action["camera_id"], "") or self._mounts.get(action["mount_id"], "")
        return str(registered or self.address(action["geometry"], action["area_id"]))

    def address(self, point: Any, area_id: str = "") -> str:
        """The nearest street block within the assumption ``address_reach_m``, else the area, with 地先.

        Parameters
        ----------
        point
            In the study's CRS.
        area_id
            The area it lies in, where that is known ("": looked for; outside every area and far from blocks there is no address).
        """
        near = self._tree.query_nearest(point, max_distance=self._reach_m) if self._names else ()
        name = self._names[min(near)] if len(near) else self._areas.get(area_id or self._area_at(point), "")
        return f"{name}{BESIDE}" if name else ""

    def _area_at(self, point: Any) -> str:
        """The area in which a point stands ("": none)."""
        hit = self._area_tree.query(point, predicate="intersects")
        return str(self._area_ids[min(hit)]) if len(hit) else ""
