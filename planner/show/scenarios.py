"""Plans beside the plan as parts of a page, as a page of their own and as a workbook."""

from __future__ import annotations

from pathlib import Path

from planner.plan import Cutbacks, Plan
from planner.show import files, markup, spreadsheets, style, tables_scenarios
from planner.show.marked import about, criteria_sentences, marked
from planner.show.page import ids
from planner.show.table import Column, Table, written
from planner.show.words import MARK, Words, safe
from planner.text import Language

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def tables(found: Cutbacks, plan: Plan, words: Words) -> list[tuple[str, Table]]:
    """Every table with the key of its heading, in order."""
    shown = [
        ("scenarios", tables_scenarios.plans(found, plan, words)),
        ("cuts", tables_scenarios.cuts(found, plan, words)),
        (
            "without_grant",
            tables_scenarios.sites(tables_scenarios.added(found, "without_grant"), words, "without_grant"),
        ),
        ("reserve", tables_scenarios.sites(found.reserve, words, "reserve")),
    ]
    if found.tender is not None:
        bought = tables_scenarios.added(found, "after_tender")
        shown.append(("after_tender", tables_scenarios.sites(bought, words, "after_tender")))
    return shown


def cutbacks_part(found: Cutbacks, plan: Plan, language: Language) -> str:
    """All of it as HTML with everything escaped; site ids, which tell a reader nothing, are in the workbook."""
    words = Words(language)
    said = "".join(f"<p>{safe(line)}</p>" for line in tables_scenarios.sentences(found, plan, words))
    return said + "".join(
        f"<h4>{safe(words.say(f'section.{key}'))}</h4>{markup.table(words, table.without('id'), small=True)}"
        for key, table in tables(found, plan, words)
    )


def cutbacks_lines(
    found: Cutbacks, plan: Plan, language: Language
) -> tuple[list[str], list[tuple[str, list[str], list[list[str]]]]]:
    """The same for a terminal: sentences, and heading, heads and lines of every table."""
    words = Words(language)
    shown = [
        (words.say(f"section.{key}"), [c.heading for c in table.columns], _texts(table, words))
        for key, table in tables(found, plan, words)
        if table.rows
    ]
    return tables_scenarios.sentences(found, plan, words), shown


def _texts(table: Table, words: Words) -> list[list[str]]:
    """The cells as a reader sees them."""
    return [[written(words, c.kind, v) for c, v in zip(table.columns, row, strict=True)] for row in table.rows]


def contracts_form(plan: Plan, language: Language = "ja", audit_sha256: str = "") -> bytes:
    """A CSV to fill in after the tender: each site with its address and planned cost, the contracted price left open.

    Headings that ``scenarios.contracts_of`` reads stand as codes; the others are for the reader.
    """
    words = Words(language)
    planned = words.say("column.cost")
    heads = [Column("site_id"), Column(words.say("column.address")), Column(planned, "yen")]
    heads += [Column("contract_yen", "yen"), Column("municipality_yen", "yen")]
    rows = tuple((s.site_id, s.address or s.area_name, s.total_yen, None, None) for s in plan.sites)
    table = Table("contracts", tuple(heads), rows)
    return spreadsheets.csv_bytes(marked(table, plan, words, audit_sha256))


def cutbacks_book(found: Cutbacks, plan: Plan, language: Language, audit_sha256: str = "") -> bytes:
    """The workbook of all of them: 査定対応表, 不採択時の案, 予備順位, after the tender; the last sheet says of which plan."""
    words = Words(language)
    sheets = [(key, [table]) for key, table in tables(found, plan, words)]
    sheets.append(("about", [about(plan, words, audit_sha256)]))
    return spreadsheets.book_bytes(plan, words, sheets, words.say("show.mark"))


def cutbacks_tables(found: Cutbacks, plan: Plan, language: Language) -> dict[str, str]:
    """The tables that say anything: key and heading."""
    words = Words(language)
    return {key: words.say(f"section.{key}") for key, table in tables(found, plan, words) if table.rows}


def cutbacks_csv(found: Cutbacks, plan: Plan, name: str, language: Language, audit_sha256: str = "") -> bytes:
    """One of the tables (by the key of its heading) as CSV."""
    words = Words(language)
    return spreadsheets.csv_bytes(marked(dict(tables(found, plan, words))[name], plan, words, audit_sha256))


def write_cutbacks(
    found: Cutbacks, plan: Plan, folder: Path, language: Language = "ja", audit_sha256: str = ""
) -> list[Path]:
    """``cutbacks.json``, ``cutbacks.xlsx`` and ``cutbacks.html``, marked like every plan.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    words = Words(language)
    title = safe(words.say("section.scenarios"))
    criteria = safe(words.run_on(criteria_sentences(plan, words)))
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<title>{title}</title>\n'
        f"<style>{style.CSS}</style>\n</head>\n<body>\n"
        f'<header><span class="mark" title="{safe(MARK)}">{safe(words.say("show.mark"))}</span><h1>{title}</h1>'
        f"<p>{safe(plan.town.name)} {safe(ids(plan, words, audit_sha256))}</p><p>{criteria}</p></header>\n"
        f"{cutbacks_part(found, plan, language)}\n</body>\n</html>\n"
    )
    told = found.model_copy(update={"audit_sha256": audit_sha256})
    return files.put(
        {
            folder / "cutbacks.json": (told.model_dump_json(indent=1) + "\n").encode("utf-8"),
            folder / "cutbacks.xlsx": cutbacks_book(found, plan, language, audit_sha256),
            folder / "cutbacks.html": page.encode("utf-8"),
        }
    )
