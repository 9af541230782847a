"""Studies on disk: the question, round trips, what is found, what is cleared and what goes."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from planner import show, study, telling
from planner.app import drawn, kept
from planner.app.kept import Kept
from planner.plan import Plan, Prepared
from planner.text import LANGUAGES
from planner.work import Work
from tests.app.helpers import FEW, assert_same_tables, prepared_of
from tests.golden_plan import question_of
from tests.paper_town import write

POSIX = pytest.mark.skipif(os.name == "nt", reason="folder modes are a POSIX matter")
WISH = {"budget": {"own_capital_yen": 1, "running_yen_per_year": 2}}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper town with a record that cannot be placed."""
    folder = write(tmp_path_factory.mktemp("kept"))
    path = folder / "crime" / "kamimachi_2023hittakuri.csv"
    lines = path.read_bytes().split(b"\r\n")
    lines.insert(2, lines[1].replace(b"2023-", b"2O23-"))
    path.write_bytes(b"\r\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def made(town: Path) -> tuple[Prepared, Plan]:
    prepared, merged = prepared_of(town, ("test", FEW))
    return prepared, study.decide(prepared, merged, Work())


def whole(root: Path, plan: Plan, question: str = "q", key: str = "k", name: str = "") -> Kept:
    here = Kept(root / (name or plan.plan_id))
    here.keep_plan(plan)
    here.finish(question, key)
    return here


# ---- the question ----


@pytest.fixture
def copy(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "copy"))


def test_the_question_is_that_of_the_files_not_of_their_place(town: Path, copy: Path) -> None:
    assert kept.question_of(copy, []) == kept.question_of(town, [])


def test_any_byte_of_any_file_changes_the_question(town: Path, copy: Path) -> None:
    before = kept.question_of(town, [])
    paths = sorted(p for p in copy.rglob("*") if p.is_file())
    assert len(paths) > 10
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert kept.question_of(copy, []) != before, path.name
        path.write_bytes(content)
    assert kept.question_of(copy, []) == before


def test_names_and_new_files_change_the_question(town: Path, copy: Path) -> None:
    before = kept.question_of(town, [])
    (copy / "municipal" / "mounts.csv").rename(copy / "municipal" / "mounts2.csv")
    renamed = kept.question_of(copy, [])
    (copy / "municipal" / "mounts2.csv").rename(copy / "mounts2.csv")
    moved = kept.question_of(copy, [])
    (copy / "mounts2.csv").rename(copy / "municipal" / "mounts.csv")
    (copy / "empty.txt").touch()
    assert len({before, renamed, moved, kept.question_of(copy, [])}) == 4


def test_wishes_change_the_question_but_not_the_order_of_their_keys(town: Path) -> None:
    wishes = [WISH, {"budget": {"own_capital_yen": 2, "running_yen_per_year": 2}}, {"budget": {"own_capital_yen": 1}}]
    asked = [kept.question_of(town, [("widget", w)]) for w in wishes]
    asked += [kept.question_of(town, []), kept.question_of(town, [("flag", WISH)])]
    assert len(set(asked)) == len(asked)
    turned = {"budget": dict(reversed(WISH["budget"].items()))}
    assert list(turned["budget"]) != list(WISH["budget"])
    assert kept.question_of(town, [("widget", turned)]) == asked[0]


def test_the_order_of_listing_changes_nothing(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.question_of(town, [])
    listed: list[list[Path]] = []
    forward = Path.rglob

    def backward(path: Path, pattern: str) -> list[Path]:
        listed.append(sorted(forward(path, pattern), reverse=True))
        return listed[-1]

    monkeypatch.setattr(Path, "rglob", backward)
    assert kept.question_of(town, []) == before
    assert len(listed[-1]) > 10


def test_the_program_is_part_of_question_and_key(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.question_of(town, []), kept.key_of({"areas": "1"}, {"spacing_m": 0})
    monkeypatch.setattr(kept, "code_version", lambda: "another")
    after = kept.question_of(town, []), kept.key_of({"areas": "1"}, {"spacing_m": 0})
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_the_key_is_that_of_tables_and_settings() -> None:
    hashes = {"areas": "1", "walls": "2"}
    keys = [
        kept.key_of(hashes, {"spacing_m": 0}),
        kept.key_of({**hashes, "walls": "3"}, {"spacing_m": 0}),
        kept.key_of({"areas": "1", "zones": "2"}, {"spacing_m": 0}),
        kept.key_of(hashes, {"spacing_m": 1}),
    ]
    assert len(set(keys)) == len(keys)
    assert kept.key_of(dict(reversed(hashes.items())), {"spacing_m": 0}) == keys[0]


# ---- there and back ----


def test_plans_come_back_as_they_were(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    plan = made[1]
    other = plan.model_copy(update={"value": plan.value / 2})
    here = whole(tmp_path, plan)
    here.keep_at(990_000, other)
    here.keep_at(20_000, plan)
    assert here.plan() == plan
    assert here.at(990_000) == other
    assert here.at(20_000) == plan
    assert here.budgets_yen() == [20_000, 990_000]
    assert here.plan_id == plan.plan_id


def test_what_a_page_shows_of_a_budget_comes_back_as_it_was(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    plan = made[1]
    here = whole(tmp_path, plan)
    specs = {language: show.describe(plan, language, lasting=True) for language in LANGUAGES}
    here.keep_drawn(None, plan, specs)
    here.keep_drawn(20_000, plan.model_copy(update={"sites": []}), specs)
    for language, spec in specs.items():
        told = here.drawn(None, language)
        assert told == drawn.draw(plan, spec)
        assert show.part(plan, "figures", language) in told.head
        assert told.sites == tuple(site.site_id for site in plan.sites)
        assert json.loads(told.map.layers) == [
            json.loads(show.live_text(layer)) for layer in spec.layers if layer.key in show.MOVING
        ]
        assert here.drawn(20_000, language).sites == ()


def keep_town(here: Kept, prepared: Prepared) -> None:
    tables = telling.records(prepared.inputs, prepared.demand)[0]
    here.keep_town(prepared, tables, telling.sureness(prepared.inputs, prepared.demand))


def test_pictures_come_back_as_they_were(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    keep_town(here, prepared)
    drawn = show.surfaces(prepared.demand, prepared.inputs.town.epsg)
    assert set(drawn) == {show.ALL, "snatching", "bicycle_theft"}
    assert here.surfaces() == drawn
    assert here.ground() == show.ground(prepared.inputs)
    assert here.ground() is not None


def test_rows_set_aside_come_back_as_text(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    keep_town(here, prepared)
    (row,) = here.set_aside()
    assert row["file"].endswith("kamimachi_2023hittakuri.csv")
    assert row["line"] == "3"
    assert "2O23-" in row["text"]
    assert row["reason"]
    assert all(isinstance(v, str) for v in row.values())


def test_what_the_records_say_comes_back_and_is_shown(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    tables = telling.records(prepared.inputs, prepared.demand)[0]
    keep_town(here, prepared)
    assert here.records() == tables
    names = {area.area_id: area.name for area in plan.areas}
    by_year = show.records_part(here.records(), "years", names, "ja")
    assert "2023年（暦年）" in by_year
    assert "2023年度" in by_year
    assert show.records_part(here.records(), "places", names, "en").count("<tr") == 2 + len(plan.offences)


def test_how_sure_it_is_comes_back_and_is_shown(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    assert here.sureness() is None  # as in a study kept before
    keep_town(here, prepared)
    sure = here.sureness()
    assert sure == telling.sureness(prepared.inputs, prepared.demand)
    assert sure["precision"] == {"point": 0, "area": 72, "city": 0}
    assert "72件" in show.precision_sentence(sure, "ja")
    shown = show.blocks_part(plan, sure, "ja")
    names = {area.area_id: area.name for area in plan.areas}
    ranked = sorted(sure["ranks"], key=lambda row: row["rank"])
    at = [shown.index(f"<td>{names[row['area_id']]}</td>") for row in ranked]
    assert len(at) == len(plan.areas)
    assert at == sorted(at)
    assert [row["tier"] for row in ranked] == re.findall(r"<tr><td>([ABC])</td>", shown)


def test_the_held_out_year_comes_back_with_what_is_not_known(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    assert here.validation() is None
    tested = telling.validation(prepared.inputs, study.wishes(prepared.inputs).settings, Work())
    here.keep_validation(tested)
    assert here.validation() == tested
    uncovered = [row["covered_share"] for row in tested["scores"] if row["method"] != "ours"]
    assert uncovered
    assert set(uncovered) == {None}  # only ours has an interval
    observed = [row["observed"] for row in tested["districts"] if not row["offence_group"]]
    assert sum(observed) == tested["level_observed"]


def test_prepared_tables_come_back_and_answer_the_same(town: Path, made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    prepared, plan = made
    here = whole(tmp_path, plan)
    here.keep_prepared(prepared)
    back = here.prepared()
    assert_same_tables(back, prepared)
    assert back.inputs.town == prepared.inputs.town
    assert back.inputs.tallies == prepared.inputs.tallies
    merged = study.wishes(back.inputs, ("test", FEW))
    assert question_of(study.decide(back, merged, Work())) == question_of(plan)


# ---- what is found ----


def test_a_question_finds_its_own_study(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    one, two = (whole(tmp_path, made[1], question=q, name=q) for q in ("one", "two"))
    assert kept.find(tmp_path, "one") == one
    assert kept.find(tmp_path, "two") == two
    assert kept.find(tmp_path, "three") is None
    assert kept.find(tmp_path / "nowhere", "one") is None


def test_a_study_without_its_last_file_is_not_found(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    here = whole(tmp_path, made[1], key="k")
    here.keep_prepared(made[0])
    assert here.whole
    (here.folder / "study.json").unlink()
    assert not here.whole
    assert kept.find(tmp_path, "q") is None
    assert kept.find_prepared(tmp_path, "k") is None


def test_prepared_tables_are_found_where_they_lie(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    whole(
        tmp_path, made[1], key="k", name="aaa"
    )  # the same key, but the tables lie with the first study that made them
    holder = whole(tmp_path, made[1], key="k", name="bbb")
    other = whole(tmp_path, made[1], key="other", name="ccc")
    assert kept.find_prepared(tmp_path, "k") is None
    holder.keep_prepared(made[0])
    other.keep_prepared(made[0])
    assert kept.find_prepared(tmp_path, "k") == holder
    assert kept.find_prepared(tmp_path, "other") == other


# ---- what is cleared and what goes ----


def test_leftovers_of_a_stopped_run_are_cleared(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    here = Kept(tmp_path / made[1].plan_id)
    here.keep_plan(made[1])
    here.keep_at(1, made[1])
    (here.folder / "half").touch()
    here.keep_plan(made[1])
    assert {p.name for p in here.folder.iterdir()} == {"plan.json"}
    assert here.budgets_yen() == []


def test_a_whole_study_is_not_cleared(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    here = whole(tmp_path, made[1])
    here.keep_at(1, made[1])
    here.keep_prepared(made[0])
    here.keep_plan(made[1])
    assert {p.name for p in here.folder.iterdir()} == {"plan.json", "at", "prepared", "study.json"}
    assert here.at(1) == made[1]


def test_the_oldest_go_beyond_the_limit(
    made: tuple[Prepared, Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_STUDIES", 3)
    ages = {"c": 50, "a": 40, "e": 30, "b": 20, "d": 10}  # the letters are not in order of age
    for name, age in ages.items():
        here = whole(tmp_path, made[1], name=name)
        os.utime(here.folder / "study.json", (1_000_000 - age, 1_000_000 - age))
    kept.prune(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"e", "b", "d"}
    kept.prune(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"e", "b", "d"}


def test_studies_of_another_version_go_however_new(
    made: tuple[Prepared, Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(kept, "code_version", lambda: "another")
        old = whole(tmp_path, made[1], name="old")
    os.utime(old.folder / "study.json", (2e9, 2e9))
    whole(tmp_path, made[1], name="new")
    Kept(tmp_path / "running").keep_plan(made[1])  # another process may be at it
    kept.prune(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"new", "running"}


def test_a_file_is_whole_or_not_there(
    made: tuple[Prepared, Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Kept(tmp_path / "x")
    here.keep_plan(made[1])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        here.finish("q", "k")
    assert not here.whole
    assert kept.find(tmp_path, "q") is None


# ---- where ----


@POSIX
def test_nobody_else_may_look_in(made: tuple[Prepared, Plan], tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        here = whole(tmp_path, made[1])
    finally:
        os.umask(before)
    assert here.folder.stat().st_mode & 0o777 == 0o700


def at(monkeypatch: pytest.MonkeyPatch, platform: str, **environment: str) -> Path:
    for name in ("PLANNER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(kept, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    return kept.cache_folder()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_users_wish_comes_first(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    given = {"XDG_CACHE_HOME": "/x", "LOCALAPPDATA": "/l"}
    assert at(monkeypatch, platform, PLANNER_CACHE="/mine", **given) == Path("/mine")


def test_each_system_has_its_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert at(monkeypatch, "linux") == Path("/home/me/.cache/planner")
    assert at(monkeypatch, "linux", XDG_CACHE_HOME="/var/x") == Path("/var/x/planner")
    assert at(monkeypatch, "darwin", XDG_CACHE_HOME="/var/x") == Path("/home/me/Library/Caches/planner")
    assert at(monkeypatch, "win32", LOCALAPPDATA="/l") == Path("/l/planner")
    assert at(monkeypatch, "win32") == Path("/home/me/AppData/Local/planner")
    assert at(monkeypatch, "win32", LOCALAPPDATA="") == Path("/home/me/AppData/Local/planner")


@pytest.mark.parametrize("value", ["", "somewhere/near"])
def test_an_empty_or_relative_place_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    # the XDG specification: set but empty counts as not set, relative paths are to be ignored; the tables
    # hold offence records and must not come to lie in whatever folder the server was started from
    assert at(monkeypatch, "linux", XDG_CACHE_HOME=value) == Path("/home/me/.cache/planner")
