"""Names: the made-up city, its 町丁目 and school districts, and how others spell them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.example.scale import Scale

CITY = "澄瀬市"  # no municipality of Japan has this name
TOWN = f"{CITY}（架空）"
PREFECTURE = "架空県"
CODE = "99201"  # prefecture codes end at 47
CODE_6 = "992011"  # with its check digit
NEIGHBOUR = ("992020", "架空県", "隣町市（架空）")
KANJI = "〇一二三四五六七八九"
# plausible, made up: beginnings and ends of town names
_HEADS = (
    "澄瀬",
    "瀬音",
    "葦辺",
    "椋川",
    "千草原",
    "槙ノ木",
    "汐見野",
    "朝凪",
    "柊木",
    "鶫野",
    "雲雀沢",
    "榎戸",
    "若藻",
    "真菰",
    "楓岡",
    "蛍沢",
    "碧水",
    "桐畑",
    "鹿ノ子原",
    "白露",
)
_ENDS = ("本町", "", "台", "新田", "元町", "東", "西", "南", "北", "中央", "河原", "坂下")
CHOME = (3, 5)  # 丁目 of one name, end included; plausible
SPLIT_NAMES = 3  # names that are spread over two polygons each (facts: five such names in a real city of 113)


def town_names(scale: Scale, number: int) -> list[str]:
    """One name per 町丁目 in walking order, each 丁目 beside the one before; the last ones are old 大字 without 丁目."""
    rng = scale.stream("names")
    heads = [_HEADS[i] for i in rng.permutation(len(_HEADS))]
    # every pair once, both changing from name to name
    stems = [head + _ENDS[(k + turn) % len(_ENDS)] for turn in range(len(_ENDS)) for k, head in enumerate(heads)]
    split = split_names(number)
    names: list[str] = []
    stem = iter(stems)
    while len(names) < number - split:
        count = min(int(rng.integers(CHOME[0], CHOME[1] + 1)), number - split - len(names))
        name = next(stem)
        names += [f"{name}{KANJI[k]}丁目" for k in range(1, count + 1)]
    return names + [next(stem) for _ in range(split)]


def split_names(number: int) -> int:
    """How many names are spread over two polygons."""
    return min(SPLIT_NAMES, number // 4)


def districts(scale: Scale, number: int) -> NDArray[np.int64]:
    """School district of each 町丁目: runs of neighbours."""
    return np.arange(number) * scale.districts // number


def district_id(at: int) -> str:
    """Identifier of a school district."""
    return f"第{at + 1}小学校区"


def police_station(at: int, districts: int) -> str:
    """Police station in charge of a school district: two share the town, a small town has one."""
    return "澄瀬西警察署（架空）" if 2 * at < districts or districts < 4 else "澄瀬東警察署（架空）"


def spelled(name: str, rng: np.random.Generator) -> str:
    """A town name as one police station or another writes it."""
    plain = name
    for number, kanji in enumerate(KANJI):
        plain = plain.replace(f"{kanji}丁目", f"{number}丁目")
    wide = plain.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if "丁目" not in name:
        return str(rng.choice([name, name, f"大字{name}"]))
    return str(rng.choice([wide, wide, wide, wide, name, plain]))
