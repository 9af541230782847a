"""``town.toml``: read, checked key by key, every unknown key refused with the nearest known one."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from planner.errors import InputError, SettingsError
from planner.frames import Town
from planner.ingest.dates import day
from planner.ingest.ledger import Ledger
from planner.ingest.names import check_digit
from planner.ingest.plane import study_epsg
from planner.ingest.roles import SUPPORTED, role
from planner.settings import nearest

WISHES = ("purpose", "budget", "funding", "retention", "rules", "criteria", "review", "schedule", "siting")
_OF_PROGRAMMES = ("use", "edit")  # wishes that stand beside the files of the role
TABLES = ("town", *SUPPORTED, *WISHES, "answers")
_TOWN_KEYS = ("name", "code", "crs", "applicant", "as_of")
_ROLE_KEYS = ("file", "files", "layer", "encoding", "crs", "columns", "note")
_TEXTS = ("layer", "encoding", "crs", "note", "period")
_APPLICANTS = ("municipality", "local_body")

Templates = tuple[str, ...]  # the first whose fields are all filled


@dataclass(frozen=True)
class RoleSpec:
    """What ``town.toml`` says about one role."""

    name: str
    patterns: tuple[str, ...]
    literal: bool
    layer: str | None
    encoding: str | None
    crs: str | None
    columns: Mapping[str, Templates]
    note: str
    shipped: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(
        default_factory=dict
    )  # our column -> the word that holds for every row (forms)
    period: str = ""  # crime: what the records cover, 2026-01/2026-09
    municipality: str = ""  # the town's code, five digits
    codes: Templates = ()  # headings that say to which municipality a row belongs (forms)
    skip: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # heading -> cell -> reason (forms)
    dates: str = ""  # month_first: 12/31/2024 (forms)
    fill: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # shipped programme -> what the town states


@dataclass(frozen=True)
class Manifest:
    """A checked ``town.toml``."""

    town: Town
    roles: Mapping[str, RoleSpec]
    wishes: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, str]


def _refuse_unknown(table: str, keys: Mapping[str, Any], known: tuple[str, ...], ledger: Ledger) -> None:
    """One fault per key that nobody reads."""
    for key in keys:
        if key not in known:
            near = nearest(key, known)
            ledger.faults.append(
                SettingsError("unknown_key", f"[{table}] {key}: nearest is {near}", table=table, key=key, nearest=near)
            )


def _text(table: str, key: str, value: Any) -> str:
    """A text value, or a refusal."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(
            "key_kind", f"[{table}] {key} must be text", table=table, key=key, value=str(value)[:80], kind="text"
        )
    return value


def _texts(table: str, key: str, value: Any) -> tuple[str, ...]:
    """A list of texts (one text counts as a list of one), or a refusal."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise InputError("key_kind", f"[{table}] {key} is empty", table=table, key=key, value="[]", kind="list of text")
    return tuple(_text(table, key, item) for item in items)


def _town(values: Mapping[str, Any], ledger: Ledger) -> Town | None:
    """The ``[town]`` table."""
    _refuse_unknown("town", values, _TOWN_KEYS, ledger)
    name = code = ""
    with ledger.gathering():
        if "name" not in values:
            raise InputError("key_missing", "[town] name is missing", table="town", key="name")
        name = _text("town", "name", values["name"])
    with ledger.gathering():
        if "code" not in values:
            raise InputError("key_missing", "[town] code is missing", table="town", key="code")
        code = _code(values["code"])
    applicant = values.get("applicant", "municipality")
    if applicant not in _APPLICANTS:
        ledger.faults.append(
            InputError(
                "applicant_unknown",
                f"[town] applicant {applicant!r}",
                value=str(applicant)[:80],
                allowed=", ".join(_APPLICANTS),
            )
        )
    with ledger.gathering():
        if code or values.get("crs") is not None:
            epsg = study_epsg(code, values.get("crs"))
            return Town(name, code, epsg, str(applicant)) if name and code else None
    return None


def _as_of(value: Any) -> dt.date:
    """The day up to which the data can reach."""
    read = day(_text("town", "as_of", value))
    if read.value is None or read.precision != "day":
        raise InputError(
            "key_kind", f"[town] as_of {value!r}", table="town", key="as_of", value=value, kind="2026-11-25"
        )
    return read.value


def _code(value: Any) -> str:
    """A municipality code of five digits; a sixth, the check digit, must fit."""
    text = str(value).strip() if isinstance(value, str) else ""
    plain = text.isascii() and text.isdigit()
    if plain and len(text) == 6 and check_digit(text[:5]) == text[5]:
        return text[:5]
    if not plain or len(text) != 5:
        raise InputError("code_refused", f"[town] code {value!r}", value=str(value)[:80])
    return text


def _tables(table: str, key: str, value: Any) -> dict[str, Mapping[str, Any]]:
    """A table of tables, or a refusal."""
    if not isinstance(value, dict) or not all(isinstance(inner, dict) for inner in value.values()):
        raise InputError("key_kind", f"[{table}] {key}", table=table, key=key, value=str(value)[:80], kind="table")
    return value


def _columns(name: str, values: Any, ledger: Ledger) -> dict[str, Templates]:
    """The mapping from our columns to the source's headings or templates."""
    if not isinstance(values, dict):
        raise InputError(
            "key_kind", f"[{name}] columns", table=name, key="columns", value=str(values)[:80], kind="table"
        )
    _refuse_unknown(f"{name}.columns", values, tuple(c.name for c in role(name).columns), ledger)
    return {our: _texts(name, f"columns.{our}", theirs) for our, theirs in values.items()}


def _role(name: str, values: Mapping[str, Any], ledger: Ledger) -> RoleSpec | None:
    """One role table."""
    keys: tuple[str, ...] = (
        ("file", "files", "note", "shipped", "fill", *_OF_PROGRAMMES) if name == "programmes" else _ROLE_KEYS
    )
    keys += ("period",) if name == "crime" else ()
    _refuse_unknown(name, values, keys, ledger)
    with ledger.gathering():
        literal = "file" in values
        if literal and "files" in values:
            raise InputError("file_and_files", f"[{name}] has file and files", role=name)
        if not literal and "files" not in values and "shipped" not in values:
            raise InputError("key_missing", f"[{name}] file is missing", table=name, key="file")
        patterns: tuple[str, ...] = ()
        if literal:
            patterns = (_text(name, "file", values["file"]),)
        elif "files" in values:
            patterns = _texts(name, "files", values["files"])
        texts = {key: _text(name, key, values[key]) for key in keys[2:] if key in values and key in _TEXTS}
        return RoleSpec(
            name,
            patterns,
            literal,
            texts.get("layer"),
            texts.get("encoding"),
            texts.get("crs"),
            _columns(name, values.get("columns", {}), ledger),
            texts.get("note", ""),
            _texts(name, "shipped", values["shipped"]) if "shipped" in values else (),
            period=texts.get("period", ""),
            fill=_tables(name, "fill", values.get("fill", {})),
        )
    return None


def _answers(values: Mapping[str, Any], ledger: Ledger) -> dict[str, str]:
    """The remembered answers; one that is no text is a fault."""
    answers: dict[str, str] = {}
    for key, value in values.items():
        with ledger.gathering():
            answers[key] = _text("answers", key, value)
    return answers


def load(folder: Path, ledger: Ledger) -> Manifest | None:
    """Read ``town.toml``; faults go to the ledger, None when the town itself cannot be made out.

    Raises
    ------
    InputError
        ``town_missing``: no such folder or no ``town.toml`` in it; ``toml_unreadable``.
    """
    path = folder / "town.toml"
    if not path.is_file():
        raise InputError("town_missing", f"no town.toml in {folder.name}", folder=folder.name or str(folder))
    try:
        tree = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("toml_unreadable", f"town.toml: {error}", reason=str(error)) from error
    tables: dict[str, Mapping[str, Any]] = {}
    for key, value in tree.items():
        if key in TABLES and not isinstance(value, dict):
            ledger.faults.append(
                InputError("key_kind", f"{key} is no table", table=key, key=key, value=str(value)[:80], kind="table")
            )
        elif key in TABLES:
            tables[key] = value
    _refuse_unknown("-", tree, TABLES, ledger)
    town = _town(tables.get("town", {}), ledger)
    if "as_of" in tables.get("town", {}):
        with ledger.gathering():
            ledger.today = _as_of(tables["town"]["as_of"])
    specs = {name: spec for name in SUPPORTED if name in tables and (spec := _role(name, tables[name], ledger))}
    if "areas" not in tables:
        ledger.faults.append(InputError("role_missing", "[areas] is missing", role="areas"))
    if "crime" not in tables and "counts" not in tables:
        ledger.faults.append(InputError("role_missing", "[crime] or [counts] is missing", role="crime, counts"))
    wishes = {name: tables[name] for name in WISHES if name in tables}
    chosen = {key: tables["programmes"][key] for key in _OF_PROGRAMMES if key in tables.get("programmes", {})}
    wishes |= {"programmes": chosen} if chosen else {}
    answers = _answers(tables.get("answers", {}), ledger)
    if town is None:
        return None
    specs = {name: replace(spec, municipality=town.code) for name, spec in specs.items()}
    return Manifest(town, specs, wishes, answers)
