"""``check``: everything that is refused, asked, corrected and set aside; answers taken, kept, never lost."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest

from planner import checking
from planner.errors import InputError, StoreError
from planner.replies import CheckReply, ErrorReply
from planner.text import LANGUAGES, say
from planner.work import Work
from tests.commands import run
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_BLOCKS, TWO_THEFTS
from tests.show.test_questions import PROPOSAL

LON, LAT = "standing:column_for:lon", "standing:column_for:lat"
CAMERAS = "camera_id,北緯,東経\nC1,36.00036,139.83389\n"
ODD = "自転車盗,本町1丁目,2023-02-30\n=1+1,本町1丁目\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "town.toml").write_text(TOWN + AREAS + CRIME + '[standing]\nfile = "cameras.csv"\n', encoding="utf-8")
    (folder / "areas.geojson").write_text(TWO_BLOCKS, encoding="utf-8")
    (folder / "crime.csv").write_text(TWO_THEFTS + ODD, encoding="utf-8")
    (folder / "cameras.csv").write_text(CAMERAS, encoding="utf-8")
    return folder


def answers_of(path: Path) -> dict[str, str]:
    return dict(tomllib.loads(path.read_text(encoding="utf-8"))["answers"])


def checked(town: Path, out: Path, **answers: str) -> tuple[checking.Checked, CheckReply]:
    found = checking.check(town, Work(), answers)
    return found, checking.reply(found, checking.write(found, out, "ja"), "ja")


def test_from_question_to_answer_as_a_user_goes(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run("check", town, "--out", out, "--json", expect=2)
    (line,) = first.stdout.splitlines()
    told = CheckReply.model_validate_json(line, strict=True)
    assert told.exit_code == 2
    assert [(q.key, q.proposal, q.choices[0].preview) for q in told.questions] == [
        (LON, "東経", ("139.83389",)),
        (LAT, "北緯", ("36.00036",)),
    ]
    assert [(a.reason, a.number, bool(a.remedy)) for a in told.set_aside_by_reason] == [
        ("field_count", 1, True),
        ("date_impossible", 1, True),
    ]
    assert {Path(p).name for p in told.written} == {"answers.toml", "set_aside.csv", "corrections.csv"}
    refused = run("plan", town, "--out", tmp_path / "plan", "--json", expect=2)
    reply = ErrorReply.model_validate_json(refused.stdout)
    assert [f.sentence for f in reply.faults] == [q.sentence for q in told.questions]
    assert say("ja", "cli.run_check") in refused.stderr
    file = out / "answers.toml"
    file.write_text(PROPOSAL.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    words = run("check", town, "--answers", file, "--out", out).stdout
    assert say("ja", "cli.check.aside", number=2) in words
    assert answers_of(town / "town.toml") == answers_of(file) == {LON: "東経", LAT: "北緯"}
    assert run("check", town, "--out", out, "--json").returncode == 0


def test_words_on_the_screen_are_grouped(town: Path, tmp_path: Path) -> None:
    (town / "mounts.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with (town / "town.toml").open("a", encoding="utf-8") as file:
        file.write('[mounts]\nfile = "mounts.csv"\n')
    words = run("check", town, "--out", tmp_path / "out", language="en", expect=2).stdout
    headings = [say("en", f"cli.check.{key}", number=n) for key, n in (("refused", 1), ("asked", 2), ("aside", 2))]
    places = [words.index(heading) for heading in (*headings, say("en", "cli.notes"))]
    assert places == sorted(places)


def test_the_lists_are_written_even_when_the_reading_is_refused(town: Path, tmp_path: Path) -> None:
    found, reply = checked(town, tmp_path)
    assert found.inputs is None
    assert reply.town is None
    assert reply.rows == reply.accepted + reply.set_aside + reply.duplicate + reply.outside > 0
    with (tmp_path / "set_aside.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [(r[1], r[2], r[3], r[6]) for r in rows[1:]] == [
        ("crime.csv", "5", "field_count", "'=1+1,本町1丁目"),
        ("crime.csv", "4", "date_impossible", "自転車盗,本町1丁目,2023-02-30"),
    ]
    assert len((tmp_path / "corrections.csv").read_text(encoding="utf-8-sig").splitlines()) >= 1


def test_answers_already_written_into_the_file_are_kept(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(f'[answers]\n"{LAT}" = "camera_id"\n"crime:gone" = "x"\n', encoding="utf-8")
    checked(town, tmp_path)
    assert answers_of(path) == {LAT: "camera_id", "crime:gone": "x"}
    assert f'# "{LON}" = "東経"' in path.read_text(encoding="utf-8")


def test_a_file_of_mere_proposals_goes_once_nothing_is_asked(town: Path, tmp_path: Path) -> None:
    checked(town, tmp_path)
    assert (tmp_path / "answers.toml").exists()
    found, _ = checked(town, tmp_path, **{LON: "東経", LAT: "北緯"})
    assert found.exit_code == 0
    assert not (tmp_path / "answers.toml").exists()
    assert answers_of(town / "town.toml") == {LON: "東経", LAT: "北緯"}


def test_an_answers_file_that_is_no_toml_is_not_written_over(town: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_text("[answers\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        checked(town, tmp_path)
    assert refused.value.code == "answers_unreadable"
    assert (tmp_path / "answers.toml").read_text(encoding="utf-8") == "[answers\n"


def test_an_answer_that_is_none_of_the_choices_is_refused_and_not_remembered(town: Path, tmp_path: Path) -> None:
    found, reply = checked(town, tmp_path, **{f"{LON}:cameras.csv": "nowhere", LAT: "北緯"})
    assert [f.code for f in found.faults] == ["answer_refused"]
    assert "nowhere" in reply.faults[0].sentence
    assert answers_of(town / "town.toml") == {LAT: "北緯"}


def test_answers_that_nobody_asked_for_are_said(town: Path, tmp_path: Path) -> None:
    _, reply = checked(town, tmp_path, **{LON: "東経", LAT: "北緯", "crime:typo": "x"})
    (note,) = [n for n in reply.notes if n.code == "answers_unused"]
    assert "crime:typo" in note.sentence
    assert "crime:typo" not in answers_of(town / "town.toml")


def test_a_folder_that_cannot_be_written_is_said(town: Path, tmp_path: Path) -> None:
    (town / "town.toml.part").mkdir()
    with pytest.raises(StoreError) as refused:
        checked(town, tmp_path, **{LON: "東経"})
    assert refused.value.code == "file_not_written"


def test_wishes_that_contradict_are_among_the_refusals(town: Path, tmp_path: Path) -> None:
    with (town / "town.toml").open("a", encoding="utf-8") as file:
        file.write("[retention]\nmin_days = 40\nmax_days = 30\n")
    found, reply = checked(town, tmp_path, **{LON: "東経", LAT: "北緯"})
    assert [f.code for f in found.faults] == ["retention_conflict"]
    assert reply.exit_code == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_town_is_said_in_words(tmp_path: Path, language: str) -> None:
    found = checking.check(tmp_path / "nowhere", Work(), {})
    reply = checking.reply(found, [], language)  # type: ignore[arg-type]
    assert [f.code for f in reply.faults] == ["town_missing"]
    assert json.loads(reply.model_dump_json())["questions"] == []
