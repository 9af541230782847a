"""No file of the town may open another file or an address, and no text of the user's is a path."""

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from planner import gdal_guard, ingest
from planner.errors import InputError, InputFaults
from planner.ingest.paths import check_pattern

Maker = Callable[..., Path]
STREETS = '[streets]\nfile = "s.geojson"\n'
HIDDEN = "名前,x\nひみつ,1\n"


def codes(folder: Path) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    return [f.code for f in caught.value.faults]


def hostile(secret: Path) -> dict[str, str]:
    """Texts that GDAL would follow to another file."""
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    pipeline = f"gdal vector pipeline ! read {secret}"
    return {
        "vrt": vrt,
        "gdalg": json.dumps({"type": "gdal_streamed_alg", "command_line": pipeline}),
        "gdalg_called_geojson": json.dumps({"type": "gdal_streamed_alg", "command_line": pipeline, "features": []}),
        "wfs": "<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>",
        "esri": json.dumps({"type": "x", "geometryType": "esriGeometryPoint", "features": [], "spatialReference": {}}),
    }


@pytest.mark.parametrize("kind", sorted(hostile(Path("x"))))
def test_disguised_files_are_refused(make_town: Maker, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(HIDDEN, encoding="utf-8")
    assert codes(make_town(STREETS, {"s.geojson": hostile(secret)[kind]}))[0] in {"file_foreign", "vector_unreadable"}


def test_the_allow_list_alone_stops_them(tmp_path: Path) -> None:
    """In a fresh process geopandas itself, without our sniffing, must not open a disguised VRT once ingest is imported."""
    secret = tmp_path / "secret.geojson"
    secret.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": "ひみつ"}, "geometry": null}]}',
        encoding="utf-8",
    )
    files = []
    for name, text in hostile(secret).items():
        files.append(tmp_path / f"{name}.geojson")
        files[-1].write_text(text, encoding="utf-8")
    script = textwrap.dedent("""
        import sys, warnings
        warnings.simplefilter("ignore")
        if sys.argv[1] == "guarded":
            import planner.ingest
            assert "pyogrio" not in sys.modules, "the door must not import pyogrio before the list stands"
        import geopandas, pyogrio
        print(sorted(pyogrio.list_drivers()) if sys.argv[1] == "guarded" else "-")
        for path in sys.argv[2:]:
            try:
                print("READ", len(geopandas.read_file(path)))
            except Exception as error:
                print("refused", type(error).__name__)
    """)

    def run(mode: str) -> list[str]:
        root = Path(__file__).resolve().parents[2]
        env = {k: v for k, v in os.environ.items() if k not in {"OGR_SKIP", "GDAL_SKIP"}} | {"PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-c", script, mode, *map(str, files)], capture_output=True, text=True, env=env, check=True
        )
        return done.stdout.splitlines()

    drivers, *guarded = run("guarded")
    assert drivers == str(sorted(gdal_guard.ALLOWED))
    assert all(line.startswith("refused") for line in guarded)
    assert any(line == "READ 1" for line in run("bare"))  # the attack is real: without the list the secret is read


def test_an_unguarded_gdal_is_not_used(make_town: Maker) -> None:
    """pyogrio imported before this package: we refuse to read rather than to trust."""
    folder = make_town()
    script = textwrap.dedent("""
        import sys
        import pyogrio
        from pathlib import Path
        from planner import ingest
        try:
            ingest.read(Path(sys.argv[1]))
        except Exception as error:
            print(error.faults[0].code)
    """)
    root = Path(__file__).resolve().parents[2]
    env = {k: v for k, v in os.environ.items() if k not in {"OGR_SKIP", "GDAL_SKIP"}} | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, env=env, check=True
    )
    assert done.stdout.split() == ["gdal_unguarded"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret.geojson",
        "a/../../x.geojson",
        "CSV:x.geojson",
        "/vsicurl/http://a/b.geojson",
        "http://a/b.geojson",
        "zip://a.zip!b.geojson",
        "~/x.geojson",
        "a\\b.geojson",
        "a;b.geojson",
        " ",
    ],
)
def test_paths_refused(path: str) -> None:
    with pytest.raises(InputError) as caught:
        check_pattern("streets", path)
    assert caught.value.code == "path_refused"


@pytest.mark.parametrize("value", ['file = "../areas.geojson"', 'files = ["/etc/*.geojson"]'])
def test_refused_paths_reach_the_user(make_town: Maker, value: str) -> None:
    assert codes(make_town(f"[streets]\n{value}\n")) == ["path_refused"]


def test_links_out_of_the_folder_are_not_followed(make_town: Maker, tmp_path: Path) -> None:
    folder = make_town('[streets]\nfiles = ["s*.geojson"]\n')
    (tmp_path / "outside.geojson").write_bytes((folder / "areas.geojson").read_bytes())
    (folder / "s1.geojson").symlink_to(tmp_path / "outside.geojson")
    assert codes(folder) == ["path_refused"]
    (folder / "s1.geojson").unlink()
    (folder / "sub").symlink_to(tmp_path)
    toml = folder / "town.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("s*.geojson", "sub/outside.geojson"), encoding="utf-8")
    assert codes(folder) == ["path_refused"]


def test_kinds_of_file(make_town: Maker, tmp_path: Path) -> None:
    assert codes(make_town('[streets]\nfile = "s.csv"\n', {"s.csv": "a\n1\n"})) == ["file_kind_refused"]
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("s.geojson", "{}")
    content = (tmp_path / "s.zip").read_bytes()
    assert codes(make_town('[streets]\nfile = "s.zip"\n', {"s.zip": content})) == ["zip_without_layer"]
    assert codes(make_town('[streets]\nfile = "s.gpkg"\n', {"s.gpkg": content})) == ["open_as", "zip_without_layer"]
    half = b"SQLite format 3\x00" + b"\x00" * 50
    assert codes(make_town('[streets]\nfile = "s.gpkg"\n', {"s.gpkg": half})) == ["gpkg_damaged"]
    assert codes(make_town(STREETS, {"s.geojson": '{"type": "FeatureCollection", "features": [{'})) == ["geojson_cut"]


def test_a_geopackage_view_is_not_run(make_town: Maker) -> None:
    import sqlite3

    import geopandas as gpd
    import shapely

    folder = make_town('[streets]\nfile = "s.gpkg"\nlayer = "v"\n')
    gpd.GeoDataFrame({"kind": ["a"]}, geometry=[shapely.LineString([(0, 0), (9, 9)])], crs=6677).to_file(
        folder / "s.gpkg", layer="t"
    )
    base = sqlite3.connect(folder / "s.gpkg")
    base.executescript(
        "create view v as with recursive n(i) as (select 1 union all select i + 1 from n) select t.* from t, n;"
        "insert into gpkg_contents (table_name, data_type, identifier, srs_id) select 'v', data_type, 'v', srs_id from gpkg_contents;"
        "insert into gpkg_geometry_columns select 'v', column_name, geometry_type_name, srs_id, z, m from gpkg_geometry_columns;"
    )
    base.commit()
    base.close()
    assert codes(folder) == ["layer_not_table"]


def test_too_large(make_town: Maker) -> None:
    from planner.assumptions import number

    folder = make_town('[streets]\nfile = "s.geojson"\n')
    with (folder / "s.geojson").open("wb") as file:
        file.truncate(int(number("file_size_mb") * 1e6) + 1)  # sparse: takes no room
    assert codes(folder) == ["file_too_large"]
