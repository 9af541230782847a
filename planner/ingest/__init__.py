"""Files in, checked tables out, and an honest list of what was dropped."""

from __future__ import annotations

from planner.ingest.answers import load_answers, remember
from planner.ingest.reading import read
from planner.ingest.recognition import Recognised, Seen, recognise
from planner.ingest.roles import SUPPORTED, UNSUPPORTED, Role, RoleColumn, roles

__all__ = [
    "SUPPORTED",
    "UNSUPPORTED",
    "Recognised",
    "Role",
    "RoleColumn",
    "Seen",
    "load_answers",
    "read",
    "recognise",
    "remember",
    "roles",
]
