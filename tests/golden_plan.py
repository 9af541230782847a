"""The plan of the paper town without computing it: the golden file with what it leaves out."""

from __future__ import annotations

import json
from typing import Any

from planner.plan import Plan
from tests.conftest import ROOT


def golden_plan() -> Plan:
    told = json.loads((ROOT / "tests" / "golden" / "paper_town.json").read_text(encoding="utf-8"))
    absent = {"plan_id": "a" * 64, "code_version": "0", "table_hashes": {}, "frontier": [], "assumptions": []}
    absent["run"] = {"created_at": "2026-11-25T00:00:00+09:00", "seconds": 1.0, "work": {}}
    for camera in (*told["sites"], *told["standing"]):
        for zone in (zone for view in camera["views"] for zone in view["zones"]):
            zone["polygons"] = []
    return Plan.model_validate({**absent, **told})


def question_of(plan: Plan) -> dict[str, Any]:
    """The plan without what may differ between two runs of the same question."""
    return plan.model_dump(mode="json", exclude={"run"})
