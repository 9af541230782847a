"""The plan of the paper town."""

from __future__ import annotations

import pytest

from planner.plan import Plan
from tests.golden_plan import golden_plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return golden_plan()
