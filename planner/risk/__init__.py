"""Area and incidents in, expected offences per spot out (``score``); and what the records say (``describe``, ``reporting``)."""

from planner.risk.describe import describe
from planner.risk.reporting import reporting
from planner.risk.score import score

__all__ = ["describe", "reporting", "score"]
