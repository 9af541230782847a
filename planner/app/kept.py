"""Studies kept on disk under their plan_id, outside the repository, so that a warm start need not compute.

::

    <folder>/<plan_id>/study.json      the question and the preparing key; written last: the study is whole
                       plan.json       the plan
                       at/<yen>.json   the plan of each other budget of the frontier
                       drawn/          what the plan page shows of each of them, in each language
                       surface.json    pictures of expected offences
                       ground.json     picture of streets and buildings
                       set_aside.json  input rows that were set aside
                       reading.json    where the rows of each file went, corrections, answers
                       records.json    what the records say (counts only)
                       sureness.json   ranks of blocks, what the estimate rests on, precision of the records
                       gaps.json       what no standing camera sees: per block, and as a picture
                       validation.json the last year held out, or why that cannot be; made last, with all plans shown
                       prepared        tables of ``study.prepare`` (pickle: read only from the user's own folder)

The tables hold offence records, so the folder is the user's alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import shutil
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planner import show
from planner.app import drawn
from planner.frames import Account, Demand
from planner.plan import Cutbacks, Plan, Prepared, code_version
from planner.text import Language

MOST_ROWS = 200  # of one reason that a page shows
MOST_STUDIES = 20  # the oldest go: each takes some tens of megabytes
Layers = Sequence[tuple[str, Mapping[str, Any]]]


def cache_folder() -> Path:
    """Where studies are kept: ``PLANNER_CACHE``, else the system's folder for such files."""
    if wish := os.environ.get("PLANNER_CACHE"):
        return Path(wish)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "planner"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "planner"
    named = Path(os.environ.get("XDG_CACHE_HOME") or "-")  # by its specification an empty or relative one is none
    return (named if named.is_absolute() else Path.home() / ".cache") / "planner"


def question_of(town: Path, layers: Layers) -> str:
    """SHA-256 of every file of the town folder, the wishes and the program: same question, same study."""
    digest = hashlib.sha256(code_version().encode())
    for path in sorted(p for p in town.rglob("*") if p.is_file()):
        digest.update(path.relative_to(town).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(json.dumps([[origin, dict(wishes)] for origin, wishes in layers], sort_keys=True).encode())
    return digest.hexdigest()


def key_of(table_hashes: Mapping[str, str], preparing: Mapping[str, Any]) -> str:
    """SHA-256 of what ``study.prepare`` depends on."""
    text = json.dumps([code_version(), dict(sorted(table_hashes.items())), dict(preparing)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Reading:
    """Where every row of the town's files went, as texts: what the data page shows.

    ``reasons``: role, reason and number of rows set aside for it; ``answers``: question key and answer.
    """

    tallies: list[dict[str, Any]]
    set_aside: list[dict[str, str]]
    corrections: list[dict[str, str]]
    reasons: list[tuple[str, str, int]]
    answers: list[tuple[str, str]]


def reading_of(account: Account, most: int | None = None) -> Reading:
    """An account as texts; ``most``: that many rows of each reason and that many corrections only."""
    aside, corrected = account.set_aside, account.corrections
    counted = Counter(zip(aside["role"], aside["reason"], strict=True)) if len(aside) else Counter()
    if most is not None:
        aside = aside[aside.groupby(["role", "reason"]).cumcount() < most]
        corrected = corrected.head(most)
    return Reading(
        [{k: v for k, v in vars(tally).items() if k != "note"} for tally in account.tallies],
        _texts(aside),
        _texts(corrected),
        [(str(role), str(reason), number) for (role, reason), number in counted.items()],
        [(str(n.values["key"]), str(n.values["answer"])) for n in account.notes if n.code == "answered"],
    )


def _texts(rows: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in row.items()} for row in rows.to_dict("records")]


@dataclass(frozen=True)
class Kept:
    """One study on disk."""

    folder: Path

    @property
    def plan_id(self) -> str:
        """The plan's id."""
        return self.folder.name

    @property
    def whole(self) -> bool:
        """Whether everything has been written."""
        return (self.folder / "study.json").is_file()

    def plan(self) -> Plan:
        """The plan."""
        return show.load(self.folder / "plan.json")

    def budgets_yen(self) -> list[int]:
        """Budgets whose plan stands, the plan's own left out."""
        return sorted(int(p.stem) for p in (self.folder / "at").glob("*.json"))

    def at(self, municipality_yen: int) -> Plan:
        """The plan of another budget of the frontier."""
        return show.load(self.folder / "at" / f"{municipality_yen}.json")

    def drawn(self, municipality_yen: int | None, language: Language) -> drawn.Drawn:
        """What the plan page shows of the plan, or of that of another budget."""
        return drawn.read(self._drawn(municipality_yen, language).read_bytes())

    def _drawn(self, municipality_yen: int | None, language: Language) -> Path:
        return self.folder / "drawn" / f"{'plan' if municipality_yen is None else municipality_yen}.{language}.json"

    def surfaces(self) -> dict[str, show.Surface]:
        """Pictures of expected offences by offence group; ``show.ALL``: all together."""
        return _pictures(json.loads((self.folder / "surface.json").read_text(encoding="utf-8")))

    def gaps(self) -> tuple[show.Gaps, show.Surface | None] | None:
        """What no standing camera sees today; None in a study kept before that was told."""
        told = self._told("gaps.json")
        return (told, _pictures(told["surface"]).get(show.ALL)) if told else None

    @property
    def stage_folder(self) -> str:
        """The folder whose prepared tables belong to this study, "" while they are not kept."""
        told = self._told("study.json")
        found = find_prepared(self.folder.parent, str(told["key"])) if told else None
        return str(found.folder) if found else ""

    def ground(self) -> show.Ground | None:
        """The picture of streets and buildings, where the town has them."""
        return show.load_ground(self.folder)

    def set_aside(self) -> list[dict[str, str]]:
        """Input rows that were set aside: file, line, reason code, text."""
        rows: list[dict[str, str]] = json.loads((self.folder / "set_aside.json").read_text(encoding="utf-8"))
        return rows

    def reading(self) -> Reading:
        """Where every row went."""
        return Reading(
            **json.loads((self.folder / "reading.json").read_text(encoding="utf-8")), set_aside=self.set_aside()
        )

    def records(self) -> show.Records:
        """What the records say: rows of the tables of ``risk.describe`` and ``risk.reporting``."""
        tables: show.Records = json.loads((self.folder / "records.json").read_text(encoding="utf-8"))
        return tables

    def sureness(self) -> show.Sureness | None:
        """How sure the estimate is; None in a study kept before that was told."""
        return self._told("sureness.json")

    def validation(self) -> show.Validation | None:
        """The last year held out (``refused``: code and values of why not); None where it has not been made."""
        return self._told("validation.json")

    def cutbacks(self) -> Cutbacks | None:
        """The plans beside the plan; None where they have not been made."""
        path = self.folder / "cutbacks.json"
        return Cutbacks.model_validate_json(path.read_bytes()) if path.is_file() else None

    def _told(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def prepared(self) -> Prepared:
        """The prepared tables."""
        packed = (self.folder / "prepared").read_bytes()
        tables: Prepared = pickle.loads(zlib.decompress(packed))  # noqa: S301 - written by this program, in a folder of the user's own
        return tables

    def keep_plan(self, plan: Plan) -> None:
        """Store the plan."""
        if not self.whole:  # what a stopped run left behind is not mixed with this one
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        show.save(plan, self.folder / "plan.json")

    def keep_at(self, municipality_yen: int, plan: Plan) -> None:
        """Store the plan of another budget."""
        show.save(plan, self.folder / "at" / f"{municipality_yen}.json")

    def keep_drawn(self, municipality_yen: int | None, plan: Plan, specs: Mapping[Language, show.MapSpec]) -> None:
        """Store what the plan page shows of the plan (with its study's frontier) or of that of another budget."""
        (self.folder / "drawn").mkdir(exist_ok=True, mode=0o700)
        for language, spec in specs.items():
            told = drawn.write(asdict(drawn.draw(plan, spec)))
            _put(self._drawn(municipality_yen, language), told.encode())

    def keep_town(self, prepared: Prepared, records: show.Records, sureness: show.Sureness) -> None:
        """Store what the data and risk pages show of the tables."""
        _put(self.folder / "records.json", json.dumps(records).encode())
        _put(self.folder / "sureness.json", json.dumps(sureness).encode())
        drawn = show.surfaces(prepared.demand, prepared.inputs.town.epsg)
        _put(self.folder / "surface.json", json.dumps(_stored(drawn)).encode())
        _put(self.folder / show.GROUND_FILE, show.encode_ground(show.ground(prepared.inputs)))
        inputs = prepared.inputs
        account = Account(inputs.tallies, inputs.set_aside, inputs.corrections, inputs.notes)
        told = asdict(reading_of(account))
        _put(self.folder / "set_aside.json", json.dumps(told.pop("set_aside"), ensure_ascii=False).encode())
        _put(self.folder / "reading.json", json.dumps(told, ensure_ascii=False).encode())

    def keep_gaps(self, unseen: Demand, areas: Mapping[str, tuple[float, float]], epsg: int) -> None:
        """Store what no standing camera sees."""
        picture = {n: s for n, s in show.surfaces(unseen, epsg).items() if n == show.ALL}
        _put(self.folder / "gaps.json", json.dumps({"areas": dict(areas), "surface": _stored(picture)}).encode())

    def keep_cutbacks(self, found: Cutbacks) -> None:
        """Store the plans beside the plan."""
        _put(self.folder / "cutbacks.json", found.model_dump_json().encode())

    def keep_validation(self, validation: show.Validation) -> None:
        """Store what holding out the last year showed."""
        _put(self.folder / "validation.json", json.dumps(validation, default=str).encode())

    def keep_prepared(self, prepared: Prepared) -> None:
        """Store the prepared tables."""
        _put(self.folder / "prepared", zlib.compress(pickle.dumps(prepared, protocol=pickle.HIGHEST_PROTOCOL), 1))

    def finish(self, question: str, key: str) -> None:
        """Declare the study whole."""
        told = {"question": question, "key": key, "code": code_version()}
        _put(self.folder / "study.json", json.dumps(told).encode())


def _stored(surfaces: Mapping[str, show.Surface]) -> dict[str, Any]:
    """Pictures as JSON holds them."""
    return {n: {**asdict(s), "png": base64.b64encode(s.png).decode()} for n, s in surfaces.items()}


def _pictures(stored: Mapping[str, Any]) -> dict[str, show.Surface]:
    """And back."""
    return {
        name: show.Surface(base64.b64decode(s["png"]), tuple(s["box"]), tuple(s["breaks"]), s["cell_m"])
        for name, s in stored.items()
    }


def find(root: Path, question: str) -> Kept | None:
    """The whole study of a question, if it is kept."""
    return next((kept for kept, told in _studies(root) if told.get("question") == question), None)


def find_prepared(root: Path, key: str) -> Kept | None:
    """A study that holds prepared tables for the key."""
    return next((k for k, told in _studies(root) if told.get("key") == key and (k.folder / "prepared").is_file()), None)


def prune(root: Path) -> None:
    """Remove studies of another version of the program (no question finds them) and the oldest beyond the limit."""
    newest = sorted(_studies(root), key=lambda s: (s[0].folder / "study.json").stat().st_mtime, reverse=True)
    current = [kept for kept, told in newest if told.get("code") == code_version()]
    for kept, _ in newest:
        if kept not in current[:MOST_STUDIES]:
            shutil.rmtree(kept.folder, ignore_errors=True)


def _studies(root: Path) -> list[tuple[Kept, dict[str, str]]]:
    return [(Kept(p.parent), json.loads(p.read_text(encoding="utf-8"))) for p in sorted(root.glob("*/study.json"))]


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)
