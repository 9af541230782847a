"""Nothing in the public set tells where a camera hangs, where nobody looks, or a small number."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from planner import show
from planner.cli import ExportFormat
from planner.plan import SettingPart
from planner.show import public, spreadsheets, tables_plan, tables_town
from planner.show.classes import CLASSES, classes
from planner.show.doors import FILES
from planner.show.marked import criteria_sentences
from planner.show.table import Column, Table
from planner.show.words import Words
from planner.text import catalogue, say
from tests.golden_plan import golden_plan


def test_every_format_has_a_file_name_and_a_flag():
    assert set(get_args(show.Format)) == set(get_args(ExportFormat)) == set(FILES)


def test_every_column_of_every_table_has_a_class(plan):
    words = show.Words("ja")
    tables = [table for _, parts in spreadsheets._sheets(plan, words, "a" * 64) for table in parts]
    tables += [table for _, parts in public.sheets(plan, words) for table in parts]
    tables.append(tables_plan.sites_full(plan, words, "a" * 64))
    assert {c.key for t in tables for c in t.columns} - set(classes()) == set()
    assert set(classes().values()) <= set(CLASSES)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30), st.integers(2, 8))
def test_no_small_number_can_be_worked_out_from_the_total(numbers, k):
    recorded = {str(n): float(v) for n, v in enumerate(numbers)}
    hidden = public.withheld(recorded, k)
    assert {n for n, v in recorded.items() if 0 < v < k} <= hidden
    rest = sum(recorded.values()) - sum(v for n, v in recorded.items() if n not in hidden)
    if hidden and any(v >= k for n, v in recorded.items() if n not in hidden):
        assert len(hidden) >= 2
        assert rest >= k
    if not any(0 < v < k for v in recorded.values()):
        assert not hidden


def test_the_public_workbook_holds_public_columns_only(plan):
    book = CalamineWorkbook.from_filelike(io.BytesIO(show.content(plan, "public")))
    heads = {what: {catalogue("ja")[f"column.{k}"] for k, c in classes().items() if c == what} for what in CLASSES}
    headings = {str(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()[0]}
    assert headings & ((heads["internal"] | heads["police"]) - heads["public"]) == set()
    texts = " ".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )
    told = {a.name for a in plan.areas} | {a.district_id for a in plan.areas} | {s.programme_id for s in plan.sites}
    secrets = {v for s in plan.sites for v in (s.site_id, s.mount_id, f"{s.east_m:.1f}") if v} - told
    assert secrets
    assert [secret for secret in secrets if secret in texts] == []


def test_the_public_geojson_tells_blocks_not_places(plan):
    told = json.loads(show.content(plan, "public_geojson"))
    assert {f["geometry"]["type"] for f in told["features"]} <= {"Polygon", "MultiPolygon"}
    assert sum(f["properties"]["sites"] for f in told["features"]) == len(plan.sites)
    head = {"plan_id", "created_at", "municipality", "municipality_code", "note_ja", "note_en"}
    assert set(told["planner"]) == head | {"criteria", "criteria_decided_on", "audit_sha256"}
    allowed = {"area_name", "district_id", "sites", "cameras", "retention_days"}
    assert all(set(f["properties"]) == allowed for f in told["features"])


def test_what_code_page_932_lacks_is_listed():
    table = Table("t", (Column("名前"), Column("数", "whole")), (("髙橋①", 1), ("𠮷野町", 2)))
    assert spreadsheets.unencodable(table) == [(3, "名前", "𠮷野町")]
    assert spreadsheets.cp932_bytes(table).decode("cp932") == "名前,数\r\n髙橋①,1\r\n〓野町,2\r\n"


def test_the_dictionary_names_every_sheet(plan):
    book = CalamineWorkbook.from_filelike(io.BytesIO(show.content(plan, "xlsx", audit_sha256="f" * 64)))
    rows = book.get_sheet_by_name("列の説明").to_python()
    assert {row[0] for row in rows[1:]} == set(book.sheet_names) - {"列の説明"}
    assert {row[3] for row in rows[1:]} <= {"公開", "内部", "警察限り"}
    assert "f" * 64 in str(book.get_sheet_by_name("概要").to_python())


def _plain(content: bytes) -> bytes:
    """What a file says, a workbook's sheets unpacked."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


@pytest.mark.parametrize("form", get_args(show.Format))
def test_an_export_bears_the_hash_of_its_store_and_the_criteria(form):
    settled = {"criteria.text": "通学路を優先する", "criteria.decided_on": "2020-04-01"}
    parts = [SettingPart(key=key, value=value, origin="widget", unit="-") for key, value in settled.items()]
    plan = golden_plan()
    others = [s for s in plan.settings if not s.key.startswith("criteria.")]
    made = plan.model_copy(update={"settings": [*others, *parts]})
    told = _plain(show.content(made, form, audit_sha256="f" * 64))
    empty = FILES[form].endswith(".csv") and told.count(b"\r\n") == 1  # a table of no rows has headings only
    assert empty or b"f" * 64 in told
    said = "通学路を優先する".encode("cp932" if form == "csv_cp932" else "utf-8")
    assert (
        empty
        or said in told
        or json.dumps("通学路を優先する")[1:-1].encode() in told
        or form in ("letters", "letters_text")
    )  # a letter asks a host, and tells no criteria


def test_every_csv_bears_its_handling(plan):
    for form, name in FILES.items():
        if name.endswith(".csv"):
            head = show.content(plan, form).decode("cp932" if form == "csv_cp932" else "utf-8-sig").split("\r\n")[0]
            assert say("ja", "column.handling") in head.split(","), form


def test_criteria_settled_after_the_plan_was_computed_are_told_so(plan):
    def said(**values):
        parts = [SettingPart(key=f"criteria.{k}", value=v, origin="widget", unit="-") for k, v in values.items()]
        run = plan.run.model_copy(update={"created_at": "2026-04-01T16:00:00+00:00"})  # 2 April in Japan
        return criteria_sentences(plan.model_copy(update={"settings": parts, "run": run}), Words("ja"))

    assert said(text="", decided_on=None) == [say("ja", "criteria.none")]
    assert said(text="通学路", decided_on=None) == [say("ja", "criteria.undated", text="通学路")]
    assert len(said(text="通学路", decided_on="2026-04-02")) == 1
    assert "令和8年4月2日に計算したもの" in said(text="通学路", decided_on="2026-04-03")[1]


def test_a_block_of_few_records_is_told_as_a_class(plan):
    words = show.Words("ja")
    table = public.areas(plan, words)
    at = next(n for n, c in enumerate(table.columns) if c.key == "recorded_class")
    for area, row in zip(plan.areas, table.rows, strict=True):
        if 0 < area.recorded < 5:
            assert row[at] == "5件未満"
    assert len(tables_town.areas(plan, words).rows) == len(table.rows)


@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([5, 8, 10]))
def test_two_public_sets_held_against_each_other_tell_of_no_small_change(before, after, k):
    """P38: from last year's class and this year's nobody can conclude that between 1 and k - 1 came (or went)."""
    (low, high), (low_then, high_then) = public.recorded_class(after, k), public.recorded_class(before, k)
    assert low <= after <= (after if high is None else high)
    least = low - (math.inf if high_then is None else high_then)
    most = (math.inf if high is None else high) - low_then
    for least_change, most_change in ((least, most), (-most, -least)):
        assert not (least_change >= 1 and most_change < k), (low, high, low_then, high_then)


@given(st.integers(0, 2000), st.sampled_from([5, 8, 10]))
def test_every_class_is_at_least_k_wide(recorded, k):
    low, high = public.recorded_class(recorded, k)
    assert high is None or high - low + 1 >= k


def test_no_exact_number_of_records_is_published(plan):
    table = public.areas(plan, show.Words("ja"))
    at = next(n for n, c in enumerate(table.columns) if c.key == "recorded_class")
    assert {row[at] for row in table.rows}
    assert all(re.fullmatch(r"5件未満|[\d,]+～[\d,]+件|[\d,]+件以上|公表しない|非公表", row[at]) for row in table.rows)


def test_the_public_map_and_workbook_tell_the_same_and_no_number_of_records(plan):
    """Across exports: the map adds no number to the workbook's, and other budgets withhold the same blocks."""
    words = show.Words("ja")
    fewer = plan.model_copy(update={"sites": plan.sites[:2]})
    at = next(n for n, c in enumerate(public.areas(plan, words).columns) if c.key == "recorded_class")
    assert [r[at] for r in public.areas(plan, words).rows] == [r[at] for r in public.areas(fewer, words).rows]
    text = show.content(plan, "public_geojson").decode("utf-8")
    assert not {"recorded", "expected_per_year", "bearing_deg", "rank", "east_m"} & set(
        re.findall(r'"([a-z_]+)":', text)
    )
