"""The door of the room: from a seed to a town folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
import shapely.ops

from planner.errors import InputError
from planner.example import cameras, catalogue, crime, furniture, ground, lots, names, office, police, streets, wishes
from planner.example.net import Streets
from planner.example.scale import PEOPLE, PEOPLE_PER_HOUSEHOLD, Scale
from planner.example.things import USE, Built

ORIGIN_M = (-20_000.0, 20_000.0)  # of the station in plane zone IX; any plain would do, nothing of it is used
JGD2011 = 6668  # longitude and latitude, as GeoJSON of Japanese authorities has them
DEGREE_DIGITS = 7  # about a centimetre
STREET_WORDS = {
    "trunk": "幹線道路",
    "main": "主要道路",
    "old": "旧道",
    "collector": "生活幹線道路",
    "local": "生活道路",
    "shopping": "商店街",
}
LIT_SHARE = {"trunk": 1.0, "main": 1.0, "shopping": 1.0, "collector": 0.9, "old": 0.4, "local": 0.62}  # plausible
UNSURVEYED_SHARE = 0.12  # of side streets: nobody wrote down whether they are lit; plausible
_MARK = f"{names.TOWN}：実在しない市の作りもののデータ / made-up data of a city that does not exist"


class _Paper:
    """Writes files; knows where the town lies on the globe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._globe = pyproj.Transformer.from_crs(catalogue.EPSG, JGD2011, always_xy=True)

    def degrees(self, points: Any) -> Any:
        """Metres from the station to longitude and latitude."""
        points = np.atleast_2d(np.round(points, 2))
        lon, lat = self._globe.transform(points[:, 0] + ORIGIN_M[0], points[:, 1] + ORIGIN_M[1])
        return np.round(np.column_stack([lon, lat]), DEGREE_DIGITS)

    def text(self, name: str, text: str) -> None:
        """A text file in UTF-8."""
        (self._folder / name).write_bytes(text.encode())

    def table(self, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A CSV file."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([head, *rows])
        self.text(name, text.getvalue())

    def shapes(self, name: str, features: Iterable[tuple[dict[str, Any], shapely.Geometry]]) -> None:
        """A GeoJSON file (RFC 7946), one feature a line."""
        lines = []
        for properties, shape in features:
            turned = shapely.transform(shapely.orient_polygons(shape), self.degrees)
            feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(turned))}
            lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
        head = json.dumps(_MARK, ensure_ascii=False)
        body = ",\n".join(lines)
        self.text(name, f'{{"type":"FeatureCollection","description":{head},"features":[\n{body}\n]}}\n')

    def lonlat(self, point: shapely.Point) -> list[str]:
        """The two columns of a point."""
        lon, lat = self.degrees([[point.x, point.y]])[0]
        return [f"{lon:.{DEGREE_DIGITS}f}", f"{lat:.{DEGREE_DIGITS}f}"]


def write(folder: Path, seed: int = 1, people: int = 60_000) -> None:
    """Write a made-up town as a town folder.

    Parameters
    ----------
    folder
        Empty or not there yet.
    seed
        Another seed, another town; the same seed, the same bytes.
    people
        Inhabitants; land, streets, buildings, records and money follow.

    Raises
    ------
    InputError
        ``example_people``: too few or too many; ``example_folder``: the folder is not empty, or is a file.
    """
    if not PEOPLE[0] <= people <= PEOPLE[1]:
        raise InputError("example_people", f"{people} people", people=people, low=PEOPLE[0], high=PEOPLE[1])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("example_folder", f"{folder} is not empty", folder=str(folder))
    scale = Scale(seed, people)
    land = ground.lay(scale)
    district = names.districts(scale, len(land.cells))
    sites = streets.sites(scale, land, district)
    roads = streets.pave(scale, land, sites)
    built = lots.build(scale, land, roads, sites)
    mounts = furniture.furnish(scale, roads, built)
    for part in ("crime", "municipal"):
        (folder / part).mkdir(parents=True)
    paper = _Paper(folder)
    town_names = names.town_names(scale, len(land.cells))
    _areas(paper, scale, land, built, town_names)
    _streets(paper, scale, roads)
    _built(paper, built)
    _mounts(paper, mounts)
    _standing(paper, cameras.standing(scale, roads, mounts, built))
    _wishes(paper, scale, land, roads, built)
    _office(paper, scale, mounts)
    paper.table("municipal/models.csv", catalogue.MODELS_HEAD, catalogue.MODELS)
    paper.table("municipal/tiers.csv", catalogue.TIERS_HEAD, catalogue.TIERS)
    paper.text("municipal/programmes.yaml", catalogue.programmes(scale))
    paper.text("town.toml", catalogue.town(scale))
    paper.text("thirty_days.toml", catalogue.thirty_days(scale))
    thefts = crime.records(scale, land, roads, built)
    boxes = [f"澄瀬第{d + 1}" for d in district.tolist()]
    for name, content in police.files(scale, thefts, town_names, boxes).items():
        (folder / "crime" / name).write_bytes(content)
    table = crime.counts(scale, built, len(land.cells))
    rows: list[tuple[Any, ...]] = [
        (town_names[cell], offence, year, number, "架空") for cell, offence, year, number in table
    ]
    total = sum(number for _, _, _, number in table)
    rows.append(("合計", "", "", total, "架空"))  # as such tables end; it must be set aside
    paper.table("municipal/counts.csv", ["町丁目", "罪種", "期間", "認知件数", "備考"], rows)


def _areas(paper: _Paper, scale: Scale, land: ground.Ground, built: Built, town_names: list[str]) -> None:
    homes = np.zeros(len(land.cells))
    for building in built.buildings:
        homes[building.cell] += building.households
    homes *= scale.people / PEOPLE_PER_HOUSEHOLD / homes.sum()
    district = names.districts(scale, len(land.cells))
    first_split = len(land.cells) - names.split_names(len(land.cells))
    features = []
    for at, cell in enumerate(land.cells):
        pieces = ground.halves(cell, scale.stream(f"halves{at}")) if at >= first_split else [cell]
        for piece in pieces:
            share = piece.area / sum(p.area for p in pieces)
            about = {
                "area_id": f"{names.CODE}{at + 1:06d}",
                "name": town_names[at],
                "district_id": names.district_id(int(district[at])),
                "police_station": names.police_station(int(district[at]), scale.districts),
                "households": round(float(homes[at] * share)),
            }
            features.append((about, piece))
    paper.shapes("municipal/areas.geojson", features)


def _streets(paper: _Paper, scale: Scale, roads: Streets) -> None:
    rng = scale.stream("light")
    features = []
    for at, (line, kind, width) in enumerate(zip(roads.line, roads.kind, roads.width_m, strict=True), 1):
        lit = bool(rng.random() < LIT_SHARE[kind])
        unknown = kind == "local" and rng.random() < UNSURVEYED_SHARE
        about = {"street_id": f"S{at:05d}", "kind": STREET_WORDS[kind], "width_m": float(width)}
        features.append((about | {"lit": None if unknown else lit}, line))
    paper.shapes("municipal/streets.geojson", features)


def _built(paper: _Paper, built: Built) -> None:
    paper.shapes(
        "municipal/buildings.geojson",
        (
            ({"wall_id": f"B{at:05d}", "height_m": b.height_m, "use": USE[b.kind]}, b.shape)
            for at, b in enumerate(built.buildings, 1)
        ),
    )
    paper.shapes(
        "municipal/places.geojson",
        (
            ({"place_id": f"P{at:04d}", "kind": p.kind, "owner": p.owner}, p.shape)
            for at, p in enumerate(built.places, 1)
        ),
    )


def _mounts(paper: _Paper, mounts: list[furniture.Mount]) -> None:
    head = ["mount_id", "kind", "host", "height_m", "powered", "state", "lon", "lat"]
    rows = [
        (
            m.mount_id,
            m.kind,
            m.host,
            "" if m.height_m is None else m.height_m,
            m.powered,
            m.state,
            *paper.lonlat(m.point),
        )
        for m in mounts
    ]
    rows.append(rows[-1])  # two registers were put together: one row came twice
    paper.table("municipal/mounts.csv", head, rows)


def _standing(paper: _Paper, register: list[cameras.Camera]) -> None:
    head = "camera_id mount_id model_id bearing_deg retention_days owner use working installed_on locked_until lon lat contact"
    rows = [
        (
            f"C{at:03d}",
            c.mount.mount_id,
            *(c.model, c.bearing_deg, c.days, c.owner, c.use, c.working, c.installed_on, c.locked_until),
            *paper.lonlat(c.mount.point),
            cameras.CONTACTS.get(c.owner, ""),
        )
        for at, c in enumerate(register, 1)
    ]
    paper.table("municipal/standing.csv", head.split(), rows)


def _office(paper: _Paper, scale: Scale, mounts: list[furniture.Mount]) -> None:
    paper.table(
        "municipal/steps.csv",
        ["place_id", "step", "done_on", "document_number"],
        ((s.mount_id, s.step, s.done_on, s.document) for s in office.steps(scale, mounts)),
    )
    log = [(f"架空{at:03d}", *row) for at, row in enumerate(office.footage(scale), 1)]
    paper.table("municipal/footage_log.csv", ["log_id", "recognised_on", "received_on", "secured_on", "outcome"], log)


def _wishes(paper: _Paper, scale: Scale, land: ground.Ground, roads: Streets, built: Built) -> None:
    zones = wishes.zones(land, built)
    paper.shapes(
        "municipal/zones.geojson",
        (({"zone_id": f"Z{at}", "rule": "設置不可", "origin": why}, shape) for at, (why, shape) in enumerate(zones, 1)),
    )
    paper.shapes(
        "municipal/targets.geojson",
        (
            ({"target_id": f"T{at:03d}", "name": t.name, "kind": t.kind}, t.shape)
            for at, t in enumerate(wishes.targets(scale, roads, built), 1)
        ),
    )
    rows = [
        (f"R{at:03d}", r.received_on, r.requester, r.wish, *paper.lonlat(r.point))
        for at, r in enumerate(wishes.requests(scale, built), 1)
    ]
    paper.table("municipal/requests.csv", ["request_id", "received_on", "requester", "wish", "lon", "lat"], rows)
