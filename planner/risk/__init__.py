"""Area and incidents in, expected offences per spot out (``score``) and proven (``validate``); what the records say (``describe``, ``reporting``)."""

from planner.risk.describe import describe
from planner.risk.reporting import reporting
from planner.risk.resample import resampled
from planner.risk.score import score
from planner.risk.validate import validate

__all__ = ["describe", "reporting", "resampled", "score", "validate"]
