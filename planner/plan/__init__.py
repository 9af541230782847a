"""The finished plan: tables + settings + sources; recounts itself; same question, same id."""

from planner.plan.again import Verdict, check_same_tables, choice_of, judge, settings_of
from planner.plan.assemble import assemble, code_version, plan_id
from planner.plan.compare import Difference, compare
from planner.plan.document import Plan
from planner.plan.recount import Prepared, recount
from planner.plan.scribe import shown_views

__all__ = [
    "Difference",
    "Plan",
    "Prepared",
    "Verdict",
    "assemble",
    "check_same_tables",
    "choice_of",
    "code_version",
    "compare",
    "judge",
    "plan_id",
    "recount",
    "settings_of",
    "shown_views",
]
