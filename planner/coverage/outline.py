"""Polygons of what single views see, by the same kernel as ``sees``."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from planner import frames
from planner.coverage import classes, mounts, optics, visible
from planner.coverage.scene import build, stand
from planner.settings import CoverageSettings


def outline(inputs: frames.Inputs, survey: frames.Survey, view_ids: Sequence[str]) -> gpd.GeoDataFrame:
    """Polygons of what the named views see at the chosen task by day.

    Annular sector ``near_m``..``far_m`` of ``angle_deg`` around ``bearing_deg``, minus the insides of ``walls``, minus their
    shadows (see ``visible``).

    Parameters
    ----------
    inputs
        ``walls`` and the metric CRS.
    survey
        Its ``views``.
    view_ids
        Which views; the result keeps this order.

    Returns
    -------
    view_id, area_m2 (m2), plate_near_m and plate_far_m (m; a far below near: no plate is read),
    storage_gb_per_day (nan: model unknown) and geometry (MultiPolygon,
    possibly empty) in the study's CRS.

    Raises
    ------
    KeyError
        A name that is not in ``survey.views``.
    """
    scene = build(inputs.walls)
    views = survey.views.set_index("view_id").loc[list(view_ids)]
    points, _ = stand(mounts.coordinates(views), scene)  # shut in a building it stays there and sees nothing
    shapes = visible.polygons(scene, visible.table_of(points, views))
    near, far = optics.plate_m(views["density_1m_px"].to_numpy(), views["height_m"].to_numpy())
    frame = pd.DataFrame({"view_id": pd.Series(list(view_ids), dtype="str"), "area_m2": shapely.area(shapes)})
    storage = optics.model_storage_gb_per_day(inputs.models).reindex(views["model_id"]).to_numpy()
    frame = frame.assign(plate_near_m=near, plate_far_m=far, storage_gb_per_day=storage)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=inputs.town.epsg), crs=inputs.town.epsg)


def outline_by_class(
    inputs: frames.Inputs, survey: frames.Survey, view_ids: Sequence[str], wish: CoverageSettings
) -> gpd.GeoDataFrame:
    """Polygons of what the named views see by class of pixels per metre, by day and by night (table ``view_zones``).

    Parameters
    ----------
    inputs
        ``walls``; ``mounts`` and ``streets`` for what is lit.
    survey, view_ids
        Its ``views``, and which of them.
    wish
        ``standard``: whose classes.

    Raises
    ------
    KeyError
        A name that is not in ``survey.views``.
    """
    scene = build(inputs.walls)
    views = survey.views.set_index("view_id", drop=False).loc[list(view_ids)].reset_index(drop=True)
    points, inside = stand(mounts.coordinates(views), scene)
    made = classes.zones(scene, classes.lamps(inputs), views, points, inside, wish.standard)
    checked: gpd.GeoDataFrame = frames.check("view_zones", made, inputs.town.epsg)
    return checked
