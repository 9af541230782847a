"""A zip is unpacked by our own code, within limits, and nothing of it ever becomes a path."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from planner import ingest
from planner.errors import InputFaults

Maker = Callable[..., Path]
STREETS = '[streets]\nfile = "s.zip"\n'


def fault(folder: Path) -> tuple[str, str]:
    with pytest.raises(InputFaults) as caught:
        ingest.read(folder)
    (one,) = caught.value.faults
    return one.code, str(one.values.get("why", one.values.get("limit", "")))


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return held.getvalue()


def shapefile(folder: Path) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """The parts of a street layer in cp932, as a download holds them."""
    frame = gpd.GeoDataFrame({"kind": ["市道"]}, geometry=[shapely.LineString([(0, 0), (100, 0)])], crs=6677)
    frame.to_file(folder / "road.shp", encoding="cp932")
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("road.*"))]


def test_a_zipped_shapefile_is_read_and_nothing_is_left(make_town: Maker, tmp_path: Path) -> None:
    parts = shapefile(tmp_path)
    parts.append(("読んでください.txt", "説明".encode()))
    folder = make_town(STREETS, {"s.zip": archive(*parts)})
    before = sorted(folder.rglob("*"))
    inputs = ingest.read(folder)
    assert inputs.streets["kind"].tolist() == ["市道"]
    tally = next(t for t in inputs.tallies if t.role == "streets")
    assert (tally.file, tally.rows, tally.accepted) == ("s.zip", 1, 1)
    assert sorted(folder.rglob("*")) == before


def test_parts_of_a_zip_in_capitals_belong_together(make_town: Maker, tmp_path: Path) -> None:
    parts = [(f"A/{str(name).upper()}", content) for name, content in shapefile(tmp_path)]
    assert len(ingest.read(make_town(STREETS, {"s.zip": archive(*parts)})).streets) == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../road.shp", "path"),
        ("a/../../x.shp", "path"),
        ("/etc/x.shp", "path"),
        ("C:\\x.shp", "path"),
        ("b.zip", "nested"),
    ],
)
def test_names_that_lead_out_are_refused(make_town: Maker, tmp_path: Path, name: str, why: str) -> None:
    assert fault(make_town(STREETS, {"s.zip": archive(*shapefile(tmp_path), (name, b"x"))})) == ("zip_unsafe", why)


def test_a_link_is_refused(make_town: Maker) -> None:
    link = zipfile.ZipInfo("road.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert fault(make_town(STREETS, {"s.zip": archive((link, b"/etc/passwd"))})) == ("zip_unsafe", "link")


def test_limits(make_town: Maker) -> None:
    many = archive(*((f"{n}.txt", b"") for n in range(1001)))
    assert fault(make_town(STREETS, {"s.zip": many})) == ("zip_too_large", "zip_members")
    bomb = archive(("road.geojson", b" " * 10_000_000))
    assert fault(make_town(STREETS, {"s.zip": bomb})) == ("zip_too_large", "zip_ratio")


def test_a_directory_that_lies_about_a_size_is_found_out(make_town: Maker) -> None:
    """The size in the directory says 10 bytes; what comes is counted, and a checksum that cannot fit is damage."""
    honest = archive(("road.geojson", b"x" * 5000))
    at = honest.rindex(b"PK\x01\x02")
    lying = honest[: at + 24] + (10).to_bytes(4, "little") + honest[at + 28 :]
    assert fault(make_town(STREETS, {"s.zip": lying}))[0] == "zip_damaged"


def test_a_zip_without_a_map_and_a_damaged_one(make_town: Maker, tmp_path: Path) -> None:
    assert fault(make_town(STREETS, {"s.zip": archive(("a.csv", b"x"))}))[0] == "zip_without_layer"
    whole = archive(*shapefile(tmp_path))
    spoilt = whole[:60] + b"\xff" * 20 + whole[80:]
    assert fault(make_town(STREETS, {"s.zip": spoilt}))[0] == "zip_damaged"


def test_a_vrt_in_a_zip_is_no_map(make_town: Maker) -> None:
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>x</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    assert fault(make_town(STREETS, {"s.zip": archive(("road.geojson", vrt))}))[0] == "zip_without_layer"
