"""The command line: reads wishes, calls, shows; no mathematics.

Exit codes: 0 fine, 1 internal error, 2 bad input, 3 nothing fits, 130 stopped without a plan.
"""

from __future__ import annotations

import os
import sys

from typer.exceptions import TyperException

from planner import keeping, screen
from planner.cli import plans, programmes, towns, usage, views, written  # noqa: F401 - each adds its commands
from planner.cli.head import app
from planner.cli.written import ExportFormat
from planner.errors import InputFaults, PlannerError, StoppedError
from planner.screen import t

app.add_typer(keeping.app, name="store", help=t("cli.store.help"))


def _refuse(error: PlannerError, as_json: bool) -> int:
    """Say what is wrong, with what values, and what to do; the exit code."""
    from planner.replies import ErrorReply, fault_reply

    faults = [fault_reply(f.code, f.values, screen.LANG) for f in error.faults]
    if as_json:
        reply = ErrorReply(error=error.code, exit_code=error.exit_code, faults=faults)
        sys.stdout.write(reply.model_dump_json(fallback=str) + "\n")
    for fault in faults:
        sys.stderr.write(fault.sentence + "\n")
    if isinstance(error, InputFaults):
        sys.stderr.write(t("cli.run_check") + "\n")
    return error.exit_code


def main() -> None:
    """Run a command; never show a traceback (``PLANNER_DEBUG=1`` does, for developers)."""
    as_json = "--json" in sys.argv
    try:
        sys.exit(app(standalone_mode=False) or 0)  # what the parser refuses is said in our words
    except TyperException as error:
        sys.exit(error.exit_code if usage.is_help(error) else _refuse(usage.refusal(error, sys.argv[1:]), as_json))
    except PlannerError as error:
        sys.exit(_refuse(error, as_json))
    except KeyboardInterrupt:
        sys.exit(_refuse(StoppedError("stopped_without_plan", "stopped"), as_json))
    except Exception as error:
        if os.environ.get("PLANNER_DEBUG"):
            raise
        fault = PlannerError("internal_error", str(error), kind=type(error).__name__, detail=str(error)[:300])
        sys.exit(_refuse(fault, as_json))


__all__ = ["ExportFormat", "app", "main"]
