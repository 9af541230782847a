"""MapSpec -> what the app's own map draws: values only, no script and no markup (the browser puts every text in as text)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.show import vendor
from planner.show.mapspec import SITE_LOOKS, Layer, MapSpec, Picture, Pin, Shape, Style
from planner.show.words import Words

# what another budget or question changes; all else stays in the browser
MOVING = ("proposed_views", "zones", "blockers", "ways", "asked", "suggested", "sites")
MILLION = 1e6  # parts of a degree in which corners are sent


def live_layer(layer: Layer) -> dict[str, Any]:
    """One layer as JSON holds it.

    Returns
    -------
    dict
        ``key``, ``name``, ``kind``, ``styles`` (Leaflet path options) and ``labels`` (of tips), each once, and ``items``:
        for shapes and dots ``[key, geometry, position in styles, position in labels, texts]``, for
        pins ``[key, latitude, longitude, label, fill, ink, heading]``, for pictures ``[address, west, south, east, north]``.
    """
    styles: dict[Style, int] = {}
    labels: dict[tuple[str, ...], int] = {}
    items: list[list[Any]] = []
    for item in layer.items:
        if isinstance(item, Pin):
            fill, ink = SITE_LOOKS[item.look]
            items.append([item.key, item.lat_deg, item.lon_deg, item.label, fill, ink, item.heading])
        elif isinstance(item, Picture):
            items.append([item.address, *item.box])
        elif isinstance(item, Shape):
            number = styles.setdefault(item.style, len(styles))
            names = labels.setdefault(tuple(label for label, _ in item.tip), len(labels))
            items.append([item.key, live_geometry(item.geometry), number, names, [text for _, text in item.tip]])
    return {
        "key": layer.key,
        "name": layer.name,
        "kind": layer.kind,
        "styles": [path_options(style) for style in styles],
        "labels": [list(names) for names in labels],
        "items": items,
    }


def live_geometry(geometry: Mapping[str, Any]) -> Any:
    """Polygons as the browser is sent them, a third of GeoJSON's length; other geometries as they are (degrees).

    Polygons, each of rings, each of millionths of a degree (0.1 m): longitude and latitude of the first corner, then from corner to
    corner by how much they change; the last corner, which is the first, is left out.
    """
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[_steps(ring) for ring in rings] for rings in parts]


def _steps(ring: Sequence[Sequence[float]]) -> list[int]:
    """One ring, without corners that fall on the one before."""
    corners = np.rint(np.asarray(ring)[:-1] * MILLION).astype(np.int64)
    steps = np.diff(corners, axis=0, prepend=np.zeros((1, 2), np.int64))
    return [int(v) for v in steps[steps.any(axis=1)].ravel()]


def live_text(layer: Layer) -> str:
    """``live_layer`` as JSON."""
    return json.dumps(live_layer(layer), ensure_ascii=False, separators=(",", ":"))


def live_frame(spec: MapSpec) -> dict[str, Any]:
    """What stays the same whatever is drawn: the box, the order of the layers, Leaflet's few words, where Leaflet is."""
    words = Words(spec.language)
    return {
        "box": list(spec.box) if spec.box is not None else None,
        "order": [layer.key for layer in spec.layers],
        "zoomIn": words.say("map.zoom_in"),
        "zoomOut": words.say("map.zoom_out"),
        "script": vendor.path("leaflet", "leaflet.js"),
        "style": vendor.path("leaflet", "leaflet.css"),
    }


def path_options(style: Style) -> dict[str, Any]:
    """Leaflet's path options."""
    return {
        "color": style.colour,
        "weight": style.weight_px,
        "fill": bool(style.fill),
        "fillColor": style.fill or style.colour,
        "fillOpacity": style.fill_share,
        "opacity": 1,
        "dashArray": style.dashes or None,
    }
