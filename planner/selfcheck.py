"""Doctor: is this installation whole? Versions, vendored assets, fonts, text catalogues."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from pathlib import Path

from planner import show
from planner.replies import DoctorCheck, DoctorReply
from planner.text import catalogue

ASSETS = Path(__file__).parent.parent / "static" / "vendor"
_PACKAGES = (
    "alembic",
    "sqlalchemy",
    "geopandas",
    "shapely",
    "pyogrio",
    "pyproj",
    "scikit-learn",
    "folium",
    "streamlit",
    "pillow",
    "networkx",
    "numba",
    "highspy",
    "pandera",
    "pydantic",
)
_CJK_MARKS = (
    "cjk",
    "gothic",
    "mincho",
    "meiryo",
    "yugoth",
    "ipag",
    "ipaex",
    "noto sans jp",
    "hiragino",
    "takao",
    "vlgothic",
)
_FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)


def examine(assets: Path) -> DoctorReply:
    """Look at everything a plan needs on this machine.

    Parameters
    ----------
    assets
        The folder of vendored map assets with its ``manifest.json``.
    """
    checks = [_python(), *_packages(), *_assets(assets), _map(), _catalogues(), _font()]
    return DoctorReply(ok=all(c.ok for c in checks), checks=checks)


def _python() -> DoctorCheck:
    found = ".".join(map(str, sys.version_info[:3]))
    return DoctorCheck(name="python", ok=(3, 11) <= sys.version_info[:2] < (3, 14), detail=found)


def _packages() -> list[DoctorCheck]:
    checks = []
    for name in _PACKAGES:
        try:
            checks.append(DoctorCheck(name=name, ok=True, detail=importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            checks.append(DoctorCheck(name=name, ok=False, detail="-"))
    return checks


def _assets(folder: Path) -> list[DoctorCheck]:
    """Every vendored file is there with the hash of the manifest."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return [DoctorCheck(name="static/vendor", ok=False, detail="manifest.json")]
    checks = []
    for package in json.loads(manifest.read_text(encoding="utf-8")):
        for file in package["files"]:
            path = folder / file["path"]
            whole = path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
            checks.append(DoctorCheck(name=file["path"], ok=whole, detail=file["sha256"][:12]))
    return checks


def _map() -> DoctorCheck:
    """The map of the app names no address of another machine."""
    outside = show.outside_addresses()
    return DoctorCheck(name="map", ok=not outside, detail=", ".join(outside) or "0")


def _catalogues() -> DoctorCheck:
    missing = sorted(set(catalogue("ja")) ^ set(catalogue("en")))
    return DoctorCheck(name="text", ok=not missing, detail=", ".join(missing[:5]) or str(len(catalogue("ja"))))


def _font() -> DoctorCheck:
    """A font with Japanese letters (only this machine's own browser needs one)."""
    for folder in (*_FONT_FOLDERS, str(Path.home() / ".fonts")):
        for path in Path(folder).rglob("*.[toTO][tT][tTfFcC]*"):
            if any(mark in path.as_posix().lower() for mark in _CJK_MARKS):
                return DoctorCheck(name="font", ok=True, detail=path.name)
    return DoctorCheck(name="font", ok=False, detail="-")
