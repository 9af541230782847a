"""Gathers what a plan owes besides coverage: days, hosts, goals, rules that took offers away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from planner.frames import PAYERS, Choice
from planner.plan import keeping, kpi
from planner.plan.document import Offence, Site, StandingPart
from planner.plan.duties import AddedPart, Duties, KeptPart, KpiPart, RemovedPart
from planner.plan.hosts import calendar, hosts
from planner.plan.keeping import Beside, Weighing
from planner.plan.recount import Prepared, Recounter, chosen_offers, records
from planner.plan.scribe import Scribe
from planner.settings import Settings
from planner.terms import edited


def duties(
    prepared: Prepared,
    settings: Settings,
    choice: Choice,
    scribe: Scribe,
    parts: tuple[list[Site], list[StandingPart], list[Offence]],
    outlines: gpd.GeoDataFrame,
    beside: Beside,
) -> Duties:
    """The parts of the document that are duties rather than coverage.

    Parameters
    ----------
    prepared, settings, choice, scribe
        As `assemble` has them.
    parts
        Sites, standing cameras and offences of the document.
    outlines
        Picture areas of the views that the plan shows.
    beside
        What other rooms tell of the choice.
    """
    sites, standing, offences = parts
    inputs, wish = prepared.inputs, settings.coverage
    chosen = chosen_offers(prepared, choice)
    more = [beside.one_more] if beside.one_more else []
    counter = Recounter(prepared, settings, [*(o["action_id"] for o in chosen), *more])
    keeps = {a["camera_id"]: a for _, a in counter.actions.values() if a["kind"] == "keep"}
    addresses = {c: scribe.where.of(a) for c, a in keeps.items()}
    band, agreement = wish.handling_band, agreement_days(settings)
    places = _places(prepared, sites, standing, keeps, addresses)
    when = calendar(settings.schedule, settings.funding.fiscal_year, inputs.steps)
    states = hosts(sites, inputs.steps, when)
    years = kpi.fiscal_years(when.fiscal_year, settings.schedule.plan_years)
    return Duties(
        kept=[KeptPart(**row) for row in records(beside.kept)],
        handling_days=band,
        agreement_days=agreement,
        outside=keeping.outside(standing, keeps, addresses, prepared.offers.tiers),
        storage=keeping.storage(sites),
        weighed=keeping.weigh(counter, places, band, agreement, prepared.offers.tiers),
        one_more=_one_more(prepared, scribe, counter, list(places), beside.one_more, band),
        hosts=states,
        kpi=_kpi(prepared, settings, counter, (sites, standing), list(places), outlines, states, years),
        fiscal_years=years,
        detectable=kpi.detectable(offences, settings.schedule.plan_years),
        removed=removed(prepared),
        programmes=list(edited(inputs.programmes, settings.programmes)),
    )


def agreement_days(settings: Settings) -> float:
    """Handling under an agreement with the police: as set, else the least handling time."""
    stated = settings.coverage.agreement_days
    return settings.coverage.handling_band[0] if stated is None else float(stated)


def _places(
    prepared: Prepared,
    sites: Sequence[Site],
    standing: Sequence[StandingPart],
    keeps: dict[str, dict[str, Any]],
    addresses: dict[str, str],
) -> dict[str, dict[str, Any]]:
    """Actions in place after the plan: its sites, then the standing cameras that it leaves and that count."""
    places: dict[str, dict[str, Any]] = {}
    for site in sites:
        if site.kind == "remove" or site.retention_days is None:
            continue
        bought = keeping.tier_prices(prepared.offers.tiers, site.tier_id)
        places[site.site_id] = {
            "id": site.site_id,
            "kind": site.kind,
            "address": site.address,
            "days": site.retention_days,
            "max_days": math.nan if site.max_days is None else site.max_days,
            "bought_yen": bought[0],
            "bought_running_yen": bought[1],
        }
    for camera in standing:
        keep = keeps[camera.camera_id]
        if camera.decision == "keep" and keep["count_share"] > 0:
            places[keep["action_id"]] = {
                "id": camera.camera_id,
                "kind": "keep",
                "address": addresses[camera.camera_id],
                "days": keep["retention_days"],
                "max_days": keep["max_days"],
                "bought_yen": 0,
                "bought_running_yen": 0,
            }
    return places


def _one_more(
    prepared: Prepared,
    scribe: Scribe,
    counter: Recounter,
    in_place: Sequence[str],
    action_id: str,
    band: tuple[float, float, float],
) -> AddedPart | None:
    """One camera more, where it would add most: its gain and what it costs of own money."""
    if not action_id:
        return None
    weighing = Weighing(counter, in_place)
    table = prepared.offers.table
    offer = records(table[(table["action_id"] == action_id) & (table["programme_id"] == "")])[0]
    cost = sum(offer[f"{p}_yen"] for p in PAYERS)
    gains = [weighing.joined(action_id, h) for h in (band[1], band[2], band[0])]
    action = counter.actions[action_id][1]
    added = keeping.added(gains, int(cost), int(offer["running_yen_per_year"]), days=float(action["retention_days"]))
    return added.model_copy(update={"address": scribe.where.of(action)})


def _kpi(
    prepared: Prepared,
    settings: Settings,
    counter: Recounter,
    parts: tuple[list[Site], list[StandingPart]],
    in_place: Sequence[str],
    outlines: gpd.GeoDataFrame,
    states: Sequence[Any],
    years: Sequence[int],
) -> list[KpiPart]:
    """The sheet of indicators."""
    sites, standing = parts
    keeps = [i for i, (_, a) in counter.actions.items() if a["kind"] == "keep" and a["count_share"] > 0]
    numbers = kpi.counted(prepared.inputs, standing, sites)
    routes = prepared.inputs.targets[prepared.inputs.targets["kind"] == kpi.SCHOOL_ROUTE]
    if len(routes):
        lengths = (kpi.route_length_m(routes, outlines, _views(prepared, counter, ids)) for ids in (keeps, in_place))
        before, after = lengths
        numbers["school_route_m"] = (before, after)
    assumed = settings.coverage.handling_band[1]
    before, after = (Weighing(counter, ids).kept_share(assumed) for ids in (keeps, in_place))
    numbers["kept_share"] = (before, after)
    return kpi.sheet(numbers, sites, states, years, settings.schedule.plan_years)


def _views(prepared: Prepared, counter: Recounter, action_ids: Sequence[str]) -> list[str]:
    """The views of some actions."""
    rows = [counter.actions[i][0] for i in action_ids]
    seen = set(prepared.survey.action_views[rows].indices.tolist()) if rows else set()
    return [str(counter.views[at]["view_id"]) for at in sorted(seen)]


def removed(prepared: Prepared) -> list[RemovedPart]:
    """How many offers each rule took away, by programme; an offer that several rules refuse counts under each."""
    table = prepared.offers.table
    refused = table.loc[table["why_not"] != "", ["why_not", "programme_id", "action_id"]]
    each = refused.assign(rule=refused["why_not"].str.split(" ")).explode("rule")
    groups = each.groupby(["rule", "programme_id"], sort=True)["action_id"]
    return [
        RemovedPart(rule=str(rule), programme_id=str(programme), offers=len(part), actions=part.nunique())
        for (rule, programme), part in groups
    ]
