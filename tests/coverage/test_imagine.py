"""One view looked at closely: areas by hand, offences as the plan counts them, what blocks it."""

import math

import numpy as np
import pytest
import shapely

from planner.coverage import changed, grade, imagine, optics, outline_by_class, stage, survey, today, views_of
from planner.errors import InputError
from planner.show.looking import building, facts
from planner.show.words import Words

KNOWN = {"camera_id": "k", "model_id": "wide", "bearing_deg": 90.0, "retention_days": 17.0}


def _stage(paper, spots=((10, 0),), standing=None, wish=None, **town):
    cameras = [(0, 0, KNOWN)] if standing is None else standing
    inputs = paper.town(standing=cameras, **town)
    demand = paper.demand(list(spots))
    settings = paper.settings(coverage=wish or {})
    return stage(inputs, survey(inputs, demand, settings), demand, settings)


def _sector(near, far, angle=math.pi / 2):
    return angle / 2 * (far**2 - near**2)


def test_classes_are_rings_that_follow_each_other(paper):
    seen = imagine(on := _stage(paper), views_of(on, camera_id="k")[0])
    day = seen.zones[seen.zones["light"] == "day"]
    # 2560 px over 90 degrees: 1280 px at 1 m. From 4 m up (2.4 m above the face) no more than 15 degrees steep begins
    # at 8.96 m, where 250 px/m have ended: no face is told anywhere. Up to 35 degrees steep begins at 3.43 m: nearer
    # than that 125 px/m are there, but seen too steeply, so that the coarser class comes twice
    slant = {task: 1280 / density for task, density in optics.densities("iec_62676_4_2025").items()}
    assert day["task"].tolist() == ["discern", "perceive", "discern", "outline", "overview"]
    assert day["near_m"].tolist()[1:] == day["far_m"].tolist()[:-1]
    assert day["near_m"].tolist()[:2] == pytest.approx(
        [2.4 / math.tan(math.radians(60)), 2.4 / math.tan(math.radians(35))]
    )
    for row in day.iloc[1:].itertuples():
        assert row.far_m == pytest.approx(math.sqrt(slant[row.task] ** 2 - 2.4**2))
    for row in day.itertuples():
        assert row.area_m2 == pytest.approx(_sector(row.near_m, row.far_m), rel=1e-3)
    assert seen.pixels_per_m == pytest.approx(80)
    assert (seen.near_m, seen.far_m) == pytest.approx((2.4 / math.sqrt(3), math.sqrt(16**2 - 2.4**2)))


def test_a_narrow_camera_tells_a_face_only_beyond_the_steep_part(paper):
    # 2560 px over 30 degrees: 4777 px at 1 m; flat enough from 8.96 m on, 500 px/m up to 9.25 m, 250 px/m up to 18.96 m
    on = _stage(paper, models=[paper.model(angle_deg=30.0)])
    day = imagine(on, views_of(on, camera_id="k")[0]).zones.query("light == 'day'").set_index("task")
    assert day.loc["validate", "near_m"] == pytest.approx(2.4 / math.tan(math.radians(15)))
    for task, density in (("validate", 500), ("characterise", 250)):
        slant = 2560 / (2 * density * math.tan(math.radians(15)))
        assert day.loc[task, "far_m"] == pytest.approx(math.sqrt(slant**2 - 2.4**2))


def test_a_view_says_from_where_to_where_it_tells_a_face(paper):
    # 250 px/m and a line of sight no steeper than 15 degrees: 4 m up, 90 degrees wide has no such place
    for angle, said in ((90.0, "見分けられる距離なし"), (30.0, "9.0～19.0m")):
        on = _stage(paper, models=[paper.model(angle_deg=angle)])
        told = dict(facts(imagine(on, views_of(on, camera_id="k")[0]), Words("ja")))
        assert told["顔を見分けられる距離"].startswith(said)


def test_classes_of_many_views_are_those_of_each(paper):
    on = _stage(
        paper, walls=[(shapely.box(5, -30, 8, -2), {})], mounts=[(12, 0, {"mount_id": "lamp", "kind": "street_light"})]
    )
    names = on.survey.views["view_id"].tolist()[:4]
    together = outline_by_class(on.inputs, on.survey, names, on.settings.coverage)
    one = imagine(on, views_of(on, camera_id="k")[0]).zones
    mine = together[together["view_id"] == on.survey.views.set_index("camera_id").loc["k", "view_id"].tolist()[0]]
    assert mine["area_m2"].tolist() == pytest.approx(one["area_m2"].tolist())
    assert set(together["view_id"]) <= set(names)


def test_night_is_infrared_and_lamps(paper):
    weak = [paper.model(infrared_m=10.0)]
    reach = math.sqrt(7.1**2 - 2.4**2)
    dark = imagine(on := _stage(paper, models=weak), views_of(on, camera_id="k")[0]).zones
    night = dark.loc[dark["light"] == "night", "area_m2"].sum()
    assert night == pytest.approx(_sector(2.4 / math.sqrt(3), reach), rel=2e-3)
    lamp = [(12, 0, {"mount_id": "lamp", "kind": "street_light"})]
    lit = imagine(on := _stage(paper, models=weak, mounts=lamp), views_of(on, camera_id="k")[0]).zones
    assert lit.loc[lit["light"] == "night", "area_m2"].sum() > 3 * night
    for task in set(lit["task"]):
        day, dark_part = (lit[(lit["task"] == task) & (lit["light"] == light)].iloc[0] for light in ("day", "night"))
        assert dark_part.area_m2 <= day.area_m2 + 1e-9
        assert dark_part.geometry.difference(day.geometry).area < 1e-6


def test_offences_are_those_of_the_plan(paper):
    spots = [(10, 0), (12, 3), (-10, 0), (40, 0), (9, 1, {"measure": "front"})]
    standing = [(0, 0, KNOWN), (0, 2, {**KNOWN, "camera_id": "j"})]
    on = _stage(paper, spots, standing)
    rows = grade(on.survey, on.demand, on.settings)
    action = on.survey.actions.set_index(["camera_id", "kind"])["action_id"]["k", "keep"]
    quality = rows.quality[rows.action_ids.index(action)].toarray()[0]
    told = imagine(on, views_of(on, camera_id="k")[0]).offences.iloc[0]
    assert told["counted_per_year"] == pytest.approx(quality @ rows.table["weight_micro"].to_numpy() / 1e6)
    assert told["in_view_per_year"] == 2
    # what it adds to the other cameras is what would be lost without it
    alone = today(on.survey, on.demand, on.settings).cameras.set_index("camera_id")["alone_per_year"]["k"]
    assert told["added_per_year"] == pytest.approx(alone)


def test_every_candidate_adds_what_the_rows_say(paper):
    walls = [(shapely.box(6, -20, 8, 2), {"wall_id": "house"})]
    spots = [(e, n) for e in range(-12, 13, 4) for n in range(-12, 13, 4) if not (6 <= e <= 8 and n <= 2)]
    on = _stage(paper, spots, walls=walls, mounts=[(3, 3, {"mount_id": "p"})])
    rows = grade(on.survey, on.demand, on.settings)
    weight = rows.table["weight_micro"].to_numpy() / 1e6
    dense = rows.quality.toarray()
    keep = dense[(on.survey.actions["kind"] == "keep").to_numpy()].max(axis=0)
    for i, action in enumerate(on.survey.actions.itertuples()):
        if action.kind == "install":
            told = imagine(on, views_of(on, site_id=action.action_id)[0]).offences
            assert told["added_per_year"].sum() == pytest.approx(np.maximum(dense[i] - keep, 0) @ weight)


def test_the_nearest_walls_that_block_are_named(paper):
    walls = [
        (shapely.box(5, -1, 6, 1), {"wall_id": "post", "use": "shed"}),
        (shapely.box(7, -0.5, 8, 0.5), {"wall_id": "hidden"}),
        (shapely.box(-9, -9, -7, 9), {"wall_id": "behind"}),
        (shapely.box(9, 3, 11, 6), {"wall_id": "house"}),
    ]
    seen = imagine(on := _stage(paper, walls=walls), views_of(on, camera_id="k")[0])
    assert seen.blockers["wall_id"].tolist() == ["post", "house"]
    first = seen.blockers.iloc[0]
    assert first["distance_m"] == pytest.approx(5, abs=0.1)
    assert first["bearing_deg"] == pytest.approx(90, abs=1)


def test_a_blocking_building_is_named_by_what_is_known_of_it(paper):
    walls = [
        (shapely.box(6, -9, 7, -6), {"wall_id": "named", "use": "school", "name": "北小学校"}),
        (shapely.box(6, -4, 7, -2), {"wall_id": "placed", "use": "house"}),
        (shapely.box(6, 2, 7, 4), {"wall_id": "hosted"}),
        (shapely.box(6, 6, 7, 9), {"wall_id": "bare"}),
    ]
    places = [
        (shapely.Point(6.5, -3), {"place_id": "p", "kind": "shop", "owner": "商店会", "address": "一丁目1"}),
        (shapely.box(0, 5, 6, 10), {"place_id": "beside", "kind": "car_park"}),  # touches a building, holds none
    ]
    mounts = [
        (6.5, 1.5, {"mount_id": "wall", "kind": "wall", "host": "電器店"}),
        (6.5, 5.5, {"mount_id": "pole", "host": "電力"}),  # a pole in front of a building is not the building's
    ]
    on = _stage(paper, walls=walls, places=places, mounts=mounts)
    seen = imagine(on, views_of(on, camera_id="k")[0])
    told = seen.blockers.set_index("wall_id")
    assert told.loc["named", ["name", "use"]].tolist() == ["北小学校", "school"]
    assert told.loc["placed", ["place_kind", "owner", "address"]].tolist() == ["shop", "商店会", "一丁目1"]
    assert told.loc["hosted", "host"] == "電器店"
    assert told.loc["bare", ["name", "use", "place_kind", "owner", "address", "host"]].tolist() == [""] * 6
    names = {r["wall_id"]: building(r, Words("ja")) for r in seen.blockers.to_dict("records")}
    assert names["named"] == "北小学校"
    assert names["placed"] == "店舗（商店会、一丁目1）"
    assert names["hosted"] == "電器店 の建物"
    assert names["bare"] == "北東（45度）の方向 8m先の建物"


def test_a_blocker_tells_the_pixels_at_its_nearest_visible_point(paper):
    seen = imagine(
        on := _stage(paper, walls=[(shapely.box(12, -9, 13, 9), {"wall_id": "w"})]), views_of(on, camera_id="k")[0]
    )
    told = seen.blockers.iloc[0]
    assert told["pixels_per_m"] == pytest.approx(1280 / math.hypot(12, 2.4), rel=0.01)
    assert told["task"] == "discern"


def test_what_if_changes_only_what_is_asked(paper):
    models = [paper.model(), paper.model("narrow", angle_deg=45.0, infrared_m=20.0)]
    on = _stage(paper, models=models)
    view = views_of(on, camera_id="k")[0]
    assert changed(on, view) == view
    turned = changed(on, view, bearing_deg=450.0)
    assert (turned.bearing_deg, turned.height_m, turned.angle_deg) == (90.0, view.height_m, 90.0)
    other = changed(on, view, model_id="narrow")
    assert other.density_1m_px == pytest.approx(float(optics.density_1m(2560, 45.0)))
    assert other.night_far_m == pytest.approx(math.sqrt(14.2**2 - 2.4**2))
    higher = changed(on, view, height_m=8.0)
    assert imagine(on, higher).near_m == pytest.approx(6.4 / math.sqrt(3))
    assert higher.night_far_m == pytest.approx(math.sqrt(71**2 - 6.4**2))
    with pytest.raises(InputError) as caught:
        changed(on, view, model_id="none")
    assert caught.value.code == "model_without_price"


def test_a_camera_of_unknown_bearing_gets_an_angle_with_a_bearing(paper):
    silent = {k: v for k, v in KNOWN.items() if k != "bearing_deg"}
    on = _stage(paper, standing=[(0, 0, silent)])
    view = views_of(on, camera_id="k")[0]
    assert imagine(on, view).zones["area_m2"].sum() == 0
    assert imagine(on, changed(on, view, bearing_deg=90.0)).offences["in_view_per_year"].tolist() == [1]


def test_a_camera_in_a_building_sees_nothing(paper):
    on = _stage(paper, walls=[(shapely.box(-5, -5, 5, 5), {})])
    seen = imagine(on, views_of(on, camera_id="k")[0])
    assert seen.inside
    assert seen.zones["area_m2"].sum() == 0
    assert seen.offences["in_view_per_year"].sum() == 0


def test_an_unknown_camera_is_refused(paper):
    on = _stage(paper)
    with pytest.raises(InputError) as caught:
        views_of(on, camera_id="nobody")
    assert (caught.value.code, caught.value.values) == ("look_unknown", {"id": "nobody"})
