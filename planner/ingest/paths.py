"""Files of the town folder: found, held inside it, read once, hashed. No text of the user's is ever a path."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from planner.assumptions import number
from planner.errors import InputError

_SIDECARS = (".dbf", ".shx", ".prj", ".cpg")
_SAFE_SUFFIX = re.compile(r"\.[a-z]{2,8}")


@dataclass(frozen=True)
class Found:
    """One file of the town: where it lies, its name as the user knows it, its bytes' hash."""

    path: Path
    name: str
    sha256: str

    @property
    def suffix(self) -> str:
        """The suffix in small letters."""
        return self.path.suffix.lower()


def check_pattern(role: str, pattern: str) -> None:
    """Refuse what reaches out of the folder or speaks to GDAL: absolute, ``..``, schemes, /vsi, backslashes.

    Raises
    ------
    InputError
        ``path_refused``.
    """
    parts = PurePosixPath(pattern).parts
    odd = any(c in pattern for c in '\\:;!|<>"') or any(ord(c) < 32 for c in pattern)
    if not pattern.strip() or odd or pattern.startswith(("/", "~")) or ".." in parts:
        raise InputError("path_refused", f"[{role}]: {pattern!r} is no path in the folder", role=role, path=pattern)


def _inside(folder: Path, path: Path, role: str) -> Path:
    """The resolved path, if it lies in the folder; its name may hold nothing that GDAL or pyogrio would read into it."""
    real = path.resolve()
    home = folder.resolve()
    if not real.is_relative_to(home):
        raise InputError("path_refused", f"{path.name} leads out of the folder", role=role, path=path.name)
    inner = str(real.relative_to(home))
    if any(c in str(real) for c in "!;?") or any(c in inner for c in ":\\"):
        raise InputError("path_refused", f"{path.name} holds a sign that is refused", role=role, path=path.name)
    return real


def refuse_large(size: int, role: str, name: str, limit: str) -> None:
    """Refuse a file of more bytes than the assumption ``limit`` (MB) allows.

    Raises
    ------
    InputError
        ``file_too_large``.
    """
    limit_mb = number(limit)
    if size > limit_mb * 1e6:
        raise InputError(
            "file_too_large", f"{name}: {size} bytes", role=role, file=name, size_mb=size / 1e6, limit_mb=limit_mb
        )


def _digest(path: Path, role: str, name: str) -> str:
    """SHA-256 of a file (and the side files of a shapefile), after the size check."""
    files = [path]
    if path.suffix.lower() == ".shp":
        files += [p for s in _SIDECARS for p in (path.with_suffix(s), path.with_suffix(s.upper())) if p.is_file()]
    size = sum(p.stat().st_size for p in files)
    refuse_large(size, role, name, "osm_size_mb" if path.suffix.lower() == ".pbf" else "file_size_mb")
    sums = hashlib.sha256()
    for part in files:
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                sums.update(block)
    return sums.hexdigest()


def find(folder: Path, role: str, patterns: tuple[str, ...], *, literal: bool) -> list[Found]:
    """The files a role names, in the order of their names, each once.

    Parameters
    ----------
    folder
        The town folder.
    role
        Table of ``town.toml``.
    patterns
        Relative globs, or with ``literal`` relative file names.
    literal
        Whether ``*`` and ``[`` are meant as they stand.

    Raises
    ------
    InputError
        ``path_refused``, ``file_missing`` (with the pattern), ``file_too_large``.
    """
    found: dict[Path, Found] = {}
    for pattern in patterns:
        check_pattern(role, pattern)
        hits = [folder / pattern] if literal else sorted(folder.glob(pattern))
        files = [p for p in hits if p.is_file()]
        if not files:
            raise InputError("file_missing", f"[{role}]: no file {pattern!r}", role=role, pattern=pattern)
        for path in files:
            real = _inside(folder, path, role)
            if real not in found:
                name = path.relative_to(folder).as_posix()
                found[real] = Found(real, name, _digest(real, role, name))
    return list(found.values())


def find_all(folder: Path) -> list[Found]:
    """Every file of a folder and below, in the order of their names; hidden ones, links out and huge ones are not looked at."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in name.parts):
            continue
        with suppress(InputError):
            real = _inside(folder, path, "-")
            found.append(Found(real, name.as_posix(), _digest(real, "-", name.as_posix())))
    return found


def suffix_allowed(found: Found, role: str, allowed: tuple[str, ...]) -> None:
    """Refuse a kind of file that the role cannot be read from.

    Raises
    ------
    InputError
        ``file_kind_refused``.
    """
    if not _SAFE_SUFFIX.fullmatch(found.suffix) or found.suffix not in allowed:
        raise InputError(
            "file_kind_refused",
            f"[{role}] {found.name}: not one of {allowed}",
            role=role,
            file=found.name,
            allowed=", ".join(allowed),
        )
