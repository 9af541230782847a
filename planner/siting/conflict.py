"""Which rules fight: an elastic program finds what must give, halving the rules that cannot stand together.

Variables x, y and rules r with amounts a_rc and limits b_r as in ``planner.siting.dual``; z_r in {0, 1} for every rule that bears a
name (``_Named.rows``; all cliques are one rule, ``spacing``): whether it is given up. M_r is what its row can reach at most.

    minimise   sum_r z_r
    subject to sum_c a_rc x_c - [r is a floor] sum_{d(l) = r} n_l y_l - M_r z_r <= b_r,   cover and groups as they are

(``_elastic``; the fewest rules that must give). Then half of the rules, those that need not give first, are taken out of the
whole set: if the rest still has no plan, they stay out, else the half is halved (``fighting``). What is left has no plan, and has
one without any single one of them: an irreducible infeasible set, though there may be one of fewer rules. What the others would need of a rule is the least left side of r under them (``_needed``).

In a large model that program comes to no end. Where prices prove that floors ask for too much, alone or together (``reaching``), the rules
that carry one are let go one by one, as long as prices still prove it of the rest (``_all_needed``; a deletion filter, Chinneck and Dravnieks 1991).

Source: elastic programs, Brown and Graves 1975; halving, Junker 2004, QuickXplain, AAAI-04.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from planner.errors import InfeasibleError, PlannerError
from planner.settings import FloorRule, Settings
from planner.siting import dual, kernels, reaching
from planner.siting.bounds import bound_at
from planner.siting.floors import total_of
from planner.siting.model import CoverModel, build
from planner.siting.program import Program, core_of, floor_scale, program_of, solve
from planner.siting.reaching import Reached, limiting_rules
from planner.siting.rules import SPACING, floor_need
from planner.siting.search import every, floors_of
from planner.siting.using import using
from planner.work import Work

# of the dual that shows a floor to be out of reach: share of Polyak's step (whole, as no good plan is known that it could overshoot),
# rounds without progress before it falls
PACE, PATIENCE = 1.0, 10


@dataclass(frozen=True)
class _Named:
    """The whole model as a program, and the program rows of each rule by name."""

    program: Program
    rows: dict[str, list[int]]
    scale: dict[str, float]  # program units -> units of the rule


def _named(model: CoverModel) -> _Named:
    """The program and its rows by rule name."""
    net = model.net
    core = core_of(model, every(model))
    first = core.layers.weight.size + net.group_keep.size
    rows = dict[str, list[int]]()
    for i, name in enumerate(model.rules):  # two wishes about one site are one rule
        rows.setdefault(name, []).append(first + i)
    scale = {name: float(s) for name, s in zip(model.rules, model.rule_unit, strict=True)}
    own = floor_scale(core)
    for floor in np.unique(net.floor[net.floor >= 0]).tolist():
        scale[model.rules[floor]] = float(own[floor])
    if net.cliques:
        rows[SPACING] = list(range(first + net.limit.size, first + net.limit.size + net.cliques))
    return _Named(program_of(core), rows, scale)


def _without(named: _Named, kept: Sequence[str]) -> Program:
    """The program with only some of the rules, and nothing to win."""
    p = named.program
    high = p.high.copy()
    for name, rows in named.rows.items():
        if name not in kept:
            high[rows] = np.inf
    return Program(np.zeros_like(p.gain), p.matrix, p.low, high, p.least, p.most, p.whole)


def _elastic(named: _Named, nodes: int, work: Work) -> tuple[str, ...]:
    """A smallest number of rules that must give way (empty: none need)."""
    p, names = named.program, list(named.rows)
    wide = sparse.lil_matrix((p.low.size, len(names)))
    reach = abs(p.matrix) @ np.ones(p.gain.size)
    for i, name in enumerate(names):
        for row in named.rows[name]:
            wide[row, i] = -(reach[row] + abs(p.high[row]) + 1.0)
    extra = np.zeros(len(names))
    gain = np.concatenate([np.zeros_like(p.gain), np.full(len(names), -1.0)])
    whole = np.concatenate([p.whole, p.gain.size + np.arange(len(names))])
    program = Program(
        gain,
        sparse.hstack([p.matrix, wide.tocsc()], format="csc"),
        p.low,
        p.high,
        np.concatenate([p.least, extra]),
        np.concatenate([p.most, extra + 1.0]),
        whole,
    )
    answer = solve(program, work, nodes=nodes)
    given_up = answer.x[p.gain.size :] > 0.5 if answer.x.size else np.ones(len(names), bool)
    return tuple(np.array(names)[given_up])


def fighting(model: CoverModel, nodes: int, work: Work) -> tuple[_Named, list[str], bool]:
    """Rules that no plan keeps together, an irreducible set (``_few``), no smallest one; and whether that is proven."""
    named = _named(model)
    if solve(_without(named, list(named.rows)), work, nodes=nodes).status != "infeasible":
        return named, [], False
    must_give = _elastic(named, nodes, work)
    names = sorted(named.rows, key=lambda name: name not in must_give)  # the innocent ones last: they are let go first

    def fight(rules: Sequence[str]) -> bool:
        return solve(_without(named, rules), work, nodes=nodes).status == "infeasible"

    kept = _few(fight, [], names, known=False)
    return named, sorted(kept), True


def _few(
    fight: Callable[[Sequence[str]], bool], base: Sequence[str], rules: Sequence[str], *, known: bool
) -> list[str]:
    """Of rules that fight together with ``base``, an irreducible part that does; ``known``: whether base alone is known not to.

    Halves are let go at once (QuickXplain, Junker 2004), so that few rules among many need few programs. A program that comes
    to no end counts as one that can be kept: then more rules stay than must.
    """
    if not known and base and fight(base):
        return []
    if len(rules) == 1:
        return list(rules)
    half = (len(rules) + 1) // 2
    second = _few(fight, [*base, *rules[:half]], rules[half:], known=False)
    first = _few(fight, [*base, *second], rules[:half], known=not second)
    return [*first, *second]


def _all_needed(
    model: CoverModel, priced: Sequence[str], fight: Callable[[Sequence[str]], bool], work: Work
) -> list[str]:
    """Of the rules with a price those without any one of which the rest are no more proven to fight.

    Let go one by one: most stay, so that halves as in ``_few`` would take more proofs.
    """
    # what a rule of next to no price added may have been needed all the same
    kept = list(priced) if work.stopped or fight(priced) else list(dict.fromkeys((*model.rules, SPACING)))
    names = kept[::-1]
    for number, name in enumerate(names):
        work.step("siting_bound", number, len(names))
        rest = [n for n in kept if n != name]
        if not work.stopped and fight(rest):
            kept = rest
    return kept


def _needed(named: _Named, name: str, others: Sequence[str], nodes: int, work: Work) -> int | None:
    """The least limit of a rule with which the others can stand (None: not found, or not proven to be the least)."""
    if name == SPACING:
        return None
    p = _without(named, others)
    row = named.rows[name][0]
    gain = -np.asarray(named.program.matrix.tocsr()[[row]].todense()).ravel()
    answer = solve(Program(gain, p.matrix, p.low, p.high, p.least, p.most, p.whole), work, nodes=nodes)
    return round(-answer.objective * named.scale[name]) if answer.status == "optimal" else None


def needed_cover(model: CoverModel) -> int:
    """Weight that the floors together ask for, whole units; floors on other measures are no part of the weight."""
    net = model.net
    foreign = np.unique(net.floor[(net.floor >= 0) & (net.need != net.weight)])
    return int(np.maximum(0, -net.limit[np.setdiff1d(floors_of(model), foreign)]).sum())


def keeping(model: CoverModel, names: Sequence[str]) -> CoverModel:
    """The model with these rules alone: another floor asks for nothing, another limit is what all columns use together."""
    net = model.net
    most = np.zeros_like(net.limit)
    np.add.at(most, net.use_rule, np.maximum(0, net.use_amount))
    most[floors_of(model)] = 0
    kept = np.isin(model.rules, list(names))
    net = net._replace(limit=np.where(kept, net.limit, np.maximum(net.limit, most)))
    if SPACING not in names:
        none = net.clique_of[:0]
        net = net._replace(clique_start=np.zeros_like(net.clique_start), clique_of=none, cliques=0)
    return replace(model, net=net)


def _reach_of(alone: CoverModel, rounds: int) -> tuple[int, tuple[str, ...]]:
    """What one district can reach at most, and the rules that limit it."""
    track = dual.begin(alone)
    dual.descend(alone.net, track, dual.money_lines(alone), rounds, 0.0, PACE, PATIENCE)
    prices = dual.found(track)
    reach = bound_at(alone, prices)
    return reach, limiting_rules(alone, prices.rule, prices.clique, reach)


def out_of_reach(model: CoverModel, rounds: int, work: Work) -> InfeasibleError | None:
    """The refusal when a dual bound alone proves that one district's floor cannot be reached; None when it does not.

    The cover of a district within all other rules is at most its dual bound; a floor above it fights with the rules that carry a price
    there, of which those are named that are needed for it. Takes seconds where a program over all columns would take minutes.
    """
    floors = floors_of(model)
    for floor in floors:
        alone, need = reaching.eased(model, (floors == floor).astype(np.float64)), -int(model.net.limit[floor])
        reach, limiting = _reach_of(alone, rounds)
        if reach >= need or work.stopped:
            continue
        few = _all_needed(model, limiting, partial(_is_short, alone, need, rounds), work)
        limit, most = _told(model, model.rules[floor], -_reach_of(keeping(alone, few), rounds)[0])
        rules = [*_limits(model, few), {"rule": model.rules[floor], "limit": limit, "needed": most}]
        return _refusal(model, rules, proven=True)
    return None


def _is_short(alone: CoverModel, need: int, rounds: int, names: Sequence[str]) -> bool:
    """Whether one district cannot reach what it needs under these rules."""
    return _reach_of(keeping(alone, names), rounds)[0] < need


def out_of_reach_together(model: CoverModel, reached: Reached, work: Work) -> InfeasibleError | None:
    """The refusal when prices prove that the floors cannot all be reached at once, though each may be; None when they do not.

    Of the rules it names none could be left out: without it prices prove nothing (unless the work was stopped before that was seen).
    """
    price = reached.price
    if price is None:
        return None

    def fight(names: Sequence[str]) -> bool:
        return reaching.too_much(keeping(model, names), np.where(np.isin(model.rules, list(names)), price, 0.0), work)

    few = _limits(model, _all_needed(model, reached.fighting, fight, work))
    return _refusal(model, [{**rule, "reached": _had(model, rule["rule"], reached)} for rule in few], proven=True)


def unfound(model: CoverModel, reached: Reached) -> PlannerError:
    """What is told where no plan was found, nor a proof that there is none: the floors that the nearest plan found falls short of."""
    names = [model.rules[floor] for floor in floors_of(model)] if reached.near is not None else []
    rules = [{**rule, "reached": _had(model, rule["rule"], reached)} for rule in _limits(model, names)]
    short = [rule for rule in rules if rule["reached"] is not None and rule["reached"] < rule["limit"]]
    what = "no plan was found that keeps all rules, nor a proof that there is none"
    # ``near_plan`` is filled in the user's language
    return PlannerError("no_plan_found", what, rules=_with_names(model, short), near_plan="")


def _had(model: CoverModel, name: str, reached: Reached) -> float | None:
    """What the nearest plan found has of a floor, as the user gave it (None: no floor, or no such plan)."""
    if reached.near is None or not name.startswith(("floor:", "district_floor:")):
        return None
    use = kernels.opened(model.net, reached.near, every(model)).use
    return _told(model, name, int(use[model.rules.index(name)]))[1]


def _limits(model: CoverModel, names: Sequence[str]) -> list[dict[str, Any]]:
    """Rules with their limits; what the others would need is not known."""
    return [{"rule": name, "limit": _told(model, name, None)[0], "needed": None} for name in names]


def explain(model: CoverModel, nodes: int, work: Work) -> InfeasibleError:
    """The refusal that names the rules that fight, the bans and what took offers out among them (of a derived model: none).

    Returns
    -------
    InfeasibleError
        ``no_plan_keeps_all_rules``; ``proven``: whether there is provably no plan; with ``rules`` (a list of name, limit and what the others would need at least;
        for minimum numbers and floors the most that the others allow) and ``listed``, the same in one line.
    """
    if model.derived:
        named = _named(model)
        status = solve(_without(named, list(named.rows)), work, nodes=nodes).status
        return _refusal(model, [], proven=status == "infeasible")
    given = model.given
    loose = build(given.rows, given.offers, given.cliques, given.settings, given.more, loose=True)
    if model.used is not None:
        settled = using(loose, model.used)
        loose = loose if settled is None else settled.model
    named, names, proven = fighting(loose, nodes, work)
    rules: list[dict[str, Any]] = []
    for name in names:
        needed = _needed(named, name, [n for n in names if n != name], nodes, work)
        limit, needed_told = _told(loose, name, needed)
        rules.append({"rule": name, "limit": limit, "needed": needed_told})
    return _refusal(loose, rules, proven=proven)


def _told(model: CoverModel, name: str, needed: int | None) -> tuple[float | None, float | None]:
    """Limit of a rule and what the others need, as the user gave the limit (None: there is no number to tell)."""
    settings = model.given.settings
    days = {"retention_min": settings.retention.min_days, "retention_max": settings.retention.max_days}
    if name in days:
        return days[name], None
    if name == SPACING or name.partition(":")[0] in (
        *("pin", "ban", "local_body_confirmed", "programme_min_days", "programme_max_days"),
    ):
        return None, None
    limit = int(model.net.limit[model.rules.index(name)])
    # what the model has taken off beforehand: changes of the given plan, money kept back for programmes
    off = {"changes": len(settings.rules.given), "municipality_budget": model.reserve_yen + model.charged_yen}
    if name in off:
        return limit + off[name], None if needed is None else needed + off[name]
    floor = _floor_of(settings, name)
    if floor is not None:
        total = total_of(model.given.rows, floor)
        most = None if needed is None else (floor_need(floor.share, total) - (needed - limit)) / total
        return floor.share, None if most is None else round(max(0.0, most), 6)
    if name.startswith(("district_min:", "district_floor:", "programme_min:")):
        limit, needed = -limit, None if needed is None else -needed
    return limit, needed


def _floor_of(settings: Settings, name: str) -> FloorRule | None:
    """The floor of a name, one of a district as one on places (None: no floor, or a model made without settings)."""
    for district in settings.rules.districts:
        if district.floor_share is not None and name == f"district_floor:{district.id}":
            return FloorRule(measure="place", district=district.id, share=district.floor_share)
    return next((floor for floor in settings.rules.floors if floor.name == name), None)


def _refusal(model: CoverModel, rules: list[dict[str, Any]], *, proven: bool) -> InfeasibleError:
    """The refusal with its rules as a list and in one line; a rule of a programme with the programme's name."""
    rules = _with_names(model, rules)
    listed = "; ".join(
        f"{r['rule']} ({r['limit']} / {r['needed']})" if r["limit"] is not None else str(r["rule"]) for r in rules
    )
    return InfeasibleError(
        "no_plan_keeps_all_rules",
        f"no plan keeps all rules: {listed}",
        rules=rules,
        number=len(rules),
        listed=listed,
        fight="",  # filled in the user's language
        proven=proven,
    )


def _with_names(model: CoverModel, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules of programmes with the programme's name."""
    names = model.given.offers.names
    return [{**rule, "named": names.get(rule["rule"].partition(":")[2])} for rule in rules]
