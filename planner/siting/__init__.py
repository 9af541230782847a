"""Rows, offers and limits in; the chosen offers and a bound out. Covering mathematics: this room never sees the town."""

from __future__ import annotations

from planner.siting.advising import advise
from planner.siting.choosing import ProvenChoice
from planner.siting.fronting import at_point
from planner.siting.model import CoverModel, build
from planner.siting.nested import choose_after, choose_among
from planner.siting.phases import phases
from planner.siting.relaxing import without_rules
from planner.siting.robust import robust, stability
from planner.siting.uniting import frontier
from planner.siting.variants import choose, verify

__all__ = [
    "CoverModel",
    "ProvenChoice",
    "advise",
    "at_point",
    "build",
    "choose",
    "choose_after",
    "choose_among",
    "frontier",
    "phases",
    "robust",
    "stability",
    "verify",
    "without_rules",
]
