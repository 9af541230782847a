"""Pixel ranges against the published table, limits by hand."""

import numpy as np
import pytest

from planner.coverage import optics, survey
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
    # 1500 px/m: 0.85 m slant, from 4 m high the nearest face is 2.4 m below
    town = paper.town(mounts=[(0, 0, {"mount_id": "p"})], models=[paper.model(), paper.model("tele", angle_deg=20)])
    found = survey(town, paper.demand([(0, 4)]), paper.settings(coverage={"task": "scrutinise"}))
    assert set(found.views["model_id"]) == {"tele"}
    note = paper.notes(found)["model_cannot_do_task"]
    assert (note["model_id"], note["task"], note["number"]) == ("wide", "scrutinise", 1)
    assert note["far_m"] <= note["near_m"]
