"""Whether an exported map would ask any other machine for anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.show.draw import folium_map
from planner.show.mapspec import STANDING_CAMERA, STANDING_VIEW, Layer, MapSpec, Picture, Pin, Shape

_SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
_POINT = {"type": "Point", "coordinates": [0, 0]}


def outside_addresses() -> list[str]:
    """Addresses of other machines that a map with every kind of layer would make the browser ask for."""
    spec = MapSpec(
        "ja",
        (0.0, 0.0, 1.0, 1.0),
        (
            Layer("areas", "-", "shapes", (Shape("a", _SQUARE, STANDING_VIEW, ()),)),
            Layer("surface", "-", "picture", (Picture("x.png", (0.0, 0.0, 1.0, 1.0)),)),
            Layer("proposed_views", "-", "shapes", (Shape("v", _SQUARE, STANDING_VIEW, ()),)),
            Layer("standing", "-", "dots", (Shape("c", _POINT, STANDING_CAMERA, ()),)),
            Layer("sites", "-", "pins", (Pin("s", 0.0, 0.0, "1", "A", "-", (), "-"),)),
        ),
        (),
        "",
    )
    return sorted({a for a in _named(folium_map(spec)) if "//" in a})


def _named(element: Any) -> Iterator[str]:
    """Scripts and style sheets that an element and all below it name."""
    for attribute in ("default_js", "default_css"):
        for _, address in getattr(element, attribute, []):
            yield str(address)
    for child in element._children.values():  # noqa: SLF001 - branca has no public way down its tree
        yield from _named(child)
