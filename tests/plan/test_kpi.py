"""Indicators by hand, and the detectable change against the exact power of the conditional test."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely
from scipy import stats

from planner.plan.duties import HostPart
from planner.plan.kpi import counted, detectable_share, route_length_m, sheet
from tests.show.conftest import site, standing


def exact_power(before: float, after: float, alpha: float = 0.05) -> float:
    """Power of the conditional test: given n = x + y, x is binomial(n, 1/2) where nothing changed (two-sided)."""
    power, total = 0.0, before + after
    for n in range(int(total - 6 * total**0.5), int(total + 6 * total**0.5) + 1):
        above = stats.binom.isf(alpha / 2, n, 0.5)  # reject beyond it; the other side has next to no power
        chance = stats.poisson.pmf(n, total)
        power += chance * stats.binom.sf(above, n, before / total)
    return power


@pytest.mark.parametrize("mean", [50.0, 100.0, 400.0])
def test_the_detectable_fall_has_about_the_stated_power(mean):
    share = detectable_share(mean / 2, 2)
    assert exact_power(mean, mean * (1 - share)) == pytest.approx(0.8, abs=0.05)


def test_the_detectable_fall_by_hand():
    # 100 a period: (1.960 + 0.8416) / 1.4142 = 1.981; (10 - 1.981)^2 = 64.3: a fall of 35.7 %
    assert detectable_share(100.0, 1) == pytest.approx(0.357, abs=5e-4)
    assert detectable_share(25.0, 4) == detectable_share(100.0, 1)
    assert detectable_share(1.0, 1) is None  # not even a fall to nothing


def host(ready_on: str) -> HostPart:
    return HostPart(
        site_id="-", state="candidate", steps=[], remaining=[], days=0, low_days=0, high_days=0,
        ready_on=ready_on, latest_on=ready_on, warnings=[],
    )  # fmt: skip


def test_targets_follow_the_year_in_which_sites_are_ready():
    numbers = {"sites": (10.0, 12.0), "cameras": (11.0, 14.0), "retention_share": (0.5, 1.0)}
    one = site(2, ("install",), ("-",), 100).model_copy(update={"cameras": 1})
    two = one.model_copy(update={"cameras": 2})
    hosts = [host("2027-03-31"), host("2027-04-01")]  # the last day of FY2026, the first of FY2027
    parts = {p.code: p for p in sheet(numbers, [one, two], hosts, [2026, 2027, 2028], 3)}
    assert parts["sites"].targets == [11, 12, 12]
    assert parts["cameras"].targets == [12, 14, 14]
    assert parts["retention_share"].targets == [0.5, 1, 1]
    assert parts["safety_survey"].targets == [None, None, None]
    undated = {p.code: p for p in sheet(numbers, [one, two], [host(""), host("")], [], 2)}
    assert undated["sites"].targets == [12, 12]


def test_the_length_of_school_routes_within_view():
    routes = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, 0), (100, 0)])]
    )
    seen = gpd.GeoDataFrame(
        {"view_id": ["a", "b", "c"]},
        geometry=[shapely.box(10, -5, 30, 5), shapely.box(20, -5, 60, 5), shapely.box(90, -5, 95, 5)],
    )
    assert route_length_m(routes, seen, ["a", "b"]) == pytest.approx(
        50
    )  # 10 to 60 once, though two views and routes meet
    assert route_length_m(routes, seen, []) == 0


def test_a_camera_that_is_moved_goes_from_one_place_and_comes_to_another():
    gone, kept = (standing(n, ("紙町",), 100).model_copy(update={"working": True}) for n in (0, 1))
    table = gpd.GeoDataFrame(
        {"camera_id": [gone.camera_id, kept.camera_id], "mount_id": ["", ""]},
        geometry=gpd.points_from_xy([0, 9], [0, 0]),
    )
    plain = site(2, ("install",), ("-",), 100)
    away = plain.model_copy(update={"kind": "remove", "camera_id": gone.camera_id, "cameras": 0})
    again = plain.model_copy(update={"kind": "install_reused", "camera_id": "", "cameras": 1})
    numbers = counted(SimpleNamespace(standing=table), [gone, kept], [away, again])
    assert (numbers["sites"], numbers["cameras"]) == ((2, 2), (2, 2))
    parts = {p.code: p for p in sheet(numbers, [away, again], [host(""), host("2027-04-01")], [2026, 2027], 2)}
    assert parts["cameras"].targets == [1, 2]
