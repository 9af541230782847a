"""Whatever bytes are called crime.csv: refused with sentences, or every row is somewhere."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from planner import ingest
from planner.errors import InputFaults, UnansweredError
from planner.frames import Account, Inputs
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.sources import open_table
from planner.text import knows
from tests.ingest.bad.text_files import EXCEL, HEADINGS, THEFT, workbook
from tests.ingest.conftest import Maker
from tests.ingest.two_blocks import AREAS, TOWN

SEVEN = ["utf-8", "utf-8-sig", "cp932", "utf-16", "euc_jp", "iso2022_jp", "utf-16-be"]
RELAXED = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

pieces = st.sampled_from(
    [
        *("罪種,町名,日\n", "自転車盗,本町１丁目,2023-01-01\n", ",", "\t", ";", "，", '"', '""', "\n", "\r", "\r\n"),
        *("合計", "\x00", "\x1a", "\x1b$B", "\ufeff", "ｱｲｳ", "é", "罪種", "町名", "12345", "<html>", "{", "PK\x03\x04"),
    ]
)
texts = st.lists(pieces, max_size=30).map("".join)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A table in some encoding, cut, patched and mixed."""
    content = bytearray()
    for text in draw(st.lists(texts, min_size=1, max_size=3)):
        content += text.encode(draw(st.sampled_from(SEVEN)), "replace")
    for at in draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=3)):
        content[at : at + 1] = draw(st.binary(max_size=2))
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)


def account(folder: Path) -> tuple[Account | Inputs, bool]:
    """What was read, and whether it was refused; a refusal has a sentence for every fault and question."""
    try:
        return ingest.read(folder), False
    except InputFaults as faults:
        for fault in faults.faults:
            kind = "question" if isinstance(fault, UnansweredError) else "error"
            assert knows(f"{kind}.{fault.code}"), fault.code
        return faults.account, True


def adds_up(folder: Path) -> None:
    seen, refused = account(folder)
    for tally in seen.tallies:
        assert tally.rows == tally.accepted + tally.set_aside + tally.duplicate + tally.outside
    assert all(knows(f"reason.{reason}") for reason in set(seen.set_aside["reason"]))
    assert all(knows(f"note.{note.code}") for note in seen.notes)
    assert refused or {t.role for t in seen.tallies} >= {"areas", "crime"}


@RELAXED
@given(st.one_of(st.binary(max_size=200), spoilt()))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf\n")
@example(b"\x1b$B%")
@example(b"\xd0\xcf\x11\xe0")
@example(b"PK\x05\x06" + bytes(18))
def test_the_shares_add_up_for_any_bytes(make_town: Maker, content: bytes) -> None:
    adds_up(make_town("", {"crime.csv": content}))


BOOK = workbook([HEADINGS, THEFT, ["合計", 1, ""], ["=1+1", 45000, "2023-01-01"]], [["x"]])


FEW = settings(RELAXED, max_examples=10)
MANY = settings(RELAXED, max_examples=150)


def splits(folder: Path, name: str, content: bytes) -> None:
    """The reader alone: a refusal with a sentence, or rows that are usable or odd."""
    path = folder / name
    path.write_bytes(content)
    spec = RoleSpec("crime", (name,), True, None, None, None, {"occurred_on": ("日",)}, "")
    ledger = Ledger()
    table = None
    with ledger.gathering():
        table = open_table(Found(path, name, ""), spec, ledger)
    asked = [fault for fault in ledger.faults if isinstance(fault, UnansweredError)]
    assert all(knows(f"question.{fault.code}") for fault in asked)
    assert all(knows(f"error.{fault.code}") for fault in ledger.faults if fault not in asked)
    if table is None:
        assert len(ledger.faults) > len(asked)
        return
    assert {len(column) for column in table.columns} == {len(table.lines)}
    assert table.rows == len(table.lines) + len(table.odd) > 0
    assert all(knows(f"reason.{reason}") for _, reason, _ in table.odd)
    for at in range(len(table.lines)):
        assert table.text(at)


@MANY
@given(st.one_of(st.binary(max_size=200), spoilt()))
def test_the_reader_splits_any_bytes(tmp_path: Path, content: bytes) -> None:
    splits(tmp_path, "crime.csv", content)


@MANY
@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), max_size=4), st.integers(0, len(BOOK)))
def test_the_reader_opens_damaged_workbooks(tmp_path: Path, patches: list[tuple[int, int]], length: int) -> None:
    content = bytearray(BOOK)
    for at, byte in patches:
        content[at] = byte
    splits(tmp_path, "crime.xlsx", bytes(content if patches else content[:length]))


rows_of = st.lists(
    st.tuples(
        st.sampled_from(["自転車盗", "ひったくり", "不明な罪", "合計"]),
        st.sampled_from(["本町１丁目", "本町二丁目", "よそ町", ""]),
        st.sampled_from(["2023-01-01", "2023/12/31", "いつか", ""]),
    ),
    min_size=1,
    max_size=8,
)


@FEW
@given(rows_of, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_changes_nothing(
    make_town: Maker, rows: list[tuple[str, ...]], chance: random.Random
) -> None:
    def told(table: list[tuple[str, ...]]) -> Any:
        content = "".join(",".join(row) + "\n" for row in table)
        seen, refused = account(make_town("", {"crime.csv": content}))
        reasons = sorted(seen.set_aside["reason"])
        if refused:
            return refused, reasons
        found = seen.incidents[["offence", "area_id", "precision", "occurred_on"]]
        return refused, reasons, sorted(map(str, found.itertuples(index=False)))

    order = chance.sample(range(3), 3)
    shuffled = chance.sample(rows, len(rows))
    first = told([tuple(HEADINGS), *rows])
    assert told([tuple(HEADINGS[at] for at in order), *(tuple(row[at] for at in order) for row in shuffled)]) == first


def test_a_workbook_is_read_as_the_text_it_holds(make_town: Maker) -> None:
    table = [HEADINGS, THEFT, ["ひったくり", "本町2丁目", "2023-12-31"], ["ひったくり", "本町2丁目", ""]]
    by_text = ingest.read(make_town("", {"crime.csv": "".join(",".join(row) + "\n" for row in table)}))
    by_book = ingest.read(make_town("", {"crime.xlsx": workbook(table)}, base=TOWN + AREAS + EXCEL))
    plain = ["offence", "area_id", "occurred_on"]
    assert by_text.incidents[plain].equals(by_book.incidents[plain])
    assert by_text.set_aside[["line", "reason", "text"]].equals(by_book.set_aside[["line", "reason", "text"]])


@pytest.mark.parametrize("role", ["counts", "standing", "places", "mounts", "requests", "models", "tiers"])
def test_every_table_may_be_a_workbook(role: str) -> None:
    assert {"text", "xlsx"} <= set(next(r.formats for r in ingest.roles() if r.name == role))


def code_of(folder: Path) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [fault.code for fault in caught.value.faults]


def test_a_workbook_that_unpacks_to_too_much_is_refused_by_its_directory(make_town: Maker) -> None:
    out = io.BytesIO(BOOK)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(8_000_000))
    assert code_of(make_town("", {"crime.xlsx": out.getvalue()}, base=TOWN + AREAS + EXCEL)) == ["zip_too_large"]


def test_a_workbook_with_a_cell_far_away_is_refused_before_room_is_made_for_it(make_town: Maker) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(1_000_000, 400, "x")
    assert code_of(make_town("", {"crime.xlsx": out.getvalue()}, base=TOWN + AREAS + EXCEL)) == ["too_many_cells"]


def test_a_workbook_with_entities_is_refused(make_town: Maker) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            dtd = b'<!DOCTYPE x [<!ENTITY a "b">]>' if name == "xl/workbook.xml" else b""
            made.writestr(name, given.read(name).replace(b"<workbook ", dtd + b"<workbook ", 1))
    assert code_of(make_town("", {"crime.xlsx": out.getvalue()}, base=TOWN + AREAS + EXCEL)) == ["xlsx_unreadable"]


def test_errors_and_text_numbers_of_a_workbook_stay_as_they_stand(tmp_path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["識別番号", "数", "結果"])
        sheet.write_row(2, 1, ["001", 1.5])
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")
    (tmp_path / "b.xlsx").write_bytes(out.getvalue())
    spec = RoleSpec("counts", ("b.xlsx",), True, None, None, None, {}, "")
    rows = open_table(Found(tmp_path / "b.xlsx", "b.xlsx", ""), spec, Ledger())
    assert rows.headings == ("", "識別番号", "数", "結果")
    assert (rows.lines.tolist(), rows.text(0)) == ([3], ",001,1.5,#N/A")
