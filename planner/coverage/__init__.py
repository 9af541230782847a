"""Coverage: mounts, models and walls in; views, actions and what each sees out.

Doors: ``survey`` (slow, once per data and settings), ``limited`` (retention limits anew), ``grade`` (fast), ``outline``
(polygons of single views), ``kept`` (shares of offences whose footage is still there), ``handling`` (a city's own log of
requests), ``one_more`` (the action that would add most).
Strangers stay outside: nothing here reads the budget or this run's risk, except ``grade``, which reads the weights.
"""

from planner.coverage.grade import grade
from planner.coverage.limits import limited
from planner.coverage.outline import outline
from planner.coverage.retention import handling, kept, one_more
from planner.coverage.survey import survey

__all__ = ["grade", "handling", "kept", "limited", "one_more", "outline", "survey"]
