"""Own files become a town folder; what cannot be is told in words, and nothing half-made is left."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from planner.app import towns
from planner.errors import InputError
from planner.text import LANGUAGES, Language, say
from tests.computed import ROOT, Computed
from tests.ingest.two_blocks import TWO_BLOCKS, TWO_THEFTS

POLICE = (
    "罪名,手口,管轄警察署（発生地）,管轄交番・駐在所（発生地）,市区町村コード（発生地）,都道府県（発生地）,市区町村（発生地）,"
    "町丁目（発生地）,発生年月日（始期）,発生時（始期）,発生場所の属性\n"
    "窃盗,自転車盗,紙町,紙町,149991,紙県,紙町市,本町一丁目,2022-01-22,11,駐車（輪）場\n"
)
FILES = [("areas.geojson", TWO_BLOCKS.encode()), ("罪種別.csv", POLICE.encode("cp932"))]


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANNER_TOWNS", str(tmp_path / "towns"))
    return tmp_path / "towns"


def test_dropped_files_become_a_town(own: Path) -> None:
    name, reply = towns.found(FILES, "ja")
    assert towns.names() == [name]
    assert {f.file: f.role for f in reply.files} == {"areas.geojson": "areas", "罪種別.csv": "crime"}
    assert (own / name / "罪種別.csv").read_bytes() == FILES[1][1]
    assert tomllib.loads((own / name / "town.toml").read_text(encoding="utf-8"))["areas"]["file"] == "areas.geojson"
    assert not [p for p in own.iterdir() if p.name.startswith(".")]
    if os.name == "posix":
        assert stat.S_IMODE(own.stat().st_mode) == 0o700


def test_the_next_town_of_one_name_gets_a_name_of_its_own() -> None:
    one, _ = towns.found(FILES, "ja")
    two, _ = towns.found(FILES, "ja")
    assert len({one, two}) == 2
    towns.remove(one)
    assert towns.names() == [two]


def test_a_missing_file_can_be_added_and_answers_stay(own: Path) -> None:
    from planner import ingest

    name, reply = towns.found(FILES[:1], "ja")
    assert not reply.complete
    assert [m.role for m in reply.missing if m.required] == ["crime"]
    ingest.remember(own / name, {"crime:some_question": "yes"})
    more = towns.add(name, FILES[1:], "en")
    assert {f.role for f in more.files} == {"areas", "crime"}
    tree = tomllib.loads((own / name / "town.toml").read_text(encoding="utf-8"))
    assert tree["crime"]["file"] == "罪種別.csv"
    assert tree["answers"] == {"crime:some_question": "yes"}
    assert sorted(p.name for p in own.iterdir()) == [name]


def test_a_file_that_nothing_tells_is_read_as_the_user_says(own: Path) -> None:
    name, reply = towns.found([FILES[0], ("mine.csv", TWO_THEFTS.encode())], "ja")
    assert {f.file: f.role for f in reply.files} == {"areas.geojson": "areas", "mine.csv": None}
    reply = towns.add(name, [], "ja", {"mine.csv": "crime"})
    assert [m.role for m in reply.missing if m.required] == []
    towns.add(name, [("読んで.txt", "ただの文章".encode())], "ja")
    assert tomllib.loads((own / name / "town.toml").read_text(encoding="utf-8"))["crime"]["file"] == "mine.csv"


def test_settings_of_the_users_own_stay_as_they_are(own: Path) -> None:
    mine = b'[town]\nname = "\xe7\xb4\x99\xe7\x94\xba\xe5\xb8\x82"\ncode = "14999"\n'
    name, _ = towns.found([*FILES[:1], ("town.toml", mine)], "ja")
    towns.add(name, FILES[1:], "ja")
    assert (own / name / "town.toml").read_bytes() == mine


def test_a_path_in_a_name_leads_nowhere(own: Path) -> None:
    name, _ = towns.found([("../../../areas.geojson", FILES[0][1]), ("C:\\x\\罪種別.csv", FILES[1][1])], "ja")
    assert sorted(p.name for p in (own / name).iterdir()) == ["areas.geojson", "town.toml", "罪種別.csv"]
    assert not list(own.parent.glob("*.geojson"))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "upload_empty"),
        ([(".hidden.csv", b"a")], "upload_name"),
        ([("a\x00b.csv", b"a")], "upload_name"),
        ([("..", b"a")], "upload_name"),
        ([("a.csv", b"a"), ("x/A.csv", b"b")], "upload_twice"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(own: Path, files: towns.Dropped, code: str) -> None:
    with pytest.raises(InputError) as caught:
        towns.found(files, "ja")
    assert caught.value.code == code
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_page_takes_files_and_switches(
    paper: Computed, monkeypatch: pytest.MonkeyPatch, language: Language, own: Path
) -> None:
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["lang"] = language
    at.run()
    assert not at.selectbox
    assert at.button(key="town-found").disabled
    at.session_state["asked"] = (139.7, 35.6)  # a point of the map of the served town
    at.session_state["drafted_before"] = [{"rules": {"spacing_m": 30.0}}]
    at.file_uploader[0].set_value([(name, content, "text/plain") for name, content in FILES[:1]]).run()
    at.button(key="town-found").click().run()
    assert not at.exception
    (name,) = towns.names()
    assert at.session_state["town"] == name
    assert at.query_params["town"] == name
    assert "asked" not in at.session_state
    assert "drafted_before" not in at.session_state  # an undo would bring another town's wishes
    told = "\n".join(w.value for w in at.warning)
    assert say(language, "app.towns.incomplete") in told
    assert not at.file_uploader[0].value  # let go from memory
    at.selectbox[0].set_value("").run()
    assert at.session_state["town"] == ""
    assert "town" not in at.query_params
    assert not at.exception
