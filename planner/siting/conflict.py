"""Which rules fight: an elastic program finds what must give, a deletion filter the rules that cannot stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from planner.errors import InfeasibleError
from planner.siting.model import CoverModel
from planner.siting.program import Program, core_of, program_of, rule_scale, solve, weight_scale
from planner.siting.search import every
from planner.work import Work

SPACING = "spacing"


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
    rows = {name: [first + i] for i, name in enumerate(model.rules)}
    scale = {name: float(s) for name, s in zip(model.rules, rule_scale(model), strict=True)}
    for name in rows:
        if name.startswith("district_floor:"):
            scale[name] = weight_scale(core)
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
    """Rules that no plan keeps together, while without any one of them some plan does; and whether that is proven."""
    named = _named(model)
    if solve(_without(named, list(named.rows)), work, nodes=nodes).status != "infeasible":
        return named, [], False
    must_give = _elastic(named, nodes, work)
    kept = sorted(named.rows, key=lambda name: name in must_give)  # try to do without the innocent ones first
    for name in list(kept):
        fewer = [k for k in kept if k != name]
        if fewer and solve(_without(named, fewer), work, nodes=nodes).status == "infeasible":
            kept = fewer
    return named, sorted(kept), True


def _needed(named: _Named, name: str, others: Sequence[str], nodes: int, work: Work) -> int | None:
    """The least limit of a rule with which the others can stand (None: not found)."""
    if name == SPACING:
        return None
    p = _without(named, others)
    row = named.rows[name][0]
    gain = -np.asarray(named.program.matrix.tocsr()[[row]].todense()).ravel()
    answer = solve(Program(gain, p.matrix, p.low, p.high, p.least, p.most, p.whole), work, nodes=nodes)
    return round(-answer.objective * named.scale[name]) if answer.x.size else None


def explain(model: CoverModel, nodes: int, work: Work) -> InfeasibleError:
    """The refusal that names the rules that fight.

    Returns
    -------
    InfeasibleError
        ``no_plan_keeps_all_rules`` with ``rules`` (a list of name, limit and what the others would need at least;
        for minimum numbers and floors the most that the others allow) and ``listed``, the same in one line.
    """
    named, names, proven = fighting(model, nodes, work)
    limits = dict(zip(model.rules, model.net.limit.tolist(), strict=True))
    rules = []
    for name in names:
        limit = limits.get(name)
        needed = _needed(named, name, [n for n in names if n != name], nodes, work)
        if name.startswith(("district_min:", "district_floor:")):
            limit, needed = -(limit or 0), None if needed is None else -needed
        if name.startswith("district_floor:"):
            rules.append(
                {
                    "rule": name,
                    "limit": round((limit or 0) * model.unit, 6),
                    "needed": None if needed is None else round(needed * model.unit, 6),
                }
            )
        else:
            rules.append({"rule": name, "limit": limit, "needed": needed})
    listed = "; ".join(
        f"{r['rule']} ({r['limit']} / {r['needed']})" if r["limit"] is not None else str(r["rule"]) for r in rules
    )
    return InfeasibleError(
        "no_plan_keeps_all_rules",
        f"no plan keeps all rules: {listed}",
        rules=rules,
        number=len(rules),
        listed=listed,
        proven=proven,
    )
