"""Area and incidents in, expected offences per spot out. Doors: ``score``, ``validate``."""

from planner.risk.score import score
from planner.risk.validate import validate

__all__ = ["score", "validate"]
