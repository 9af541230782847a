"""The visibility kernel: areas by hand, against the plain shapely construction, and where a construction may break."""

import importlib
import math
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from benchmarks.plain_sight import Plain, View
from planner.coverage import grid, kernel, regions, sight, spotting, visible
from planner.coverage.scene import build, stand

OPEN_M = 50.0
ROUND = shapely.Polygon(shapely.box(-20, -20, 20, 20).exterior, [shapely.box(-6, -4, 6, 4).exterior])


def _scene(paper, walls, heights=None):
    heights = [None] * len(walls) if heights is None else heights
    rows = [(w, {} if h is None else {"height_m": h}) for w, h in zip(walls, heights, strict=True)]
    return build(paper.town(walls=rows).walls)


def _table(views):
    return np.array([[*v] for v in views], dtype=float)


def _area(scene, view):
    return float(visible.areas(scene, _table([view]))[0])


def _shape(scene, view):
    return visible.polygons(scene, _table([view]))[0]


def _both(scene, view):
    """The area, once the polygon has been found to say the same but for its chords."""
    area, shape = _area(scene, view), _shape(scene, view)
    assert shape.is_valid
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == pytest.approx(area, rel=2e-4, abs=1e-9)
    return area


@pytest.mark.parametrize("bearing", [0.0, 77.0, 359.9])
@pytest.mark.parametrize(
    ("angle", "near", "far"), [(90, 1.5, 40), (180, 0, 9), (200, 0, 10), (360, 3, 20), (360, 0, 20), (7, 2, 160)]
)
def test_an_open_sector_is_a_piece_of_a_ring(paper, angle, near, far, bearing):
    exact = math.radians(angle) / 2 * (far**2 - near**2)
    assert _both(_scene(paper, []), View(3.0, -2.0, bearing, angle, near, far)) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("angle", "near", "far"), [(0, 1, 40), (90, 20, 20), (90, 21, 20), (360, 0, 0)])
def test_a_sector_without_inside_is_empty(paper, angle, near, far):
    scene = _scene(paper, [shapely.box(5, -1, 6, 1)])
    assert _both(scene, View(0, 0, 90, angle, near, far)) == 0
    assert _shape(scene, View(0, 0, 90, angle, near, far)).is_empty


def test_a_long_wall_leaves_a_triangle(paper):
    # looking north, 90 degrees, a wall across at 10 m: the triangle |e| <= n <= 10, 100 m2
    for depth in (2, 50):
        scene = _scene(paper, [shapely.box(-500, 10, 500, 10 + depth)])
        assert _both(scene, View(0, 0, 0, 90, 0, OPEN_M)) == pytest.approx(100, rel=1e-12)
        # from 8 m on: the quarter of a disc is lost; from 11 m on the middle is lost too, two corners stay
        assert _both(scene, View(0, 0, 0, 90, 8, OPEN_M)) == pytest.approx(100 - 16 * math.pi, rel=1e-12)
        turn = math.acos(10 / 11)
        corners = 2 * (10 * (10 - 11 * math.sin(turn)) / 2 - (math.pi / 4 - turn) * 11**2 / 2)
        assert _both(scene, View(0, 0, 0, 90, 11, OPEN_M)) == pytest.approx(corners, rel=1e-9)


def test_a_post_takes_its_shadow_and_itself(paper):
    # a wall from (-1, 10) to (1, 10): shadow between the rays of slope 10, two right triangles stay in sight before it
    exact = math.pi / 4 * 50**2 - (math.atan(0.1) * 50**2 - 10)
    assert _both(_scene(paper, [shapely.box(-1, 10, 1, 11)]), View(0, 0, 0, 90, 0, 50)) == pytest.approx(exact)


def test_a_wall_behind_a_camera_that_sees_all_around(paper):
    # the same wall in the south: its shadow runs across the seam of the turns
    exact = math.pi * 50**2 - (math.atan(0.1) * 50**2 - 10)
    assert _both(_scene(paper, [shapely.box(-1, -11, 1, -10)]), View(0, 0, 0, 360, 0, 50)) == pytest.approx(exact)
    part = exact - math.pi * 4
    assert _both(_scene(paper, [shapely.box(-1, -11, 1, -10)]), View(0, 0, 0, 360, 2, 50)) == pytest.approx(part)


def test_what_stands_nearer_than_near_still_blocks(paper):
    assert _both(_scene(paper, [shapely.box(-500, 1, 500, 1.2)]), View(0, 0, 0, 90, 2, 50)) == 0


def test_a_courtyard_keeps_the_view_in(paper):
    yard = _scene(paper, [ROUND])
    assert _both(yard, View(0, 0, 0, 360, 0, 50)) == pytest.approx(96, rel=1e-12)
    assert _both(yard, View(0, 0, 0, 360, 3, 50)) == pytest.approx(96 - 9 * math.pi, rel=1e-12)
    assert _both(yard, View(5.9, 3.9, 225, 90, 0, 50)) == pytest.approx(11.9 * 7.9, rel=1e-9)


def test_inside_a_building_there_is_nothing_to_see(paper):
    # near an outer wall, in the middle of a hall of many cells, in the wall of a courtyard; not in the courtyard
    hall = _scene(paper, [shapely.box(0, 0, 300, 200), affinity.translate(ROUND, 400, 0)])
    for east, north, inside in ((1, 1, 1), (150, 100, 1), (299.9, 100, 1), (413, 0, 1), (400, 0, 0), (-1, 5, 0)):
        assert (_area(hall, View(east, north, 90, 360, 0, 30)) == 0) == bool(inside)
        assert _shape(hall, View(east, north, 90, 360, 0, 30)).is_empty == bool(inside)


def test_a_pose_on_a_wall_looks_out_from_it(paper):
    scene = _scene(paper, [shapely.box(-10, -5, 0, 5)])
    half = math.pi / 2 * 400
    assert _area(scene, View(0, 0, 90, 360, 0, 20)) == pytest.approx(half, rel=1e-9)
    points, inside = stand(np.array([[0.0, 0.0]]), scene)
    assert not inside[0]
    moved = _both(scene, View(*points[0], 90, 360, 0, 20))
    assert half < moved < half + 2  # round the ends of the wall a sliver behind it comes in sight
    assert _area(scene, View(0, 0, 270, 180, 0, 20)) == pytest.approx(0, abs=1e-9)
    assert _area(scene, View(0, 5, 45, 360, 0, 20)) == 0  # on the very corner; ``stand`` moves it off


def test_touching_corners_leave_no_slit(paper):
    # two houses share only the point (5, 0): the view between them has no width
    scene = _scene(paper, [shapely.box(5, 0, 6, 30), shapely.box(4, -30, 5, 0)])
    assert _both(scene, View(0, 0, 90, 60, 0, 50)) == pytest.approx(
        25 * math.tan(math.pi / 6) / 2 + 16 * math.tan(math.pi / 6) / 2, rel=1e-9
    )


@pytest.mark.parametrize("heights", [None, [9.0, 6.0]])
def test_touching_houses_leave_no_slit_either(paper, heights):
    # the line of sight runs along the shared wall, whether their heights are one or not
    scene = _scene(paper, [shapely.box(5, 0, 6, 30), shapely.box(5, -30, 6, 0)], heights)
    view = View(0, 0, 90, 60, 0, 50)
    assert _both(scene, view) == pytest.approx(25 * math.tan(math.pi / 6), rel=1e-9)
    seen = sight.matrix(scene, _table([view]), np.array([[10.0, 0.0], [4.9, 0.0]]))
    assert seen.toarray().tolist() == [[0, 4.9]]


def test_a_sliver_hides_what_its_width_hides(paper):
    # a sheet of a millimetre seen from the side hides a strip, seen from its edge nearly nothing
    sheet = _scene(paper, [shapely.box(-5, 10, 5, 10.001)])
    lost = math.atan(0.5) * 50**2 - 50
    assert _both(sheet, View(0, 0, 0, 120, 0, 50)) == pytest.approx(math.pi / 3 * 2500 - lost, rel=1e-12)
    edge = _scene(paper, [shapely.box(10, -0.0005, 20, 0.0005)])
    assert _both(edge, View(0, 0, 90, 60, 0, 50)) == pytest.approx(math.pi / 6 * 2500, abs=0.13)


def test_a_low_wall_hides_as_far_as_the_sight_line_passes_over(paper):
    # camera 4 m, target 1.6 m, wall 2.8 m high from 10 to 12 m: hidden to 12 * 2.4 / 1.2 = 24 m; ring from 24 to 50 m seen
    wall, view = shapely.box(-500, 10, 500, 12), View(0, 0, 0, 90, 0, OPEN_M, 4.0)
    far = math.pi / 4 * OPEN_M**2
    behind = far - 24**2  # the triangle |e| <= n <= 24 is taken out, the triangle to 10 m put back
    assert _both(_scene(paper, [wall], [2.8]), view) == pytest.approx(behind + 100, rel=1e-4)
    assert _both(_scene(paper, [wall], [1.0]), view) == pytest.approx(far - 144 + 100, rel=1e-4)  # lower than any face
    for height in (4.0, 30.0, None):
        assert _both(_scene(paper, [wall], [height]), view) == pytest.approx(100, rel=1e-12)
    assert _both(_scene(paper, [wall], [2.8]), view._replace(height_m=2.5)) == pytest.approx(100, rel=1e-12)
    assert _both(_scene(paper, [wall], [2.8]), view._replace(height_m=1.6)) == pytest.approx(100, rel=1e-12)
    spots = np.array([[0, 9.0], [0, 11.0], [0, 23.9], [0, 24.1], [3, 49.0]])
    seen = sight.matrix(_scene(paper, [wall], [2.8]), _table([view]), spots)
    assert np.flatnonzero(seen.toarray()[0]).tolist() == [0, 3, 4]


def test_a_podium_does_not_cut_its_tower(paper):
    # podium 2.8 m high from 10 to 20 m, tower in its middle: the tower hides for good, the podium to 40 m
    walls = [shapely.box(-500, 10, 500, 20), shapely.box(-1, 12, 1, 15)]
    scene = _scene(paper, walls, [2.8, 20.0])
    assert shapely.area(scene.walls).sum() == pytest.approx(10_000)
    spots = np.array([[0, 45.0], [5, 45.0], [5, 39.0], [0, 9.0]])
    seen = sight.matrix(scene, _table([View(0, 0, 0, 90, 0, OPEN_M)]), spots)
    assert np.flatnonzero(seen.toarray()[0]).tolist() == [1, 3]


def _village(seed, number=60, side=130):
    """Turned houses, L-shapes, courtyards and slivers, some of them touching or overlapping."""
    rng = np.random.default_rng(seed)
    ell = shapely.Polygon([(0, 0), (9, 0), (9, 4), (4, 4), (4, 8), (0, 8)])
    kinds = [ell, shapely.box(0, 0, 6, 9), shapely.box(0, 0, 14, 0.2), affinity.scale(ROUND, 0.4, 0.4)]
    turn, shift = rng.uniform(0, 360, number), rng.uniform(0, side, (number, 2))
    return [
        affinity.translate(affinity.rotate(kinds[i % 4], t), *s)
        for i, (t, s) in enumerate(zip(turn, shift, strict=True))
    ]


def _views(rng, scene, number, side=130):
    """Views all over, none within 5 cm of a wall, of every width, with and without a near limit."""
    points = rng.uniform(0, side, (3 * number, 2))
    close = scene.tree.query(shapely.points(points), predicate="dwithin", distance=0.05)[0]
    points = np.delete(points, np.unique(close), axis=0)[:number]
    angle = rng.choice([15.0, 60, 90, 110, 180, 270, 360], number)
    near = rng.choice([0.0, 1.4, 9.0], number)
    columns = (
        points,
        rng.uniform(0, 360, number),
        angle,
        near,
        rng.uniform(10, 70, number),
        rng.uniform(2.5, 6, number),
    )
    return [View(*row) for row in np.column_stack(columns).tolist()]


@pytest.mark.parametrize("heights", ["unknown", "mixed"])
@pytest.mark.parametrize("seed", [0, 1])
def test_areas_and_polygons_agree_with_the_plain_construction(paper, seed, heights):
    rng = np.random.default_rng(100 + seed)
    walls = _village(seed)
    high = rng.choice([1.0, 2.2, 3.0, 9.0], len(walls)).tolist() if heights == "mixed" else None
    scene = _scene(paper, walls, high)
    views = _views(rng, scene, 60)
    plain = Plain(scene.walls, scene.height_m)
    shapes = [plain.seen(view) for view in views]
    truth = shapely.area(shapes)
    assert (truth > 10).sum() > 25
    assert visible.areas(scene, _table(views)) == pytest.approx(truth, rel=2e-4, abs=1e-3)
    drawn = visible.polygons(scene, _table(views))
    assert shapely.is_valid(drawn).all()
    apart = shapely.area(shapely.symmetric_difference(drawn, np.array(shapes)))
    assert (apart <= 2e-4 * truth + 1e-3).all()


@pytest.mark.parametrize("heights", ["unknown", "mixed"])
def test_the_point_test_agrees_with_the_plain_construction(paper, heights):
    rng = np.random.default_rng(7)
    walls = _village(3)
    high = rng.choice([1.0, 2.2, 3.0, 9.0], len(walls)).tolist() if heights == "mixed" else None
    scene = _scene(paper, walls, high)
    views = _views(rng, scene, 60)
    spots = rng.uniform(0, 130, (1500, 2))
    seen = sight.matrix(scene, _table(views), spots).toarray() > 0
    plain = Plain(scene.walls, scene.height_m)
    points, pairs = shapely.points(spots), 0
    for view, row in zip(views, seen, strict=True):
        shape = plain.seen(view)
        clear = shapely.distance(shapely.boundary(shape), points) > 0.02
        assert (shapely.contains_properly(shape, points) == row)[clear].all()
        pairs += row.sum()
    assert pairs > 2000


def test_sight_lines_agree_where_nothing_is_constructed(paper):
    rng = np.random.default_rng(8)
    scene = _scene(paper, _village(4))
    views = [v._replace(near_m=0.0, angle_deg=360.0) for v in _views(rng, scene, 40)]
    spots = rng.uniform(0, 130, (1500, 2))
    seen = sight.matrix(scene, _table(views), spots)
    plain, pairs = Plain(scene.walls), 0
    for i, view in enumerate(views):
        if not len(plain.tree.query(shapely.Point(view[:2]), predicate="within")):
            away = np.hypot(*(spots - view[:2]).T)
            at = np.flatnonzero(away <= view.far_m)
            assert set(at[plain.clear(view, spots[at])]) == set(seen[[i]].indices.tolist())
            pairs += len(at)
        else:
            assert seen[[i]].nnz == 0
    assert pairs > 5000


def test_the_matrix_is_a_sorted_csr_of_distances(paper):
    scene = _scene(paper, [])
    spots = np.random.default_rng(0).uniform(-30, 30, (500, 2))
    seen = sight.matrix(scene, _table([View(0, 0, 0, 360, 0, 20), View(5, 5, 0, 90, 0, 20)]), spots)
    assert seen.has_sorted_indices
    away = np.hypot(*spots.T)
    assert seen[[0]].indices.tolist() == np.flatnonzero(away <= 20).tolist()
    assert seen[[0]].data == pytest.approx(away[away <= 20], rel=1e-14)
    at_feet = sight.matrix(scene, _table([View(0, 0, 0, 90, 0, 20)]), np.array([[0.0, 0.0]]))
    assert at_feet.toarray() == pytest.approx(spotting.LEAST_M)


def test_views_and_spots_outside_every_cell(paper):
    scene = _scene(paper, [shapely.box(0, 0, 5, 5)])
    far_away = View(9000.0, -9000.0, 45, 90, 0, 30)
    assert _both(scene, far_away) == pytest.approx(math.pi / 4 * 900)
    assert sight.matrix(scene, _table([far_away]), np.array([[2.0, 2.0]])).nnz == 0
    none = visible.table(np.empty((0, 2)), *([np.empty(0)] * 5))
    assert sight.matrix(scene, none, np.array([[2.0, 2.0]])).shape == (0, 1)
    assert sight.matrix(scene, _table([far_away]), np.empty((0, 2))).shape == (1, 0)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.floats(-720, 720), st.floats(-5e4, 5e4), st.floats(-5e4, 5e4), st.integers(0, 3))
def test_turning_and_shifting_changes_no_area(turn, east, north, seed):
    walls = np.array(_village(seed, 25, 60), dtype=object)
    solid = shapely.get_parts(shapely.union_all(walls))
    moved = np.array([affinity.translate(affinity.rotate(w, turn, origin=(0, 0)), east, north) for w in solid])
    rad = math.radians(turn)
    here, there = [], []
    for view in (View(31.7, 28.4, 200, 250, 1.4, 40), View(-3, 30, 80, 80, 0, 60)):
        here.append([*view])
        e, n = view.east_m, view.north_m
        there.append([
            e * math.cos(rad) - n * math.sin(rad) + east, e * math.sin(rad) + n * math.cos(rad) + north,
            view.bearing_deg - turn, *view[3:],
        ])  # fmt: skip
    areas = [
        regions.areas(grid.walls(shapely.orient_polygons(w), np.full(len(w), np.inf)), np.array(v), 1.6)[0]
        for w, v in ((solid, here), (moved, there))
    ]
    assert areas[0] == pytest.approx(areas[1], rel=1e-6, abs=1e-6)


def test_more_edges_than_first_room(paper):
    # 3,000 posts on the rim: the tables grow, every post takes its share
    turn = np.linspace(0, 2 * math.pi, 3000, endpoint=False)
    posts = shapely.buffer(shapely.points(30 * np.column_stack([np.sin(turn), np.cos(turn)])), 0.01, quad_segs=1)
    scene = _scene(paper, posts.tolist())
    view = View(0, 0, 0, 360, 0, 60)
    truth = Plain(scene.walls).seen(view).area
    assert _both(scene, view) == pytest.approx(truth, rel=1e-5)


def test_without_numba_the_same_figures_and_a_note(paper, monkeypatch):
    walls, view = [shapely.box(-1, 10, 1, 11), ROUND], View(0, 0, 0, 120, 1, 30)
    compiled_area = _area(_scene(paper, walls), view)
    names = [f"planner.coverage.{n}" for n in ("kernel", "regions", "spotting")]
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    plain_kernel, plain_regions, plain_spotting = (importlib.import_module(name) for name in names)
    assert not plain_kernel.COMPILED
    assert plain_kernel.COMPILED != kernel.COMPILED
    monkeypatch.setattr("planner.coverage.scene.kernel", plain_kernel)
    scene = _scene(paper, walls)
    assert scene.notes[-1].code == "kernel_not_compiled"
    row = _table([view])
    assert plain_regions.areas(scene.grid, row, 1.6)[0] == pytest.approx(compiled_area, rel=1e-12)
    number, position, away = plain_spotting.look(scene.grid, grid.spots(np.array([[0.0, 3.0], [0, 25.0]])), row, 1.6)
    assert (number.tolist(), position.tolist()) == ([1], [0])
    assert away == pytest.approx(3)
