"""The finished plan: tables + settings + sources; recounts itself; same question, same id."""

from planner.plan.again import Verdict, check_same_tables, choice_of, judge, settings_of
from planner.plan.assemble import assemble, code_version, plan_id, remark, table_hashes
from planner.plan.compare import Difference, compare
from planner.plan.document import (
    AreaPart,
    DistrictPart,
    FrontierPart,
    Payers,
    Plan,
    Polygons,
    Remark,
    SettingPart,
    Site,
    StandingPart,
    ViewPart,
)
from planner.plan.recount import Prepared, recount
from planner.plan.scribe import shown_views

__all__ = [
    "AreaPart",
    "Difference",
    "DistrictPart",
    "FrontierPart",
    "Payers",
    "Plan",
    "Polygons",
    "Prepared",
    "Remark",
    "SettingPart",
    "Site",
    "StandingPart",
    "Verdict",
    "ViewPart",
    "assemble",
    "check_same_tables",
    "choice_of",
    "code_version",
    "compare",
    "judge",
    "plan_id",
    "recount",
    "remark",
    "settings_of",
    "shown_views",
    "table_hashes",
]
