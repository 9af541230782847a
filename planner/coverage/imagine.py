"""One view looked at closely: what it sees by class of pixels per metre, by day and night, what blocks it, what it adds.

The stage is built once per study; a view on it costs milliseconds, so that height, bearing and model can be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.coverage import classes, optics, sight
from planner.coverage.aims import bearing_deg
from planner.coverage.grade import qualities, task_met
from planner.coverage.mounts import SAME_PLACE_M
from planner.coverage.scene import Scene, build, stand
from planner.coverage.today import Served
from planner.coverage.views import pose
from planner.errors import InputError
from planner.settings import Settings
from planner.work import Work

Floats = NDArray[np.float64]
Texts = Mapping[str, NDArray[np.object_]]
MOST_BLOCKERS = 5  # walls told of one view: the nearest explain it
TOUCHING_M = 0.05  # a wall this near to the visible area bounds it
WALL, PLACE, MOUNT = ("wall_id", "name", "use"), ("kind", "name", "owner", "address"), ("kind", "address", "host")
BLOCKER = ("wall_id", "name", "use", "place_kind", "owner", "address", "host",
           "distance_m", "bearing_deg", "pixels_per_m", "task")  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """Everything that views are tried on, built once: scene, spots, lamps, and what today's cameras serve."""

    inputs: frames.Inputs
    survey: frames.Survey
    demand: frames.Demand
    settings: Settings
    scene: Scene
    walls: shapely.STRtree  # of table ``walls``
    places: shapely.STRtree
    mounts: shapely.STRtree  # those at walls are of a building
    spots: shapely.STRtree
    wall_texts: Texts  # columns that tell who a building is: reading them out of tables takes as long as seeing
    place_texts: Texts
    mount_texts: Texts
    lamps: classes.Lamps
    served: Served


def stage(inputs: frames.Inputs, survey: frames.Survey, demand: frames.Demand, settings: Settings) -> Stage:
    """The stage of one study."""
    return Stage(
        inputs,
        survey,
        demand,
        settings,
        build(inputs.walls),
        shapely.STRtree(inputs.walls.geometry.to_numpy()),
        shapely.STRtree(inputs.places.geometry.to_numpy()),
        shapely.STRtree(inputs.mounts.geometry.to_numpy()),
        shapely.STRtree(demand.spots.geometry.to_numpy()),
        _texts(inputs.walls, WALL),
        _texts(inputs.places, PLACE),
        _texts(inputs.mounts, MOUNT),
        classes.lamps(inputs),
        Served(survey, demand, settings),
    )


def _texts(table: pd.DataFrame, names: Iterable[str]) -> Texts:
    """Columns of a table as arrays."""
    return {name: table[name].to_numpy(dtype=object) for name in names}


def views_of(on: Stage, camera_id: str = "", site_id: str = "") -> list[frames.Pose]:
    """The views that a standing camera has, or a site (an action) would have.

    Raises
    ------
    InputError
        ``look_unknown``: no such camera or site.
    """
    actions = on.survey.actions
    named = (
        (actions["camera_id"] == camera_id) & (actions["kind"] == "keep")
        if camera_id
        else actions["action_id"] == site_id
    )
    at = np.flatnonzero(named.to_numpy())
    if not len(at):
        raise InputError("look_unknown", f"neither camera nor site: {camera_id or site_id}", id=camera_id or site_id)
    action = actions.iloc[int(at[0])]
    found = on.survey.views.iloc[on.survey.action_views[int(at[0])].indices]
    days, share = float(action["retention_days"]), float(action["count_share"])
    names = ["height_m", "bearing_deg", "angle_deg", "density_1m_px", "night_far_m"]
    numbers = found[names].to_numpy(dtype=np.float64).tolist()
    points = shapely.get_coordinates(found.geometry.to_numpy()).tolist()
    return [
        frames.Pose(
            east_m=point[0],
            north_m=point[1],
            height_m=row[0],
            bearing_deg=row[1],
            angle_deg=row[2],
            density_1m_px=row[3],
            night_far_m=row[4],
            days=days,
            count_share=share,
            camera_id=str(action["camera_id"]),
            model_id=str(model),
            epsg=on.inputs.town.epsg,
        )
        for point, row, model in zip(points, numbers, found["model_id"], strict=True)
    ]


def changed(
    on: Stage,
    view: frames.Pose,
    height_m: float | None = None,
    bearing_deg: float | None = None,
    model_id: str | None = None,
) -> frames.Pose:
    """The same view from another height, in another direction, with another model (what is None stays).

    A camera whose bearing nobody knows (angle 0) gets its angle back with a bearing.

    Raises
    ------
    InputError
        ``model_without_price``: no such model.
    """
    height = view.height_m if height_m is None else height_m
    night, density, angle = view.night_far_m, view.density_1m_px, view.angle_deg
    name = view.model_id if model_id is None else model_id
    models = on.inputs.models.set_index("model_id")[["width_px", "angle_deg", "infrared_m"]].astype("float64")
    if model_id is not None and model_id not in models.index:
        raise InputError("model_without_price", f"no model {model_id}", ids=model_id, number=1)
    if name in models.index and (model_id is not None or height_m is not None or angle == 0):
        width, own_angle, infrared = models.loc[[name]].to_numpy()[0].tolist()
        angle = own_angle if model_id is not None or angle == 0 else angle
        density = float(optics.density_1m(width, angle))
        night = float(optics.night_far_m(infrared, height))
    elif height_m is not None:  # the slant range stays, whatever the height
        slant = np.hypot(night, optics.drop_m(view.height_m))
        night = float(optics.far_m(slant, height))
    if angle == 0 and bearing_deg is not None:
        angle = assumptions.number("standing_angle_deg")
    turned = view.bearing_deg if bearing_deg is None else bearing_deg % 360.0
    return replace(
        view,
        height_m=height,
        bearing_deg=turned,
        angle_deg=angle,
        density_1m_px=density,
        night_far_m=night,
        model_id=name,
    )


def imagine(on: Stage, view: frames.Pose) -> frames.Imagined:
    """What one view sees, what blocks it and what it adds to today's cameras (the camera itself left out of them).

    Offences a year at places (measure place) within view: ``by_day`` by geometry and task alone, ``in_view`` also by the
    night rule, ``counted`` weighted with retention and use as the plan counts, ``added`` of that beyond today's cameras.
    """
    wish = on.settings.coverage
    here = np.array([[view.east_m, view.north_m]])
    point, inside = stand(here, on.scene)
    poses = pose(view, wish, on.inputs.town.epsg)
    row = poses.table.iloc[0]
    zones = classes.zones(on.scene, on.lamps, poses.table, point, inside, wish.standard)
    near = on.spots.query(shapely.Point(here[0]), predicate="dwithin", distance=float(poses.reach_m[0]) + 1.0)
    near = np.sort(near)
    spots = on.demand.spots.iloc[near].reset_index(drop=True)
    seen = sight.sees(poses, spots, on.scene, Work())
    by_day = task_met(poses.table, seen, on.survey.lit[near], wish.model_copy(update={"night_required": False})).indices
    met = task_met(poses.table, seen, on.survey.lit[near], wish).indices
    place = (spots["measure"] == "place").to_numpy(dtype=bool)
    weight = np.where(place[:, None], on.demand.expected[near], 0.0)
    kind, steps = qualities(np.array([view.days]), np.array([view.count_share]), on.demand.groups, wish)
    quality = steps[kind[0]]
    served = on.served.without(view.camera_id)[near]
    offences = pd.DataFrame(
        {
            "offence_group": pd.Series(on.demand.groups, dtype="str"),
            "by_day_per_year": weight[by_day].sum(axis=0),
            "in_view_per_year": weight[met].sum(axis=0),
            "counted_per_year": (weight[met] * quality).sum(axis=0),
            "added_per_year": (weight[met] * np.maximum(quality - served[met], 0.0)).sum(axis=0),
        }
    )
    plate = optics.plate_m(view.density_1m_px, view.height_m)
    density = view.density_1m_px / np.hypot(row["far_m"], optics.drop_m(view.height_m))
    return frames.Imagined(
        view=view,
        near_m=float(row["near_m"]),
        far_m=float(row["far_m"]),
        pixels_per_m=float(density) if row["far_m"] > 0 else 0.0,
        inside=bool(inside[0]),
        plate_near_m=float(plate[0]),
        plate_far_m=float(plate[1]),
        zones=zones,
        blockers=_blockers(on, view, point[0], zones),
        offences=offences,
    )


def _blockers(on: Stage, view: frames.Pose, point: Floats, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """The nearest buildings that bound what is seen by day: who they are, and where their nearest visible point is."""
    day = zones.loc[zones["light"] == "day"]
    seen = shapely.union_all(day.geometry.to_numpy())
    rows = []
    if not seen.is_empty:
        edge = shapely.boundary(seen)
        shapes = on.walls.geometries
        for i in on.walls.query(edge, predicate="dwithin", distance=TOUCHING_M).tolist():
            face = shapely.intersection(shapely.buffer(shapes[i], TOUCHING_M), edge)
            if shapely.length(face) < 2 * TOUCHING_M:  # touched by a ray in passing, not looked at
                continue
            nearest = shapely.get_coordinates(shapely.shortest_line(shapely.Point(point), face))[-1:] - point
            rows.append((float(np.hypot(*nearest[0])), float(bearing_deg(nearest)[0]), i))
    told = [
        _building(on, i) | _at(view, day, away) | {"bearing_deg": turn}
        for away, turn, i in sorted(rows)[:MOST_BLOCKERS]
    ]
    return pd.DataFrame(told, columns=list(BLOCKER))


def _at(view: frames.Pose, day: gpd.GeoDataFrame, away_m: float) -> dict[str, object]:
    """Pixels per metre of a view at a distance, and the class that holds there."""
    near, far = day["near_m"].to_numpy(), day["far_m"].to_numpy()
    holds = (near <= away_m + TOUCHING_M) & (away_m - TOUCHING_M <= far)
    return {
        "distance_m": away_m,
        "pixels_per_m": float(view.density_1m_px / np.hypot(away_m, optics.drop_m(view.height_m))),
        "task": _first(day["task"].to_numpy()[holds]),
    }


def _building(on: Stage, at: int) -> dict[str, object]:
    """What is known of a building: from its own row, the place it stands on, and the mounts at its walls."""
    shape = on.walls.geometries[at]
    beside = np.sort(on.places.query(shape, predicate="intersects"))
    outlines = on.places.geometries[beside]
    on_it = shapely.intersects(outlines, shapely.point_on_surface(shape))
    on_it |= shapely.within(shapely.point_on_surface(outlines), shape)
    hung = np.sort(on.mounts.query(shape, predicate="dwithin", distance=SAME_PLACE_M))
    hung = hung[on.mount_texts["kind"][hung] == "wall"]
    own = {name: str(texts[at]) for name, texts in on.wall_texts.items()}
    there = {name: texts[beside[on_it]] for name, texts in on.place_texts.items()}
    return {
        "wall_id": own["wall_id"],
        "name": own["name"] or _first(there["name"]),
        "use": own["use"],
        "place_kind": _first(there["kind"]),
        "owner": _first(there["owner"]),
        "address": _first(there["address"]) or _first(on.mount_texts["address"][hung]),
        "host": _first(on.mount_texts["host"][hung]),
    }


def _first(texts: Iterable[str]) -> str:
    """The first text that says anything."""
    return next((str(text) for text in texts if text), "")


def blocks_unseen(unseen: frames.Demand, demand: frames.Demand) -> Mapping[str, tuple[float, float]]:
    """Per block what is expected at places and what of it nobody sees, offences a year."""
    place = (demand.spots["measure"] == "place").to_numpy(dtype=bool)
    whole = np.where(place[:, None], demand.expected, 0.0).sum(axis=1)
    table = pd.DataFrame(
        {"area_id": demand.spots["area_id"].to_numpy(), "place": whole, "unseen": unseen.expected.sum(axis=1)}
    )
    sums = table.groupby("area_id", sort=True)[["place", "unseen"]].sum()
    return {str(a): (float(p), float(u)) for a, p, u in sums.itertuples()}
