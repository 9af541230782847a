"""Programmes with fixed charges or a least total: every combination of used and unused ones, each a problem of its own.

The binary z_g of a programme (x_o <= z_g for its offers; once fixed_yen_g z_g; min_total_g z_g <= sum subsidy x) is
not left to branch and bound, where its relaxation is weak, but enumerated: there are few such programmes. In a variant

* an unused programme's offers are out;
* a used one has a group of one column that must stand, costs what its use costs, and films nothing; and its least total
  is a plain rule.

The best variant is the best plan, and the largest of the variants' bounds is a bound for all.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from planner import frames
from planner.errors import InfeasibleError, Note, PlannerError
from planner.programmes import parts_of
from planner.settings import Settings
from planner.siting import choosing, fronting
from planner.siting.bounds import bound_at
from planner.siting.choosing import ProvenChoice
from planner.siting.curve import marked
from planner.siting.model import CoverModel, Given, Multipliers, build
from planner.siting.pricing import found_prices
from planner.siting.rules import available_programmes, reserve
from planner.siting.verifying import verify as verify_one
from planner.siting.wished import USE
from planner.work import Prove, Work

MOST = 5  # programmes with charges: 32 problems
UNUSED = "programme_unused"
OPEN = ("no_plan_found", "stopped_without_plan")  # a variant of which it is not known whether it has a plan
CHARGES = ("fixed_municipality_yen", "fixed_running_yen_per_year")


@dataclass(frozen=True)
class Variant:
    """One combination of used programmes: its problem and, once solved, its choice (None: none was found).

    Where none was found and none is proven not to exist, ``prices`` prove how much there can be at most.
    """

    used: tuple[str, ...]
    model: CoverModel
    choice: ProvenChoice | None = None
    prices: Multipliers | None = None

    @property
    def bound(self) -> float:
        """What no plan of this combination can pass, offences a year."""
        if self.choice is not None:
            return self.choice.bound
        return 0.0 if self.prices is None else max(0.0, bound_at(self.model, self.prices) * self.model.unit)


def charged(offers: frames.Offers, settings: Settings) -> list[str]:
    """Programmes whose use costs something by itself, beyond what is kept in reserve, or must reach a least total."""
    caps = offers.caps
    charge = np.zeros(len(caps), bool)
    for column in (*CHARGES, "min_total_yen"):
        if column in caps:
            charge |= (caps[column].fillna(0) > 0).to_numpy(bool)
    at_all = available_programmes(offers) - set(reserve(offers, settings)[1])
    return sorted(p for p in caps.loc[charge, "programme_id"] if p in at_all)


def variants(model: CoverModel) -> list[Variant]:
    """The problem once per combination of used programmes (itself alone where no programme has such terms).

    Raises
    ------
    PlannerError
        ``too_many_programmes``: more than ``MOST``.
    """
    given = model.given
    programmes = charged(given.offers, given.settings)
    if not programmes:
        return [Variant((), model)]
    if len(programmes) > MOST:
        raise PlannerError("too_many_programmes", f"{programmes}", number=len(programmes), most=MOST)
    sets = itertools.chain.from_iterable(itertools.combinations(programmes, n) for n in range(len(programmes), -1, -1))
    return [Variant(used, _model(given, programmes, used)) for used in sets]


def _model(given: Given, programmes: Sequence[str], used: tuple[str, ...]) -> CoverModel:
    """The problem in which just these programmes are used."""
    offers, rows = given.offers, given.rows
    out = set(programmes) - set(used)
    unused = offers.table["programme_id"].map(lambda i: bool(out.intersection(parts_of(i)))).astype(bool)
    unused &= offers.table["why_not"] == ""
    table = offers.table.assign(why_not=offers.table["why_not"].mask(unused, UNUSED))
    if used:
        table = pd.concat([table, _uses(offers, used)], ignore_index=True)
        empty = sparse.csr_matrix((len(used), rows.quality.shape[1]))
        ids = (*rows.action_ids, *(USE + p for p in used))
        rows = replace(rows, quality=sparse.csr_matrix(sparse.vstack([rows.quality, empty])), action_ids=ids)
    charges = [c for c in CHARGES if c in offers.caps]  # they stand in the table now
    caps = offers.caps.copy()
    caps.loc[caps["programme_id"].isin(programmes), charges] = 0
    return build(rows, replace(offers, table=table, caps=caps), given.cliques, given.settings, given.more)


def _uses(offers: frames.Offers, used: Sequence[str]) -> pd.DataFrame:
    """One offer per used programme that must stand: what its use costs."""
    caps = {str(cap["programme_id"]): cap for cap in offers.caps.to_dict("records")}
    records: list[dict[str, Any]] = []
    for programme in used:
        cap = caps[programme]
        row = {c: "" if offers.table[c].dtype.kind not in "iu" else 0 for c in offers.table.columns}
        row |= dict.fromkeys(("offer_id", "action_id", "group_id"), USE + programme)
        row |= {
            "kind": "keep",
            "municipality_yen": int(cap.get("fixed_municipality_yen", 0)),
            frames.running_column(offers.table): int(cap.get("fixed_running_yen_per_year", 0)),
        }
        records.append(row)
    return pd.DataFrame(records, columns=offers.table.columns).astype(offers.table.dtypes.to_dict())


def choose(model: CoverModel, settings: Settings, work: Work | None = None) -> ProvenChoice:
    """The best plan over all variants, with the largest of their bounds (see ``choosing.choose`` for the rest).

    Raises
    ------
    InfeasibleError
        ``no_plan_keeps_all_rules``: as said of the variant that uses every programme, else of the last one.
    PlannerError
        ``no_plan_found``: none was found in any variant, nor proven that there is none.
    """
    choosing.check_limits(model, settings)
    every = variants(model)
    if len(every) == 1:
        return _with_reserve(model, choosing.choose(model, settings, work))
    work = work or Work()
    prove = work.prove
    solved: list[Variant] = []
    refusal: PlannerError | None = None
    try:
        for variant in every:
            # until the last variant there is no bound for all, and a bound for some would be read as one
            work.prove = _of_all(prove, solved) if variant is every[-1] else _unheard
            try:
                solved.append(replace(variant, choice=choosing.choose(variant.model, settings, work)))
            except InfeasibleError as error:
                refusal = refusal or error
            except PlannerError as error:
                if error.code not in OPEN:
                    raise
                # what is not known of this variant must not hide what is known of the others
                solved.append(
                    replace(variant, prices=found_prices(variant.model, 0, settings.siting.dual_rounds, work)[0])
                )
                refusal = error
    finally:
        work.prove = prove
    if all(v.choice is None for v in solved):
        raise refusal or PlannerError("no_plan_found", "no variant was solved")
    best = _best(solved, settings)
    work.prove(best.value, best.bound)
    return _with_reserve(model, best)


def _with_reserve(model: CoverModel, choice: ProvenChoice) -> ProvenChoice:
    """The choice with a note on what it keeps back."""
    kept, programmes = reserve(model.given.offers, model.given.settings)
    if not kept:
        return choice
    note = Note("rounding_reserve", {"amount": kept, "number": len(programmes)})
    return replace(choice, notes=(*choice.notes, note))


def _unheard(_value: float, _bound: float) -> None:
    """Say nothing."""


def _of_all(prove: Prove, solved: Sequence[Variant]) -> Prove:
    """What is known of all variants while the last one is being solved."""
    values = [v.choice.value for v in solved if v.choice is not None]
    bounds = [v.bound for v in solved]

    def told(value: float, bound: float) -> None:
        prove(max([value, *values]), max([bound, *bounds]))

    return told


def _best(solved: list[Variant], settings: Settings) -> ProvenChoice:
    """The best of the solved variants, bounded by all."""
    choices = [v.choice for v in solved if v.choice is not None]
    best = max(choices, key=lambda c: c.value)
    bound = max(v.bound for v in solved)
    gap = (bound - best.value) / max(bound, 1e-9)
    status = choosing.status_of(gap, settings.siting.gap_goal)
    notes = tuple({n.code: n for c in choices for n in c.notes}.values()) if status == "stopped" else ()
    return replace(
        best,
        kept=_without_uses(best.kept),
        bound=bound,
        gap=gap,
        status=status,
        notes=notes,
        multipliers=None,
        variants=tuple(solved),
    )


def _without_uses(offer_ids: Sequence[str]) -> tuple[str, ...]:
    """Offers of the town: what stands for the use of a programme is none."""
    return tuple(i for i in offer_ids if not i.startswith(USE))


def frontier(model: CoverModel, settings: Settings, choice: frames.Choice, work: Work | None = None) -> frames.Frontier:
    """For each budget the best point of all variants (see ``fronting.frontier``), with the largest of their bounds."""
    solved: tuple[Variant, ...] = choice.variants if isinstance(choice, ProvenChoice) else ()
    if not solved:
        return fronting.frontier(model, settings, choice, work)
    fronts = [fronting.frontier(v.model, settings, v.choice, work) for v in solved if v.choice is not None]
    tables = [f.table for f in fronts]
    most = np.max([t["bound_per_year"].to_numpy() for t in tables], axis=0)
    every = 2 ** len(charged(model.given.offers, model.given.settings))
    if len(fronts) < every:  # what had no plan at this budget may have one at a larger
        budgets = tables[0]["municipality_yen"].tolist()
        most = np.maximum(most, fronting.bounds_of(model, settings, choice, budgets, work or Work()))
    lines, ids = [], []
    for at, bound in enumerate(most.tolist()):
        best = max(range(len(fronts)), key=lambda i: tables[i]["value_per_year"].iloc[at])
        row = tables[best].iloc[at]
        value, gap = row["value_per_year"], (bound - row["value_per_year"]) / max(bound, 1e-9)
        planned = row["status"] != "infeasible" and row["gap"] < 1.0
        status = choosing.status_of(gap, settings.siting.gap_goal) if planned else row["status"]
        lines.append((row["municipality_yen"], value, bound, gap if planned else 1.0, status))
        ids.append(fronts[best].offer_ids[at])
    bare = tables[0].drop(columns=["marginal_per_million_yen", "knee"])
    frame = pd.DataFrame(lines, columns=bare.columns).astype(bare.dtypes.to_dict())
    return frames.Frontier(frames.check("frontier", marked(frame)), tuple(ids))


def verify(model: CoverModel, choice: frames.Choice) -> None:
    """Recount a choice and what proves it (see ``verifying.verify``), in every variant that the choice rests on."""
    verify_one(model, choice)
    for variant in choice.variants if isinstance(choice, ProvenChoice) else ():
        if variant.choice is not None:
            verify_one(variant.model, variant.choice)
        if variant.bound > choice.bound * (1 + 1e-9) + 1e-12:
            raise PlannerError(
                "choice_refused",
                f"bound {choice.bound} below that of {variant.used}",
                rule="bound",
                found=choice.bound,
                limit=variant.bound,
            )
