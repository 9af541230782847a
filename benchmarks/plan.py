"""Whole process of ``planner plan TOWN --json``: wall, processor time, peak memory, and how good the plan is."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from planner import example

# as the town has it; and with a spacing rule and a floor for the first district
CASES = {
    "as_is": "",
    "spacing_and_floor": '[rules]\nspacing_m = 100\ndistricts = [{ id = "DISTRICT", floor_share = 0.02 }]\n',
}

# floors that greedy does not meet with so little money: of a made-up town of 6,000 people
TIGHT_PEOPLE = 6_000
TIGHT = """[budget]
own_capital_yen = 600000
[rules]
floors = [{ measure = "front", share = 0.015 }, { measure = "target:school_route", district = "DISTRICT", share = 0.10 }]
"""


def measure_tight() -> str:
    """The made-up town with tight floors."""
    with tempfile.TemporaryDirectory() as folder:
        town = Path(folder) / "made_up_6000"
        example.write(town, seed=1, people=TIGHT_PEOPLE)
        return measure(town, "tight_floors")


def measure(town: Path, case: str) -> str:
    """One run in a process of its own, as one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        settings = out / "settings.toml"
        settings.write_text(
            {**CASES, "tight_floors": TIGHT}[case].replace("DISTRICT", _first_district(town)), encoding="utf-8"
        )
        command = [
            sys.executable,
            "-m",
            "planner",
            "plan",
            str(town),
            "--json",
            "--settings",
            str(settings),
            "--out",
            folder,
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        sizes = {p.name: p.stat().st_size for p in sorted(out.iterdir()) if p.name != "settings.toml"}
    reply = json.loads(done.stdout)
    keys = (
        "error",
        "status",
        "value",
        "bound",
        "gap",
        "sites",
        "municipality_yen",
        "running_yen_per_year",
        "expected_offences_per_year",
    )
    figures = {
        "benchmark": "plan",
        "town": town.name,
        "case": case,
        "exit_code": done.returncode,
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb": round(after.ru_maxrss / 1024),
        **{k: reply[k] for k in keys if k in reply},
        "covered_share_after": reply.get("covered_share_after"),
        "file_bytes": sizes,
        "commit": commit(),
        "machine": machine(),
    }
    return json.dumps(figures, ensure_ascii=False)


def _first_district(town: Path) -> str:
    """The district id that the floor is set on."""
    from planner import ingest

    return str(ingest.read(town).areas["district_id"].iloc[0])


def machine() -> str:
    """The machine in a few words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def commit() -> str:
    """The commit that is measured."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True)
    return done.stdout.strip() or "-"
