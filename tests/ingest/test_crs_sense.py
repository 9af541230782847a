"""Which CRS the numbers are in: against every wrong reading of a real place, and silent where all is well."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.ingest.crs_sense import Reading, sense
from planner.ingest.ledger import Ledger
from planner.ingest.plane import JGD2011

TOKYO = (-5993.0, -35361.0)  # Tokyo Station in plane zone IX, m (published coordinates 139.7671, 35.6812)
BOX = (TOKYO[0] - 4000, TOKYO[1] - 4000, TOKYO[0] + 4000, TOKYO[1] + 4000)


def spots(seed: int, rows: int = 50) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(BOX[0], BOX[2], rows), rng.uniform(BOX[1], BOX[3], rows)])


def changed(xy: np.ndarray, epsg: int) -> np.ndarray:
    return np.column_stack(pyproj.Transformer.from_crs(6677, epsg, always_xy=True).transform(xy[:, 0], xy[:, 1]))


def read(xy: np.ndarray, stated: int | None) -> tuple[Reading, Ledger]:
    ledger = Ledger()
    crs = None if stated is None else pyproj.CRS.from_epsg(stated)
    return sense(xy, crs, 6677, BOX, "places", "p.csv", ledger), ledger


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from((6677, 6668, 4326, 4301, 3857, 6691, 6676)))
def test_true_coordinates_raise_nothing(seed: int, epsg: int) -> None:
    reading, ledger = read(changed(spots(seed), epsg), epsg)
    assert reading == Reading(pyproj.CRS.from_epsg(epsg))
    assert not ledger.faults
    assert not ledger.notes


METRES = (3857, 6691, 6676)
ASKED = [
    (stated, Reading(pyproj.CRS.from_epsg(true), swapped))
    for stated in (None, 6668, 6677)
    for true in (6668, 6677, *METRES)
    for swapped in (False, True)
    if (stated != true or swapped) and not (stated == 6677 and true in METRES and not swapped)
]


@pytest.mark.parametrize(("stated", "true"), ASKED)
def test_a_wrong_reading_is_found_and_asked_about(stated: int | None, true: Reading) -> None:
    reading, ledger = read(true.turned(changed(spots(1), true.crs.to_epsg())), stated)
    assert reading == true
    (fault,) = ledger.faults
    assert fault.code in {"crs_swapped", "zone_for", "crs_for"}
    places = np.array(fault.question.places[reading.choice])
    assert np.abs(places - changed(spots(1), JGD2011)).max() < 1e-6


@pytest.mark.parametrize("true", METRES)
def test_metres_of_another_zone_than_stated_are_refused(true: int) -> None:
    with pytest.raises(InputError) as caught:
        read(changed(spots(1), true), 6677)
    assert caught.value.code == "zone_wrong"
    assert caught.value.values["crs"] == f"EPSG:{true}"


def test_a_layer_of_a_whole_prefecture_is_taken_as_stated() -> None:
    rng = np.random.default_rng(3)
    xy = np.column_stack([rng.uniform(-80_000, 0, 2000), rng.uniform(-80_000, 0, 2000)])
    reading, ledger = read(xy, 6677)
    assert reading == Reading(pyproj.CRS.from_epsg(6677))
    assert not ledger.faults


def test_foreign_numbers_are_left_to_the_judge_of_distance() -> None:
    reading, ledger = read(changed(spots(1), JGD2011) + np.array([0.0, 7.5]), JGD2011)  # Hokkaido
    assert reading == Reading(pyproj.CRS.from_epsg(JGD2011))
    assert not ledger.faults
