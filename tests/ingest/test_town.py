"""town.toml: every key is read or refused, all faults come at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from planner import ingest
from planner.errors import InputFaults, StoppedError
from planner.frames import Inputs
from planner.text import knows
from planner.work import Work

TOWN = '[town]\nname = "紙町市"\ncode = "14999"\n'
Maker = Callable[..., Path]


def faults(folder: Path) -> list[tuple[str, dict[str, object]]]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [(f.code, f.values) for f in caught.value.faults]


def codes(inputs: Inputs) -> list[str]:
    return [note.code for note in inputs.notes]


def test_a_small_town_is_read(make_town: Maker) -> None:
    inputs = ingest.read(make_town("[budget]\nown_capital_yen = 5\n"))
    assert inputs.town.epsg == 6677
    assert inputs.areas["area_id"].tolist() == ["A1", "A2"]
    assert inputs.areas.area.tolist() == pytest.approx([10_000, 10_000])
    assert inputs.incidents["area_id"].tolist() == ["A1", "A2"]
    assert inputs.incidents["offence"].tolist() == ["bicycle_theft", "snatching"]
    assert inputs.years == pytest.approx(365 / 365.25)
    assert inputs.wishes == {"budget": {"own_capital_yen": 5}}
    absent = [note.values["role"] for note in inputs.notes if note.code == "role_absent"]
    assert sorted(absent) == ["counts", "gazetteer", "mounts", "places", "standing", "streets", "walls", "zones"]
    assert [n.values["role"] for n in inputs.notes if n.code == "catalogue_shipped"] == ["models", "tiers"]
    assert "own_money_only" in codes(inputs)
    assert inputs.set_aside.empty
    assert list(inputs.set_aside.columns) == ["role", "file", "line", "reason", "text"]


def test_the_same_folder_reads_the_same(make_town: Maker) -> None:
    folder = make_town()
    first, second = ingest.read(folder), ingest.read(folder)
    assert first.incidents.equals(second.incidents)
    assert first.tallies == second.tallies


def test_all_faults_come_at_once(make_town: Maker) -> None:
    folder = make_town(
        '[street]\nfile = "s.gpkg"\n[walls]\nfile = "none.geojson"\n[places]\nfile = "areas.geojson"\ncolums = {}\n'
        '[police_list]\nfile = "r.csv"\n[mounts]\nnote = "no file"\n[models]\nfile = "crime.csv"\n'
    )
    found = faults(folder)
    assert sorted(code for code, _ in found) == sorted(
        [
            "unknown_key",
            "unknown_key",
            "file_missing",
            "role_not_supported",
            "key_missing",
            "column_missing",
            "column_missing",
        ]
    )
    nearest = {v["key"]: v["nearest"] for code, v in found if code == "unknown_key"}
    assert nearest == {"street": "streets", "colums": "columns"}
    assert {"role": "walls", "pattern": "none.geojson"} in [v for code, v in found if code == "file_missing"]


@pytest.mark.parametrize("name", ingest.UNSUPPORTED)
def test_roles_of_later_issues_are_refused_not_ignored(make_town: Maker, name: str) -> None:
    assert faults(make_town(f'[{name}]\nfile = "crime.csv"\n')) == [("role_not_supported", {"role": name})]


def test_what_is_required(make_town: Maker) -> None:
    assert [c for c, _ in faults(make_town(base=TOWN))] == ["role_missing", "role_missing"]


@pytest.mark.parametrize(
    ("town", "code"),
    [
        ('[town]\ncode = "14999"\n', "key_missing"),
        ('[town]\nname = "紙町市"\n', "key_missing"),
        ('[town]\nname = "紙町市"\ncode = 14999\n', "code_refused"),
        ('[town]\nname = "紙町市"\ncode = "142139"\n', "code_refused"),
        ('[town]\nname = "札幌市"\ncode = "01100"\n', "zone_ambiguous"),
        ('[town]\nname = "那覇市"\ncode = "47201"\n', "zone_ambiguous"),
        ('[town]\nname = "何市"\ncode = "99201"\n', "zone_ambiguous"),
        (TOWN + 'crs = "EPSG:6668"\n', "crs_not_metric"),
        (TOWN + 'crs = "EPSG:999999"\n', "crs_unknown"),
        (TOWN + 'crs = "/etc/passwd"\n', "crs_unknown"),
        (TOWN + 'applicant = "police"\n', "applicant_unknown"),
        (TOWN + 'prefecture = "神奈川県"\n', "unknown_key"),
        ("[town\n", "toml_unreadable"),
    ],
)
def test_the_town_table(make_town: Maker, town: str, code: str) -> None:
    rest = '[areas]\nfile = "areas.geojson"\n[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'
    assert code in [c for c, _ in faults(make_town(base=town + rest))]


def test_codes_of_six_digits_and_zones(make_town: Maker) -> None:
    from planner.ingest.plane import study_epsg

    zones = {"01100": None, "02201": 6678, "13101": 6677, "13421": 6682, "15100": 6676, "17201": 6675, "27100": 6674}
    zones |= {"28100": 6673, "34100": 6671, "37201": 6672, "40100": 6670, "42201": 6669}
    for code, epsg in zones.items():
        if epsg:
            assert study_epsg(code, None) == epsg, code
    assert study_epsg("01100", "EPSG:6680") == 6680
    inputs = ingest.read(
        make_town(
            base=TOWN.replace("14999", "142131")
            + '[areas]\nfile = "areas.geojson"\n[crime]\nfile = "crime.csv"\ncolumns = {area = "町名", offence = "罪種", occurred_on = "日"}\n'
        )
    )
    assert inputs.town.code == "14213"


def test_no_town(tmp_path: Path) -> None:
    assert [c for c, _ in faults(tmp_path / "nowhere")] == ["town_missing"]
    assert [c for c, _ in faults(tmp_path)] == ["town_missing"]


def test_stopping(make_town: Maker) -> None:
    work = Work()
    work.stop()
    with pytest.raises(StoppedError):
        ingest.read(make_town(), work)


def test_progress_only_grows(make_town: Maker) -> None:
    heard: list[tuple[str, int, int]] = []
    ingest.read(make_town(), Work(report=lambda *step: heard.append(step)))
    done = [d for _, d, _ in heard]
    assert done == sorted(done)
    assert heard[-1][1] == heard[-1][2]
    assert {stage for stage, _, _ in heard} == {"read_areas", "read_records", "read_layers", "read_catalogues"}


def test_roles_describe_the_tables() -> None:
    roles = {role.name: role for role in ingest.roles()}
    assert set(roles) == set(ingest.SUPPORTED) | set(ingest.UNSUPPORTED)
    assert [r.name for r in roles.values() if not r.supported] == list(ingest.UNSUPPORTED)
    columns = {c.name: c for c in roles["standing"].columns}
    assert columns["bearing_deg"].unit == "degrees"
    assert columns["bearing_deg"].optional
    assert {"lon", "lat", "east_m", "north_m"} <= set(columns)
    for role in roles.values():
        assert knows(role.source_key), role.name
        assert knows(role.meaning_key), role.name
        for column in role.columns:
            assert knows(f"input.{role.name}.{column.name}"), (role.name, column.name)
