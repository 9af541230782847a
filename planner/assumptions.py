"""Numbers from the world: value, unit, range, source. No row without a source.

``assumptions.csv`` holds single numbers, ``offences.csv`` the offences and their groups, ``delays.csv`` the
delay from an offence to its recording, ``densities.csv`` the pixel densities of the tasks, ``bitrates.csv`` what cameras send, ``place_kinds.csv``
what of an offence place can be filmed from public ground, ``purposes.csv`` which offences a plan of one purpose counts,
``place_layers.csv`` which kinds of places make which layer of the risk model, ``cost_categories.csv`` the budget section (節) of each
category of cost and how long what it buys lasts.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Assumption:
    """One number from the world."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str


@cache
def rows(table: str) -> tuple[Mapping[str, str], ...]:
    """The rows of one shipped table as text: ``offences``, ``delays``, ``densities``, ``bitrates``, ``place_kinds``, ``purposes``, ``place_layers``, ``cost_categories``."""
    with (_HERE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


@cache
def all_assumptions() -> dict[str, Assumption]:
    """Every assumption by name."""
    return {
        r["name"]: Assumption(r["name"], float(r["value"]), r["unit"], float(r["low"]), float(r["high"]), r["source"])
        for r in rows("assumptions")
    }


def number(name: str) -> float:
    """The value of one assumption; KeyError if it is not in the table."""
    return all_assumptions()[name].value


def harm(purpose: str) -> Mapping[str, float]:
    """What one offence of each kind weighs in a plan of this purpose: 1 for every one without a purpose (``any_crime``).

    Offences that the purpose does not name weigh 0: they are shown, but no site is chosen for them.
    """
    if purpose == "any_crime":
        return {row["offence"]: 1.0 for row in rows("offences")}
    named = {row["offence"]: float(row["harm"]) for row in rows("purposes") if row["purpose"] == purpose}
    return {row["offence"]: named.get(row["offence"], 0.0) for row in rows("offences")}
