"""Files in, checked tables out, and an honest list of what was dropped."""

from __future__ import annotations

from planner.ingest.forms import forms as official_forms
from planner.ingest.reading import read
from planner.ingest.roles import SUPPORTED, Role, RoleColumn, roles

__all__ = ["SUPPORTED", "Role", "RoleColumn", "official_forms", "read", "roles"]
