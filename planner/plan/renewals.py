"""When the standing cameras are due for renewal, and what they cost if nothing is done (P8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from planner import assumptions
from planner.errors import Note
from planner.plan.money import BaselineYear, StandingRenewal
from planner.plan.recount import Prepared, records
from planner.programmes import fiscal_year_of

OURS = "own"  # of a camera's use: the municipality itself keeps and renews it


class Baseline:
    """The municipality's standing cameras year by year.

    A camera is due in the fiscal year of its register, else after the service life of a camera from the day it was acquired
    (or installed); what is overdue falls into the first year. It is due again a life later. The price is that of the cheapest
    renewal that the plan could choose for it, else the assumption ``renewal_yen``.
    """

    def __init__(self, prepared: Prepared, first: int, years: list[int]) -> None:
        lives = {r["category"]: r["service_life_years"] for r in assumptions.rows("cost_categories")}
        self._life = int(lives["camera"])
        self._first, self._years = first, years
        actions = prepared.survey.actions
        renewing = dict(
            zip(*(actions.loc[actions["kind"] == "renew", c] for c in ("action_id", "camera_id")), strict=True)
        )
        about = actions[actions["camera_id"] != ""]  # few: most actions are of poles
        self._camera_of = dict(zip(about["action_id"], about["camera_id"], strict=True))
        offers = prepared.offers.table
        own = offers[(offers["kind"] == "renew") & (offers["programme_id"] == "") & (offers["why_not"] == "")]
        prices = own.groupby(own["action_id"].map(renewing))["municipality_yen"].min().to_dict()
        standing = prepared.inputs.standing
        ours = records(standing[standing["use"] == OURS])
        self.cameras = [self._camera(c, prices.get(c["camera_id"])) for c in ours]
        self._by_id = {c.camera_id: c for c in self.cameras}

    def _camera(self, camera: Mapping[str, Any], price: int | None) -> StandingRenewal:
        """When one camera is due, and why then."""
        begun = camera["acquired_on"] if not pd.isna(camera["acquired_on"]) else camera["installed_on"]
        year: int | None = None
        origin: Literal["register", "service_life", "unknown"] = "unknown"
        if not pd.isna(camera["renewal_fiscal_year"]):
            year, origin = int(camera["renewal_fiscal_year"]), "register"
        elif not pd.isna(begun):
            year, origin = fiscal_year_of(begun.date()) + self._life, "service_life"
        return StandingRenewal(
            camera_id=camera["camera_id"],
            asset_number=camera["asset_number"],
            funds=camera["funds"],
            acquired_on="" if pd.isna(begun) else str(begun.date()),
            locked_until="" if pd.isna(camera["locked_until"]) else str(camera["locked_until"].date()),
            fiscal_year=year,
            origin=origin,
            renewal_yen=round(assumptions.number("renewal_yen")) if price is None else int(price),
        )

    def _due(self, camera: StandingRenewal) -> list[int]:
        """The fiscal years before the horizon ends in which a camera is renewed."""
        if camera.fiscal_year is None:
            return []
        return list(range(max(camera.fiscal_year, self._first), self._years[-1], self._life))

    def years(self) -> list[BaselineYear]:
        """Cameras due and their cost, and the upkeep of all, by fiscal year."""
        upkeep = round(assumptions.number("electricity_yen_per_year") + assumptions.number("inspection_yen_per_year"))
        due = {c.camera_id: self._due(c) for c in self.cameras}
        return [
            BaselineYear(
                fiscal_year=year,
                due=sum(year in due[c.camera_id] for c in self.cameras),
                renewal_yen=sum(c.renewal_yen for c in self.cameras if year in due[c.camera_id]),
                running_yen=upkeep * len(self.cameras),
            )
            for year in self._years
        ]

    def avoided_yen(self, offer: Mapping[str, Any]) -> int:
        """Renewals that fall away because the plan renews a camera (its own next renewals are counted with the site) or removes it."""
        camera = self._by_id.get(self._camera_of.get(offer["action_id"], ""))
        if camera is None or offer["kind"] not in ("renew", "remove"):
            return 0
        return camera.renewal_yen * len(self._due(camera))

    def notes(self) -> tuple[Note, ...]:
        """How many cameras are in no year."""
        unknown = sum(c.fiscal_year is None for c in self.cameras)
        return (Note("renewal_year_unknown", {"number": unknown}),) if unknown else ()
