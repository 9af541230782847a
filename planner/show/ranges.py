"""From where to where a camera does what it is for, in words: the chosen task with its pixels per metre, and number plates."""

from __future__ import annotations

from collections.abc import Sequence

from planner.plan import ViewPart
from planner.show.words import Words


def plate(near_m: float | None, far_m: float | None, words: Words) -> str:
    """From where to where number plates are read, in words."""
    if near_m is None or far_m is None:
        return words.none
    if far_m <= near_m:
        return words.say("looking.plate_nowhere", near=f"{near_m:,.1f}", far=f"{far_m:,.1f}")
    return words.say("looking.between_m", near=f"{near_m:,.1f}", far=f"{far_m:,.1f}")


def plates(views: Sequence[ViewPart], words: Words) -> str:
    """Where the views of one place read number plates."""
    return words.join(list(dict.fromkeys(plate(v.plate_near_m, v.plate_far_m, words) for v in views)))


def ranges(views: Sequence[ViewPart], words: Words) -> str:
    """From where to where each view does the chosen task, with its pixels per metre; or that it does it nowhere."""
    told = []
    for view in views:
        keys = {"near": f"{view.near_m:,.1f}", "far": f"{view.far_m:,.1f}", "density": f"{view.pixels_per_m:,g}"}
        told.append(words.say("looking.range_density" if view.far_m > view.near_m else "looking.range_empty", **keys))
    return words.join(list(dict.fromkeys(told)))
