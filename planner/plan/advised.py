"""Puts together what else could be done: exchanges, places left out with their reasons, prices of wishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from planner.frames import Choice, Frontier, Phase
from planner.plan.advice import Advice, Code, ExchangePart, PlacePart, PricePart
from planner.plan.asked import Asked
from planner.plan.document import Site, StandingPart
from planner.plan.keeping import Beside
from planner.plan.recount import Prepared, records
from planner.plan.scribe import Scribe
from planner.plan.values import maybe
from planner.plan.wishes import meant
from planner.plan.years import year_of
from planner.settings import Settings

MONEY = (
    "municipality_budget",
    "yearly_budget",
    "running_budget",
    "local_body_budget",
    "programme_total",
    "programme_units",
)
SEEN = 1e-9  # offences a year: a gain below it is none

Record = Mapping[str, Any]


def advise(
    prepared: Prepared,
    settings: Settings,
    choice: Choice,
    frontier: Frontier,
    scribe: Scribe,
    parts: tuple[list[Site], list[StandingPart]],
    beside: Beside,
) -> Advice:
    """The parts of the document that say what else could be done.

    Parameters
    ----------
    prepared, settings, choice, frontier, scribe
        As `assemble` has them.
    parts
        Sites and standing cameras of the document.
    beside
        ``advice``: what `siting.advise` found; ``prices``: what each wish costs.
    """
    maker = _Maker(prepared, settings, choice, scribe, beside)
    exchanges, places = maker.exchanges(), maker.places()
    later = _later(prepared, frontier, settings.budget.own_capital_yen)
    asked = Asked(parts[0], parts[1], scribe.drawn.views, exchanges, places, later)
    return Advice(
        exchanges=exchanges,
        places=places,
        prices=list(beside.prices),
        requests=[asked.answer(r) for r in records(prepared.inputs.requests)],
    )


def _later(prepared: Prepared, frontier: Frontier, own_capital_yen: int) -> dict[str, int]:
    """Place -> the least larger budget of the frontier at which something is changed there."""
    table = prepared.offers.table
    budgets = frontier.table["municipality_yen"].tolist()
    known = {o for ids in frontier.offer_ids for o in ids}
    named = table[table["offer_id"].isin(known)]
    place_of = dict(zip(named["offer_id"], named["group_id"], strict=True))
    found: dict[str, int] = {}
    for budget, ids in zip(budgets, frontier.offer_ids, strict=True):
        if budget > own_capital_yen:
            for offer in ids:
                found.setdefault(str(place_of[offer]), int(budget))
    return found


class _Years:
    """What is left of each fiscal year's own capital: single exchanges know only the plan's (`siting.advise`)."""

    def __init__(self, phases: Sequence[Phase], own_yen: Mapping[str, int]) -> None:
        self._year = year_of(phases)
        self._own = own_yen
        self._left = {p.year: p.own_yen - sum(own_yen[o] for o in p.offer_ids) for p in phases}

    def passed(self, offer_id: str, instead_of: str) -> bool:
        """Whether an offer costs more than is left in the year of the one that it replaces ("": than in any year)."""
        if not self._left:
            return False
        room = [self._left[self._year[instead_of]] + self._own[instead_of]] if instead_of else self._left.values()
        return self._own[offer_id] > max(room)


class _Maker:
    """Holds the look-ups that the parts share."""

    def __init__(self, prepared: Prepared, settings: Settings, choice: Choice, scribe: Scribe, beside: Beside) -> None:
        self.prepared, self.settings, self.choice, self.scribe = prepared, settings, choice, scribe
        self.found = beside.advice
        named = {*self.found.exchanges["offer_id"], *self.found.exchanges["instead_offer_id"]}
        named |= {*self.found.left_out["offer_id"], *self.found.left_out["near_offer_id"]}
        named |= {*self.found.left_out["out_offer_id"]}
        table = prepared.offers.table
        self.offers = {o["offer_id"]: o for o in records(table[table["offer_id"].isin(named)])}
        actions = prepared.survey.actions
        self.first = {a["group_id"]: a for a in records(actions.drop_duplicates("group_id"))}
        price_yen = dict(zip(table["offer_id"].tolist(), table["municipality_yen"].tolist(), strict=True))
        self.years = _Years(choice.phases, price_yen)
        self.taken = set(table.loc[table["offer_id"].isin(choice.chosen["offer_id"]), "group_id"])

    def _address(self, place_id: str) -> str:
        return self.scribe.where.of(self.first[place_id])

    def _loss(self, bound_per_year: float) -> float:
        """What a plan under that bound loses at least."""
        return max(0.0, self.choice.value - bound_per_year)

    def _site(self, offer_id: str) -> str:
        return str(self.offers[offer_id]["action_id"]) if offer_id else ""

    def exchanges(self) -> list[ExchangePart]:
        """Per site, in rank order, what would come in its place."""
        parts = []
        ranked = {o: i for i, o in enumerate(self.choice.chosen.sort_values("rank")["offer_id"])}
        for row in sorted(records(self.found.exchanges), key=lambda r: ranked[r["offer_id"]]):
            own, instead = self.offers[row["offer_id"]], self.offers.get(row["instead_offer_id"])
            over = instead is not None and self.years.passed(row["instead_offer_id"], row["offer_id"])
            instead = None if over else instead
            change = None if over else maybe(row["change_per_year"])
            yen = (instead["municipality_yen"] if instead else 0) - own["municipality_yen"]
            parts.append(
                ExchangePart(
                    site_id=own["action_id"],
                    instead_id=instead["action_id"] if instead else "",
                    place_id=instead["group_id"] if instead else "",
                    address=self._address(instead["group_id"]) if instead else "",
                    change_per_year=change,
                    municipality_yen=None if change is None else int(yen),
                    least_loss_per_year=self._loss(row["bound_without_per_year"]),
                    year_over=over,
                )
            )
        return parts

    def places(self) -> list[PlacePart]:
        """Every mount and standing camera at which something could be wished, but nothing is changed."""
        left_out = {r["group_id"]: r for r in records(self.found.left_out)}
        table = self.prepared.offers.table
        changes = table[(table["kind"] != "keep") & ~table["group_id"].isin(self.taken)]
        parts = [self._weighed(left_out[place]) for place in self.first if place in left_out]
        for place, offers in changes[~changes["group_id"].isin(left_out)].groupby("group_id", sort=False):
            code, rules = self._refused(records(offers))
            parts.append(self._bare(str(place), self.first[place]["geometry"], self._address(str(place)), code, rules))
        return [*parts, *self._unlisted()]

    def _bare(self, place: str, point: Any, address: str, code: Code, rules: Sequence[str] = ()) -> PlacePart:
        east_m, north_m = round(point.x, 2), round(point.y, 2)
        return PlacePart(place_id=place, east_m=east_m, north_m=north_m, address=address, code=code, rules=list(rules))

    def _weighed(self, row: Record) -> PlacePart:
        """A place of which siting knows what it would change."""
        offer, place = self.offers[row["offer_id"]], row["group_id"]
        rules = row["blocked_by"].split()
        if self.years.passed(row["offer_id"], ""):
            rules.append("yearly_budget")
        over = self.years.passed(row["offer_id"], row["out_offer_id"])
        others = [r for r in rules if r.split(":")[0] not in (*MONEY, "spacing")]
        code: Code = "outbid" if rules else "room"
        if "spacing" in rules:
            code = "spacing"
        elif row["gain_per_year"] < SEEN:
            code = "seen"
        elif others:
            code = "rule"
        bare = self._bare(place, self.first[place]["geometry"], self._address(place), code, rules)
        return bare.model_copy(
            update={
                "site_id": offer["action_id"],
                "gain_per_year": row["gain_per_year"],
                "municipality_yen": int(offer["municipality_yen"]),
                "near_site_id": self._site(row["near_offer_id"]),
                "out_site_id": "" if over else self._site(row["out_offer_id"]),
                "change_per_year": None if over else maybe(row["change_per_year"]),
                "least_loss_per_year": self._loss(row["bound_with_per_year"]),
                "year_over": over,
                "replaced": row["replaced"],
            }
        )

    def _refused(self, offers: Sequence[Record]) -> tuple[Code, list[str]]:
        """Why a place has no column at all, and by which rules or for which reasons."""
        able = [o for o in offers if not o["why_not"]]
        if not able:
            return "not_buyable", sorted({rule for o in offers for rule in o["why_not"].split()})
        bans = self.settings.rules.bans
        if all(any(meant(o, wish.site) for wish in bans) for o in able):
            return "banned", sorted({w.reason for w in bans if any(meant(o, w.site) for o in able)})
        return "nothing", []

    def _unlisted(self) -> Iterator[PlacePart]:
        """Mounts of the town's list at which there is no action: refused, in a zone, unusable, or without a view."""
        survey, inputs, where = self.prepared.survey, self.prepared.inputs, self.scribe.where
        for mount in records(survey.mounts[~("m:" + survey.mounts["mount_id"]).isin(set(self.first))]):
            point = mount["geometry"]
            yield self._bare(f"m:{mount['mount_id']}", point, mount["address"] or where.address(point), "nothing")
        lost = inputs.mounts[~inputs.mounts["mount_id"].isin(survey.mounts["mount_id"])]
        shut = inputs.zones[inputs.zones["rule"] == "no_install"]
        zoned = np.zeros(len(lost), bool)
        if len(shut):
            hit = shapely.STRtree(np.asarray(shut.geometry)).query(np.asarray(lost.geometry), predicate="intersects")
            zoned[hit[0]] = True
        for mount, zone in zip(records(pd.DataFrame(lost)), zoned.tolist(), strict=True):
            code: Code = "refused" if mount["state"] == "refused" else "zone" if zone else "unusable"
            point = mount["geometry"]
            yield self._bare(f"m:{mount['mount_id']}", point, mount["address"] or where.address(point), code)


def price_parts(settings: Settings, weighed: Sequence[Any]) -> tuple[PricePart, ...]:
    """Prices with who asked for it and when, where it is a wish of a site.

    Parameters
    ----------
    weighed
        As of `weighing.weigh_wishes`: ``rule``, ``limit`` (of a wish its reason), ``cost_per_year`` and its interval.
    """
    wishes = {f"pin:{w.site}": w for w in settings.rules.pins} | {f"ban:{w.site}": w for w in settings.rules.bans}
    return tuple(
        PricePart(
            **vars(one),
            who=wishes[one.rule].who if one.rule in wishes else "",
            when=wishes[one.rule].when if one.rule in wishes else "",
        )
        for one in weighed
    )
