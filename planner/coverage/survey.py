"""The survey: mounts, models and walls in; views, actions and what each view sees out. Slow part, no weights."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner import frames
from planner.coverage import mounts, optics, sight, standing, views
from planner.coverage.actions import actions
from planner.coverage.cliques import spacing_cliques
from planner.coverage.limits import limited
from planner.coverage.scene import build
from planner.errors import Note
from planner.settings import CoverageSettings, Settings
from planner.work import Work


def _taken(usable: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Mounts at which a standing camera hangs: by name, or nearer than drawings differ."""
    named = usable["mount_id"].isin(cameras.loc[cameras["mount_id"] != "", "mount_id"]).to_numpy(dtype=bool, copy=True)
    if len(cameras) and len(usable):
        tree = shapely.STRtree(cameras.geometry.to_numpy())
        close, _ = tree.query(usable.geometry.to_numpy(), predicate="dwithin", distance=mounts.SAME_PLACE_M)
        named[close] = True
    return np.asarray(named)


def _areas_at(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """area_id and district_id of each point."""
    at, _ = mounts.area_of(mounts.coordinates(points), areas)
    return pd.DataFrame(areas[["area_id", "district_id"]]).iloc[at].reset_index(drop=True)


def _light_note(inputs: frames.Inputs) -> list[Note]:
    """Without any word on lighting, a camera sees at night only as far as its infrared."""
    told = inputs.streets["lit"].notna().any() or (inputs.mounts["kind"] == "street_light").any()
    return [] if told else [Note("lighting_unknown")]


def _possible(
    inputs: frames.Inputs,
    usable: gpd.GeoDataFrame,
    free: NDArray[np.bool_],
    known: standing.Standing,
    wish: CoverageSettings,
) -> tuple[views.Poses, list[Note]]:
    """Views as they stand, renewed and new; one note per model that cannot do the task somewhere."""
    kept, notes = views.as_they_stand(known, wish, inputs.town.epsg)
    renewed, at_cameras = views.renewals(inputs, known, wish)
    fresh, at_mounts = views.candidates(inputs, usable, free, wish)
    models: dict[str, Note] = {}
    for note in at_cameras + at_mounts:
        earlier = models.get(note.values["model_id"])
        number = note.values["number"] + (earlier.values["number"] if earlier else 0)
        models[note.values["model_id"]] = Note(note.code, {**note.values, "number": number})
    return views.stack(kept, renewed, fresh), [*notes, *models.values()]


def _pruned(poses: views.Poses, seen: sparse.csr_matrix) -> tuple[views.Poses, sparse.csr_matrix, list[Note]]:
    """Without the views that see nothing; standing cameras stay."""
    useful = (np.diff(seen.indptr) > 0) | (poses.kind == "keep")
    lost = int((~useful).sum())
    notes = [Note("views_without_sight", {"number": lost, "of": len(useful)})] if lost else []
    return poses.take(useful), sparse.csr_matrix(seen[np.flatnonzero(useful)]), notes


def survey(inputs: frames.Inputs, demand: frames.Demand, settings: Settings, work: Work | None = None) -> frames.Survey:
    """What can be done in the town and what each possible view sees.

    Reads ``areas``, ``streets``, ``walls``, ``places``, ``zones``, ``mounts``, ``standing``, ``models``, ``tiers``, the
    dates of ``incidents``, and the positions and measures of ``demand.spots``; never the expected offences.
    A view ``v`` at ``m`` sees spot ``i`` at horizontal distance ``d`` if ``near_m <= d <= reach_m``, the bearing of ``i``
    differs by at most ``angle_deg / 2`` and the segment ``m i`` meets no inside of a wall. ``reach_m`` belongs to the lower of
    the chosen task's density and 80 px/m, so that another task is a re-threshold.

    Parameters
    ----------
    inputs, demand
        The town in its metric CRS, and the spots.
    settings
        ``coverage`` (task, use of others' cameras), ``retention`` (limits), ``rules`` (spacing, views per mount).
    work
        Stages ``views``, ``sight``, ``actions``.

    Raises
    ------
    SettingsError
        ``unknown_task``.
    StoppedError
        ``stopped_without_plan``.
    """
    work = Work() if work is None else work
    wish, epsg = settings.coverage, inputs.town.epsg
    optics.task_density(wish)
    work.step("views")
    scene = build(inputs.walls)
    usable, notes = mounts.usable(inputs, scene)
    known = standing.read(inputs, wish)
    taken = _taken(usable, inputs.standing)
    if taken.any():
        notes.append(Note("mounts_taken_by_standing", {"number": int(taken.sum())}))
    poses, pose_notes = _possible(inputs, usable, ~taken, known, wish)
    work.check()
    seen = sight.sees(poses, demand.spots, scene, work)
    poses, seen, prune_notes = _pruned(poses, seen)
    work.check()
    work.step("actions")
    places = (_areas_at(usable, inputs.areas), _areas_at(inputs.standing, inputs.areas))
    per_mount = settings.rules.max_per_mount
    table, action_views = actions(poses, known, usable, inputs.tiers, places, per_mount)
    groups = table.loc[table["kind"] == "install"].drop_duplicates("group_id")
    cliques = spacing_cliques(mounts.coordinates(groups), groups["group_id"].tolist(), settings.rules.spacing_m)
    made = frames.Survey(
        mounts=usable,
        views=frames.check("views", poses.table, epsg),
        sees=seen,
        actions=frames.check("actions", table, epsg),
        action_views=action_views,
        lit=sight.lit(inputs, demand.spots),
        cliques=frames.check("cliques", cliques),
        notes=(*scene.notes, *notes, *_light_note(inputs), *known.notes, *pose_notes, *prune_notes),
    )
    return limited(made, inputs, settings.retention)
