"""What a plan is bound to, as tables, files and draft letters; every name is escaped, nothing is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from planner import show
from planner.plan import Duties, HostPart, OutsidePart, Warned
from planner.plan.duties import KpiPart
from planner.text import LANGUAGES
from tests.show.conftest import NASTY, build

PARTS = ("outside", "kept", "storage", "weighed", "hosts", "kpi", "detectable", "removed", "programmes")


def camera(number: int, owner: str, use: str) -> OutsidePart:
    return OutsidePart(
        camera_id=f"k{number}", owner=owner, use=use, address=f"町{number}丁目地先", nominal_days=7, min_days=14,
        max_days=30, limit_origin="要綱", fault="too_short", remedy="extend", tier_days=14, cost_yen=50_000,
        running_yen_per_year=0, decision="keep",
    )  # fmt: skip


def bound(names=("駅前商店会", "社会福祉協議会")):
    late = Warned(
        code="misses_year_end",
        values={"ready_on": "2027-05-01", "latest_on": "2027-08-01", "year_end": "2027-03-31"},
    )
    host = HostPart(
        site_id="s001", state="host_consent", steps=[], remaining=["permit", "contract"], days=120, low_days=90,
        high_days=150, ready_on="2027-05-01", latest_on="2027-08-01", warnings=[late],
    )  # fmt: skip
    kpi = [
        KpiPart(code="sites", unit="places", baseline=10, targets=[12, 14]),
        KpiPart(code="cameras", unit="cameras", baseline=11, targets=[14, 17]),
        KpiPart(code="safety_survey", unit="share", baseline=None, targets=[None, None]),
    ]
    outside = [
        camera(1, names[0], "agreed"),
        camera(2, "町", "own"),
        camera(3, names[1], "unknown"),
        camera(4, names[0], "agreed"),
    ]
    return Duties(outside=outside, hosts=[host], kpi=kpi, fiscal_years=[2026, 2027])


@pytest.fixture(scope="module")
def plain():
    return build(names=("大和市", "中央一丁目", "つきみ野二丁目", "東電タウン", "市の規則", "確認済"), duties=bound())


def rows_of(plan, form):
    text = show.content(plan, form, "ja").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_list_of_unfit_cameras_as_a_file(plain) -> None:
    rows = rows_of(plain, "retention")
    assert [(r["所有者"], r["既設カメラ番号"], r["その費用（円）"]) for r in rows] == [
        ("駅前商店会", "k1", "50000"),
        ("町", "k2", "50000"),
        ("社会福祉協議会", "k3", "50000"),
        ("駅前商店会", "k4", "50000"),
    ]
    assert rows[0]["保存期間の基準"] == "14日以上30日以内（根拠：要綱）"


def test_indicators_keep_places_and_cameras_apart(plain) -> None:
    rows = rows_of(plain, "kpi")
    assert [(r["指標"], r["単位"], r["基準値（現状）"], r["目標 令和9年度"]) for r in rows[:2]] == [
        ("設置箇所数", "箇所", "10", "14"),
        ("設置台数", "台", "11", "17"),
    ]
    assert rows[2]["目標 令和8年度"] == "（市区町村が記入）"


def test_a_warning_is_told_by_era(plain) -> None:
    (row,) = rows_of(plain, "hosts")
    assert row["現在の段階"] == "所有者内諾"
    assert row["注意"] == "標準的な日数では令和9年5月1日となり、年度末（令和9年3月31日）に間に合いません。"
    assert row["残りの日数（幅）"] == "120（90～150）"


def test_one_letter_per_host_and_per_owner(plain) -> None:
    drafts = show.letters(plain, show.Words("ja"))
    hosts = {s.host for s in plain.sites if s.kind == "install"}
    assert len(drafts) == len(hosts) + 2  # the municipality writes no letter to itself
    first = next(d for d in drafts if "東電タウン" in d.to)
    asked = [s for s in plain.sites if s.kind == "install" and s.host == "東電タウン"]
    assert [row[0] for row in first.table.rows] == [s.rank for s in asked]
    assert [len(d.table.rows) for d in drafts if "駅前商店会" in d.to] == [2]
    text = show.content(plain, "letters_text", "ja").decode("utf-8-sig")
    for site in asked:
        assert f"{site.total_yen:,}" in text
        assert f"{site.subsidy_yen:,}" in text
    assert "ACME" not in text  # a class of device, never a product


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PARTS)
def test_every_part_can_be_shown_with_and_without_duties(language, name, plain, plan) -> None:
    assert show.part(plain, name, language)
    assert show.part(plan, name, language)


def test_nasty_names_stay_text() -> None:
    plan = build(duties=bound(NASTY[:2]))
    for form in ("letters", "html"):
        page = show.content(plan, form, "ja").decode()
        assert "<script>document.title='hit'" not in page
        assert "<img src=x" not in page
    formula = build(duties=bound(("=1+1", "＝1+1")))
    assert {r["所有者"] for r in rows_of(formula, "retention")} == {"'=1+1", "'＝1+1", "町"}


def test_a_plan_with_duties_comes_back_as_it_was(plain, tmp_path) -> None:
    show.save(plain, tmp_path / "plan.json")
    assert show.load(tmp_path / "plan.json") == plain


def test_every_list_has_a_file_name_of_its_own() -> None:
    names = [show.file_name(form) for form in ("csv", "html", "retention", "hosts", "kpi", "letters", "letters_text")]
    assert names == [
        "sites.csv",
        "plan.html",
        "retention.csv",
        "hosts.csv",
        "kpi.csv",
        "letters.html",
        "letters_text.txt",
    ]
