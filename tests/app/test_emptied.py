"""A limit can be emptied in the browser, where Streamlit would put a field's own value back."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from planner.text import say
from tests.browser import CHROMIUM, browser, server
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]


def test_a_limit_is_emptied_and_stays_so(paper: Computed) -> None:
    plan = paper.kept.plan()
    with server(paper.town, paper.cache) as address, browser() as chromium:
        for name, key, now in (
            ("plan", "w-max", plan.setting("retention.max_days")),
            ("plan", "w-budget-running_yen_per_year", plan.setting("budget.running_yen_per_year") // 10_000),
            ("funding", "f-retention-min_days", plan.setting("retention.min_days")),
        ):
            page = chromium.open(f"{address}{name}")
            field = page.locator(f".st-key-{key} input")
            expect(field).to_have_value(str(now))
            field.fill("")
            field.press("Tab")
            expect(field).to_have_value("")
            expect(field).to_have_attribute("placeholder", say("ja", "show.no_rule"))
            page.close()
