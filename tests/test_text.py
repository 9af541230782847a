"""Every code that can be raised or noted has its sentence in both languages, with just the values it is given."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from planner import assumptions
from planner.text import LANGUAGES, Language, catalogue

ROOT = Path(__file__).parent.parent / "planner"
ERRORS = {"PlannerError", "InputError", "SettingsError", "InfeasibleError", "StoreError", "StoppedError"}
CORRECTED = {"role", "file", "column", "before", "after", "number", "line"}  # what `Ledger.corrected` tells
Site = tuple[str, str, set[str] | None, str]


def _calls() -> list[Site]:
    """(kind, code, names of values or None when passed by **, where) of every raise and note site."""
    found: list[Site] = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            code = node.args[0]
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if name in ERRORS and isinstance(code, ast.Constant):
                keys = {k.arg for k in node.keywords}
                found.append(("error", str(code.value), None if None in keys else {str(k) for k in keys}, where))
            elif name == "Question" and isinstance(code, ast.Constant):
                found.append(("question", str(code.value), None, where))
            elif name in ("note", "corrected") and isinstance(code, ast.Constant):
                keys = {str(k.arg) for k in node.keywords} if name == "note" else CORRECTED
                found.append(("note", str(code.value), None if "None" in keys else keys, where))
            elif name == "Note" and isinstance(code, ast.Constant):
                values = node.args[1] if len(node.args) > 1 else ast.Dict([], [])
                literal = isinstance(values, ast.Dict) and all(isinstance(k, ast.Constant) for k in values.keys)
                names = {str(k.value) for k in values.keys} if literal else None  # type: ignore[attr-defined]
                found.append(("note", str(code.value), names, where))
    return found


SITES = _calls()


def _fields(sentence: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


def test_sites_were_found() -> None:
    assert len([s for s in SITES if s[0] == "error"]) > 20
    assert len([s for s in SITES if s[0] == "note"]) > 10


@pytest.mark.parametrize("site", SITES, ids=lambda s: f"{s[3]}-{s[1]}")
def test_every_code_has_its_sentence_with_the_values_given(site: Site) -> None:
    kind, code, names, where = site
    for language in LANGUAGES:
        sentence = catalogue(language).get(f"{kind}.{code}")
        assert sentence, f"{where}: {kind}.{code} has no sentence in {language}"
        if names is not None:
            assert _fields(sentence) <= names, f"{where}: {kind}.{code} ({language}) wants {_fields(sentence) - names}"


def test_both_catalogues_hold_the_same_keys_and_values() -> None:
    ja, en = catalogue("ja"), catalogue("en")
    assert set(ja) == set(en)
    differ = {k for k in ja if _fields(ja[k]) != _fields(en[k]) and not k.startswith(("show.", "why."))}
    assert not differ


def test_japanese_sentences_are_japanese_and_say_camera_as_municipalities_do() -> None:
    for key, sentence in catalogue("ja").items():
        assert "監視カメラ" not in sentence, key
        assert not re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", re.sub(r"\{[^}]*\}|https?://\S+", "", sentence)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_files_flags_and_columns_stand_between_backticks(language: Language) -> None:
    """There a page can drop the marks, a file and a terminal can show them, and nobody takes a name for a word."""
    for key, sentence in catalogue(language).items():
        words = re.sub(r"`[^`]*`|\{[^}]*\}|https?://\S+", "", sentence)
        assert not re.search(r"\.toml|--[a-z]|[a-z]+_[a-z]+|[A-Z]+_[A-Z]+", words), key


def test_an_offence_is_called_by_one_word() -> None:
    """罪種: robbery is no 手口; the police's own column and table keep their names."""
    named = {key for key, sentence in catalogue("ja").items() if "手口" in sentence}
    assert named == {"input.crime.offence", "input_role.counts.source"}


def test_english_sentences_hold_no_japanese() -> None:
    allowed = ("input.", "input_role.")
    for key, sentence in catalogue("en").items():
        if not key.startswith(allowed):
            assert not re.search(r"[぀-ヿ]", sentence), key


def test_every_assumption_and_unit_has_its_name() -> None:
    known = assumptions.all_assumptions()
    for language in LANGUAGES:
        assert {name for name in known if f"assumption.{name}" not in catalogue(language)} == set()
        assert {a.unit for a in known.values() if f"unit.{a.unit}" not in catalogue(language)} == set()


def test_every_progress_stage_has_its_sentence() -> None:
    stages = set()
    for path in ROOT.rglob("*.py"):
        stages |= set(re.findall(r'work\.step\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert stages
    for language in LANGUAGES:
        assert {s for s in stages if f"progress.{s}" not in catalogue(language)} == set()


def test_nobody_says_prevented() -> None:
    for key, sentence in catalogue("en").items():
        assert "would have caught" not in sentence.lower(), key
    for key, sentence in catalogue("ja").items():
        assert "抑止効果" not in sentence, key


def test_every_assumption_has_unit_range_source_and_is_used() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in ROOT.rglob("*.py"))
    for a in assumptions.all_assumptions().values():
        assert a.unit, a.name
        assert a.low <= a.value <= a.high, a.name
        assert len(a.source) > 10, a.name
        assert f'"{a.name}"' in code, f"{a.name} is used nowhere"
    for table in ("offences", "delays", "densities", "bitrates", "place_kinds", "place_layers"):
        assert all(r["source"] for r in assumptions.rows(table)), table


def test_every_row_set_aside_has_its_remedy() -> None:
    why_not = {
        "below_min_days",
        "above_max_days",
        "local_body_not_confirmed",
        "programme_min_days",
        "programme_max_days",
        "programme_public_share",
        "programme_public_share_untold",
        "programme_joint_untold",
        "programme_power_untold",
        "programme_not_in_force",
        "programme_distance",
    }  # of offers, no rows
    for language in LANGUAGES:
        known = catalogue(language)
        reasons = {key.removeprefix("reason.") for key in known if key.startswith("reason.")} - why_not
        assert {reason for reason in reasons if f"remedy.{reason}" not in known} == set()
