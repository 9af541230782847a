"""How long footage is kept: cameras outside the limits, storage, and what more days are worth against other changes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions
from planner.frames import Advice
from planner.plan.advice import PricePart
from planner.plan.document import Site, StandingPart
from planner.plan.duties import AddedPart, OutsidePart, StoragePart, WeighedPart
from planner.plan.recount import Recounter, secured_share

CURVE_DAYS = (3.0, 7.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0)  # the curve of days that plans print
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beside:
    """What other rooms tell of a choice: shares by days (`coverage.kept`), the action that would add most ("" none).

    ``advice``: exchanges and places left out (`siting.advise`); ``prices``: what each wish costs.
    """

    kept: pd.DataFrame
    one_more: str
    advice: Advice
    prices: tuple[PricePart, ...] = ()


def outside(
    standing: Sequence[StandingPart], limits: Mapping[str, Any], addresses: Mapping[str, str], tiers: pd.DataFrame
) -> list[OutsidePart]:
    """Standing cameras that do not keep their limits, by owner: the list that municipalities are asked to act on.

    Parameters
    ----------
    standing
        Cameras of today.
    limits
        camera_id -> its keep action (``min_days``, ``max_days``, ``limit_origin``).
    addresses
        camera_id -> address.
    tiers
        Recorders and their prices with tax (``offers.tiers``): the cheapest whose days fit mends a camera that keeps too little.
    """
    parts = []
    for camera in standing:
        rule, days = limits[camera.camera_id], camera.retention_days
        low, high = rule["min_days"], rule["max_days"]
        if math.isnan(low) and math.isnan(high):
            continue
        if days is not None and not days < low and not days > high:
            continue
        fits = tiers[~(tiers["retention_days"] < low) & ~(tiers["retention_days"] > high)]
        best = fits.sort_values(["recorder_yen", "running_yen_per_year", "tier_id"]).head(1).to_dict("records")
        fault = "unknown" if days is None else "too_short" if days < low else "too_long"
        remedy = {"unknown": "ask", "too_long": "shorten"}.get(fault, "extend" if best else "none")
        buys = best[0] if remedy == "extend" else None
        parts.append(
            OutsidePart(
                camera_id=camera.camera_id,
                owner=camera.owner,
                use=camera.use,
                address=addresses.get(camera.camera_id, ""),
                nominal_days=days,
                min_days=None if math.isnan(low) else low,
                max_days=None if math.isnan(high) else high,
                limit_origin=rule["limit_origin"],
                fault=fault,
                remedy=remedy,
                tier_days=float(buys["retention_days"]) if buys else high if remedy == "shorten" else None,
                cost_yen=int(buys["recorder_yen"]) if buys else None,
                running_yen_per_year=int(buys["running_yen_per_year"]) if buys else None,
                decision=camera.decision,
            )
        )
    return sorted(parts, key=lambda p: (p.owner, p.camera_id))


def storage(sites: Sequence[Site]) -> list[StoragePart]:
    """Gigabytes on each kind of recorder: ``storage_gb_per_day * days * cameras``, and the smallest carrier that holds them.

    What a camera sends a day is told by its view (its model's own bit rate, or the usual one of its width: H.265 in an ordinary
    scene). Band, by table ``bitrates``: low with a smart codec and little movement, high with H.264 and much movement.
    """
    kinds = Counter(
        (s.width_px, max(s.cameras, 1), s.retention_days, daily_gb)
        for s in sites
        for daily_gb in (v.storage_gb_per_day for v in s.views[:1])
        if s.width_px is not None and s.retention_days is not None and daily_gb is not None
    )
    carriers = assumptions.rows("carriers")
    factor = {r["name"]: float(r["value"]) for r in assumptions.rows("bitrates") if r["kind"] != "width_px"}
    band = 1.0, factor["smart"] * factor["quiet"] / factor["h265"], factor["busy"] / factor["h265"]
    parts = []
    for (width, cameras, days, daily_gb), number in sorted(kinds.items()):
        size, low, high = (daily_gb * days * cameras * share for share in band)
        carrier = next(c["carrier"] for c in carriers if not c["capacity_gb"] or float(c["capacity_gb"]) >= size)
        parts.append(
            StoragePart(
                width_px=width,
                cameras=cameras,
                days=days,
                sites=number,
                mbit_per_s=round(daily_gb / assumptions.number("gb_per_mbit_per_s_and_day"), 3),
                size_gb=round(size, 1),
                low_gb=round(low, 1),
                high_gb=round(high, 1),
                carrier=carrier,
            )
        )
    return parts


@dataclass(frozen=True)
class _Camera:
    """One action in place: the spots that it sees well enough, its days and what it counts."""

    spots: NDArray[np.int64]
    days: float
    count_share: float


class Weighing:
    """Expected offences within view whose footage is still there, under other days and another handling time.

    ``T = sum_{spot, group} expected * harm * max over cameras (share_g(days, handling) * count_share)``; nothing is rounded
    down to the ladder here, so that a day more or less shows.
    """

    def __init__(self, counter: Recounter, in_place: Sequence[str]) -> None:
        self.counter = counter
        place = np.array([m == "place" for m in counter.measures], dtype=np.float64)
        self.weight = np.asarray(counter.demand.expected) * np.array(counter.harm) * place[:, None]
        self.cameras = {a: self._camera(a) for a in in_place}

    def _camera(self, action_id: str) -> _Camera:
        """What one action sees by day and, if asked for, by night (the same tests as the recount)."""
        position, action = self.counter.actions[action_id]
        links, sees = self.counter.survey.action_views, self.counter.survey.sees
        night, lit = self.counter.settings.coverage.night_required, self.counter.survey.lit
        found = [np.empty(0, dtype=np.int64)]
        for at in links.indices[links.indptr[position] : links.indptr[position + 1]]:
            view = self.counter.views[at]
            spots = sees.indices[sees.indptr[at] : sees.indptr[at + 1]].astype(np.int64)
            away = sees.data[sees.indptr[at] : sees.indptr[at + 1]]
            good = (away >= view["near_m"]) & (away <= view["far_m"])
            if night:
                by_lamp = lit[spots] & (away <= assumptions.number("lit_street_reach_m"))
                good &= by_lamp | (away <= view["night_far_m"])
            found.append(spots[good])
        days, share = float(action["retention_days"]), float(action["count_share"])
        return _Camera(np.unique(np.concatenate(found)), 0.0 if math.isnan(days) else days, share)

    def shares(self, days: float, handling_days: float) -> Floats:
        """Share of each group whose footage is still there."""
        return np.array([secured_share(curve, days, handling_days) for curve in self.counter.curves])

    def _best(self, handling_days: float) -> tuple[Floats, Floats, dict[str, Floats]]:
        """Best and second-best quality per spot and group, and the quality of each camera per group."""
        first, second = np.zeros_like(self.weight), np.zeros_like(self.weight)
        quality = {a: self.shares(c.days, handling_days) * c.count_share for a, c in self.cameras.items()}
        for action_id, camera in self.cameras.items():
            at, here = camera.spots, quality[action_id][None, :]
            second[at] = np.maximum(second[at], np.minimum(first[at], here))
            first[at] = np.maximum(first[at], here)
        return first, second, quality

    def total(self, handling_days: float, more_days: float = 0.0) -> float:
        """T with all cameras keeping footage so many days longer."""
        best = np.zeros_like(self.weight)
        for camera in self.cameras.values():
            here = self.shares(camera.days + more_days, handling_days) * camera.count_share
            best[camera.spots] = np.maximum(best[camera.spots], here[None, :])
        return float((self.weight * best).sum())

    def alone(self, handling_days: float, other_handling_days: float, more_days: float) -> dict[str, float]:
        """What T gains when one camera alone keeps longer, or is handled in another time, in place of the others' best."""
        first, second, quality = self._best(handling_days)
        gains = {}
        for action_id, camera in self.cameras.items():
            at, own = camera.spots, quality[action_id][None, :]
            rest = np.where(first[at] > own, first[at], second[at])
            then = self.shares(camera.days + more_days, other_handling_days)[None, :] * camera.count_share
            gains[action_id] = float((self.weight[at] * (np.maximum(rest, then) - first[at])).sum())
        return gains

    def kept_share(self, handling_days: float) -> float:
        """Of the expected offences within view, the share whose footage is still there (nan of nothing)."""
        seen = np.zeros_like(self.weight)
        for camera in self.cameras.values():
            seen[camera.spots] = np.maximum(seen[camera.spots], camera.count_share)
        whole = float((self.weight * seen).sum())
        return self.total(handling_days) / whole if whole > 0 else math.nan

    def joined(self, action_id: str, handling_days: float) -> float:
        """What T gains with one action more."""
        first, _, _ = self._best(handling_days)
        camera = self._camera(action_id)
        then = self.shares(camera.days, handling_days)[None, :] * camera.count_share
        at = camera.spots
        return float((self.weight[at] * np.maximum(then - first[at], 0.0)).sum())


def weigh(
    counter: Recounter,
    places: Mapping[str, Mapping[str, Any]],
    handling_days: tuple[float, float, float],
    agreement_days: float,
    tiers: pd.DataFrame,
) -> list[WeighedPart]:
    """``more_days`` longer at each place, and an agreement with the police, in expected offences within view.

    Parameters
    ----------
    counter
        Holds the actions in place.
    places
        action_id -> ``kind``, ``address``, ``days``, ``max_days``, and ``bought_yen`` and ``bought_running_yen`` of the recorder
        that the plan buys there anyway (0: the standing one has to be replaced).
    handling_days
        Least, assumed, most: the band of every number (it is the most handling that leaves the least footage).
    agreement_days
        Handling under an agreement that covers nights and closed days.
    tiers
        Recorders that can be bought, with tax (``offers.tiers``): the cheapest that keeps as long decides the cost.
    """
    more = assumptions.number("more_days")
    weighing = Weighing(counter, list(places))
    least, assumed, most = handling_days
    order = (assumed, most, least)
    longer = [weighing.alone(h, h, more) for h in order]
    sooner = [weighing.alone(h, min(h, agreement_days), 0.0) for h in order]
    parts, spent, running, open_ = [], 0, 0, False
    for action_id, place in places.items():
        price = _longer_price(place, more, tiers)
        spent, running = spent + (price[0] or 0), running + (price[1] or 0)
        open_ |= price[0] is None
        allowed = not place["days"] + more > place["max_days"]
        days = place["days"] + more
        parts.append(
            WeighedPart(
                place_id=place["id"],
                kind=place["kind"],
                address=place["address"],
                retention_days=place["days"],
                longer=added([g[action_id] for g in longer], *price, days=days, allowed=allowed),
                agreement=added([g[action_id] for g in sooner], 0, 0),
            )
        )
    all_longer = [weighing.total(h, more) - weighing.total(h) for h in order]
    all_sooner = [weighing.total(min(h, agreement_days)) - weighing.total(h) for h in order]
    whole = WeighedPart(
        place_id="",
        kind="",
        address="",
        retention_days=None,
        longer=added(
            all_longer, *((None, None) if open_ else (spent, running)), allowed=all(p.longer.allowed for p in parts)
        ),
        agreement=added(all_sooner, 0, 0),
    )
    return [whole, *parts] if parts else []


def _longer_price(place: Mapping[str, Any], more: float, tiers: pd.DataFrame) -> tuple[int | None, int | None]:
    """What a recorder costs that keeps so many days more, above what is bought anyway; None: no recorder does."""
    fits = tiers[tiers["retention_days"] >= place["days"] + more]
    best = fits.sort_values(["recorder_yen", "running_yen_per_year", "tier_id"]).head(1).to_dict("records")
    if not best:
        return None, None
    return (
        max(0, int(best[0]["recorder_yen"]) - place["bought_yen"]),
        int(best[0]["running_yen_per_year"]) - place["bought_running_yen"],
    )


def added(
    gains: Sequence[float],
    cost_yen: int | None,
    running_yen_per_year: int | None,
    *,
    days: float | None = None,
    allowed: bool = True,
) -> AddedPart:
    """A gain at the assumed handling time, with the band of the others."""
    return AddedPart(
        gain_per_year=round(gains[0], 6),
        low_per_year=round(min(gains), 6),
        high_per_year=round(max(gains), 6),
        cost_yen=cost_yen,
        running_yen_per_year=running_yen_per_year,
        days=days,
        allowed=allowed,
    )


def tier_prices(tiers: pd.DataFrame, tier_id: str) -> tuple[int, int]:
    """Price and running cost of one recorder; nothing for none."""
    known = tiers[tiers["tier_id"] == tier_id]
    return (int(known["recorder_yen"].iloc[0]), int(known["running_yen_per_year"].iloc[0])) if len(known) else (0, 0)
