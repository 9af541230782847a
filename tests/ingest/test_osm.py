"""OpenStreetMap files: roles from tags, values, every feature accounted for, damaged and hostile files."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import ingest as cases
from benchmarks import pbf, samples
from planner import ingest
from planner.errors import InputFaults
from planner.frames import Inputs
from planner.ingest import osm_tags
from planner.ingest.pbf import DamagedError, blocks, fields

Maker = Callable[..., Path]
ROLES = ("streets", "walls", "places", "mounts", "standing")
TOML = "".join(f'[{role}]\nfile = "t.osm.pbf"\n' for role in ROLES)
# the corner of 本町1丁目 is (0 m, 0 m): 36 degrees north, 139 degrees 50 minutes east; 0.0001 degrees are 9 m and 11 m
WEST, SOUTH = 139 + 50 / 60, 36.0


def at(number: int, east: float, north: float, **tags: str) -> pbf.Node:
    """A node so many ten-thousandths of a degree from the corner (``_`` in a tag stands for ``:``)."""
    return number, WEST + east * 1e-4, SOUTH + north * 1e-4, {k.replace("__", ":"): v for k, v in tags.items()}


NODES = [
    *(at(1, 1, 1), at(2, 9, 1), at(3, 9, 9), at(4, 1, 9), at(5, 5, 5)),
    at(10, 2, 2, power="pole", operator="東京電力", height="12 m"),
    at(11, 3, 2, highway="street_lamp"),
    at(12, 3, 3, highway="crossing"),
    at(20, 4, 4, man_made="surveillance", surveillance="public", camera__direction="NNE", operator="市"),
    at(21, 5, 4, man_made="surveillance", surveillance="outdoor", direction="350-10", camera__angle="60", height="4 m"),
    at(22, 6, 4, man_made="surveillance", surveillance="indoor"),
    at(23, 7, 4, man_made="surveillance", direction="forward", surveillance__type="camera"),
    at(24, 8, 4, man_made="surveillance", surveillance__type="ALPR"),
    at(30, 4, 6, amenity="bicycle_parking"),
    at(31, 5, 6, amenity="parking", parking="underground"),
    at(32, 6, 6, shop="books", operator="本屋"),
    at(33, 60, 0, shop="books"),  # 540 m east of the corner: within 500 m of the areas, which are 200 m wide
    at(34, 90, 0, shop="books"),  # 810 m: outside
]
WAYS: list[pbf.Way] = [
    (100, [1, 2], {"highway": "residential", "width": "3.5 m", "lit": "yes", "oneway": "-1"}),
    (101, [2, 3], {"highway": "tertiary", "width": "10'", "lit": "disused", "oneway": "reversible"}),
    (102, [3, 4], {"highway": "construction"}),
    (103, [3, 4], {"highway": "hovering"}),
    (104, [4, 99], {"highway": "footway"}),  # node 99 is not in the file
    (105, [1, 2, 3, 1], {"highway": "pedestrian", "area": "yes"}),
    (110, [1, 2, 3, 4, 1], {"building": "yes", "height": "8"}),
    (111, [1, 2, 3, 1], {"building": "apartments", "building:levels": "4"}),
    (112, [1, 3, 4, 1], {"building": "house", "height": "tall"}),
]


@pytest.fixture
def town(make_town: Maker, tmp_path: Path) -> Path:
    pbf.write(tmp_path / "t.osm.pbf", NODES, WAYS)
    return make_town(TOML, {"t.osm.pbf": (tmp_path / "t.osm.pbf").read_bytes()})


def codes(folder: Path) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [f.code for f in caught.value.faults]


def shares(inputs: Inputs, role: str) -> tuple[int, ...]:
    tally = next(t for t in inputs.tallies if t.role == role)
    return tally.rows, tally.accepted, tally.set_aside, tally.duplicate, tally.outside


def aside(inputs: Inputs, role: str) -> dict[str, str]:
    mine = inputs.set_aside[inputs.set_aside["role"] == role]
    return {text.split(",")[0]: reason for text, reason in zip(mine["text"], mine["reason"], strict=True)}


def test_one_file_serves_five_roles(town: Path) -> None:
    inputs = ingest.read(town)
    streets = inputs.streets.set_index("street_id")
    assert streets["kind"].to_dict() == {"way/100": "residential", "way/101": "tertiary"}
    assert streets["width_m"].tolist() == [3.5, 3.05]
    assert streets["lit"].tolist() == [True, False]
    assert streets["one_way"].isna().tolist() == [False, True]
    assert streets.length["way/100"] == pytest.approx(72.1, abs=0.2)  # 0.0008 degrees at 36 north
    assert shares(inputs, "streets") == (6, 2, 4, 0, 0)
    assert aside(inputs, "streets") == {
        "way/102": "osm_not_ours",
        "way/103": "unknown_word",
        "way/104": "osm_way_cut",
        "way/105": "geometry_kind",
    }
    walls = inputs.walls.set_index("wall_id")
    assert walls["height_m"].to_dict() == pytest.approx(
        {"way/110": 8, "way/111": 12, "way/112": float("nan")}, nan_ok=True
    )
    assert walls["use"].tolist() == ["", "apartments", "house"]
    mounts = inputs.mounts.set_index("mount_id")
    assert mounts["kind"].to_dict() == {"node/10": "utility_pole", "node/11": "street_light"}
    assert mounts["host"].tolist() == ["東京電力", ""]
    assert mounts["height_m"]["node/10"] == 12
    places = inputs.places.set_index("place_id")
    assert places["kind"].to_dict() == {"node/30": "cycle_park", "node/32": "shop", "node/33": "shop"}
    assert shares(inputs, "places") == (5, 3, 1, 0, 1)
    assert aside(inputs, "places") == {"node/31": "osm_underground"}


def test_standing_cameras(town: Path) -> None:
    inputs = ingest.read(town)
    standing = inputs.standing.set_index("camera_id")
    assert standing["bearing_deg"].to_dict() == pytest.approx(
        {"node/20": 22.5, "node/21": 0, "node/23": float("nan")}, nan_ok=True
    )
    assert standing["angle_deg"].to_dict() == pytest.approx(
        {"node/20": float("nan"), "node/21": 60, "node/23": float("nan")}, nan_ok=True
    )
    assert standing["height_m"]["node/21"] == 4
    assert set(standing["use"]) == {"unknown"}
    assert standing["owner"]["node/20"] == "市"
    assert aside(inputs, "standing") == {"node/22": "osm_indoor", "node/24": "osm_no_camera"}


def test_every_value_read_otherwise_is_told(town: Path) -> None:
    inputs = ingest.read(town)
    told = {(r.role, r.column, r.code, r.before, r.after) for r in inputs.corrections.itertuples() if r.role in ROLES}
    assert told == {
        ("streets", "width_m", "osm_value_read", "width=10'", "3.05"),
        ("streets", "one_way", "osm_value_unknown", "oneway=reversible", ""),
        ("walls", "height_m", "osm_height_from_storeys", "building:levels=4", "12"),
        ("walls", "height_m", "osm_value_unknown", "height=tall", ""),
        ("standing", "bearing_deg", "osm_value_read", "direction=350-10", "0"),
        ("standing", "bearing_deg", "osm_value_unknown", "direction=forward", ""),
    }
    others = {n.values["role"]: n.values["number"] for n in inputs.notes if n.code == "osm_other_features"}
    assert others["mounts"] == 11  # of 13 nodes with tags two are poles


@pytest.mark.parametrize(
    ("text", "cell", "code"),
    [
        *(("3", "3", ""), ("3 m", "3", ""), ("3.5m", "3.5", ""), ("10'", "3.05", "osm_value_read")),
        *(("6'6\"", "1.98", "osm_value_read"), ("3,5", "3.5", "osm_value_read"), ("2 ft", "0.61", "osm_value_read")),
        *((t, "", "osm_value_unknown") for t in ("narrow", "3-4", "-2", "3;4", "1e3", "٣ km")),
    ],
)
def test_metres(text: str, cell: str, code: str) -> None:
    assert osm_tags.metres(text) == (cell, code)


@pytest.mark.parametrize(
    ("text", "cell", "code"),
    [
        *(("N", "0", ""), ("nne", "22.5", ""), ("NW", "315", ""), ("45", "45", ""), ("360", "360", "")),
        *(("45-90", "67.5", "osm_value_read"), ("350-10", "0", "osm_value_read")),
        *((t, "", "osm_value_unknown") for t in ("forward", "45;90", "400", "10-400", "down", "-20")),
    ],
)
def test_bearings(text: str, cell: str, code: str) -> None:
    assert osm_tags.bearing(text) == (cell, code)


@given(
    st.sampled_from(ROLES),
    st.dictionaries(st.sampled_from(sorted(osm_tags.tags_of("streets") + osm_tags.tags_of("standing"))), st.text()),
)
def test_any_tags_are_read_or_told(role: str, tags: dict[str, str]) -> None:
    made = osm_tags.ours(role, tags)
    defined = [k for k, words in osm_tags.table(role).items() if tags.get(k) and (tags[k] in words or "*" in words)]
    assert (made is not None) == bool(defined)
    if made is not None and not made.reason:
        for column in osm_tags.VALUES[role]:
            asked = [t for t, _ in osm_tags.VALUES[role][column] if tags.get(t)]
            assert bool(made.cells[column] or any(c[0] == column for c in made.corrections)) == bool(asked)


def test_a_shape_stands_for_its_outline(make_town: Maker, tmp_path: Path) -> None:
    """A relation takes the building of its outer way: one wall, and the way is accounted for."""
    nodes = [at(i, x, y) for i, (x, y) in enumerate([(1, 1), (9, 1), (9, 9), (1, 9), (3, 3), (5, 3), (5, 5)], start=1)]
    ways: list[pbf.Way] = [(1, [1, 2, 3, 4, 1], {"building": "yes"}), (2, [5, 6, 7, 5], {})]
    pbf.write(
        tmp_path / "t", nodes, ways, [(9, [(1, "outer"), (2, "inner")], {"type": "multipolygon", "building": "yes"})]
    )
    inputs = ingest.read(make_town('[walls]\nfile = "t.osm.pbf"\n', {"t.osm.pbf": (tmp_path / "t").read_bytes()}))
    assert inputs.walls["wall_id"].tolist() == ["relation/9"]
    assert [len(s.interiors) for s in inputs.walls.geometry] == [1]
    assert aside(inputs, "walls") == {"way/1": "osm_way_in_relation"}
    assert shares(inputs, "walls") == (2, 1, 1, 0, 0)


def test_tables_made_of_osm_data(make_town: Maker) -> None:
    """As GDAL exports it: a column per main tag, the others as one text."""
    folder = make_town('[streets]\nfile = "s.gpkg"\n')
    lines = [shapely.LineString([(0, 0), (100, y)]) for y in (0, 10, 20)]
    values = {
        "osm_id": ["1", "2", "3"],
        "highway": ["residential", "proposed", None],
        "other_tags": ['"lit"=>"yes","width"=>"4 m"', None, '"barrier"=>"wall"'],
    }
    gpd.GeoDataFrame(values, geometry=lines, crs=6677).to_file(folder / "s.gpkg")
    inputs = ingest.read(folder)
    assert inputs.streets[["street_id", "kind", "width_m", "lit"]].to_numpy().tolist() == [
        ["1", "residential", 4.0, True]
    ]
    assert shares(inputs, "streets") == (2, 1, 1, 0, 0)
    assert next(n.values["number"] for n in inputs.notes if n.code == "osm_other_features") == 1


XML = '<?xml version="1.0"?><osm version="0.6"><node id="1" lat="36" lon="139.8"><tag k="power" v="pole"/></node></osm>'


@pytest.mark.parametrize("name", ["t.osm.pbf", "t.osm", "t.geojson", "t.gpkg", "t.shp"])
def test_xml_never_reaches_gdal(make_town: Maker, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    opened: list[str] = []
    for door in ("open_arrow", "read_dataframe", "list_layers"):
        true = getattr(pyogrio, door)

        def watched(path: object, *a: object, true: Callable[..., object] = true, **k: object) -> object:
            opened.append(Path(str(path)).name)
            return true(path, *a, **k)

        monkeypatch.setattr(pyogrio, door, watched)
    toml = f'[mounts]\nfile = "{name}"\n'
    for text in (
        XML,
        XML.removeprefix('<?xml version="1.0"?>'),
        "\ufeff" + XML,
        "\n  " + XML,
        "<!-- OSMHeader -->" + XML,
    ):
        assert codes(make_town(toml, {name: text})) == ["file_foreign"]
    assert codes(make_town(toml, {name: XML.encode("utf-16")}))  # refused as a table that it is not, or as markup
    assert name not in opened


def test_a_geojson_that_speaks_of_osm_stays_geojson(make_town: Maker, geojson: Callable[..., str]) -> None:
    text = geojson([("LineString", [[0, 0], [50, 0]], {"kind": '<osm version="0.6"> OSMHeader'})])
    assert ingest.read(make_town('[streets]\nfile = "s.geojson"\n', {"s.geojson": text})).streets.length.tolist() == [
        50
    ]


def test_cut_and_damaged_files_are_refused(town: Path) -> None:
    """GDAL returns fewer features, or none, without a word."""
    whole = (town / "t.osm.pbf").read_bytes()
    for content in (whole[:-1], whole[: len(whole) // 2], whole[:200] + b"\0" * 20 + whole[220:]):
        (town / "t.osm.pbf").write_bytes(content)
        assert codes(town) == ["osm_damaged"] * 5


@given(st.data())
def test_no_cut_or_changed_byte_goes_unseen(data: st.DataObject) -> None:
    """Only bytes that say nothing (a protobuf field that nobody reads) may differ."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        pbf.write(path, NODES, WAYS)
        true, whole = list(blocks(path)), path.read_bytes()
        where = data.draw(st.integers(0, len(whole) - 1))
        spoilt = bytearray(whole)
        spoilt[where] ^= data.draw(st.integers(1, 255))
        path.write_bytes(bytes(spoilt))
        try:
            got = [content for _, content in blocks(path)]
        except DamagedError:
            return
        assert got == [content for _, content in true]


def test_gdal_stopping_midway_is_noticed(make_town: Maker, tmp_path: Path) -> None:
    """An empty field of tags is allowed by the format, but GDAL gives up there without a word."""
    nodes, ways = [at(i, i, 1, power="pole") for i in range(1, 4)], [(1, [1, 2], {}), (2, [1, 2], {"highway": "path"})]
    pbf.write(tmp_path / "a", nodes, ways)
    content = (tmp_path / "a").read_bytes()
    assert len(ingest.read(make_town('[streets]\nfile = "a.osm.pbf"\n', {"a.osm.pbf": content})).streets) == 1
    *whole, (kind, last) = blocks(tmp_path / "a")
    (_, strings), (_, group) = fields(last)
    first, second = (value for _, value in fields(group))
    empty = pbf.sized(2, b"") + pbf.sized(3, b"")
    spoilt = pbf.sized(1, strings) + pbf.sized(2, pbf.sized(3, first + empty) + pbf.sized(3, second))
    content = b"".join(pbf.block(k, c) for k, c in [*whole, (kind, spoilt)])
    assert codes(make_town('[streets]\nfile = "a.osm.pbf"\n', {"a.osm.pbf": content})) == ["osm_damaged"]


def test_absurd_coordinates_and_another_place(make_town: Maker, tmp_path: Path) -> None:
    pole = {"power": "pole"}
    toml, here = '[mounts]\nfile = "a.osm.pbf"\n', at(1, 1, 1, power="pole")

    def town_of(*nodes: pbf.Node) -> Path:
        pbf.write(tmp_path / "a", [here, *nodes] if len(nodes) < 3 else nodes)
        return make_town(toml, {"a.osm.pbf": (tmp_path / "a").read_bytes()})

    for lon, lat in ((139.8, 170.0), (999.0, 36.0), (-180.1, 0.0)):  # GDAL gives nothing at all, and says nothing
        assert codes(town_of((2, lon, lat, pole))) == ["osm_damaged"]
    assert shares(ingest.read(town_of((2, 0.0, 0.0, pole))), "mounts") == (2, 1, 0, 0, 1)
    assert codes(town_of(*((n, 24.9, 60.2, pole) for n in (1, 2, 3)))) == ["outside_boundary"]


def test_only_roles_that_it_can_serve(make_town: Maker, town: Path) -> None:
    content = (town / "t.osm.pbf").read_bytes()
    assert codes(make_town('[zones]\nfile = "z.osm.pbf"\n', {"z.osm.pbf": content})) == ["file_kind_refused"]
    assert codes(make_town('[mounts]\nfile = "m.geojson"\n', {"m.geojson": content})) == ["open_as"]


def test_the_base_of_nodes_is_private_and_goes(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "temp"
    home.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    ingest.read(town)
    assert list(home.iterdir()) == []
    assert pyogrio.get_gdal_config_option("CPL_TMPDIR") is None


@pytest.fixture(scope="module")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("helsinki") / "town"
    cases.write_osm(folder, lambda target: target.write_bytes(samples.helsinki().read_bytes()))
    return ingest.read(folder)


def test_a_real_extract_is_accounted_for(helsinki: Inputs) -> None:
    """221 camera nodes, 2,650 highway ways, 433 building ways: counted in the file itself, without GDAL."""
    for table, role, key, prefix, number in (
        (helsinki.standing, "standing", "camera_id", "node/", 221),
        (helsinki.streets, "streets", "street_id", "way/", 2_650),
        (helsinki.walls, "walls", "wall_id", "way/", 433),
    ):
        rows, accepted, set_aside, duplicate, outside = shares(helsinki, role)
        assert rows == accepted + set_aside + duplicate + outside
        assert (duplicate, outside) == (0, 0)
        assert len(table) == accepted
        named = [*table[key], *aside(helsinki, role)]
        assert len(named) == len(set(named)) == rows
        assert sum(name.startswith(prefix) for name in named) == number
    assert list(aside(helsinki, "streets").values()).count("osm_way_cut") == 71  # one node only is in the extract
    assert list(aside(helsinki, "walls").values()).count("osm_way_in_relation") == 2


def test_a_repeated_extract_gives_the_same_town(helsinki: Inputs, tmp_path: Path) -> None:
    """Three copies with other ids elsewhere: the town is the same, the other two are outside."""
    source = samples.helsinki()
    cases.write_osm(tmp_path / "town", lambda target: pbf.repeat(source, target, 1_800_000))
    again = ingest.read(tmp_path / "town")
    for role in ROLES:
        once, more = getattr(helsinki, role), getattr(again, role)
        key = once.columns[0]  # ids are numbered afresh, in the same order
        assert more.drop(columns=key).equals(once.drop(columns=key)), role
        assert shares(again, role)[0] == 3 * shares(helsinki, role)[0]
    assert shares(again, "standing") == (663, 221, 0, 0, 442)
