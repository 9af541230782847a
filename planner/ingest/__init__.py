"""Files in, checked tables out, and an honest list of what was dropped."""

from __future__ import annotations

from planner.ingest.catalogue import read_programme_file
from planner.ingest.reading import read
from planner.ingest.roles import SUPPORTED, UNSUPPORTED, Role, RoleColumn, roles

__all__ = ["SUPPORTED", "UNSUPPORTED", "Role", "RoleColumn", "read", "read_programme_file", "roles"]
