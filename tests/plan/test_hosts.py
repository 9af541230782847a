"""States, lead times and warnings, worked by hand from table ``lead_times``."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from planner import assumptions, frames
from planner.plan.hosts import Calendar, calendar, hosts
from planner.settings import ScheduleSettings
from tests.show.conftest import site as drawn

LEAD = {
    (r["step"], r["mount_kinds"]): {k: int(r[k]) for k in ("days", "low", "high")}
    for r in assumptions.rows("lead_times")
}
POLES = "utility_pole street_light signal_pole"


def steps(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["place_id", "step", "done_on", "document_number"], dtype="str")
    table.insert(0, "step_id", pd.Series([str(n) for n in range(len(table))], dtype="str"))
    table["done_on"] = pd.to_datetime(table["done_on"]).astype("datetime64[ns]")
    return frames.check("steps", table)


def site(**changes):
    one = drawn(2, ("install",), ("-",), 100)
    return one.model_copy(update={"kind": "install", "mount_kind": "utility_pole", "programme_id": "p1", **changes})


def days(key: str, *names: str) -> int:
    return sum(LEAD[name, POLES if name == "permit" else ""][key] for name in names)


NO_DAY = Calendar(None, None, None, None)
BEFORE = ("site_checked", "host_consent", "neighbours_told", "police_opinion", "permit")
AFTER = ("contract", "installed", "inspected")


@pytest.mark.parametrize(
    ("changes", "todo"),
    [
        ({}, (*BEFORE, "grant_decision", *AFTER)),
        ({"programme_id": ""}, (*BEFORE, *AFTER)),
        ({"mount_kind": "wall"}, (*BEFORE[:4], "grant_decision", *AFTER)),  # the owner's consent is enough
        (
            {"mount_state": "agreed"},
            ("site_checked", "neighbours_told", "police_opinion", "permit", "grant_decision", *AFTER),
        ),
        ({"kind": "extend", "programme_id": ""}, AFTER),
        ({"kind": "remove"}, ("contract", "installed", "inspected")),
    ],
)
def test_what_remains_depends_on_kind_mount_and_money(changes, todo):
    (part,) = hosts([site(**changes)], steps(), NO_DAY)
    wanted = todo if changes.get("kind") != "remove" else AFTER
    assert tuple(part.remaining) == wanted
    assert part.days == days("days", *wanted)
    assert (part.ready_on, part.latest_on, part.warnings) == ("", "", [])


def test_recorded_steps_set_the_state_by_site_mount_or_camera():
    known = steps(
        ("m2", "site_checked", "2026-05-01", "防第1号"),
        ("s002", "host_consent", "2026-06-01", ""),
        ("elsewhere", "operating", "2026-06-30", ""),
    )
    (part,) = hosts([site()], known, NO_DAY)
    assert part.state == "host_consent"
    assert [(s.step, s.done_on, s.document_number) for s in part.steps] == [
        ("site_checked", "2026-05-01", "防第1号"),
        ("host_consent", "2026-06-01", ""),
    ]
    assert part.remaining[:2] == ["neighbours_told", "police_opinion"]
    running = steps(("m2", "operating", "2026-06-30", ""))
    assert hosts([site()], running, NO_DAY)[0].remaining == []


def test_lead_times_against_the_end_of_the_year_and_the_grant():
    as_of = dt.date(2026, 4, 1)
    when = Calendar(as_of, dt.date(2026, 12, 1), dt.date(2027, 3, 31), 2026)
    (part,) = hosts([site()], steps(), when)
    prepared = as_of + dt.timedelta(days("days", *BEFORE))  # 163 days: 11 September, before the grant is decided
    assert prepared < dt.date(2026, 12, 1)
    assert part.ready_on == (dt.date(2026, 12, 1) + dt.timedelta(days("days", *AFTER))).isoformat() == "2027-03-15"
    latest = max(dt.date(2026, 12, 1), as_of + dt.timedelta(days("high", *BEFORE))) + dt.timedelta(days("high", *AFTER))
    assert part.latest_on == latest.isoformat()
    assert [w.code for w in part.warnings] == ["may_miss_year_end"]
    late = Calendar(as_of, dt.date(2027, 1, 10), dt.date(2027, 3, 31), 2026)
    assert [w.code for w in hosts([site()], steps(), late)[0].warnings] == ["misses_year_end"]
    early = Calendar(dt.date(2025, 4, 1), None, dt.date(2027, 3, 31), 2026)
    assert hosts([site()], steps(), early)[0].warnings == []


@pytest.mark.parametrize(
    ("rows", "decision_on", "warned"),
    [
        ([("m2", "contract", "2026-08-01", "")], dt.date(2026, 9, 1), True),  # before the expected decision
        ([("m2", "contract", "2026-10-01", "")], dt.date(2026, 9, 1), False),
        ([("m2", "contract", "2026-10-01", "")], None, True),  # no decision is known at all
        ([("m2", "grant_decision", "2026-07-01", "第9号"), ("m2", "contract", "2026-08-01", "")], None, False),
        ([("m2", "grant_decision", "2026-09-01", "第9号"), ("m2", "installed", "2026-08-01", "")], None, True),
    ],
)
def test_work_before_the_grant_is_decided_is_warned_of(rows, decision_on, warned):
    when = Calendar(None, decision_on, None, None)
    (part,) = hosts([site()], steps(*rows), when)
    assert ("work_before_decision" in [w.code for w in part.warnings]) == warned
    assert hosts([site(programme_id="")], steps(*rows), when)[0].warnings == []  # own money knows no such rule


def test_days_count_from_the_setting_else_from_the_last_step():
    known = steps(("m2", "site_checked", "2026-05-01", ""), ("m2", "candidate", "2026-02-01", ""))
    assert calendar(ScheduleSettings(), None, known) == Calendar(dt.date(2026, 5, 1), None, dt.date(2027, 3, 31), 2026)
    stated = ScheduleSettings(as_of=dt.date(2026, 3, 1))
    assert calendar(stated, 2027, known) == Calendar(dt.date(2026, 3, 1), None, dt.date(2028, 3, 31), 2027)
    assert calendar(ScheduleSettings(), None, steps()) == NO_DAY
