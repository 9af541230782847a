"""Pixel ranges against the published table, limits by hand."""

import numpy as np
import pytest
import shapely

from planner.coverage import grade, optics, survey
from planner.errors import SettingsError

# facts on coverage, table 2.2: ranges in m at 20, 40, 80, 125, 250, 500 px/m
TABLE = {
    (1920, 90): (48.0, 24.0, 12.0, 7.7, 3.8, 1.9),
    (2560, 60): (110.9, 55.4, 27.7, 17.7, 8.9, 4.4),
    (2560, 90): (64.0, 32.0, 16.0, 10.2, 5.1, 2.6),
    (2560, 110): (44.8, 22.4, 11.2, 7.2, 3.6, 1.8),
    (2560, 30): (238.9, 119.4, 59.7, 38.2, 19.1, 9.6),
    (3840, 60): (166.3, 83.1, 41.6, 26.6, 13.3, 6.7),
    (3840, 90): (96.0, 48.0, 24.0, 15.4, 7.7, 3.8),
}


@pytest.mark.parametrize(("camera", "ranges"), TABLE.items())
def test_pixel_ranges_of_the_published_table(camera, ranges):
    density = optics.density_1m(*camera)
    assert np.round(density / np.array([20, 40, 80, 125, 250, 500]), 1) == pytest.approx(ranges, abs=0.051)


def test_a_camera_that_looks_all_around_spreads_its_pixels_along_the_arc():
    # 3840 px over a full circle: at 10 m the circle is 62.83 m long, 61.1 px/m
    assert optics.density_1m(3840, 360) / 10 == pytest.approx(61.115, abs=0.001)


def test_near_and_far_stand_on_the_ground():
    # 4 m mount, 1.6 m face: 2.4 m drop; slant 16 m -> sqrt(256 - 5.76); 60 degrees down -> 2.4 / 1.7321
    assert optics.far_m(16.0, 4.0) == pytest.approx(15.819, abs=0.001)
    assert optics.near_m(4.0) == pytest.approx(1.3856, abs=0.0001)
    assert optics.near_m(1.0) == 0.0
    assert optics.far_m(2.0, 4.0) == 0.0  # cannot even reach the ground below
    assert optics.night_far_m(30.0, 4.0) == pytest.approx(21.164, abs=0.001)  # 21.3 m slant


def test_unknown_task_names_the_known_ones(paper):
    with pytest.raises(SettingsError) as refusal:
        survey(paper.town(), paper.demand([(0, 0)]), paper.settings(coverage={"task": "recognise"}))
    assert refusal.value.code == "unknown_task"
    assert "discern" in refusal.value.values["known"]
    dori = paper.settings(coverage={"task": "recognise", "standard": "dori_2014"})
    assert optics.task_density(dori.coverage) == 125


def test_an_empty_annulus_is_said_and_not_listed(paper):
    # 1500 px/m: 0.85 m slant; from 2 m high a face is seen 15 degrees down from 1.49 m on
    town = paper.town(
        mounts=[(0, 0, {"mount_id": "p", "height_m": 2})], models=[paper.model(), paper.model("tele", angle_deg=20)]
    )
    found = survey(town, paper.demand([(0, 4)]), paper.settings(coverage={"task": "scrutinise"}))
    assert set(found.views["model_id"]) == {"tele"}
    note = paper.notes(found)["model_cannot_do_task"]
    assert (note["model_id"], note["task"], note["number"]) == ("wide", "scrutinise", 1)
    assert note["far_m"] <= note["near_m"]


# facts on coverage, 2.2: nearest distance for a face at 15 degrees
@pytest.mark.parametrize(("height", "near"), [(2.5, 3.4), (3, 5.2), (3.5, 7.1), (4, 9.0), (5, 12.7)])
def test_a_face_is_seen_from_some_way_off(height, near):
    for task in ("characterise", "validate", "scrutinise"):
        assert optics.near_m(height, optics.steepest_deg("iec_62676_4_2025", task)) == pytest.approx(near, abs=0.05)
    assert optics.steepest_deg("dori_2014", "identify") == 15
    assert optics.steepest_deg("iec_62676_4_2025", "discern") == 60


def test_four_megapixels_at_four_metres_never_tell_a_face():
    table = optics.usable(2560, 90, 4.0, 30.0).set_index("task")
    face = table.loc["identify"]  # 250 px/m end 5.12 m off, 4.52 m on the ground; 15 degrees begin at 8.96 m
    assert (face["near_m"], face["far_m"]) == (pytest.approx(8.957, abs=1e-3), pytest.approx(4.523, abs=1e-3))
    assert not face["usable"]
    assert table.loc["discern", ["near_m", "far_m"]].tolist() == pytest.approx([1.386, 15.819], abs=1e-3)
    assert table.loc["overview", "infrared_far_m"] == pytest.approx(21.164, abs=1e-3)  # 30 m stated, 21.3 m real
    assert table.loc["overview", "lit_far_m"] == 30
    assert table.loc["discern", "lit_far_m"] == table.loc["discern", "far_m"]
    assert set(table["standard"]) == {"iec_62676_4_2025", "dori_2014", "number_plate"}


def test_the_number_plate_rule_by_hand():
    # 130 px across 0.33 m: 393.9 px/m; 3840 px at 30 degrees show it up to 18.19 m off; 3.4 m above the plate, 30 degrees
    plate = optics.usable(3840, 30, 4.0, 0.0).set_index("task").loc["number_plate"]
    assert plate["pixels_per_m"] == pytest.approx(393.94, abs=0.01)
    assert [plate["near_m"], plate["far_m"]] == pytest.approx([5.889, 17.870], abs=2e-3)
    assert optics.shutter_s(40) == pytest.approx(1 / 440)
    assert not optics.usable(2560, 90, 4.0, 0.0).set_index("task").loc["number_plate", "usable"]


# facts on coverage, 2.2: GB a day
@pytest.mark.parametrize(
    ("width", "codec", "gigabytes"),
    [(1920, "h264", 43.2), (2560, "h265", 43.2), (2688, "h264", 86.4), (3840, "h264", 172.8)],
)
def test_storage_by_bitrate(width, codec, gigabytes):
    assert optics.storage_gb_per_day(optics.bitrate_mbps(width, codec)) == pytest.approx(gigabytes)
    busy, quiet = (optics.bitrate_mbps(width, codec, scene) for scene in ("busy", "quiet"))
    assert busy / quiet == pytest.approx(1.4 / 0.6)


def test_the_survey_says_which_models_tell_no_face(paper):
    models = [paper.model(), paper.model("tele", angle_deg=20)]
    town = paper.town(mounts=[(0, 0, {"mount_id": "p"}), (50, 0, {"mount_id": "q", "height_m": 3})], models=models)
    said = [
        n.values
        for n in survey(town, paper.demand([(0, 4)]), paper.settings()).notes
        if n.code == "model_tells_no_face"
    ]
    assert [(v["model_id"], v["height_m"], v["pixels_per_m"]) for v in said] == [("wide", 3, 250)]
    assert [said[0]["near_m"], said[0]["far_m"]] == pytest.approx([5.225, 4.925], abs=1e-3)  # even from the lower mount


def test_another_task_of_the_same_survey_begins_where_it_may(paper):
    # from 3 m high discern begins at 0.8 m, characterise at 5.2 m and ends at 28.8 m for 20 degrees
    town = paper.town(
        mounts=[(0, 0, {"mount_id": "p", "height_m": 3})],
        places=[(shapely.Point(9, 0), {})],
        models=[paper.model("tele", angle_deg=20)],
    )
    demand = paper.demand([(4, 0), (9, 0), (40, 0)])
    fine = paper.settings(coverage={"task": "characterise", "night_required": False})
    found = survey(town, demand, paper.settings(coverage={"night_required": False}))
    kept = (
        grade(found, demand, s).quality.max(axis=0).toarray()[0] > 0
        for s in (paper.settings(coverage={"night_required": False}), fine)
    )
    assert [row.tolist() for row in kept] == [[True, True, True], [False, True, False]]
    again = survey(town, demand, fine)
    assert again.views["near_m"].tolist() == pytest.approx([5.225], abs=1e-3)
    assert paper.seen(again, "m:p:tele:090") == pytest.approx({0: 4, 1: 9, 2: 40})


def test_a_model_says_how_much_it_stores_or_its_pixels_do(paper):
    told = {**paper.model("told"), "bitrate_mbps": 3.0}
    found = optics.model_storage_gb_per_day(paper.town(models=[paper.model(), told]).models)
    assert found["told"] == pytest.approx(3 * 10.8)
    assert found["wide"] == pytest.approx(optics.bitrate_mbps(2560, "h265") * 10.8)
