"""What ``init`` does: the first ``town.toml`` of a folder of dropped files, and what it says about them."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from planner import ingest, show
from planner.ingest import Recognised, Seen
from planner.replies import InitReply, MissingReply, SeenReply, fault_reply
from planner.text import Language, knows, say

FIRST_BUDGET_YEN = 10_000_000  # a round sum to be replaced: with none there would be no plan to look at
_NEEDED = ("areas", "crime")


def look(folder: Path, name: str | None, code: str | None, told: Mapping[str, str] | None = None) -> Recognised:
    """What a folder holds; a name or code that the user gives goes before what the files say.

    ``told``: file -> role, as the user says where nothing in a file tells what it is.

    Raises
    ------
    InputError
        ``folder_missing``.
    """
    found = ingest.recognise(folder)
    if told:
        files = tuple(
            s if s.role or s.file not in told else replace(s, role=told[s.file], why="told") for s in found.files
        )
        there = {s.role for s in files}
        found = replace(found, files=files, missing=tuple(r for r in found.missing if r.name not in there))
    return replace(found, name=name or found.name, code=code or found.code)


def write(folder: Path, found: Recognised, language: Language) -> Path:
    """Write ``town.toml``, or beside an existing one the first free of ``town.toml.new``, ``town.toml.new2`` ...

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    path = folder / "town.toml"
    number = 1
    while path.exists():
        path = folder / f"town.toml.new{number if number > 1 else ''}"
        number += 1
    return show.put({path: town_file(found, language).encode()})[0]


def town_file(found: Recognised, language: Language) -> str:
    """The settings file, with what it rests on as comments in the user's language."""
    lines = [*_comment(say(language, "init.file.intro")), "", "[town]"]
    for key, value in (("name", found.name), ("code", found.code)):
        told = say(language, f"init.file.told_by_{found.told_by}") if found.told_by else ""
        lines.append(f"{key} = {show.quoted(value)}" if value else f'# {key} = ""')
        lines[-1] += f"  # {told}" if told and value else ""
    if not (found.name and found.code):
        lines += _comment(say(language, "init.file.town_unknown"))
    if found.crs:
        lines += [f'crs = "{found.crs}"  # {say(language, "init.file.crs")}']
    for role in (role.name for role in ingest.roles() if role.supported):
        lines += _role(found, role, language)
    lines += ["", *_comment(say(language, "init.file.budget")), "[budget]", f"own_capital_yen = {FIRST_BUDGET_YEN:_}"]
    if found.missing:
        lines += ["", *_comment(say(language, "init.file.missing"))]
        lines += [line for m in _missing(found, language) for line in _comment(f"[{m.role}] {m.meaning} {m.source}")]
    strangers = [seen for seen in found.files if not seen.role]
    if strangers:
        lines += ["", *_comment(say(language, "init.file.strangers"))]
        lines += [line for seen in strangers for line in _comment(f"{_name(seen)}: {_why(seen, language)}")]
    return "\n".join(lines) + "\n"


def _role(found: Recognised, role: str, language: Language) -> list[str]:
    """The table of one role: why, then its files; others that might be meant stand as comments."""
    files = found.of(role)
    if not files:
        return []
    why = dict.fromkeys(_why(seen, language) for seen in files)
    heading = say(language, "init.file.role", role=say(language, f"role.{role}"), why=" ".join(why))
    lines = ["", *_comment(heading), f"[{role}]"]
    names = [seen.file for seen in files]
    if len(names) == 1:
        lines.append(f"file = {show.quoted(names[0])}")
    else:
        lines += ["files = [", *(f"    {show.quoted(glob.escape(name))}," for name in names), "]"]
    if files[0].layer:
        lines.append(f"layer = {show.quoted(files[0].layer)}")
    if files[0].columns:
        lines.append(f"columns = {{ {', '.join(f'{our} = {show.quoted(h)}' for our, h in files[0].columns.items())} }}")
    others = [seen for seen in found.files if seen.role == role and seen not in files]
    return lines + [line for s in others for line in _comment(say(language, "init.file.other", file=_name(s)))]


def _comment(text: str) -> list[str]:
    """Text as comment lines."""
    return [f"# {line}" for line in show.printable(text).split("\n")]


def _name(seen: Seen) -> str:
    """File and layer."""
    return f"{seen.file} ({seen.layer})" if seen.layer else seen.file


def _why(seen: Seen, language: Language) -> str:
    """Why a file has its role, or none."""
    if knows(f"seen.{seen.why}"):
        return say(language, f"seen.{seen.why}", **{"form": "", "kind": seen.kind, **seen.values})
    return fault_reply(seen.why, seen.values, language).sentence


def _missing(found: Recognised, language: Language) -> list[MissingReply]:
    """Roles without a file: what they are for, where to get them, what is assumed without."""
    counted = {seen.role for seen in found.files}
    made = []
    for role in found.missing:
        needed = role.name in _NEEDED and not (role.name == "crime" and "counts" in counted)
        texts = {key: say(language, f"input_role.{role.name}.{key}") for key in ("meaning", "source", "absent")}
        made.append(MissingReply(role=role.name, required=needed, **texts))
    return made


def reply(found: Recognised, path: Path, language: Language) -> InitReply:
    """Everything that ``init`` says, as one value."""
    missing = _missing(found, language)
    return InitReply(
        written=str(path),
        town=found.name or None,
        code=found.code or None,
        crs=found.crs or None,
        complete=bool(found.name and found.code) and not any(m.required for m in missing),
        files=[
            SeenReply(
                file=seen.file,
                layer=seen.layer or None,
                kind=seen.kind,
                role=seen.role or None,
                why=_why(seen, language),
                rows=seen.rows,
                headings=list(seen.headings),
                first_rows=[list(row) for row in seen.first_rows],
                hidden=list(seen.hidden),
            )
            for seen in found.files
        ],
        missing=missing,
    )
