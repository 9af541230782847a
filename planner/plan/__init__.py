"""The finished plan: tables + settings + sources; recounts itself; same question, same id."""

from planner.plan.advice import Advice, ExchangePart, PlacePart, PricePart, RequestPart, nearest
from planner.plan.advised import price_parts
from planner.plan.again import Verdict, check_same_tables, choice_of, judge, settings_of
from planner.plan.assemble import assemble, code_version, plan_id, remark, table_hashes
from planner.plan.compare import Difference, compare
from planner.plan.cutbacks import (
    NO_PLAN,
    Cutbacks,
    CutSite,
    OtherPlan,
    OtherSite,
    Tender,
    goes_at,
    other_plan,
    other_sites,
)
from planner.plan.differing import Change, changes, keeping_to, negotiated, place_of
from planner.plan.document import (
    AreaPart,
    DistrictPart,
    FrontierPart,
    LimitZone,
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
from planner.plan.outlines import Outlines
from planner.plan.recount import Prepared, chosen_offers, recount
from planner.plan.repriced import repriced
from planner.plan.scribe import shown_views
from planner.plan.seen import today_part
from planner.plan.years import PhasePart

__all__ = [
    "CURVE_DAYS",
    "NO_PLAN",
    "SOURCES",
    "AddedPart",
    "Advice",
    "AreaPart",
    "Beside",
    "Change",
    "CutSite",
    "Cutbacks",
    "Difference",
    "DistrictPart",
    "Duties",
    "ExchangePart",
    "FrontierPart",
    "HostPart",
    "Ledgers",
    "LimitZone",
    "OtherPlan",
    "OtherSite",
    "Outlines",
    "OutsidePart",
    "Payers",
    "PhasePart",
    "PlacePart",
    "Plan",
    "Polygons",
    "Prepared",
    "PricePart",
    "Remark",
    "RequestPart",
    "SettingPart",
    "Site",
    "StandingPart",
    "Tender",
    "TodayCamera",
    "Verdict",
    "ViewPart",
    "Warned",
    "WeighedPart",
    "ZonePart",
    "assemble",
    "audit",
    "changes",
    "check_same_tables",
    "choice_of",
    "chosen_offers",
    "code_version",
    "compare",
    "goes_at",
    "judge",
    "keep_books",
    "keeping_to",
    "nearest",
    "negotiated",
    "other_plan",
    "other_sites",
    "place_of",
    "plan_id",
    "price_parts",
    "recount",
    "remark",
    "repriced",
    "settings_of",
    "shown_views",
    "table_hashes",
    "today_part",
]
