"""The survey: mounts, models and walls in; views, actions and what each view sees out. Slow part, no weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from planner import frames
from planner.coverage import mounts, optics, sight, standing, targets, turned, views
from planner.coverage.actions import actions, dominated
from planner.coverage.cliques import spacing_cliques
from planner.coverage.limits import limited
from planner.coverage.public import public_share
from planner.coverage.scene import Scene, build
from planner.errors import Note
from planner.settings import CoverageSettings, Settings
from planner.terms import edited
from planner.work import Work


def _hanging(
    usable: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, removable: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Mounts at which a standing camera hangs (by name, or nearer than drawings differ), and which one can be removed.

    The second is "" where nothing hangs, where several cameras do, or where the one must stay.
    """
    names = cameras["camera_id"].to_numpy(dtype=object)
    by_name = pd.Index(usable["mount_id"]).get_indexer(pd.Index(cameras["mount_id"]))
    pairs = [(int(m), c) for c, m in enumerate(by_name) if m >= 0 and cameras["mount_id"].iloc[c] != ""]
    if len(cameras) and len(usable):
        tree = shapely.STRtree(cameras.geometry.to_numpy())
        close = tree.query(usable.geometry.to_numpy(), predicate="dwithin", distance=mounts.SAME_PLACE_M)
        pairs += [(int(m), int(c)) for m, c in close.T]
    at = pd.DataFrame(sorted(set(pairs)), columns=["mount", "camera"], dtype=np.int64)
    taken = np.zeros(len(usable), dtype=bool)
    taken[at["mount"]] = True
    first = np.full(len(usable), "", dtype=object)
    alone = at[~at["mount"].duplicated(keep=False).to_numpy() & removable[at["camera"]]]
    first[alone["mount"]] = names[alone["camera"]]
    return taken, first


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


def _pruned(
    poses: views.Poses, seen: sparse.csr_matrix, per_mount: int, asked: Iterable[str]
) -> tuple[views.Poses, sparse.csr_matrix, NDArray[np.bool_], list[Note]]:
    """Without the views that see nothing, and which of the rest another view dominates; standing cameras and what is asked stay.

    Where two views may share a mount, a dominated one is kept as half of a pair.
    """
    wanted = poses.table["view_id"].isin(list(asked)).to_numpy()
    useful = (np.diff(seen.indptr) > 0) | (poses.kind == "keep") | wanted
    spare = dominated(poses, seen) & useful & ~wanted
    counts = {"views_without_sight": int((~useful).sum()), "views_dominated": int(spare.sum())}
    notes = [Note(code, {"number": n, "of": len(useful)}) for code, n in counts.items() if n]
    kept = useful & ~spare if per_mount == 1 else useful
    return poses.take(kept), sparse.csr_matrix(seen[np.flatnonzero(kept)]), spare[kept], notes


def _extreme(
    cameras: standing.Standing,
    camera: NDArray[np.int64],
    spots: gpd.GeoDataFrame,
    scene: Scene,
    wish: CoverageSettings,
) -> frames.Extreme:
    """What standing cameras see when what is unknown of them is taken at one end."""
    poses, _ = views.as_they_stand(cameras, wish, cameras.table.crs.to_epsg())
    seen = sight.sees(poses, spots, scene, Work())  # a few views: no stage of its own
    return frames.Extreme(poses.table, seen, camera, cameras.days, cameras.share * cameras.works)


def survey(inputs: frames.Inputs, demand: frames.Demand, settings: Settings, work: Work | None = None) -> frames.Survey:
    """What can be done in the town and what each possible view sees.

    Reads ``areas``, ``streets``, ``walls``, ``places``, ``zones``, ``targets``, ``mounts``, ``standing``, ``models``, ``tiers``,
    the dates of ``incidents``, and the positions and measures of ``demand.spots``; never the expected offences.
    A view ``v`` at ``m`` sees spot ``i`` at horizontal distance ``d`` if any task begins by ``d <= reach_m``, the bearing of ``i``
    differs by at most ``angle_deg / 2`` and the segment ``m i`` meets no inside of a wall that high. ``reach_m`` belongs to the lower of
    the chosen task's density and 80 px/m, so that another task is a re-threshold.

    Parameters
    ----------
    inputs, demand
        The town in its metric CRS, and the spots.
    settings
        ``coverage`` (task, use of others' cameras), ``retention`` (limits), ``rules`` (spacing, views per mount, moves).
    work
        Stages ``views``, ``sight``, ``actions``, and ``public_share`` where a programme asks for a share of public ground.

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
    faces = optics.face_notes(inputs.models, mounts.heights(usable))
    known = standing.read(inputs, wish)
    taken, hanging = _hanging(usable, inputs.standing, known.free)
    shut = taken & ~((hanging != "") & settings.rules.moves)
    if shut.any():
        notes.append(Note("mounts_taken_by_standing", {"number": int(shut.sum())}))
    poses, pose_notes = _possible(inputs, usable, ~shut, known, wish)
    asked = turned.asked_views(inputs, usable, ~shut, known, settings.rules.views, wish)
    proposed = set(poses.table["view_id"])
    poses = views.stack(poses, *(one for name, one in asked.items() if name not in proposed))
    work.check()
    aimed_at = targets.spots(inputs)
    spots = targets.beside(demand.spots, aimed_at)
    seen = sight.sees(poses, spots, scene, work)
    poses, seen, spare, prune_notes = _pruned(poses, seen, settings.rules.max_per_mount, asked)
    work.check()
    low = standing.read(inputs, wish, "worst")
    worst = _extreme(low, np.arange(len(inputs.standing)), demand.spots, scene, wish)
    best = _extreme(*standing.at_best(inputs, wish), demand.spots, scene, wish)
    work.check()
    work.step("actions")
    places = (_areas_at(usable, inputs.areas), _areas_at(inputs.standing, inputs.areas))
    table, action_views = actions(poses, known, usable, inputs.tiers, places, settings.rules, spare, hanging)
    groups = table.loc[table["kind"] == "install"].drop_duplicates("group_id")
    cliques = spacing_cliques(mounts.coordinates(groups), groups["group_id"].tolist(), settings.rules.spacing_m)
    lit = sight.lit(inputs, spots)
    made = frames.Survey(
        mounts=usable,
        views=frames.check("views", poses.table, epsg),
        sees=sparse.csr_matrix(seen[:, : len(demand.spots)]),
        actions=frames.check("actions", table, epsg),
        action_views=action_views,
        lit=lit[: len(demand.spots)],
        cliques=frames.check("cliques", cliques),
        notes=(*scene.notes, *notes, *_light_note(inputs), *faces, *known.notes, *pose_notes, *prune_notes),
        worst=worst,
        best=best,
        unknown=tuple(known.unknown.tolist()),
        targets=aimed_at,
        target_sees=sparse.csr_matrix(seen[:, len(demand.spots) :]),
        target_lit=lit[len(demand.spots) :],
    )
    if any(p.min_public_share is not None for p in edited(inputs.programmes, settings.programmes)):
        work.step("public_share")
        made = replace(made, public_share=public_share(inputs, made.views, made.action_views, scene))
    return limited(made, inputs, settings.retention)
