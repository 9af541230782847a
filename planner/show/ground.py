"""The ground as a picture: streets and buildings of the town's own files, to find one's way on the map."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image, ImageDraw
from pyproj import Transformer

from planner.errors import StoreError
from planner.frames import Inputs
from planner.show.mapspec import Layer, MapSpec, Picture
from planner.show.words import Words

GROUND_FILE = "ground.json"
SIDE_PX = 2600  # longer side: 1.5 m a pixel for a town of 4 km, some 100 kB
STREET_M = 4.0  # drawn width where the file knows none; the least width of a road under 建築基準法第42条
_CLEAR, _BUILDING, _STREET = 0, 1, 2
_COLOURS = [255, 255, 255, 96, 96, 96, 255, 255, 255]
_OPACITY = bytes([0, 70, 200])  # of 255: block colours stay readable underneath


@dataclass(frozen=True)
class Ground:
    """Palette PNG, north up, Web Mercator, between west, south, east and north in degrees."""

    png: bytes
    box: tuple[float, float, float, float]

    @property
    def address(self) -> str:
        """The picture as an address that holds it whole."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


def ground(inputs: Inputs) -> Ground | None:
    """Streets and buildings within the blocks' extent; None where the town has neither."""
    if not (len(inputs.streets) or len(inputs.walls)):
        return None
    mercator = Transformer.from_crs(inputs.town.epsg, 3857, always_xy=True)

    def turned(shapes: Any) -> Any:
        return shapely.transform(shapes, lambda xy: np.column_stack(mercator.transform(xy[:, 0], xy[:, 1])))

    areas = turned(np.asarray(inputs.areas.geometry))
    west, south, east, north = shapely.total_bounds(areas)
    scale = SIDE_PX / max(east - west, north - south)
    size = (round((east - west) * scale) + 1, round((north - south) * scale) + 1)
    image = Image.new("P", size, _CLEAR)
    image.putpalette(_COLOURS)
    pen = ImageDraw.Draw(image)

    def pixels(line: Any) -> list[tuple[float, float]]:
        return [((x - west) * scale, (north - y) * scale) for x, y in shapely.get_coordinates(line)]

    plane_m = np.ptp(inputs.areas.total_bounds[[0, 2]])
    per_metre = (east - west) / plane_m * scale if plane_m > 0 else scale
    for line, width_m in zip(turned(np.asarray(inputs.streets.geometry)), inputs.streets["width_m"], strict=True):
        wide = STREET_M if np.isnan(width_m) else float(width_m)
        pen.line(pixels(line), fill=_STREET, width=max(1, round(wide * per_metre)))
    for part in shapely.get_parts(turned(np.asarray(inputs.walls.geometry))):
        ring = shapely.get_exterior_ring(part)
        if ring is not None and not ring.is_empty:
            pen.polygon(pixels(ring), fill=_BUILDING)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", transparency=_OPACITY, optimize=True)
    lonlat = Transformer.from_crs(3857, 4326, always_xy=True)
    low = lonlat.transform(west, north - size[1] / scale)
    high = lonlat.transform(west + size[0] / scale, north)
    return Ground(buffer.getvalue(), (low[0], low[1], high[0], high[1]))


def encode_ground(found: Ground | None) -> bytes:
    """As ``GROUND_FILE`` holds it, beside a plan: picture and box, or null."""
    told = {"png": base64.b64encode(found.png).decode(), "box": found.box} if found else None
    return json.dumps(told).encode()


def load_ground(folder: Path) -> Ground | None:
    """The ground kept in a plan's folder; None where it has none.

    Raises
    ------
    StoreError
        ``ground_not_readable``.
    """
    path = folder / GROUND_FILE
    try:
        told = json.loads(path.read_bytes()) if path.is_file() else None
        return Ground(base64.b64decode(told["png"]), tuple(told["box"])) if told else None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise StoreError("ground_not_readable", f"{path}: {error}", file=str(path)) from error


def on_ground(spec: MapSpec, address: str, box: tuple[float, float, float, float]) -> MapSpec:
    """The same map with the picture of the ground above the blocks and below everything else."""
    at = next((n + 1 for n, layer in enumerate(spec.layers) if layer.key == "areas"), 0)
    layer = Layer("ground", Words(spec.language).say("layer.ground"), "picture", (Picture(address, box),))
    return replace(spec, layers=(*spec.layers[:at], layer, *spec.layers[at:]))
