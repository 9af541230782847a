"""Programme files: our own form, and records of real programmes with conditions in prose (the facts form)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from planner.ingest.words import SHIPPED
from planner.programmes import RUNNING, Programme, Variant, When

_FISCAL = re.compile(r"FY(\d{4})")
_FROM = re.compile(r"from (?:FY)?(\d{4})")
_SITES = re.compile(r"\bsites?\b")
_OVER = ("ended", "closed", "old", "superseded")
_SAME = ("id", "name_ja", "name_en", "jurisdiction_ja", "rate", "rate_note", "cap_total_basis", "max_units")
_ALSO = ("max_units_basis", "min_retention_days", "max_retention_days", "status", "verification", "notes")


def is_facts_form(entry: Any) -> bool:
    """Whether an entry is written as the records of real programmes are (``level`` instead of ``payer``)."""
    return isinstance(entry, dict) and "level" in entry and "payer" not in entry


def from_facts(entry: Mapping[str, Any]) -> Programme:
    """A record of a real programme as a `Programme`; what it does not state stays None, prose stays prose.

    Raises
    ------
    pydantic.ValidationError
        A value that no programme can have.
    """
    known = {name: entry.get(name) for name in (*_SAME, *_ALSO)}
    eligible = entry.get("eligible_categories")
    first, last = _years(str(entry.get("valid_years") or ""))
    kinds = [
        "install",
        *(["renew"] if "renewal" in (eligible or ()) else []),
        *(["repair"] if "repair" in (eligible or ()) else []),
    ]
    return Programme.model_validate(
        {
            **known,
            "payer": entry["level"],
            "recipient": {"municipality": "municipality", "community_body": "local_body"}.get(
                str(entry.get("recipient")), "either"
            ),
            "cap_per_camera_yen": entry.get("cap_per_camera"),
            "cap_per_site_yen": entry.get("cap_per_site"),
            "cap_total_yen": entry.get("cap_total"),
            "cap_total_of": _total_of(str(entry.get("cap_total_basis") or "")),
            "max_units_of": "site" if _SITES.search(str(entry.get("max_units_basis") or "")) else "camera",
            "eligible_cost_cap_per_camera_yen": entry.get("eligible_cost_cap_per_camera"),
            "min_eligible_cost_yen": entry.get("min_eligible_cost_total"),
            "rounding_yen": entry.get("rounding_unit_jpy"),
            "eligible_categories": eligible,
            "ineligible_categories": entry.get("ineligible_categories") or (),
            "kinds": kinds,
            "running": bool(eligible) and all(c in (*RUNNING, "repair", "relocation") for c in eligible or ()),
            "variants": [variant for v in entry.get("cap_variants") or () for variant in _variants(v)],
            "applicants": entry.get("applicants") or (),
            "conditions": entry.get("conditions") or (),
            "first_fiscal_year": first,
            "last_fiscal_year": last,
            "years_note": entry.get("valid_years"),
            "closed": _closed(str(entry.get("status") or "")),
            "sources": entry.get("source") or (),
        }
    )


@cache
def _phrases() -> dict[str, list[dict[str, Any]]]:
    tree: dict[str, list[dict[str, Any]]] = yaml.safe_load((SHIPPED / "grant_phrases.yaml").read_text(encoding="utf-8"))
    return tree


def _variants(variant: Mapping[str, Any]) -> list[Variant]:
    """One record of other terms: several where its phrase names several circumstances."""
    phrase = str(variant["when"])
    whens = [When(**keys) for keys in _phrases().get(phrase, [{"text": phrase}])]
    terms = {
        "rate": variant.get("rate"),
        "cap_per_camera_yen": variant.get("cap_per_camera"),
        "cap_per_site_yen": variant.get("cap_per_site"),
        "cap_total_yen": variant.get("cap_total"),
        "eligible_cost_cap_per_camera_yen": variant.get("eligible_cost_cap_per_camera"),
        "eligible_cost_cap_per_camera_yen_per_year": variant.get("eligible_cost_cap_per_camera_year"),
        "add_per_site_yen": variant.get("add_per_site"),
        "pole_part_yen": variant.get("of_which_pole_only"),
    }
    return [Variant.model_validate({"when": when, **terms}) for when in whens]


def _years(text: str) -> tuple[int | None, int | None]:
    """First and last fiscal year that a text names; an open end is None, and so is what it does not say."""
    begun = _FROM.search(text)
    years = [int(year) for year in _FISCAL.findall(text)]
    if not years:
        return (int(begun[1]), None) if begun else (None, None)
    is_open = "onward" in text or text.rstrip().endswith("-") or (begun is not None and len(years) == 1)
    return min(years), None if is_open else max(years)


def _closed(status: str) -> bool | None:
    """Whether a status says that the programme is over (None: it does not say)."""
    low = status.lower()
    if low.startswith(_OVER) or " ended" in low:
        return True
    return False if low.startswith("current") else None


def _total_of(basis: str) -> str:
    """Whose ceiling the total is: of all that is paid here, of one body, or of one application."""
    if not basis or "national share" in basis or "交付限度額" in basis:
        return "programme"
    return "application" if "application" in basis or "project" in basis else "body"
