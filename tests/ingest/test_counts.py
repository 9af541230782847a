"""Count tables in the forms in which police and cities publish them; every figure can be added up on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import ingest
from planner.errors import InputFaults
from planner.frames import Inputs
from planner.ingest.spans import Period, month_of, period
from planner.ingest.vocabulary import kin, shipped_words
from tests.ingest.two_blocks import AREAS, TOWN

Maker = Callable[..., Path]
ONLY_COUNTS = TOWN + AREAS + '[counts]\nfiles = ["counts/*.csv"]\n'
# the 37 headings of the Metropolitan Police table, in its order
MPD = (
    "市区町丁,総合計,凶悪犯計,凶悪犯強盗,凶悪犯その他,粗暴犯計,粗暴犯凶器準備集合,粗暴犯暴行,粗暴犯傷害,粗暴犯脅迫,粗暴犯恐喝,"
    "侵入窃盗計,侵入窃盗金庫破り,侵入窃盗学校荒し,侵入窃盗事務所荒し,侵入窃盗出店荒し,侵入窃盗空き巣,侵入窃盗忍込み,侵入窃盗居空き,"
    "侵入窃盗その他,非侵入窃盗計,非侵入窃盗自動車盗,非侵入窃盗オートバイ盗,非侵入窃盗自転車盗,非侵入窃盗車上ねらい,"
    "非侵入窃盗自販機ねらい,非侵入窃盗工事場ねらい,非侵入窃盗すり,非侵入窃盗ひったくり,非侵入窃盗置引き,非侵入窃盗万引き,"
    "非侵入窃盗その他,その他計,その他詐欺,その他占有離脱物横領,その他その他知能犯,その他賭博,その他その他刑法犯"
)


def mpd_row(name: str, **counts: int) -> str:
    """A row of that table: the counts named, and the totals that follow from them."""
    heads = MPD.split(",")[1:]
    parts = {h: counts.get(h, 0) for h in heads}
    for whole in ("凶悪犯", "粗暴犯", "侵入窃盗", "非侵入窃盗", "その他"):
        parts[f"{whole}計"] = sum(v for h, v in parts.items() if h.startswith(whole) and h != f"{whole}計")
    parts["総合計"] = sum(v for h, v in parts.items() if h.endswith("計") and h != "総合計")
    return ",".join([name, *(str(parts[h]) for h in heads)])


def read(make_town: Maker, files: dict[str, str | bytes], base: str = ONLY_COUNTS, **answers: str) -> Inputs:
    return ingest.read(make_town(base=base, files={f"counts/{n}": c for n, c in files.items()}), answers=answers)


def table(inputs: Inputs) -> dict[tuple[str, str, str], int]:
    """(area, offence, period) -> number, zeros left out."""
    rows = inputs.counts[inputs.counts["number"] > 0]
    return {(r.area_id, r.offence, r.period): r.number for r in rows.itertuples()}


def notes(inputs: Inputs) -> dict[str, dict[str, object]]:
    return {n.code: dict(n.values) for n in inputs.notes}


def shares(inputs: Inputs) -> tuple[int, ...]:
    mine = [t for t in inputs.tallies if t.role == "counts"]
    assert all(t.rows == t.accepted + t.set_aside + t.duplicate + t.outside for t in mine)
    return tuple(sum(getattr(t, k) for t in mine) for k in ("rows", "accepted", "set_aside", "duplicate", "outside"))


def test_the_metropolitan_police_table(make_town: Maker) -> None:
    ours = [
        mpd_row("紙町市本町１丁目", 侵入窃盗空き巣=2, 侵入窃盗出店荒し=1, 非侵入窃盗自転車盗=9, 非侵入窃盗万引き=4),
        mpd_row("紙町市本町２丁目", 凶悪犯強盗=1, 侵入窃盗その他=3),
        mpd_row("紙町市以下不詳", 非侵入窃盗自転車盗=5),
        mpd_row(
            "紙町市計",
            凶悪犯強盗=1,
            侵入窃盗空き巣=2,
            侵入窃盗出店荒し=1,
            侵入窃盗その他=3,
            非侵入窃盗自転車盗=14,
            非侵入窃盗万引き=4,
        ),
    ]
    others = [mpd_row("隣市本町１丁目", 非侵入窃盗自転車盗=7), mpd_row("隣市計", 非侵入窃盗自転車盗=7)]
    tail = [mpd_row("不明", その他詐欺=2), mpd_row("合計", 凶悪犯強盗=1), ours[3].replace("計,", ",", 1)]
    body = "\r\n".join([MPD, *others, *ours, *tail]) + "\r\n"
    inputs = read(make_town, {"R6.csv": body.encode("cp932")})
    assert table(inputs) == {
        ("A1", "home_burglary", "2024"): 2,
        ("A1", "business_burglary", "2024"): 1,
        ("A1", "bicycle_theft", "2024"): 9,
        ("A2", "robbery", "2024"): 1,
        ("A2", "burglary", "2024"): 3,  # その他: neither home nor business
        ("", "bicycle_theft", "2024"): 5,
    }
    assert shares(inputs) == (9, 3, 2, 0, 4)
    assert inputs.set_aside["reason"].tolist() == ["total_row", "total_row"]
    assert notes(inputs)["counts_unplaced"]["number"] == 5
    assert "counts_total_differs" not in notes(inputs)


def test_a_total_that_is_no_sum_is_told(make_town: Maker) -> None:
    body = "町丁,自転車盗,強盗,合計\n本町１丁目,3,1,4\n本町２丁目,2,0,2\n計,6,1,7\n"
    inputs = read(make_town, {"令和6年.csv": body})
    assert notes(inputs)["counts_total_differs"] == {"file": "counts/令和6年.csv", "number": 1, "names": "計"}
    assert table(inputs)["A1", "bicycle_theft", "2024"] == 3


def test_rows_of_offences_and_columns_of_areas_say_the_same(make_town: Maker) -> None:
    upright = (
        "町丁,侵入窃盗,空き巣,自転車盗,合計\n本町１丁目,5,3,7,12\n本町２丁目,1,0,2,3\n不明,0,0,1,1\n計,6,3,10,16\n"
    )
    flat = "罪種,本町１丁目,本町２丁目,不明,計\n侵入窃盗,5,1,0,6\n空き巣,3,0,0,3\n自転車盗,7,2,1,10\n合計,12,3,1,16\n"
    want = {
        ("A1", "burglary", "2024"): 2,  # 5 less the 3 that are known to be homes
        ("A1", "home_burglary", "2024"): 3,
        ("A1", "bicycle_theft", "2024"): 7,
        ("A2", "burglary", "2024"): 1,
        ("A2", "bicycle_theft", "2024"): 2,
        ("", "bicycle_theft", "2024"): 1,
    }
    for body in (upright, flat):
        inputs = read(make_town, {"町丁別_令和6年.csv": body})
        assert table(inputs) == want
        assert shares(inputs)[1:] == (3, 1, 0, 0)
        assert "counts_total_differs" not in notes(inputs)


def test_months_as_columns_with_the_offence_in_the_name(make_town: Maker) -> None:
    body = "町名,1月,2月,3月,計,前年比\n本町１丁目,1,0,2,3,1\n本町２丁目,0,-,1,1,0\n"
    inputs = read(make_town, {"自転車盗_令和8年1〜3月（暫定値）.csv": body})
    assert table(inputs) == {
        ("A1", "bicycle_theft", "2026-01"): 1,
        ("A1", "bicycle_theft", "2026-03"): 2,
        ("A2", "bicycle_theft", "2026-03"): 1,
    }
    assert sorted(set(inputs.counts["years"])) == [1 / 12]
    told = notes(inputs)
    assert told["counts_part_year"]["months"] == 3
    assert told["counts_part_year"]["period"] == "2026-01/2026-03"
    assert "counts_provisional" in told
    assert told["counts_columns_unused"]["names"] == "前年比"


def test_a_year_beside_its_months_is_their_total(make_town: Maker) -> None:
    body = "町名,令和7年,1月,2月\n本町１丁目,3,1,2\n本町２丁目,1,0,1\n"
    assert table(read(make_town, {"強盗_令和7年.csv": body})) == {
        ("A1", "robbery", "2025-01"): 1,
        ("A1", "robbery", "2025-02"): 2,
        ("A2", "robbery", "2025-02"): 1,
    }


def test_years_in_a_column_of_their_own(make_town: Maker) -> None:
    body = "年,町丁,強盗,すり\n2023,本町１丁目,1,9\n2024,本町１丁目,2,9\n2024,本町１丁目,2,9\n2024,本町２丁目,0,1\n"
    inputs = read(make_town, {"n.csv": body})
    assert table(inputs) == {("A1", "robbery", "2023"): 1, ("A1", "robbery", "2024"): 2}
    assert shares(inputs) == (4, 3, 0, 1, 0)
    assert notes(inputs)["counts_columns_unused"]["names"] == "すり"


def test_a_total_without_a_name_is_known_by_adding_up(make_town: Maker) -> None:
    body = "町丁,自転車盗,強盗,その他欄\n本町１丁目,3,1,4\n本町２丁目,2,0,2\n市全部,5,1,6\n"
    inputs = read(make_town, {"2024.csv": body})
    assert table(inputs) == {
        ("A1", "bicycle_theft", "2024"): 3,
        ("A1", "robbery", "2024"): 1,
        ("A2", "bicycle_theft", "2024"): 2,
    }
    assert inputs.set_aside["reason"].tolist() == ["total_row"]


def test_parts_go_before_wholes_across_files(make_town: Maker) -> None:
    files: dict[str, str | bytes] = {
        "a_2024.csv": "町丁,侵入窃盗\n本町１丁目,5\n本町２丁目,0\n",
        "b_2024.csv": "町丁,空き巣\n本町１丁目,3\n本町２丁目,1\n",
    }
    inputs = read(make_town, files)
    assert table(inputs) == {
        ("A1", "burglary", "2024"): 2,
        ("A1", "home_burglary", "2024"): 3,
        ("A2", "home_burglary", "2024"): 1,
    }
    assert notes(inputs)["counts_parts_exceed"] == {"number": 1, "names": "侵入窃盗"}


def test_records_win_over_tables_of_the_same_offence(make_town: Maker) -> None:
    base = (
        ONLY_COUNTS + '[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'
    )
    inputs = read(make_town, {"2023.csv": "町丁,自転車盗,強盗\n本町１丁目,9,2\n本町２丁目,9,0\n"}, base=base)
    assert table(inputs) == {("A1", "robbery", "2023"): 2}
    assert notes(inputs)["counts_ignored_double"] == {"number": 2}


def test_a_word_that_nobody_knows_is_asked_once_for_all_files(make_town: Maker) -> None:
    files: dict[str, str | bytes] = {
        f"{y}.csv": "町丁,自転車盗,チャリ泥棒等\n本町１丁目,1,2\n本町２丁目,1,0\n" for y in (2023, 2024)
    }
    with pytest.raises(InputFaults) as caught:
        read(make_town, files)
    (question,) = caught.value.questions
    assert (question.code, question.about, question.lasting) == ("offence_for", "チャリ泥棒等", True)
    inputs = read(make_town, files, **{question.key: "ひったくり"})
    assert table(inputs)["A1", "snatching", "2023"] == table(inputs)["A1", "snatching", "2024"] == 2
    assert ("A1", "snatching", "2023") not in table(read(make_town, files, **{question.key: "-"}))


def test_counts_without_a_period_or_with_an_unreadable_figure(make_town: Maker) -> None:
    with pytest.raises(InputFaults) as caught:
        read(make_town, {"counts.csv": "町丁,強盗\n本町１丁目,3\n"})
    assert [f.code for f in caught.value.faults] == ["period_missing"]
    (make_town() / "counts" / "counts.csv").unlink()
    inputs = read(make_town, {"2024.csv": "町丁,強盗,自転車盗\n本町１丁目,3,秘匿\n本町２丁目,1,0\n"})
    assert inputs.set_aside["reason"].tolist() == ["number_unreadable"]
    assert table(inputs) == {("A2", "robbery", "2024"): 1}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2023", "2023"),
        ("令和８年1〜9月（暫定値）", "2026-01/2026-09"),
        ("令和8年9月末", "2026-01/2026-09"),
        ("令和6年度", "2024-04/2025-03"),
        ("令和7年度４～９月", "2025-04/2025-09"),
        ("2023-04/2024-03", "2023-04/2024-03"),
        ("町丁別認知件数（令和元年）", "2019"),
        ("R7.11", "2025-11"),
        ("2021年から2023年", "2021/2023"),
        ("20240401", None),
        ("令和6年・令和5年", None),
        ("令和8年13月", None),
        ("いつか", None),
    ],
)
def test_periods_as_people_write_them(text: str, want: str | None) -> None:
    got = period(text)
    assert (None if got is None else str(got)) == want


@given(st.integers(1950 * 12, 2094 * 12), st.integers(0, 59))
def test_a_period_reads_back(first: int, more: int) -> None:
    written = Period(first, first + more)
    assert period(str(written)) == written


def test_a_month_alone_lies_in_the_period_of_its_table() -> None:
    assert str(month_of("2月", period("令和6年度"))) == "2025-02"
    assert month_of("13月", period("2024")) is None
    assert month_of("4月", None) is None


def test_every_whole_that_a_word_names_is_known() -> None:
    words = shipped_words()
    assert {whole for word in words.values() for whole in word.part_of} <= words.keys()
    assert kin(["burglary"]) == {"burglary", "home_burglary", "business_burglary"}
    assert kin(["snatching"]) == {"snatching"}
