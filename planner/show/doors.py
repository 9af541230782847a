"""The doors: what is written where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from planner.plan import Plan
from planner.show import files, geojson, geopackage, letters, page, spreadsheets, tables_duties, tables_plan
from planner.show.words import Words
from planner.text import Language

Format = Literal["geojson", "gpkg", "csv", "xlsx", "html", "retention", "hosts", "kpi", "letters", "letters_text"]
ENDINGS = {"retention": "csv", "hosts": "csv", "kpi": "csv", "letters": "html", "letters_text": "txt"}
_LISTS = {"retention": "outside", "hosts": "hosts", "kpi": "kpi"}


def content(plan: Plan, format: Format, language: Language = "ja") -> bytes:  # noqa: A002 - the word users know
    """One export as bytes."""
    words = Words(language)
    if format in _LISTS:
        return spreadsheets.csv_bytes(tables_duties.TABLES[_LISTS[format]](plan, words))
    makers: dict[str, Callable[[], bytes]] = {
        "geojson": lambda: geojson.encode(geojson.sites_document(plan)),
        "gpkg": lambda: geopackage.gpkg_bytes(plan),
        "csv": lambda: spreadsheets.csv_bytes(tables_plan.sites_full(plan, words)),
        "xlsx": lambda: spreadsheets.xlsx_bytes(plan, words),
        "html": lambda: page.render(plan, language).encode("utf-8"),
        "letters": lambda: letters.html_letters(plan, language).encode("utf-8"),
        "letters_text": lambda: letters.text_letters(plan, language).encode("utf-8-sig"),
    }
    return makers[format]()


def file_name(format: Format) -> str:  # noqa: A002
    """The name that a file of this format bears where none is given."""
    stem = "plan" if format in ("html", "xlsx", "gpkg") else format if format in ENDINGS else "sites"
    return f"{stem}.{ENDINGS.get(format, format)}"


def export(plan: Plan, path: Path, format: Format, language: Language = "ja") -> list[Path]:  # noqa: A002
    """Write one format: whole or not at all.

    Parameters
    ----------
    plan
        The plan; every export works from it alone.
    path
        File to write.
    format
        ``geojson`` (sites, WGS 84, RFC 7946), ``gpkg`` (sites, coverage, areas in the town's metric CRS), ``csv``
        (sites, UTF-8 with BOM), ``xlsx`` (every table), ``html`` (the page with its map); ``retention`` (standing cameras
        outside the limits, CSV), ``hosts`` (steps of each site, CSV), ``kpi`` (indicators, CSV), ``letters`` and
        ``letters_text`` (draft letters to hosts and owners, HTML and plain text).
    language
        Language of headings and sentences; GeoJSON and GeoPackage carry both.

    Raises
    ------
    StoreError
        ``file_not_written``; ``asset_broken`` (html: a vendored file is missing or changed).
    """
    return files.put({Path(path): content(plan, format, language)})


def export_coverage(plan: Plan, path: Path) -> list[Path]:
    """Write what chosen and standing cameras see as GeoJSON (WGS 84, RFC 7946).

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    return files.put({Path(path): geojson.encode(geojson.coverage_document(plan))})


def write_all(plan: Plan, folder: Path, language: Language = "ja") -> list[Path]:
    """Write plan.json, sites.geojson, coverage.geojson, sites.csv and plan.html into a folder.

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
            folder / "coverage.geojson": geojson.encode(geojson.coverage_document(plan)),
            folder / "sites.csv": content(plan, "csv", language),
            folder / "plan.html": content(plan, "html", language),
        }
    )


def write_frontier(plan: Plan, path: Path, language: Language = "ja") -> list[Path]:
    """Write value and bound over the municipal budget as CSV (UTF-8 with BOM).

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    return files.put({Path(path): spreadsheets.csv_bytes(tables_plan.frontier(plan.frontier, Words(language)))})
