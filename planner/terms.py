"""The town's programmes under the terms that the user states, and those of them that may pay."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from planner.errors import SettingsError
from planner.programmes import Programme
from planner.settings import ProgrammeEdit, ProgrammesSettings, nearest


def edited(programmes: Sequence[Programme], wish: ProgrammesSettings) -> tuple[Programme, ...]:
    """Every programme under the terms that the user states.

    Raises
    ------
    SettingsError
        ``programme_edit_unknown`` (an id that the town does not have, with the nearest), ``programme_edit_refused`` (terms
        that no programme can have).
    """
    known = [programme.id for programme in programmes]
    for identity in (*wish.edit, *(wish.use or ())):
        if identity not in known:
            near = nearest(identity, known)
            raise SettingsError("programme_edit_unknown", f"{identity}: nearest {near}", id=identity, nearest=near)
    return tuple(_edited(p, wish.edit[p.id]) if p.id in wish.edit else p for p in programmes)


def _edited(programme: Programme, edit: ProgrammeEdit) -> Programme:
    """One programme under other terms."""
    terms = edit.model_dump(exclude_none=True, exclude={"origin"})
    try:
        return Programme.model_validate({**programme.model_dump(), **terms})
    except ValidationError as error:
        first = error.errors()[0]
        field, reason = ".".join(str(part) for part in first["loc"]) or "-", first["msg"]
        values = {"id": programme.id, "name": programme.named, "field": field, "reason": reason}
        raise SettingsError("programme_edit_refused", f"{programme.id}.{field}: {reason}", **values) from error


def in_force(programmes: Sequence[Programme], wish: ProgrammesSettings) -> tuple[Programme, ...]:
    """The programmes that may pay, under the terms that the user states; raises as `edited`."""
    return tuple(p for p in edited(programmes, wish) if wish.use is None or p.id in wish.use)
