"""Branch and bound in a process of its own: the same answer, a stop that lands at once, and nobody left behind."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from every_rule import FIRST_SEED, problem
from scipy import sparse

from planner import siting
from planner.siting import apart, bounds, choosing, closer, dual, highs, program, search
from planner.siting.program import Answer, Program, solve
from planner.work import Work

LATE_S = 3.0  # on a busy machine; HiGHS alone hears of it seconds later on a large root


def endless() -> Program:
    """A market split (Cornuejols and Dawande 1999): 60 yes-or-no in 6 equations; no solver ends it."""
    g = np.random.default_rng(1)
    a = g.integers(0, 100, (6, 60)).astype(float)
    half = np.floor(a.sum(axis=1) / 2)
    some = np.zeros(60), np.ones(60)
    return Program(
        g.integers(1, 10, 60).astype(float), sparse.csc_matrix(a), half - 3, half, some[0], some[1], np.arange(60)
    )


@pytest.fixture
def children(monkeypatch):
    """Everything apart, whatever its size; and the processes that were started."""
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen):
        def __init__(self, *given, **more) -> None:
            super().__init__(*given, **more)
            started.append(self)

    monkeypatch.setattr(program, "APART_ENTRIES", -1)
    monkeypatch.setattr(apart.subprocess, "Popen", Watched)
    return started


def test_the_answer_is_the_same(children, monkeypatch) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + 3):
        model = siting.build(*problem(seed))
        one = program.program_of(program.core_of(model, search.every(model)))
        apart_answer = solve(one, Work())
        monkeypatch.setattr(program, "APART_ENTRIES", 10**9)
        here = solve(one, Work())
        monkeypatch.setattr(program, "APART_ENTRIES", -1)
        for field in fields(here):
            assert np.array_equal(getattr(apart_answer, field.name), getattr(here, field.name)), (seed, field.name)
    assert children  # a program without variables needs none
    assert all(child.returncode is not None for child in children)


def test_a_stop_lands_at_once_and_keeps_what_was_found(children) -> None:
    heard: list[float] = []
    sessions: set[int] = set()
    work = Work()

    def told(bound: float) -> None:
        heard.append(bound)
        sessions.add(os.getsid(children[0].pid))

    threading.Timer(2.5, work.stop).start()
    began = time.monotonic()
    answer = solve(endless(), work, nodes=10**9, told=told)
    assert time.monotonic() - began < 2.5 + LATE_S
    assert answer.status == "stopped"
    assert answer.bound == min(heard, default=np.inf)
    assert os.getsid(0) not in sessions  # Ctrl-C does not reach it
    assert [child.returncode is not None for child in children] == [True]


def test_a_child_that_is_ended_from_outside_is_told(children) -> None:
    threading.Timer(2.0, lambda: [child.kill() for child in children]).start()
    assert solve(endless(), Work(), nodes=10**9).status == "lost"


def test_a_child_that_ends_before_it_has_the_task_is_lost_too(children, monkeypatch) -> None:
    monkeypatch.setattr(apart.sys, "executable", "/bin/false")
    many = endless()
    wide = Program(
        np.tile(many.gain, 400), sparse.hstack([many.matrix] * 400, format="csc"), many.low, many.high,
        np.zeros(24_000), np.ones(24_000), np.arange(24_000),
    )  # fmt: skip
    assert solve(wide, Work()).status == "lost"


def test_after_a_lost_tree_the_plan_and_the_bound_of_the_prices_stand(monkeypatch) -> None:
    nothing, asked = np.zeros(0), []

    def lost(one, work, **how):
        if how.get("relaxed"):
            return solve(one, work, **how)
        asked.append(one)
        return Answer("lost", nothing, 0.0, np.inf, 0, nothing)

    for seed in range(FIRST_SEED, FIRST_SEED + 8):
        model = siting.build(*problem(seed))
        plan = search.greedy_plan(model, 0, Work())
        if plan is None:
            continue
        free = dual.free(model)
        proof = closer.Proof(plan, bounds.bound_at(model, free), free)
        monkeypatch.setattr(closer, "solve", lost)
        after = closer.by_tree(model, proof, 0.0, 10, 0, Work())
        monkeypatch.undo()
        choice = choosing.to_choice(model, after, 0.02, {}, stopped=False)
        assert (after.lost, after.plan, after.bound) == (True, plan, proof.bound)
        assert [note.code for note in choice.notes][-1] == "exact_search_lost"
    assert asked


def test_the_child_ends_with_its_input() -> None:
    task = {
        "gain": np.ones(1), "least": np.zeros(1), "most": np.ones(1), "low": np.zeros(1), "high": np.ones(1),
        "column_start": np.array([0, 1], np.int32), "row": np.zeros(1, np.int32), "value": np.ones(1),
        "whole": np.zeros(1, int), "start": None, "enough": -np.inf, "options": {"output_flag": False},
    }  # fmt: skip
    script = Path(highs.__file__)
    done = subprocess.run([sys.executable, "-P", script], input=pickle.dumps(task), capture_output=True, timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
