"""Zips: one as the state's download pages hand it out is checked, unpacked by our own code and never given to GDAL.

No member's name becomes a path: each is written under a name of ours into a folder of its own, and only the parts of
map files are written at all.
"""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.formats import kind_of
from planner.ingest.ledger import Ledger
from planner.ingest.paths import Found
from planner.ingest.roles import KINDS, MAPS

_SIDES = (".dbf", ".shx", ".prj", ".cpg")
_MAINS = tuple(suffix for kind in MAPS for suffix in KINDS[kind])
_BLOCK = 1 << 20


def _shown(member: zipfile.ZipInfo) -> str:
    """A member's name as its maker saw it: Windows in Japan writes cp932 and does not say so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return member.filename


def _fault(member: zipfile.ZipInfo) -> str:
    """Why a member may not be unpacked ("" when it may)."""
    name = _shown(member).replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
        return "path"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "link"
    if name.lower().endswith(".zip"):
        return "nested"
    return "encrypted" if member.flag_bits & 0x1 else ""


def _checked(archive: zipfile.ZipFile, values: dict[str, Any]) -> list[zipfile.ZipInfo]:
    """The members, if the directory keeps all limits.

    Raises
    ------
    InputError
        ``zip_unsafe`` (with the member and why), ``zip_too_large`` (with the limit that is broken).
    """
    members = [m for m in archive.infolist() if not m.is_dir()]
    for member in members:
        fault = _fault(member)
        if fault:
            name = _shown(member)[:80]
            raise InputError("zip_unsafe", f"{values['file']}: {name!r}: {fault}", **values, member=name, why=fault)
    _sized(members, ("zip_unpacked_mb", "zip_ratio"), values)
    return members


def _sized(members: list[zipfile.ZipInfo], limits: tuple[str, str], values: dict[str, Any]) -> None:
    """Refuse by the directory alone what is too many, too large or packed too tightly."""
    unpacked = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    for limit, found in (("zip_members", len(members)), *zip(limits, (unpacked / 1e6, unpacked / packed), strict=True)):
        _within(limit, found, values)


def check_workbook(found: Found, role: str) -> None:
    """Refuse a workbook (a zip too) that is damaged or would unpack to too much; its directory alone is read.

    The directory can lie: whoever unpacks a member reads no more than the size stated there (``zipfile`` does so, and
    then finds the checksum wrong).

    Raises
    ------
    InputError
        ``zip_damaged``, ``zip_too_large`` (with the limit that is broken).
    """
    values = {"role": role, "file": found.name}
    try:
        with zipfile.ZipFile(found.path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError("zip_damaged", f"{found.name}: {error}", **values) from error
    _sized(members, ("workbook_unpacked_mb", "workbook_ratio"), values)


def _within(limit: str, found: float, values: dict[str, Any]) -> None:
    """Refuse what exceeds an assumption."""
    highest = number(limit)
    if found > highest:
        told = {**values, "limit": limit, "found": found, "highest": highest}
        raise InputError("zip_too_large", f"{values['file']}: {limit} {found:.0f} > {highest:.0f}", **told)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, done: int, values: dict[str, Any]) -> int:
    """Unpack one member; bytes written so far. The directory may lie, so they are counted while they come."""
    with archive.open(member) as source, target.open("xb") as file:
        while block := source.read(_BLOCK):
            done += len(block)
            _within("zip_unpacked_mb", done / 1e6, values)
            file.write(block)
    return done


def _parts(members: list[zipfile.ZipInfo], main: zipfile.ZipInfo) -> dict[str, zipfile.ZipInfo]:
    """The parts of one map file by suffix: a shapefile's other parts bear its name."""
    where = PurePosixPath(main.filename)
    parts = {where.suffix.lower(): main}
    if where.suffix.lower() == ".shp":
        stem = str(where.with_suffix("")).lower()
        for member in members:
            path = PurePosixPath(member.filename)
            if path.suffix.lower() in _SIDES and str(path.with_suffix("")).lower() == stem:
                parts[path.suffix.lower()] = member
    return parts


@contextmanager
def unpacked(found: Found, role: str, ledger: Ledger) -> Iterator[Found]:
    """The map file of a zip, unpacked into a folder that only we can read and that goes when the context ends.

    Parameters
    ----------
    found
        The zip; its name and hash stay those of the file in messages and tallies.
    role
        Table of ``town.toml``.
    ledger
        Takes the question ``member_for`` when the zip holds several map files.

    Raises
    ------
    InputError
        ``zip_unsafe``, ``zip_too_large``, ``zip_damaged``, ``zip_without_layer``.
    """
    values = {"role": role, "file": found.name}
    with tempfile.TemporaryDirectory(prefix="planner-") as home:
        try:
            with zipfile.ZipFile(found.path) as archive:
                members = _checked(archive, values)
                mains = {_shown(m): m for m in members if PurePosixPath(m.filename).suffix.lower() in _MAINS}
                name = _chosen(list(mains), values, ledger)
                done = 0
                for suffix, member in _parts(members, mains[name]).items():
                    done = _write(archive, member, Path(home, f"layer{suffix}"), done, values)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise InputError("zip_damaged", f"{found.name}: {error}", **values) from error
        inner = Found(next(p for p in Path(home).iterdir() if p.suffix in _MAINS), found.name, found.sha256)
        if kind_of(inner) not in MAPS:
            raise InputError("zip_without_layer", f"{found.name}: {name} is {kind_of(inner)}", **values)
        yield inner


def _chosen(names: list[str], values: dict[str, Any], ledger: Ledger) -> str:
    """The only map file of a zip, or the one that the planner chooses."""
    if not names:
        raise InputError("zip_without_layer", f"{values['file']} holds no map file", **values)
    if len(names) == 1:
        return names[0]
    told = {**values, "layers": ", ".join(names[:10])}
    return ledger.ask(Question("member_for", values["role"], values["file"], names[0], tuple(names), told))
