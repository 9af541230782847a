"""What each table is: columns, units, geometry; and the check at each door.

Tables are (geo)data frames with a key and typed columns whose last word is the unit. All geometry stands in
one metric CRS per study; degrees are refused. What is not a table (``sees``, ``quality``) is a sparse matrix
whose two index orders are those of the tables beside it. Nobody writes into a table it was given.
"""

from planner.frames.checking import TABLES, check, empty
from planner.frames.choices import Advice, Choice, Frontier, Phase, Robust, SideStatus, Status
from planner.frames.columns import Column, Table
from planner.frames.demand import Demand, Profile, Validation
from planner.frames.inputs import Account, Inputs, Tally, Town
from planner.frames.offers import Offers, paid_by, running_column
from planner.frames.views import Extreme, Imagined, Pose, Rows, Sightings, Survey, Today
from planner.frames.words import (
    ACTION_KINDS,
    BETWEEN_IDS,
    COST_CATEGORIES,
    DATE_PRECISIONS,
    MATCH_LEVELS,
    MEASURES,
    METHODS,
    MICRO,
    MOUNT_KINDS,
    OUTCOMES,
    PLACE_KINDS,
    PRECISIONS,
    PRIORS,
    SHIPPED_NOTE,
    SPLITS,
    STEPS,
    SURFACES,
    TARGET_KINDS,
    TIERS,
    UNITS,
    USES,
    YEARLY_CATEGORIES,
    ZONE_RULES,
    Kind,
)
from planner.programmes import PAYERS

__all__ = [
    "ACTION_KINDS",
    "BETWEEN_IDS",
    "COST_CATEGORIES",
    "DATE_PRECISIONS",
    "MATCH_LEVELS",
    "MEASURES",
    "METHODS",
    "MICRO",
    "MOUNT_KINDS",
    "OUTCOMES",
    "PAYERS",
    "PLACE_KINDS",
    "PRECISIONS",
    "PRIORS",
    "SHIPPED_NOTE",
    "SPLITS",
    "STEPS",
    "SURFACES",
    "TABLES",
    "TARGET_KINDS",
    "TIERS",
    "UNITS",
    "USES",
    "YEARLY_CATEGORIES",
    "ZONE_RULES",
    "Account",
    "Advice",
    "Choice",
    "Column",
    "Demand",
    "Extreme",
    "Frontier",
    "Imagined",
    "Inputs",
    "Kind",
    "Offers",
    "Phase",
    "Pose",
    "Profile",
    "Robust",
    "Rows",
    "SideStatus",
    "Sightings",
    "Status",
    "Survey",
    "Table",
    "Tally",
    "Today",
    "Town",
    "Validation",
    "check",
    "empty",
    "paid_by",
    "running_column",
]
