"""Ten of the catalogue's faults in one folder: one run lists all, one answers file mends them, the second run plans."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from planner import checking, ingest, study
from planner.errors import InputFaults
from planner.work import Work
from tests.ingest.two_blocks import AREAS, TOWN, TWO_BLOCKS, geojson, square
from tests.show.test_questions import PROPOSAL

FILES = """
[crime]
file = "crime.csv"
columns = { incident_id = "番号", area = "町名", offence = "罪種", occurred_on = "日", hour = "時" }

[counts]
file = "counts.json"
columns = { area = "町名", offence = "罪種", period = "年", number = "件数" }

[standing]
file = "cameras.csv"

[streets]
file = "streets.geojson"

[walls]
file = "walls.geojson"
"""
CRIME = """番号,罪種,町名,日,時
1,自転車盗,本町１丁目,2023-01-01,7
2,ひったくり,本町二丁目,2023-12-31,22
3,自転車盗,本町1丁目,2023-03-03,8,余分
4,自転車盗,本町1丁目
5,自転車盗,本町1丁目,2023-02-30,8
6,自転車盗,本町1丁目,2023-05-05,25
2,自転車盗,本町1丁目,2023-06-06,9
"""
COUNTS = """町名,罪種,年,件数
本町1丁目,侵入窃盗,2023,2
本町2丁目,侵入窃盗,2023,-1
合計,侵入窃盗,2023,2
"""
CAMERAS = "camera_id,北緯,東経\nC1,36.00036,139.83389\nC2,inf,139.8340\n"
STREETS = geojson([("LineString", [[0, 50], [200, 50]], {"width_m": 6})])
WALLS = geojson([("Polygon", square(20, 20, 10), {"height_m": 6}), ("Polygon", None, {"height_m": 6})])
# catalogue number -> where the fault stands: a row set aside (file, line) or a question's key
SET_ASIDE = {
    "B013": ("crime.csv", 4),  # one field too many
    "B014": ("crime.csv", 5),  # one field too few
    "B043": ("crime.csv", 6),  # 30 February
    "B037": ("crime.csv", 7),  # hour 25
    "B049": ("crime.csv", 8),  # the same identifier, another event
    "B046": ("counts.json", 3),  # a negative count
    "B017": ("counts.json", 4),  # a row of totals
    "B035": ("cameras.csv", 3),  # a coordinate without end
    "B074": ("walls.geojson", 2),  # no geometry
}
ASKED = {"B019": "standing:column_for:lat", "B027": "counts:open_as:counts.json"}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    contents = {
        "town.toml": TOWN + AREAS + FILES,
        "areas.geojson": TWO_BLOCKS,
        "crime.csv": CRIME,
        "counts.json": COUNTS,
        "cameras.csv": CAMERAS,
        "streets.geojson": STREETS,
        "walls.geojson": WALLS,
    }
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def set_aside_in(out: Path) -> set[tuple[str, int]]:
    with (out / "set_aside.csv").open(encoding="utf-8-sig", newline="") as file:
        return {(row[1], int(row[2])) for row in list(csv.reader(file))[1:]}


def test_one_run_lists_all_and_one_answers_file_mends_them(town: Path, tmp_path: Path) -> None:
    assert len(SET_ASIDE) + len(ASKED) >= 10
    out = tmp_path / "out"
    first = checking.check(town, Work(), {})
    reply = checking.reply(first, checking.write(first, out, "ja"), "ja")
    assert reply.exit_code == 2
    assert reply.faults == []
    assert set(ASKED.values()) <= {question.key for question in reply.questions}
    assert set(SET_ASIDE.values()) <= set_aside_in(out)
    for file in reply.files:
        assert file.rows == file.accepted + file.set_aside + file.duplicate + file.outside, file.file
    with pytest.raises(InputFaults):
        study.make(town, (), Work())

    answers = out / "answers.toml"
    answers.write_text(PROPOSAL.sub("", answers.read_text(encoding="utf-8")), encoding="utf-8")
    second = checking.check(town, Work(), ingest.load_answers(answers))
    assert second.exit_code == 0
    checking.write(second, out, "ja")
    assert set(SET_ASIDE.values()) <= set_aside_in(out)  # what an answer cannot mend stays listed
    assert second.inputs is not None
    assert second.inputs.standing["camera_id"].tolist() == ["C1"]
    assert len(second.inputs.streets) == 1

    made = study.make(town, (("flag", {"budget": {"own_capital_yen": 2_000_000}}),), Work())
    assert made.status in ("optimal", "within_gap")
    assert made.payers.municipality_yen <= 2_000_000
    assert {s.file: s.set_aside for s in made.sources}["crime.csv"] >= 5
