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


@dataclass(frozen=True)
class Question:
    """What only the planner can decide: a proposal is made, nothing is guessed.

    The sentence is ``question.<code>``, filled from ``values``; a choice is shown as ``choice.<code>.<choice>`` where
    the catalogues know it, else as it stands. ``about`` tells questions of one code apart (a column, a word).
    ``lasting``: one answer holds for every file of the role (headings, spellings), those of next year too.
    """

    code: str
    role: str
    file: str
    proposal: str
    choices: tuple[str, ...]  # () where any text may be the answer
    values: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    lasting: bool = False
    preview: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # choice -> how the first rows would be read
    places: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)  # choice -> (lon, lat), degrees

    @property
    def key(self) -> str:
        """The key under which the answer is kept."""
        return self._key("" if self.lasting else self.file)

    @property
    def file_key(self) -> str:
        """The key of an answer for this file alone; it goes before a lasting one."""
        return self._key(self.file)

    def _key(self, file: str) -> str:
        return ":".join(part for part in (self.role, self.code, self.about, file) if part)


class UnansweredError(InputError):
    """A question that has no answer yet; nothing is planned until it has one."""

    def __init__(self, question: Question) -> None:
        values = {"role": question.role, "file": question.file, "about": question.about, **question.values}
        super().__init__(question.code, f"{question.key}: proposed {question.proposal!r}", **values)
        self.question = question


class InputFaults(InputError):  # noqa: N818 - several errors raised as one
    """All faults of one reading, raised once; ``account`` (frames.Account) is what could be read all the same."""

    def __init__(self, faults: Sequence[PlannerError], account: Any = None) -> None:
        super().__init__("input_faults", "; ".join(f.message for f in faults), number=len(faults))
        self._faults = tuple(faults)
        self.account = account

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions among the faults."""
        return tuple(f.question for f in self._faults if isinstance(f, UnansweredError))

    @property
    def faults(self) -> tuple[PlannerError, ...]:
        """Every refusal gathered in one reading."""
        return self._faults


@dataclass(frozen=True)
class Note:
    """Odd but bearable: carried in the inputs and in the plan, so that the municipality reads it too."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
