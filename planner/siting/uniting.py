"""One frontier of the plans of several variants, where programmes have charges: at each budget the best of their points.

Variants and which of them were solved: ``planner.siting.variants``. What is not drawn is bounded with the whole problem.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner import frames
from planner.settings import Settings
from planner.siting import choosing, fronting
from planner.siting.choosing import ProvenChoice
from planner.siting.curve import marked
from planner.siting.model import CoverModel
from planner.siting.using import using
from planner.siting.variants import Variant, own_variant, solved_one
from planner.work import Work

FINE = 0.05  # of the smallest budget: charges above it are a reason to draw also the plans without any
MOST_ENTRIES = 250_000  # entries and columns of a large model's variants that are drawn


def frontier(model: CoverModel, settings: Settings, choice: frames.Choice, work: Work | None = None) -> frames.Frontier:
    """For each budget the best point of all solved variants (see ``fronting.frontier``), with a bound for all of them."""
    if not isinstance(choice, ProvenChoice) or not choice.variants:
        return fronting.frontier(model, settings, choice, work)
    if not settings.siting.frontier_steps:
        return frames.Frontier(frames.empty("frontier", 0), ())
    work = work or Work()
    drawn = _drawn(model, settings, choice, work)
    # what is not drawn is bounded with the whole; what had no plan at this budget may have one at a larger
    whole = len(drawn) < 2 ** len(model.charges)
    fronts = [fronting.frontier(v.model, settings, c, work, v.part if whole else None) for v, c in drawn]
    tables = [f.table for f in fronts]
    budgets = [int(yen) for yen in tables[0]["municipality_yen"]]
    most = fronting.through(
        np.max([t["bound_per_year"].to_numpy() for t in tables], axis=0),
        budgets.index(settings.budget.own_capital_yen),
        choice.bound,
    )
    lines: list[tuple[int, float, float, float, str]] = []
    ids: list[tuple[str, ...]] = []
    for at, (yen, bound) in enumerate(zip(budgets, most.tolist(), strict=True)):
        rows = [t.iloc[at] for (v, _), t in zip(drawn, tables, strict=True) if v.model.own_limit(yen) >= 0]
        planned = [i for i, t in enumerate(tables) if _planned(t.iloc[at]) and drawn[i][0].model.own_limit(yen) >= 0]
        if not planned:
            none = not whole and all(row["status"] == "infeasible" for row in rows)
            lines.append((yen, 0.0, bound, 1.0, "infeasible" if none else "none_found"))
            ids.append(())
            continue
        best = max(planned, key=lambda i: tables[i]["value_per_year"].iloc[at])
        value = float(tables[best]["value_per_year"].iloc[at])
        gap = frames.gap(value, bound)
        lines.append((yen, value, bound, gap, choosing.status_of(gap, settings.siting.gap_goal)))
        ids.append(fronts[best].offer_ids[at])
    bare = tables[0].drop(columns=["marginal_per_million_yen", "knee"])
    frame = pd.DataFrame(lines, columns=bare.columns).astype(bare.dtypes.to_dict())
    return frames.Frontier(frames.check("frontier", marked(frame)), tuple(ids))


def _planned(row: pd.Series) -> bool:
    """Whether a point of a frontier has a plan."""
    return row["status"] not in frames.UNPLANNED


def _drawn(
    model: CoverModel, settings: Settings, choice: ProvenChoice, work: Work
) -> list[tuple[Variant, ProvenChoice]]:
    """The variants whose plans are drawn: all that are solved of a small model.

    Of a large one the plan's own; where charges or least totals weigh on small budgets the one that uses no such programme; and
    others that are solved, those with few programmes first, as far as they are soon drawn.
    """
    solved = [(v, v.choice) for v in choice.variants if v.choice is not None]
    if model.small:
        return solved
    own, least = own_variant(choice), fronting.FROM_SHARE * settings.budget.own_capital_yen * FINE
    drawn = [pair for pair in solved if pair[0] is own]
    if own.model.charged_yen > least or any(c.least_yen for c in model.charges if c.programme in own.used):
        drawn += [pair for pair in solved if not pair[0].used] or _without_any(model, settings, drawn, work)
    for pair in sorted(solved, key=lambda pair: len(pair[0].used)):
        entries = sum(v.model.net.pattern_layer.size + v.model.columns for v, _ in (*drawn, pair))
        if entries <= MOST_ENTRIES and not any(v is pair[0] for v, _ in drawn):
            drawn.append(pair)
    return drawn


def _without_any(
    model: CoverModel, settings: Settings, others: Sequence[tuple[Variant, ProvenChoice]], work: Work
) -> list[tuple[Variant, ProvenChoice]]:
    """The combination that uses no programme with charges, solved (nothing where it has no plan)."""
    part = using(model, ())
    if part is None:
        return []
    variant = Variant((), model, part)
    found, _ = solved_one(variant, [v for v, _ in others], settings, work, patient=False)
    return [(variant, found.choice)] if found is not None and found.choice is not None else []
