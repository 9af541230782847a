"""The doors: what is written where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from planner.plan import Plan
from planner.show import (
    files,
    geojson,
    geopackage,
    letters,
    page,
    public,
    sheet,
    spreadsheets,
    tables_advice,
    tables_duties,
    tables_plan,
)
from planner.show.ground import GROUND_FILE, Ground, encode_ground
from planner.show.marked import marked
from planner.show.table import Table
from planner.show.words import Words
from planner.text import Language

Format = Literal[
    "geojson",
    "coverage",
    "gpkg",
    "csv",
    "csv_cp932",
    "xlsx",
    "html",
    "a3",
    "public",
    "public_geojson",
    "retention",
    "hosts",
    "kpi",
    "letters",
    "letters_text",
    "prices",
    "exchanges",
    "requests",
    "places",
]
FILES: dict[Format, str] = {
    "geojson": "sites.geojson",
    "coverage": "coverage.geojson",
    "gpkg": "plan.gpkg",
    "csv": "sites.csv",
    "csv_cp932": "sites_cp932.csv",
    "xlsx": "plan.xlsx",
    "html": "plan.html",
    "a3": "sheet_a3.html",
    "public": "public.xlsx",
    "public_geojson": "public.geojson",
    "retention": "retention.csv",
    "hosts": "hosts.csv",
    "kpi": "kpi.csv",
    "letters": "letters.html",
    "letters_text": "letters_text.txt",
    "prices": "prices.csv",
    "exchanges": "exchanges.csv",
    "requests": "requests.csv",
    "places": "places.csv",
}


def file_name(format: Format) -> str:  # noqa: A002
    """The usual name of an export."""
    return FILES[format]


def content(
    plan: Plan,
    format: Format,  # noqa: A002 - the word users know
    language: Language = "ja",
    audit_sha256: str = "",
    ground: Ground | None = None,
) -> bytes:
    """One export as bytes.

    ``audit_sha256``: the latest hash of the store that the plan is kept in, borne by every export. ``ground``: streets and buildings
    below the maps of ``html`` and ``a3``.
    """
    words = Words(language)

    def listed(table: Table) -> bytes:
        return spreadsheets.csv_bytes(marked(table, plan, words, audit_sha256))

    made: dict[Format, Callable[[], bytes]] = {
        "geojson": lambda: geojson.encode(geojson.sites_document(plan, audit_sha256)),
        "coverage": lambda: geojson.encode(geojson.coverage_document(plan, audit_sha256)),
        "gpkg": lambda: geopackage.gpkg_bytes(plan, audit_sha256),
        "csv": lambda: spreadsheets.csv_bytes(tables_plan.sites_full(plan, words, audit_sha256)),
        "csv_cp932": lambda: spreadsheets.cp932_bytes(tables_plan.sites_full(plan, words, audit_sha256)),
        "xlsx": lambda: spreadsheets.xlsx_bytes(plan, words, audit_sha256),
        "html": lambda: page.render(plan, language, audit_sha256, ground).encode("utf-8"),
        "a3": lambda: sheet.render(plan, language, audit_sha256, ground).encode("utf-8"),
        "public": lambda: spreadsheets.book_bytes(
            plan, words, public.sheets(plan, words, audit_sha256), words.say("show.public_mark")
        ),
        "public_geojson": lambda: geojson.encode(public.document(plan, audit_sha256)),
        "retention": lambda: listed(tables_duties.TABLES["outside"](plan, words)),
        "hosts": lambda: listed(tables_duties.TABLES["hosts"](plan, words)),
        "kpi": lambda: listed(tables_duties.TABLES["kpi"](plan, words)),
        "prices": lambda: listed(tables_advice.prices(plan, words)),
        "exchanges": lambda: listed(tables_advice.exchanges(plan, words)),
        "requests": lambda: listed(tables_advice.requests(plan, words)),
        "places": lambda: listed(tables_advice.places(plan, words)),
        "letters": lambda: letters.html_letters(plan, language, audit_sha256).encode("utf-8"),
        "letters_text": lambda: letters.text_letters(plan, language, audit_sha256).encode("utf-8-sig"),
    }
    return made[format]()


def unencodable(plan: Plan, language: Language = "ja") -> list[tuple[int, str, str]]:
    """Cells of ``csv`` that ``csv_cp932`` cannot hold as they stand: line of the file, heading, text."""
    return spreadsheets.unencodable(tables_plan.sites_full(plan, Words(language)))


def export(
    plan: Plan,
    path: Path,
    format: Format,  # noqa: A002
    language: Language = "ja",
    ground: Ground | None = None,
    audit_sha256: str = "",
) -> list[Path]:
    """Write one format: whole or not at all.

    Parameters
    ----------
    plan
        The plan; every export works from it alone, and ``html`` and ``a3`` lie on the ``ground`` where it is given.
    path
        File to write.
    format
        ``geojson`` (sites, WGS 84, RFC 7946), ``coverage`` (what cameras see, likewise), ``gpkg`` (sites, coverage, areas in the
        town's metric CRS), ``csv`` (sites, UTF-8 with BOM), ``csv_cp932`` (for old programs; see ``unencodable``), ``xlsx``
        (every table, with a dictionary of all columns), ``html`` (the page with its map), ``a3`` (one sheet to print),
        ``public`` (workbook) and ``public_geojson``: the only two that may leave the office; ``retention`` (standing cameras
        outside the limits, CSV), ``hosts`` (steps of each site, CSV), ``kpi`` (indicators, CSV), ``letters`` and
        ``letters_text`` (draft letters to hosts and owners, HTML and plain text); ``prices`` (of pins, bans, floors), ``exchanges``
        (next best of each site), ``requests`` (answered), ``places`` (not chosen, and why), each CSV.
    language
        Language of headings and sentences; GeoJSON and GeoPackage carry both.
    audit_sha256
        As of `content`.

    Raises
    ------
    StoreError
        ``file_not_written``; ``asset_broken`` (html: a vendored file is missing or changed).
    """
    return files.put({Path(path): content(plan, format, language, audit_sha256, ground)})


def write_all(plan: Plan, folder: Path, language: Language = "ja", ground: Ground | None = None) -> list[Path]:
    """Write plan.json, sites.geojson, coverage.geojson, sites.csv and plan.html (and ground.json, for other exports) into a folder.

    Each file is whole or not at all; all are made before the first is put in its place.

    Raises
    ------
    StoreError
        ``file_not_written``, ``asset_broken``.
    """
    folder = Path(folder)
    return files.put(
        {
            folder / "plan.json": files.encode(plan),
            folder / "sites.geojson": content(plan, "geojson"),
            folder / "coverage.geojson": content(plan, "coverage"),
            folder / "sites.csv": content(plan, "csv", language),
            folder / "plan.html": content(plan, "html", language, ground=ground),
        }
        | ({folder / GROUND_FILE: encode_ground(ground)} if ground else {})
    )


def write_frontier(plan: Plan, path: Path, language: Language = "ja") -> list[Path]:
    """Write value and bound over the municipal budget as CSV (UTF-8 with BOM).

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    words = Words(language)
    return files.put(
        {Path(path): spreadsheets.csv_bytes(marked(tables_plan.frontier(plan.frontier, words), plan, words))}
    )
