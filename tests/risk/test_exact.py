"""Exact points in ``score``: a town whose intensity is known, surfaces in the plane and along the streets, the border."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point

from benchmarks.risk_estimate import estimate_exact
from planner import frames
from planner.risk import history, reach, score
from planner.risk.exact import Points, Units, estimate_points
from planner.risk.features import Features
from planner.risk.laid import lay
from planner.risk.surface import Grid
from planner.settings import RiskSettings
from planner.work import Work
from tests.risk.conftest import inputs_of

EPSG = 6677
FAST = RiskSettings(bootstrap_rounds=0)
SIDE, BLOCKS = 400, 3
WIDE = SIDE * BLOCKS
AREAS = {
    f"{r}{c}": (SIDE * c, SIDE * r, SIDE * c + SIDE, SIDE * r + SIDE) for r in range(BLOCKS) for c in range(BLOCKS)
}
LINES = [LineString([(0, y), (WIDE, y)]) for y in range(50, WIDE, 100)]
LINES += [LineString([(x, 0), (x, WIDE)]) for x in range(50, WIDE, 100)]
STREETS = {f"s{n:02d}": line for n, line in enumerate(LINES)}


def known_town(build, per_year, seed=0):
    """Two streets of twelve times the others' intensity; records of three years with points; true expected per street."""
    rng = np.random.default_rng(seed)
    rate = np.ones(len(LINES))
    rate[[4, 17]] = 12.0
    rate *= per_year / rate.sum()
    records, days = [], []
    for year in range(3):
        for at in rng.choice(len(LINES), rng.poisson(per_year), p=rate / rate.sum()):
            point = LINES[at].interpolate(rng.uniform(1, WIDE - 1))
            area = f"{int(point.y // SIDE)}{int(point.x // SIDE)}"
            records.append(("bicycle_theft", area, "road", "point", point))
            days.append(pd.Timestamp("2021-01-01") + pd.Timedelta(days=int(365 * year + rng.integers(0, 364))))
    inputs = build(AREAS, records, streets=STREETS, years=3.0)
    days = pd.Series(days, dtype="datetime64[ns]")
    return replace(inputs, incidents=inputs.incidents.assign(occurred_on=days)), rate


def per_street(demand):
    at = demand.spots["street_id"].str[1:].astype(int).to_numpy()
    return np.bincount(at, demand.expected[:, 0], minlength=len(LINES))


@pytest.fixture(scope="module")
def scored():
    inputs, rate = known_town(inputs_of, 300)
    blurred = replace(inputs, incidents=inputs.incidents.assign(precision="area"))
    return inputs, rate, score(inputs, FAST), score(blurred, FAST)


def test_points_recover_a_known_intensity_that_blocks_cannot_show(scored):
    inputs, rate, exact, areal = scored
    total = len(inputs.incidents) / 3
    assert exact.expected.sum() == pytest.approx(total, rel=1e-9)
    error = [np.abs(per_street(one) - rate).sum() / rate.sum() for one in (exact, areal)]
    assert error[0] < 0.2
    assert error[1] > 0.4
    # the map of spots, whose truth is even along each street: nearer than areal and than the raw counts of 50 m
    length = shapely.length(np.array(LINES))
    of = exact.spots["street_id"].str[1:].astype(int).to_numpy()
    true = (rate / length)[of] * 5.0
    run = np.unique(of * 10_000 + (exact.spots["spot_id"].str.split("-").str[1].astype(int) // 10), return_inverse=True)
    by_run = [np.bincount(run[1], values) for values in (true, exact.expected[:, 0], areal.expected[:, 0])]
    near = shapely.STRtree(exact.spots.geometry.values).nearest(inputs.incidents.geometry.values)
    raw = np.bincount(run[1][near], minlength=len(by_run[0])) / 3
    off = [np.abs(values - by_run[0]).sum() for values in (by_run[1], by_run[2], raw)]
    assert off[0] < 0.6 * off[1]
    assert off[0] < 0.8 * off[2]


def test_blocks_keep_their_totals_and_the_basis_names_the_surface_that_won(scored):
    _, _, exact, _ = scored
    sums = pd.Series(exact.expected[:, 0]).groupby(exact.spots["area_id"].to_numpy()).sum()
    wanted = exact.areas.set_index("area_id")["expected_per_year"]
    assert sums.to_numpy() == pytest.approx(wanted[sums.index].to_numpy())
    row = exact.basis.iloc[0]
    # hot streets end in no kink: what happens on one says nothing of the next one 100 m away
    assert (row["prior"], row["surface"]) == ("points", "network")
    assert row["bandwidth_m"] in reach.ALONG_M
    assert (exact.low <= exact.expected).all()
    assert (exact.expected <= exact.high).all()
    assert row["recorded_per_year"] == pytest.approx(exact.expected.sum())


def test_intervals_of_pieces_cover_what_is_true(scored):
    _, rate, exact, _ = scored
    of = exact.spots["street_id"].str[1:].astype(int).to_numpy()
    true = rate[of] / WIDE * 5.0
    within = (exact.low[:, 0] <= true) & (true <= exact.high[:, 0])
    assert within.mean() > 0.85


def test_few_points_and_blocks_only_have_no_surface(build):
    inputs, _ = known_town(build, 40)
    demand = score(inputs, FAST)
    assert demand.basis["surface"].to_list() == [""]
    assert demand.basis["prior"].to_list() == ["length"]


def test_years_are_weighed_in_the_exact_estimate():
    # places change each year: the last year counts more
    rng = np.random.default_rng(1)
    one = np.ones(400)
    level = rng.gamma(0.5, 8, (400, 4))
    number = np.column_stack([rng.poisson(level[:, max(t - 1, 0)] * 0.1 + level[:, t] * 0.9) for t in (0, 1, 2, 2)])
    east, north = np.meshgrid(np.arange(20) * 100.0, np.arange(20) * 100.0)

    def own(mass, bandwidth_m):
        return mass

    units = Units(east.ravel(), north.ravel(), one, one > 0, {"planar": (own, (100.0,))})
    places = Features(("flat",), np.zeros((400, 1)))
    free = estimate_points(units, Points(number.astype(float), one, places))
    assert free.decay == min(history.DECAYS)
    held = estimate_points(units, Points(number.astype(float), one, places, (1.0,)))
    assert held.decay == 1.0
    error = [np.abs(found.mean - level[:, 2]).mean() for found in (free, held)]
    assert error[0] < error[1]


def test_cells_shrink_to_the_surface_by_hand():
    # one year: two records on one cell, none elsewhere; one pseudo-year of the 200 m surface
    grid = Grid(0.0, 0.0, 100.0, np.ones((9, 9), dtype=bool))
    number = np.zeros((81, 1))
    number[40] = 2.0
    made = estimate_exact(grid, number, Features(("flat",), np.zeros((81, 1))))
    surface = grid.spread(number.reshape(9, 9), 200.0).ravel()
    assert made.mean == pytest.approx((number[:, 0] + surface) / 2)
    assert made.mean.sum() == pytest.approx(2.0)


def test_surfaces_spread_all_mass_and_nothing_else(build):
    inputs, _ = known_town(build, 100)
    town = lay(inputs, FAST, Work())
    rng = np.random.default_rng(0)
    mass = rng.poisson(0.1, len(town.units.size)).astype(float)
    for spread, bandwidths in town.units.surfaces.values():
        for bandwidth in bandwidths:
            made = spread(mass, bandwidth)
            assert made.sum() == pytest.approx(mass.sum())
            assert (made >= 0).all()
    even = town.units.surfaces["planar"][0](town.units.size, 200.0)
    assert even == pytest.approx(town.units.size)


def outside(areas, records):
    """Tables of neighbours."""
    ids = pd.Series(list(areas), dtype="str")
    table = gpd.GeoDataFrame(
        {"area_id": ids, "name": ids, "district_id": "x", "police_station": "", "households": float("nan")},
        geometry=[shapely.box(*shape) for shape in areas.values()],
        crs=EPSG,
    )
    return {"neighbours": frames.check("neighbours", table, EPSG), "neighbour_incidents": records}


@pytest.mark.parametrize("precision", ["point", "area"])
def test_records_beyond_the_border_lift_the_street_next_to_them_and_no_total(build, precision):
    inputs, _ = known_town(build, 300)
    east = {"99999000001": (WIDE, 0, WIDE + 200, SIDE), "99999000002": (WIDE, SIDE, WIDE + 200, WIDE)}
    streets = pd.concat(
        [
            inputs.streets,
            inputs.streets.iloc[:1].assign(street_id="t", geometry=[LineString([(WIDE, 50), (WIDE + 200, 50)])]),
        ],
        ignore_index=True,
    )
    rng = np.random.default_rng(4)
    many = inputs.incidents.iloc[:600].reset_index(drop=True)
    many = many.assign(
        incident_id=[f"n{n}" for n in range(len(many))],
        area_id="99999000001",
        precision=precision,
        geometry=gpd.GeoSeries([Point(WIDE + rng.uniform(1, 90), 50) for _ in range(len(many))], crs=EPSG),
    )
    known = replace(inputs, streets=streets, **outside(east, many))
    alone = replace(known, **outside({}, many.iloc[:0]))
    one, other = score(alone, FAST), score(known, FAST)
    assert one.spots.equals(other.spots)
    assert other.expected.sum() == pytest.approx(len(inputs.incidents) / 3)
    told = {note.code: note.values for note in one.notes}["border_underestimated"]
    assert (told["number"], told["areas"]) == (8, 9)  # all but the one in the middle
    beside = {note.code: note.values for note in other.notes}["border_underestimated"]
    assert beside["number"] == 7  # the middle one of the eastern column has the neighbour alone on its outer side
    # the same way of spreading, with and without what lies beyond: only the street next to it rises
    rises = []
    for inp in (alone, known):
        town = lay(inp, FAST, Work())
        number = np.concatenate([np.zeros(len(town.pieces.support.size)), town.beyond[0][0].sum(axis=1)])
        rises.append([town.units.surfaces[word][0](number, 200.0)[town.units.own] for word in ("planar", "network")])
    assert all(not lifted.any() for lifted in rises[0])
    middle = lay(known, FAST, Work()).pieces.middle
    for lifted in rises[1]:
        assert lifted.sum() > 0
        at = lifted.argmax()
        assert middle[0][at] > WIDE - 100
        assert middle[1][at] < 150


def test_areal_neighbours_lend_to_the_blocks_beside_them_only_as_prior(build):
    rng = np.random.default_rng(2)
    areas = {f"{r}{c}": (200 * c, 200 * r, 200 * c + 200, 200 * r + 200) for r in range(8) for c in range(8)}
    rate = {area: 1 + 12 * np.exp(-((box[0] / 300) ** 2)) for area, box in areas.items()}  # the west is hot
    records = [("snatching", area, "road", "area", None) for area in areas for _ in range(rng.poisson(rate[area]))]
    inputs = build(areas, records, years=1.0)
    beyond = {f"9999900000{r}": (-200, 200 * r, 0, 200 * r + 200) for r in range(8)}
    there = inputs.incidents.sample(200, replace=True, random_state=0).reset_index(drop=True)
    there["incident_id"] = [f"n{n}" for n in range(len(there))]
    there["area_id"] = rng.choice(list(beyond), len(there))
    one = score(inputs, FAST)
    other = score(replace(inputs, **outside(beyond, there)), FAST)
    change = (other.areas["expected_per_year"] - one.areas["expected_per_year"]).groupby(other.areas["area_id"]).sum()
    west = change.index.str[1] == "0"
    assert other.areas["expected_per_year"].sum() == pytest.approx(len(records))
    assert change[west].sum() > 0
    assert change[west].sum() == pytest.approx(-change[~west].sum())
    named = {note.code: note.values for note in other.notes}["border_underestimated"]
    assert named["number"] < {note.code: note.values for note in one.notes}["border_underestimated"]["number"]
