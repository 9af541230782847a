"""How much of each picture is public ground: streets by their width, and parks (P40), measured on the ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner import assumptions, frames
from planner.coverage import mounts, visible
from planner.coverage.scene import Scene, stand

Floats = NDArray[np.float64]
PARKS = ("park", "station_square")  # kinds of places that are public ground, where their outline is known
TILE_M = 50.0  # public ground is cut into tiles, so that each view is held against what lies near it alone


def public_share(
    inputs: frames.Inputs, views: gpd.GeoDataFrame, action_views: sparse.csr_matrix, scene: Scene
) -> Floats:
    """The least share of public ground in the pictures of each action, (actions,); nan without a picture or a street.

    Parameters
    ----------
    inputs
        ``streets`` (``width_m``; where it is not told the least width of a road by law, ``lit_street_width_m``), and ``places``.
    views, action_views
        Table ``views``, and which of them each action has.
    scene
        The walls.

    Notes
    -----
    Formula: ``share(v) = area(seen(v) and ground) / area(seen(v))`` with ``seen`` as in `visible` at the chosen task and ``ground`` all
    streets and parks together, flat on the map: what stands far away fills less of the picture than its area says. An action
    with two views has the lower of both.
    """
    share = np.full(action_views.shape[0], np.nan)
    if not len(inputs.streets) or not len(views):
        return share
    points, _ = stand(mounts.coordinates(views), scene)
    seen = visible.polygons(scene, visible.table_of(points, views))
    area = shapely.area(seen)
    tiles = _tiles(_ground(inputs))
    view, tile = shapely.STRtree(tiles).query(seen, predicate="intersects")
    public = np.bincount(view, shapely.area(shapely.intersection(seen[view], tiles[tile])), minlength=len(seen))
    of_view = np.full(len(seen), np.nan)
    np.divide(public, area, out=of_view, where=area > 0)
    pairs = action_views.tocoo()
    least = np.full(len(share), np.inf)
    np.minimum.at(least, pairs.row, of_view[pairs.col])  # nan stays nan
    return np.where(np.isinf(least), np.nan, np.minimum(least, 1.0))


def _ground(inputs: frames.Inputs) -> shapely.Geometry:
    """Streets as wide as they are, and parks, as one shape."""
    width = inputs.streets["width_m"].fillna(assumptions.number("lit_street_width_m")).to_numpy(dtype=np.float64)
    streets = shapely.buffer(inputs.streets.geometry.to_numpy(), width / 2)
    open_ = inputs.places.loc[inputs.places["kind"].isin(PARKS)].geometry.to_numpy()
    return shapely.union_all(np.concatenate([streets, open_[shapely.area(open_) > 0]]))


def _tiles(ground: shapely.Geometry) -> NDArray[np.object_]:
    """A shape cut along a square grid: pieces that do not overlap."""
    west, south, east, north = shapely.bounds(ground)
    across, up = np.arange(west, east, TILE_M), np.arange(south, north, TILE_M)
    x, y = (a.ravel() for a in np.meshgrid(across, up))
    boxes = shapely.box(x, y, x + TILE_M, y + TILE_M)
    shapely.prepare(ground)
    boxes = boxes[shapely.intersects(ground, boxes)]
    return np.asarray(shapely.intersection(ground, boxes), dtype=object)
