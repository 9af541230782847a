"""Draft letters to those whose poles, walls and cameras a plan needs: place, direction, days asked, cost, subsidy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.plan import OutsidePart, Plan, Site
from planner.show import markup, tables_duties, tables_plan, tables_programmes
from planner.show.style import CSS
from planner.show.table import Kind, Table, written
from planner.show.words import MARK, Words, safe
from planner.text import Language


@dataclass(frozen=True)
class Letter:
    """One draft: to whom, about what, sentences before the table, the table, sentences after it."""

    to: str
    subject: str
    before: tuple[str, ...]
    table: Table
    after: tuple[str, ...]


def letters(plan: Plan, words: Words) -> list[Letter]:
    """One letter per host whose mounts the plan uses, then one per owner of cameras outside the limits on days.

    Hosts of new sites and of sites whose device is renewed are asked to permit them; owners of cameras that are not the
    municipality's own are asked to keep footage as long as the limits say (or no longer).
    """
    asked: dict[str, list[Site]] = {}
    for site in plan.sites:
        if site.kind == "install":
            asked.setdefault(site.host, []).append(site)
    owners: dict[str, list[OutsidePart]] = {}
    for camera in tables_duties.duties_of(plan).outside:
        if camera.use != "own":
            owners.setdefault(camera.owner, []).append(camera)
    made = [_to_host(plan, host, sites, words) for host, sites in sorted(asked.items())]
    return made + [_to_owner(plan, owner, cameras, words) for owner, cameras in sorted(owners.items())]


def _to_host(plan: Plan, host: str, sites: Sequence[Site], words: Words) -> Letter:
    """A request to let cameras hang on somebody's poles or walls."""
    columns: list[tuple[str, Kind]] = [
        ("rank", "whole"),
        ("address", "text"),
        ("mount_kind", "text"),
        ("pole_number", "text"),
        ("bearing", "text"),
        ("specification", "text"),
        ("retention", "days"),
        ("cost", "yen"),
        ("subsidy", "yen"),
        ("programme", "text"),
    ]
    rows = [
        (
            s.rank,
            s.address,
            words.coded("mount_kind", s.mount_kind),
            s.pole_number or s.mount_id,
            words.join([words.compass(v.bearing_deg) for v in s.views]),
            tables_plan.specification(s, words),
            s.retention_days,
            s.total_yen,
            s.subsidy_yen,
            tables_programmes.programmes_named(plan, s.programme_id, words),
        )
        for s in sites
    ]
    cameras = sum(s.cameras for s in sites)
    before = (
        words.say("letter.opening", town=plan.town.name),
        words.say("letter.install", places=len(sites), cameras=cameras),
    )
    after = tuple(words.say(f"letter.{key}") for key in ("no_burden", "privacy", "not_decided", "answer"))
    return Letter(
        _named(host, words),
        words.say("letter.install_subject"),
        before,
        Table.of(words, "letter", columns, rows),
        after,
    )


def _to_owner(plan: Plan, owner: str, cameras: Sequence[OutsidePart], words: Words) -> Letter:
    """A request to keep footage as long as the limits say."""
    table = tables_duties.outside(plan, words)
    keys = [c.camera_id for c in tables_duties.duties_of(plan).outside]
    mine = {c.camera_id for c in cameras}
    rows = tuple(row for row, key in zip(table.rows, keys, strict=True) if key in mine)
    shown = Table("letter", table.columns, rows).without("owner", "use", "decision")
    able = [p for p in tables_duties.duties_of(plan).programmes if "extend" in p.kinds]
    names = words.join([tables_programmes.programme_name(p, words) for p in able])
    before = (
        words.say("letter.opening", town=plan.town.name),
        words.say("letter.retention", cameras=len(cameras)),
    )
    subsidy = (
        words.say("letter.subsidies", programmes=names) if able else words.say("letter.no_subsidy", town=plan.town.name)
    )
    after = (subsidy, *(words.say(f"letter.{key}") for key in ("prices", "not_decided", "answer")))
    return Letter(_named(owner, words), words.say("letter.retention_subject"), before, shown, after)


def _named(name: str, words: Words) -> str:
    """To whom; what the lists do not say is left open."""
    return words.say("letter.to", name=name) if name else words.say("letter.to_unknown")


def _made_from(plan: Plan, words: Words, audit_sha256: str) -> str:
    """Of which plan, and the latest hash of the store that keeps it."""
    kept = [words.say("show.audit", sha256=audit_sha256)] if audit_sha256 else []
    return words.join([words.say("letter.made_from", id=plan.plan_id[:12]), *kept])


def html_letters(plan: Plan, language: Language = "ja", audit_sha256: str = "") -> str:
    """All drafts as one page, each on a sheet of its own."""
    words = Words(language)
    parts = []
    for letter in letters(plan, words):
        before, after = ("".join(f"<p>{safe(s)}</p>" for s in told) for told in (letter.before, letter.after))
        parts.append(
            f'<section class="letter"><p class="soft">{safe(words.say("letter.number"))}</p>'
            f"<p>{safe(letter.to)}</p><p class='from'>{safe(words.say('letter.from', town=plan.town.name))}</p>"
            f"<h2>{safe(letter.subject)}</h2>{before}{markup.table(words, letter.table, small=True)}{after}"
            f'<p class="soft">{safe(words.say("letter.contact"))}<br>{safe(_made_from(plan, words, audit_sha256))}</p></section>'
        )
    body = "\n".join(parts) or f"<p>{safe(words.say('show.nothing'))}</p>"
    title = words.say("letter.title")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{safe(title)}</title>\n<style>{CSS}\n.letter {{ break-after: page; margin-bottom: 60px; }}\n"
        f".from {{ text-align: right; }}\n</style>\n</head>\n<body>\n"
        f'<p><span class="mark" title="{safe(MARK)}">{safe(words.say("show.mark"))}</span></p>\n'
        f"{body}\n</body>\n</html>\n"
    )


def text_letters(plan: Plan, language: Language = "ja", audit_sha256: str = "") -> str:
    """The same as plain text, for any word processor."""
    words = Words(language)
    parts = []
    for letter in letters(plan, words):
        heads = [c.heading for c in letter.table.columns]
        rows = []
        for row in letter.table.rows:
            cells = zip(heads, letter.table.columns, row, strict=True)
            rows.append("\n".join(f"  {head}: {written(words, c.kind, value)}" for head, c, value in cells))
        lines = [words.say("letter.number"), letter.to, words.say("letter.from", town=plan.town.name), letter.subject]
        closing = [words.say("letter.contact"), _made_from(plan, words, audit_sha256)]
        parts.append("\n\n".join([*lines, *letter.before, *rows, *letter.after, *closing]))
    rule = "\n\n" + "-" * 60 + "\n\n"
    return words.say("show.mark") + "\n\n" + (rule.join(parts) or words.say("show.nothing")) + "\n"
