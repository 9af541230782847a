"""Names of places and codes of municipalities, made comparable."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from planner.ingest.words import SHIPPED, folded

_KANJI = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# 一番町 and 七番丁 are names of towns, not numbers of blocks
_KANJI_NUMBER = re.compile(r"([〇一二三四五六七八九十百]+)(?=丁(?:目|\d|$)|条|線|号|番(?!町|丁(?!目)))")
_TOWN_NUMBER = re.compile(r"([〇一二三四五六七八九十百]+)(?=番[町丁])")
_LEADING_ZERO = re.compile(r"(?<!\d)0+(?=\d)")
_HYPHEN = re.compile(r"(?<=\d)[‐‑‒–—―−ー-](?=\d)")
_SECTION = re.compile(r"大字|小字|(?<![文名])字(?=.)")  # 十文字 and 文字 are names of their own
_NUMBERED = re.compile(r"[\d〇一二三四五六七八九十百]+(?:丁|番)")
_PART = re.compile(r"(?<=.)(?:小字|(?<![大小文名])字).*$")
_COUNTY = re.compile(r"^.+?郡(?=.+[町村]$)")
_WARD = re.compile(r"市(?=.+区$)")
_SPACES = re.compile(r"\s+")
_LINK = re.compile(r"(?<=[一-龥々])[ケがガ](?=[一-龥])")
_OF = re.compile(r"(?<=[一-龥々])[之のノ](?=[一-龥])")
_TRAIL = re.compile(r"(?:番?地先|地内|付近|先)$")
# up to the first 丁目, else up to the first number that is neither 条 nor 線
_TOWN = re.compile(r"(?P<town>.*?\d+丁(?:目|(?=\d|$))|(?:\d+[条線]|\D)+)(?P<rest>.*)")
_CHOME = re.compile(r"\d+丁目?$")
_BLOCKS = re.compile(r"\d+(?:(?:番地?の?|号|[-のノ之])+\d+)*")
_SECOND_CITIES = frozenset(("14130", "14150", "22130", "27140", "40130"))  # designated cities not ending in 100
TOTALS = re.compile(r"総計|合計|総合計|総数|小計|.+[^会]計")


def kanji_number(text: str) -> int:
    """A number up to 999 in kanji: 二十三 -> 23, 一〇 -> 10."""
    if "十" not in text and "百" not in text:
        return int("".join(str(_KANJI[c]) for c in text))
    total = 0
    digit = 0
    for c in text:
        if c in _KANJI:
            digit = _KANJI[c]
        else:
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
    return total + digit


@cache
def _characters() -> tuple[dict[int, str], dict[int, str]]:
    """Kanji and kana that are the same character in two forms, and those that only often stand for each other."""
    with (SHIPPED / "characters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sure, unsure = ({ord(r["written"]): r["ours"] for r in rows if r["sure"] == wanted} for wanted in ("1", "0"))
    return sure, unsure


def _plain(text: str) -> str:
    """Width, blanks, forms of characters: what can never tell two places apart."""
    return _SPACES.sub("", folded(text)).translate(_characters()[0])


def _fronts(municipality: str, prefecture: str) -> list[str]:
    """What may stand before a town name, in order: prefecture, county, municipality (or city, then ward)."""
    name = municipality_name(municipality)
    county = _plain(municipality).removesuffix(name)
    ward = _WARD.split(name, maxsplit=1)[-1]
    return [f for f in (_plain(prefecture), county, name, ward if ward != name else "") if f]


def place_name(text: str, *, municipality: str = "", prefecture: str = "") -> str:
    """A town name in the form in which two sources agree.

    Full-width and kanji digits before 丁目, 条, 線, 番 and 号 become plain ones, old forms of characters new ones
    (shipped/characters.csv); blanks, 大字 and 字 wherever they stand, and the names of prefecture, county and
    municipality in front go.
    """
    name = _plain(text)
    for front in _fronts(municipality, prefecture):
        rest = re.sub(rf"^(?:.{{1,5}}郡)?{re.escape(front)}", "", name)  # 愛甲郡愛川町中津
        if rest and not _NUMBERED.match(rest):  # 大和町1丁目 of 大和町 is no 1丁目
            name = rest
    name = _SECTION.sub("", name) or name
    name = _KANJI_NUMBER.sub(lambda m: str(kanji_number(m[1])), name)
    return _LEADING_ZERO.sub("", _HYPHEN.sub("-", name))


def loose_name(name: str) -> str:
    """A comparable name without what sources often write differently, though it may tell two places apart.

    鶴ケ峰 and 鶴が峰, 山ノ手 and 山の手, 中嶋 and 中島, 一番町 and 1番町: good only where one place alone fits.
    """
    name = _OF.sub("ノ", _LINK.sub("ケ", name.translate(_characters()[1])))
    return _TOWN_NUMBER.sub(lambda m: str(kanji_number(m[1])), name)


def without_section(text: str) -> str:
    """A name up to its 字, a part of a town that few lists know: 大字下鶴間字公所12番地 -> 大字下鶴間."""
    return _PART.sub("", _plain(text))


@dataclass(frozen=True)
class Address:
    """A comparable address in parts: 福田1234番地の5 is ``福田``, (1234, 5).

    ``joined``: the first number stands bare before a hyphen, so that it may be a 丁目 (中央林間4-12-1).
    """

    town: str
    blocks: tuple[int, ...]
    joined: bool


def address(name: str) -> Address:
    """A comparable name split into the town and its numbers; what follows them (a building, 先, 付近) goes."""
    found = _TOWN.fullmatch(name)
    town, rest = (found["town"], found["rest"]) if found else (name, "")
    numbers = _BLOCKS.match(rest)
    if numbers is None:
        return Address(_TRAIL.sub("", town) or town, (), joined=False)
    blocks = tuple(int(n) for n in re.findall(r"\d+", numbers[0]))
    return Address(town, blocks, joined=not stem(town) and re.match(r"\d+(-|$)", rest) is not None)


def stem(name: str) -> str:
    """A town name without its 丁目: 中央林間4丁目 -> 中央林間 ("" when it has none)."""
    return name[: found.start()] if (found := _CHOME.search(name)) else ""


def municipality_name(text: str) -> str:
    """A municipality's name without its county: 愛甲郡愛川町 -> 愛川町."""
    return _COUNTY.sub("", _plain(text))


@dataclass(frozen=True)
class CodeChange:
    """A municipality (or ward) that got another code or name: merger, a town become a city, wards laid out anew."""

    old_code: str
    new_code: str
    old_name: str
    new_name: str
    since: str
    source: str


@cache
def code_changes() -> tuple[CodeChange, ...]:
    """The shipped changes (shipped/code_changes.csv)."""
    with (SHIPPED / "code_changes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(CodeChange(**row) for row in csv.DictReader(file))


def old_codes(code: str) -> dict[str, str]:
    """Every form of the codes that a municipality bore before -> the code it bears now."""
    now = code_forms(code)
    return {
        form: change.new_code
        for change in code_changes()
        if change.new_code in now
        for form in code_forms(change.old_code) - now
    }


def check_digit(code: str) -> str:
    """The sixth digit of a five-digit municipality code (weights 6 to 2, modulus 11)."""
    total = sum(int(d) * w for d, w in zip(code, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def code_forms(code: str) -> frozenset[str]:
    """How a municipality (and, for a designated city, its wards) may be written in a file.

    Five digits, six with the check digit, and both with a leading zero lost in a spreadsheet.
    """
    codes = [code]
    if code[2:] == "100" or code in _SECOND_CITIES:
        last = 29 if code[2:] == "100" else 10  # 浜松市天竜区 is 22140
        codes += [f"{int(code) + step:05d}" for step in range(1, last + 1)]
    forms = {form for c in codes for form in (c, c + check_digit(c))}
    return frozenset(forms | {form.lstrip("0") for form in forms})
