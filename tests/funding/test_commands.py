"""``planner programmes`` and ``planner subsidy`` as they are typed: each promise of theirs by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner import cli, ingest
from planner.replies import REPLIES
from planner.text import catalogue

SHIPPED = Path(ingest.__file__).parent / "shipped" / "programmes.yaml"
FILE = """
programmes:
- id: plain
  name_ja: 架空の県の補助
  name_en: made-up subsidy
  payer: prefecture
  rate: 2/3
  cap_per_camera_yen: 200000
  eligible_categories: [camera, installation]
  ineligible_categories: [pole]
  first_fiscal_year: 2027
  checked_on: 2027-05-01
  variants:
  - {when: {own_pole: true}, cap_per_camera_yen: 230000}
  - {when: {place: school_route}, rate: 9/10}
  source: made up
- {id: over, name_ja: 架空, name_en: over, payer: national, rate: 1/2, eligible_categories: [camera], last_fiscal_year: 2020, source: made up}
- {id: shut, name_ja: 架空, name_en: shut, payer: national, rate: 1/2, eligible_categories: [camera], closed: true, source: made up}
- {id: open, name_ja: 架空, name_en: open, payer: national, source: made up}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programmes.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(command: str, *arguments: object, expect: int = 0) -> dict[str, Any]:
        monkeypatch.setattr("sys.argv", ["planner", command, *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out = capsys.readouterr().out
        assert (left.value.code or 0) == expect, out
        if not expect:
            REPLIES[command].model_validate_json(out, strict=True)
        return dict(json.loads(out))

    return called


def test_one_camera_at_one_site_in_one_application(call: Any, file: Path) -> None:
    found = call("subsidy", file, "--id", "plain", "--cost", "camera=150000,installation=90001", "--fiscal-year", 2027)
    # 240,001 x 2/3 = 160,000.67: no unit is stated, so whole yen, rounded down
    assert (found["eligible_yen"], found["subsidy_yen"]) == (240_001, 160_000)
    payers = {"national_yen": 0, "prefecture_yen": 160_000, "municipality_yen": 80_001, "local_body_yen": 0}
    assert found["payers"] == payers
    assert [(s["rule"], s["before_yen"], s["after_yen"]) for s in found["steps"]] == [
        ("eligible_categories", 240_001, 240_001),
        ("rate", 240_001, 160_000),
        ("cap_per_camera", 160_000, 160_000),
        ("rounding", 160_000, 160_000),
    ]
    assert found["notes"] == []  # in force, checked in that year, nothing left out


def test_a_category_in_no_list_or_in_both_is_not_eligible(call: Any, file: Path) -> None:
    found = call(
        "subsidy", file, "--id", "plain", "--cost", "camera=90000,signage=10000,pole=50000", "--fiscal-year", 2027
    )
    assert (found["eligible_yen"], found["subsidy_yen"]) == (90_000, 60_000)
    assert found["payers"]["municipality_yen"] == 90_000
    assert [n["code"] for n in found["notes"]] == ["categories_unlisted"]
    assert catalogue("ja")["cost.signage"] in found["notes"][0]["sentence"]


def test_circumstances_may_be_several(call: Any, file: Path) -> None:
    costs = ("--id", "plain", "--cost", "camera=300000", "--fiscal-year", 2027)
    assert call("subsidy", file, *costs)["subsidy_yen"] == 200_000
    assert call("subsidy", file, *costs, "--when", "own_pole=true")["subsidy_yen"] == 200_000  # 300,000 x 2/3
    both = call("subsidy", file, *costs, "--when", "own_pole=true", "--when", "place=school_route")
    assert both["subsidy_yen"] == 230_000  # 270,000, cut to the higher ceiling


@pytest.mark.parametrize(
    ("name", "codes"),
    [("over", {"programme_expired", "programme_unchecked"}), ("shut", {"programme_closed", "programme_unchecked"})],
)
def test_what_is_over_closed_or_unchecked_is_still_priced_with_a_note(
    call: Any, file: Path, name: str, codes: set[str]
) -> None:
    found = call("subsidy", file, "--id", name, "--cost", "camera=101", "--fiscal-year", 2027)
    assert found["subsidy_yen"] == 50
    assert {n["code"] for n in found["notes"]} == codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--id", "plane", "--cost", "camera=1"), "programme_not_in_file"),
        (("--id", "open", "--cost", "camera=1"), "programme_incomplete"),
        (("--id", "plain", "--cost", "kamera=1"), "cost_unreadable"),
        (("--id", "plain", "--cost", "camera=1", "--when", "polle=true"), "when_refused"),
        (("--id", "plain", "--cost", "camera=1", "--when", "days=7", "--when", "days=30"), "when_refused"),
    ],
)
def test_refusals(call: Any, file: Path, arguments: tuple[str, ...], code: str) -> None:
    found = call("subsidy", file, *arguments, expect=2)
    assert found["error"] == code
    assert found["faults"][0]["sentence"].count("{") == 0


def test_the_list_says_what_is_unknown_in_each(call: Any, file: Path) -> None:
    listed = {p["id"]: p for p in call("programmes", file, "--fiscal-year", 2027)["programmes"]}
    assert list(listed) == ["plain", "over", "shut", "open"]
    assert listed["plain"]["priceable"]
    assert "rounding_yen" in listed["plain"]["unknown"]
    assert "rate" not in listed["plain"]["unknown"]
    assert not listed["open"]["priceable"]
    assert listed["open"]["missing"] == ["rate", "eligible_categories"]
    assert [n["code"] for n in listed["over"]["notes"]] == ["programme_expired", "programme_unchecked"]


def test_every_shipped_programme_is_listed_and_prices_or_says_what_is_missing(call: Any) -> None:
    listed = call("programmes", SHIPPED)["programmes"]
    assert len(listed) == len(ingest.read_programme_file(SHIPPED)) >= 54
    assert all(p["priceable"] != bool(p["missing"]) for p in listed)
