"""Coverage: mounts, models and walls in; views, actions and what each sees out.

Doors: ``survey`` (slow, once per data and settings), ``grade`` (fast), ``outline`` and ``outline_by_class`` (polygons of single views),
``today`` (what standing cameras see, as intervals), ``unseen`` (what nobody sees), ``stage`` and ``imagine`` (one view closely),
``turned`` (the view that somebody asks for), ``saw`` (which standing cameras see a place or the ways past it, and until when);
``usable``, ``bitrate_mbps``, ``storage_gb_per_day`` and ``shutter_s`` tell what one camera can do, without a town.
``limited`` (retention limits anew), ``kept`` (shares of offences whose footage is still there), ``handling`` (a city's own log of
requests), ``one_more`` (the action that would add most).
Strangers stay outside: nothing here reads the budget or this run's risk, except ``grade``, which reads the weights.
"""

from planner.coverage.grade import grade
from planner.coverage.imagine import Stage, blocks_unseen, changed, imagine, stage, views_of
from planner.coverage.limits import limited
from planner.coverage.optics import bitrate_mbps, shutter_s, storage_gb_per_day, usable
from planner.coverage.outline import outline, outline_by_class
from planner.coverage.retention import handling, kept, one_more
from planner.coverage.scene import Scene
from planner.coverage.survey import survey
from planner.coverage.today import today, unseen
from planner.coverage.turned import turned
from planner.coverage.witness import saw

__all__ = [
    "Scene",
    "Stage",
    "bitrate_mbps",
    "blocks_unseen",
    "changed",
    "grade",
    "handling",
    "imagine",
    "kept",
    "limited",
    "one_more",
    "outline",
    "outline_by_class",
    "saw",
    "shutter_s",
    "stage",
    "storage_gb_per_day",
    "survey",
    "today",
    "turned",
    "unseen",
    "usable",
    "views_of",
]
