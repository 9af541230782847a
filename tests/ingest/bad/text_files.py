"""Bad text and table files."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import xlsxwriter

from tests.ingest.bad import Bench, Steps, case
from tests.ingest.two_blocks import AREAS, CRIME, TOWN, TWO_THEFTS

EXCEL = '[crime]\nfile = "crime.xlsx"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'
HEADINGS = ["罪種", "町名", "日"]
THEFT = ["自転車盗", "本町1丁目", "2023-01-01"]
ROBBERY = ["ひったくり", "本町2丁目", "2023-12-31"]
RED, BLUE = "A1", "A2"  # the blocks of the two thefts
CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)  # the head of an old Microsoft container


def workbook(*sheets: list[list[Any]], hidden: tuple[int, ...] = (), epoch_1904: bool = False) -> bytes:
    """A workbook: days are written as days, texts as texts, numbers as numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": epoch_1904, "in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy/mm/dd"})
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"表{at + 1}")
            if at in hidden:
                sheet.hide()
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(row, column, cell, day)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(row, column, cell, None, "")
                    else:
                        sheet.write(row, column, cell)
    return out.getvalue()


def areas(seen: Any) -> list[str]:
    """The blocks of the accepted records."""
    return list(seen.the_inputs.incidents["area_id"])


@case("B001", "STOP", "file_empty", "a file of 0 bytes")
def no_bytes(town: Bench) -> Steps:
    town.write("crime.csv", b"")
    seen = yield
    assert seen.faults[0].values["file"] == "crime.csv"
    assert seen.faults[0].values["size"] == 0


@case("B002", "STOP", "file_empty", "a byte-order mark and nothing else")
def a_mark_only(town: Bench) -> Steps:
    town.write("crime.csv", b"\xef\xbb\xbf")
    seen = yield
    assert seen.faults[0].values["size"] == 3


@case("B003", "STOP", "rows_missing", "a heading row and nothing else")
def headings_only(town: Bench) -> Steps:
    town.write("crime.csv", "罪種,町名,日\n")
    seen = yield
    assert seen.faults[0].values["headings"] == "罪種, 町名, 日"


@case("B004", "FIX", "encoding_read", "Shift_JIS (cp932)", keeps="① ㈱ 髙 﨑 ～ －")
def shift_jis(town: Bench) -> Steps:
    signs = "①㈱髙﨑～－"
    lines = f'crime_id,罪種,町名,日\n{signs},自転車盗,本町１丁目,2023-01-01\n{signs},自転車盗,本町１丁目,"{signs}"\n'
    town.toml("", TOWN + AREAS + CRIME.replace('area = "町名"', 'area = "町名", incident_id = "crime_id"'))
    town.write("crime.csv", lines.encode("cp932"))
    seen = yield
    assert seen.note("encoding_read").values["encoding"] == "Shift_JIS (cp932)"
    assert seen.account.set_aside["text"].tolist() == [f'{signs},自転車盗,本町１丁目,"{signs}"']
    assert areas(seen) == [RED]


@case("B005", "READ", "-", "UTF-8 with a byte-order mark", keeps="the first heading without the mark")
def utf8_with_mark(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode("utf-8-sig"))
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert next(t.encoding for t in seen.account.tallies if t.role == "crime") == "utf-8-sig"
    assert "encoding_read" not in seen.codes("WARN")


@case("B006", "FIX", "encoding_read", "UTF-16 with a byte-order mark, big end first", keeps="every row")
def utf16(town: Bench) -> Steps:
    town.write("crime.csv", b"\xfe\xff" + TWO_THEFTS.encode("utf-16-be"))
    seen = yield
    assert seen.note("encoding_read").values["encoding"] == "UTF-16"
    assert areas(seen) == [RED, BLUE]


@case("B006", "FIX", "separator_read", "'Unicode text' from Excel: UTF-16 with tabs", keeps="every row")
def unicode_text(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace(",", "\t").encode("utf-16"))
    seen = yield
    assert seen.note("encoding_read").values["encoding"] == "UTF-16"
    assert areas(seen) == [RED, BLUE]


@case("B007", "FIX", "encoding_read", "EUC-JP", keeps="every row")
def euc(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode("euc_jp"))
    seen = yield
    assert seen.note("encoding_read").values["encoding"] == "EUC-JP"
    assert areas(seen) == [RED, BLUE]


@case("B008", "FIX", "encoding_read", "ISO-2022-JP, known by its escape codes", keeps="every row")
def iso_2022(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode("iso2022_jp"))
    seen = yield
    assert seen.note("encoding_read").values["encoding"] == "ISO-2022-JP"
    assert areas(seen) == [RED, BLUE]


@case("B009", "SET", "line_undecodable", "two encodings in one file", keeps="the lines in the encoding of most")
def two_encodings(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode() + "自転車盗,本町１丁目,2023-02-02\n".encode("cp932"))
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.account.set_aside[["line", "text"]].to_numpy().tolist() == [[4, "自転車盗,本町１丁目,2023-02-02"]]


@case(
    "B009", "SET", "line_undecodable", "UTF-8 lines in a cp932 file, which decode as rubbish", keeps="the cp932 lines"
)
def utf8_within_cp932(town: Bench) -> Steps:
    # as cp932 these 36 bytes decode without an error: only what they say shows that they are UTF-8
    line = "自転車盗,本町一丁目,2023-02-02\n"
    assert line.encode().decode("cp932", "ignore")
    town.write("crime.csv", TWO_THEFTS.encode("cp932") + line.encode())
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.account.set_aside["text"].tolist() == [line.strip()]


@case("B009", "FIX", "heading_encoding", "a cp932 heading over UTF-8 rows", keeps="heading and rows")
def heading_in_another(town: Bench) -> Steps:
    head, *rows = TWO_THEFTS.splitlines(keepends=True)
    town.write("crime.csv", head.encode("cp932") + "".join(rows).encode())
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("heading_encoding").values["heading"] == "Shift_JIS (cp932)"


@case("B010", "ASK", "encoding", "an encoding that is not certain: half-width kana or kanji", keeps="every row")
def encoding_not_certain(town: Bench) -> Steps:
    # B1 B2 is ｱｲ in cp932 and 渦 in EUC-JP; the headings are ASCII and tell nothing
    town.toml("", TOWN + AREAS + '[crime]\nfile = "crime.csv"\n')
    town.write("crime.csv", b"offence,area,occurred_on\nbicycle_theft,\xb1\xb2\xb3\xb4,2023-01-01\n")
    seen = yield
    question = seen.questions[0]
    assert dict(question.preview) == {
        "cp932": ("bicycle_theft,ｱｲｳｴ,2023-01-01",),
        "euc_jp": ("bicycle_theft,渦柑,2023-01-01".replace("渦柑", b"\xb1\xb2\xb3\xb4".decode("euc_jp")),),
    }
    town.answers[question.key] = "cp932"
    seen = yield
    assert seen.note("names_unplaced").values["names"] == "アイウエ 1"


@case("B011", "SET", "file_cut", "a file cut inside a character", keeps="every line before")
def cut_off(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode() + "自転車盗,本町１丁".encode()[:-1])
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("file_cut_off").values["line"] == 4
    assert seen.account.set_aside["text"].tolist() == ["自転車盗,本町１\\xe4\\xb8"]


@case("B011", "SET", "file_cut", "a cp932 file cut inside a character", keeps="every line before")
def cut_off_cp932(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.encode("cp932") + "自転車盗,本町１丁".encode("cp932")[:-1])
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("encoding_read").values["encoding"] == "Shift_JIS (cp932)"


@case("B012", "FIX", "controls_removed", "NUL and control characters in cells", keeps="the rest of those rows")
def controls(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace("自転車盗", "自転\x00車盗").replace("本町二", "本町\x0b二") + "\x1a")
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("controls_removed").values["number"] == 3
    assert seen.account.corrections["before"].tolist()[0] == "自転␀車盗,本町１丁目,2023-01-01"


@case("B013", "SET", "field_count", "one field too many", keeps="the columns of the other rows")
def one_field_too_many(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + "自転車盗,本町1丁目,2023-02-02,余分\n")
    seen = yield
    assert seen.the_inputs.incidents["area_id"].tolist() == ["A1", "A2"]
    assert seen.account.set_aside["line"].tolist() == [4]


@case("B013", "READ", "-", "a trailing comma on every row", keeps="every column in its place")
def trailing_commas(town: Bench) -> Steps:
    head, *rows = TWO_THEFTS.splitlines()
    town.write("crime.csv", "\n".join([head, *(row + "," for row in rows)]))
    seen = yield
    assert areas(seen) == [RED, BLUE]


@case("B014", "SET", "field_count", "one field too few", keeps="the other rows")
def one_field_too_few(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + "自転車盗,本町1丁目\n")
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.account.set_aside[["line", "text"]].to_numpy().tolist() == [[4, "自転車盗,本町1丁目"]]


@case("B015", "STOP", "quote_unclosed", "a quotation mark that is never closed")
def unclosed_quote(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + '自転車盗,"本町\n1丁目",2023-02-02\n自転車盗,"本町1丁目,2023-02-02\n' * 2)
    seen = yield
    assert seen.faults[0].values["line"] == 6  # lines 4 and 5 are one row, quoted well
    assert seen.faults[0].values["text"] == '"本町1丁目,2023-02-02'


@case("B016", "ASK", "header_row", "title and note rows above the headings", keeps="the title")
def titles(town: Bench) -> Steps:
    town.write("crime.csv", "紙町市 令和5年 認知件数,,\n（速報値）,,\n,,\n" + TWO_THEFTS)
    seen = yield
    question = seen.questions[0]
    assert question.proposal == "4"
    assert question.preview["4"][0] == "罪種 | 町名 | 日"
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("title_kept").values["text"] == "紙町市 令和5年 認知件数 （速報値）"


@case("B017", "SET", "total_row", "a row of totals at the end", keeps="the events")
def totals(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + "合　計,2,\n,計,2\n")
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.account.set_aside["line"].tolist() == [4, 5]


@case("B017", "SET", "total_row", "a row of totals under a list of cameras", keeps="the cameras")
def totals_of_cameras(town: Bench) -> Steps:
    town.toml('[standing]\nfile = "c.csv"\n')
    town.write("c.csv", "camera_id,east_m,north_m\n1,50,50\n合計,1,\n")
    seen = yield
    assert seen.the_inputs.standing["camera_id"].tolist() == ["1"]


@case("B018", "ASK", "heading_meant", "two columns of one name", keeps="both columns")
def two_of_one_name(town: Bench) -> Steps:
    town.write("crime.csv", "罪種,町名,日,町名\n自転車盗,本町１丁目,2023-01-01,本町２丁目\n")
    seen = yield
    question = seen.questions[0]
    assert dict(question.preview) == {"2": ("本町１丁目",), "4": ("本町２丁目",)}
    town.answers[question.key] = "4"
    seen = yield
    assert areas(seen) == [BLUE]


@case("B019", "ASK", "column_for", "headings in other words (lat, Y, 北緯)", keeps="the mapping, for the role")
def other_words(town: Bench) -> Steps:
    town.toml('[standing]\nfile = "c.csv"\n')
    town.write("c.csv", "camera_id,北緯,東経\n1,36.00045,139.83388\n")  # 50 m north and east of the corner
    seen = yield
    assert [(q.about, q.proposal, q.lasting) for q in seen.questions] == [("lon", "東経", True), ("lat", "北緯", True)]
    seen = yield
    assert seen.the_inputs.standing["camera_id"].tolist() == ["1"]


@case("B020", "STOP", "column_missing", "an expected column is missing")
def column_missing(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace("町名", "町村名"))
    seen = yield
    values = seen.faults[0].values
    assert (values["columns"], values["headings"], values["nearest"]) == ("町名", "罪種, 町村名, 日", "町村名")


@case("B021", "FIX", "separator_read", "semicolons between the cells", keeps="every row")
def semicolons(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace(",", ";"))
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.note("separator_read").values["separator"] == ";"


@case("B021", "ASK", "separator", "full-width commas between the cells", keeps="every row")
def full_width_commas(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace(",", "，"))
    seen = yield
    assert seen.questions[0].preview["full_width_comma"][0] == "罪種 | 町名 | 日"
    seen = yield
    assert areas(seen) == [RED, BLUE]


@case("B022", "READ", "-", "lines that end in a bare CR", keeps="every row")
def bare_returns(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS.replace("\n", "\r") + "自転車盗\r")
    seen = yield
    assert areas(seen) == [RED, BLUE]
    assert seen.account.set_aside["line"].tolist() == [4]


@case(
    "B023",
    "SET",
    "field_count",
    "line breaks inside quoted cells",
    keeps="those rows, and true line numbers after them",
)
def quoted_breaks(town: Bench) -> Steps:
    town.write("crime.csv", '罪種,"町\n名",日\n自転車盗,"本町\r\n１丁目",2023-01-01\nひったくり\n')
    town.toml("", TOWN + AREAS + CRIME.replace('"町名"', '"町\\n名"'))
    seen = yield
    assert seen.account.set_aside["line"].tolist() == [5]
    assert areas(seen) == [RED]


@case("B024", "STOP", "line_too_long", "one line of 10 MB")
def one_long_line(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + "自転車盗," * 1_000_000)
    seen = yield
    assert seen.faults[0].values == {"role": "crime", "file": "crime.csv", "line": 4, "limit": 1_000_000}


@case("B025", "STOP", "too_many_columns", "100,000 columns")
def many_columns(town: Bench) -> Steps:
    town.write("crime.csv", ",".join(f"c{n}" for n in range(100_000)) + "\n1\n")
    seen = yield
    assert (seen.faults[0].values["number"], seen.faults[0].values["limit"]) == (100_000, 500)


@case("B026", "STOP", "web_page", "a login page saved as .csv")
def web_page(town: Bench) -> Steps:
    town.write("crime.csv", "\n<!DOCTYPE html><html><body>ログイン<form></form></body></html>")
    seen = yield
    assert seen.faults[0].values["file"] == "crime.csv"


@case("B027", "ASK", "open_as", "a workbook called .csv", keeps="every row")
def workbook_called_csv(town: Bench) -> Steps:
    town.write("crime.csv", workbook([HEADINGS, THEFT, ROBBERY]))
    seen = yield
    assert seen.questions[0].proposal == "xlsx"
    seen = yield
    assert areas(seen) == [RED, BLUE]


@case("B027", "ASK", "open_as", "a text file called .xlsx", keeps="every row")
def text_called_workbook(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    town.write("crime.xlsx", TWO_THEFTS.encode("cp932"))
    seen = yield
    assert seen.questions[0].proposal == "text"
    seen = yield
    assert areas(seen) == [RED, BLUE]


@case("B028", "STOP", "excel_old", "an old workbook (.xls)")
def old_workbook(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL.replace("xlsx", "xls"))
    town.write("crime.xls", CONTAINER + "Workbook".encode("utf-16-le") + bytes(512))
    seen = yield
    assert seen.faults[0].values["kind"] == "xls"


@case("B028", "STOP", "excel_old", "a binary workbook (.xlsb)")
def binary_workbook(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\x83\x01")
    town.write("crime.xlsx", out.getvalue())
    seen = yield
    assert seen.faults[0].values["kind"] == "xlsb"


@case("B028", "STOP", "excel_locked", "a workbook with a password")
def locked_workbook(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    town.write("crime.xlsx", CONTAINER + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    seen = yield
    assert seen.faults[0].values["file"] == "crime.xlsx"


@case("B029", "ASK", "sheet", "several sheets in a workbook", keeps="the sheet chosen")
def several_sheets(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    town.write("crime.xlsx", workbook([["この表について"]], [HEADINGS, THEFT], [HEADINGS, ROBBERY], []))
    seen = yield
    assert seen.questions[0].choices == ("表1", "表2", "表3")  # the empty sheet is none
    assert seen.questions[0].proposal == "表2"
    town.answers[seen.questions[0].key] = "表3"
    seen = yield
    assert areas(seen) == [BLUE]


@case("B029", "WARN", "sheets_hidden", "a hidden sheet", keeps="the sheet that is shown")
def hidden_sheet(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    town.write("crime.xlsx", workbook([HEADINGS, THEFT], [["秘密"]], hidden=(1,)))
    seen = yield
    assert seen.note("sheets_hidden").values["names"] == "表2"
    assert areas(seen) == [RED]


@case("B029", "WARN", "hidden_in_sheet", "hidden rows and columns", keeps="the hidden rows, read like the others")
def hidden_rows(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("表")
        for row, cells in enumerate([HEADINGS, THEFT, ROBBERY]):
            sheet.write_row(row, 0, cells)
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
    town.write("crime.xlsx", out.getvalue())
    seen = yield
    values = seen.note("hidden_in_sheet").values
    assert (values["rows"], values["columns"]) == (1, 1)
    assert areas(seen) == [RED, BLUE]


@case("B029", "WARN", "merged_cells", "merged cells", keeps="the value for every row of the range")
def merged(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("表")
        for row, cells in enumerate([HEADINGS, THEFT, ROBBERY]):
            sheet.write_row(row, 0, cells)
        sheet.merge_range(1, 1, 2, 1, "本町1丁目")
    town.write("crime.xlsx", out.getvalue())
    seen = yield
    assert areas(seen) == [RED, RED]
    assert seen.note("merged_cells").values["example"] == "本町1丁目"


@case("B030", "SET", "formula_uncalculated", "a formula that was never calculated", keeps="the other rows")
def never_calculated(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    noted = [[*row, note] for row, note in ((HEADINGS, "備考"), (THEFT, '="未計算"'), (ROBBERY, ""))]
    town.write("crime.xlsx", workbook([*noted, ["ひったくり", '="本町"&"1丁目"', "2023-03-03", ""]]))
    seen = yield
    assert areas(seen) == [RED, BLUE]  # the remark that was never calculated is not needed
    assert seen.account.set_aside[["line", "text"]].to_numpy().tolist() == [[4, "ひったくり,,2023-03-03,"]]


@case("B031", "ASK", "serial_days", "days as plain numbers in a workbook", keeps="the numbers as they stood")
def serial_days(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    # 2024-04-01 is day 45383 counted from 1899-12-30
    town.write("crime.xlsx", workbook([HEADINGS, [*THEFT[:2], 45383], [*ROBBERY[:2], dt.date(2024, 4, 2)]]))
    seen = yield
    question = seen.questions[0]
    assert question.proposal == "1900"
    assert (question.values["day_1900"], question.values["day_1904"]) == ("2024-04-01", "2028-04-02")
    seen = yield
    assert seen.the_inputs.incidents["occurred_on"].dt.strftime("%F").tolist() == ["2024-04-01", "2024-04-02"]
    assert seen.account.corrections[["before", "after"]].to_numpy().tolist() == [["45383", "2024-04-01"]]


@case("B031", "FIX", "epoch_1904", "a workbook that counts days from 1904", keeps="the days")
def epoch_1904(town: Bench) -> Steps:
    town.toml("", TOWN + AREAS + EXCEL)
    rows = [HEADINGS, [*THEFT[:2], dt.date(2024, 4, 1)]]
    town.write("crime.xlsx", workbook(rows, epoch_1904=True))
    seen = yield
    assert seen.note("epoch_1904").values["example"] == "2024-04-01"
    assert seen.the_inputs.incidents["occurred_on"].dt.strftime("%F").tolist() == ["2024-04-01"]
