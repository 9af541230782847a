"""The police open data files: one per theft and year, with the quirks that the real ones have.

The prefecture's file holds the neighbours too; encodings, headings and the form of dates change from year to year.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from planner.example.crime import KINDS, THEFTS, YEARS, Record
from planner.example.names import CITY, CODE_6, NEIGHBOUR, PREFECTURE, spelled
from planner.example.scale import Scale

ENCODINGS = {2022: "cp932", 2023: "cp932", 2024: "utf-8-sig"}
FIRST_NEW_HEAD = 2024  # from this year on two columns tell the place
SLASHED = (
    (2023, "zitensyatou"),
    (2024, "zitensyatou"),
)  # files that somebody opened in a spreadsheet: 2023/4/1 and hour 7
NEIGHBOURS_SHARE = 0.35  # rows of the neighbouring municipality, over ours; plausible
MODUS = {
    "zitensyatou": "自転車盗",
    "ootobaitou": "オートバイ盗",
    "syazyounerai": "車上ねらい",
    "buhinnerai": "部品ねらい",
    "zidousyatou": "自動車盗",
    "zidouhanbaikinerai": "自動販売機ねらい",
    "hittakuri": "ひったくり",
}
PLACE_WORDS = {
    "parking": "駐車（輪）場",
    "low_flats": "その他の住宅（３階建て以下共同住宅等）",
    "high_flats": "４階建て以上共同住宅",
    "detached_house": "一戸建住宅",
    "road": "道路上",
    "other": "その他",
    "": "",
}
_HEAD = [
    "罪名",
    "手口",
    "管轄警察署（発生地）",
    "管轄交番・駐在所（発生地）",
    "市区町村コード（発生地）",
    "都道府県（発生地）",
    "市区町村（発生地）",
    "町丁目（発生地）",
    "発生年月日（始期）",
    "発生時（始期）",
]
# what follows depends on the theft; values are made up
_TAILS: dict[str, dict[str, tuple[str, ...]]] = {
    "zitensyatou": {
        "被害者の年齢": ("10歳代", "10歳代", "20歳代", "30歳代", "40歳代", "70歳以上"),
        "被害者の職業": ("その他", "その他", "高校生", "大学生", "中学生"),
        "施錠関係": ("施錠せず", "施錠せず", "施錠した"),
    },
    "ootobaitou": {
        "施錠関係": ("キーなし", "キーなし", "キーあり"),
        "盗難防止装置の有無": ("なし", "なし", "なし", "あり"),
        "現金以外の主な被害品": ("原動機付自転車（50cc以下）", "自動二輪（50cc超）"),
    },
    "syazyounerai": {"施錠関係": ("施錠した", "施錠せず"), "現金被害の有無": ("なし", "なし", "あり")},
    "buhinnerai": {"現金以外の主な被害品": ("ナンバープレート", "ナンバープレート", "その他", "タイヤ・ホイール")},
    "zidousyatou": {
        "施錠関係": ("キーなし", "キーなし", "キーあり"),
        "盗難防止装置の有無": ("なし", "なし", "あり"),
        "現金以外の主な被害品": ("乗用自動車", "貨物自動車"),
    },
    "zidouhanbaikinerai": {"現金被害の有無": ("あり", "なし")},
    "hittakuri": {
        "被害者の性別": ("女性", "女性", "男性"),
        "被害者の年齢": ("20歳代", "50歳代", "70歳以上"),
        "現金被害の有無": ("あり", "なし"),
    },
}


class _Writer:
    """Rows of one file in the manner of its year."""

    def __init__(self, year: int, slug: str, rng: np.random.Generator) -> None:
        self._year, self._slug, self._rng = year, slug, rng
        self._new = year >= FIRST_NEW_HEAD
        # the snatchings never got the second column
        self._detailed = self._new and slug != "hittakuri"

    @property
    def head(self) -> list[str]:
        """Headings."""
        place = ["発生場所"] if self._new else ["発生場所の属性"]
        return [*_HEAD, *place, *(["発生場所の詳細"] if self._detailed else []), *_TAILS[self._slug]]

    def row(self, record: Record, code: str, city: str, town: str, box: str) -> list[str]:
        """One record."""
        day, hour = record.began.isoformat(), f"{record.hour:02d}"
        if (self._year, self._slug) in SLASHED:
            day, hour = f"{record.began.year}/{record.began.month}/{record.began.day}", str(record.hour)
        cells = ["窃盗", MODUS[self._slug], "澄瀬", box, code, PREFECTURE, city, town, day]
        cells += ["不明" if record.hour < 0 else hour, PLACE_WORDS[record.kind]]
        if self._detailed:
            flats = record.kind in ("low_flats", "high_flats", "detached_house")
            lot = record.kind == "parking" or (flats and self._rng.random() < 0.6)
            cells.append("駐車（輪）場" if lot else "その他")
        return cells + [str(self._rng.choice(values)) for values in _TAILS[self._slug].values()]


def _neighbours(like: list[Record], rng: np.random.Generator) -> list[Record]:
    """Rows of the neighbouring municipality, made from the days and hours of ours."""
    number = 1 + int(len(like) * NEIGHBOURS_SHARE)
    if not like:
        return []
    picks = rng.choice(len(like), number)
    return [
        Record(r.theft, r.began, r.recognised, int(rng.integers(24)), str(rng.choice(KINDS)), -1)
        for r in (like[i] for i in picks.tolist())
    ]


def _spoilt(rows: list[list[str]]) -> None:
    """The slips that real files have; each must end among the rows set aside, with its reason."""
    if len(rows) > 12:
        rows[3][8] = f"{rows[3][8][:4]}-02-30"  # no such day
        rows[7][9] = "25"  # no such hour
        rows[11] = rows[11][:6]  # a row cut short


def files(scale: Scale, records: list[Record], names: list[str], boxes: list[str]) -> dict[str, bytes]:
    """File name -> content.

    Parameters
    ----------
    scale
        Seed and people.
    records
        All thefts.
    names, boxes
        Name and police box of each 町丁目.
    """
    rng = scale.stream("police")
    made = {}
    for year in YEARS:
        for slug in THEFTS:
            ours = [r for r in records if r.theft == slug and r.recognised.year == year]
            writer = _Writer(year, slug, rng)
            rows = []
            for record in ours:
                town = spelled(names[record.cell], rng) if record.cell >= 0 else ""
                box = boxes[record.cell] if record.cell >= 0 else ""
                rows.append(writer.row(record, CODE_6, CITY, town, box))
            if slug == "zitensyatou" and year == YEARS[0]:
                _spoilt(rows)
            code, _, city = NEIGHBOUR
            rows += [writer.row(r, code, city, "隣町一丁目", "隣町") for r in _neighbours(ours, rng)]
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows([writer.head, *rows])
            made[f"kakuu_{year}{slug}.csv"] = text.getvalue().encode(ENCODINGS[year])
    return made
