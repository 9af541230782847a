"""Single views tried otherwise, and what no standing camera sees: asked beside any plan, of tables that are prepared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner import coverage, frames, plan
from planner.coverage import Stage as Stage  # noqa: PLC0414 - who tries views need not know the room
from planner.frames import Demand
from planner.settings import Settings


def stage(prepared: plan.Prepared, settings: Settings) -> Stage:
    """What single views are tried on; built once per study."""
    return coverage.stage(prepared.inputs, prepared.survey, prepared.demand, settings)


def look(
    on: Stage,
    camera_id: str = "",
    site_id: str = "",
    height_m: float | None = None,
    bearing_deg: float | None = None,
    model_id: str | None = None,
) -> tuple[frames.Imagined, ...]:
    """The views of a standing camera or a site, as they are or from another height, turned, or with another model.

    Two views on one mount turn together.

    Raises
    ------
    InputError
        ``look_unknown``, ``model_without_price``.
    """
    views = coverage.views_of(on, camera_id, site_id)
    turn = None if bearing_deg is None else bearing_deg - views[0].bearing_deg
    tried = [coverage.changed(on, v, height_m, None if turn is None else v.bearing_deg + turn, model_id) for v in views]
    return tuple(coverage.imagine(on, view) for view in tried)


def turn(
    on: Stage, camera_id: str, site_id: str, bearing_deg: float | None, model_id: str | None
) -> tuple[dict[str, Any], str]:
    """The wish (``rules.views``) and the action of a camera or site that is turned or gets another model, to be pinned.

    Raises
    ------
    InputError
        ``look_unknown``, ``turn_impossible``.
    """
    view, action = coverage.turned(on, camera_id, site_id, bearing_deg, model_id)
    return view.model_dump(), action


def gaps(prepared: plan.Prepared, settings: Settings) -> tuple[Demand, Mapping[str, tuple[float, float]]]:
    """What no standing camera sees: the demand, and per block what is expected at places and what of it is unseen."""
    unseen = coverage.unseen(prepared.survey, prepared.demand, settings)
    return unseen, coverage.blocks_unseen(unseen, prepared.demand)
