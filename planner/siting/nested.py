"""Plans that lie inside another or hold another: cut-backs, years, what a surplus buys.

The same model (``planner.siting.dual``: variables, rules, objective) with some variables settled. For a given set S of
offers, ``among`` has ``x_o = 0`` for every o outside S that is not keep; ``after`` has ``x_o = 1`` for every o in S. All rules,
the weight of all-keep (``base``) and so the meaning of value and bound stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.errors import PlannerError
from planner.settings import Settings
from planner.siting.choosing import ProvenChoice, tables_of
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.siting.part import Part, part_of
from planner.siting.search import rest
from planner.siting.sweeping import at_budget
from planner.siting.variants import best_of
from planner.work import Work

NO_PLAN = ("no_plan_keeps_all_rules", "no_plan_found")


def choose_among(
    model: CoverModel, settings: Settings, offer_ids: Collection[str], municipality_yen: int, work: Work
) -> ProvenChoice | None:
    """The best plan out of these offers alone for another own-capital limit (None: none was found that keeps the rules)."""
    part = part_of(at_budget(model, municipality_yen), _columns(model, offer_ids))
    return _solved(model, part, settings, municipality_yen, work)


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
    """The best plan that holds all of these offers, for another own-capital limit (None: none was found that keeps the rules).

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
    lost = sorted(set(offer_ids) - set(model.offer_ids))
    if lost:
        raise PlannerError(
            "offer_not_in_model", f"no such columns: {lost[:5]}", number=len(lost), offers=", ".join(lost[:5])
        )

    settled = _standing(model, offer_ids)
    limited = at_budget(settled if minimums else without_minimums(settled), municipality_yen)
    free = np.isin(settled.net.group_keep[settled.net.column_group], _columns(model, offer_ids), invert=True)
    if out_of is not None:
        free &= pd.Index(model.offer_ids).isin(list(out_of))
    return _solved(model, part_of(limited, np.flatnonzero(free)), settings, municipality_yen, work)


def _columns(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The columns of these offers."""
    return np.flatnonzero(pd.Index(model.offer_ids).isin(list(offer_ids)))


def _standing(model: CoverModel, offer_ids: Collection[str]) -> CoverModel:
    """The model in which these offers are what their groups have when nothing is done."""
    fixed = _columns(model, offer_ids)
    keep = np.array(model.net.group_keep, np.int64)
    keep[model.net.column_group[fixed]] = fixed
    return replace(model, net=model.net._replace(group_keep=keep))


def without_minimums(model: CoverModel) -> CoverModel:
    """The model without what must be reached: every rule whose limit is below 0 is one that nothing can break."""
    net = model.net
    most = np.zeros(net.limit.size, np.int64)
    np.add.at(most, net.use_rule, np.maximum(net.use_amount, 0))
    return replace(model, net=net._replace(limit=np.where(net.limit < 0, most, net.limit)))


def _solved(
    whole: CoverModel, part: Part, settings: Settings, municipality_yen: int, work: Work
) -> ProvenChoice | None:
    """The best plan of a part as a choice of the whole model."""
    budget = settings.budget.model_copy(update={"own_capital_yen": municipality_yen})
    there = settings.model_copy(update={"budget": budget})
    model = replace(part.model, given=replace(part.model.given, settings=there))
    try:
        found = best_of(model, there, work)
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
    return replace(
        found,
        chosen=chosen,
        kept=kept,
        value=value,
        bound=bound,
        gap=gap,
        multipliers=None,
        cut=None,
        variants=(),
    )


def _current(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The plan that has these offers, everything else left as it is."""
    current = rest(model)
    columns = _columns(model, offer_ids)
    current[model.net.column_group[columns]] = columns
    return current
