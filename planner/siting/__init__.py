"""Rows, offers and limits in; the chosen offers and a bound out. Covering mathematics: this room never sees the town."""

from __future__ import annotations

from planner.siting.choosing import ProvenChoice, choose
from planner.siting.fronting import frontier
from planner.siting.model import CoverModel, build
from planner.siting.verifying import verify

__all__ = ["CoverModel", "ProvenChoice", "build", "choose", "frontier", "verify"]
