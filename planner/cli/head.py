"""What the commands share: the parser, kinds of arguments, wishes from flags, progress and stopping."""

from __future__ import annotations

import signal
import tomllib
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.errors import SettingsError
from planner.screen import t
from planner.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.frames import Inputs
    from planner.plan import Plan
    from planner.settings import Merged


app = typer.Typer(help=t("cli.help"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
TownPath = Annotated[Path, typer.Argument(help=t("cli.town"), metavar="TOWN")]
PlanPath = Annotated[Path, typer.Argument(help=t("cli.plan_file"), metavar="PLAN")]
Json = Annotated[bool, typer.Option("--json", help=t("cli.json"))]
Budget = Annotated[int | None, typer.Option("--budget-yen", min=0, help=t("cli.budget"))]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help=t("cli.settings"))]

KeptIn = Annotated[Path | None, typer.Option("--store", help=t("cli.export.store"), metavar="FILE.sqlite")]


def audit_of(plan: Plan, store: Path | None) -> str:
    """The latest hash of the store that keeps a plan; "" where none is named."""
    if store is None:
        return ""
    from planner.store import opened

    with opened(store, must_exist=True) as shelf:
        return shelf.audit_for(plan)


def layers_of(settings: Path | None, budget_yen: int | None) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The wishes of a settings file and of flags, weakest first."""
    layers: list[tuple[str, dict[str, Any]]] = []
    if settings is not None:
        try:
            layers.append((settings.name, tomllib.loads(settings.read_text(encoding="utf-8-sig"))))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError("settings_not_readable", str(error), file=str(settings), reason=str(error)) from error
    layers.append(("--budget-yen", {"budget": {"own_capital_yen": budget_yen}}))
    return tuple(layers)


@contextmanager
def running(seconds: float | None = None) -> Iterator[Work]:
    """Progress on stderr; the first Ctrl-C ends the search with what it has, the second ends at once."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        stages: list[str] = []

        def report(stage: str, done: int, total: int) -> None:
            if not stages or stages[-1] != stage:
                stages.append(stage)
                bar.reset(task)
            bar.update(task, description=t(f"progress.{stage}"), completed=done, total=total or None)

        work = Work(report, seconds)
        signal.signal(signal.SIGINT, _stopper(work))
        yield work


def _stopper(work: Work) -> Callable[[int, Any], None]:
    def stop(_signal: int, _frame: Any) -> None:
        if work.stopped:
            raise KeyboardInterrupt
        work.stop()

    return stop


def wished(
    town: Path, work: Work, settings: Path | None = None, budget_yen: int | None = None
) -> tuple[Inputs, Merged]:
    """A town's tables, and the wishes in force."""
    from planner import ingest, study

    inputs = ingest.read(town, work)
    return inputs, study.wishes(inputs, *layers_of(settings, budget_yen))
