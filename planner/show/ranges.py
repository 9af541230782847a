"""From where to where a camera does what it is for, in words: the chosen task with its pixels per metre, and number plates."""

from __future__ import annotations

from collections.abc import Sequence

from planner.assumptions import rows
from planner.plan import ViewPart
from planner.show.words import Words

FACE = (
    "iec_62676_4_2025",
    "characterise",
)  # the density at which DORI speaks of identifying; the line of sight no steeper than 15 degrees


def plate(near_m: float | None, far_m: float | None, words: Words) -> str:
    """From where to where number plates are read, in words."""
    if near_m is None or far_m is None:
        return words.none
    if round(far_m, 1) <= 0:
        return words.say("looking.plate_coarse")
    if far_m <= near_m:
        return words.say("looking.plate_nowhere", near=f"{near_m:,.1f}", far=f"{far_m:,.1f}")
    return words.say("looking.between_m", near=f"{near_m:,.1f}", far=f"{far_m:,.1f}")


def plates(views: Sequence[ViewPart], words: Words) -> str:
    """Where the views of one place read number plates."""
    return words.join(list(dict.fromkeys(plate(v.plate_near_m, v.plate_far_m, words) for v in views)))


def faces(views: Sequence[ViewPart], words: Words) -> str:
    """From where to where the views of one place are fine and flat enough to tell a face; none where no class was told."""
    told = [
        face([(z.pixels_per_m, z.near_m, z.far_m) for z in view.zones if z.light == "day"], words)
        for view in views
        if view.zones
    ]
    return words.join(list(dict.fromkeys(told))) or words.none


def face(classes: Sequence[tuple[float, float, float]], words: Words) -> str:
    """From where to where a face is told, in words: the classes (pixels per metre, near, far) of that density and finer."""
    wanted = next(r for r in rows("densities") if (r["standard"], r["task"]) == FACE)
    least = float(wanted["pixels_per_m"])
    fine = [(near, far) for density, near, far in classes if density >= least]
    if not fine:
        return words.say("looking.face_nowhere", density=f"{least:,g}", steepest=wanted["steepest_deg"])
    near, far = min(near for near, _ in fine), max(far for _, far in fine)
    return words.say("looking.between_m", near=f"{near:,.1f}", far=f"{far:,.1f}")


def ranges(views: Sequence[ViewPart], words: Words) -> str:
    """From where to where each view does the chosen task, with its pixels per metre; or that it does it nowhere."""
    told = []
    for view in views:
        keys = {"near": f"{view.near_m:,.1f}", "far": f"{view.far_m:,.1f}", "density": f"{view.pixels_per_m:,g}"}
        told.append(words.say("looking.range_density" if view.far_m > view.near_m else "looking.range_empty", **keys))
    return words.join(list(dict.fromkeys(told)))
