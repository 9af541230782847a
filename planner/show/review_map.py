"""The map of a review: sites of a version, what they would film by day or by night, places that stations suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.frames import Imagined
from planner.plan import Plan
from planner.show import shapes
from planner.show.looking import describe_look
from planner.show.mapspec import Layer, LegendEntry, MapSpec, Shape, Style, describe
from planner.show.tables_review import Placed
from planner.show.words import Words
from planner.show.zones import Light
from planner.text import Language

SUGGESTED = Style("#1a1a1a", 3.0, "#56b4e9", 1.0)


def describe_review(
    plan: Plan,
    site_ids: Sequence[str],
    suggested: Sequence[Placed],
    language: Language,
    seen: Sequence[Imagined] = (),
    light: Light = "day",
) -> MapSpec:
    """The map of some sites of a version and of what was suggested.

    Parameters
    ----------
    plan, site_ids
        The version, and which of its sites.
    suggested
        Answers that suggest a place (others are left out).
    seen, light
        What these sites would film by class of pixels per metre; without it the views of the plan, which hold by day.
    """
    words = Words(language)
    mine = plan.model_copy(update={"sites": [s for s in plan.sites if s.site_id in set(site_ids)]})
    spec = describe_look(mine, seen, light, language) if seen else describe(mine, language)
    placed = [(a, a.east_m, a.north_m) for a in suggested if a.east_m is not None and a.north_m is not None]
    where = shapes.lonlat(plan.town.epsg, np.array([(e, n) for _, e, n in placed], dtype=float).reshape(-1, 2)).tolist()
    dots = tuple(
        Shape(
            f"suggested-{n}",
            {"type": "Point", "coordinates": at},
            SUGGESTED,
            ((words.say("column.station"), a.station), (words.say("column.comment"), a.comment)),
        )
        for n, ((a, _, _), at) in enumerate(zip(placed, where, strict=True))
    )
    layer = Layer("suggested", words.say("layer.suggested"), "dots", dots)
    entry = LegendEntry(words.say("layer.suggested"), SUGGESTED, look="standing")
    return replace(spec, layers=(*spec.layers, layer), legend=(*spec.legend, entry) if dots else spec.legend)
