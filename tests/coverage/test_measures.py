"""Rows by measure: fronts and policy targets count for floors only, by hand and through a whole plan."""

from dataclasses import replace

import pytest
import shapely

from planner import plan, siting, study
from planner.coverage import grade, survey
from planner.coverage.targets import points_of
from planner.errors import PlannerError, SettingsError
from planner.settings import merge
from planner.work import Work
from tests import tiny_towns
from tests.brute_force import best_plan

EAST = 90.0
ROUTE = (shapely.LineString([(2, 1), (62, 1)]), {"target_id": "t1", "name": "route", "kind": "school_route"})
GATE = (shapely.Point(10, -1), {"target_id": "t2", "name": "gate", "kind": "entrance"})


def test_targets_are_cut_into_steps():
    line, steps = points_of(shapely.LineString([(0, 0), (12, 0)]))
    assert shapely.get_x(line).tolist() == pytest.approx([2, 6, 10])
    assert steps.sum() == pytest.approx(12 / 5)
    park, steps = points_of(shapely.box(0, 0, 10, 20))
    assert len(park) == steps.sum() == 8
    assert len(points_of(shapely.box(0, 0, 1, 1))[0]) == 1
    assert points_of(shapely.Point(3, 4))[1].tolist() == [1.0]


def _graded(paper, floors, **camera):
    known = {"camera_id": "k", "model_id": "wide", "bearing_deg": EAST, "retention_days": 17.0, **camera}
    town = paper.town(standing=[(0, 0, known)], targets=[ROUTE, GATE])
    demand = paper.demand([(10, 0), (12, 0, {"measure": "front"})], expected=[1, 2])
    settings = paper.settings(
        rules={"floors": [{"share": 0.1, **f} for f in floors]}, coverage={"night_required": False}
    )
    made = survey(town, demand, settings)
    rows = grade(made, demand, settings)
    keep = rows.action_ids.index(made.actions.set_index("kind").loc["keep", "action_id"])
    table = rows.table.assign(quality=rows.quality[keep].toarray()[0])
    return made, table


def test_rows_of_other_measures_only_where_a_floor_asks(paper):
    assert _graded(paper, [])[1]["measure"].tolist() == ["place"]
    table = _graded(paper, [{"measure": "front"}])[1]
    assert table["weight_micro"].tolist() == [1_000_000, 2_000_000]
    assert (table["quality"] * 16).tolist() == [12, 12]
    made, table = _graded(paper, [{"measure": "target:school_route"}, {"measure": "target:t2"}])
    assert len(made.targets) == 13
    near, far = made.views.loc[made.views["camera_id"] == "k", ["near_m", "far_m"]].iloc[0]
    route = table[table["measure"] == "target:school_route"]
    # pieces of 5 m told by their middles 4.5, 9.5 ... 59.5 m; seen from near_m to far_m
    by_hand = [near <= (middle**2 + 1) ** 0.5 <= far for middle in (4.5 + 5 * n for n in range(12))]
    assert (route["quality"] == 1).tolist() == by_hand
    assert any(by_hand)
    assert not all(by_hand)
    assert route["weight_micro"].tolist() == [1_000_000] * 12
    assert table[table["measure"] == "target:t2"]["quality"].tolist() == [1]
    lent = _graded(paper, [{"measure": "target:entrance"}], use="on_request")[1]
    assert lent[lent["measure"] == "target:entrance"]["quality"].tolist() == [0]


def _wished(seed, floors):
    """A tiny town with a school route along its street and an entrance, and floors on what is not recorded crime."""
    inputs, merged = tiny_towns.tiny(seed)
    targets = [
        {
            "target_id": "t1",
            "name": "route",
            "kind": "school_route",
            "geometry": shapely.LineString([(0, 40), (120, 40)]),
        },
        {"target_id": "t2", "name": "gate", "kind": "entrance", "geometry": shapely.Point(60, 3)},
    ]
    inputs = replace(inputs, targets=tiny_towns.table("targets", targets))
    wishes = merged.settings.model_dump(mode="json")
    wishes["budget"] = {"own_capital_yen": 400_000, "running_yen_per_year": None}
    wishes["rules"] |= {"floors": floors, "districts": []}
    wishes["coverage"]["night_required"] = False
    return inputs, merge(("test", wishes))


@pytest.mark.parametrize("seed", [4, 6])
def test_floors_on_fronts_and_targets_hold_in_the_best_plan(seed):
    bare = _best(seed, [])[0]
    held = [{"measure": "front", "share": 0.02}, {"measure": "target:school_route", "district": "east", "share": 0.1}]
    value, made = _best(seed, held)
    assert value < bare
    told = {(m.measure, m.district_id): m for m in made.measures}
    assert told["front", ""].covered_share_after >= 0.02
    assert told["target:school_route", "east"].covered_share_after >= 0.1
    assert told["target:school_route", "east"].floor_share == 0.1
    assert {"target:school_route", "target:entrance", "place"} <= {m for m, d in told if d == ""}


def _best(seed, floors):
    inputs, merged = _wished(seed, floors)
    prepared = study.prepare(inputs, merged.settings, Work())
    made = study.decide(prepared, merged, Work())
    rows = grade(prepared.survey, prepared.demand, merged.settings)
    value, _ = best_plan(rows, prepared.offers, prepared.survey.cliques, merged.settings)
    assert made.value == pytest.approx(value, abs=1e-9)
    return value, made


def test_a_floor_that_nothing_is_counted_by_is_refused():
    with pytest.raises(SettingsError, match="nothing to count"):
        _best(1, [{"measure": "target:park", "share": 0.1}])


def test_the_recount_refuses_a_plan_below_a_floor():
    inputs, merged = _wished(1, [])
    prepared = study.prepare(inputs, merged.settings, Work())
    choice = siting.choose(study.pose(prepared, merged.settings, Work()), merged.settings, Work())
    for measure in ("front", "target:t1", "target:entrance"):
        strict = _wished(1, [{"measure": measure, "share": 1.0}])[1].settings
        with pytest.raises(PlannerError) as refusal:
            plan.recount(prepared, strict, choice)
        assert (refusal.value.code, refusal.value.values["rule"]) == ("rule_broken", f"floor:{measure}")
