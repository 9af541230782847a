from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, box

from planner.errors import InputError
from planner.risk import score
from planner.settings import RiskSettings
from planner.work import Work

SETTINGS = RiskSettings()
SQUARE = {"A": (0, 0, 100, 100)}
PAIR = {"A": (0, 0, 100, 100), "B": (100, 0, 200, 100)}
MIDDLE = {"m": LineString([(0, 50), (200, 50)])}


def car(area, kind="parking", precision="area", point=None, offence="theft_from_car"):
    return (offence, area, kind, precision, point)


def codes(demand):
    return {note.code: note.values for note in demand.notes}


def by_measure(demand, column=0):
    return pd.Series(demand.expected[:, column]).groupby(demand.spots["measure"].to_numpy()).sum().to_dict()


def assert_adds_up(demand):
    sums = pd.DataFrame(demand.expected, columns=list(demand.groups)).groupby(demand.spots["area_id"].to_numpy()).sum()
    wanted = demand.areas.pivot_table(index="area_id", columns="offence_group", values="expected_per_year")
    np.testing.assert_allclose(sums[wanted.columns].loc[wanted.index], wanted, rtol=1e-9, atol=1e-15)


def test_one_area_by_hand(build):
    # 4 records in 2 years: 2 a year. Kinds 1/2 park, 1/4 road, 1/4 low flats (half front, half the owner's).
    # One car park listed: it gets half of the parks' 1 a year, the fronts the other half. Street of 20 m: 4 spots.
    records = [car("A"), car("A"), car("A", "road"), car("A", "low_flats")]
    inputs = build(
        SQUARE,
        records,
        streets={"x": LineString([(10, 50), (30, 50)])},
        places={"p": ("car_park", Point(60, 60)), "shop": ("convenience", Point(50, 50))},
        years=2.0,
    )
    demand = score(inputs, SETTINGS)
    assert demand.groups == ("theft_from_car",)
    rate = dict(zip(demand.spots["spot_id"], demand.expected[:, 0], strict=True))
    assert rate == pytest.approx(
        {f"sx-{k}-p": 0.125 for k in range(4)}
        | {f"sx-{k}-f": (0.5 + 0.25) / 4 for k in range(4)}
        | {"kp-0": 0.5, "oA": 0.25}
    )
    at = demand.spots.set_index("spot_id").geometry
    assert [at[f"sx-{k}-p"].x for k in range(4)] == [12.5, 17.5, 22.5, 27.5]
    assert codes(demand)["measure_split"] == pytest.approx({"place": 0.5, "front": 0.375, "owner_only": 0.125})
    assert codes(demand)["parks_listed"] == {"number": 1, "areas": 1}


def test_areas_and_total_add_up_with_every_kind_of_record(build):
    rng = np.random.default_rng(3)
    kinds = ["road", "parking", "detached_house", "low_flats", "high_flats", "other", "unknown"]
    records = [car(rng.choice(["A", "B", "B"]), rng.choice(kinds)) for _ in range(40)]
    records += [car("", rng.choice(kinds), "city") for _ in range(6)]
    records += [car("B", "unknown", "point", Point(*rng.uniform(101, 199, 2) - (0, 100))) for _ in range(5)]
    records += [car("A", "road", offence="snatching")]
    counts = [("A", "robbery", "2020", 1.0, 2), ("B", "robbery", "2020", 1.0, 0), ("", "robbery", "2020", 1.0, 1)]
    places = {"p": ("bicycle_parking", box(110, 10, 130, 25)), "q": ("parking", box(20, 20, 22, 22))}
    demand = score(build(PAIR, records, counts, MIDDLE, places), SETTINGS)
    assert demand.groups == ("theft_from_car", "snatching", "robbery")  # the order of offences.csv
    assert_adds_up(demand)
    assert demand.expected.sum(axis=0) == pytest.approx([51 / 3, 1 / 3, 3.0], rel=1e-9)
    uniform = demand.areas.groupby("offence_group")["uniform_per_year"].sum()
    assert uniform.to_dict() == pytest.approx({"theft_from_car": 51 / 3, "snatching": 1 / 3, "robbery": 3.0})
    assert (demand.expected >= 0).all()
    assert codes(demand)["records_without_area"] == {"number": 7, "total": 55}
    recorded = demand.areas.set_index(["offence_group", "area_id"])["recorded"]
    assert recorded["robbery"].to_dict() == {"A": 2, "B": 0}


def test_order_of_rows_does_not_matter(build):
    rng = np.random.default_rng(5)
    records = [car(rng.choice(["A", "B"]), rng.choice(["road", "parking", "unknown"])) for _ in range(30)]
    records.append(car("A", "road", "point", Point(33, 44)))
    streets = MIDDLE | {"n": LineString([(100, 0), (100, 100)])}
    inputs = build(
        PAIR, records, streets=streets, places={"p": ("parking", Point(3, 3)), "q": ("parking", Point(9, 9))}
    )
    turned = replace(
        inputs,
        **{
            name: getattr(inputs, name).iloc[::-1].reset_index(drop=True)
            for name in ("areas", "incidents", "streets", "places")
        },
    )
    one, two = score(inputs, SETTINGS), score(turned, SETTINGS)
    assert one.spots.equals(two.spots)
    np.testing.assert_allclose(one.expected, two.expected, rtol=1e-9)
    pd.testing.assert_frame_equal(one.areas, two.areas)


def test_inputs_stay_as_they_were(build):
    inputs = build(PAIR, [car("A")], streets=MIDDLE)
    before = {name: getattr(inputs, name).copy() for name in ("areas", "incidents", "streets", "places")}
    score(inputs, SETTINGS)
    assert all(getattr(inputs, name).equals(table) for name, table in before.items())


def test_border_street_is_shared_and_every_point_stands_once(build):
    inputs = build(PAIR, [car("A", "road")], streets={"n": LineString([(100, 0), (100, 100)])})
    spots = score(inputs, SETTINGS).spots
    assert len(spots) == 20
    assert spots["area_id"].value_counts().to_dict() == {"A": 10, "B": 10}
    assert not spots.geometry.duplicated().any()


def test_street_across_the_town_limit_is_cut_with_a_note(build):
    inputs = build(SQUARE, [car("A", "road")], streets={"m": LineString([(50, 50), (150, 50)])})
    demand = score(inputs, SETTINGS)
    assert len(demand.spots) == 10
    assert demand.spots.geometry.x.max() == 97.5
    assert codes(demand)["street_points_outside"] == {"number": 10, "length_m": 50}


def test_spots_are_at_most_the_spacing_apart(build):
    line = LineString([(3, 3), (64, 3), (64, 90)])  # 148 m, 30 pieces
    inputs = build(SQUARE, [car("A", "road")], streets={"b": line})
    spots = score(inputs, SETTINGS).spots
    where = np.array([line.project(point) for point in spots.geometry])
    assert len(where) == 30
    assert np.diff(where) == pytest.approx(np.full(29, 148 / 30))
    assert score(inputs, RiskSettings(spot_spacing_m=20)).spots.shape[0] == 8


def test_town_without_streets_uses_rings_and_says_so(build):
    inputs = build(PAIR, [car("A", "road"), car("B", "road")])
    demand = score(inputs, SETTINGS)
    assert len(demand.spots) == 160  # 400 m of ring, 80 spots each
    assert set(demand.spots["street_id"]) == {""}
    assert {"streets_absent_ring", "exposure_area"} <= set(codes(demand))
    assert_adds_up(demand)
    with_homes = score(build(PAIR, [car("A", "road")], households=[10, 30]), SETTINGS)
    assert "exposure_households" in codes(with_homes)
    assert with_homes.areas["uniform_per_year"].to_list() == pytest.approx([1 / 12, 3 / 12])
    assert "exposure_area" in codes(score(build(PAIR, [car("A", "road")], households=[10, 0]), SETTINGS))


def test_area_that_no_street_reaches_gets_its_ring(build):
    inputs = build(PAIR, [car("A", "road"), car("B", "road")], streets={"x": LineString([(10, 50), (90, 50)])})
    demand = score(inputs, SETTINGS)
    assert demand.spots["area_id"].value_counts().to_dict() == {"A": 16, "B": 80}
    assert codes(demand)["areas_without_street"] == {"number": 1, "areas": "name B"}
    assert demand.areas["uniform_per_year"].to_list() == pytest.approx([2 / 3 * 80 / 480, 2 / 3 * 400 / 480])
    assert_adds_up(demand)


def test_polygons_of_one_area(build):
    both = MultiPolygon([box(0, 0, 50, 50), box(200, 0, 250, 50)])
    inputs = build({"A": both}, [car("A", "road")], streets={"x": LineString([(0, 25), (250, 25)])})
    demand = score(inputs, SETTINGS)
    assert len(demand.spots) == 20
    assert demand.expected[:, 0] == pytest.approx(np.full(20, 1 / 3 / 20))


def test_parts_of_one_street_are_numbered_on(build):
    parts = MultiLineString([[(10, 50), (20, 50)], [(60, 50), (75, 50)]])
    spots = score(build(SQUARE, [car("A", "road")], streets={"x-1": parts}), SETTINGS).spots
    assert spots["spot_id"].to_list() == [f"sx-1-{k}-p" for k in range(5)]
    assert spots.geometry.x.to_list() == [12.5, 17.5, 62.5, 67.5, 72.5]


def test_parks_by_size_form_and_place(build):
    places = {
        "big": ("car_park", box(10, 10, 20, 20)),  # grid lines at 10, 15, 20; only 15 is inside
        "tiny": ("cycle_park", box(31, 31, 33, 33)),  # no grid point: its representative point
        "line": ("parking", LineString([(40, 80), (60, 80)])),
        "wide": ("parking", box(61, 61, 74, 69)),  # 65, 70 east by 65 north
        "away": ("parking", Point(500, 500)),
    }
    demand = score(build(SQUARE, [car("A")], streets=MIDDLE, places=places, years=1.0), SETTINGS)
    on_park = demand.spots["place_id"] != ""
    assert demand.spots["place_id"][on_park].value_counts().to_dict() == {"big": 1, "tiny": 1, "line": 4, "wide": 2}
    assert demand.expected[on_park.to_numpy()].sum() == pytest.approx(4 / 5)  # four listed: k / (k + 1)
    per_park = pd.Series(demand.expected[:, 0]).groupby(demand.spots["place_id"].to_numpy()).sum()
    assert per_park[["big", "tiny", "line", "wide"]].to_list() == pytest.approx([0.2] * 4)
    assert codes(demand)["parks_outside"] == {"number": 1, "parks": "away"}


def test_kind_shares_are_shrunk_to_the_municipality(build):
    records = [car("A", "road")] * 30 + [car("B", "detached_house")] * 30 + [car("C", "unknown")] * 30
    areas = PAIR | {"C": (0, 100, 200, 200)}
    streets = MIDDLE | {"c": LineString([(0, 150), (200, 150)])}
    demand = score(build(areas, records, streets=streets), SETTINGS)
    on_place = (demand.spots["measure"] == "place").to_numpy()
    rate = pd.Series(demand.expected[:, 0])
    area = demand.spots["area_id"].to_numpy()
    share = (rate * on_place).groupby(area).sum() / rate.groupby(area).sum()
    assert share["C"] == pytest.approx(0.5)  # nothing known here: the municipality's shares
    assert share["A"] == pytest.approx(30.5 / 31)  # areas wholly unlike: strength at its lower bound 1
    assert share["B"] == pytest.approx(0.5 / 31)


def test_offence_of_unknown_kind_stands_at_its_default(build):
    inputs = build(PAIR, [], [("A", "burglary", "2020", 2.0, 4), ("B", "burglary", "2020", 2.0, 2)], MIDDLE)
    demand = score(inputs, SETTINGS)
    assert set(demand.spots["measure"]) == {"front"}  # detached_house: only its front
    assert demand.expected.sum() == pytest.approx(3.0)
    assert codes(demand)["place_kind_by_default"] == {"offences": ["burglary"]}


def test_point_records_move_their_piece_by_empirical_bayes(build):
    # 40 records on the road, 30 of them at the west end: two pieces of 50 m. Rule: half each; points: (x + b) / (20 + b).
    west, east = (
        [car("A", "road", "point", Point(10.5 + k, 52)) for k in range(30)],
        [car("A", "road", "point", Point(60.5 + k, 48)) for k in range(10)],
    )
    street = {"x": LineString([(0, 50), (100, 50)])}
    demand = score(build(SQUARE, west + east, streets=street, years=1.0), SETTINGS)
    rate = pd.Series(demand.expected[:, 0]).groupby(demand.spots.geometry.x.to_numpy() < 50).sum()
    grid = np.geomspace(0.05, 1000, 60_001)
    values = sum(stats.nbinom.logpmf(n, grid, grid / (grid + 20)) for n in (30, 10))
    b = grid[np.argmax(values)]
    assert rate[True] == pytest.approx(40 * (30 + b) / (40 + 2 * b), rel=1e-3)
    assert rate.sum() == pytest.approx(40)
    assert demand.areas["precision"].to_list() == ["point"]
    blurred = score(build(SQUARE, [car("A", "road")] * 40, streets=street, years=1.0), SETTINGS)
    assert demand.spots.equals(blurred.spots)  # the geometry tells nothing of the records
    assert blurred.expected[:, 0] == pytest.approx(np.full(20, 2.0))


def test_point_records_keep_to_their_area_and_class(build):
    records = [car("A", "road", "point", Point(99, 50 + k)) for k in range(20)]  # B's street is nearer
    records += [car("A", "parking", "point", Point(60 + k / 9, 60)) for k in range(20)]  # the listed park is nearest
    records += [car("B", "road")]
    streets = {"a": LineString([(10, 50), (20, 50)]), "b": LineString([(102, 50), (112, 50)])}
    inputs = build(PAIR, records, streets=streets, places={"p": ("parking", Point(61, 60))})
    demand = score(inputs, SETTINGS)
    by_rule = score(replace(inputs, incidents=inputs.incidents.assign(precision="area")), SETTINGS)
    assert_adds_up(demand)
    change = pd.Series(demand.expected[:, 0] - by_rule.expected[:, 0]).groupby(
        demand.spots["spot_id"].str[:2].to_numpy()
    )
    assert change.sum()["sb"] == pytest.approx(0)
    assert (
        change.sum()["kp"] > 1
    )  # half of what happens on parks is by rule on the unlisted ones: the points know better
    fronts = demand.spots["measure"] == "front"
    assert demand.expected[fronts, 0].sum() < by_rule.expected[fronts, 0].sum()


def test_points_all_on_one_spot_are_the_pin_of_their_block(build):
    pin = [car("A", "road", "point", Point(22, 52))] * 6
    street = {"x": LineString([(0, 50), (100, 50)])}
    demand = score(build(SQUARE, pin, streets=street, years=1.0), SETTINGS)
    assert demand.expected[:, 0] == pytest.approx(np.full(20, 6 / 20))
    assert codes(demand)["points_on_one_spot"] == {"number": 6, "areas": 1}
    assert demand.areas["precision"].to_list() == ["area"]


def test_records_without_area_lift_every_area_alike(build):
    placed = [car("A", "road")] * 12 + [car("B", "road")] * 2
    plain = score(build(PAIR, placed, streets=MIDDLE), SETTINGS)
    more = score(build(PAIR, placed + [car("", "road", "city")] * 7, streets=MIDDLE), SETTINGS)
    assert more.areas["expected_per_year"].to_numpy() == pytest.approx(plain.areas["expected_per_year"] * 1.5)
    assert set(more.areas["precision"]) == {"area"}
    most = score(build(PAIR, placed + [car("", "road", "city")] * 15, streets=MIDDLE), SETTINGS)
    assert set(most.areas["precision"]) == {"city"}


def test_count_tables_bring_their_own_years(build):
    counts = [("A", "robbery", year, 1.0, n) for year, n in (("2019", 3), ("2020", 5))]
    counts += [("B", "robbery", "2020", 1.0, 0)]
    demand = score(build(PAIR, [car("A")] * 3, counts, MIDDLE, years=3.0), SETTINGS)
    total = dict(zip(demand.groups, demand.expected.sum(axis=0), strict=True))
    assert total == pytest.approx({"theft_from_car": 1.0, "robbery": 8 / 2})


def test_records_stand_before_counts_of_the_same_offence(build):
    demand = score(build(PAIR, [car("A")] * 3, [("B", "theft_from_car", "2020", 1.0, 50)], MIDDLE), SETTINGS)
    assert demand.expected.sum() == pytest.approx(1.0)
    assert codes(demand)["counts_beside_records"] == {"offences": ["theft_from_car"]}


def test_counts_of_zero_only(build):
    demand = score(build(PAIR, [], [("A", "robbery", "2020", 1.0, 0)], MIDDLE), SETTINGS)
    assert demand.expected.sum() == 0
    assert len(demand.spots) == 40
    assert (demand.areas["high_per_year"] > 0).all()
    assert codes(demand)["areas_without_record"] == {"number": 2, "areas": 2}
    assert codes(demand)["measure_split"] == {"place": 0.0, "front": 0.0, "owner_only": 0.0}


@pytest.mark.parametrize(
    ("code", "records", "counts", "years"),
    [
        ("no_offences_recorded", [], [], 3.0),
        ("offence_unknown", [car("A", offence="piracy")], [], 3.0),
        ("area_unknown", [car("Z")], [], 3.0),
        ("area_unknown", [], [("Z", "robbery", "2020", 1.0, 1)], 3.0),
        ("years_not_positive", [car("A")], [], 0.0),
        ("period_years_differ", [], [("A", "robbery", "2020", 1.0, 1), ("B", "robbery", "2020", 0.5, 1)], 3.0),
    ],
)
def test_refusals(build, code, records, counts, years):
    with pytest.raises(InputError) as caught:
        score(build(PAIR, records, counts, MIDDLE, years=years), SETTINGS)
    assert caught.value.code == code


def test_progress_is_told(build):
    stages = []
    score(build(PAIR, [car("A")], streets=MIDDLE), SETTINGS, Work(report=lambda stage, *_: stages.append(stage)))
    assert stages == ["risk_areas", "risk_spots", "risk_spread"]
