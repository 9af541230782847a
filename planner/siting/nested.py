"""Plans that lie inside another or hold another: cut-backs, years, what a surplus buys.

The same model (``planner.siting.dual``: variables, rules, objective) with some variables settled. For a given set S of
offers, ``among`` has ``x_o = 0`` for every o outside S that is not keep; ``after`` has ``x_o = 1`` for every o in S. All rules,
the weight of all-keep (``base``) and so the meaning of value and bound stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planner import frames
from planner.errors import InfeasibleError, PlannerError
from planner.settings import Settings
from planner.siting.bounds import check_bound
from planner.siting.choosing import ROUNDING, ProvenChoice, tables_of
from planner.siting.model import CoverModel
from planner.siting.net import Ints
from planner.siting.part import Part, part_of
from planner.siting.search import of_offers
from planner.siting.sweeping import at_budget
from planner.siting.variants import best_of
from planner.work import Work

Found = tuple[ProvenChoice | None, frames.SideStatus]


def choose_among(
    model: CoverModel, settings: Settings, offer_ids: Collection[str], municipality_yen: int, work: Work
) -> Found:
    """The best plan out of these offers alone for another own-capital limit, and how it stands (see ``choose_after``)."""
    part = part_of(at_budget(model, municipality_yen), _columns(model, offer_ids))
    return _solved(model, part, settings, municipality_yen, work, ())


def choose_after(
    model: CoverModel,
    settings: Settings,
    offer_ids: Collection[str],
    municipality_yen: int,
    work: Work,
    *,
    minimums: bool = True,
    out_of: Collection[str] | None = None,
    near: Sequence[frames.Choice] = (),
) -> Found:
    """The best plan that holds all of these offers, for another own-capital limit, and how it stands.

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
    near
        Choices of nearly the same problem, to begin with.

    Returns
    -------
    ProvenChoice or None, and its status
        Of the whole plan, what stands included; the bound holds for every plan that holds it. None with ``infeasible``: provably no
        plan keeps the rules; with ``none_found``: none was found, nor a proof that there is none.

    Raises
    ------
    PlannerError
        ``offer_not_in_model``: an offer of the list is no column (another model's, or one that another replaces).
    """
    settled = _standing(model, offer_ids)
    limited = at_budget(settled if minimums else without_minimums(settled), municipality_yen)
    free = np.isin(settled.net.group_keep[settled.net.column_group], _columns(model, offer_ids), invert=True)
    if out_of is not None:
        free &= pd.Index(model.offer_ids).isin(list(out_of))
    return _solved(model, part_of(limited, np.flatnonzero(free)), settings, municipality_yen, work, near)


def _columns(model: CoverModel, offer_ids: Collection[str]) -> Ints:
    """The columns of these offers."""
    return np.flatnonzero(pd.Index(model.offer_ids).isin(list(offer_ids)))


def _standing(model: CoverModel, offer_ids: Collection[str]) -> CoverModel:
    """The model in which these offers are what their groups have when nothing is done."""
    return replace(model, net=model.net._replace(group_keep=of_offers(model, offer_ids)))


def without_minimums(model: CoverModel) -> CoverModel:
    """The model without what must be reached: every rule whose limit is below 0 is one that nothing can break."""
    net = model.net
    most = np.zeros(net.limit.size, np.int64)
    np.add.at(most, net.use_rule, np.maximum(net.use_amount, 0))
    return replace(model, net=net._replace(limit=np.where(net.limit < 0, most, net.limit)))


def _solved(
    whole: CoverModel,
    part: Part,
    settings: Settings,
    municipality_yen: int,
    work: Work,
    near: Sequence[frames.Choice],
) -> Found:
    """The best plan of a part as a choice of the whole model, and how it stands."""
    budget = settings.budget.model_copy(update={"own_capital_yen": municipality_yen})
    there = settings.model_copy(update={"budget": budget})
    model = replace(part.model, given=replace(part.model.given, settings=there), derived=True)
    try:
        with work.apart():  # what is proven here is not of the plan
            found = best_of(model, there, work, near)
    except InfeasibleError:
        return None, "infeasible"
    except PlannerError as error:
        if error.code == "no_plan_found":
            return None, "none_found"
        raise
    standing = {model.offer_ids[c] for c in model.net.group_keep[model.net.group_keep >= 0].tolist()}
    current = of_offers(whole, {*found.chosen["offer_id"], *(standing & set(found.kept))})
    chosen, kept = tables_of(whole, current)
    value = float(chosen["gain_per_year"].sum())
    check_bound(found.bound, value, ROUNDING)
    bound = max(found.bound, value)  # equal but for rounding
    gap = frames.gap(value, bound)
    whole_plan = replace(
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
    return whole_plan, whole_plan.status
