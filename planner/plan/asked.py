"""Requests for cameras answered from the finished plan: they never move it (P37)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from planner import assumptions
from planner.plan.advice import ExchangePart, PlacePart, RequestPart, nearest
from planner.plan.document import Site, StandingPart, ViewPart


class Asked:
    """What is looked up for every request.

    Parameters
    ----------
    sites, standing
        Of the plan.
    outlines
        view_id -> row with the polygon of what it films (``geometry``).
    exchanges, places
        Next-best replacements, and places left out with their reasons.
    later
        Place -> the least larger budget at which something is changed there, yen.
    """

    def __init__(
        self,
        sites: Sequence[Site],
        standing: Sequence[StandingPart],
        outlines: Mapping[str, Mapping[str, Any]],
        exchanges: Sequence[ExchangePart],
        places: Sequence[PlacePart],
        later: Mapping[str, int],
    ) -> None:
        self.sites = [s for s in sites if s.kind != "remove"]
        self.standing = [c for c in standing if c.decision == "keep" and c.count_share > 0]
        self.outlines, self.places, self.later = outlines, places, later
        self.instead_of = {e.place_id: e.site_id for e in exchanges if e.place_id}
        self.reach_m = assumptions.number("request_reach_m")

    def answer(self, request: Mapping[str, Any]) -> RequestPart:
        """One request: 採択 where a planned site is within the reach or films the place, 予備 where one is next in line."""
        point = request["geometry"]
        ordered = nearest(self.sites, point.x, point.y)
        part = RequestPart(
            request_id=request["request_id"],
            received_on="" if pd.isna(request["received_on"]) else request["received_on"].date().isoformat(),
            requester=request["requester"],
            wish=request["wish"],
            east_m=round(point.x, 2),
            north_m=round(point.y, 2),
            answer="declined",
            reason="no_candidate",
            nearest_site_id=ordered[0][1].site_id if ordered else "",
            nearest_m=round(ordered[0][0], 1) if ordered else None,
        )
        return part.model_copy(update=self._found(point, ordered))

    def _found(self, point: Any, ordered: Sequence[tuple[float, Site]]) -> dict[str, Any]:
        """Answer, reason and what they refer to."""
        for _, site in ordered:
            if self._films(site.views, point):
                return {"answer": "adopted", "reason": "site", "site_id": site.site_id}
        for camera in self.standing:
            if self._films(camera.views, point):
                return {"reason": "standing", "camera_id": camera.camera_id}
        if ordered and ordered[0][0] <= self.reach_m:
            return {"answer": "adopted", "reason": "near", "site_id": ordered[0][1].site_id}
        here = [p for away, p in nearest(self.places, point.x, point.y) if away <= self.reach_m]
        here.sort(key=_promise)
        for place in here:
            told = {"answer": "reserve", "place_id": place.place_id}
            if place.place_id in self.instead_of:
                return {**told, "reason": "instead", "site_id": self.instead_of[place.place_id]}
            if place.place_id in self.later:
                return {**told, "reason": "at_budget", "budget_yen": self.later[place.place_id]}
        return {"reason": here[0].code, "place_id": here[0].place_id} if here else {}

    def _films(self, views: Sequence[ViewPart], point: Any) -> bool:
        return any(self.outlines[v.view_id]["geometry"].covers(point) for v in views)


def _promise(place: PlacePart) -> tuple[float, float]:
    """The place that would change the plan least comes first, then the one that would add most."""
    change = -math.inf if place.change_per_year is None else place.change_per_year
    return -change, -(place.gain_per_year or 0.0)
