"""Numbers, remarks and the escape."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import show
from planner.plan.document import Remark
from planner.show.words import Words, has_robbery_or_burglary, proof, safe, two_digits
from planner.text import catalogue


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (1e-12, "0"), (1234.5, "1,200"), (1250.1, "1,300"), (99.6, "100"), (9.96, "10"), (0.0344, "0.034"),
        (0.0996, "0.10"), (12.34, "12"), (3.06, "3.1"), (7.0, "7.0"), (-0.214, "-0.21"), (123456.0, "120,000"),
    ],
)  # fmt: skip
def test_two_significant_digits(number, text):
    assert two_digits(number) == text


@given(st.floats(1e-6, 1e7))
def test_two_digits_stay_within_five_percent(number):
    assert abs(float(two_digits(number).replace(",", "")) - number) <= number * 0.0501


@given(st.floats(0, 1))
def test_a_gap_is_never_understated(gap):
    assert float(Words("en").gap(gap).rstrip("%")) / 100 >= gap - 1e-9


def test_gaps_in_words():
    assert Words("ja").gap(0.0) == "0％"
    assert Words("ja").gap(0.013555) == "1.4％"
    assert Words("ja").gap(0.014) == "1.4％"
    assert Words("en").gap(0.00001) == "0.1%"


@given(st.text())
def test_the_escape_is_undone_by_html_and_leaves_nothing_to_run(text):
    escaped = safe(text)
    assert not set(escaped) & set("<>\"'\\`${}")
    assert html.unescape(escaped) == html.unescape(
        html.escape("".join("\ufffd" if ord(c) < 32 and c not in "\t\r\n" else c for c in text))
    )


def test_reasons_hold_what_is_known_and_nothing_else():
    full = Remark(
        code="install",
        values={
            "area": "中央一丁目", "gain": 12.34, "offence": "bicycle_theft", "offence_share": 0.7,
            "nearest_standing_m": 83, "days": 14.0, "spots": 23,
        },
    )  # fmt: skip
    text = show.sentence(full, "ja")
    for part in ("中央一丁目", "約12件", "自転車盗", "70％", "14日", "83m", "23地点"):
        assert part in text
    bare = Remark(code="install", values={"area": "中央一丁目", "gain": 12.34, "offence": "", "days": None,
                                          "nearest_standing_m": None, "offence_share": 0.0, "spots": None})  # fmt: skip
    assert show.sentence(bare, "ja") == (
        "「中央一丁目」に街頭防犯カメラを新設します。年間約12件の推計認知件数が新たに撮影範囲内に入ります。"
    )


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", ["install", "extend", "renew", "repair", "remove", "keep"])
@pytest.mark.parametrize("values", [{}, {"area": None, "gain": None}, {"gain": "many", "days": [1], "offence": 3}])
def test_no_reason_ever_raises(kind, values, language):
    assert show.sentence(Remark(code=kind, values=values), language)


@given(
    st.text(max_size=20),
    st.dictionaries(
        st.sampled_from(["area", "offence", "number", "role", "x y", "{z}"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    ),
)
def test_unknown_remarks_are_shown_not_dropped(code, values):
    for language in ("ja", "en"):
        text = show.sentence(Remark(code=f"unheard of {code}", values=values), language)
        assert code in text
        for name in values:
            assert name in text


def test_a_note_whose_values_do_not_fit_is_still_shown():
    # "note.<code>" sentences belong to other rooms: any one that asks for a value we do not give will do.
    asking = [k for k, v in catalogue("ja").items() if k.startswith("note.") and "{" in v]
    code = asking[0].removeprefix("note.") if asking else "unheard"
    assert code in show.sentence(Remark(code=code, values={"unasked": 1}), "ja")


def test_robbery_counts_only_when_recorded(plan):
    assert not has_robbery_or_burglary(plan)
    zero = plan.offences[0].model_copy(update={"offence_group": "robbery", "expected_per_year": 0.0})
    assert not has_robbery_or_burglary(plan.model_copy(update={"offences": [zero]}))
    some = zero.model_copy(update={"expected_per_year": 0.4})
    assert has_robbery_or_burglary(plan.model_copy(update={"offences": [some]}))


def test_nothing_of_ours_says_what_must_never_be_said():
    for key, text in catalogue("ja").items():
        assert "監視カメラ" not in text, key
        assert "強盗対策" not in text or key == "purpose.burglary_robbery", key  # refused without such records (P1)
        assert "危険地域" not in text, key
    for key, text in catalogue("en").items():
        assert "prevented" not in text.lower(), key
        assert "surveillance" not in text.lower(), key


@pytest.mark.parametrize(
    ("iso", "ja"),
    [
        ("2019-05-01", "令和元年5月1日"), ("2019-12-31", "令和元年12月31日"), ("2020-01-01", "令和2年1月1日"),
        ("2026-11-22", "令和8年11月22日"), ("2019-04-30", "平成31年4月30日"), ("1990-10-09", "平成2年10月9日"),
        ("1989-12-31", "平成元年12月31日"), ("1989-01-08", "平成元年1月8日"), ("1989-01-07", "1989年1月7日"),
        ("1926-12-25", "1926年12月25日"),
    ],
)  # fmt: skip
def test_days_by_era(iso, ja):
    assert Words("ja").day(iso) == ja
    assert Words("en").day(iso) == iso


def test_a_day_of_a_longer_text_and_no_day_at_all():
    assert Words("ja").day("2028-03-31T10:00:00") == "令和10年3月31日"
    for odd in ("", "soon", "2028-02-30", "R8.11.22"):
        assert Words("ja").day(odd) == Words("en").day(odd) == odd


@pytest.mark.parametrize(
    ("iso", "en"),
    [
        ("2026-11-22T14:59:59+00:00", "2026-11-22 23:59"),
        ("2026-11-22T15:00:00+00:00", "2026-11-23 00:00"),  # midnight in Japan
        ("2026-12-31T20:30:00+00:00", "2027-01-01 05:30"),
        ("2026-11-22T23:52:00+09:00", "2026-11-22 23:52"),
        ("2026-11-22T23:52:00-05:00", "2026-11-23 13:52"),
        ("2026-11-22T10:00:00Z", "2026-11-22 19:00"),
        ("2026-11-22T08:05:00", "2026-11-22 08:05"),  # no zone is told: as it stands
    ],
)
def test_moments_are_told_in_japanese_time(iso, en):
    assert Words("en").moment(iso) == en


def test_a_moment_in_japanese_takes_the_day_of_japan():
    assert Words("ja").moment("2019-04-30T15:00:00+00:00") == "令和元年5月1日 00:00"
    assert Words("ja").moment("2019-04-30T14:59:00+00:00") == "平成31年4月30日 23:59"
    assert Words("ja").moment("yesterday") == "yesterday"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_proves_the_bound_is_said(plan, language):
    words = Words(language)
    said = {by: proof(plan.model_copy(update={"proven_by": by}), words) for by in ("", "prices", "cuts", "tree")}
    assert len(set(said.values())) == 4
    assert all(text.startswith(said[""]) for text in said.values())
    solver = {"ja": "分枝限定法", "en": "branch and bound (HiGHS)"}[language]
    assert [(solver in text) for text in said.values()] == [False, False, True, True]


def test_a_distance_is_told_to_the_metre_and_below_one_only_so() -> None:
    assert [Words("ja").away(metres) for metres in (0.0, 0.4, 1.0, 12.4, 1234.0)] == [
        "1m未満", "1m未満", "約1m", "約12m", "約1,234m",
    ]  # fmt: skip
    assert [Words("en").away(metres) for metres in (0.4, 12.4)] == ["under 1 m", "about 12 m"]
