"""Which camera saw it, on its page: whom to ask, until when, and nothing of the question kept anywhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
from pathlib import Path

import pytest
import streamlit as st
from pyproj import Transformer
from streamlit.testing.v1 import AppTest

from planner import store, tracing
from planner.text import LANGUAGES, Language, say
from tests.app.test_kept_versions import visit
from tests.computed import Computed

LON, LAT = Transformer.from_crs(6677, 4326, always_xy=True).transform(10, 50)  # ten metres before k1


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paper: Computed) -> Path:
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))
    return tmp_path / "plans.sqlite"


def asked(language: Language = "ja", day: dt.date | None = None, lon: float = LON, lat: float = LAT) -> AppTest:
    at = visit("saw")
    if language != "ja":
        at.radio[0].set_value(language).run()
    at.date_input(key="saw-day").set_value(day or tracing.now().date())
    at.time_input(key="saw-time").set_value(dt.time(0, 0))
    at.number_input(key="saw-lon").set_value(lon)
    at.number_input(key="saw-lat").set_value(lat)
    at.run()
    assert not at.exception, at.exception
    return at


def told(at: AppTest) -> str:
    return re.sub(r"<[^>]*>", " ", "\n".join(e.proto.body for e in at.get("html")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_camera_its_owner_and_the_procedure_are_told(language: Language) -> None:
    text = told(asked(language))
    assert re.search(r"\bk1\b", text)
    assert say(language, "saw.part_place", metres="10") in text
    assert say(language, "saw.procedure_request") in text
    assert say(language, "saw.over", until="").strip() not in text


def test_an_old_day_is_over(there: Path) -> None:
    text = told(asked(day=dt.date.fromisoformat("2026-01-05")))
    assert "令和8年1月12日 00:00（期限を過ぎています）" in text  # k1 keeps seven days


def test_a_place_outside_is_refused_in_words() -> None:
    at = asked(lon=135.0, lat=35.0)
    assert at.error[0].value == say("ja", "error.place_outside_town", lon_deg=135.0, lat_deg=35.0)


def test_nothing_of_the_question_is_kept(there: Path, paper: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = there.parent / "cache"  # into the others' another test's computation may still be writing
    shutil.copytree(paper.kept.folder, cache / paper.kept.folder.name)
    monkeypatch.setenv("PLANNER_CACHE", str(cache))
    with store.opened(there):
        pass

    def everything() -> dict[Path, str]:
        roots = (there.parent, paper.town)
        files = [
            p
            for root in roots
            for p in root.rglob("*")
            if p.is_file() and p.suffix not in (".sqlite-wal", ".sqlite-shm")
        ]
        return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    before = everything()
    at = asked()
    assert re.search(r"\bk1\b", told(at))
    assert everything() == before
    assert not {"lon", "lat", "at"} & set(at.query_params)
