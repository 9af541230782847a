"""What one file of records says: its columns, whose rows they are, what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner import assumptions
from planner.frames import PLACE_KINDS, Town
from planner.ingest import words
from planner.ingest.columns import column_fault, pick
from planner.ingest.manifest import RoleSpec, Templates
from planner.ingest.names import code_changes, code_forms, municipality_name, old_codes
from planner.ingest.paths import Found
from planner.ingest.plane import prefecture_name
from planner.ingest.points import has_points
from planner.ingest.texts import TextRows

_CODE = "市区町村コード(発生地)"
_POLICE: Mapping[str, Templates] = {
    "offence": ("手口",),
    "occurred_on": ("発生年月日(始期)",),
    "hour": ("発生時(始期)",),
    "area": ("町丁目(発生地)",),
    "code": (_CODE,),
    "prefecture": ("都道府県(発生地)",),
    "city": ("市区町村(発生地)",),
}
_OLD_PLACE, _NEW_PLACE = "発生場所の属性", "発生場所"


def offence_words() -> dict[str, str]:
    """Folded text -> offence: our word, the Japanese and the English name, the modus of police data, file slugs."""
    known: dict[str, str] = {}
    for row in assumptions.rows("offences"):
        for text in (row["offence"], row["name_ja"], row["name_en"], row["modus_ja"], *row["slugs"].split()):
            known[words.folded(text).lower()] = row["offence"]
    known.pop("", None)
    return known


def _slug_offence(found: Found, known: Mapping[str, str]) -> str:
    """The offence that a file's name ends in ("" when none)."""
    stem = found.path.stem.lower()
    hits = [word for word in known if word.isascii() and stem.endswith(word)]
    return known[max(hits, key=len)] if hits else ""


def is_police(rows: TextRows) -> bool:
    """Whether the headings are those of the police forces' open data."""
    return _CODE in rows.headings and "手口" in rows.headings


def record_columns(rows: TextRows, spec: RoleSpec) -> dict[str, list[str]]:
    """The record columns of a file as folded text; "" where it has none.

    Raises
    ------
    InputError
        ``column_missing``.
    """
    count = len(rows.lines)
    got: dict[str, list[str] | None]
    if is_police(rows):
        mapping = {our: spec.columns.get(our, theirs) for our, theirs in _POLICE.items()}
        got = {our: pick(rows, "crime", our, mapping) for our in mapping}
        place = next((h for h in (_OLD_PLACE, _NEW_PLACE) if h in rows.headings), None)
        if place is None:
            raise column_fault(rows, "crime", [_NEW_PLACE])
        got["place_kind"] = rows.column(place)
    else:
        names = ("offence", "occurred_on", "hour", "place_kind", "area", "code", "incident_id")
        got = {our: pick(rows, "crime", our, spec.columns) for our in names}
        lacking = [our for our in ("offence", "occurred_on") if got[our] is None]
        if got["area"] is None and not has_points(rows, spec):
            lacking.append("area")
        if lacking:
            raise column_fault(rows, "crime", lacking)
    return {our: cells if cells is not None else [""] * count for our, cells in got.items()}


def whose(cells: Mapping[str, list[str]], town: Town) -> list[str]:
    """Per row "" (in the municipality), ``outside`` or a reason.

    The code decides, one that the municipality bore before too (B052); a row of another prefecture by name is never ours (a code with a lost zero could be). Without
    a readable code the prefecture and municipality names decide; a table without any of these is the town's own.
    """
    blank = [""] * len(cells["offence"])
    codes, prefectures, cities = (cells.get(k, blank) for k in ("code", "prefecture", "city"))
    ours = code_forms(town.code) | old_codes(town.code).keys()
    prefecture = prefecture_name(town.code)
    before = {c.old_name for c in code_changes() if c.new_code in ours}
    names = tuple(municipality_name(n) for n in (town.name, *before))
    known_city: dict[str, bool] = {}
    whole_table = not any(codes) and not any(cities)
    out: list[str] = []
    for code, where, city in zip(codes, prefectures, cities, strict=True):
        if where and prefecture and where != prefecture:
            out.append("outside")
        elif code.isascii() and code.isdigit():
            out.append("" if code in ours else "outside")
        elif city:
            if city not in known_city:
                known_city[city] = municipality_name(city).startswith(names)
            out.append("" if known_city[city] else "outside")
        else:
            out.append("" if whole_table else "municipality_unknown")
    return out


def parsed(cells: Mapping[str, list[str]], found: Found) -> tuple[dict[str, list[Any]], list[str]]:
    """Offence, day, hour and place kind of the municipality's rows, and the first reason per row.

    The detail of the newer headings (発生場所の詳細: car or cycle park) is not used: a lot inside a residence is the
    resident's, a lot of a shop is no public one.
    """
    known = offence_words()
    slug = _slug_offence(found, known)

    def offence(text: str) -> tuple[str, str]:
        hit = known.get(text.lower(), "" if text else slug)
        return hit, "" if hit else "offence_unknown"

    place = words.word("incidents", "place_kind", PLACE_KINDS)
    kinds, why = words.parse_each(cells["place_kind"], place)
    kinds = [k or "unknown" for k in kinds]
    values: dict[str, list[Any]] = {"place_kind": kinds}
    reasons = [why]
    for name, parse in (("offence", offence), ("occurred_on", words.date), ("hour", words.hour)):
        values[name], why = words.parse_each(cells[name], parse)
        reasons.append(why)
    return values, [next((r for r in row if r), "") for row in zip(*reasons, strict=True)]
