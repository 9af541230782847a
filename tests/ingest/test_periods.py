"""Periods as they are written in file names and in town.toml."""

from __future__ import annotations

import pytest

from planner.ingest import periods


def span(first: str, last: str) -> list[int]:
    (y1, m1), (y2, m2) = ((int(part) for part in text.split("-")) for text in (first, last))
    return list(range(y1 * 12 + m1, y2 * 12 + m2 + 1))


@pytest.mark.parametrize(
    ("stem", "first", "last"),
    [
        ("kanagawa_2018zitensyatou", "2018-1", "2018-12"),
        ("kanagawa_2016-2018zitensyatou", "2016-1", "2018-12"),
        ("令和5年ひったくり", "2023-1", "2023-12"),
        ("crime_r5_hittakuri", "2023-1", "2023-12"),
        ("2026上半期", "2026-1", "2026-6"),
        ("令和8年下半期", "2026-7", "2026-12"),
        ("2026年1月-9月", "2026-1", "2026-9"),
        ("2026_1～9月", "2026-1", "2026-9"),
        ("令和8年1月から9月まで", "2026-1", "2026-9"),
        ("令和８年９月末現在", "2026-1", "2026-9"),
        ("2026年9月", "2026-9", "2026-9"),
        ("202609_zitensyatou", "2026-9", "2026-9"),
        ("202601-202609", "2026-1", "2026-9"),
        ("2025-04_2026-03", "2025-4", "2026-3"),
        ("2025年4月から2026年3月", "2025-4", "2026-3"),
    ],
)
def test_of_names(stem: str, first: str, last: str) -> None:
    assert sorted(periods.of_name(stem)) == span(first, last)


@pytest.mark.parametrize("stem", ["zitensyatou", "records12345", "list_1-9月", "x201"])
def test_names_without_a_year(stem: str) -> None:
    assert periods.of_name(stem) == frozenset()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", "2023-1", "2023-12"),
        ("2023-01", "2023-1", "2023-1"),
        ("2026-01/2026-09", "2026-1", "2026-9"),
        ("令和8年1月～令和8年9月", "2026-1", "2026-9"),
        ("2022/2023", "2022-1", "2023-12"),
    ],
)
def test_given(text: str, first: str, last: str) -> None:
    assert sorted(periods.months(text)) == span(first, last)


@pytest.mark.parametrize("text", ["", "ことし", "2026-01-01/2026-09-30", "2026-09/2026-01", "2026-13", "a/b/c"])
def test_given_and_unreadable(text: str) -> None:
    assert periods.months(text) == frozenset()
