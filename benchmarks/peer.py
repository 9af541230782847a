"""One peer on one instance, run by ``peers`` in the peers' own environment: ``peer.py PEER TASK ANSWER CUT_OFF``.

Stands alone: it may import nothing of the planner, which is not installed there.
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import resource
import sys
import threading
import time

import numpy as np


def used() -> float:
    """CPU seconds of this process and its children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def spopt(task, solver: str):
    """Its maximal covering model: a dense cost matrix, then PuLP."""
    import pulp
    from scipy.spatial.distance import cdist
    from spopt.locate import MCLP

    def run():
        far = cdist(task["points"], task["sites"])
        model = MCLP.from_cost_matrix(far, task["weight"], float(task["radius"][0]), int(task["budget"]))
        # its solvers count wall seconds only: the limit on CPU seconds of the process ends them
        model.solve(pulp.PULP_CBC_CMD(msg=False) if solver == "CBC" else pulp.HiGHS(msg=False), results=False)
        chosen = [i for i, x in enumerate(model.fac_vars) if (x.value() or 0) > 0.5]
        return chosen, model.problem.status == pulp.LpStatusOptimal, None

    return run


def highspy(task, seconds: float):
    """HiGHS on one row per point, nothing merged."""
    import highspy
    from scipy import sparse

    def run():
        n, m = task["start"].size - 1, task["weight"].size
        cover = sparse.csr_matrix((np.ones(task["point"].size), task["point"], task["start"]), shape=(n, m)).T
        rows = sparse.bmat([[-cover, sparse.identity(m)], [sparse.csr_matrix(task["cost"][None, :]), None]])
        matrix = sparse.csc_matrix(rows)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n + m, m + 1
        lp.col_cost_ = np.concatenate([np.zeros(n), task["weight"]])
        lp.col_lower_, lp.col_upper_ = np.zeros(n + m), np.ones(n + m)
        lp.row_lower_ = np.full(m + 1, -highspy.kHighsInf)
        lp.row_upper_ = np.concatenate([np.zeros(m), [float(task["budget"])]])
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        lp.integrality_ = [highspy.HighsVarType.kInteger] * n + [highspy.HighsVarType.kContinuous] * m
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.setOptionValue("threads", 1)
        highs.passModel(lp)
        until = used() + seconds
        highs.cbMipInterrupt.subscribe(lambda event: event.interrupt() if used() >= until else None)
        highs.run()
        x = np.array(highs.getSolution().col_value)[:n]
        found = highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return np.flatnonzero(x > 0.5).tolist() if found else None, optimal, float(highs.getInfo().mip_dual_bound)

    return run


def cp_sat(task, seconds: float):
    """OR-Tools CP-SAT on one clause per point."""
    from ortools.sat.python import cp_model

    def run():
        model = cp_model.CpModel()
        n, m = task["start"].size - 1, task["weight"].size
        x = [model.NewBoolVar(f"x{i}") for i in range(n)]
        y = [model.NewBoolVar(f"y{j}") for j in range(m)]
        by_point: list[list] = [[] for _ in range(m)]
        for i in range(n):
            for j in task["point"][task["start"][i] : task["start"][i + 1]]:
                by_point[j].append(x[i])
        for j in range(m):
            model.AddBoolOr([*by_point[j], y[j].Not()])
        model.Add(sum(int(c) * v for c, v in zip(task["cost"], x, strict=True)) <= int(task["budget"]))
        model.Maximize(sum(int(w) * v for w, v in zip(task["weight"], y, strict=True)))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        until, ended = used() + seconds, threading.Event()

        def watch() -> None:
            while not ended.wait(0.2):
                if used() >= until:
                    solver.StopSearch()

        watching = threading.Thread(target=watch)
        watching.start()
        status = solver.Solve(model)
        ended.set()
        watching.join()
        chosen = None
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            chosen = [i for i in range(n) if solver.Value(x[i])]
        return chosen, status == cp_model.OPTIMAL, float(solver.BestObjectiveBound())

    return run


def apricot(task):
    """Its lazy greedy: points as columns repeated by nothing, since it takes no weights; no bound."""
    from apricot import MaxCoverageSelection

    MaxCoverageSelection(1, threshold=1.0, optimizer="lazy").fit(np.eye(3))  # compiles

    def run():
        n, m = task["start"].size - 1, task["weight"].size
        seen = np.zeros((n, m))
        for i in range(n):
            seen[i, task["point"][task["start"][i] : task["start"][i + 1]]] = 1.0
        chooser = MaxCoverageSelection(int(task["budget"]), threshold=1.0, optimizer="lazy")
        chooser.fit(seen)
        return np.asarray(chooser.ranking).tolist(), False, None

    return run


def main() -> None:
    """Prepare (imports), then run under the clock and a hard limit on CPU seconds."""
    peer, task_file, answer, cut_off = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    task = np.load(task_file)
    run = {
        "spopt+CBC": lambda: spopt(task, "CBC"),
        "spopt+HiGHS": lambda: spopt(task, "HiGHS"),
        "highspy": lambda: highspy(task, cut_off),
        "CP-SAT": lambda: cp_sat(task, cut_off),
        "apricot": lambda: apricot(task),
    }[peer]()
    began = used()
    # 10 s more for those that stop by themselves and still tell their plan; at the soft limit the process ends by SIGXCPU
    limit = int(began + cut_off) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 10))
    try:
        chosen, optimal, bound = run()
    except Exception:
        if used() - began < cut_off:
            raise
        chosen, optimal, bound = None, False, None  # the solver it called was ended at the limit
    with open(answer, "w", encoding="utf-8") as file:
        json.dump({"chosen": chosen, "optimal": optimal, "bound": bound, "cpu_seconds": used() - began}, file)


if __name__ == "__main__":
    main()
