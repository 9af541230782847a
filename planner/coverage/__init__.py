"""Coverage: mounts, models and walls in; views, actions and what each sees out.

Doors: ``survey`` (slow, once per data and settings), ``grade`` (fast), ``outline`` (polygons of single views).
Strangers stay outside: nothing here reads the budget or this run's risk, except ``grade``, which reads the weights.
"""

from planner.coverage.grade import grade
from planner.coverage.outline import outline
from planner.coverage.survey import survey
from planner.coverage.today import today, unseen

__all__ = ["grade", "outline", "survey", "today", "unseen"]
