"""Text files: nothing shifted, nothing guessed away (the cases of the reliability facts, section 1.1)."""

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.ingest.encodings import decode
from planner.ingest.forms import known_headings
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.texts import TextRows, read_text

BODY = "名前,数\n本町１丁目,3\n"
SEVEN = ["utf-8", "utf-8-sig", "cp932", "utf-16-le", "utf-16-be", "euc_jp", "iso2022_jp"]
BOMS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def spec(encoding: str | None = None, role: str = "counts") -> RoleSpec:
    return RoleSpec(role, ("x.csv",), True, None, encoding, None, {}, "")


def read(tmp_path: Path, content: bytes, encoding: str | None = None, ledger: Ledger | None = None) -> TextRows:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    return read_text(Found(path, "x.csv", ""), spec(encoding), ledger or Ledger())


def encoded(text: str, encoding: str) -> bytes:
    return BOMS.get(encoding, b"") + text.encode(encoding)


@pytest.mark.parametrize("encoding", SEVEN)
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    ledger = Ledger()
    rows = read(tmp_path, encoded(BODY, encoding), ledger=ledger)
    assert rows.headings == ("名前", "数")
    assert rows.column("名前") == ["本町1丁目"]
    assert rows.encoding == encoding.removesuffix("-le").removesuffix("-be")
    assert [n.code for n in ledger.notes] == ([] if encoding.startswith("utf-8") else ["encoding_read"])
    assert not ledger.faults


def test_what_windows_added_is_read_in_the_older_encodings(tmp_path: Path) -> None:
    # ① is cell 1 and ㈱ cell 74 of row 13, 髙 cell 66 of row 92; Python's own codecs have neither row
    mail = "備考\n".encode("iso2022_jp") + b"\x1b$B" + bytes((0x2D, 0x21, 0x2D, 0x6A, 0x7C, 0x62)) + b"\x1b(B\n"
    assert read(tmp_path, mail).columns == (["①㈱髙"],)
    unix = "備考\n".encode("euc_jp") + bytes((0xAD, 0xA1, 0xAD, 0xEA, 0xFC, 0xE2)) + b"\n"
    assert read(tmp_path, unix).columns == (["①㈱髙"],)
    assert read(tmp_path, "備考\n①㈱髙\n".encode("cp932")).columns == (["①㈱髙"],)


def test_signs_are_those_of_windows_in_every_encoding(tmp_path: Path) -> None:
    signs = "時刻\n1～2－3∥\n"  # in EUC-JP the same code points are U+301C, U+2212, U+2016 to Python
    older = signs.translate({0xFF5E: 0x301C, 0xFF0D: 0x2212, 0x2225: 0x2016})
    both = [read(tmp_path, content).columns for content in (signs.encode("cp932"), older.encode("euc_jp"))]
    assert both[0] == both[1] == (["1～2－3∥"],)


def test_an_encoding_that_was_named_is_used_strictly(tmp_path: Path) -> None:
    assert read(tmp_path, BODY.encode("euc_jp"), "euc_jp").column("数") == ["3"]
    with pytest.raises(InputError) as caught:
        read(tmp_path, BODY.encode("cp932"), "utf-8")
    assert caught.value.code == "encoding_failed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00\xd8a\x00", "encoding_unknown"),  # half of a surrogate pair
        (bytes(range(128, 256)) * 3, "encoding_unknown"),
        (b"\n\n", "heading_missing"),
        (b",,\n", "heading_missing"),
        (b"a,b\n", "rows_missing"),
        (b'a,b\n1,"open\n2,3\n', "quote_unclosed"),
        (b'a,b\n1,"ab"c\n', "quote_unclosed"),
        (b"a,b\n1," + b"x" * 40_000 + b"\n", "cell_too_long"),
        (b"a,b\n1," + b"x" * 140_000 + b"\n", "cell_too_long"),  # beyond what the csv module holds
    ],
)
def test_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert caught.value.code == code


def test_a_trailing_comma_shifts_nothing(tmp_path: Path) -> None:
    rows = read(tmp_path, b"a,b\n1,2,\n3,4\n")
    assert rows.column("a") == ["1", "3"]
    assert rows.column("b") == ["2", "4"]


def test_longer_and_shorter_rows_are_set_aside_with_their_line(tmp_path: Path) -> None:
    rows = read(tmp_path, b'a,b\n1,2\n3,4,5\n6\n,\n"7\n7",8\n9,10\n')
    assert rows.odd == [(3, "field_count", "3,4,5"), (4, "field_count", "6"), (5, "blank_row", ",")]
    assert rows.lines.tolist() == [2, 6, 8]  # the quoted cell runs over lines 6 and 7
    assert rows.rows == 6
    assert [rows.text(at) for at in range(3)] == ["1,2", '"7\n7",8', "9,10"]


def test_tabs_from_excel(tmp_path: Path) -> None:
    assert read(tmp_path, "名前\t数\n本町\t1,000\n".encode("utf-16")).column("数") == ["1,000"]


def test_full_width_commas_stay_inside_their_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n一，二,3\n".encode()).column("b") == ["3"]


def test_equal_texts_are_one_string(tmp_path: Path) -> None:
    column = read(tmp_path, ("a,b\n" + "本町,1\n" * 20_000).encode()).columns[0]
    assert len({id(cell) for cell in column}) == 1


def test_totals_are_no_rows_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("町,数\n本町,1\n会計町,2\n合　計,3\n東町,計\n南町,4\n", encoding="utf-8")
    found = Found(tmp_path / "x.csv", "x.csv", "")
    assert read_text(found, spec(), Ledger()).rows == 5  # a count table weighs its totals itself
    rows = read_text(found, spec(role="standing"), Ledger())
    assert rows.column("町") == ["本町", "会計町", "南町"]
    assert [(line, why) for line, why, _ in rows.odd] == [(4, "total_row"), (5, "total_row")]


def test_utf8_read_as_cp932_is_no_proof(tmp_path: Path) -> None:
    # damaged UTF-8 that decodes as cp932 from end to end: 緯度 would become 邱ｯ蠎ｦ (facts: reliability 1.1)
    assert "緯度".encode().decode("cp932") == "邱ｯ蠎ｦ"
    mixed = "緯度,経度\n".encode("cp932") + "本町,本町\n".encode() * 3
    path = tmp_path / "x.csv"
    path.write_bytes(mixed)
    counts = spec()
    ledger = Ledger()
    made = decode(Found(path, "x.csv", ""), counts, known_headings(counts), ledger)
    assert made.encoding == "utf-8"
    assert made.text == "緯度,経度\n" + "本町,本町\n" * 3


cells = st.text(alphabet='ab,"\n あ1', max_size=4)


@settings(max_examples=60)
@given(st.lists(st.lists(cells, min_size=0, max_size=4), max_size=8))
def test_every_row_is_somewhere(tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]) -> None:
    rows = read(tmp_path_factory.mktemp("t"), written([["x", "y"], ["1", "2"], *table]).encode())
    assert rows.rows == 1 + sum(1 for row in table if row)
    good = [r[:2] for r in table if len(r) >= 2 and not any(c.strip() for c in r[2:]) and any(r[:2])]
    assert [list(row) for row in zip(*rows.columns, strict=True)] == [["1", "2"], *good]


def written(table: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(table)
    return out.getvalue()


japanese = st.text(alphabet='本町一二丁目窃盗あいうアイウ１２３AB,"\nー・', min_size=1, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(japanese, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(SEVEN))
def test_one_table_is_the_same_in_seven_encodings(tmp_path: Path, table: list[list[str]], encoding: str) -> None:
    content = encoded(written([["町丁目", "手口", "発生年月日"], *table]), encoding)
    ledger = Ledger()
    rows = read(tmp_path, content, ledger=ledger)
    assert [list(row) for row in zip(*rows.columns, strict=True)] == table
    assert not rows.odd
    assert not ledger.faults


def widened(text: str) -> str:
    """ASCII letters and digits in full width, katakana in half width: what NFKC undoes."""
    return "".join(
        chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else {"ア": "ｱ", "ガ": "ｶﾞ"}.get(c, c) for c in text
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.text(alphabet="ab19アガ町", min_size=1, max_size=5), min_size=2, max_size=2), min_size=1))
def test_width_changes_nothing(tmp_path: Path, table: list[list[str]]) -> None:
    narrow = [["area", "件数"], *table]
    wide = [[widened(cell) for cell in row] for row in narrow]
    one, other = (read(tmp_path, written(rows).encode()) for rows in (narrow, wide))
    assert one.headings == other.headings
    for heading in one.headings:
        assert one.column(heading) == other.column(heading)
        assert all(unicodedata.is_normalized("NFKC", cell) for cell in other.column(heading))
