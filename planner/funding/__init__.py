"""Actions and programmes in; what each action costs and who may pay it out. Door: ``price``."""

from planner.funding.price import price

__all__ = ["price"]
