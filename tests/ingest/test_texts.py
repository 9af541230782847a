"""Text files: nothing shifted, nothing guessed away (the cases of the reliability facts, section 1.1)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.ingest.paths import Found
from planner.ingest.texts import TextRows, read_text

BODY = "名前,数\n本町１丁目,3\n"


def read(tmp_path: Path, content: bytes, encoding: str | None = None) -> TextRows:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    return read_text(Found(path, "x.csv", ""), "counts", encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, BODY.encode(encoding))
    assert rows.headings == ("名前", "数")
    assert rows.column("名前") == ["本町1丁目"]
    assert rows.encoding == encoding


def test_an_encoding_that_was_named_is_used_strictly(tmp_path: Path) -> None:
    assert read(tmp_path, BODY.encode("euc_jp"), "euc_jp").column("数") == ["3"]
    with pytest.raises(InputError) as caught:
        read(tmp_path, BODY.encode("cp932"), "utf-8")
    assert caught.value.code == "encoding_failed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BODY.encode("iso2022_jp"), "encoding_unknown"),
        (b"a,b\n1,\x00\n", "encoding_unknown"),
        (b"PK\x03\x04rest", "file_foreign"),
        (b"", "file_empty"),
        (b'a,b\n1,"open\n2,3\n', "csv_unreadable"),
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
    assert rows.lines == [2, 6, 8]  # the quoted cell runs over lines 6 and 7
    assert rows.rows == 6


def test_tabs_from_excel(tmp_path: Path) -> None:
    assert read(tmp_path, "名前\t数\n本町\t1,000\n".encode("utf-16")).column("数") == ["1,000"]


def test_full_width_commas_stay_inside_their_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n一，二,3\n".encode()).column("b") == ["3"]


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(alphabet='ab,"\n あ1', max_size=4), min_size=0, max_size=4), max_size=8))
def test_every_row_is_somewhere(tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["x", "y"])
    writer.writerows(table)
    rows = read(tmp_path_factory.mktemp("t"), out.getvalue().encode())
    assert rows.rows == sum(1 for row in table if row)
    good = [r[:2] for r in table if len(r) >= 2 and not any(c.strip() for c in r[2:]) and any(r[:2])]
    assert rows.cells == good
