"""The vendored map assets, checked against their manifest and made to stand inside one page."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from planner.errors import StoreError

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"


@cache
def manifest() -> list[dict[str, Any]]:
    """Name, version, licence, files and hashes of everything vendored."""
    found: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    return found


def path(package: str, name: str) -> str:
    """Where a vendored file stands under ``static/vendor``."""
    paths = [str(f["path"]) for p in manifest() if p["name"] == package for f in p["files"]]
    return next(p for p in paths if p.endswith(f"/{name}"))


@cache
def _assets() -> dict[str, str]:
    """File name -> text; ``NAME/LICENSE...`` under the package's name."""
    texts: dict[str, str] = {}
    for package in manifest():
        for file in package["files"]:
            path = VENDOR / file["path"]
            content = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(content).hexdigest() != file["sha256"]:
                raise StoreError("asset_broken", f"{file['path']} is missing or changed", file=file["path"])
            name = path.name if not path.name.startswith("LICENSE") else f"{package['name']}/LICENSE"
            texts[name] = content.decode("utf-8")
    return texts


@cache
def head() -> str:
    """Style sheets and scripts for the head of a page, inlined with their licences.

    No address is left to be asked: images of controls that we do not use, source maps and the home page link of
    Leaflet's own attribution (which we do not show) are taken out.

    Raises
    ------
    StoreError
        ``asset_broken``: a vendored file is missing or differs from its hash.
    """
    texts = _assets()
    css = re.sub(r"^\s*(background-image|behavior):\s*url\([^)]*\);\s*$", "", texts["leaflet.css"], flags=re.MULTILINE)
    scripts = []
    for package, name in (("jquery", "jquery.min.js"), ("leaflet", "leaflet.js")):
        script = re.sub(r"^//# sourceMappingURL=.*$", "", texts[name], flags=re.MULTILINE)
        script = script.replace(' href="https://leafletjs.com"', "")
        licence = texts[f"{package}/LICENSE"].replace("*/", "* /")
        scripts.append(f"<script>\n/*\n{licence}\n*/\n{script}\n</script>")
    return "\n".join([f"<style>\n/*\n{texts['leaflet/LICENSE']}\n*/\n{css}\n</style>", *scripts]).replace("\r\n", "\n")
