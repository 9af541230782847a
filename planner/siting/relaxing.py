"""without_rules: what the plan could cover if one rule fell, from the plan that stands: a short search and a bound, no tree.

With the rule's limit put where nothing can break it, the prices that prove the bound of the whole problem still prove one:
``dual``'s L at these prices and price 0 for the rule. The plan that stands keeps all other rules, so that a search from it finds
no less. A small model is solved to the end instead, in every variant (``variants``). Bans take columns out; to price them they are put back as rules of their
own (``ban:SITE``), once for all bans.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner import frames
from planner.settings import Settings
from planner.siting import search
from planner.siting.bounds import bound_at, check_bound
from planner.siting.choosing import ROUNDING, ProvenChoice
from planner.siting.model import CoverModel, Multipliers, build
from planner.siting.pricing import found_prices, inside, shortlist
from planner.siting.search import Plan
from planner.siting.using import using
from planner.siting.variants import Variant, own_variant, solved_one, variants
from planner.siting.wished import Linear, at_site
from planner.work import Work

ROUNDS = 10  # of search for each rule
BOUND_ROUNDS = 100  # of the dual for each rule, from the prices of the whole problem


@dataclass(frozen=True)
class _Side:
    """A large problem, prices that prove its bound, and whether its plans count (else only its bound does)."""

    model: CoverModel
    prices: Multipliers
    plans: bool = True


def without_rules(
    model: CoverModel, settings: Settings, choice: ProvenChoice, names: Sequence[str], work: Work
) -> Iterator[tuple[str, float, float]]:
    """For each rule what a plan without it covers, as found, and what none can exceed, offences a year.

    Parameters
    ----------
    model, settings, choice
        As for ``choose``, and its answer.
    names
        Rules of the model, ``ban:SITE`` for a ban, ``shared`` for being unlike earlier plans.
    work
        Where it is stopped the remaining rules are left out.
    """
    problems, sides = {False: model}, dict[bool, list[_Side]]()
    if any(name.startswith("ban:") for name in names):
        problems[True] = _with_bans_as_rules(model, settings)
    for name in names:
        if work.stopped:
            return
        ban = name.startswith("ban:")
        free = relaxed(problems[ban], name)
        if free is None:  # nothing that could be chosen meets the rule: without it all is the same
            yield name, choice.value, choice.value
            continue
        if free.small:
            found = _proven(free, settings, choice, work)
        else:
            sides[ban] = sides.get(ban) or _sides(problems[ban], settings, choice, work, known=not ban)
            freed = [replace(side, model=m) for side in sides[ban] if (m := relaxed(side.model, name)) is not None]
            found = [_searched(side, settings, choice, work) for side in freed]
        value, bound = max([choice.value, *(v for v, _ in found)]), max(b for _, b in found)
        check_bound(bound, value, ROUNDING)
        yield name, value, max(bound, value)  # equal but for rounding


def relaxed(model: CoverModel, name: str) -> CoverModel | None:
    """The model in which nothing can break the rules of that name (None: it has none)."""
    at = [k for k, rule in enumerate(model.rules) if rule == name or (name == "shared" and rule.startswith("shared:"))]
    if not at:
        return None
    net = model.net
    most = np.zeros(net.limit.size, np.int64)
    np.add.at(most, net.use_rule, np.maximum(net.use_amount, 0))
    limit = net.limit.copy()
    limit[at] = most[at]
    return replace(model, net=net._replace(limit=limit), derived=True)


def _sides(model: CoverModel, settings: Settings, choice: ProvenChoice, work: Work, *, known: bool) -> list[_Side]:
    """The problem; with charges the variant of the plan, which finds plans, and the whole, which bounds all variants.

    ``known``: the choice's prices are for this model.
    """
    if not model.charges:
        return [_Side(model, (choice.multipliers if known else None) or _prices(model, settings, work))]
    prices = _prices(model, settings, work)
    part = using(model, own_variant(choice).used)
    own = [] if part is None else [_Side(part.model, inside(part, prices))]
    return [*own, _Side(model, prices, plans=False)]


def _prices(model: CoverModel, settings: Settings, work: Work) -> Multipliers:
    return found_prices(model, 0, settings.siting.dual_rounds, work)[0]


def _with_bans_as_rules(model: CoverModel, settings: Settings) -> CoverModel:
    """The problem with what is banned among the columns, each ban a rule that says none of it."""
    given, table = model.given, model.given.offers.table
    changes = (table["kind"] != "keep").to_numpy()
    bans = [
        Linear(f"ban:{w.site}", dict.fromkeys(table.loc[(at_site(table, w.site) > 0) & changes, "offer_id"], 1), 0)
        for w in settings.rules.bans
    ]
    free = settings.model_copy(update={"rules": settings.rules.model_copy(update={"bans": ()})})
    return build(given.rows, given.offers, given.cliques, free, (*given.more, *bans))


def _proven(model: CoverModel, settings: Settings, choice: ProvenChoice, work: Work) -> list[tuple[float, float]]:
    """Value and bound of every variant of a small problem but those that provably have no plan."""
    # budget and rules of ``settings``, or without the bans that are rules here
    wished = settings.model_copy(update={"rules": model.given.settings.rules})
    stands = Variant((), model, choice=choice)
    solved = [solved_one(variant, [stands], wished, work, patient=True)[0] for variant in variants(model)]
    return [((v.choice or choice).value, v.bound) for v in solved if v is not None]


def _searched(side: _Side, settings: Settings, choice: frames.Choice, work: Work) -> tuple[float, float]:
    """Value found and bound of a large problem with a rule less."""
    free, prices = side.model, side.prices
    start = search.settle(
        free,
        search.of_offers(free, free.column_of.keys() & set(choice.chosen["offer_id"])),
        search.dual_price(free, prices),
        0,
        settings.siting.seed,
    )
    gain = start.gain if start is not None else 0
    with work.quiet():
        tighter, _ = found_prices(free, gain, BOUND_ROUNDS, work, prices)
    bound = min(bound_at(free, p) for p in (prices, tighter))
    if start is None or not side.plans:
        return choice.value, bound * free.unit
    active = shortlist(free, tighter)
    price = search.dual_price(free, tighter)
    best = search.better(start, search.settle(free, start.current, price, search.PASSES, settings.siting.seed, active))
    found: Plan = search.Refiller(free, best or start, tighter, settings.siting.seed).run(ROUNDS, work)
    return found.gain * free.unit, bound * free.unit
