"""HiGHS on one program, here or in a process of its own: the same few lines in both.

Run as a file (``apart.solve_apart`` does) it reads one pickled task from its input, writes pickled news to its output and ends with
its input: so it never outlives who asked, and may import nothing of the planner, which would take a second to load.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Task = dict[
    str, Any
]  # arrays of the program, column by column, and ``options``, ``whole``, ``start`` (None: none), ``enough``


def loaded(task: Task) -> highspy.Highs:
    """HiGHS with the program, its options and the solution to start from."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = task["gain"].size, task["low"].size
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = task["gain"], task["least"], task["most"]
    lp.row_lower_, lp.row_upper_ = task["low"], task["high"]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = task["column_start"], task["row"], task["value"]
    if task["whole"] is not None:
        kinds = np.full(task["gain"].size, highspy.HighsVarType.kContinuous, dtype=object)
        kinds[task["whole"]] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds.tolist()
    highs = highspy.Highs()
    for name, value in task["options"].items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    if task["start"] is not None:
        solution = highspy.HighsSolution()
        solution.col_value = task["start"].tolist()
        highs.setSolution(solution)
    return highs


def listen(highs: highspy.Highs, told: Callable[[float], None], found: Callable[[Floats], None], enough: float) -> None:
    """Pass the bounds of branch and bound and its better solutions on; end it once its bound is no more than ``enough``."""

    def lower(event: Any) -> None:
        bound = float(event.data_out.mip_dual_bound)
        told(bound)
        if bound <= enough:
            event.interrupt()

    highs.cbMipInterrupt.subscribe(lower)
    highs.cbMipImprovingSolution.subscribe(lambda event: found(np.array(event.data_out.mip_solution)))


def said(highs: highspy.Highs, *, relaxed: bool) -> dict[str, Any]:
    """What HiGHS ended with: status, solution and prices (empty: none), objective, bound, nodes."""
    state, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    status = "stopped"
    if state == highspy.HighsModelStatus.kOptimal:
        status = "optimal"
    elif state in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        status = "infeasible"
    objective = float(info.objective_function_value)
    return {
        "status": status,
        "x": np.array(solution.col_value) if feasible or (relaxed and solution.value_valid) else np.zeros(0),
        "objective": objective,
        "bound": objective if relaxed else float(info.mip_dual_bound),
        "nodes": max(0, int(info.mip_node_count)),
        "price": np.array(solution.row_dual) if relaxed and solution.dual_valid else np.zeros(0),
    }


def _end_with_input() -> None:
    """End at once when who asked is gone or has closed the input."""
    while os.read(0, 1):
        pass
    os._exit(0)


def main() -> None:
    """One task: news as (kind, what), the last of kind ``said``."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the news
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    threading.Thread(target=_end_with_input, daemon=True).start()

    def tell(kind: str, what: Any) -> None:
        pickle.dump((kind, what), out)
        out.flush()

    lowest = np.inf

    def told(bound: float) -> None:
        nonlocal lowest
        if bound < lowest:
            lowest = bound
            tell("told", bound)

    highs = loaded(task)
    listen(highs, told, lambda x: tell("found", x), task["enough"])
    highs.run()
    tell("said", said(highs, relaxed=False))
    os._exit(0)  # the thread that waits for the end of the input would hinder an orderly end


if __name__ == "__main__":
    main()
