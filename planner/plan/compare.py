"""Two plans side by side, from their documents alone."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from planner.plan.differing import place_of
from planner.plan.document import Plan, Site


class Difference(BaseModel):
    """What the second plan changes against the first, by place as `fates` (site ids; amounts second minus first)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_plan_id: str
    second_plan_id: str
    added: list[str]
    moved: list[str]
    removed: list[str]
    changed: list[str]
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


Fate = Literal["added", "moved", "removed", "changed", "kept"]
FATES: tuple[Fate, ...] = get_args(Fate)


def fates(first: Plan, second: Plan) -> list[tuple[Fate, Site]]:
    """What becomes of each place, with its site in the second plan (in the first where it is gone).

    ``moved``: a camera of today is hung up again there; ``changed``: the same place, another action or payer.
    """
    one, two = ({place_of(s): s for s in plan.sites} for plan in (first, second))
    found = [(_fate(one.get(place), site), site) for place, site in two.items()]
    return [*found, *(("removed", site) for place, site in one.items() if place not in two)]


def _fate(before: Site | None, after: Site) -> Fate:
    """What becomes of a place that the second plan has."""
    if before is None:
        return "moved" if after.kind == "install_reused" else "added"
    return "kept" if before.offer_id == after.offer_id else "changed"


def compare(first: Plan, second: Plan) -> Difference:
    """What becomes of the places; differences of value and money; whether both ask about the same tables."""
    becomes: dict[str, list[str]] = {fate: [] for fate in FATES}
    for fate, site in fates(first, second):
        becomes[fate].append(site.site_id)
    values = [{s.key: s.value for s in plan.settings} for plan in (first, second)]
    return Difference(
        first_plan_id=first.plan_id,
        second_plan_id=second.plan_id,
        **becomes,
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
