"""Actions and programmes in; what each action costs and who may pay it out (``price``); one subsidy by hand (``work_out``)."""

from planner.funding.asked import circumstances, costs_of
from planner.funding.price import price
from planner.funding.working import Step, Worked, work_out

__all__ = ["Step", "Worked", "circumstances", "costs_of", "price", "work_out"]
