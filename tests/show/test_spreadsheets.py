"""CSV, Excel and GeoPackage read back by other programs."""

from __future__ import annotations

import csv
import io

import pyogrio
import python_calamine
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planner import show
from planner.show import spreadsheets
from planner.show.table import Column, Table


def rows_of(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    assert "\ufeff" not in text
    assert text.count("\r\n") == text.count("\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_reads_back(plan, tmp_path):
    show.export(plan, tmp_path / "sites.csv", "csv")
    rows = rows_of(tmp_path / "sites.csv")
    assert len(rows) == len(plan.sites)
    assert [int(r["番号"]) for r in rows] == [s.rank for s in plan.sites]
    for row, site in zip(rows, plan.sites, strict=True):
        assert float(row["撮影範囲内の増加（件／年）"]) == site.gain_per_year
        assert int(row["事業費（円）"]) == site.total_yen
        assert int(row["維持管理費の増減（円／年）"]) == site.running_yen_per_year  # a negative number is no formula
        assert 139 < float(row["経度（度）"]) < 140
        assert 35 < float(row["緯度（度）"]) < 36
        assert row["計画番号"] == plan.plan_id
        assert row["上限との差"] == "1.4％以内（計算上）"
        assert row["状態"] == "上限との差が目標以内（計算上）"
        assert "内部資料・取扱注意" in row["取扱"]
    assert rows[0]["方位2（度）"] == "200.0"
    assert rows[1]["方位2（度）"] == ""


def test_csv_names_come_back_unharmed_but_unarmed(plan, tmp_path):
    show.export(plan, tmp_path / "sites.csv", "csv", "en")
    rows = rows_of(tmp_path / "sites.csv")
    names = [r["Town block"] for r in rows]
    for name, site in zip(names, plan.sites, strict=True):
        assert name.removeprefix("'") == site.area_name
    assert "'=1+1" in names
    assert "'＝1+1" in names


def test_a_plan_without_sites_keeps_the_headings(empty_plan, plan, tmp_path):
    for name, p in (("a", empty_plan), ("b", plan)):
        show.export(p, tmp_path / f"{name}.csv", "csv")
    heads = [(tmp_path / f"{n}.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",") for n in "ab"]
    by_offence = [h for h in heads[1] if h.startswith("撮影範囲内 ")]
    assert heads[0] == [h for h in heads[1] if h not in by_offence]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").count("\n") == 1


@given(st.lists(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=6))
def test_no_cell_of_text_starts_a_formula(cells):
    table = Table("t", (Column("一"), Column("二")), tuple(tuple(r) for r in cells))
    text = spreadsheets.csv_bytes(table).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(back) == len(cells)
    for row, source in zip(back, cells, strict=True):
        for cell, value in zip(row, source, strict=True):
            assert cell in (value, f"'{value}")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_excel_reads_back(plan, tmp_path):
    show.export(plan, tmp_path / "plan.xlsx", "xlsx")
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "plan.xlsx"))
    assert book.sheet_names[:9] == [
        "概要", "設置箇所", "町丁目", "地区", "財源内訳", "予算と効果", "設定", "使用資料", "仮定事項",
    ]  # fmt: skip
    summary = book.get_sheet_by_name("概要").to_python()
    assert summary[0][:2] == ["罪種", "推計認知件数（年）"]  # value by offence stands first (P1)
    assert summary[1][0] == "自転車盗"
    assert summary[1][1] == plan.offences[0].expected_per_year
    sites = book.get_sheet_by_name("設置箇所").to_python()
    head = sites[0]
    assert len(sites) == 1 + len(plan.sites)
    assert [row[head.index("町丁目")] for row in sites[1:]] == [s.area_name for s in plan.sites]
    assert "=1+1" in [row[head.index("町丁目")] for row in sites[1:]]  # text, as typed
    assert [row[head.index("事業費（円）")] for row in sites[1:]] == [float(s.total_yen) for s in plan.sites]
    assert len(book.get_sheet_by_name("町丁目").to_python()) == 1 + len(plan.areas)
    assert len(book.get_sheet_by_name("予算と効果").to_python()) == 1 + len(plan.frontier)
    assert book.get_sheet_by_name("使用資料").to_python()[1][8] == "ab" * 32


def test_excel_holds_no_formula_and_no_link(plan, tmp_path):
    import zipfile

    show.export(plan, tmp_path / "plan.xlsx", "xlsx", "en")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n]
    assert len(sheets) >= 9
    assert not any("<f>" in s or "hyperlink" in s for s in sheets)


def test_same_plan_same_workbook(plan, tmp_path):
    for name in "ab":
        show.export(plan, tmp_path / f"{name}.xlsx", "xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_geopackage_in_the_towns_own_metres(plan, empty_plan, tmp_path):
    show.export(plan, tmp_path / "plan.gpkg", "gpkg")
    assert sorted(name for name, _ in pyogrio.list_layers(tmp_path / "plan.gpkg")) == ["areas", "coverage", "sites"]
    sites = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="sites")
    assert sites.crs.to_epsg() == 6677
    assert sites.geometry.x.tolist() == [s.east_m for s in plan.sites]
    assert sites["area_name"].tolist() == [s.area_name for s in plan.sites]
    areas = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="areas")
    assert areas.area.tolist() == [300.0**2 * (1 - 0.2**2)] * 4
    coverage = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="coverage")
    assert shapely.is_valid(coverage.geometry).all()
    assert len(coverage) == sum(len(s.views) for s in (*plan.sites, *plan.standing))
    assert pyogrio.read_info(tmp_path / "plan.gpkg", layer="sites")["layer_metadata"]["plan_id"] == plan.plan_id
    show.export(empty_plan, tmp_path / "empty.gpkg", "gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "empty.gpkg", layer="sites")) == 0
