"""Quality on the ladder, by hand and against plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import frames
from planner.coverage import grade, survey
from planner.coverage.grade import on_ladder

COMPASS_EAST = 90.0


@given(st.floats(0, 1), st.integers(1, 16))
def test_the_ladder_never_rounds_up(quality, steps):
    rung = float(on_ladder(np.array([quality]), steps)[0])
    assert rung * steps == pytest.approx(round(rung * steps), abs=1e-12)
    assert rung <= quality + 1e-10
    assert quality - rung < 1 / steps
    if quality * steps == round(quality * steps):
        assert rung == pytest.approx(quality, abs=1e-15)


def _graded(paper, spots, wish=None, groups=("bicycle_theft",), expected=None, **values):
    known = {"camera_id": "k", "model_id": "wide", "bearing_deg": COMPASS_EAST, "retention_days": 17.0}
    town = paper.town(standing=[(0, 0, known | values.pop("camera", {}))], **values)
    demand = paper.demand(spots, groups, expected)
    settings = paper.settings(coverage=wish or {})
    found = survey(town, demand, settings)
    rows = grade(found, demand, settings)
    keep = rows.action_ids.index(found.actions.set_index("kind").loc["keep", "action_id"])
    return rows, rows.quality[keep].toarray()[0]


def test_a_kept_camera_by_hand(paper):
    # 17 days less 3 of handling: 14 days leave .24 of bicycle thefts and .273 of the rare ones unrecognised
    rows, quality = _graded(paper, [(10, 0), (-10, 0)], groups=("bicycle_theft", "snatching"))
    assert rows.table["offence_group"].tolist() == ["bicycle_theft", "snatching"] * 2
    assert (quality * 16).tolist() == [12, 11, 0, 0]  # .76 * 16 = 12.16; .727 * 16 = 11.6
    assert rows.steps == 16
    assert _graded(paper, [(10, 0)], {"quality_steps": 1})[1].tolist() == [0]
    assert _graded(paper, [(10, 0)], {"handling_days": 17})[1].tolist() == [0]


def test_a_camera_of_others_counts_by_its_share(paper):
    lent = {"camera": {"use": "on_request"}}
    assert _graded(paper, [(10, 0)], **lent)[1].tolist() == [0]
    assert (_graded(paper, [(10, 0)], {"on_request_share": 0.5}, **lent)[1] * 16).tolist() == [6]  # .38 * 16 = 6.08


def test_night_needs_a_lamp_or_infrared(paper):
    # 10 m infrared reach 7.1 m slant, 6.68 m on the ground; a lamp at (12, 0) lights 15 m around
    weak = [paper.model(infrared_m=10.0)]
    spots = [(6.6, 0), (6.8, 0), (12, 0)]
    lamp = [(12, 0, {"mount_id": "lamp", "kind": "street_light"})]
    assert (_graded(paper, spots, models=weak)[1] > 0).tolist() == [True, False, False]
    assert (_graded(paper, spots, models=weak, mounts=lamp)[1] > 0).tolist() == [True, True, True]
    assert (_graded(paper, spots, {"night_required": False}, models=weak)[1] > 0).all()


def test_a_lit_street_ends_where_its_light_does(paper):
    # overview (20 px/m) reaches 64 m, a lit street shows people up to 30 m
    blind = [paper.model(infrared_m=0.0)]
    lamps = [(e, 0, {"mount_id": f"l{e}", "kind": "street_light"}) for e in (20, 40)]
    quality = _graded(paper, [(29, 0), (31, 0)], {"task": "overview"}, models=blind, mounts=lamps)[1]
    assert (quality > 0).tolist() == [True, False]


def test_rows_are_whole_millionths_of_place_only(paper):
    spots = [(10, 0), (10, 1, {"measure": "front"}), (10, 2, {"measure": "owner_only"}), (10, 3)]
    rows, quality = _graded(paper, spots, expected=[0.25, 1, 1, 4e-7])
    assert rows.table["spot_id"].tolist() == ["s0"]
    assert rows.table["weight_micro"].tolist() == [250_000]
    assert quality.shape == (1,)


@pytest.mark.parametrize("night", [True, False])
def test_grading_equals_plain_loops(paper, night):
    rng = np.random.default_rng(3)
    town = paper.town(
        mounts=[(*p, {"mount_id": f"p{i}", "kind": "street_light"}) for i, p in enumerate(rng.uniform(0, 100, (4, 2)))],
        standing=[
            (*p, {"camera_id": f"k{i}", "bearing_deg": b, "retention_days": 3.0 + i, "use": frames.USES[i % 4]})
            for i, (p, b) in enumerate(zip(rng.uniform(0, 100, (6, 2)), rng.uniform(0, 360, 6), strict=True))
        ],
        models=[paper.model(infrared_m=12.0), paper.model("long", angle_deg=60, infrared_m=25.0)],
    )
    groups = ("bicycle_theft", "theft_from_car", "snatching")
    expected = rng.gamma(0.3, 0.01, (150, 3)) * (rng.random((150, 3)) < 0.7)
    demand = paper.demand(rng.uniform(0, 100, (150, 2)).tolist(), groups, expected)
    wish = {"night_required": night, "on_request_share": 0.4, "unknown_use_share": 0.2, "task": "perceive"}
    settings = paper.settings(coverage=wish, rules={"max_per_mount": 2})
    found = survey(town, demand, settings)
    rows = grade(found, demand, settings)
    days_kept = {
        "bicycle_theft": [(0, 1), (3, 0.75), (7, 0.58), (14, 0.24), (30, 0.10)],
        "theft_from_car": [(0, 1), (3, 0.995), (7, 0.425), (14, 0.12), (30, 0.055)],
        "snatching": [(0, 1), (3, 0.47), (7, 0.443), (14, 0.273), (30, 0.047)],
    }

    def secured(group, days):
        left = days - 3
        for (d0, s0), (d1, s1) in zip(days_kept[group], days_kept[group][1:], strict=False):
            if d0 < left <= d1:
                return 1 - (s0 + (s1 - s0) * (left - d0) / (d1 - d0))
        return 0.0

    sees, links = found.sees.toarray(), found.action_views.toarray()
    views = found.views.drop(columns="geometry").to_dict("records")
    quality = rows.quality.toarray()
    spot_at = {s: i for i, s in enumerate(demand.spots["spot_id"])}
    checked = 0
    wanted = rows.table.to_dict("records")
    for a, action in enumerate(found.actions.drop(columns="geometry").to_dict("records")):
        used = np.flatnonzero(links[a])
        for r, row in enumerate(wanted):
            spot = spot_at[row["spot_id"]]
            best = 0.0
            for v in used:
                view, d = views[v], sees[v, spot]
                if d > 0 and view["near_m"] <= d <= view["far_m"]:
                    dark = not (found.lit[spot] and d <= 30) and d > view["night_far_m"]
                    best = max(best, 0.0 if night and dark else 1.0)
            if best:
                exact = secured(row["offence_group"], action["retention_days"]) * action["count_share"]
                best = math.floor(exact * 16 + 1e-9) / 16
                checked += best > 0
            assert abs(quality[a, r] - best) < 1e-12
    assert checked > 100
    assert rows.quality.has_sorted_indices
    assert (rows.quality.data > 0).all()
