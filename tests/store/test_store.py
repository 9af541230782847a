"""Versions never change, two planners never overwrite each other, and any change shows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from planner import store
from planner.errors import StoreError
from planner.plan import Plan
from planner.store.schema import TABLES

ANSWER = store.Answer("s1", "conditional", "樹木の剪定後", "大和警察署 生活安全課 係長", "2026-11-20")


def test_a_version_comes_back_as_it_was(tmp_path: Path, plan: Plan) -> None:
    with store.opened(tmp_path / "a.sqlite") as shelf:
        first = shelf.save(plan, " 令和9年度当初予算案 ", 0, "危機管理課", "見積り前")
        second = shelf.save(plan.model_copy(update={"value": plan.value + 1}), first.plan_name, 1, "危機管理課")
        assert (first.plan_name, first.number, first.parent_sha256) == ("令和9年度当初予算案", 1, "")
        assert (second.number, second.parent_sha256) == (2, first.version_sha256)
        assert shelf.load(first) == plan
        assert shelf.load(shelf.version(first.plan_name)).value == plan.value + 1
        assert shelf.versions() == [first, second]


def test_the_second_of_two_planners_is_told_of_the_first(tmp_path: Path, plan: Plan) -> None:
    with store.opened(tmp_path / "a.sqlite") as one, store.opened(tmp_path / "a.sqlite") as two:
        one.save(plan, "案", 0, "A課")
        mine = one.save(plan, "案", 1, "A課")
        with pytest.raises(StoreError) as refused:
            two.save(plan, "案", 1, "B課")
        assert refused.value.code == "version_conflict"
        assert refused.value.values["head"] == 2
        assert refused.value.values["author"] == "A課"
        assert two.versions("案")[-1] == mine
        assert two.save(plan, "案", 2, "B課").number == 3


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "長" * 201])
def test_what_is_no_name_is_refused(tmp_path: Path, plan: Plan, name: str) -> None:
    with store.opened(tmp_path / "a.sqlite") as shelf, pytest.raises(StoreError) as refused:
        shelf.save(plan, name, 0, "A課")
    assert refused.value.code == "name_refused"


def test_answers_stay_in_the_order_received_and_all_or_none(tmp_path: Path, plan: Plan) -> None:
    with store.opened(tmp_path / "a.sqlite") as shelf:
        version = shelf.save(plan, "案", 0, "A課")
        later = store.Answer("s1", "no_objection", "", ANSWER.station, "2026-11-21")
        place = store.Answer("", "to_discuss", "駅前にも", ANSWER.station, "2026-11-21", 1.5, -2.25)
        shelf.review(version, [ANSWER], "A課")
        shelf.review(version, [later, place], "A課", "f" * 64)
        with pytest.raises(StoreError) as refused:
            shelf.review(version, [later, store.Answer("s2", "fine", "", "x", "2026-11-21")], "A課")
        assert refused.value.code == "opinion_unknown"
        kept = shelf.reviews(version)
        assert [(r.site_id, r.opinion, r.east_m, r.upload_sha256) for r in kept] == [
            ("s1", "conditional", None, ""),
            ("s1", "no_objection", None, "f" * 64),
            ("", "to_discuss", 1.5, "f" * 64),
        ]
        found = store.examine(shelf)
        assert (found.reviews, found.records, found.faults) == (3, 4, ())


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    with store.opened(tmp_path / "a.sqlite") as shelf:
        key = shelf.keep_upload("回答.xlsx", b"abc", "A課")
        assert shelf.keep_upload("写し.xlsx", b"abc", "B課") == key
        assert shelf.upload(key).content == b"abc"
        assert shelf.upload(key).name == "回答.xlsx"
        with pytest.raises(StoreError) as refused:
            shelf.upload("0" * 64)
    assert refused.value.code == "upload_unknown"


def _filled(path: Path, plan: Plan) -> str:
    with store.opened(path) as shelf:
        shelf.save(plan, "案", 0, "A課")
        version = shelf.save(plan, "案", 1, "A課")
        shelf.review(version, [ANSWER], "A課")
        shelf.keep_upload("回答.xlsx", b"abc", "A課")
        assert store.examine(shelf).faults == ()
        return shelf.audit_sha256()


@pytest.mark.parametrize("table", ["versions", "uploads", "reviews", "audit"])
def test_what_is_written_once_can_be_neither_changed_nor_deleted(tmp_path: Path, plan: Plan, table: str) -> None:
    _filled(tmp_path / "a.sqlite", plan)
    with sqlite3.connect(tmp_path / "a.sqlite") as raw:
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1"):  # noqa: S608 - names of this test
            with pytest.raises(sqlite3.IntegrityError, match="written once"):
                raw.execute(change)
    raw.close()


FORGERIES = {
    "audit_body": ("UPDATE audit SET author = 'B課' WHERE number = 2", "store_chain_broken"),
    "audit_row": ("DELETE FROM audit WHERE number = 2", "store_chain_broken"),
    "audit_tail": ("DELETE FROM audit WHERE number = 4", "store_export_unknown"),
    "payload": ("UPDATE versions SET payload = x'00' WHERE number = 1", "store_version_differs"),
    "header": ("UPDATE versions SET author = 'B課' WHERE number = 1", "store_version_differs"),
    "version": ("DELETE FROM versions WHERE number = 1", "store_version_differs"),
    "head": ("UPDATE plans SET head = 1", "store_head_differs"),
    "review": ("UPDATE reviews SET opinion = 'no_objection'", "store_unrecorded"),
    "review_gone": ("DELETE FROM reviews", "store_unrecorded"),
    "upload": ("UPDATE uploads SET content = x'00'", "store_upload_differs"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_change_behind_the_triggers_shows(tmp_path: Path, plan: Plan, forgery: str) -> None:
    change, code = FORGERIES[forgery]
    path = tmp_path / "a.sqlite"
    exported = _filled(path, plan)
    raw = sqlite3.connect(path)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(change)
    raw.commit()
    raw.close()
    with store.opened(path) as shelf:
        faults = store.examine(shelf, exported).faults
    assert code in {fault.code for fault in faults}


def test_a_damaged_version_is_not_loaded(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "a.sqlite"
    with store.opened(path) as shelf:
        version = shelf.save(plan, "案", 0, "A課")
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER versions_no_update")
    raw.execute("UPDATE versions SET payload = x'00'")
    raw.commit()
    raw.close()
    with store.opened(path) as shelf, pytest.raises(StoreError) as refused:
        shelf.load(version)
    assert refused.value.code == "version_damaged"


def test_files_that_are_no_store_are_refused_and_left_alone(tmp_path: Path) -> None:
    text, newer = tmp_path / "t.sqlite", tmp_path / "n.sqlite"
    text.write_text("これは保存庫ではありません。" * 100, encoding="utf-8")
    before = text.read_bytes()
    with pytest.raises(StoreError) as refused, store.opened(text):
        pass
    assert refused.value.code == "store_not_ours"
    assert text.read_bytes() == before
    raw = sqlite3.connect(newer)
    raw.execute("CREATE TABLE alembic_version (version_num TEXT)")
    raw.execute("INSERT INTO alembic_version VALUES ('of_tomorrow')")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError) as refused, store.opened(newer):
        pass
    assert (refused.value.code, refused.value.values["schema"]) == ("store_newer", "of_tomorrow")
    with pytest.raises(StoreError) as refused, store.opened(tmp_path / "none.sqlite", must_exist=True):
        pass
    assert refused.value.code == "store_absent"


def _other(path: Path) -> bytes:
    """A database of something else."""
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    raw.execute("INSERT INTO gpkg_contents VALUES ('areas')")
    raw.commit()
    raw.close()
    return path.read_bytes()


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    before = _other(path)
    with pytest.raises(StoreError) as refused, store.opened(path):
        pass
    assert refused.value.code == "store_not_ours"
    assert "gpkg_contents" in refused.value.values["reason"]
    assert path.read_bytes() == before


def test_the_steps_make_the_tables_that_the_schema_names(tmp_path: Path) -> None:
    def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
        raw = sqlite3.connect(path)
        told = {t.name: raw.execute(f"PRAGMA table_info({t.name})").fetchall() for t in TABLES.sorted_tables}
        raw.close()
        return told

    with store.opened(tmp_path / "stepped.sqlite"):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / 'named.sqlite'}")
    TABLES.create_all(engine)
    engine.dispose()
    assert columns(tmp_path / "stepped.sqlite") == columns(tmp_path / "named.sqlite")


def test_a_backup_of_a_store_in_use_restores(tmp_path: Path, plan: Plan) -> None:
    path, copy = tmp_path / "a.sqlite", tmp_path / "b" / "copy.sqlite"
    with store.opened(path) as shelf:
        first = shelf.save(plan, "案", 0, "A課")
        assert store.backup(shelf, copy).versions == 1
        shelf.save(plan, "案", 1, "A課")
        with pytest.raises(StoreError) as refused:
            store.backup(shelf, copy)
        assert refused.value.code == "backup_exists"
    found, former = store.restore(path, copy)
    assert (found.versions, former) == (1, tmp_path / "a.before-1.sqlite")
    with store.opened(path) as shelf:
        assert shelf.versions() == [first]
        assert store.examine(shelf).faults == ()
    with store.opened(tmp_path / "a.before-1.sqlite") as shelf:
        assert len(shelf.versions()) == 2


def test_an_unsound_backup_replaces_nothing(tmp_path: Path, plan: Plan) -> None:
    path, copy = tmp_path / "a.sqlite", tmp_path / "copy.sqlite"
    _filled(path, plan)
    with store.opened(path) as shelf:
        store.backup(shelf, copy)
    raw = sqlite3.connect(copy)
    raw.execute("DROP TRIGGER audit_no_delete")
    raw.execute("DELETE FROM audit WHERE number = 1")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError) as refused:
        store.restore(path, copy)
    assert refused.value.code == "backup_unsound"
    with store.opened(path) as shelf:
        assert store.examine(shelf).faults == ()


@pytest.mark.parametrize("kind", ["other", "empty", "text"])
def test_what_is_no_backup_replaces_nothing_and_is_left_alone(tmp_path: Path, plan: Plan, kind: str) -> None:
    path, given = tmp_path / "a.sqlite", tmp_path / "given.sqlite"
    _filled(path, plan)
    _other(given) if kind == "other" else given.write_bytes(b"" if kind == "empty" else b"no backup " * 100)
    before = given.read_bytes()
    with pytest.raises(StoreError) as refused:
        store.restore(path, given)
    assert refused.value.code == "store_not_ours"
    assert given.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.sqlite", "given.sqlite"]
    with store.opened(path) as shelf:
        assert len(shelf.versions()) == 2


def test_a_backup_goes_in_the_place_of_a_damaged_store_but_not_of_another_database(tmp_path: Path, plan: Plan) -> None:
    path, copy, other = tmp_path / "a.sqlite", tmp_path / "copy.sqlite", tmp_path / "town.gpkg"
    _filled(path, plan)
    with store.opened(path) as shelf:
        store.backup(shelf, copy)
    before = _other(other)
    with pytest.raises(StoreError) as refused:
        store.restore(other, copy)
    assert (refused.value.code, other.read_bytes()) == ("store_not_ours", before)
    path.write_bytes(b"damaged " * 1000)
    found, former = store.restore(path, copy)
    assert found.versions == 2
    assert former is not None
    assert former.read_bytes() == b"damaged " * 1000
