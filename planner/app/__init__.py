"""The app: pages over the same doors as the command line; no mathematics.

Only this package knows streamlit. A page never computes a plan itself: ``job`` does it in a process of its own
(``worker``), ``kept`` holds what came out, and moving the budget only looks up.
"""


def run() -> None:
    """Draw one page."""
    from planner.app import frame  # the worker's process needs no streamlit

    frame.run()


__all__ = ["run"]
