"""Plans that lie inside another or hold another: cut-backs, years, what a surplus buys.

The same model (``planner.siting.dual``: variables, rules, objective) with some variables settled. For a given set S of
offers, ``among`` has ``x_o = 0`` for every o outside S that is not keep; ``after`` has ``x_o = 1`` for every o in S. All rules,
the weight of all-keep (``base``) and so the meaning of value and bound stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from planner.errors import PlannerError
from planner.settings import Settings
from planner.siting import choosing
from planner.siting.choosing import ProvenChoice, status_of, tables_of
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.siting.part import Part, part_of
from planner.siting.search import rest
from planner.siting.sweeping import at_budget
from planner.siting.variants import variants
from planner.siting.wished import USE
from planner.work import Work

NO_PLAN = ("no_plan_keeps_all_rules", "no_plan_found")


def choose_among(
    model: CoverModel, settings: Settings, offer_ids: Collection[str], municipality_yen: int, work: Work
) -> ProvenChoice | None:
    """The best plan out of these offers alone for another own-capital limit (None: none keeps the rules)."""

    def part(variant: CoverModel) -> Part:
        columns = np.flatnonzero(np.isin(np.array(variant.offer_ids), list(offer_ids)))
        return part_of(at_budget(variant, municipality_yen), columns)

    return _best(model, settings, part, municipality_yen, work)


def choose_after(
    model: CoverModel,
    settings: Settings,
    offer_ids: Collection[str],
    municipality_yen: int,
    work: Work,
    *,
    minimums: bool = True,
    out_of: Collection[str] | None = None,
) -> ProvenChoice | None:
    """The best plan that holds all of these offers, for another own-capital limit (None: none keeps the rules).

    Parameters
    ----------
    model, settings
        As for ``choose``.
    offer_ids
        What stands already.
    municipality_yen
        Own capital for everything, what stands included.
    work
        Progress and stopping.
    minimums
        Whether pins, floors, least numbers and changes from a given plan must be kept.
    out_of
        The only offers that may be added (None: any).

    Returns
    -------
    ProvenChoice
        Of the whole plan, what stands included; the bound holds for every plan that holds it.

    Raises
    ------
    PlannerError
        ``offer_not_in_model``: an offer of the list is no column (another model's, or one that another replaces).
    """
    known = {offer for variant in variants(model) for offer in variant.model.offer_ids}
    lost = sorted(set(offer_ids) - known)
    if lost:
        raise PlannerError(
            "offer_not_in_model", f"no such columns: {lost[:5]}", number=len(lost), offers=", ".join(lost[:5])
        )

    def part(variant: CoverModel) -> Part | None:
        settled = _standing(variant, offer_ids)
        if settled is None:
            return None
        limited = at_budget(settled if minimums else without_minimums(settled), municipality_yen)
        free = np.isin(settled.net.group_keep[settled.net.column_group], _columns(variant, offer_ids), invert=True)
        if out_of is not None:
            free &= np.isin(np.array(variant.offer_ids), list(out_of))
        return part_of(limited, np.flatnonzero(free))

    return _best(model, settings, part, municipality_yen, work)


def _columns(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The columns of these offers."""
    return np.flatnonzero(np.isin(np.array(model.offer_ids), list(offer_ids)))


def _standing(model: CoverModel, offer_ids: Collection[str]) -> CoverModel | None:
    """The model in which these offers are what their groups have when nothing is done (None: it lacks one of them)."""
    fixed = _columns(model, offer_ids)
    if fixed.size < len(set(offer_ids)):  # an offer of a programme that this variant does not use
        return None
    keep = np.array(model.net.group_keep, np.int64)
    keep[model.net.column_group[fixed]] = fixed
    return replace(model, net=model.net._replace(group_keep=keep))


def without_minimums(model: CoverModel) -> CoverModel:
    """The model without what must be reached: every rule whose limit is below 0 is one that nothing can break."""
    net = model.net
    most = np.zeros(net.limit.size, np.int64)
    np.add.at(most, net.use_rule, np.maximum(net.use_amount, 0))
    return replace(model, net=net._replace(limit=np.where(net.limit < 0, most, net.limit)))


def _best(
    model: CoverModel, settings: Settings, part: Callable[[CoverModel], Part | None], municipality_yen: int, work: Work
) -> ProvenChoice | None:
    """The best over all variants of the model (programmes with charges used or not), with the largest of their bounds."""
    parts = [(variant.model, part(variant.model)) for variant in variants(model)]
    solved = [_solved(whole, made, settings, municipality_yen, work) for whole, made in parts if made is not None]
    found = [choice for choice in solved if choice is not None]
    if not found:
        return None
    best = max(found, key=lambda c: c.value)
    bound = max(c.bound for c in found)
    gap = (bound - best.value) / max(bound, 1e-9)
    status = "stopped" if work.stopped and gap > choosing.OPTIMAL else status_of(gap, settings.siting.gap_goal)
    return replace(best, bound=bound, gap=gap, status=status)


def _solved(
    whole: CoverModel, part: Part, settings: Settings, municipality_yen: int, work: Work
) -> ProvenChoice | None:
    """The best plan of a part as a choice of the whole model."""
    budget = settings.budget.model_copy(update={"own_capital_yen": municipality_yen})
    there = settings.model_copy(update={"budget": budget})
    model = replace(part.model, given=replace(part.model.given, settings=there))
    try:
        found = choosing.choose(model, there, work)
    except PlannerError as error:
        if error.code in NO_PLAN:
            return None
        raise
    standing = {model.offer_ids[c] for c in model.net.group_keep[model.net.group_keep >= 0].tolist()}
    current = _current(whole, {*found.chosen["offer_id"], *(standing & set(found.kept))})
    chosen, kept = tables_of(whole, current)
    value = float(chosen["gain_per_year"].sum())
    bound = max(found.bound, value)
    gap = (bound - value) / max(bound, 1e-9)
    kept = tuple(i for i in kept if not i.startswith(USE))
    return replace(
        found,
        chosen=chosen,
        kept=kept,
        value=value,
        bound=bound,
        gap=gap,
        multipliers=None,
        from_tree=True,
    )


def _current(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The plan that has these offers, everything else left as it is."""
    current = rest(model)
    columns = _columns(model, offer_ids)
    current[model.net.column_group[columns]] = columns
    return current
