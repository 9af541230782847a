"""The finished plan: tables + settings + sources; recounts itself; same question, same id."""

from planner.plan.again import Verdict, check_same_tables, choice_of, judge, settings_of
from planner.plan.assemble import assemble, code_version, plan_id, remark, table_hashes
from planner.plan.compare import Difference, compare
from planner.plan.document import (
    AreaPart,
    DistrictPart,
    FrontierPart,
    Plan,
    Polygons,
    Remark,
    SettingPart,
    Site,
    StandingPart,
    TodayCamera,
    ViewPart,
    ZonePart,
)
from planner.plan.duties import AddedPart, Duties, HostPart, OutsidePart, Warned, WeighedPart
from planner.plan.keeping import CURVE_DAYS, Beside
from planner.plan.ledgers import keep_books
from planner.plan.ledgers_again import audit
from planner.plan.money import SOURCES, Ledgers, Payers
from planner.plan.recount import Prepared, chosen_offers, recount
from planner.plan.scribe import shown_views
from planner.plan.seen import today_part

__all__ = [
    "CURVE_DAYS",
    "SOURCES",
    "AddedPart",
    "AreaPart",
    "Beside",
    "Difference",
    "DistrictPart",
    "Duties",
    "FrontierPart",
    "HostPart",
    "Ledgers",
    "OutsidePart",
    "Payers",
    "Plan",
    "Polygons",
    "Prepared",
    "Remark",
    "SettingPart",
    "Site",
    "StandingPart",
    "TodayCamera",
    "Verdict",
    "ViewPart",
    "Warned",
    "WeighedPart",
    "ZonePart",
    "assemble",
    "audit",
    "check_same_tables",
    "choice_of",
    "chosen_offers",
    "code_version",
    "compare",
    "judge",
    "keep_books",
    "plan_id",
    "recount",
    "remark",
    "settings_of",
    "shown_views",
    "table_hashes",
    "today_part",
]
