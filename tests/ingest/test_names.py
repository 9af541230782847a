"""Names and codes: what two sources write differently must meet, what differs must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest.names import check_digit, code_forms, kanji_number, municipality_name, place_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中央林間１丁目", "中央林間一丁目"),
        ("中央林間　１丁目", "中央林間1丁目"),
        ("西鶴間２３丁目", "西鶴間二十三丁目"),
        ("鶴ヶ峰１丁目", "鶴ケ峰1丁目"),
        ("大字福田", "福田"),
        ("字八幡", "八幡"),
        ("大和市福田", "福田"),
        ("神奈川県大和市福田", "福田"),
        ("北一条西十二丁目", "北1条西12丁目"),
        ("桜森０１丁目", "桜森1丁目"),
    ],
)
def test_same_place(one: str, other: str) -> None:
    def name(text: str) -> str:
        return place_name(text, municipality="大和市", prefecture="神奈川県")

    assert name(one) == name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("福田", "福田1丁目"), ("一番町", "1番町"), ("深見", "深見西"), ("三田1丁目", "3田1丁目"), ("1丁目", "11丁目")],
)
def test_different_places(one: str, other: str) -> None:
    assert place_name(one) != place_name(other)


def test_a_town_named_like_its_municipality_keeps_its_name() -> None:
    assert place_name("大和市", municipality="大和市") == "大和市"


@given(st.integers(1, 999))
def test_kanji_numbers(value: int) -> None:
    digits = "〇一二三四五六七八九"
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    spoken = ("" if not hundreds else ("" if hundreds == 1 else digits[hundreds]) + "百") + (
        "" if not tens else ("" if tens == 1 else digits[tens]) + "十"
    )
    spoken += digits[ones] if ones else ""
    assert kanji_number(spoken) == value
    assert kanji_number("".join(digits[int(d)] for d in str(value))) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("愛甲郡愛川町", "愛川町"),
        ("赤穂郡上郡町", "上郡町"),
        ("上郡町", "上郡町"),
        ("郡山市", "郡山市"),
        ("蒲郡市", "蒲郡市"),
        ("北葛城郡王寺町", "王寺町"),
    ],
)
def test_counties(text: str, name: str) -> None:
    assert municipality_name(text) == name


@pytest.mark.parametrize("code", ["142131", "011002", "131016", "141003", "471003", "022012"])
def test_published_check_digits(code: str) -> None:
    assert check_digit(code[:5]) == code[5]


def test_code_forms() -> None:
    assert code_forms("14213") == {"14213", "142131"}
    assert code_forms("02201") == {"02201", "022012", "2201", "22012"}
    wards = code_forms("14130")  # 川崎市: its wards are 14131 to 14137; 14141 and 14150 (相模原市) are not
    assert {"14131", "141372"[:5], "14130"} <= wards
    assert not {"14150", "14141", "14129"} & wards
    assert "14111" not in code_forms("14110")  # a ward whose number ends in 0 is no city
