"""Who sees what: truth on paper, then against the exact polygons."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from planner.coverage import outline, survey
from planner.coverage.scene import build, stand
from planner.errors import StoppedError
from planner.work import Work

EAST = "m:p:wide:090"


@pytest.fixture
def towards_east(paper):
    """One pole at the origin and one place due east: the only view looks east, 90 degrees wide, 1.39 to 15.82 m."""

    def look(spots, **values):
        town = paper.town(mounts=[(0, 0, {"mount_id": "p"})], places=[(shapely.Point(10, 0), {})], **values)
        found = survey(town, paper.demand(spots), paper.settings())
        return paper.seen(found, EAST) if len(found.views) else {}

    return look


def test_sector_and_annulus_by_hand(towards_east):
    spots = [(10, 0), (9, 8.9), (9, 9.1), (-5, 0), (1.3, 0), (1.4, 0), (15.8, 0), (15.9, 0), (4, -3)]
    assert towards_east(spots) == pytest.approx({0: 10, 1: np.hypot(9, 8.9), 5: 1.4, 6: 15.8, 8: 5})


def test_one_wall_on_paper(towards_east):
    # a wall from (5, -1) to (6, 1): its shadow lies between the rays of slope -1/5 and 1/5
    wall = [(shapely.box(5, -1, 6, 1), {})]
    spots = [(4.9, 0), (10, 0), (10, 1.9), (10, 2.1), (10, -2.1), (5.5, 0), (5, 0), (6, 0), (10, 2.0)]
    seen = towards_east(spots, walls=wall)
    assert sorted(seen) == [0, 3, 4, 6, 8]  # in front, beside, on the front face, along the corner; not inside, behind


def test_no_gap_between_touching_houses(towards_east):
    # the sight line runs exactly along the party wall
    houses = [(shapely.box(5, 0, 6, 3), {}), (shapely.box(5, -3, 6, 0), {})]
    assert towards_east([(10, 0)], walls=houses) == {}
    gap = [(shapely.box(5, 0.1, 6, 3), {}), (shapely.box(5, -3, 6, -0.1), {})]
    assert sorted(towards_east([(10, 0)], walls=gap)) == [0]


@pytest.mark.parametrize("west_m", [0.0, 0.2, -0.005])
def test_a_camera_on_its_own_facade_looks_out(towards_east, west_m):
    # the house ends at the pole, 20 cm beyond it, or half a centimetre before it
    house = [(shapely.box(-10, -5, west_m, 5), {})]
    assert sorted(towards_east([(10, 0), (5, 4), (-12, 0)], walls=house)) == [0, 1]


def test_a_camera_inside_a_building_sees_nothing(paper):
    town = paper.town(
        standing=[(0, 0, {"camera_id": "k", "model_id": "wide", "bearing_deg": 90})],
        walls=[(shapely.box(-10, -5, 0.4, 5), {})],
    )
    found = survey(town, paper.demand([(0, 0), (0.2, 0), (5, 0)]), paper.settings())
    assert paper.seen(found, "c:k") == {}
    assert outline(town, found, ["c:k"])["area_m2"].tolist() == [0]


def test_the_way_out_of_a_terrace_does_not_end_next_door(paper):
    scene = build(paper.town(walls=[(shapely.box(0, 0, 5, 5), {}), (shapely.box(5, 0, 9, 5), {})]).walls)
    where, inside = stand(np.array([[5.0, 4.9], [5.0, 2.5], [5.0, 5.0]]), scene)
    assert inside.tolist() == [False, True, False]
    assert where[[0, 2]] == pytest.approx(np.array([[5.0, 5.02], [5.0, 5.02]]))


def test_owner_only_is_never_seen_and_front_shares_the_sight_line(towards_east):
    spots = [(8, 0, {"measure": "owner_only"}), (8, 0, {"measure": "front"}), (8, 0)]
    assert towards_east(spots) == {1: 8, 2: 8}


def test_finer_tasks_keep_what_coarser_ones_need(paper):
    # characterise (250 px/m) from 2 m high: 1.5 to 5.1 m; sees still reaches the 80 px/m of discern, not more
    town = paper.town(mounts=[(0, 0, {"mount_id": "p", "height_m": 2})], places=[(shapely.Point(2, 0), {})])
    spots = [(2, 0), (15, 0), (40, 0)]
    fine = survey(town, paper.demand(spots), paper.settings(coverage={"task": "characterise"}))
    coarse = survey(town, paper.demand(spots), paper.settings(coverage={"task": "overview"}))
    assert sorted(paper.seen(fine, EAST)) == [0, 1]
    assert sorted(paper.seen(coarse, EAST)) == [0, 1, 2]


def test_lit_spots(paper):
    light = {"mount_id": "l", "kind": "street_light", "state": "refused"}  # a refused light still shines
    town = paper.town(
        mounts=[(0, 0, light), (500, 0, {"mount_id": "pole"})],
        streets=[(shapely.LineString([(100, 0), (200, 0)]), {"street_id": "bright", "lit": True})],
    )
    spots = [(14, 0), (16, 0), (100, 0, {"street_id": "bright"}), (500, 1), (150, 0)]
    assert survey(town, paper.demand(spots), paper.settings()).lit.tolist() == [True, False, True, False, False]


def test_stopping_ends_without_a_survey(paper):
    work = Work()
    work.stop()
    with pytest.raises(StoppedError):
        survey(paper.town(mounts=[(0, 0, {"mount_id": "p"})]), paper.demand([(5, 0)]), paper.settings(), work)


def _random_town(paper, seed, lines=8):
    """Houses (turned boxes, L-shapes, a courtyard), poles between and on them, spots all over."""
    rng = np.random.default_rng(seed)
    ell = shapely.Polygon([(0, 0), (9, 0), (9, 4), (4, 4), (4, 8), (0, 8)])
    walls = [
        affinity.translate(affinity.rotate(ell if i % 3 == 0 else shapely.box(0, 0, 6, 3 + i % 4), turn), *shift)
        for i, (turn, shift) in enumerate(zip(rng.uniform(0, 360, 40), rng.uniform(0, 110, (40, 2)), strict=True))
    ]
    walls.append(shapely.Polygon(shapely.box(50, 50, 70, 70).exterior, [shapely.box(52, 52, 68, 68).exterior]))
    mounts = [*rng.uniform(0, 120, (25, 2)).tolist(), [60.0, 58.0]]
    mounts += [shapely.get_coordinates(w.boundary.interpolate(1.3 + t))[0].tolist() for t, w in enumerate(walls[:15])]
    roads = [shapely.LineString(rng.uniform(0, 120, (2, 2))) for _ in range(lines)]
    town = paper.town(
        mounts=[(*m, {"mount_id": f"p{i:02d}"}) for i, m in enumerate(mounts)],
        walls=[(w, {}) for w in walls],
        streets=[(road, {}) for road in roads],
        models=[paper.model(), paper.model("long", angle_deg=60), paper.model("dome", 3840, 360)],
    )
    return town, paper.demand(rng.uniform(0, 120, (700, 2)).tolist())


@pytest.mark.parametrize("seed", range(2))
def test_sight_lines_agree_with_the_exact_polygons(paper, seed):
    town, demand = _random_town(paper, seed)
    found = survey(town, demand, paper.settings())
    shapes = outline(town, found, found.views["view_id"].tolist()).geometry.to_numpy()
    spots = demand.spots.geometry.to_numpy()
    seen = found.sees.toarray() > 0
    far = shapely.distance(found.views.geometry.to_numpy()[:, None], spots[None, :]) < 30
    view, spot = np.nonzero(far)
    within = shapely.contains_properly(shapes[view], spots[spot])
    clear = ~(shapely.distance(shapely.boundary(shapes[view]), spots[spot]) < 0.01)
    assert clear.sum() >= 2000
    assert within[clear].sum() >= 500
    wrong = clear & (within != seen[view, spot])
    assert wrong.sum() == 0
    assert not seen[~far].any()


def _moved(inputs, demand, turn, east, north):
    """The same town turned about the origin and shifted."""

    def move(table):
        if not len(table):
            return table
        turned = table.geometry.rotate(turn, origin=(0, 0)).translate(east, north)
        return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=turned, crs=table.crs)

    tables = {n: move(getattr(inputs, n)) for n in ("areas", "streets", "walls", "mounts")}
    return dataclasses.replace(inputs, **tables), dataclasses.replace(demand, spots=move(demand.spots))


@pytest.mark.parametrize(
    ("turn", "east", "north", "seed"),
    [
        (33.3, -20_000.123, 41_000.7, 0),
        (0, 12_345.67, -50_000.5, 2),
        (-171.0, 0.001, 7, 3),
    ],
)
def test_turning_and_shifting_the_town_carries_what_is_seen(paper, turn, east, north, seed):
    town, demand = _random_town(paper, seed, lines=60)
    here = survey(town, demand, paper.settings())
    there = survey(*_moved(town, demand, turn, east, north), paper.settings())
    assert here.sees.nnz > 1000
    for name in ("indptr", "indices"):
        assert np.array_equal(getattr(here.sees, name), getattr(there.sees, name))
    assert np.abs(here.sees.data - there.sees.data).max() < 1e-6
    fixed = here.views["angle_deg"].to_numpy() < 360  # a dome has no bearing to turn
    turned = (there.views["bearing_deg"] - here.views["bearing_deg"] + turn).to_numpy()[fixed]
    assert np.abs((turned + 180) % 360 - 180).max() < 1e-5


def test_the_order_of_rows_does_not_matter(paper):
    town, demand = _random_town(paper, 7)
    there = dataclasses.replace(
        town,
        **{n: getattr(town, n).iloc[::-1].reset_index(drop=True) for n in ("streets", "walls", "mounts", "models")},
    )
    a, b = (survey(t, demand, paper.settings()) for t in (town, there))
    assert set(a.actions["action_id"]) == set(b.actions["action_id"])
    order = b.views.reset_index().set_index("view_id").loc[a.views["view_id"], "index"].to_numpy()
    assert abs(a.sees - b.sees[order]).max() < 1e-9
