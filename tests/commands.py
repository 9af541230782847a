"""Commands as a user gives them: words in, exit code, output and complaints out.

Most run in this process, where the program is loaded once; ``process=True`` starts one as a shell does, which is slower by what
Python loads. Either way the same words reach the same ``main``.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from planner import cli, screen
from planner.replies import REPLIES

ROOT = Path(__file__).parent.parent
Done = subprocess.CompletedProcess[str]


def run(*arguments: object, language: str = "ja", expect: int = 0, process: bool = False) -> Done:
    """A command that must end with this exit code and without a traceback."""
    words = [str(a) for a in arguments]
    done = _started(words, language) if process else _called(words, language)
    assert done.returncode == expect, done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    return done


def _started(words: list[str], language: str) -> Done:
    surroundings = {**os.environ, "PLANNER_LANGUAGE": language, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    command = [sys.executable, "-m", "planner", *words]
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


def _called(words: list[str], language: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGINT)
    try:
        with (
            patch.object(sys, "argv", ["planner", *words]),
            # from which Click takes the command's name: as a script, however pytest itself was started
            patch.object(sys.modules["__main__"], "__package__", None),
            patch.object(screen, "LANG", language),
            patch.dict(os.environ, {"COLUMNS": "200"}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = _code(cli.main)
    finally:
        signal.signal(signal.SIGINT, before)
    return Done(words, code, out.getvalue(), err.getvalue())


def _code(main: Any) -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def reply(command: str, *arguments: object, process: bool = False) -> dict[str, Any]:
    """The JSON value of one command, held against its declared form."""
    lines = run(command, *arguments, "--json", process=process).stdout.splitlines()
    assert len(lines) == 1
    REPLIES[command].model_validate_json(lines[0], strict=True)
    return dict(json.loads(lines[0]))
