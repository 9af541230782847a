"""Writes the parts of the document: sites, standing cameras, blocks, districts, ledgers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.frames import COST_CATEGORIES, MICRO, PAYERS, Choice, Frontier
from planner.plan import document as doc
from planner.plan.groups import priority_groups, stable_group
from planner.plan.money import Payers
from planner.plan.outlines import Outlines
from planner.plan.recount import Count, Levels, Prepared, Recounter, chosen_offers, records
from planner.plan.values import add_payers, maybe
from planner.plan.whereabouts import Whereabouts
from planner.plan.years import first_year, year_of
from planner.programmes import Programme, parts_of
from planner.settings import Settings


class Scribe:
    """Holds the look-ups that the parts of the document share."""

    def __init__(
        self,
        prepared: Prepared,
        settings: Settings,
        choice: Choice,
        count: Count,
        drawn: Outlines,
    ) -> None:
        self.prepared, self.settings, self.count, self.drawn = prepared, settings, count, drawn
        self.chosen = chosen_offers(prepared, choice)
        self.counter = Recounter(prepared, settings, (o["action_id"] for o in self.chosen))
        inputs, demand = prepared.inputs, prepared.demand
        self.actions = {i: r for i, (_, r) in self.counter.actions.items()}
        self.mounts = drawn.mounts
        self.models = {r["model_id"]: r for r in records(inputs.models)}
        self.area_names = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
        self.groups = demand.groups
        self.where = Whereabouts(inputs, prepared.survey.mounts)
        self.precision = _worst_precision(demand.areas)
        self.again = choice.again
        self.built = {offer: first_year(settings) + year for offer, year in year_of(choice.phases).items()}

    def views(self, action_id: str) -> list[doc.ViewPart]:
        """What the cameras of one action see."""
        position = self.counter.actions[action_id][0]
        links = self.prepared.survey.action_views
        linked = links.indices[links.indptr[position] : links.indptr[position + 1]]
        return [self.drawn.view(self.counter.views[at], self.counter.density) for at in linked]

    def by_group(self, levels: Levels, measure: str) -> dict[str, float]:
        """Offences a year within view by offence group, one measure."""
        steps = self.settings.coverage.quality_steps
        sums = dict.fromkeys(self.groups, 0.0)
        for cell, level in levels.items():
            if self.counter.measures[cell[0]] == measure:
                sums[self.groups[cell[1]]] += self.counter.offences(cell) * level / (MICRO * steps)
        return {g: round(v, 6) for g, v in sums.items() if v > 0}

    def sites(self) -> list[doc.Site]:
        """One site per chosen offer, in rank order, in groups A/B/C that the data can separate."""
        priorities = (
            [stable_group(self.again[o["offer_id"]]) for o in self.chosen]
            if self.again
            else priority_groups([self.count.gains[o["offer_id"]] for o in self.chosen])
        )
        standing = self.prepared.inputs.standing.geometry
        cumulative, sites = 0.0, []
        for rank, (offer, priority) in enumerate(zip(self.chosen, priorities, strict=True), start=1):
            cumulative += self.count.gains[offer["offer_id"]][0]
            sites.append(self._site(offer, rank, priority, cumulative, standing))
        return sites

    def _site(
        self,
        offer: Mapping[str, Any],
        rank: int,
        priority: Literal["A", "B", "C"],
        cumulative: float,
        standing: gpd.GeoSeries,
    ) -> doc.Site:
        action = self.actions[offer["action_id"]]
        mount = self.mounts.get(action["mount_id"], {})
        model = self.models.get(action["model_id"], {})
        point = action["geometry"]
        levels = self.counter.served(offer["action_id"])
        in_view, front = self.by_group(levels, "place"), self.by_group(levels, "front")
        gain, low, high = self.count.gains[offer["offer_id"]]
        others = standing[self.prepared.inputs.standing["camera_id"] != action["camera_id"]]
        nearest_m = float(others.distance(point).min()) if len(others) else None
        top = max(in_view, key=in_view.__getitem__, default="")
        reason = {
            "area": self.area_names.get(action["area_id"], ""),
            "gain": gain,
            "offence": top,
            "offence_share": in_view[top] / sum(in_view.values()) if top else 0.0,
            "nearest_standing_m": None if nearest_m is None else round(nearest_m),
            "days": maybe(action["retention_days"]),
            "spots": len({spot for spot, _ in levels if self.counter.measures[spot] == "place"}),
        }
        return doc.Site(
            site_id=offer["action_id"],
            offer_id=offer["offer_id"],
            rank=rank,
            priority=priority,
            kind=offer["kind"],
            east_m=round(point.x, 2),
            north_m=round(point.y, 2),
            mount_id=action["mount_id"],
            mount_kind=mount.get("kind", ""),
            mount_state=mount.get("state", ""),
            host=mount.get("host", ""),
            camera_id=action["camera_id"],
            area_id=action["area_id"],
            area_name=self.area_names.get(action["area_id"], ""),
            district_id=action["district_id"],
            model_id=action["model_id"],
            model_name=model.get("name", ""),
            width_px=maybe(model.get("width_px")) if model else None,
            tier_id=action["tier_id"],
            retention_days=maybe(action["retention_days"]),
            min_days=maybe(action["min_days"]),
            max_days=maybe(action["max_days"]),
            limit_origin=action["limit_origin"],
            cameras=offer["cameras"],
            views=self.views(offer["action_id"]),
            programme_id=offer["programme_id"],
            cost_yen={c: offer[f"{c}_yen"] for c in COST_CATEGORIES},
            total_yen=sum(offer[f"{c}_yen"] for c in COST_CATEGORIES),
            subsidy_yen=offer["subsidy_yen"],
            payers=Payers(**{f"{p}_yen": offer[f"{p}_yen"] for p in PAYERS}),
            running_yen_per_year=offer["running_yen_per_year"],
            in_view_per_year=in_view,
            front_per_year=front,
            gain_per_year=gain,
            gain_low_per_year=low,
            gain_high_per_year=high,
            cumulative_gain_per_year=cumulative,
            precision=self.precision.get(action["area_id"], "area"),
            nearest_standing_m=None if nearest_m is None else round(nearest_m, 1),
            reason=doc.Remark(code=offer["kind"], values=reason),
            address=self.where.of(action),
            pole_number=mount.get("pole_number", ""),
            fiscal_year=self.built.get(offer["offer_id"]),
            again_share=self.again.get(offer["offer_id"]),
        )

    def standing(self, sites: list[doc.Site]) -> list[doc.StandingPart]:
        """Every camera of today, what it sees and what the plan does with it."""
        decisions = {s.camera_id: s.kind for s in sites if s.camera_id}
        keeps = {a["camera_id"]: a for a in self.actions.values() if a["kind"] == "keep"}
        parts = []
        for camera in records(self.prepared.inputs.standing):
            keep = keeps[camera["camera_id"]]
            days = maybe(camera["retention_days"])
            within = None if days is None else not (days < keep["min_days"] or days > keep["max_days"])
            parts.append(
                doc.StandingPart(
                    camera_id=camera["camera_id"],
                    east_m=round(camera["geometry"].x, 2),
                    north_m=round(camera["geometry"].y, 2),
                    owner=camera["owner"],
                    use=camera["use"],
                    working=maybe(camera["working"]),
                    retention_days=days,
                    locked_until="" if pd.isna(camera["locked_until"]) else str(camera["locked_until"].date()),
                    count_share=keep["count_share"],
                    within_limits=within,
                    decision=decisions.get(camera["camera_id"], "keep"),
                    views=self.views(keep["action_id"]),
                    in_view_per_year=self.by_group(self.counter.served(keep["action_id"]), "place"),
                )
            )
        return parts

    def offences(self) -> list[doc.Offence]:
        """By offence: expected, split by measure, within view before and after."""
        demand = self.prepared.demand
        measures = np.asarray(demand.spots["measure"])
        split = {m: demand.expected[measures == m].sum(axis=0) for m in ("place", "front", "owner_only")}
        seen = {
            (when, measure): self.by_group(levels, measure)
            for when, levels in (("before", self.count.before), ("after", self.count.after))
            for measure in ("place", "front")
        }
        return [
            doc.Offence(
                offence_group=g,
                expected_per_year=float(demand.expected[:, c].sum()),
                place_per_year=float(split["place"][c]),
                front_per_year=float(split["front"][c]),
                owner_only_per_year=float(split["owner_only"][c]),
                before_per_year=seen["before", "place"].get(g, 0.0),
                after_per_year=seen["after", "place"].get(g, 0.0),
                front_before_per_year=seen["before", "front"].get(g, 0.0),
                front_after_per_year=seen["after", "front"].get(g, 0.0),
            )
            for c, g in enumerate(self.groups)
        ]

    def _by_area(self, levels: Levels) -> dict[str, float]:
        """Place offences a year within view by area."""
        steps = self.settings.coverage.quality_steps
        sums: dict[str, float] = defaultdict(float)
        for cell, level in levels.items():
            if self.counter.measures[cell[0]] == "place":
                sums[self.counter.areas[cell[0]]] += self.counter.offences(cell) * level / (MICRO * steps)
        return sums

    def areas(self) -> list[doc.AreaPart]:
        """Every town block with its totals and outline."""
        demand = self.prepared.demand
        columns = ["recorded", "expected_per_year", "low_per_year", "high_per_year", "uniform_per_year"]
        sums = demand.areas.groupby("area_id")[columns].sum().to_dict("index")
        place = np.asarray(demand.spots["measure"] == "place")
        placed = pd.Series(demand.expected[place].sum(axis=1)).groupby(np.asarray(demand.spots["area_id"])[place]).sum()
        before, after = self._by_area(self.count.before), self._by_area(self.count.after)
        stations = self.settings.review.police_stations
        return [
            doc.AreaPart(
                area_id=a["area_id"],
                name=a["name"],
                district_id=a["district_id"],
                police_station=a["police_station"] or stations.get(a["district_id"], ""),
                households=maybe(a["households"]),
                **{c: sums[a["area_id"]][c] for c in columns},
                place_per_year=float(placed.get(a["area_id"], 0.0)),
                before_per_year=before.get(a["area_id"], 0.0),
                after_per_year=after.get(a["area_id"], 0.0),
                polygons=self.drawn.block(a["area_id"], a["geometry"]),
            )
            for a in records(self.prepared.inputs.areas)
        ]

    def limit_zones(self) -> list[doc.LimitZone]:
        """Where cameras are refused or their days are limited."""
        return [
            doc.LimitZone(
                zone_id=z["zone_id"],
                rule=z["rule"],
                limit_days=maybe(z["limit_days"]),
                origin=z["origin"],
                polygons=self.drawn.block(f"zone {z['zone_id']}", z["geometry"]),
            )
            for z in records(self.prepared.inputs.zones)
        ]

    def districts(self, sites: list[doc.Site], blocks: list[doc.AreaPart]) -> list[doc.DistrictPart]:
        """Every district: what it gets and what it expects."""
        of_area: dict[str, list[doc.AreaPart]] = defaultdict(list)
        for area in blocks:
            of_area[area.district_id].append(area)
        keeps = [a["district_id"] for a in self.actions.values() if a["kind"] == "keep"]
        parts = []
        for district, areas in of_area.items():
            known = [a.households for a in areas if a.households is not None]
            here = [s for s in sites if s.district_id == district and s.kind != "remove"]
            parts.append(
                doc.DistrictPart(
                    district_id=district,
                    sites=len(here),
                    cameras=sum(s.cameras for s in here),
                    standing=keeps.count(district),
                    households=sum(known) if known else None,
                    expected_per_year=sum(a.expected_per_year for a in areas),
                    place_per_year=sum(a.place_per_year for a in areas),
                    before_per_year=sum(a.before_per_year for a in areas),
                    after_per_year=sum(a.after_per_year for a in areas),
                )
            )
        return parts

    def frontier(self, frontier: Frontier) -> list[doc.FrontierPart]:
        """The plans at other budgets."""
        price = self.prepared.offers.table.set_index("offer_id")["municipality_yen"]
        return [
            doc.FrontierPart(
                municipality_yen=row["municipality_yen"],
                spent_yen=int(price.loc[list(ids)].sum()),
                sites=len(ids),
                value=row["value_per_year"],
                bound=row["bound_per_year"],
                gap=row["gap"],
                status=row["status"],
                offer_ids=list(ids),
                marginal_per_million_yen=row["marginal_per_million_yen"],
                knee=row["knee"],
            )
            for row, ids in zip(records(frontier.table), frontier.offer_ids, strict=True)
        ]


def _worst_precision(areas: pd.DataFrame) -> dict[str, str]:
    """Per area the coarsest precision of any offence group."""
    order = {"point": 0, "area": 1, "city": 2}
    worst: dict[str, str] = {}
    for area_id, precision in zip(areas["area_id"], areas["precision"], strict=True):
        if order[precision] >= order.get(worst.get(area_id, "point"), 0):
            worst[area_id] = precision
    return worst


def shown_views(prepared: Prepared, choice: Choice) -> list[str]:
    """The views that a plan shows: those of chosen sites and of all standing cameras."""
    table = prepared.offers.table
    chosen = set(table.loc[table["offer_id"].isin(choice.chosen["offer_id"]), "action_id"])
    actions = prepared.survey.actions
    wanted = np.asarray(actions["action_id"].isin(chosen) | (actions["kind"] == "keep"))
    seen = np.unique(prepared.survey.action_views[np.flatnonzero(wanted)].indices)
    return [str(v) for v in prepared.survey.views["view_id"].iloc[seen]]


def ledger(programmes: Iterable[Programme], sites: list[doc.Site]) -> list[doc.LedgerPart]:
    """Money by programme."""
    known = {p.id: p for p in programmes}
    parts = []
    for programme_id in dict.fromkeys(s.programme_id for s in sites):
        paid = [s for s in sites if s.programme_id == programme_id]
        paying = [known[name] for name in parts_of(programme_id)]
        parts.append(
            doc.LedgerPart(
                programme_id=programme_id,
                name_ja="＋".join(p.name_ja for p in paying),
                name_en=" + ".join(p.name_en for p in paying),
                sites=len(paid),
                cameras=sum(s.cameras for s in paid),
                cost_yen=sum(s.total_yen for s in paid),
                subsidy_yen=sum(s.subsidy_yen for s in paid),
                payers=add_payers(s.payers for s in paid),
                source="; ".join(p.source for p in paying),
            )
        )
    return parts
