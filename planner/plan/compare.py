"""Two plans side by side, from their documents alone."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from planner.plan.document import Plan


class Difference(BaseModel):
    """What the second plan changes against the first (site ids; amounts second minus first)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_plan_id: str
    second_plan_id: str
    added: list[str]
    removed: list[str]
    kept: list[str]
    value_per_year: float
    bound_per_year: float
    total_yen: int
    national_yen: int
    prefecture_yen: int
    municipality_yen: int
    local_body_yen: int
    running_yen_per_year: int
    covered_share_after: float
    same_inputs: bool
    changed_settings: list[str]


def compare(first: Plan, second: Plan) -> Difference:
    """Sites added, removed and kept; differences of value and money; whether both ask about the same tables."""
    ids = [{s.site_id for s in plan.sites} for plan in (first, second)]
    values = [{s.key: s.value for s in plan.settings} for plan in (first, second)]
    return Difference(
        first_plan_id=first.plan_id,
        second_plan_id=second.plan_id,
        added=[s.site_id for s in second.sites if s.site_id not in ids[0]],
        removed=[s.site_id for s in first.sites if s.site_id not in ids[1]],
        kept=[s.site_id for s in second.sites if s.site_id in ids[0]],
        value_per_year=second.value - first.value,
        bound_per_year=second.bound - first.bound,
        total_yen=second.total_yen - first.total_yen,
        national_yen=second.payers.national_yen - first.payers.national_yen,
        prefecture_yen=second.payers.prefecture_yen - first.payers.prefecture_yen,
        municipality_yen=second.payers.municipality_yen - first.payers.municipality_yen,
        local_body_yen=second.payers.local_body_yen - first.payers.local_body_yen,
        running_yen_per_year=second.running_yen_per_year - first.running_yen_per_year,
        covered_share_after=second.covered_share_after - first.covered_share_after,
        same_inputs=first.table_hashes == second.table_hashes,
        changed_settings=sorted(k for k in values[0].keys() | values[1].keys() if values[0].get(k) != values[1].get(k)),
    )
