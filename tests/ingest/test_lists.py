"""Lists without a place: steps of each site and the dates of requests for footage, as offices keep them."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import ingest, study
from planner.work import Work
from tests.paper_town import write

STEPS = """対象番号,手続段階,完了日,文書番号,担当者氏名
m1,現地確認,令和8年5月1日,防第12号,紙山太郎
m1,所有者内諾,2026/6/1,防第20号,紙山太郎
k2,共架・道路占用許可,R8.7.1,道占第3号,紙山太郎
m1,お祓い,2026/6/2,,紙山太郎
"""
DROPPED = {"steps:personal_name:担当者氏名": "drop"}  # a column of persons' names is asked about before it is read


def town_with(folder: Path, role: str, text: str, wishes: str = "") -> Path:
    town = write(folder / "town")
    (town / "municipal" / f"{role}.csv").write_text(text, encoding="utf-8-sig")
    toml = (town / "town.toml").read_text(encoding="utf-8")
    columns = {
        "steps": '{ place_id = "対象番号", step = "手続段階", done_on = "完了日", document_number = "文書番号" }',
        "footage_log": '{ recognised_on = "認知日", received_on = "受理日", secured_on = "保全日", outcome = "結果" }',
    }[role]
    table = f'[{role}]\nfile = "municipal/{role}.csv"\ncolumns = {columns}\n\n{wishes}\n[budget]'
    (town / "town.toml").write_text(toml.replace("[budget]", table, 1), encoding="utf-8")
    return town


def test_steps_are_read_in_the_words_of_an_office(tmp_path: Path) -> None:
    inputs = ingest.read(town_with(tmp_path, "steps", STEPS), Work(), DROPPED)
    rows = inputs.steps.assign(done_on=inputs.steps["done_on"].dt.date.astype(str))
    assert rows[["place_id", "step", "done_on", "document_number"]].to_numpy().tolist() == [
        ["m1", "site_checked", "2026-05-01", "防第12号"],
        ["m1", "host_consent", "2026-06-01", "防第20号"],
        ["k2", "permit", "2026-07-01", "道占第3号"],
    ]
    aside = inputs.set_aside[inputs.set_aside["role"] == "steps"]
    assert [(r["line"], r["reason"]) for r in aside.to_dict("records")] == [(5, "unknown_word")]
    assert "紙山太郎" not in inputs.set_aside.to_string()  # no person's name is kept


@pytest.mark.parametrize(("stated", "origin", "days"), [("", "footage_log", 5), ("x", "widget", 9)])
def test_the_town_s_own_log_sets_the_handling_time_unless_somebody_states_it(tmp_path, stated, origin, days) -> None:
    lines = [f"2026-01-05,2026-01-06,2026-01-{5 + n % 11:02d},提供" for n in range(22)]  # 0 to 10 days, twice each
    text = "認知日,受理日,保全日,結果\n" + "\n".join(lines) + "\n2026-02-01,2026-02-09,,上書き済\n"
    inputs = ingest.read(town_with(tmp_path, "footage_log", text), Work())
    assert inputs.footage_log["outcome"].value_counts().to_dict() == {"supplied": 22, "overwritten": 1}
    layers = [("widget", {"coverage": {"handling_days": 9}})] if stated else []
    merged = study.wishes(inputs, *layers)
    assert merged.settings.coverage.handling_days == days
    assert merged.origins["coverage.handling_days"] == origin
    assert merged.settings.coverage.handling_low_days == 1


def test_programmes_and_dates_can_be_stated_in_the_town_s_settings(tmp_path: Path) -> None:
    town = town_with(tmp_path, "steps", STEPS, "[schedule]\ngrant_decision_on = 2027-07-01\n")
    text = (town / "town.toml").read_text(encoding="utf-8")
    edit = '[programmes]\nuse = ["half"]\nedit = { half = { rate = "1/4", origin = "要綱" } }\n'
    (town / "town.toml").write_text(text.replace("[programmes]\n", edit, 1), encoding="utf-8")
    inputs = ingest.read(town, Work(), DROPPED)
    settings = study.wishes(inputs).settings
    assert settings.programmes.use == ("half",)
    assert str(settings.programmes.edit["half"].rate) == "1/4"
    assert settings.schedule.grant_decision_on is not None
    assert settings.schedule.grant_decision_on.isoformat() == "2027-07-01"
    assert len(inputs.programmes) == 2  # what the file says stays as it is
