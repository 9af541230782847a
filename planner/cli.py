"""The command line: reads wishes, calls, shows; no mathematics.

Exit codes: 0 fine, 1 internal error, 2 bad input, 3 nothing fits, 130 stopped without a plan.
"""

from __future__ import annotations

import os
import signal
import sys
import tomllib
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from planner.errors import PlannerError, SettingsError, StoppedError
from planner.text import Language, say
from planner.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from planner.plan import Plan
    from planner.programmes import Programme
    from planner.replies import NoteReply, ProgrammeReply

_WISH = os.environ.get("PLANNER_LANGUAGE", "ja")
LANG: Language = "en" if _WISH == "en" else "ja"
_ASSETS = Path(__file__).parent.parent / "static" / "vendor"


def _t(key: str, /, **values: Any) -> str:
    return say(LANG, key, **values)


app = typer.Typer(help=_t("cli.help"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

TownPath = Annotated[Path, typer.Argument(help=_t("cli.town"), metavar="TOWN")]
PlanPath = Annotated[Path, typer.Argument(help=_t("cli.plan_file"), metavar="PLAN")]
Json = Annotated[bool, typer.Option("--json", help=_t("cli.json"))]
Budget = Annotated[int | None, typer.Option("--budget-yen", min=0, help=_t("cli.budget"))]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help=_t("cli.settings"))]


@app.command(help=_t("cli.check.help"))
def check(
    town: TownPath, out: Annotated[Path, typer.Option(help=_t("cli.check.out"))] = Path("out"), json: Json = False
) -> None:
    """Read a town and say what was accepted, set aside and assumed."""
    from planner import ingest, study
    from planner.replies import CheckReply, FileReply

    with _running() as work:
        inputs = ingest.read(town, work)
    study.wishes(inputs)
    if len(inputs.set_aside):
        out.mkdir(parents=True, exist_ok=True)
        inputs.set_aside.to_csv(out / "set_aside.csv", index=False, encoding="utf-8-sig")
    places = inputs.incidents["precision"].value_counts()
    files = [FileReply(**{k: v for k, v in vars(t).items() if k != "note"}) for t in inputs.tallies]
    reply = CheckReply(
        town=inputs.town.name,
        code=inputs.town.code,
        epsg=inputs.town.epsg,
        files=files,
        rows=sum(f.rows for f in files),
        accepted=sum(f.accepted for f in files),
        set_aside=sum(f.set_aside for f in files),
        duplicate=sum(f.duplicate for f in files),
        outside=sum(f.outside for f in files),
        placed_in_area=int(places.get("area", 0)),
        placed_in_city=int(places.get("city", 0)),
        placed_at_point=int(places.get("point", 0)),
        notes=_notes(inputs.notes),
    )
    head = ["file", "rows", "accepted", "set_aside", "duplicate", "outside"]
    lines = [[f.file, *(f"{getattr(f, k):,}" for k in head[1:])] for f in files]
    lines.append([_t("cli.sum"), *(f"{getattr(reply, k):,}" for k in head[1:])])
    _answer(reply, json, lambda: _table([_t(f"cli.head.{h}") for h in head], lines), lambda: _print_notes(reply.notes))


@app.command(help=_t("cli.score.help"))
def score(
    town: TownPath,
    out: Annotated[Path, typer.Option(help=_t("cli.score.out"), metavar="FILE.gpkg")],
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Expected offences per spot and per block, as a GeoPackage."""
    from planner import ingest, risk, show, study
    from planner.replies import ScoreReply

    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, None))
        work.step("score")
        demand = risk.score(inputs, merged.settings.risk, work)
        work.step("write")
        show.write_demand(demand, inputs.areas, out)
    by_spot = demand.expected.sum(axis=1)
    reply = ScoreReply(
        out=str(out),
        spots=len(demand.spots),
        areas=len(inputs.areas),
        expected_offences_per_year=float(by_spot.sum()),
        by_offence=dict(zip(demand.groups, demand.expected.sum(axis=0).tolist(), strict=True)),
        by_measure={str(m): float(by_spot[at].sum()) for m, at in demand.spots.groupby("measure").indices.items()},
        notes=_notes([*inputs.notes, *demand.notes]),
        seconds=round(work.elapsed_seconds, 1),
    )
    lines = [[_offence(g), f"{v:,.1f}"] for g, v in reply.by_offence.items()]
    lines.append([_t("cli.sum"), f"{reply.expected_offences_per_year:,.1f}"])
    heads = [_t("cli.head.offence"), _t("cli.head.expected")]
    _answer(reply, json, lambda: _table(heads, lines), lambda: _print_notes(reply.notes), lambda: print(out))


@app.command(help=_t("cli.plan.help"))
def plan(
    town: TownPath,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help=_t("cli.seconds"))] = None,
    out: Annotated[Path, typer.Option(help=_t("cli.plan.out"))] = Path("out"),
    json: Json = False,
) -> None:
    """A funded camera plan with a proven bound, as files."""
    from planner import show, study
    from planner.replies import PlanReply

    with _running(seconds) as work:
        made = study.make(town, _layers(settings, budget_yen), work)
        work.step("write")
        files = show.write_all(made, out, LANG)
    _answer(PlanReply.of(made, [str(f) for f in files]), json, lambda: _print_plan(made, files))


@app.command(help=_t("cli.frontier.help"))
def frontier(
    town: TownPath,
    out: Annotated[Path, typer.Option(help=_t("cli.frontier.out"), metavar="FILE.csv")],
    steps: Annotated[int, typer.Option(min=1, max=500, help=_t("cli.frontier.steps"))] = 50,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Value and bound over the municipal budget."""
    from planner import show, study
    from planner.replies import FrontierPointReply, FrontierReply

    layers = (*_layers(settings, budget_yen), ("flag", {"siting": {"frontier_steps": steps}}))
    with _running() as work:
        made = study.make(town, layers, work)
    points = [FrontierPointReply(**p.model_dump(exclude={"offer_ids"})) for p in made.frontier]
    show.write_frontier(made, out, LANG)
    reply = FrontierReply(out=str(out), points=points, seconds=made.run.seconds)
    lines = [
        [f"{p.municipality_yen:,}", f"{p.value:.2f}", f"{p.bound:.2f}", f"{p.gap:.1%}", _t(f"status.{p.status}")]
        for p in points
    ]
    heads = [_t(f"cli.head.{h}") for h in ("municipality_yen", "value", "bound", "gap", "status")]
    _answer(reply, json, lambda: _table(heads, lines), lambda: print(out))


@app.command(help=_t("cli.export.help"))
def export(
    plan: PlanPath,
    format: Annotated[Literal["geojson", "gpkg", "csv", "xlsx", "html"], typer.Option(help=_t("cli.export.format"))],  # noqa: A002
    out: Annotated[Path | None, typer.Option(help=_t("cli.export.out"))] = None,
    json: Json = False,
) -> None:
    """Write a stored plan in another format."""
    from planner import show
    from planner.replies import ExportReply

    stored = show.load(plan)
    stem = "plan" if format in ("html", "xlsx", "gpkg") else "sites"
    files = show.export(stored, out or plan.parent / f"{stem}.{format}", format, LANG)
    reply = ExportReply(plan_id=stored.plan_id, files=[str(f) for f in files])
    _answer(reply, json, lambda: print(*reply.files, sep="\n"))


@app.command(help=_t("cli.compare.help"))
def compare(first: PlanPath, second: PlanPath, json: Json = False) -> None:
    """What the second plan changes against the first."""
    from planner import plan as plans
    from planner import show
    from planner.replies import CompareReply

    reply = CompareReply(**plans.compare(show.load(first), show.load(second)).model_dump())
    lines = [[_t(f"cli.compare.{k}"), _figure(v)] for k, v in reply.model_dump().items()]
    _answer(reply, json, lambda: _table([_t("cli.head.item"), _t("cli.head.difference")], lines))


@app.command(help=_t("cli.verify.help"))
def verify(plan: PlanPath, town: TownPath, json: Json = False) -> None:
    """Count a stored plan again on the town's files and prove its bound anew."""
    from planner import show, study
    from planner.replies import VerifyReply

    stored = show.load(plan)
    with _running() as work:
        verdict = study.verify(stored, town, work)
    reply = VerifyReply(**verdict.model_dump())
    sentence = _t("cli.verify.fine", value=verdict.stored_value, bound=verdict.stored_bound, again=verdict.bound_again)
    _answer(reply, json, lambda: print(sentence))


@app.command(help=_t("cli.programmes.help"))
def programmes(
    file: Annotated[Path, typer.Argument(help=_t("cli.programmes.file"), metavar="FILE")],
    fiscal_year: Annotated[int | None, typer.Option(min=2000, max=2100, help=_t("cli.programmes.fiscal_year"))] = None,
    json: Json = False,
) -> None:
    """The programmes of a file, and what is unknown in each."""
    from planner import ingest
    from planner.programmes import fiscal_year_today
    from planner.replies import ProgrammesReply

    year = fiscal_year or fiscal_year_today()
    found = [_programme_reply(p, year) for p in ingest.read_programme_file(file)]
    reply = ProgrammesReply(file=file.name, programmes=found)
    lines = [
        [
            p.id,
            p.name_ja if LANG == "ja" else p.name_en,
            p.rate or "-",
            _t("cli.yes" if p.priceable else "cli.no"),
            _fields(p.missing),
            _fields(p.unknown),
        ]
        for p in found
    ]
    heads = [_t(f"cli.head.{h}") for h in ("id", "programme", "rate", "priceable", "missing", "unknown")]
    _answer(reply, json, lambda: _table(heads, lines))


@app.command(help=_t("cli.subsidy.help"))
def subsidy(
    file: Annotated[Path, typer.Argument(help=_t("cli.subsidy.file"), metavar="FILE")],
    id: Annotated[str, typer.Option("--id", help=_t("cli.subsidy.id"))],  # noqa: A002
    cost: Annotated[
        str, typer.Option("--cost", help=_t("cli.subsidy.cost"), metavar="camera=150000,installation=90000")
    ],
    when: Annotated[
        list[str] | None, typer.Option("--when", help=_t("cli.subsidy.when"), metavar="own_pole=true")
    ] = None,
    fiscal_year: Annotated[int | None, typer.Option(min=2000, max=2100, help=_t("cli.subsidy.fiscal_year"))] = None,
    json: Json = False,
) -> None:
    """One subsidy worked out step by step: one camera at one site in one application."""
    from planner import funding, ingest
    from planner.errors import InputError
    from planner.programmes import fiscal_year_today
    from planner.replies import StepReply, SubsidyReply
    from planner.settings import nearest

    known = {p.id: p for p in ingest.read_programme_file(file)}
    if id not in known:
        near = nearest(id, list(known))
        raise InputError("programme_not_in_file", f"{file.name}: {id}", file=file.name, id=id, nearest=near)
    costs = funding.costs_of(cost)
    worked = funding.work_out(known[id], costs, funding.circumstances(when or (), costs))
    reply = SubsidyReply(
        id=id,
        eligible_yen=worked.eligible_yen,
        subsidy_yen=worked.subsidy_yen,
        payers=dict(worked.payers),
        steps=[StepReply(**vars(step)) for step in worked.steps],
        notes=_notes([*_doubts(known[id], fiscal_year or fiscal_year_today()), *worked.notes]),
    )
    lines = [[_t(f"subsidy_rule.{s.rule}"), f"{s.before_yen:,}", f"{s.after_yen:,}"] for s in reply.steps]
    lines += [[_t(f"payer.{name.removesuffix('_yen')}"), "", f"{yen:,}"] for name, yen in reply.payers.items() if yen]
    heads = [_t(f"cli.head.{h}") for h in ("rule", "before_yen", "after_yen")]
    _answer(reply, json, lambda: _table(heads, lines), lambda: _print_notes(reply.notes))


@app.command(help=_t("cli.example.help"))
def example(
    folder: Annotated[Path, typer.Argument(help=_t("cli.example.folder"), metavar="DIR")],
    seed: Annotated[int, typer.Option(min=0, help=_t("cli.example.seed"))] = 1,
    people: Annotated[int, typer.Option(help=_t("cli.example.people"))] = 60_000,
    json: Json = False,
) -> None:
    """Write a made-up town folder."""
    from planner import example as made_up
    from planner.replies import ExampleReply

    made_up.write(folder, seed, people)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    size = sum(f.stat().st_size for f in files)
    reply = ExampleReply(folder=str(folder), seed=seed, people=people, files=[str(f) for f in files], bytes=size)
    told = _t("cli.example.done", folder=folder, files=len(files), megabytes=size / 1e6)
    _answer(reply, json, lambda: print(told))


@app.command(help=_t("cli.doctor.help"))
def doctor(json: Json = False) -> None:
    """Whether this installation is whole."""
    from planner.selfcheck import examine

    reply = examine(_ASSETS)
    lines = [[c.name, _t("cli.doctor.ok") if c.ok else _t("cli.doctor.bad"), c.detail] for c in reply.checks]
    heads = [_t("cli.head.item"), _t("cli.head.status"), _t("cli.head.detail")]
    _answer(reply, json, lambda: _table(heads, lines))
    if not reply.ok:
        raise typer.Exit(1)


def _layers(settings: Path | None, budget_yen: int | None) -> tuple[tuple[str, dict[str, Any]], ...]:
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
def _running(seconds: float | None = None) -> Iterator[Work]:
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
            bar.update(task, description=_t(f"progress.{stage}"), completed=done, total=total or None)

        work = Work(report, seconds)
        signal.signal(signal.SIGINT, _stopper(work))
        yield work


def _stopper(work: Work) -> Callable[[int, Any], None]:
    def stop(_signal: int, _frame: Any) -> None:
        if work.stopped:
            raise KeyboardInterrupt
        work.stop()

    return stop


def _answer(reply: BaseModel, as_json: bool, *in_words: Callable[[], None]) -> None:
    """One JSON value on one line, or words."""
    if as_json:
        sys.stdout.write(reply.model_dump_json() + "\n")
    else:
        for show in in_words:
            show()


def _notes(notes: Iterable[Any]) -> list[NoteReply]:
    """Notes of the inputs, or remarks of a plan, with their sentences."""
    from planner.plan import Remark, remark
    from planner.replies import NoteReply
    from planner.show import sentence

    remarks = [n if isinstance(n, Remark) else remark(n) for n in notes]
    return [NoteReply(code=r.code, sentence=sentence(r, LANG), values=r.values) for r in remarks]


def _doubts(programme: Programme, fiscal_year: int) -> list[Any]:
    """What is doubtful about a programme in a fiscal year, as notes."""
    from planner.errors import Note

    told = {
        "id": programme.id,
        "year": fiscal_year,
        "years": programme.years_note or "-",
        "status": programme.status or "-",
    }
    return [Note(code, told) for code in programme.standing_in(fiscal_year)]


def _programme_reply(programme: Programme, fiscal_year: int) -> ProgrammeReply:
    """One line of ``programmes``."""
    from planner.replies import ProgrammeReply

    return ProgrammeReply(
        **programme.model_dump(mode="json", include=set(ProgrammeReply.model_fields) - {"notes"}),
        priceable=not programme.missing,
        missing=list(programme.missing),
        unknown=list(programme.unknown),
        notes=_notes(_doubts(programme, fiscal_year)),
    )


def _fields(names: Iterable[str]) -> str:
    """Names of programme fields in words."""
    return ("、" if LANG == "ja" else ", ").join(_t(f"programme_field.{name}") for name in names)


def _print_notes(notes: list[NoteReply]) -> None:
    print(_t("cli.notes"))
    for note in notes:
        print("-", note.sentence)


def _offence(group: str) -> str:
    from planner.assumptions import rows

    return next((r[f"name_{LANG}"] for r in rows("offences") if r["offence"] == group), group)


def _figure(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return _t("cli.yes") if value else _t("cli.no")
    if isinstance(value, list):
        return f"{len(value)}: {', '.join(map(str, value[:5]))}" if value else "0"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _print_plan(made: Plan, files: list[Path]) -> None:
    """The plan in a few lines, value by offence first."""
    lines = [
        [
            _offence(o.offence_group),
            f"{o.expected_per_year:,.1f}",
            f"{o.before_per_year:,.2f}",
            f"{o.after_per_year:,.2f}",
        ]
        for o in made.offences
    ]
    _table([_t(f"cli.head.{h}") for h in ("offence", "expected", "before", "after")], lines)
    payers = made.payers
    print(
        _t("cli.plan.value", value=made.value, bound=made.bound, gap=made.gap * 100, status=_t(f"status.{made.status}"))
    )
    print(
        _t(
            "cli.plan.sites",
            sites=len(made.sites),
            cameras=made.cameras,
            total=made.total_yen,
            running=made.running_yen_per_year,
        )
    )
    print(_t("cli.plan.payers", **payers.model_dump()))
    print(_t("cli.plan.took", seconds=made.run.seconds))
    _print_notes(_notes(made.notes))
    print(*files, sep="\n")


def _table(heads: list[str], lines: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads)
    for line in lines:
        table.add_row(*line)
    Console().print(table)


def _refuse(error: PlannerError, as_json: bool) -> int:
    """Say what is wrong, with what values, and what to do; the exit code."""
    from planner.replies import ErrorReply, fault_reply

    faults = [fault_reply(f.code, f.values, LANG) for f in error.faults]
    if as_json:
        reply = ErrorReply(error=error.code, exit_code=error.exit_code, faults=faults)
        sys.stdout.write(reply.model_dump_json(fallback=str) + "\n")
    for fault in faults:
        sys.stderr.write(fault.sentence + "\n")
    return error.exit_code


def main() -> None:
    """Run a command; never show a traceback (``PLANNER_DEBUG=1`` does, for developers)."""
    as_json = "--json" in sys.argv
    try:
        app()
    except PlannerError as error:
        sys.exit(_refuse(error, as_json))
    except KeyboardInterrupt:
        sys.exit(_refuse(StoppedError("stopped_without_plan", "stopped"), as_json))
    except Exception as error:
        if os.environ.get("PLANNER_DEBUG"):
            raise
        fault = PlannerError("internal_error", str(error), kind=type(error).__name__, detail=str(error)[:300])
        sys.exit(_refuse(fault, as_json))
