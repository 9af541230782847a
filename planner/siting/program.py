"""The covering model, or a core of it, as a linear or integer program for HiGHS.

Variables: x (columns, binary), y (layers, 0 <= y <= 1), z (rules given up, binary; only to explain infeasible input).
Rows: ``y_l - sum x <= 0``, groups, rules, cliques. Amounts of a rule are divided by their greatest common divisor,
which is exact because they are whole, and keeps the numbers small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.apart import solve_apart
from planner.siting.highs import Task, listen, loaded, said
from planner.siting.layers import Layers, remerge
from planner.siting.matrices import installs, patterns, uses
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.work import Work, silent

MIP_GAP = 1e-6  # of the objective as HiGHS has it: what it takes for equal
SIMPLEX_ENTRIES = 15_000  # of a matrix: above it the interior point method is faster
# steps of the simplex method a row: with rules beside one number of sites it is over in 0.1 to 0.6 and 2 to 24 times sooner than interior
# points; with one number alone it takes more than one and 3 to 5 times as long (benchmarks/RESULTS.md, plans beside the plan)
RULED_STEPS = 1.0
MOST_STEPS = 200_000  # of the simplex method: more than any program here takes
HEURISTICS = tuple(f"mip_heuristic_run_{name}" for name in ("feasibility_jump", "rins", "rens", "root_reduced_cost"))
APART_ENTRIES = (
    20_000  # of a matrix: below it a step of HiGHS is over before anyone notices; a process takes 0.3 s to start
)


# of a column and of a row that is new in a basis
AT_LEAST, BASIC = int(highspy.HighsBasisStatus.kLower), int(highspy.HighsBasisStatus.kBasic)


@dataclass(frozen=True)
class Core:
    """Part of the model's columns, its layers merged again."""

    model: CoverModel
    columns: Ints
    layers: Layers  # patterns are the columns


@dataclass(frozen=True)
class Program:
    """``maximise gain @ v`` with ``low <= matrix @ v <= high``, ``least <= v <= most``; the first ``whole`` v are whole."""

    gain: Floats
    matrix: sparse.csc_matrix
    low: Floats
    high: Floats
    least: Floats
    most: Floats
    whole: Ints


@dataclass(frozen=True)
class Answer:
    """What HiGHS says."""

    status: Literal["optimal", "infeasible", "stopped", "lost"]  # lost: its process was ended from outside
    x: Floats  # empty: no solution
    objective: float
    bound: float
    nodes: int
    price: Floats  # per row, of a linear program


class Basis(NamedTuple):
    """Where the simplex method stands: per column and per row of a program, as HiGHS numbers it."""

    column: NDArray[np.int8]
    row: NDArray[np.int8]


def core_of(model: CoverModel, columns: Ints) -> Core:
    """The program's columns and the layers that they cover."""
    net = model.net
    matrix = patterns(net)[net.column_pattern[columns]]
    return Core(
        model,
        columns,
        remerge(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), net.weight, net.floor, net.need),
    )


def cover_matrix(core: Core) -> sparse.csr_matrix:
    """The core's columns x its layers, 1 where covered."""
    layers = core.layers
    return sparse.csr_matrix(
        (np.ones(layers.pattern_layer.size), layers.pattern_layer, layers.pattern_start),
        shape=(core.columns.size, layers.weight.size),
    )


def weight_scale(core: Core) -> float:
    """The unit of the objective: the greatest common divisor, or more where numbers would grow too large."""
    weight = core.layers.weight
    if not weight.size:
        return 1.0
    return float(max(1, int(np.gcd.reduce(weight)), int(weight.max()) / 1e6))


def floor_scale(core: Core) -> Floats:
    """Per rule the unit of its floor's row: as ``weight_scale``, of what its layers need (1 for other rules)."""
    scale = np.ones(core.model.net.limit.size)
    for rule in np.unique(core.layers.floor[core.layers.floor >= 0]):
        need = core.layers.need[core.layers.floor == rule]
        scale[rule] = max(1, int(np.gcd.reduce(need)), int(need.max()) / 1e6)
    return scale


def program_of(core: Core) -> Program:
    """The core as a program; rows: layers, groups, rules, cliques."""
    net = core.model.net
    layers, n, m = core.layers, core.columns.size, core.layers.weight.size
    cover = cover_matrix(core).T
    group = sparse.csr_matrix(
        (np.ones(n), (net.column_group[core.columns], np.arange(n))), shape=(net.group_keep.size, n)
    )
    scale = core.model.rule_unit
    rules = sparse.diags_array(1.0 / scale) @ uses(net)[core.columns].T
    floored = layers.floor >= 0
    own = floor_scale(core)
    floors = sparse.csr_matrix(
        (-layers.need[floored] / own[layers.floor[floored]], (layers.floor[floored], np.flatnonzero(floored))),
        shape=(net.limit.size, m),
    )
    unit = weight_scale(core)
    floor_rule = np.zeros(net.limit.size, bool)
    floor_rule[np.unique(net.floor[net.floor >= 0])] = True
    limit = np.where(floor_rule, net.limit / own, np.floor(net.limit / scale))
    cliques = installs(net, core.columns)
    blocks: list[list[Any]] = [
        [-cover, sparse.identity(m)],
        [group, None],
        [rules, floors],
        [cliques, sparse.csr_matrix((net.cliques, m))],
    ]
    must = net.group_keep >= 0
    low = np.concatenate(
        [np.full(m, -np.inf), np.where(must, 1.0, -np.inf), np.full(net.limit.size + net.cliques, -np.inf)]
    )
    high = np.concatenate([np.zeros(m), np.ones(net.group_keep.size), limit, np.ones(net.cliques)])
    gain = np.concatenate([np.zeros(n), layers.weight / unit])
    return Program(
        gain,
        sparse.csc_matrix(sparse.bmat(blocks, format="csc")),
        low,
        high,
        np.zeros(n + m),
        np.ones(n + m),
        np.arange(n),
    )


class Warm:
    """A linear program that is solved again and again, from vertex to vertex: rows are added, columns fixed and freed.

    HiGHS minimises ``-gain``: only so does it end a program that has passed a bound. ``devex``: prices that cost nothing to begin with,
    for programs that start elsewhere each time and are not solved to the end. ``ruled``: of a problem with rules beside one number of
    sites, where the simplex method comes before interior points.
    """

    def __init__(self, program: Program, work: Work, *, devex: bool = False, ruled: bool = False) -> None:
        options = _options(program, 0.0, 0, relaxed=True, bare=False, finds=True)
        self._interior = options["solver"] == "ipm" and ruled and not devex
        options |= {"run_crossover": "on", "simplex_dual_edge_weight_strategy": 1 if devex else -1}
        options |= {"solver": "simplex"} if devex else {}
        if self._interior:
            options |= {"solver": "simplex", "simplex_iteration_limit": int(RULED_STEPS * program.low.size)}
        self._highs = loaded(_task(replace(program, gain=-program.gain)) | {"options": options})
        self._highs.changeObjectiveSense(highspy.ObjSense.kMinimize)
        self._fixed = np.zeros(program.whole.size, np.int8)
        _stop(self._highs, work, relaxed=True)

    def solve(self) -> Answer:
        """The solution of the program as it is now."""
        self._run()
        answer = Answer(**said(self._highs, relaxed=True))
        return replace(answer, objective=-answer.objective, bound=-answer.bound)

    def weigh(self, gain: Floats) -> None:
        """Another ``gain``."""
        self._highs.changeColsCost(gain.size, np.arange(gain.size, dtype=np.int32), -gain)

    def add(self, rows: sparse.csr_matrix, low: float) -> None:
        """More rows, each at least ``low``."""
        number = rows.shape[0]
        limits = np.full(number, low), np.full(number, highspy.kHighsInf)
        start, column = rows.indptr.astype(np.int32), rows.indices.astype(np.int32)
        self._highs.addRows(number, *limits, rows.nnz, start, column, rows.data)

    def value(self, fixed: NDArray[np.int8], aim: float, basis: Any = None, steps: int | None = None) -> float:
        """What the program comes to with whole columns fixed at 0 (-1) or 1 (1): ``-inf`` where proven to be below ``aim``, or no solution.

        From ``basis``, or where HiGHS stands. Only a solution that was reached is a bound: ended after so many ``steps`` the value, at
        least ``aim``, is one to compare with; ended otherwise it is ``inf``.
        """
        moved = np.flatnonzero(fixed != self._fixed).astype(np.int32)
        if moved.size:
            low, high = (fixed[moved] > 0).astype(np.float64), (fixed[moved] >= 0).astype(np.float64)
            self._highs.changeColsBounds(moved.size, moved, low, high)
            self._fixed[moved] = fixed[moved]
        if basis is not None:
            self._highs.setBasis(basis)
        for name, limit in (
            ("simplex_iteration_limit", MOST_STEPS if steps is None else steps),
            ("objective_bound", -aim),
        ):
            self._highs.setOptionValue(name, limit)
        self._run()
        state, value = self._highs.getModelStatus(), -float(self._highs.getInfo().objective_function_value)
        if state in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kObjectiveBound):
            return -math.inf
        if state == highspy.HighsModelStatus.kOptimal:
            return value
        return math.inf if steps is None else max(value, aim)

    def _run(self) -> None:
        """The first time by the method that suits the program, then by the simplex method from a vertex."""
        self._highs.run()
        if self._interior:
            self._interior = False
            self._highs.setOptionValue("simplex_iteration_limit", MOST_STEPS)
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kIterationLimit:
                self._highs.clearSolver()
                self._highs.setOptionValue("solver", "ipm")
                self._highs.run()
        self._highs.setOptionValue("solver", "simplex")

    def columns(self) -> tuple[Floats, Floats]:
        """Whole columns of the last solution, and by how much the value falls for a whole one moved."""
        solution, number = self._highs.getSolution(), self._fixed.size
        return np.array(solution.col_value)[:number], np.abs(np.array(solution.col_dual)[:number])

    def basis(self) -> Any:
        """Where HiGHS stands."""
        return self._highs.getBasis()


def _task(program: Program) -> Task:
    """The program for ``highs.loaded``, as a linear one from nowhere; options are still to come."""
    matrix = program.matrix
    return {
        "gain": program.gain, "least": program.least, "most": program.most, "low": program.low, "high": program.high,
        "column_start": matrix.indptr.astype(np.int32), "row": matrix.indices.astype(np.int32), "value": matrix.data,
        "whole": None, "start": None,
    }  # fmt: skip


def _stop(highs: highspy.Highs, work: Work, *, relaxed: bool) -> None:
    """End HiGHS, at its next step, once the work is stopped."""
    for source in (highs.cbIpmInterrupt, highs.cbSimplexInterrupt) if relaxed else (highs.cbMipInterrupt,):
        source.subscribe(lambda event: event.interrupt() if work.stopped else None)


def _options(program: Program, gap: float, nodes: int, *, relaxed: bool, bare: bool, finds: bool) -> dict[str, object]:
    """One thread, no output, tight tolerances; the linear program by the method that suits its size.

    Where a good plan is known and columns differ by their cover more than by rules (``bare``) the tree has only to prove, and its
    heuristics, symmetries and restarts cost a third of its time. With floors and many rules restarts are what closes it; over ways of regions
    heuristics alone (``finds``) cost 40 %.
    """
    options: dict[str, object] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": gap,
        "mip_abs_gap": MIP_GAP,
        "mip_max_nodes": nodes,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
    }
    if bare or not finds:
        options |= {"mip_heuristic_effort": 0.0} | dict.fromkeys(HEURISTICS, False)
    if bare:
        options |= {"mip_detect_symmetry": False, "mip_allow_restart": False}
    if relaxed:
        options |= {
            "solver": "simplex" if program.matrix.nnz < SIMPLEX_ENTRIES else "ipm",
            "simplex_iteration_limit": MOST_STEPS,
            "ipm_iteration_limit": 300,
            "run_crossover": "off",  # prices near the optimum do: the bound is recomputed from them
            "primal_feasibility_tolerance": 1e-7,
            "dual_feasibility_tolerance": 1e-7,
        }
    return options


def solve(
    program: Program,
    work: Work,
    *,
    relaxed: bool = False,
    gap: float = 0.0,
    nodes: int = 1000,
    start: Floats | None = None,
    bare: bool = False,
    finds: bool = True,
    enough: float = -math.inf,
    told: Callable[[float], None] = silent,
    found: Callable[[Floats], None] = silent,
) -> Answer:
    """Run HiGHS on one thread, output off, ended by nodes or as soon as ``work`` is stopped (by its own clock).

    ``start``: a solution to begin with; ``bare``: one near the best of a program with hardly any rules (``_options``); ``finds``:
    whether HiGHS also looks for solutions by its heuristics; ``enough``: a bound that is low enough to end with.
    ``told`` hears the bound of branch and bound as it falls, ``found`` each better solution. Branch and bound on more than
    ``APART_ENTRIES`` runs in a process of its own, where a stop needs not wait for HiGHS to come to its next step.
    """
    if not program.gain.size:  # HiGHS has no answer for a program without variables
        fine = bool((program.low <= 0).all() and (program.high >= 0).all())
        return Answer("optimal" if fine else "infeasible", np.zeros(0), 0.0, 0.0, 0, np.zeros(0))
    options = _options(program, gap, nodes, relaxed=relaxed, bare=bare, finds=finds)
    task = _task(program) | {"enough": enough, "options": options}
    if not relaxed:
        task |= {"whole": program.whole, "start": start}
    if not relaxed and program.matrix.nnz > APART_ENTRIES:
        lowest = math.inf

        def lower(bound: float) -> None:
            nonlocal lowest
            lowest = min(lowest, bound)
            told(bound)

        ended = solve_apart(task, work, lower, found)
        return (
            Answer(**ended)
            if ended
            else Answer("stopped" if work.stopped else "lost", np.zeros(0), 0.0, lowest, 0, np.zeros(0))
        )
    highs = loaded(task)
    if not relaxed:
        listen(highs, told, found, enough)
    _stop(highs, work, relaxed=relaxed)
    highs.run()
    return Answer(**said(highs, relaxed=relaxed))


def solve_from(program: Program, basis: Basis | None, work: Work) -> tuple[Answer, Basis]:
    """The linear program by the simplex method from a basis, which need not fit it in every row, and the basis where it ends.

    From the end of a program with some columns and rows less it takes a tenth of the steps or fewer.
    """
    options = _options(program, 0.0, 0, relaxed=True, bare=False, finds=True) | {"solver": "simplex"}
    highs = loaded(_task(program) | {"options": options})
    if basis is not None:
        start, statuses = highspy.HighsBasis(), {int(at): at for at in highspy.HighsBasisStatus.__members__.values()}
        start.col_status = [statuses[at] for at in basis.column.tolist()]
        start.row_status = [statuses[at] for at in basis.row.tolist()]
        start.valid = start.alien = True
        highs.setBasis(start)
    _stop(highs, work, relaxed=True)
    highs.run()
    end = highs.getBasis()
    column, row = (np.array([int(at) for at in part], np.int8) for part in (end.col_status, end.row_status))
    return Answer(**said(highs, relaxed=True)), Basis(column, row)
