"""What ``programmes`` and ``subsidy`` answer."""

from __future__ import annotations

from planner.programmes import Programme
from planner.replies.faults import Frozen, NoteReply


class ProgrammeReply(Frozen):
    """One programme of a file: what it pays, what is missing before it can be priced, and what its source does not state."""

    id: str
    name_ja: str
    name_en: str
    payer: str
    recipient: str
    rate: str | None
    amount_per_site_yen: int | None
    cap_per_camera_yen: int | None
    cap_per_site_yen: int | None
    cap_total_yen: int | None
    eligible_cost_cap_per_camera_yen: int | None
    eligible_categories: list[str] | None
    first_fiscal_year: int | None
    last_fiscal_year: int | None
    priceable: bool
    missing: list[str]
    unknown: list[str]
    notes: list[NoteReply]

    @classmethod
    def of(cls, programme: Programme, notes: list[NoteReply]) -> ProgrammeReply:
        """One programme and what is doubtful about it."""
        return cls(
            **programme.model_dump(mode="json", include=set(cls.model_fields) - {"notes"}),
            priceable=not programme.missing,
            missing=list(programme.missing),
            unknown=list(programme.unknown),
            notes=notes,
        )


class ProgrammesReply(Frozen):
    """``programmes``: every programme of a file."""

    file: str
    programmes: list[ProgrammeReply]


class StepReply(Frozen):
    """One rule of a subsidy and what it made of the amount."""

    rule: str
    before_yen: int
    after_yen: int


class SubsidyReply(Frozen):
    """``subsidy``: one camera at one site in one application; ``payers`` add up to all costs given."""

    id: str
    eligible_yen: int
    subsidy_yen: int
    payers: dict[str, int]
    steps: list[StepReply]
    notes: list[NoteReply]
