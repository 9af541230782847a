"""What can be done with standing cameras and at mounts."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from scipy import sparse

from planner.coverage import survey
from planner.coverage.actions import dominated
from planner.coverage.views import Poses

AROUND = [(5, 0), (-5, 0), (0, 5), (0, -5), (105, 0), (205, 0)]


def _kinds(found, camera_id):
    of = found.actions.loc[found.actions["camera_id"] == camera_id]
    return of["kind"].value_counts().to_dict()


def _camera(paper, incidents=(), **values):
    known = {"camera_id": "k", "model_id": "wide", "bearing_deg": 90.0, "retention_days": 7.0}
    town = paper.town(standing=[(0, 0, known | values)], incidents=incidents)
    return survey(town, paper.demand(AROUND), paper.settings())


def test_an_own_camera_may_be_kept_extended_renewed_removed(paper):
    found = _camera(paper)
    assert _kinds(found, "k") == {"keep": 1, "extend": 1, "renew": 2, "remove": 1}  # tiers of 7 and 30 days
    table = found.actions.set_index("kind")
    assert table.loc["extend", "retention_days"] == 30
    assert table.loc["keep", "retention_days"] == 7
    assert pd.isna(table.loc["remove", "retention_days"])
    assert set(found.actions["group_id"]) == {"c:k"}
    cameras = dict(zip(found.actions["kind"], found.actions["cameras"], strict=True))
    assert cameras == {"keep": 1, "extend": 1, "renew": 1, "remove": 0}
    removal = (found.actions["kind"] == "remove").to_numpy()
    assert found.action_views[removal].nnz == 0
    assert (found.action_views[~removal].sum(axis=1) == 1).all()


@pytest.mark.parametrize("use", ["agreed", "on_request", "unknown"])
def test_what_is_not_ours_stays_as_it_is(paper, use):
    found = _camera(paper, use=use)
    assert _kinds(found, "k") == {"keep": 1}
    assert found.actions["count_share"].tolist() == [1.0 if use == "agreed" else 0.0]


def test_a_locked_camera_can_only_be_kept(paper):
    day = pd.Timestamp
    seen = [
        {
            "incident_id": "i",
            "offence": "snatching",
            "occurred_on": day("2020-12-31"),
            "place_kind": "road",
            "precision": "city",
        }
    ]
    assert _kinds(_camera(paper, seen, locked_until=day("2021-01-01")), "k") == {"keep": 1}
    assert "remove" in _kinds(_camera(paper, seen, locked_until=day("2020-12-31")), "k")
    # an installation later than the offences moves the day on; without any day every lock holds
    later = {"installed_on": day("2022-01-01"), "locked_until": day("2021-06-01")}
    assert "remove" in _kinds(_camera(paper, seen, **later), "k")
    found = _camera(paper, locked_until=day("2001-01-01"))
    assert _kinds(found, "k") == {"keep": 1}
    assert paper.notes(found)["standing_locked"] == {"number": 1, "ids": "k", "as_of": "-"}


def test_a_broken_camera_counts_nothing_until_repaired(paper):
    found = _camera(paper, working=False)
    assert _kinds(found, "k") == {"keep": 1, "repair": 1, "renew": 2, "remove": 1}
    share = dict(zip(found.actions["kind"], found.actions["count_share"], strict=True))
    assert share == {"keep": 0.0, "repair": 1.0, "renew": 1.0, "remove": 0.0}
    days = dict(zip(found.actions["kind"], found.actions["retention_days"], strict=True))
    assert days["repair"] == 7
    assert "standing_broken" in paper.notes(found)


def test_unknown_working_state_is_taken_as_working_and_said(paper):
    found = _camera(paper, working=pd.NA)
    assert _kinds(found, "k")["keep"] == 1
    assert found.actions.set_index("kind").loc["keep", "count_share"] == 1.0
    assert paper.notes(found)["standing_working_unknown"]["number"] == 1


def test_an_unknown_bearing_counts_at_its_worst(paper):
    found = _camera(paper, bearing_deg=float("nan"))
    assert paper.seen(found, "c:k") == {}
    assert "renew" not in _kinds(found, "k")
    assert paper.notes(found)["standing_bearing_unknown"] == {"number": 1, "ids": "k"}


def test_an_unknown_model_takes_the_assumed_lens(paper):
    found = _camera(paper, model_id="")
    view = found.views.set_index("view_id").loc["c:k"]
    assert (view["angle_deg"], round(view["far_m"], 2)) == (90, 15.82)  # 16 m slant
    assert view["night_far_m"] == pytest.approx((11.36**2 - 2.4**2) ** 0.5)  # 0.71 of 16 m
    assert paper.notes(found)["standing_model_unknown"]["number"] == 1


def test_unknown_days_are_the_commonest_and_misfits_are_listed(paper):
    town = paper.town(
        standing=[
            (0, 0, {"camera_id": "short", "bearing_deg": 0.0, "retention_days": 5.0}),
            (20, 0, {"camera_id": "fits", "bearing_deg": 0.0, "retention_days": 14.0}),
            (40, 0, {"camera_id": "silent", "bearing_deg": 0.0}),
            (60, 0, {"camera_id": "long", "bearing_deg": 0.0, "retention_days": 60.0, "use": "agreed"}),
        ]
    )
    limits = {"min_days": 10, "max_days": 30, "min_origin": "police", "max_origin": "guideline"}
    found = survey(town, paper.demand([(0, 5)]), paper.settings(retention=limits))
    keep = found.actions.loc[found.actions["kind"] == "keep"].set_index("camera_id")
    assert keep["retention_days"].tolist() == [5, 14, 7, 60]
    assert (keep["min_days"].tolist(), keep["max_days"].tolist()) == ([10] * 4, [30] * 4)
    assert set(found.actions["limit_origin"]) == {"police / guideline"}
    notes = paper.notes(found)
    assert notes["standing_outside_retention"] == {"number": 2, "ids": "short, long"}
    assert notes["standing_days_unknown"] == {"number": 1, "ids": "silent", "days": 7}


def _crossroads(paper, models, per_mount):
    roads = [shapely.LineString([(0, 0), end]) for end in ((50, 0), (-50, 0), (0, 50), (0, -50))]
    town = paper.town(mounts=[(0, 0, {"mount_id": "p"})], streets=[(r, {}) for r in roads], models=models)
    found = survey(town, paper.demand(AROUND), paper.settings(rules={"max_per_mount": per_mount}))
    return found, found.actions.loc[found.actions["cameras"] == 2]


def test_bundles_are_pairs_whose_sectors_do_not_overlap(paper):
    # four bearings 90 degrees apart: all six pairs at 90 degrees, only the two opposite ones at 110, times two tiers
    models = [paper.model(), paper.model("wider", angle_deg=110)]
    assert len(_crossroads(paper, models, 1)[1]) == 0
    found, pairs = _crossroads(paper, models, 2)
    assert pairs["model_id"].value_counts().to_dict() == {"wide": 12, "wider": 4}
    assert set(pairs["group_id"]) == {"m:p"}
    two = found.action_views[pairs.index.to_numpy()]
    assert (two.sum(axis=1) == 2).all()
    for row in range(two.shape[0]):
        first, second = found.views.iloc[two[row].indices].itertuples()
        assert first.model_id == second.model_id
        turn = abs((first.bearing_deg - second.bearing_deg + 180) % 360 - 180)
        assert turn >= first.angle_deg - 1e-6


def test_install_is_one_action_per_view_and_tier(paper):
    found, _ = _crossroads(paper, [paper.model()], 1)
    assert len(found.views) == 4
    assert len(found.actions) == 8
    assert sorted(found.actions["retention_days"]) == [7] * 4 + [30] * 4


def test_action_ids_do_not_depend_on_the_rest_of_the_town(paper):
    alone = _camera(paper)
    more = paper.town(
        standing=[
            (100, 0, {"camera_id": "j", "model_id": "wide", "bearing_deg": 0.0, "retention_days": 7.0}),
            (0, 0, {"camera_id": "k", "model_id": "wide", "bearing_deg": 90.3, "retention_days": 7.0}),
        ],
        mounts=[(200, 0, {"mount_id": "p"})],
    )
    crowd = survey(more, paper.demand(AROUND), paper.settings())
    assert set(alone.actions["action_id"]) < set(crowd.actions["action_id"])  # 0.3 degrees is the same action
    assert crowd.actions["action_id"].str.fullmatch("[0-9a-f]{12}").all()


def test_a_view_that_sees_nothing_is_not_offered(paper):
    town = paper.town(mounts=[(0, 0, {"mount_id": "p"}), (500, 0, {"mount_id": "lonely"})])
    found = survey(town, paper.demand([(5, 0)]), paper.settings())
    assert set(found.actions["mount_id"]) == {"p"}
    assert set(found.views["view_id"]) == {"m:p:wide:045"}  # as much as the two beside it
    assert paper.notes(found)["views_without_sight"] == {"number": 13, "of": 16}
    assert paper.notes(found)["views_dominated"] == {"number": 2, "of": 16}


def test_a_camera_outside_the_town_belongs_to_the_nearest_area(paper):
    areas = [
        (shapely.box(0, 0, 10, 10), {"area_id": "west", "district_id": "w"}),
        (shapely.box(10, 0, 20, 10), {"area_id": "east", "district_id": "e"}),
    ]
    town = paper.town(areas=areas, standing=[(25, 5, {"camera_id": "k"})], mounts=[(5, 5, {"mount_id": "p"})])
    found = survey(town, paper.demand([(5, 9)]), paper.settings())
    places = found.actions.groupby("kind")[["area_id", "district_id"]].first().to_dict("index")
    assert places["keep"] == {"area_id": "east", "district_id": "e"}
    assert places["install"] == {"area_id": "west", "district_id": "w"}


def test_a_stated_angle_and_height_go_before_the_model_and_the_mount(paper):
    plain, stated = _camera(paper, bearing_deg=90.0), _camera(paper, bearing_deg=90.0, angle_deg=60.0, height_m=6.0)
    mine = [found.views[found.views["camera_id"] == "k"].iloc[0] for found in (plain, stated)]
    assert [view["angle_deg"] for view in mine] == [90.0, 60.0]  # standing_angle_deg, where nothing is known
    assert mine[1]["height_m"] == 6.0


def _moving(paper, *, moves=True, **camera):
    values = {"camera_id": "k", "mount_id": "p", "model_id": "wide", "bearing_deg": 0.0, "retention_days": 7.0} | camera
    mounts = [(0, 0, {"mount_id": "p"}), (30, 0, {"mount_id": "q", "host": "power", "state": "asked"})]
    models = [paper.model(), paper.model("other", angle_deg=60.0)]
    town = paper.town(standing=[(0, 0, values)], mounts=mounts, models=models)
    wish = paper.settings(rules={"moves": moves})
    return survey(town, paper.demand([(0, 5), (5, 0), (30, 5), (35, 0)]), wish).actions


def test_a_camera_of_ours_may_be_moved(paper):
    found = _moving(paper)
    again = found[found["kind"] == "install_reused"]
    assert set(again["model_id"]) == set(again["reused_model_id"]) == {"wide"}  # the other model hangs nowhere
    assert set(again["group_id"]) == {"m:p", "m:q"}
    twins = found[(found["kind"] == "install") & (found["model_id"] == "wide")]
    assert len(again) == len(twins)
    assert not set(again["action_id"]) & set(twins["action_id"])
    assert found.set_index("kind").loc["remove", "reused_model_id"] == "wide"
    new = found[found["kind"].isin(["install", "install_reused"])]
    assert dict(zip(new["mount_id"], new["needs_removed"], strict=True)) == {"p": "k", "q": ""}
    assert dict(zip(new["mount_id"], new["mount_state"], strict=True)) == {"p": "agreed", "q": "asked"}
    assert set(new.loc[new["mount_id"] == "q", "host"]) == {"power"}


def test_without_the_wish_nothing_moves(paper):
    found = _moving(paper, moves=False)
    assert "install_reused" not in set(found["kind"])
    assert set(found.loc[found["kind"] == "install", "mount_id"]) == {"q"}
    assert set(found["needs_removed"]) == {""}


@pytest.mark.parametrize("camera", [{"use": "agreed"}, {"working": False}, {"model_id": ""}])
def test_what_cannot_be_taken_down_whole_is_not_hung_up_again(paper, camera):
    found = _moving(paper, **camera)
    assert "install_reused" not in set(found["kind"])
    on_its_mount = found[(found["kind"] == "install") & (found["mount_id"] == "p")]
    assert (len(on_its_mount) == 0) == ("use" in camera)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 15)), min_size=1, max_size=12))
def test_pruning_leaves_for_each_view_one_that_sees_as_much(views):
    """Against every pair: each dropped view is held by a kept one of its mount and model, and no kept one by another."""
    seen = sparse.csr_matrix(np.array([[float(s >> bit & 1) for bit in range(4)] for _, _, s in views]))
    table = pd.DataFrame({"model_id": [f"{m}" for _, m, _ in views]})
    owner = np.array([o for o, _, _ in views])
    drop = dominated(Poses(table, np.full(len(views), "install", dtype=object), owner, np.zeros(len(views))), seen)
    for i, (owner_i, model_i, seen_i) in enumerate(views):
        rivals = [s for j, (o, m, s) in enumerate(views) if (o, m) == (owner_i, model_i) and j != i and not drop[j]]
        assert drop[i] == any(seen_i & ~s == 0 for s in rivals)
