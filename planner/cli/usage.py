"""Words on the command line that no command can read: the parser's refusals as ours, by code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.errors import SettingsError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

# the parser keeps these classes to itself; all else that it refuses is a word too many or a command that is none
_CODES = {
    "MissingParameter": "usage_missing",
    "BadParameter": "usage_value",
    "NoSuchOption": "usage_option",
    "BadOptionUsage": "usage_missing",
}
NO_WORDS = "NoArgsIsHelpError"  # a command without a word that it needs; the parser has shown the help


def refusal(error: TyperException, words: Sequence[str]) -> SettingsError:
    """The parser's refusal by code, with what was given, and the command whose help says more.

    Codes ``usage_missing`` (``what``: the argument or option), ``usage_value`` (``what`` and its ``value``), ``usage_option``
    (``what``) or ``usage_option_near`` (also ``near``: options like it), ``usage_words`` (``value``: all that was given).
    """
    code = _CODES.get(type(error).__name__, "usage_words")
    about: Any = error
    context, parameter = getattr(about, "ctx", None), getattr(about, "param", None)
    near = list(getattr(about, "possibilities", None) or [])
    names = list(getattr(parameter, "opts", None) or [getattr(about, "option_name", "")])
    if parameter is not None and not any(name.startswith("-") for name in names):
        names = [parameter.metavar or parameter.name]
    told = {"command": getattr(context, "command_path", "planner"), "what": " / ".join(names)}
    if code == "usage_value":
        told["value"] = _given(names, words)
    elif code == "usage_words":
        told["value"] = " ".join(words)
    if near:
        code, told["near"] = "usage_option_near", " / ".join(near)
    return SettingsError(code, error.format_message(), **told)


def _given(names: Sequence[str], words: Sequence[str]) -> str:
    """What was given for an option of these names; for an argument all that was given."""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else " ".join(words[at + 1 : at + 2])
    return " ".join(words)


def is_help(error: TyperException) -> bool:
    """Whether the parser only shows how a command is used."""
    return type(error).__name__ == NO_WORDS
