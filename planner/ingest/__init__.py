"""Files in, checked tables out, and an honest list of what was dropped."""

from __future__ import annotations

from planner.ingest.adopting import adopt, shipped_programmes
from planner.ingest.answers import load_answers, remember
from planner.ingest.catalogue import read_programme_file
from planner.ingest.forms import forms as official_forms
from planner.ingest.reading import read
from planner.ingest.recognition import Recognised, Seen, recognise
from planner.ingest.roles import SUPPORTED, Role, RoleColumn, roles
from planner.ingest.sheets import read_day, read_sheets

__all__ = [
    "SUPPORTED",
    "Recognised",
    "Role",
    "RoleColumn",
    "Seen",
    "adopt",
    "load_answers",
    "official_forms",
    "read",
    "read_day",
    "read_programme_file",
    "read_sheets",
    "recognise",
    "remember",
    "roles",
    "shipped_programmes",
]
