"""Shapes that would cost too much are set aside before GEOS works on them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from planner import ingest
from planner.ingest.ledger import Ledger
from planner.ingest.repair import Layer, repaired

Maker = Callable[..., Path]
LAYER = Layer("walls", "w.geojson", ("Polygon", "MultiPolygon"))


def star(corners: int) -> shapely.Polygon:
    """A star whose every edge crosses nearly every other: about corners ** 2 / 2 crossings."""
    turn = np.arange(corners) * np.pi * (corners - 1) / corners
    return shapely.Polygon(np.column_stack([100 * np.cos(turn), 100 * np.sin(turn)]))


@pytest.mark.parametrize(("corners", "reason"), [(5, ""), (1001, "geometry_too_complex")])
def test_a_tangled_polygon_is_not_repaired(corners: int, reason: str) -> None:
    shapes, why = repaired(np.array([star(corners)], dtype=object), [""], LAYER, Ledger())
    assert why == [reason]
    assert shapely.is_valid(shapes[0]) == (reason == "")


def test_vertices_are_limited(make_town: Maker, geojson: Callable[..., str], square: Callable[..., object]) -> None:
    turn = np.linspace(0, 2 * np.pi, 200_002)
    ring = np.column_stack([50 + 9 * np.cos(turn), 50 + 9 * np.sin(turn)]).round(4).tolist()
    ring[-1] = ring[0]
    text = geojson([("Polygon", [ring], {"height_m": 6}), ("Polygon", square(0, 0, 10), {"height_m": 6})])
    inputs = ingest.read(make_town('[walls]\nfile = "w.geojson"\n', {"w.geojson": text}))
    assert inputs.set_aside["reason"].tolist() == ["geometry_too_large"]
    assert len(inputs.walls) == 1
