"""Numbers, codes and remarks in the words of one language."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from planner.assumptions import number, rows
from planner.plan import Plan, Remark
from planner.text import LANGUAGES, Language, dates, knows, say

MARK = "内部資料・取扱注意（案） / INTERNAL DRAFT"
_CODED = {  # values of remarks that are codes, and the table of the catalogues that translates them
    "kind": "kind",
    "mount_kind": "mount_kind",
    "use": "use",
    "precision": "precision",
    "role": "role",
    "status": "status",
    "task": "task",
    "measure": "measure",
    "categories": "cost",
    "missing": "programme_field",
}
_OFFENCES = ("offence", "offences", "offence_group", "group", "groups")


@cache
def _offence_names(language: Language) -> Mapping[str, str]:
    return {row["offence"]: row[f"name_{language}"] for row in rows("offences")}


def safe(text: object) -> str:
    """Text that may stand in HTML, in an attribute and in the script templates of folium.

    The usual HTML escape, and numeric entities for what JavaScript template strings read as code; control
    characters become U+FFFD. Measured as never run and never blank in every place where folium puts a name.
    """
    plain = "".join("�" if ord(c) < 32 and c not in "\t\r\n" else c for c in str(text))
    escaped = html.escape(plain, quote=True)
    for sign in "\\`${}":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def two_digits(number: float) -> str:
    """Two significant digits (P12), grouped by thousands: 1,234.5 -> 1,200; 0.0345 -> 0.035."""
    if abs(number) < 1e-9:
        return "0"
    places = 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, places)
    if rounded and math.floor(math.log10(abs(rounded))) > 1 - places:  # 9.96 -> 10, not 10.0
        places -= 1
    return f"{rounded:,.{max(places, 0)}f}"


@dataclass(frozen=True)
class Words:
    """Everything a page, a table or a map needs to speak one language."""

    language: Language

    def say(self, key: str, **values: Any) -> str:
        """One sentence of the catalogue."""
        return say(self.language, key, **values)

    def coded(self, table: str, code: str) -> str:
        """A code in words; the code itself when no catalogue knows it, a dash when it is empty."""
        if not code:
            return self.none
        key = f"{table}.{code}"
        return self.say(key) if knows(key) else code

    @property
    def none(self) -> str:
        """What stands where nothing is known."""
        return "―" if self.language == "ja" else "–"

    def offence(self, group: str) -> str:
        """The name of an offence group (``a+b``: both names)."""
        names = _offence_names(self.language)
        return self.join([names.get(part, part) for part in group.split("+")])

    def join(self, parts: Sequence[str]) -> str:
        """Parts of a list in a row."""
        return ("、" if self.language == "ja" else ", ").join(parts)

    def run_on(self, sentences: Sequence[str]) -> str:
        """Sentences one after the other."""
        return ("" if self.language == "ja" else " ").join(s for s in sentences if s)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share as percent text."""
        return f"{share * 100:,.{digits}f}{'％' if self.language == 'ja' else '%'}"

    def share(self, share: float) -> str:
        """A share that somebody set as percent text, with a tenth of a percent only where it has one."""
        return self.percent(share, 0 if round(share * 1000) % 10 == 0 else 1)

    def gap(self, gap: float) -> str:
        """A gap as percent text, rounded up: the statement "within" must stay true."""
        return self.percent(math.ceil(gap * 1000 - 1e-9) / 1000, 0 if gap <= 0 else 1)

    def few(self, recorded: float) -> str:
        """A number of records on a map; small numbers, which could point at a person, only as such (P38)."""
        least = number("small_number")
        return self.say("show.fewer_than", number=f"{least:,.0f}") if recorded < least else f"{recorded:,g}"

    def yen(self, amount: float) -> str:
        """An amount with its unit."""
        return f"{amount:,.0f}円" if self.language == "ja" else f"{amount:,.0f} yen"

    def fiscal_year(self, year: int) -> str:
        """A fiscal year, in Japanese by the era in which it ends (令和元年度 began in April 2019, 平成31年)."""
        if self.language == "en":
            return self.say("show.fiscal_year", year=year)
        return dates.fiscal_year(year)

    def days(self, days: float | None) -> str:
        """Days with their unit."""
        return self.none if days is None else self.say("show.days", days=f"{days:,g}")

    def away(self, metres: float) -> str:
        """A distance as people say it: to the metre, and below one only that."""
        return self.say("show.under_a_metre" if metres < 1 else "show.about_metres", metres=f"{metres:,.0f}")

    def compass(self, bearing_deg: float) -> str:
        """A bearing as one of eight directions and degrees."""
        names = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
        name = self.say(f"compass.{names[round(bearing_deg / 45) % 8]}")
        return self.say("show.bearing", name=name, degrees=f"{bearing_deg:.0f}")

    def moment(self, iso: str) -> str:
        """An ISO date and time to the minute, in Japan's time; as it stands when it is none."""
        return dates.moment(self.language, iso)

    def day(self, iso: str) -> str:
        """An ISO date, in Japanese by era; as it stands when it is none."""
        return dates.day(self.language, iso)

    def district(self, name: str) -> str:
        """A district by its name; the one of a town without districts is the whole town."""
        return self.say("show.whole_town") if name == "all" else name

    def limits(self, min_days: float | None, max_days: float | None, origin: str) -> str:
        """The retention rule in words."""
        if min_days is None and max_days is None:
            return self.say("show.no_rule")
        parts = []
        if min_days is not None:
            parts.append(self.say("show.at_least", days=f"{min_days:,g}"))
        if max_days is not None:
            parts.append(self.say("show.at_most", days=f"{max_days:,g}"))
        rule = "".join(parts) if self.language == "ja" else self.join(parts)
        return self.say("show.rule_with_origin", rule=rule, origin=origin) if origin else rule

    def within(self, *, within: bool | None) -> str:
        """Whether a standing camera keeps the retention limits."""
        return self.say("show.limits_unknown" if within is None else f"show.limits_{'kept' if within else 'broken'}")


def _plain(value: Any, words: Words) -> Any:
    """A value as a sentence may show it; numbers stay numbers, so that the catalogue can format them."""
    if value is None:
        return words.none
    if isinstance(value, bool):
        return words.say("show.yes" if value else "show.no")
    if isinstance(value, (list, tuple)):
        return words.join([str(_plain(v, words)) for v in value])
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):  # a name in either language
        return value[words.language]
    if isinstance(value, Mapping):
        return words.join([f"{k} {_plain(v, words)}" for k, v in value.items()])
    return value


def _values(remark: Remark, words: Words) -> dict[str, Any]:
    """The values of a remark, codes translated, lists joined."""
    values: dict[str, Any] = {}
    for name, value in remark.values.items():
        each = value if isinstance(value, (list, tuple)) else [value]
        if name in _OFFENCES:
            values[name] = words.join([words.offence(str(v)) for v in each])
        elif name in _CODED:
            values[name] = words.join([words.coded(_CODED[name], str(v)) for v in each])
        else:
            values[name] = _plain(value, words)
    return values


def _reason(remark: Remark, words: Words) -> str:
    """Why a site is in the plan: the kind's sentence, then what is known of offence, distance, days, spots."""
    given = remark.values
    number = {k: v for k, v in given.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    area, gain = str(given.get("area") or words.say("show.unnamed_area")), number.get("gain")
    parts = [words.say(f"why.{remark.code}", area=area)]
    if gain is not None and abs(gain) >= 1e-9:
        parts.append(words.say("why.gain" if gain > 0 else "why.loss", gain=two_digits(abs(gain))))
    if given.get("offence"):
        name = words.offence(str(given["offence"]))
        share = number.get("offence_share")
        parts.append(
            words.say("why.offence", offence=name)
            if share is None
            else words.say("why.offence_share", offence=name, share=words.percent(share))
        )
    if remark.code != "remove" and "days" in number:
        parts.append(words.say("why.days", days=f"{number['days']:,g}"))
    if "nearest_standing_m" in number:
        parts.append(words.say("why.nearest", away=words.away(number["nearest_standing_m"])))
    if "spots" in number:
        parts.append(words.say("why.spots", spots=f"{number['spots']:,.0f}"))
    return words.run_on(parts)


def sentence(remark: Remark, language: Language = "ja") -> str:
    """A remark in words (plain text: escape it where it is shown).

    Codes ``note.<code>`` come from the catalogues as they are; codes ``why.<kind>`` are put together from what is
    known. An unknown code or a value that does not fit never raises: the code and its values are shown.
    """
    words = Words(language)
    try:
        if knows(f"note.{remark.code}"):
            return words.say(f"note.{remark.code}", **_values(remark, words))
        if knows(f"why.{remark.code}"):
            return _reason(remark, words)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        pass  # the fallback below shows everything that is known
    values = words.join([f"{name}={_plain(value, words)}" for name, value in remark.values.items()])
    return words.say("show.unknown_remark", code=remark.code, values=values or words.none)


def has_robbery_or_burglary(plan: Plan) -> bool:
    """Whether records of robbery or burglary stand behind the plan (P1)."""
    wanted = {"robbery", "burglary"}
    return any(o.expected_per_year > 0 and wanted & set(o.offence_group.split("+")) for o in plan.offences)


def purposes(language: Language) -> dict[str, str]:
    """Every purpose a plan may have, by code, in words."""
    codes = ("any_crime", *dict.fromkeys(row["purpose"] for row in rows("purposes")))
    return {code: say(language, f"purpose.{code}") for code in codes}


def purpose_of(plan: Plan) -> str:
    """The purpose that the plan was made for: which offences count (P1); plans from before purposes counted every one."""
    return str(plan.setting("purpose.profile") or "any_crime")


def proof(plan: Plan, words: Words) -> str:
    """The gap to the bound, and what proves the bound."""
    told = words.say(f"show.proof_{plan.status}", gap=words.gap(plan.gap))
    return words.run_on([told, words.say(f"show.proven_by_{plan.proven_by}") if plan.proven_by else ""])
