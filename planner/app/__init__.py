"""The app: pages over the same doors as the command line; no mathematics.

Only this package knows streamlit. A page never computes a plan itself: ``job`` does it in a process of its own
(``worker``), ``kept`` holds what came out, and moving the budget only looks up.
"""

from planner.app.frame import run

__all__ = ["run"]
