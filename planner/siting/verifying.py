"""verify: value, rules and bound recomputed from the tables, in the plainest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import PlannerError
from planner.programmes import parts_of
from planner.siting import search
from planner.siting.bounds import bound_at, check_bound
from planner.siting.choosing import ProvenChoice
from planner.siting.closer import fixed_core
from planner.siting.model import CoverModel, Given
from planner.siting.net import Ints
from planner.siting.rules import floor_need
from planner.siting.search import Plan
from planner.siting.triples import Tight, bound_of

TOLERANCE = 1e-9


def verify(model: CoverModel, choice: frames.Choice) -> None:
    """Recount a choice from the tables the model was made from, without the model's layers and columns.

    Parameters
    ----------
    model
        From ``build``; only ``given`` is used for value and rules.
    choice
        Any choice over those offers. If it carries prices, the bound that they prove is recomputed as well.

    Raises
    ------
    PlannerError
        ``choice_refused`` with ``rule``: ``known_offers``, ``available``, ``one_per_group``, a rule's name as in
        ``build`` (``municipality_budget`` ...), ``spacing``, ``value``, ``gains``, ``bound``, ``gap``; and ``found``, ``limit``.
        ``bound_below_plan``: its prices prove less than it covers.
    """
    given = model.given
    table = given.offers.table.set_index("offer_id", drop=False)
    ids = [*choice.chosen["offer_id"], *choice.kept]
    unknown = [i for i in ids if i not in table.index]
    if unknown:
        raise _refusal("known_offers", unknown[0], "-")
    picked = table.loc[ids]
    for rule, found, limit in _checks(given, table, picked):
        if found > limit:
            raise _refusal(rule, found, limit)
    _check_value(model, choice, table, picked)
    _check_bound(model, choice)


def _refusal(rule: str, found: object, limit: object) -> PlannerError:
    """The refusal of a choice by rule."""
    return PlannerError("choice_refused", f"{rule}: {found} against {limit}", rule=rule, found=found, limit=limit)


def _checks(given: Given, table: pd.DataFrame, picked: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """Every rule as (name, found, limit): found <= limit."""
    budget = given.settings.budget
    yield "available", int((picked["why_not"] != "").sum()), 0
    yield "one_per_group", int(picked["group_id"].value_counts().max()) if len(picked) else 0, 1
    standing = set(table.loc[table["kind"] == "keep", "group_id"])
    yield "one_per_group", len(standing - set(picked["group_id"])), 0
    charges = fixed_charges(given.offers.caps, picked)
    yield "municipality_budget", int(picked["municipality_yen"].sum()) + charges[0], budget.own_capital_yen
    if budget.running_yen_per_year is not None:
        running = int(picked[frames.running_column(picked)].sum()) + charges[1]
        yield "running_budget", running, budget.running_yen_per_year
    yield "local_body_budget", int(picked["local_body_yen"].sum()), budget.local_body_yen or 0
    for cap in given.offers.caps.to_dict("records"):
        programme = cap["programme_id"]
        here, subsidy = frames.paid_by(picked, programme)
        paid = picked[here]
        units = len(paid) if cap.get("units_of") == "site" else int(paid["cameras"].sum())
        if not pd.isna(cap["cap_total_yen"]):
            yield f"programme_total:{programme}", int(subsidy.sum()), int(cap["cap_total_yen"])
        if not pd.isna(cap["max_units"]):
            yield f"programme_units:{programme}", units, int(cap["max_units"])
        yield from _charge_checks(cap, subsidy[here])
    yield from _wish_checks(given, table, picked)
    installs = set(picked.loc[picked["kind"].isin(frames.INSTALLS), "group_id"])
    members = given.cliques.drop_duplicates()
    crowded = Counter(members.loc[members["group_id"].isin(installs), "clique_id"])
    yield "spacing", max(crowded.values(), default=0), 1
    yield from _district_checks(given, picked)


def fixed_charges(caps: pd.DataFrame, picked: pd.DataFrame) -> tuple[int, int]:
    """What the programmes that pay for any of the picked offers cost once: municipality yen, running yen a year."""
    used = caps[caps["programme_id"].isin({part for i in picked["programme_id"] for part in parts_of(i)})]
    columns = ("fixed_municipality_yen", "fixed_running_yen_per_year")
    once = [int(used[c].sum()) if c in used else 0 for c in columns]
    return once[0], once[1]


def _charge_checks(cap: Mapping[Hashable, Any], subsidies: Ints) -> Iterator[tuple[str, int, int]]:
    """The least total of a programme, if it pays for anything."""
    if len(subsidies) and not pd.isna(cap.get("min_total_yen")):
        yield f"programme_min:{cap['programme_id']}", -int(subsidies.sum()), -int(cap["min_total_yen"])


def _wish_checks(given: Given, table: pd.DataFrame, picked: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """Pins, bans, changes from the given plan, and rules given as they stand."""
    rules = given.settings.rules
    for wish in rules.pins:
        there = [_named(offer, wish.site, ("keep", "remove")) for offer in picked.to_dict("records")]
        yield f"pin:{wish.site}", -sum(there), -1
    for wish in rules.bans:
        there = [_named(offer, wish.site, ("keep",)) for offer in picked.to_dict("records")]
        yield f"ban:{wish.site}", sum(there), 0
    yield from _moving_checks(table, picked)
    if rules.max_changes is not None:
        chosen = set(picked["action_id"])
        sites = set(table.loc[table["action_id"].isin(rules.given), "group_id"])
        new = picked[(picked["kind"] != "keep") & ~picked["group_id"].isin(sites)]
        yield "changes", len(set(rules.given) - chosen) + len(new), rules.max_changes
    if rules.most_shared is not None:
        for number, others in enumerate(rules.unlike, start=1):
            places = set(table.loc[table["action_id"].isin(others), "group_id"])
            again = picked["group_id"].isin(places) & (picked["kind"] != "keep")
            yield f"shared:{number}", int(again.sum()), rules.most_shared
    for linear in given.more:
        yield linear.name, sum(linear.amount.get(i, 0) for i in picked["offer_id"]), linear.limit


def _moving_checks(table: pd.DataFrame, picked: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """No more cameras used again than removed, per model; no install where a camera still hangs."""
    if "reused_model_id" not in table:
        return
    removed = picked[picked["kind"] == "remove"]
    for model, used in picked[picked["kind"] == "install_reused"].groupby("reused_model_id"):
        yield f"reuse:{model}", int(used["cameras"].sum()), int((removed["reused_model_id"] == model).sum())
    for camera, at in picked[picked["needs_removed"] != ""].groupby("needs_removed"):
        yield f"mount_free:{camera}", len(at), int((removed["group_id"] == f"c:{camera}").sum())


def _named(offer: Mapping[Hashable, Any], site: str, but: tuple[str, ...]) -> bool:
    """Whether a wish about a site means this offer."""
    if offer["action_id"] == site:
        return True
    return offer["group_id"] in (site, f"m:{site}", f"c:{site}") and offer["kind"] not in but


def _district_checks(given: Given, picked: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """Numbers of changed sites and floors."""
    table = given.rows.table
    place = (table["measure"] == "place").to_numpy()
    weight = table["weight_micro"].to_numpy()
    level = best_level(given.rows, picked["action_id"].tolist())
    changed = picked[~picked["kind"].isin(["keep", "remove"])]
    for floor in given.settings.rules.floors:
        here = (table["measure"] == floor.measure).to_numpy()
        if floor.district:
            here = here & (table["district_id"] == floor.district).to_numpy()
        need = floor_need(floor.share, int(weight[here].sum()) * given.rows.steps)
        yield floor.name, -int((weight[here] * level[here]).sum()), -need
    for rule in given.settings.rules.districts:
        number = int((changed["district_id"] == rule.id).sum())
        if rule.min_sites is not None:
            yield f"district_min:{rule.id}", -number, -rule.min_sites
        if rule.max_sites is not None:
            yield f"district_max:{rule.id}", number, rule.max_sites
        if rule.floor_share is not None:
            here = place & (table["district_id"] == rule.id).to_numpy()
            total = int(weight[here].sum()) * given.rows.steps
            yield (
                f"district_floor:{rule.id}",
                -int((weight[here] * level[here]).sum()),
                -floor_need(rule.floor_share, total),
            )


def best_level(rows: frames.Rows, action_ids: list[str]) -> np.ndarray:
    """Per row the best ladder step that any of the actions gives."""
    where = {action_id: i for i, action_id in enumerate(rows.action_ids)}
    level = np.zeros(len(rows.table), np.int64)
    for action_id in action_ids:
        one = rows.quality[[where[action_id]]]
        np.maximum.at(level, one.indices, np.rint(one.data * rows.steps).astype(np.int64))
    return level


def _check_value(model: CoverModel, choice: frames.Choice, table: pd.DataFrame, picked: pd.DataFrame) -> None:
    """Value: the best camera counts per row, over all-keep; gains add up to it."""
    rows = model.given.rows
    weight = rows.table["weight_micro"].to_numpy() * (rows.table["measure"] == "place").to_numpy()
    keeps = table[(table["kind"] == "keep") & (table["why_not"] == "")]
    after = int((weight * best_level(rows, picked["action_id"].tolist())).sum())
    before = int((weight * best_level(rows, keeps["action_id"].tolist())).sum())
    value = (after - before) * model.unit
    if abs(value - choice.value) > TOLERANCE * max(1.0, abs(value)):
        raise _refusal("value", choice.value, value)
    gains = float(choice.chosen["gain_per_year"].sum())
    if abs(gains - choice.value) > TOLERANCE * max(1.0, abs(value)):
        raise _refusal("gains", gains, choice.value)


def _check_bound(model: CoverModel, choice: frames.Choice) -> None:
    """The bound is not below the value, and not below what the prices prove, or those of its cuts, unless the tree went further."""
    slack = TOLERANCE * max(1.0, abs(choice.bound))
    if choice.bound < choice.value - slack:
        raise _refusal("bound", choice.bound, choice.value)
    gap = (choice.bound - choice.value) / max(choice.bound, 1e-9)
    if abs(gap - choice.gap) > TOLERANCE * max(1.0, abs(gap)):
        raise _refusal("gap", choice.gap, gap)
    if not isinstance(choice, ProvenChoice):
        return
    proof = choice.cut if choice.proven_by == "cuts" else None
    if choice.proven_by == "prices" and choice.multipliers is not None:
        proof = (model, choice.multipliers)
    units = bound_at(*proof) if proof is not None else None
    if choice.proven_by == "cuts" and choice.tight is not None:
        units = _tight_bound(model, choice, choice.tight)
    if units is not None:
        proven = units * model.unit
        check_bound(proven, choice.value, TOLERANCE)
        if proven > choice.bound + slack:
            raise _refusal("bound", choice.bound, proven)


def _tight_bound(model: CoverModel, choice: ProvenChoice, tight: Tight) -> int:
    """What the prices of a core prove, once those of the linear program have shown that no better plan leaves the core."""
    plan = Plan(search.of_offers(model, choice.chosen["offer_id"]), round(choice.value / model.unit), np.zeros(0))
    if choice.multipliers is not None:
        for column in np.setdiff1d(fixed_core(model, choice.multipliers, plan), tight.columns):
            raise _refusal("bound", model.offer_ids[column], "core")
    return max(plan.gain, bound_of(model, tight))
