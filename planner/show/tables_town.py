"""Tables about the town and what the plan stands on: cameras of today, blocks, districts, notes, sources, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.frames import SHIPPED_NOTE
from planner.plan import DistrictPart, Plan, SettingPart, TodayCamera
from planner.show.advising import thing_name
from planner.show.ranges import faces, plates, ranges
from planner.show.table import Kind, Table
from planner.show.tables_programmes import edited_terms, programmes_named
from planner.show.words import Words, sentence
from planner.text import Language, knows, measure_name

_DAYS = ("as_of", "grant_decision_on")


def standing(plan: Plan, words: Words) -> Table:
    """Cameras of today and what the plan does with each."""
    columns: list[tuple[str, Kind]] = [
        ("camera_id", "text"),
        ("owner", "text"),
        ("use", "text"),
        ("working", "text"),
        ("retention", "days"),
        ("limits", "text"),
        ("locked_until", "text"),
        ("counted", "share"),
        ("in_view", "offences"),
        ("in_view_low", "offences"),
        ("in_view_high", "offences"),
        ("unknown", "text"),
        ("range", "text"),
        ("face", "text"),
        ("plate", "text"),
        ("decision", "text"),
    ]
    ends = {} if plan.today is None else {c.camera_id: c for c in plan.today.cameras}
    rows = []
    for c in plan.standing:
        working = words.say("show.unknown" if c.working is None else f"show.working_{'yes' if c.working else 'no'}")
        rows.append(
            (
                c.camera_id,
                c.owner,
                words.coded("use", c.use),
                working,
                c.retention_days,
                words.within(within=c.within_limits),
                words.day(c.locked_until),
                c.count_share,
                sum(c.in_view_per_year.values()),
                *_ends(ends.get(c.camera_id), words),
                ranges(c.views, words),
                faces(c.views, words),
                plates(c.views, words),
                words.coded("kind", c.decision),
            )
        )
    return Table.of(words, "standing", columns, rows)


def _ends(known: TodayCamera | None, words: Words) -> tuple[float | None, float | None, str]:
    """Least and most that a camera of today may see, and what nobody told of it."""
    if known is None:
        return None, None, ""
    return known.low_per_year, known.high_per_year, words.join([words.say(f"today.unknown_{n}") for n in known.unknown])


def areas(plan: Plan, words: Words) -> Table:
    """Town blocks: recorded, expected, within view."""
    columns: list[tuple[str, Kind]] = [
        ("area_id", "text"),
        ("area", "text"),
        ("district", "text"),
        ("police_station", "text"),
        ("households", "whole"),
        ("recorded", "number"),
        ("expected", "offences"),
        ("low", "offences"),
        ("high", "offences"),
        ("uniform", "offences"),
        ("place", "offences"),
        ("before", "offences"),
        ("after", "offences"),
    ]
    rows = [
        (
            a.area_id,
            a.name,
            words.district(a.district_id),
            a.police_station,
            a.households,
            a.recorded,
            a.expected_per_year,
            a.low_per_year,
            a.high_per_year,
            a.uniform_per_year,
            a.place_per_year,
            a.before_per_year,
            a.after_per_year,
        )
        for a in plan.areas
    ]
    return Table.of(words, "areas", columns, rows)


def districts(plan: Plan, words: Words) -> Table:
    """Fairness: what each district expects and gets, cameras of today included."""
    columns: list[tuple[str, Kind]] = [
        ("district", "text"),
        ("households", "whole"),
        ("sites", "whole"),
        ("cameras", "whole"),
        ("standing", "whole"),
        ("expected", "offences"),
        ("place", "offences"),
        ("before", "offences"),
        ("after", "offences"),
        ("share_before", "share"),
        ("share_after", "share"),
        ("after_per_1000", "offences"),
        ("cameras_per_1000", "offences"),
    ]
    return Table.of(words, "districts", columns, [_district(d, words) for d in plan.districts])


def _district(d: DistrictPart, words: Words) -> tuple[Any, ...]:
    """One district: shares of what can be filmed, and numbers per 1,000 households where they are known."""
    thousands = d.households / 1000 if d.households else None
    return (
        words.district(d.district_id),
        d.households,
        d.sites,
        d.cameras,
        d.standing,
        d.expected_per_year,
        d.place_per_year,
        d.before_per_year,
        d.after_per_year,
        d.before_per_year / d.place_per_year if d.place_per_year > 0 else None,
        d.after_per_year / d.place_per_year if d.place_per_year > 0 else None,
        d.after_per_year / thousands if thousands else None,
        (d.cameras + d.standing) / thousands if thousands else None,
    )


def settings(plan: Plan, words: Words) -> Table:
    """Every setting in force and where it came from."""
    columns: list[tuple[str, Kind]] = [("setting", "text"), ("setting_value", "text"), ("origin", "text")]
    rows = [
        (words.coded("setting", s.key), _setting(plan, s, words), words.coded("origin", s.origin))
        for s in plan.settings
    ]
    return Table.of(words, "settings", columns, rows)


def _setting(plan: Plan, part: SettingPart, words: Words) -> str:
    """A setting's value with its unit, in words."""
    value, key = part.value, part.key.rsplit(".", 1)[-1]
    if value is None or value in ("", [], (), {}):
        return words.say("show.not_set")
    if isinstance(value, dict):
        return words.join([_pair(plan, key, name, one, words) for name, one in value.items()])
    if isinstance(value, (int, float)):
        return words.fiscal_year(int(value)) if key == "fiscal_year" else _amount(value, part.unit, words)
    if isinstance(value, (list, tuple)):
        return words.join([_listed(plan, part.key, number, one, words) for number, one in enumerate(value, 1)])
    if key in _DAYS:
        return words.day(str(value))
    kinds = {"task": "task", "standard": "standard", "profile": "purpose"}
    return words.coded(kinds[key], str(value)) if key in kinds else str(value)


def _listed(plan: Plan, key: str, number: int, value: Any, words: Words) -> str:
    """One entry of a setting that is a list: a rule, a programme, a site, the sites of another plan."""
    if isinstance(value, dict):
        return rule_sentence(plan, value, words)
    if key == "programmes.use":
        return programmes_named(plan, str(value), words)
    if isinstance(value, (list, tuple)):
        return words.say("show.sites_of_plan", number=number, sites=words.join([_thing(plan, v, words) for v in value]))
    return _thing(plan, value, words)


def _thing(plan: Plan, name: Any, words: Words) -> str:
    return thing_name(plan, str(name), words.language)


def _pair(plan: Plan, key: str, name: str, value: Any, words: Words) -> str:
    """One entry of a setting that is a list of names and values."""
    if key == "sections":
        return words.say("show.rule_of", id=words.coded("cost", name), rules=words.coded("budget_section", value))
    if isinstance(value, dict):  # terms of a programme
        told = edited_terms(plan, value, words)
        return words.say("show.rule_of", id=programmes_named(plan, name, words), rules=told or words.none)
    return words.say("show.rule_of", id=words.district(name), rules=value)


def _amount(value: float, unit: str, words: Words) -> str:
    """A number with its unit; a share as percent; yes or no."""
    if isinstance(value, bool):
        return words.say("show.yes" if value else "show.no")
    if float(value).is_integer():
        value = int(value)
    if unit == "share":
        return words.share(value)
    if unit in ("-", ""):
        return f"{value:,}"
    return words.say("show.with_unit", number=f"{value:,}", unit=words.coded("unit", unit))


def rule_sentence(plan: Plan, rule: Mapping[str, Any], words: Words) -> str:
    """A rule on a district or a measure, a wish about a site, or a view beside those surveyed, in words."""
    if "bearing_deg" in rule:
        model = next((s.model_name for s in plan.sites if s.model_id == rule["model"]), rule["model"])
        told = words.join([model, words.compass(rule["bearing_deg"])])
        return words.say("show.rule_of", id=_thing(plan, rule["site"], words), rules=told)
    if "reason" in rule:
        said = [words.coded("wish_reason", rule["reason"]), rule.get("who", ""), words.day(rule.get("when") or "")]
        return words.say(
            "show.rule_of", id=_thing(plan, rule["site"], words), rules=words.join([one for one in said if one])
        )
    if "measure" in rule:
        where = words.district(rule.get("district") or "all")
        share = words.say("show.rule_floor", share=words.percent(rule["share"]))
        return words.say(
            "show.rule_of", id=where, rules=words.join([measure_name(rule["measure"], words.language), share])
        )
    parts = []
    if rule.get("min_sites") is not None:
        parts.append(words.say("show.rule_min", number=f"{rule['min_sites']:,}"))
    if rule.get("max_sites") is not None:
        parts.append(words.say("show.rule_max", number=f"{rule['max_sites']:,}"))
    if rule.get("floor_share") is not None:
        parts.append(words.say("show.rule_floor", share=words.percent(rule["floor_share"])))
    return words.say("show.rule_of", id=words.district(rule["id"]), rules=words.join(parts) or words.none)


def sources(plan: Plan, words: Words) -> Table:
    """Every file and where its rows went; the four add up."""
    columns: list[tuple[str, Kind]] = [
        ("role", "text"),
        ("file", "text"),
        ("rows", "whole"),
        ("accepted", "whole"),
        ("set_aside", "whole"),
        ("duplicate", "whole"),
        ("outside", "whole"),
        ("encoding", "text"),
        ("sha256", "text"),
        ("remark", "text"),
    ]
    rows = [
        (
            words.coded("role", s.role),
            s.file,
            s.rows,
            s.accepted,
            s.set_aside,
            s.duplicate,
            s.outside,
            s.encoding.strip("-"),
            s.sha256,
            _remark(s.note, words),
        )
        for s in plan.sources
    ]
    return Table.of(words, "sources", columns, rows)


def _remark(note: str, words: Words) -> str:
    """The town's own note of a source, or that it came with the program."""
    if note.startswith(SHIPPED_NOTE):
        return words.say("show.shipped", day=words.day(note.removeprefix(SHIPPED_NOTE)))
    return note


def notes(plan: Plan, words: Words) -> Table:
    """What was assumed, as sentences."""
    return Table.of(words, "notes", [("note", "text")], [(sentence(n, words.language),) for n in plan.notes])


def assumptions(plan: Plan, words: Words) -> Table:
    """Numbers from the world with range and source."""
    columns: list[tuple[str, Kind]] = [
        ("name", "text"),
        ("number", "number"),
        ("unit", "text"),
        ("low_value", "number"),
        ("high_value", "number"),
        ("source", "text"),
    ]
    rows = [
        (words.coded("assumption", a.name), a.value, words.coded("unit", a.unit), a.low, a.high, a.source)
        for a in plan.assumptions
    ]
    return Table.of(words, "assumptions", columns, rows)


def tables_differing(plan: Plan, other: Plan, language: Language) -> str:
    """In which input tables two plans differ, in words."""
    words, one, two = Words(language), plan.table_hashes, other.table_hashes
    names = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
    return words.join([words.coded("role" if knows(f"role.{name}") else "table", name) for name in names])
