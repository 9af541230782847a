"""The process that computes: one request on standard input, one JSON line per piece of news on standard output.

``{"town", "root", "layers"}`` comes in (with ``beside``: a standing study's plans beside the plan are made anew); out go ``step`` [stage, done, total], ``proof`` [value, bound], ``plan``
(its id: the plan can be shown), ``point`` (a budget whose plan stands), and last ``done`` or ``refused`` (with
``questions``, ``reading`` and ``boundary`` where it was the reading that was refused). The line ``stop`` ends the search with what it has; the end of input (the app is gone) ends the process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from planner import ingest
from planner.app import kept
from planner.errors import InputError, InputFaults, PlannerError, StoppedError, UnansweredError
from planner.plan import Plan, Prepared, table_hashes
from planner.settings import Merged, Settings
from planner.text import LANGUAGES
from planner.work import Work


def run(request: dict[str, Any], work: Work, tell: Any) -> None:
    """Compute a study and keep it; news go to ``tell``.

    What computes is loaded once the files are read (half of the start): questions about them come at once.
    """
    town, root = Path(request["town"]), Path(request["root"])
    layers = [(origin, wishes) for origin, wishes in request["layers"]]
    question = kept.question_of(town, layers)
    inputs = ingest.read(town, work)
    from planner import show, study, telling, trying

    merged = study.wishes(inputs, *layers)
    key = kept.key_of(table_hashes(inputs), study.preparing(merged.settings))
    known = kept.find_prepared(root, key)
    if known:  # equal tables, but sources, notes and rows set aside are today's, and so are limits and programmes
        prepared = study.priced(replace(known.prepared(), inputs=inputs), merged.settings)
    else:
        prepared = study.prepare(inputs, merged.settings, work)
    if standing := kept.find(root, question):  # other plans beside it are asked for, or its validation was stopped
        tell({"plan": standing.plan_id})
        if beside := request.get("beside"):
            _keep_cutbacks(standing, prepared, merged, standing.plan(), work, **beside)
        else:
            _keep_validation(standing, prepared, merged.settings, work)
        tell({"done": standing.plan_id})
        return
    made = study.decide(prepared, merged, work)
    here = kept.Kept(root / made.plan_id)
    if work.stopped and here.whole:  # the full answer under the same id is better than one that was cut
        tell({"plan": made.plan_id})
        tell({"done": made.plan_id})
        return
    here.keep_plan(made)
    bases = {language: show.describe(made, language, lasting=True) for language in LANGUAGES}
    here.keep_drawn(None, made, bases)
    sureness = telling.sureness(prepared.inputs, prepared.demand)
    here.keep_town(prepared, telling.records(prepared.inputs, prepared.demand)[0], sureness)
    here.keep_gaps(*trying.gaps(prepared, merged.settings), prepared.inputs.town.epsg)
    tell({"plan": made.plan_id})
    for plan in study.explore(prepared, merged, made, work):
        budget = plan.setting("budget.own_capital_yen")
        specs = {language: show.describe_step(base, plan) for language, base in bases.items()}
        here.keep_drawn(budget, plan.model_copy(update={"frontier": made.frontier}), specs)
        here.keep_at(budget, plan)  # last: a budget is offered as soon as its plan stands
        tell({"point": budget})
    if not work.stopped:
        _keep_cutbacks(here, prepared, merged, made, work)
    if not work.stopped:  # a study that was cut is shown, but not taken for the answer next time
        if known and (tested := known.validation()):
            here.keep_validation(tested)
        else:
            _keep_validation(here, prepared, merged.settings, work)
        if known is None:
            here.keep_prepared(prepared)
        here.finish(question, key)
        kept.prune(root)
    tell({"done": made.plan_id})


def _keep_cutbacks(here: kept.Kept, prepared: Prepared, merged: Merged, made: Plan, work: Work, **asked: Any) -> None:
    """The plans beside the plan (``asked``: as of `scenarios.beside`); nothing where the user stopped it: a plan needs none."""
    from planner import scenarios

    work.prove = lambda _value, _bound: None  # what other plans prove is no news of this one
    try:
        found = scenarios.beside(prepared, merged, made, work, **asked)
    except StoppedError:
        return
    if not work.stopped:
        here.keep_cutbacks(found)


def _keep_validation(here: kept.Kept, prepared: Prepared, settings: Settings, work: Work) -> None:
    """The last year held out, or why that cannot be; nothing where the user stopped it: a plan needs no validation."""
    from planner import telling

    try:
        here.keep_validation(telling.validation(prepared.inputs, settings, work))
    except StoppedError:
        return
    except InputError as error:
        here.keep_validation({"refused": [error.code, error.values]})


def _reading(faults: InputFaults) -> dict[str, Any]:
    """What is asked, what could be read all the same, and the boundary to show questions on."""
    from planner import show

    areas = faults.account.areas
    return {
        "questions": [asdict(question) for question in faults.questions],
        "reading": asdict(kept.reading_of(faults.account, kept.MOST_ROWS)),
        "boundary": None if areas is None else show.outline(areas),
    }


def main(source: TextIO, sink: TextIO) -> None:
    """Read one request, work, and tell."""
    lock = threading.Lock()

    def tell(news: dict[str, Any]) -> None:
        with lock:
            sink.write(json.dumps(news, default=str) + "\n")  # a refusal is told whatever its values are
            sink.flush()

    request = json.loads(source.readline())
    work = Work(
        report=lambda stage, done, total: tell({"step": [stage, done, total]}),
        prove=lambda value, bound: tell({"proof": [value, bound]}),
    )

    def listen() -> None:
        for line in source:
            if line.strip() == "stop":
                work.stop()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    try:
        run(request, work, tell)
    except PlannerError as error:
        refused = [[f.code, f.values] for f in error.faults if not isinstance(f, UnansweredError)]
        tell({"refused": refused, **(_reading(error) if isinstance(error, InputFaults) else {})})
    except Exception as error:  # noqa: BLE001 - the page says it in words; a traceback helps no planner
        tell({"refused": [["internal_error", {"kind": type(error).__name__, "detail": str(error)[:300]}]]})


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
