"""Where demand may stand: points along streets, on car and cycle parks, and one per area for the owners' places."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.errors import Note

PARK_KINDS = ("car_park", "cycle_park", "parking", "bicycle_parking")
BORDER_M = 0.5  # a point this near to several areas lies on their border (drawings of one border differ that much)
Geometries = NDArray[np.object_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """Points with the position of the area and of the line or park they stand for.

    ``step`` counts along one line or park, ``weight`` is metres of street (or the share of a park).
    """

    geometry: Geometries
    area: Whole
    origin: Whole
    step: Whole
    weight: NDArray[np.float64]

    def where(self, mask: NDArray[np.bool_]) -> Points:
        """The points that the mask keeps."""
        return Points(self.geometry[mask], self.area[mask], self.origin[mask], self.step[mask], self.weight[mask])


@dataclass(frozen=True)
class Ground:
    """All points of a town.

    ``rings`` stand in for areas without any street; ``outside`` are street points in no area; origins are positions in
    streets, areas (rings) and parks.
    """

    streets: Points
    rings: Points
    outside: Points
    parks: Points
    park_ids: NDArray[np.object_]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class SpotTable:
    """The ``spots`` table and what stands beside it, in its order.

    Position of the area, weight, position of the class in the classes asked for, street piece (-1: none) and unit (piece,
    park or owner's place).
    """

    spots: gpd.GeoDataFrame
    area: Whole
    weight: NDArray[np.float64]
    local_class: Whole
    piece: Whole
    unit: Whole


def joined(streets: Points, rings: Points) -> Points:
    """Street points followed by ring points, the rings' origins counted on after the streets'."""
    after = int(streets.origin.max()) + 1 if len(streets.origin) else 0
    return Points(
        np.concatenate([streets.geometry, rings.geometry]),
        np.concatenate([streets.area, rings.area]),
        np.concatenate([streets.origin, rings.origin + after]),
        np.concatenate([streets.step, rings.step]),
        np.concatenate([streets.weight, rings.weight]),
    )


def along(lines: Geometries, spacing_m: float) -> Points:
    """Points in the middle of equal pieces of every line, each piece at most ``spacing_m`` long; area still unknown (-1).

    A line of length l is cut into ceil(l / spacing_m) pieces; a part without length carries nothing.
    """
    parts, origin = shapely.get_parts(lines, return_index=True)
    length = shapely.length(parts)
    pieces = np.ceil(length / spacing_m - 1e-9).astype(np.int64)  # 10 m at 5 m is two pieces whatever the rounding
    part = np.repeat(np.arange(len(parts)), pieces)
    first = np.cumsum(pieces) - pieces
    within = np.arange(len(part)) - first[part]
    piece_m = (length / np.maximum(pieces, 1))[part]
    geometry = shapely.line_interpolate_point(parts[part], (within + 0.5) * piece_m)
    owner = origin[part]
    step = np.arange(len(part)) - np.searchsorted(owner, owner)
    return Points(geometry, np.full(len(part), -1), owner, step, piece_m)


def assign(points: Geometries, step: Whole, polygons: Geometries) -> Whole:
    """The area of each point, -1 outside all.

    A point within BORDER_M of several areas stands on their border; such points go to those areas in turn
    (``step`` modulo their number, in the order of area ids), so that a border street is shared evenly.
    """
    area, point = shapely.STRtree(points).query(polygons, predicate="dwithin", distance=BORDER_M)
    order = np.lexsort((area, point))
    area, point = area[order], point[order]
    number = np.bincount(point, minlength=len(points))
    first = np.cumsum(number) - number
    found = np.full(len(points), -1, dtype=np.int64)
    inside = number > 0
    found[inside] = area[first[inside] + step[inside] % number[inside]]
    return found


def lay_out(areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, spacing_m: float) -> Ground:
    """Points of a town at most ``spacing_m`` apart, each in exactly one area.

    Tables must stand in the order of their ids (so that the order of a file does not matter). An area that no
    street point falls into gets points along its boundary ring: blocks are cut along streets.
    """
    polygons = areas.geometry.to_numpy()
    notes: list[Note] = []
    on_street = along(streets.geometry.to_numpy(), spacing_m)
    found = assign(on_street.geometry, on_street.step, polygons)
    on_street = Points(on_street.geometry, found, on_street.origin, on_street.step, on_street.weight)
    outside = found < 0
    if outside.any():
        notes.append(
            Note(
                "street_points_outside",
                {"number": int(outside.sum()), "length_m": round(float(on_street.weight[outside].sum()))},
            )
        )
    beyond, on_street = on_street.where(outside), on_street.where(~outside)
    bare = np.setdiff1d(np.arange(len(areas)), on_street.area)
    ring = rings(polygons, bare, spacing_m)
    if len(streets) == 0:
        notes.append(Note("streets_absent_ring", {"areas": len(bare)}))
    elif len(bare):
        first = ", ".join(areas["name"].iloc[bare[:5]])
        notes.append(Note("areas_without_street", {"number": len(bare), "areas": first}))
    parks = places[places["kind"].isin(PARK_KINDS)]
    on_park, park_notes = _on_parks(parks, polygons, spacing_m)
    return Ground(on_street, ring, beyond, on_park, parks["place_id"].to_numpy(dtype=object), (*notes, *park_notes))


def rings(polygons: Geometries, which: Whole, spacing_m: float) -> Points:
    """Points along the boundaries of some areas."""
    ring = along(shapely.boundary(polygons[which]), spacing_m)
    return Points(ring.geometry, which[ring.origin], which[ring.origin], ring.step, ring.weight)


def _on_parks(parks: gpd.GeoDataFrame, polygons: Geometries, spacing_m: float) -> tuple[Points, list[Note]]:
    """Equal points on each car or cycle park; a park belongs to the area of its representative point."""
    shapes = parks.geometry.to_numpy()
    centre = shapely.point_on_surface(shapes)
    area = assign(centre, np.zeros(len(parks), dtype=np.int64), polygons)
    notes = []
    if (area < 0).any():
        first = ", ".join(parks["place_id"][area < 0].head(5))
        notes.append(Note("parks_outside", {"number": int((area < 0).sum()), "parks": first}))
    kept = np.flatnonzero(area >= 0)
    chunks = [_grid(shapes[i], centre[i], spacing_m) for i in kept]
    if not chunks:
        none = np.empty(0, dtype=np.int64)
        return Points(np.empty(0, dtype=object), none, none, none, np.empty(0)), notes
    sizes = np.array([len(chunk) for chunk in chunks])
    origin = np.repeat(kept, sizes)
    step = np.concatenate([np.arange(size) for size in sizes])
    return Points(np.concatenate(chunks), area[origin], origin, step, np.repeat(1 / sizes, sizes)), notes


def _grid(shape: shapely.Geometry, centre: shapely.Point, spacing_m: float) -> Geometries:
    """Points of a square grid (fixed to the coordinates' origin) inside one park, at least its representative point."""
    kind = shape.geom_type
    if kind == "Point":
        return np.array([shape], dtype=object)
    if "LineString" in kind:
        return along(np.array([shape], dtype=object), spacing_m).geometry
    west, south, east, north = shape.bounds
    columns = np.arange(np.ceil(west / spacing_m), np.floor(east / spacing_m) + 1) * spacing_m
    lines = np.arange(np.ceil(south / spacing_m), np.floor(north / spacing_m) + 1) * spacing_m
    x, y = (grid.ravel() for grid in np.meshgrid(columns, lines))
    inside = shapely.contains_xy(shape, x, y)
    return shapely.points(x[inside], y[inside]) if inside.any() else np.array([centre], dtype=object)


def exposure(areas: gpd.GeoDataFrame, ground: Ground) -> tuple[NDArray[np.float64], Note]:
    """What an area's share of offences is measured by before any record is seen, shape (areas,), and its note.

    Metres of street in the area (of its ring where it has none); without a street layer households, where
    every area has some; else square metres.
    """
    if len(ground.streets.area):
        everywhere = np.concatenate([ground.streets.area, ground.rings.area])
        metres = np.concatenate([ground.streets.weight, ground.rings.weight])
        length = np.asarray(np.bincount(everywhere, metres, minlength=len(areas)), dtype=np.float64)
        return length, Note("exposure_streets", {"km": round(float(length.sum()) / 1000, 1)})
    households = areas["households"].to_numpy(dtype=np.float64)
    if (households > 0).all():
        return households, Note("exposure_households", {"number": int(households.sum())})
    size = shapely.area(areas.geometry.to_numpy())
    return size, Note("exposure_area", {"km2": round(float(size.sum()) / 1e6, 2)})


def table(
    areas: gpd.GeoDataFrame, street_ids: NDArray[np.object_], ground: Ground, piece: Whole, classes: tuple[str, ...]
) -> SpotTable:
    """Stack the needed classes of points into the ``spots`` table.

    ``classes`` are of ``street_place``, ``street_front``, ``park`` and ``owner``; ``piece`` of the street and ring points.
    """
    area_ids = areas["area_id"].to_numpy(dtype=object)
    frames_, all_points, all_pieces = [], [], []
    streets = len(ground.streets.area)
    for name in classes:
        for stem, ids, points in _points_of(name, areas, street_ids, ground):
            origin = pd.Series(ids[points.origin], dtype="str")
            tail = {"street_place": "-p", "street_front": "-f", "park": "", "owner": ""}[name]
            step = "" if name == "owner" else "-" + pd.Series(points.step.astype(str), dtype="str")
            frames_.append(
                pd.DataFrame(
                    {
                        "spot_id": stem + origin + step + tail,
                        "street_id": origin if stem == "s" else "",
                        "place_id": origin if name == "park" else "",
                        "measure": {"street_front": "front", "owner": "owner_only"}.get(name, "place"),
                        "class": classes.index(name),
                    }
                )
            )
            all_points.append(points)
            own = {"s": piece[:streets], "r": piece[streets:]}
            all_pieces.append(own.get(stem, np.full(len(points.area), -1)))
    frame = pd.concat(frames_, ignore_index=True)
    area = np.concatenate([points.area for points in all_points])
    frame["area_id"] = pd.Series(area_ids[area], dtype="str")
    frame["district_id"] = pd.Series(areas["district_id"].to_numpy(dtype=object)[area], dtype="str")
    frame = frame.astype({"street_id": "str", "place_id": "str", "measure": "str"})
    columns = ["spot_id", "area_id", "district_id", "street_id", "place_id", "measure"]
    geometry = np.concatenate([points.geometry for points in all_points])
    spots = gpd.GeoDataFrame(frame[columns], geometry=geometry, crs=areas.crs)
    weight = np.concatenate([points.weight for points in all_points])
    local = frame["class"].to_numpy()
    pieces = np.concatenate(all_pieces)
    stands = np.where(pieces >= 0, pieces, -1 - np.concatenate([points.origin for points in all_points]))
    unit = pd.DataFrame({"class": local, "stands": stands}).groupby(["class", "stands"], sort=False).ngroup().to_numpy()
    return SpotTable(spots, area, weight, local, pieces, np.asarray(unit, dtype=np.int64))


def _points_of(
    name: str, areas: gpd.GeoDataFrame, street_ids: NDArray[np.object_], ground: Ground
) -> list[tuple[str, NDArray[np.object_], Points]]:
    """(letter of the spot id, ids of the origins, points) of one class."""
    area_ids = areas["area_id"].to_numpy(dtype=object)
    if name == "park":
        return [("k", ground.park_ids, ground.parks)]
    if name == "owner":
        every = np.arange(len(areas))
        centre = shapely.point_on_surface(areas.geometry.to_numpy())
        return [("o", area_ids, Points(centre, every, every, np.zeros_like(every), np.ones(len(areas))))]
    return [("s", street_ids, ground.streets), ("r", area_ids, ground.rings)]
