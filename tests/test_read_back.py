"""What we export, we import: a list of sites becomes the next study's standing cameras, wherever it was written to."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from planner import ingest, show
from planner.cli import ExportFormat
from planner.plan import Plan
from planner.text import LANGUAGES, Language, say
from planner.work import Work
from tests.ingest.read_back import READ_BACK
from tests.paper_town import TOWN_TOML, write
from tests.show.conftest import build


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Sites with odd names, put on the streets of the paper town."""
    made = build()
    sites = [s.model_copy(update={"east_m": 10.0 + 15 * n, "north_m": 50.0}) for n, s in enumerate(made.sites)]
    return made.model_copy(update={"sites": sites})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", READ_BACK)
def test_exported_sites_are_read_back_as_standing_cameras(
    plan: Plan, tmp_path: Path, form: ExportFormat, language: Language
) -> None:
    """Without a word about columns in ``town.toml``: our own headings are known, in both languages."""
    town = write(tmp_path / "town")
    show.export(plan, town / show.file_name(form), form, language)
    named = READ_BACK[form].replace("設置箇所", say(language, "sheet.sites"))
    toml = re.sub(r"\[standing\]\n(?:\w.*\n)*", named, TOWN_TOML)
    asked = f'"standing:cameras_removed:{show.file_name(form)}"'  # a site that is taken down is asked about
    (town / "town.toml").write_text(f'{toml}\n[answers]\n{asked} = "aside"\n', encoding="utf-8")
    found = ingest.read(town, Work()).standing.set_index("camera_id")
    standing = [s for s in plan.sites if s.kind != "remove"]
    assert set(found.index) == {s.site_id for s in standing}
    assert len(standing) < len(plan.sites)
    for site in standing:
        row = found.loc[site.site_id]
        assert np.hypot(row.geometry.x - site.east_m, row.geometry.y - site.north_m) < 0.02
        assert row["mount_id"] == site.mount_id
        if site.views:
            assert row["bearing_deg"] == pytest.approx(site.views[0].bearing_deg, abs=0.05)
        if site.retention_days is not None:
            assert row["retention_days"] == site.retention_days


def test_a_plan_is_read_back_whole(plan: Plan, tmp_path: Path) -> None:
    assert show.load(show.save(plan, tmp_path / "plan.json")) == plan
