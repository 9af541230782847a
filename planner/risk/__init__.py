"""Area and incidents in, expected offences per spot out. Door: ``score``."""

from planner.risk.score import score

__all__ = ["score"]
