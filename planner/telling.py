"""What is told of a town's records and its expected offences beside any plan: as plain values that can be kept and shown."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner import frames, plan, risk
from planner.errors import Note
from planner.frames import Demand, Inputs
from planner.settings import Settings
from planner.work import Work


def records(inputs: Inputs, demand: Demand) -> tuple[dict[str, list[dict[str, Any]]], tuple[Note, ...]]:
    """What the records say and what other reporting rates would change, as rows of plain values."""
    profile = risk.describe(inputs)
    tables = {name: table for name, table in vars(profile).items() if name != "notes"}
    tables["reporting_rates"] = risk.reporting(demand, inputs.areas)
    return {name: table.to_dict("records") for name, table in tables.items()}, profile.notes


def sureness(inputs: Inputs, demand: Demand) -> dict[str, Any]:
    """How sure the expected offences are, as plain values.

    ``ranks`` and ``basis`` are the rows of these tables; ``precision`` the number of recorded offences by how closely
    their place is known (count tables included).
    """
    known = inputs.incidents["precision"].value_counts()
    precision = {word: int(known.get(word, 0)) for word in frames.PRECISIONS}
    in_city = inputs.counts["area_id"] == ""
    precision["area"] += int(inputs.counts["number"][~in_city].sum())
    precision["city"] += int(inputs.counts["number"][in_city].sum())
    return {"ranks": _rows(demand.ranks), "basis": _rows(demand.basis), "precision": precision}


def validation(inputs: Inputs, settings: Settings, work: Work) -> dict[str, Any]:
    """The model held against the last year as plain values: ``frames.Validation``, its tables as rows, nan as None.

    Raises
    ------
    InputError
        ``validation_undated``, ``validation_short``, ``validation_empty``.
    """
    found = risk.validate(inputs, settings.risk, work)
    return {
        "tested_from": found.tested_from.isoformat(),
        "tested_until": found.tested_until.isoformat(),
        "history_years": found.history_years,
        "level_predicted": found.level_predicted,
        "level_observed": found.level_observed,
        "interval_share": settings.risk.interval_share,
        **{name: _rows(getattr(found, name)) for name in ("scores", "deciles", "districts")},
        "notes": [plan.remark(note).model_dump(mode="json") for note in found.notes],
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of plain values; what is not known is None."""
    return [{str(k): None if pd.isna(v) else v for k, v in row.items()} for row in table.to_dict("records")]
