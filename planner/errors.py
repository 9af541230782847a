"""The few ways we say no.

Every refusal carries a ``code``; the sentence a user reads is looked up by that code in ``planner/text``.
``message`` is the English fallback for developers and logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class PlannerError(Exception):
    """Something the user can be told about, by code."""

    exit_code = 1

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.values: dict[str, Any] = values

    @property
    def faults(self) -> tuple[PlannerError, ...]:
        """The single refusals inside this one (itself, when it stands alone)."""
        return (self,)


class InputError(PlannerError, ValueError):
    """A file of the town cannot be used as it is."""

    exit_code = 2


class SettingsError(PlannerError, ValueError):
    """A wish (flag, settings file, ``town.toml``) cannot be read or contradicts itself."""

    exit_code = 2


class InfeasibleError(PlannerError):
    """No plan keeps all rules; ``values['rules']`` names those that fight."""

    exit_code = 3


class StoreError(PlannerError, OSError):
    """A plan cannot be read or written."""

    exit_code = 2


class StoppedError(PlannerError):
    """The user stopped the work before any plan stood."""

    exit_code = 130


class InputFaults(InputError):  # noqa: N818 - several errors raised as one
    """All faults of one reading, raised once."""

    def __init__(self, faults: Sequence[PlannerError]) -> None:
        super().__init__("input_faults", "; ".join(f.message for f in faults), number=len(faults))
        self._faults = tuple(faults)

    @property
    def faults(self) -> tuple[PlannerError, ...]:
        """Every refusal gathered in one reading."""
        return self._faults


@dataclass(frozen=True)
class Note:
    """Odd but bearable: carried in the inputs and in the plan, so that the municipality reads it too."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
