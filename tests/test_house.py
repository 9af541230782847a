"""The import contracts hold, and a deliberate breach of each is refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_LINES = 400
LINT = Path(sys.executable).with_name("lint-imports")

BREACHES = {
    "the corridor of rooms": ("errors.py", "from planner import study\n"),
    "rooms are strangers": ("risk/__init__.py", "from planner import siting\n"),
    "making rooms speak no language": ("siting/__init__.py", "from planner.text import say\n"),
    "ingest is entered by its door": ("study.py", "from planner.ingest import texts\n"),
    "risk is entered by its door": ("study.py", "from planner.risk import shrink\n"),
    "coverage is entered by its door": ("study.py", "from planner.coverage import optics\n"),
    "funding is entered by its door": ("study.py", "from planner.funding import costs\n"),
    "siting is entered by its door": ("study.py", "from planner.siting import kernels\n"),
    "show is entered by its door": ("cli/plans.py", "from planner.show import geojson\n"),
    "store is entered by its door": ("keeping.py", "from planner.store import chain\n"),
    "plan is entered by its door": (
        "study.py",
        "from planner.plan import recount as inner\nfrom planner.plan.scribe import Scribe\n",
    ),
    "example is entered by its door": ("cli/towns.py", "from planner.example import lots\n"),
    "frames are entered by their door": ("study.py", "from planner.frames import words\n"),
    "replies are entered by their door": ("checking.py", "from planner.replies import towns\n"),
    "cli is entered by its door": ("__main__.py", "from planner.cli import head\n"),
    "below the app nobody knows streamlit": ("study.py", "import streamlit\n"),
    "pages show, they do not compute": ("app/start.py", "import pandas\n"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [LINT, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "planner", tmp_path / "planner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _contracts() -> list[str]:
    return re.findall(r'\[\[tool\.importlinter\.contracts\]\]\nname = "([^"]+)"', (ROOT / "pyproject.toml").read_text())


def test_every_contract_has_a_breach() -> None:
    assert set(BREACHES) == set(_contracts())


def test_the_house_as_it_stands_keeps_all_contracts(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout
    assert f"{len(BREACHES)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("contract", sorted(BREACHES))
def test_a_breach_is_refused(copy: Path, contract: str) -> None:
    file, line = BREACHES[contract]
    path = copy / "planner" / file
    text = path.read_text(encoding="utf-8")
    head = "from __future__ import annotations\n"
    path.write_text(text.replace(head, head + line, 1) if head in text else text + "\n" + line, encoding="utf-8")
    done = _lint(copy)
    assert done.returncode == 1
    assert re.search(rf"{re.escape(contract)}\s+BROKEN", done.stdout), done.stdout


def test_an_unlisted_room_is_refused(copy: Path) -> None:
    (copy / "planner" / "utils.py").write_text('"""A room nobody asked for."""\n', encoding="utf-8")
    done = _lint(copy)
    assert done.returncode == 1
    assert "planner.utils" in done.stdout


def test_only_the_named_rooms_change_coordinate_systems() -> None:
    rooms = {
        p.relative_to(ROOT / "planner").parts[0]
        for p in (ROOT / "planner").rglob("*.py")
        if ".to_crs(" in p.read_text(encoding="utf-8")
    }
    assert rooms <= {"ingest", "show", "example.py"}


def test_no_file_is_too_long_to_be_read() -> None:
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in (ROOT / "planner").rglob("*.py")}
    assert {p.relative_to(ROOT).as_posix(): n for p, n in lines.items() if n > MOST_LINES} == {}
