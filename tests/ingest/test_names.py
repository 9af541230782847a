"""Names and codes: what two sources write differently must meet, what differs must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest.names import (
    Address,
    address,
    check_digit,
    code_changes,
    code_forms,
    kanji_number,
    loose_name,
    municipality_name,
    old_codes,
    place_name,
    stem,
    without_section,
)


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
        ("大和市大字福田", "福田"),
        ("下鶴間字公所", "下鶴間公所"),
        ("大字下鶴間小字公所", "下鶴間公所"),
        ("福田十二番地", "福田12番地"),
        ("中央林間四丁目十二番一号", "中央林間4丁目12番1号"),
        ("中央林間４－１２－１", "中央林間4-12-1"),
        ("藤澤", "藤沢"),
        ("宮﨑", "宮崎"),
        ("龍ヶ崎町", "竜ケ崎町"),
        ("新金岡町一丁", "新金岡町1丁"),
    ],
)
def test_same_place(one: str, other: str) -> None:
    def name(text: str) -> str:
        return place_name(text, municipality="大和市", prefecture="神奈川県")

    assert name(one) == name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("福田", "福田1丁目"),
        ("一番町", "1番町"),
        ("深見", "深見西"),
        ("三田1丁目", "3田1丁目"),
        ("1丁目", "11丁目"),
        ("十文字", "十文"),
        ("桜が丘", "桜ケ丘"),
    ],
)
def test_different_places(one: str, other: str) -> None:
    assert place_name(one) != place_name(other)


def test_a_town_named_like_its_municipality_keeps_its_name() -> None:
    assert place_name("大和市", municipality="大和市") == "大和市"


@pytest.mark.parametrize(
    ("text", "municipality", "name"),
    [
        ("神奈川県愛甲郡愛川町中津１", "愛川町", "中津1"),
        ("愛川町中津", "愛甲郡愛川町", "中津"),
        ("横浜市鶴見区寺谷一丁目", "横浜市鶴見区", "寺谷1丁目"),
        ("鶴見区寺谷一丁目", "横浜市鶴見区", "寺谷1丁目"),
        ("大和町一丁目", "大和町", "大和町1丁目"),  # the town that bears the name of its municipality
        ("大和町大和町一丁目", "大和町", "大和町1丁目"),
    ],
)
def test_what_stands_in_front_goes(text: str, municipality: str, name: str) -> None:
    assert place_name(text, municipality=municipality, prefecture="神奈川県") == name


@pytest.mark.parametrize(
    ("one", "other"),
    [("鶴ケ峰", "鶴が峰"), ("山の手", "山ノ手"), ("中嶋", "中島"), ("一番町", "1番町"), ("四ッ谷", "四ツ谷")],
)
def test_loosely_the_same(one: str, other: str) -> None:
    assert place_name(one) != place_name(other)
    assert loose_name(place_name(one)) == loose_name(place_name(other))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("福田", Address("福田", (), joined=False)),
        ("福田地先", Address("福田", (), joined=False)),
        ("福田１２３４番地の５", Address("福田", (1234, 5), joined=False)),
        ("福田5-1", Address("福田", (5, 1), joined=True)),
        ("福田5", Address("福田", (5,), joined=True)),
        ("中央林間4-12-1", Address("中央林間", (4, 12, 1), joined=True)),
        ("中央林間四丁目１２番１号　大和ビル3F", Address("中央林間4丁目", (12, 1), joined=False)),
        ("中央林間四丁目十二番地先", Address("中央林間4丁目", (12,), joined=False)),
        ("北一条西十二丁目3番地", Address("北1条西12丁目", (3,), joined=False)),
        ("北１条西5-2", Address("北1条西", (5, 2), joined=True)),
        ("新金岡町一丁3番", Address("新金岡町1丁", (3,), joined=False)),
        ("三田一丁目", Address("三田1丁目", (), joined=False)),
    ],
)
def test_an_address_in_parts(text: str, parts: Address) -> None:
    assert address(place_name(text)) == parts


def test_stems_and_sections() -> None:
    assert [stem(n) for n in ("中央林間4丁目", "新金岡町1丁", "福田", "1番町")] == ["中央林間", "新金岡町", "", ""]
    assert without_section("大字下鶴間字公所12番地") == "大字下鶴間"
    assert [without_section(n) for n in ("大字福田", "字八幡", "十文字町1")] == ["大字福田", "字八幡", "十文字町1"]


def _spoken(value: int) -> str:
    digits = "〇一二三四五六七八九"
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    spoken = ("" if not hundreds else ("" if hundreds == 1 else digits[hundreds]) + "百") + (
        "" if not tens else ("" if tens == 1 else digits[tens]) + "十"
    )
    return spoken + (digits[ones] if ones else "")


@given(st.integers(1, 999))
def test_kanji_numbers(value: int) -> None:
    digits = "〇一二三四五六七八九"
    assert kanji_number(_spoken(value)) == value
    assert kanji_number("".join(digits[int(d)] for d in str(value))) == value


@given(st.sampled_from(["丁目", "番", "番地", "号", "条", "線"]), st.integers(1, 999))
def test_a_number_in_a_name_may_be_written_in_kanji(counter: str, value: int) -> None:
    assert (
        place_name(f"桜森{_spoken(value)}{counter}") == place_name(f"桜森{value}{counter}") == f"桜森{value}{counter}"
    )


_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


@given(
    st.sampled_from(["福田", "中央林間4丁目", "鶴ケ峰", "北1条西5丁目", "大字上和田"]),
    st.integers(1, 9999),
    st.integers(1, 99),
)
def test_width_does_not_matter(town: str, block: int, number: int) -> None:
    text = f"{town}{block}-{number}"
    wide = "　".join(text.translate(_WIDE))
    assert place_name(wide) == place_name(text)
    assert address(place_name(wide)) == address(place_name(text))


@given(st.text(alphabet="一二十百〇0１丁目番地号字大ヶのノ福田沢澤 -－", max_size=12))
def test_a_comparable_name_stays_as_it_is(text: str) -> None:
    once = place_name(text)
    assert "ヶ" not in once
    assert "澤" not in once
    address(once)  # no text breaks it


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
    assert "22140" in code_forms("22130")  # 浜松市天竜区
    assert "14111" not in code_forms("14110")  # a ward whose number ends in 0 is no city


def test_old_codes_by_hand() -> None:
    assert old_codes("04216") == dict.fromkeys(("04423", "044237", "4423", "44237"), "04216")  # 富谷町 -> 富谷市, 2016
    assert old_codes("22138")["22134"] == "22138"  # 浜松市南区 -> 中央区, 2024
    assert old_codes("22130") == {}  # the city's own wards, old and new
    assert old_codes("14213") == {}


def test_every_code_change_is_one() -> None:
    for change in code_changes():
        assert (change.old_code, change.old_name) != (change.new_code, change.new_name)
        assert all(len(c) == 5 and c.isdigit() for c in (change.old_code, change.new_code))
        assert change.old_code[:2] == change.new_code[:2]
        assert change.source
