"""What the commands answer that make, read or judge a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from planner.plan import Change, Cutbacks, Difference, PhasePart, PlacePart, Plan, Verdict, place_of
from planner.replies.faults import Frozen


class RuleReply(Frozen):
    """One rule: its limit and what it costs in covered offences a year, with a proven interval."""

    rule: str
    limit: str
    cost_per_year: float
    low_per_year: float
    high_per_year: float


class RulesReply(Frozen):
    """``rules``: the plan under all rules (its value, its bound, the value counted again), and what each costs, dearest first."""

    value: float
    bound: float
    recounted: float
    rules: list[RuleReply]


class PlanReply(Frozen):
    """``plan``: the plan in figures; amounts in yen, offences a year."""

    plan_id: str
    status: Literal["optimal", "within_gap", "stopped", "infeasible"]
    value: float
    bound: float
    gap: float
    proven_by: Literal["prices", "cuts", "tree", ""]
    sites: int
    cameras: int
    national_yen: int
    prefecture_yen: int
    municipality_yen: int
    local_body_yen: int
    running_yen_per_year: int
    expected_offences_per_year: float
    covered_share_before: float
    covered_share_after: float
    covered_share_by_measure: dict[str, float]  # after the plan; measures are never summed
    value_by_offence: dict[str, float]
    phases: list[PhasePart]
    seconds: float
    files: list[str]

    @classmethod
    def of(cls, plan: Plan, files: list[str]) -> PlanReply:
        """The figures of one plan."""
        return cls(
            plan_id=plan.plan_id,
            status=plan.status,
            value=plan.value,
            bound=plan.bound,
            gap=plan.gap,
            proven_by=plan.proven_by,
            sites=len(plan.sites),
            cameras=plan.cameras,
            **plan.payers.model_dump(),
            running_yen_per_year=plan.running_yen_per_year,
            expected_offences_per_year=plan.expected_offences_per_year,
            covered_share_before=plan.covered_share_before,
            covered_share_after=plan.covered_share_after,
            covered_share_by_measure={m.measure: m.covered_share_after for m in plan.measures if not m.district_id},
            value_by_offence={o.offence_group: o.after_per_year - o.before_per_year for o in plan.offences},
            phases=plan.phases,
            seconds=plan.run.seconds,
            files=files,
        )


class FrontierPointReply(Frozen):
    """The best plan found for one municipal budget."""

    municipality_yen: int
    spent_yen: int
    sites: int
    value: float
    bound: float
    gap: float
    status: str
    marginal_per_million_yen: float | None
    knee: bool


class FrontierReply(Frozen):
    """``frontier``: one point per budget."""

    out: str
    points: list[FrontierPointReply]
    seconds: float


class CellReply(Frozen):
    """A cell that the file's encoding cannot hold as it stands: line of the file, heading, text."""

    line: int
    heading: str
    text: str


class ExportReply(Frozen):
    """``export``: the files written, and the cells whose characters the encoding lacks."""

    plan_id: str
    files: list[str]
    unencodable: list[CellReply]


class ChangeReply(Change):
    """One place that the second plan treats otherwise, and why in words."""

    sentence: str


class CompareReply(Difference):
    """``compare``: what the second plan changes against the first."""

    changes: list[ChangeReply]


class PlaceReply(Frozen):
    """One place; ``code``: ``chosen`` or why it is not; ``place``: the numbers behind the words, null where it is chosen."""

    place_id: str
    name: str
    distance_m: float | None
    site_id: str
    code: str
    sentences: list[str]
    place: PlacePart | None


class WhyReply(Frozen):
    """``why``: of one place, or of those nearest to a point: chosen (``site_id``) or not, by which code, and why in words."""

    plan_id: str
    places: list[PlaceReply]


class AlternativeReply(Frozen):
    """One plan: its value, bound and gap, what it loses against the first, and sites at places that the first uses too."""

    plan_id: str
    status: str
    value: float
    bound: float
    gap: float
    loss_per_year: float
    sites: int
    shared: int
    municipality_yen: int
    file: str


class AlternativesReply(Frozen):
    """``alternatives``: the best plan first; fewer than asked for where no other plan keeps the rules."""

    most_shared: int
    plans: list[AlternativeReply]

    @classmethod
    def of(cls, plans: list[Plan], files: list[Path], most_shared: int) -> AlternativesReply:
        """Plans as they were made, the best first."""
        first = {place_of(s) for s in plans[0].sites}
        return cls(
            most_shared=most_shared,
            plans=[
                AlternativeReply(
                    **{name: getattr(made, name) for name in ("plan_id", "status", "value", "bound", "gap")},
                    loss_per_year=plans[0].value - made.value,
                    sites=len(made.sites),
                    shared=sum(place_of(s) in first for s in made.sites),
                    municipality_yen=made.payers.municipality_yen,
                    file=str(file),
                )
                for made, file in zip(plans, files, strict=True)
            ],
        )


class VerifyReply(Verdict):
    """``verify``: the stored plan counted again on the town's files, and its bound proven anew."""


class CutbackReply(Cutbacks):
    """``cutback``: the plans beside the plan, and the files written."""

    files: list[str]
    seconds: float
