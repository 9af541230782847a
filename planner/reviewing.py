"""Reviews on paper: an answer sheet for each police station, and what comes back read, checked and kept (P10).

An answer is an opinion, not an approval (P5). A sheet that asks about another version is refused; what cannot be read is
listed with its line; an answer that differs from an earlier one of the same station is a conflict that the planner settles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import shapely

from planner import assumptions, ingest, show, text
from planner.errors import InputError, Note
from planner.plan import Plan, Site, nearest, place_of
from planner.store import OPINIONS, Answer, Review, Store, Version
from planner.text import LANGUAGES, Language
from planner.tracing import place_in_town


@dataclass(frozen=True)
class Returned:
    """What an answer sheet says: answers that can be kept, and what could not be read."""

    station: str
    answered_on: str
    answers: tuple[Answer, ...]
    problems: tuple[Note, ...]


@dataclass(frozen=True)
class Conflict:
    """An answer that differs from the station's earlier one."""

    earlier: Review
    answer: Answer


@dataclass(frozen=True)
class Proposal:
    """A pin or ban that an answer suggests; the planner decides (P5).

    ``site``: what the wish would name, a site of the plan, or the place of one; ``site_id``: the site of the plan it
    is about, "" where the plan has none there; ``distance_m``: from a suggested place to what would be pinned for it.
    """

    kind: Literal["pin", "ban"]
    site: str
    site_id: str
    answer: Review
    distance_m: float | None = None


def proposals(plan: Plan, known: Sequence[Review]) -> list[Proposal]:
    """What the latest answers suggest, in the order received.

    支障なし and 条件付き suggest to pin the site as it stands, 再検討 to ban every change at its mount or camera, 要協議 nothing. A
    suggested place suggests to pin the nearest site, or else the nearest place left out of the plan, within the assumption
    ``request_reach_m``; one told in words alone suggests nothing.
    """
    sites = {s.site_id: s for s in plan.sites}
    latest = {(r.station, r.site_id): r for r in known if r.site_id in sites}
    found = [p for r in latest.values() if (p := _of_site(sites[r.site_id], r)) is not None]
    return found + [p for r in known if (p := _of_place(plan, r)) is not None]


def _of_site(site: Site, answer: Review) -> Proposal | None:
    """What an answer to one site suggests."""
    if answer.opinion == "reconsider":
        return Proposal("ban", place_of(site), site.site_id, answer)
    return None if answer.opinion == "to_discuss" else Proposal("pin", site.site_id, site.site_id, answer)


def _of_place(plan: Plan, answer: Review) -> Proposal | None:
    """What a suggested place suggests."""
    if answer.site_id or answer.east_m is None or answer.north_m is None:
        return None
    reach_m = assumptions.number("request_reach_m")
    for away_m, site in nearest(plan.sites, answer.east_m, answer.north_m)[:1]:
        if away_m <= reach_m:
            return Proposal("pin", site.site_id, site.site_id, answer, away_m)
    left_out = plan.advice.places if plan.advice is not None else []
    for away_m, place in nearest(left_out, answer.east_m, answer.north_m):
        if away_m > reach_m:
            break
        if place.code not in ("refused", "zone", "unusable", "not_buyable"):  # nothing could be pinned there
            return Proposal("pin", place.place_id, "", answer, away_m)
    return None


def suggestion(plan: Plan, lon_deg: float, lat_deg: float, comment: str, station: str, day: str) -> Answer:
    """A place that a station suggests, given in degrees (WGS 84).

    Raises
    ------
    InputError
        ``place_outside_town`` of `place_in_town`.
    """
    blocks = [shapely.Polygon(rings[0], rings[1:]) for area in plan.areas for rings in area.polygons]
    east, north = place_in_town(plan.town.epsg, np.array(blocks, dtype=object), lon_deg, lat_deg)
    return Answer("", "to_discuss", comment, station, day, round(east, 2), round(north, 2))


def sheet_for(
    plan: Plan,
    version: Version,
    who: str,
    language: Language,
    form: Literal["xlsx", "html"] = "xlsx",
    *,
    station: str = "",
    districts: Sequence[str] = (),
    ground: show.Ground | None = None,
    audit_sha256: str = "",
) -> bytes:
    """The answer sheet of one station.

    Parameters
    ----------
    plan, version
        What is asked about.
    who
        Whom the sheet is for, as it stands on it: station, section and post.
    form
        A workbook, or a page to print with the sites on an A3 map and boxes to tick.
    station, districts
        Only sites of this jurisdiction (or that film into it) and of these districts; all where none is named.
    ground
        Streets and buildings below the map to print.
    audit_sha256
        The latest hash of the store that keeps the version.
    """
    head = show.ReviewHead(version.plan_name, version.number, version.version_sha256, who, audit_sha256)
    opinions = [text.say(language, f"opinion.{o}") for o in OPINIONS]
    asked = show.asked_of(plan, station, districts)
    if form == "xlsx":
        return show.review_book(asked, head, opinions, language)
    return show.review_print(asked, head, opinions, language, ground)


def read(path: Path, plan: Plan, version: Version, name: str = "") -> Returned:
    """What a returned sheet says about a version.

    Parameters
    ----------
    path
        The workbook as it came back, in either language.
    plan, version
        What was asked about.
    name
        What its sender called it.

    Raises
    ------
    InputError
        ``review_unknown`` (no sheet of answers in it), ``review_stale`` (it asks about another version), ``review_unsigned``
        (station or day is missing), ``day_unreadable``; those of ``ingest.read_sheets``.

    Notes
    -----
    Problems: ``review_site_unknown``, ``review_opinion_unknown``, ``review_without_opinion`` (a comment without an opinion),
    ``review_site_twice`` (several lines on one site: none is taken), ``review_place_unreadable``, ``review_place_outside`` (far
    from the town); each with the line. Lines without opinion and comment were left blank and say nothing.
    """
    name = name or path.name
    sheets = ingest.read_sheets(path, name)
    language, rows = _answer_sheet(sheets, name)
    head = _head(rows, language)
    if head["version_sha256"] != version.version_sha256:
        raise InputError(
            "review_stale", f"{name}: {head['version_sha256'][:12]}", file=name, plan=head["plan"], version=head["version"],
            asked=version.number, name=version.plan_name,
        )  # fmt: skip
    missing = [key for key in ("station", "answered_on") if not head[key]]
    if missing:
        raise InputError("review_unsigned", f"{name}: {missing}", file=name, missing=_named(missing, language))
    day = ingest.read_day(head["answered_on"])
    answers, problems = _answers(rows, language, plan, head["station"], day)
    more, odd = _suggestions(sheets, language, plan, head["station"], day)
    return Returned(head["station"], day, (*answers, *more), (*problems, *odd))


def conflicts(earlier: Sequence[Review], returned: Returned) -> list[Conflict]:
    """Answers that differ in opinion from the latest one of the same station on the same site."""
    latest = {(r.station, r.site_id): r for r in earlier if r.site_id}
    found = []
    for answer in returned.answers:
        before = latest.get((answer.station, answer.site_id))
        if before is not None and before.opinion != answer.opinion:
            found.append(Conflict(before, answer))
    return found


def disagreements(plan: Plan, known: Sequence[Review]) -> list[tuple[Review, Review]]:
    """Sites of a plan that one station asks to reconsider and another does not object to: their latest answers, in the plan's order."""
    latest = {(r.station, r.site_id): r for r in known}
    found = []
    for site in plan.sites:
        said = [r for (_, about), r in latest.items() if about == site.site_id]
        against, fine = ([r for r in said if r.opinion == o] for o in ("reconsider", "no_objection"))
        found += [(one, other) for one in against for other in fine]
    return found


def new(earlier: Sequence[Review], returned: Returned) -> list[Answer]:
    """Answers that differ from the station's latest on the same site, and places not yet suggested: the same sheet twice adds nothing."""
    latest = {(r.station, r.site_id): _said(r) for r in earlier if r.site_id}
    told = {*latest.values(), *(_said(r) for r in earlier if not r.site_id)}
    return [a for a in returned.answers if _said(a) not in told]


def keep(
    shelf: Store, version: Version, answers: Sequence[Answer], original: bytes, name: str, author: str
) -> list[Review]:
    """Keep answers with the file they came in; the latest answer of a station counts."""
    return shelf.review(version, answers, author, shelf.keep_upload(name, original, author))


def _said(answer: Answer) -> tuple[object, ...]:
    """What an answer says, without when it was received."""
    return (
        answer.site_id,
        answer.opinion,
        answer.comment,
        answer.station,
        answer.answered_on,
        answer.east_m,
        answer.north_m,
    )


def _say(language: Language, key: str) -> str:
    return text.say(language, f"column.{key}")


def _named(keys: Sequence[str], language: Language) -> str:
    return ("、" if language == "ja" else ", ").join(_say(language, key) for key in keys)


def _answer_sheet(sheets: dict[str, list[list[str]]], name: str) -> tuple[Language, list[list[str]]]:
    """The sheet of answers and its language: the one whose first column names the figures above the table."""
    for rows in sheets.values():
        firsts = {row[0] for row in rows[: len(show.HEADS) + 2] if row}
        for language in LANGUAGES:
            if _say(language, "version_sha256") in firsts:
                return language, rows
    raise InputError("review_unknown", f"{name}: no sheet of answers", file=name, sheets=", ".join(sheets))


def _head(rows: list[list[str]], language: Language) -> dict[str, str]:
    """The figures above the table; "" where one is missing."""
    found = {row[0]: row[1] if len(row) > 1 else "" for row in rows if row}
    return {key: found.get(_say(language, key), "") for key in show.HEADS}


def _columns(rows: list[list[str]], first: str, keys: Sequence[str], language: Language) -> tuple[int, dict[str, int]]:
    """Line of the headings (the one that begins with ``first``) and where each column stands; -1 where it is gone."""
    names = [_say(language, key) for key in keys]
    for at, row in enumerate(rows):
        if first in row:
            return at, {key: row.index(name) if name in row else -1 for key, name in zip(keys, names, strict=True)}
    return len(rows), dict.fromkeys(keys, -1)


def _cell(row: list[str], at: int) -> str:
    return row[at] if 0 <= at < len(row) else ""


def _answers(
    rows: list[list[str]], language: Language, plan: Plan, station: str, day: str
) -> tuple[list[Answer], list[Note]]:
    """One answer a line, where an opinion was given."""
    start, at = _columns(rows, _say(language, "id"), ("id", *show.ANSWERS), language)
    lines = [[_cell(row, at[key]) for key in ("id", *show.ANSWERS)] for row in rows[start + 1 :]]
    times = Counter(site for site, opinion, comment in lines if opinion or comment)
    known = {s.site_id for s in plan.sites}
    words = {text.say(lang, f"opinion.{o}"): o for lang in LANGUAGES for o in OPINIONS}
    answers, problems = [], []
    for line, (site, opinion, comment) in enumerate(lines, start=start + 2):
        if not (opinion or comment):
            continue
        values = {"line": line, "site_id": site, "opinion": opinion, "comment": comment}
        if site not in known:
            problems.append(Note("review_site_unknown", values))
        elif times[site] > 1:
            problems.append(Note("review_site_twice", values))
        elif not opinion:
            problems.append(Note("review_without_opinion", values))
        elif opinion not in words:
            problems.append(Note("review_opinion_unknown", values))
        else:
            answers.append(Answer(site, words[opinion], comment, station, day))
    return answers, problems


def _suggestions(
    sheets: dict[str, list[list[str]]], language: Language, plan: Plan, station: str, day: str
) -> tuple[list[Answer], list[Note]]:
    """Suggested places: in degrees where they are known, else in words alone."""
    rows = sheets.get(text.say(language, "sheet.suggested"), [])
    start, at = _columns(rows, _say(language, "lon"), show.SUGGESTED, language)
    answers, problems = [], []
    for line, row in enumerate(rows[start + 1 :], start=start + 2):
        lon, lat, place, comment = (_cell(row, at[key]) for key in show.SUGGESTED)
        if not (lon or lat or place or comment):
            continue
        said = " ".join(part for part in (place, comment) if part)
        if not (lon or lat):
            answers.append(Answer("", "to_discuss", said, station, day))
            continue
        values = {"line": line, "lon": lon, "lat": lat, "comment": said}
        try:
            answers.append(suggestion(plan, float(lon), float(lat), said, station, day))
        except InputError:
            problems.append(Note("review_place_outside", values))
        except ValueError:
            problems.append(Note("review_place_unreadable", values))
    return answers, problems
