"""Other answers to the same wishes: a plan that keeps to an earlier one, and clearly different plans near the best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from planner import coverage, frames, plan, siting, study
from planner.errors import InfeasibleError
from planner.settings import Merged
from planner.work import Work

Layers = tuple[tuple[str, Mapping[str, Any]], ...]


def keep_to(
    inputs: frames.Inputs, layers: Layers, earlier: plan.Plan, max_changes: int | None, work: Work
) -> plan.Plan:
    """A plan that changes at most so many sites of an earlier one and keeps what is under negotiation (P13).

    Raises
    ------
    As `study.decide`; ``wish_unknown_site`` also where a place under negotiation is no longer in the town's files.
    """
    rules = study.wishes(inputs, *layers).settings.rules
    kept = plan.keeping_to(earlier, rules, max_changes, inputs.steps)
    merged = study.wishes(inputs, *layers, ("--from-plan", kept))
    return study.decide(study.prepare(inputs, merged.settings, work), merged, work)


def alternatives(
    prepared: plan.Prepared, merged: Merged, number: int, most_shared_share: float, work: Work
) -> Iterator[plan.Plan]:
    """The best plan, then so many clearly different ones, each the best found that shares few places with all before.

    At most ``most_shared_share`` of the best plan's sites (rounded down) may be at places that an earlier one uses: a
    linear rule like any other (``rules.unlike``), so that each has its own bound and can be verified. A stricter number that
    the user asked for stays. Each is settled like any plan: made safe against chance, spread over years. Ends early where no
    plan keeps the rules any more, and where the work is stopped.

    Parameters
    ----------
    prepared, merged
        As of `study.prepare` and `study.wishes`.
    number
        Of alternatives.
    most_shared_share
        0: no place in common.
    """
    alone = frames.Frontier(frames.empty("frontier", 0), ())
    unlike = [*merged.settings.rules.unlike]
    best: plan.Plan | None = None
    for _ in range(number + 1):
        most = 0 if best is None else most_shared(most_shared_share, len(best.sites))
        wished = merged if best is None else _unlike(merged, unlike, most)
        try:
            model = study.pose(prepared, wished.settings, work)
            whole = siting.choose(model, wished.settings, work)
            siting.verify(model, whole)
            choice = study.settled(prepared, model, wished.settings, whole, work)
        except InfeasibleError:
            if best is None:
                raise
            return
        views = coverage.outline(prepared.inputs, prepared.survey, plan.shown_views(prepared, choice))
        drawn = plan.Outlines(views, None, prepared.survey.mounts)
        made = plan.assemble(prepared, wished, choice, alone, drawn)
        yield made
        best = best or made
        unlike.append(tuple(s.site_id for s in made.sites))
        if work.stopped:
            return


def most_shared(share: float, sites: int) -> int:
    """Number of places that a share of so many sites is, the share as it is written, rounded down."""
    return math.floor(Fraction(str(share)) * sites)


def _unlike(merged: Merged, unlike: list[tuple[str, ...]], most: int) -> Merged:
    """The same wishes for a plan that shares at most so many places with each of these, or fewer where that was wished."""
    wished = merged.settings.rules
    most = most if wished.most_shared is None else min(most, wished.most_shared)
    rules = wished.model_copy(update={"unlike": tuple(unlike), "most_shared": most})
    origins = {**merged.origins, "rules.unlike": "alternatives", "rules.most_shared": "alternatives"}
    return Merged(merged.settings.model_copy(update={"rules": rules}), origins)
