"""Answering questions in a real browser that reaches no other machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from planner.text import say
from tests.browser import CHROMIUM, browser, server
from tests.computed import ROOT
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_BLOCKS, TWO_THEFTS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]
STANDING = '[standing]\nfile = "cameras.csv"\n\n[siting]\nfrontier_steps = 2\nresamples = 0\n'
CAMERAS = "camera_id,北緯,東経\nC1,36.00036,139.83389\nC2,36.00045,139.83444\nC3,36.0004,x\n"
PICTURES = ROOT / "out" / "screens"


def test_questions_are_answered_on_the_data_page(tmp_path: Path) -> None:
    town = tmp_path / "town"
    town.mkdir()
    (town / "town.toml").write_text(TOWN + AREAS + CRIME + STANDING, encoding="utf-8")
    (town / "areas.geojson").write_text(TWO_BLOCKS, encoding="utf-8")
    (town / "crime.csv").write_text(TWO_THEFTS, encoding="utf-8")
    (town / "cameras.csv").write_text(CAMERAS, encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with server(town, tmp_path / "cache") as address, browser() as chromium:
        page = chromium.open(address)
        page.get_by_role("link", name=say("ja", "app.to_data")).click()
        expect(page.get_by_text(say("ja", "app.questions.heading", number=2))).to_be_visible()
        expect(page.get_by_role("radio", name=say("ja", "app.questions.proposed", choice="東経"))).to_be_checked()
        page.screenshot(path=PICTURES / "questions_ja.png", full_page=True)
        page.get_by_role("button", name=say("ja", "app.questions.save")).click()
        expect(page.get_by_text(say("ja", "app.questions.in_force", number=2))).to_be_visible(timeout=120_000)
        expect(page.get_by_text(say("ja", "reason.coordinate_unreadable")).first).to_be_attached()
        with page.expect_download() as download:
            page.get_by_role("button", name=say("ja", "app.data.save_set_aside")).click()
        assert "C3" in Path(download.value.path()).read_text(encoding="utf-8-sig")
        page.screenshot(path=PICTURES / "answered_ja.png", full_page=True)
        assert '"standing:column_for:lon" = "東経"' in (town / "town.toml").read_text(encoding="utf-8")
        assert chromium.outside == []
