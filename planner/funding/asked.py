"""A question about one subsidy as it is typed: costs and circumstances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from planner.errors import SettingsError
from planner.programmes import CATEGORIES, When
from planner.settings import nearest


def costs_of(text: str) -> dict[str, int]:
    """Costs as they are typed: ``camera=150000,installation=90000``, yen by category.

    Raises
    ------
    SettingsError
        ``cost_unreadable`` (with the nearest category).
    """
    costs: dict[str, int] = {}
    for part in text.split(","):
        name, _, yen = (piece.strip() for piece in part.partition("="))
        if name not in CATEGORIES or not (yen.isascii() and yen.isdigit()) or name in costs:
            near = nearest(name, CATEGORIES)
            raise SettingsError("cost_unreadable", f"--cost {part!r}", text=part.strip(), nearest=near)
        costs[name] = int(yen)
    return costs


def circumstances(given: Iterable[str], costs: Mapping[str, int]) -> When:
    """Circumstances as they are typed: ``own_pole=true``; a recorder or a pole among the costs counts as one.

    Raises
    ------
    SettingsError
        ``when_refused``: no such key (with the nearest), a key told twice, or a value that it cannot have.
    """
    told: dict[str, str] = {}
    keys = [name for name in When.model_fields if name != "text"]
    for part in given:
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in keys or key in told:
            raise SettingsError("when_refused", f"--when {part!r}", text=part, nearest=nearest(key, keys), reason="-")
        told[key] = value
    known: dict[str, Any] = {"recorder": "own"} if costs.get("recorder") else {}
    known |= {"own_pole": True} if costs.get("pole") else {}
    try:
        return When.model_validate({**known, **told})
    except ValidationError as error:
        first = error.errors()[0]
        text = f"{first['loc'][0]}={first['input']}"
        raise SettingsError("when_refused", f"--when {text}", text=text, nearest="-", reason=first["msg"]) from error
