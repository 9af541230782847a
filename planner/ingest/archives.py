"""Zip archives (workbooks among them) judged by their directory, before anything is unpacked."""

from __future__ import annotations

import zipfile

from planner.assumptions import number
from planner.errors import InputError
from planner.ingest.paths import Found


def check_archive(found: Found, role: str) -> None:
    """Refuse a zip that is damaged or would unpack to too much; its directory alone is read.

    The directory can lie: whoever unpacks a member reads no more than the size stated there (``zipfile`` does so, and
    then finds the checksum wrong).

    Raises
    ------
    InputError
        ``zip_damaged``; ``zip_too_large`` (unpacked size, ratio or number of members beyond the limit).
    """
    values = {"role": role, "file": found.name}
    try:
        with zipfile.ZipFile(found.path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError("zip_damaged", f"{found.name}: {error}", **values) from error
    size = sum(member.file_size for member in members)
    ratio = size / max(1, found.path.stat().st_size)
    limit_mb, limit_ratio, limit_members = (number(n) for n in ("unpacked_mb", "unpacked_ratio", "archive_members"))
    if size > limit_mb * 1e6 or ratio > limit_ratio or len(members) > limit_members:
        raise InputError(
            "zip_too_large",
            f"{found.name}: {len(members)} members, {size} bytes unpacked",
            **values,
            size_mb=size / 1e6,
            limit_mb=limit_mb,
            ratio=ratio,
            limit_ratio=limit_ratio,
            members=len(members),
            limit_members=limit_members,
        )
