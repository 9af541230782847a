"""Writing files whole or not at all, and plan.json there and back."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from planner.errors import StoreError
from planner.plan import Plan


def put(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files, each whole or not at all.

    Every one is written to a temporary name beside its place first; only when all stand are they renamed.

    Raises
    ------
    StoreError
        ``file_not_written``: file and the system's reason.
    """
    waiting: list[tuple[str, Path]] = []
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            waiting.append((temporary, path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())  # mkstemp's 0600 would shut out colleagues
        for path in contents:
            if path.is_dir():  # found out before the first rename, not after it
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        for temporary, path in waiting:
            Path(temporary).replace(path)
    except OSError as error:
        raise StoreError(
            "file_not_written", f"{path}: {error}", file=str(path), reason=error.strerror or str(error)
        ) from error
    finally:
        for temporary, _ in waiting:
            with contextlib.suppress(FileNotFoundError):  # renamed: gone from its temporary name
                Path(temporary).unlink()
    return list(contents)


def _umask() -> int:
    """The process's file mask (POSIX tells it only by setting it)."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def encode(plan: Plan) -> bytes:
    """``plan.json``: UTF-8, one field of the plan a line, numbers exact."""
    fields = plan.model_dump(mode="json")
    lines = [f'"{name}": {json.dumps(value, ensure_ascii=False, allow_nan=False)}' for name, value in fields.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8")


def save(plan: Plan, path: Path) -> Path:
    """Write one plan as ``plan.json``.

    Raises
    ------
    StoreError
        ``file_not_written``.
    """
    return put({Path(path): encode(plan)})[0]


def load(path: Path) -> Plan:
    """Read a plan back; equal to the one that was saved.

    Raises
    ------
    StoreError
        ``plan_missing`` (no such file), ``plan_not_readable`` (not JSON, another form, another version).
    """
    path = Path(path)
    if not path.is_file():
        raise StoreError("plan_missing", f"{path} does not exist", file=str(path))
    try:
        return Plan.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "-"
        raise StoreError(
            "plan_not_readable",
            f"{path}: {place}: {first['msg']}",
            file=str(path),
            place=place,
            reason=first["msg"],
            number=error.error_count(),
        ) from error
    except OSError as error:
        raise StoreError(
            "plan_not_readable",
            f"{path}: {error}",
            file=str(path),
            place="-",
            reason=error.strerror or str(error),
            number=1,
        ) from error
