"""The command line: reads wishes, calls, shows; no mathematics.

Exit codes: 0 fine, 1 internal error, 2 bad input, 3 nothing fits, 130 stopped without a plan.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import tomllib
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from planner import keeping, screen
from planner.errors import InputFaults, PlannerError, SettingsError, StoppedError
from planner.screen import LANG, t
from planner.screen import answer as _answer
from planner.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator


app = typer.Typer(help=t("cli.help"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(keeping.app, name="store", help=t("cli.store.help"))

TownPath = Annotated[Path, typer.Argument(help=t("cli.town"), metavar="TOWN")]
PlanPath = Annotated[Path, typer.Argument(help=t("cli.plan_file"), metavar="PLAN")]
Json = Annotated[bool, typer.Option("--json", help=t("cli.json"))]
_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
Budget = Annotated[int | None, typer.Option("--budget-yen", min=0, help=t("cli.budget"))]
ExportFormat = Literal[
    "geojson",
    "coverage",
    "gpkg",
    "csv",
    "csv_cp932",
    "xlsx",
    "html",
    "a3",
    "public",
    "public_geojson",
    "retention",
    "hosts",
    "kpi",
    "letters",
    "letters_text",
    "prices",
    "exchanges",
    "requests",
    "places",
]  # show.Format, which cannot be imported before a command needs it: tests hold them equal
SettingsFile = Annotated[Path | None, typer.Option("--settings", help=t("cli.settings"))]


@app.command(help=t("cli.check.help"))
def check(
    town: TownPath,
    answers: Annotated[Path | None, typer.Option(help=t("cli.check.answers"), metavar="FILE.toml")] = None,
    out: Annotated[Path, typer.Option(help=t("cli.check.out"))] = Path("out"),
    json: Json = False,
) -> None:
    """Read a town and say what is refused, asked, corrected, set aside and assumed."""
    from planner import checking, ingest

    given = ingest.load_answers(answers) if answers else {}
    with _running() as work:
        checked = checking.check(town, work, given)
    written = checking.write(checked, out, LANG)
    reply = checking.reply(checked, written, LANG)
    _answer(reply, json, lambda: screen.print_check(reply))
    if reply.exit_code:
        raise typer.Exit(reply.exit_code)


@app.command(help=t("cli.init.help"))
def init(
    folder: Annotated[Path, typer.Argument(help=t("cli.init.folder"), metavar="FOLDER")],
    name: Annotated[str | None, typer.Option(help=t("cli.init.name"))] = None,
    code: Annotated[str | None, typer.Option(help=t("cli.init.code"))] = None,
    json: Json = False,
) -> None:
    """Recognise the files of a folder and write its town.toml."""
    from planner import founding

    found = founding.look(folder, name, code)
    reply = founding.reply(found, founding.write(folder, found, LANG), LANG)
    _answer(reply, json, lambda: screen.print_init(reply))


@app.command(help=t("cli.score.help"))
def score(
    town: TownPath,
    out: Annotated[Path | None, typer.Option(help=t("cli.score.out"), metavar="FILE.gpkg")] = None,
    validate: Annotated[bool, typer.Option("--validate", help=t("cli.score.validate"))] = False,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Expected offences per spot and per block, as a GeoPackage; with ``--validate`` held against the last year."""
    from planner import ingest, risk, show, study
    from planner.plan import Remark
    from planner.replies import ScoreReply, ValidationReply

    if out is None and not validate:
        raise SettingsError("score_without_out", "neither --out nor --validate")
    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, None))
        work.step("score")
        demand = risk.score(inputs, merged.settings.risk, work)
        if out is not None:
            work.step("write")
            show.write_demand(demand, inputs.areas, out)
        tested = study.validation(inputs, merged.settings, work) if validate else None
    by_spot = demand.expected.sum(axis=1)
    told = [] if tested is None else screen.notes(Remark(**note) for note in tested["notes"])
    reply = ScoreReply(
        out=None if out is None else str(out),
        spots=len(demand.spots),
        areas=len(inputs.areas),
        expected_offences_per_year=float(by_spot.sum()),
        by_offence=dict(zip(demand.groups, demand.expected.sum(axis=0).tolist(), strict=True)),
        by_measure={str(m): float(by_spot[at].sum()) for m, at in demand.spots.groupby("measure").indices.items()},
        validation=None if tested is None else ValidationReply(**{**tested, "notes": told}),
        notes=screen.notes([*inputs.notes, *demand.notes]),
        seconds=round(work.elapsed_seconds, 1),
    )
    lines = [[screen.offence(g), f"{v:,.1f}"] for g, v in reply.by_offence.items()]
    lines.append([t("cli.sum"), f"{reply.expected_offences_per_year:,.1f}"])
    heads = [t("cli.head.offence"), t("cli.head.expected")]
    in_words = [lambda: screen.table(heads, lines)]
    if tested is not None:
        in_words.append(lambda: screen.print_validation(tested))
    in_words.append(lambda: screen.print_notes(reply.notes))
    if out is not None:
        in_words.append(lambda: print(out))
    _answer(reply, json, *in_words)


@app.command(help=t("cli.records.help"))
def records(town: TownPath, json: Json = False) -> None:
    """What the records say: hours, weekdays, places, years, changes, near repeats, reporting rates."""
    from planner import ingest, risk, show, study
    from planner.replies import RecordsReply

    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs)
        work.step("score")
        demand = risk.score(inputs, merged.settings.risk, work)
        tables, notes = study.records(inputs, demand)
    names = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
    reply = RecordsReply(tables=tables, notes=screen.notes(notes))
    shown = [(heading, heads, lines) for heading, heads, lines in show.records_lines(tables, names, LANG) if lines]
    _answer(reply, json, lambda: screen.print_records(shown), lambda: screen.print_notes(reply.notes))


@app.command(help=t("cli.plan.help"))
def plan(
    town: TownPath,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help=t("cli.seconds"))] = None,
    out: Annotated[Path, typer.Option(help=t("cli.plan.out"))] = Path("out"),
    from_plan: Annotated[Path | None, typer.Option(help=t("cli.plan.from_plan"), metavar="PLAN")] = None,
    max_changes: Annotated[int | None, typer.Option(min=0, help=t("cli.plan.max_changes"))] = None,
    json: Json = False,
) -> None:
    """A funded camera plan with a proven bound, as files; with ``--from-plan`` one that keeps to an earlier plan."""
    from planner import advising, show, study
    from planner.replies import PlanReply

    if max_changes is not None and from_plan is None:
        raise SettingsError("changes_from_nothing", "--max-changes without --from-plan", max_changes=max_changes)
    earlier = None if from_plan is None else show.load(from_plan)
    layers = _layers(settings, budget_yen)
    with _running(seconds) as work:
        if earlier is None:
            made = study.make(town, layers, work)
        else:
            made = advising.keep_to(town, layers, earlier, max_changes, work)
        work.step("write")
        files = show.write_all(made, out, LANG)
    _answer(PlanReply.of(made, [str(f) for f in files]), json, lambda: screen.print_plan(made, files))


@app.command(help=t("cli.rules.help"))
def rules(town: TownPath, budget_yen: Budget = None, settings: SettingsFile = None, json: Json = False) -> None:
    """What each rule costs in covered offences."""
    from planner import ingest, study, weighing
    from planner.replies import RuleReply, RulesReply

    with _running() as work:
        inputs = ingest.read(town, work)
        wishes = study.wishes(inputs, *_layers(settings, budget_yen)).settings
        value, weighed = weighing.weigh(study.prepare(inputs, wishes, work), wishes, work)
    reply = RulesReply(value=value, rules=[RuleReply(**vars(w)) for w in weighed])
    heads = [t(f"cli.head.{h}") for h in ("rule", "limit", "cost", "interval")]
    lines = [
        [
            screen.rule(w.rule, inputs.programmes),
            w.limit,
            f"{w.cost_per_year:.2f}",
            f"{w.low_per_year:.2f}-{w.high_per_year:.2f}",
        ]
        for w in weighed
    ]
    _answer(reply, json, lambda: screen.table(heads, lines), lambda: print(t("cli.rules.value", value=value)))


@app.command(help=t("cli.frontier.help"))
def frontier(
    town: TownPath,
    out: Annotated[Path, typer.Option(help=t("cli.frontier.out"), metavar="FILE.csv")],
    steps: Annotated[int, typer.Option(min=1, max=500, help=t("cli.frontier.steps"))] = 50,
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
        [
            *(f"{p.municipality_yen:,}", f"{p.value:.2f}", f"{p.bound:.2f}", f"{p.gap:.1%}", t(f"status.{p.status}")),
            *(f"{p.marginal_per_million_yen or 0:.2f}", t("show.knee_here") if p.knee else ""),
        ]
        for p in points
    ]
    heads = [t(f"cli.head.{h}") for h in ("municipality_yen", "value", "bound", "gap", "status", "marginal", "knee")]
    _answer(reply, json, lambda: screen.table(heads, lines), lambda: print(out))


@app.command(help=t("cli.look.help"))
def look(
    town: TownPath,
    camera: Annotated[str, typer.Option("--camera", help=t("cli.look.camera"), metavar="ID")] = "",
    site: Annotated[str, typer.Option("--site", help=t("cli.look.site"), metavar="ID")] = "",
    height_m: Annotated[float | None, typer.Option(min=0.5, max=50.0, help=t("cli.look.height_m"))] = None,
    bearing_deg: Annotated[float | None, typer.Option(min=0.0, max=360.0, help=t("cli.look.bearing_deg"))] = None,
    model: Annotated[str | None, typer.Option(help=t("cli.look.model"), metavar="ID")] = None,
    out: Annotated[Path | None, typer.Option(help=t("cli.look.out"), metavar="FILE.geojson")] = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """One view closely: pixels per metre by day and night, what blocks it, what it adds; as it is or otherwise."""
    from planner import ingest, show, study
    from planner.replies import LookedReply, LookReply

    if bool(camera) == bool(site):
        raise SettingsError("look_without_place", "either --camera or --site")
    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, None))
        on = study.stage(study.prepare(inputs, merged.settings, work), merged.settings)
        seen = study.look(on, camera, site, height_m, bearing_deg, model)
    files = [] if out is None else show.write_look(seen, out)
    reply = LookReply(views=[LookedReply.of(one) for one in seen], files=[str(f) for f in files])
    shown = [lines for one in seen for lines in show.look_lines(one, LANG)]
    told = show.gain_sentence(seen, LANG)
    _answer(reply, json, lambda: screen.print_records(shown), lambda: print(told, *reply.files, sep="\n"))


@app.command(help=t("cli.saw.help"))
def saw(
    town: TownPath,
    lon: Annotated[float, typer.Option("--lon", min=-180.0, max=180.0, help=t("cli.saw.lon"))],
    lat: Annotated[float, typer.Option("--lat", min=-90.0, max=90.0, help=t("cli.saw.lat"))],
    at: Annotated[dt.datetime, typer.Option(formats=_MOMENTS, help=t("cli.saw.at"), metavar="2026-11-01T21:30")],
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Which standing camera saw a place or the ways past it, and until when its footage is kept; nothing is stored."""
    from planner import ingest, show, study, tracing
    from planner.replies import SawReply

    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, None))
        found = tracing.saw(inputs, merged.settings, lon, lat, at, tracing.now())
    said, heads, lines, procedure = show.sightings_lines(found, LANG)
    reply = SawReply.of(found, procedure)
    _answer(
        reply,
        json,
        lambda: print(*said, sep="\n"),
        lambda: screen.table(heads, lines),
        lambda: print(*procedure, sep="\n"),
    )


@app.command(help=t("cli.gaps.help"))
def gaps(
    town: TownPath,
    out: Annotated[Path | None, typer.Option(help=t("cli.gaps.out"), metavar="FILE.gpkg")] = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Where nobody sees anything today, by block; an internal document."""
    from planner import ingest, show, study
    from planner.replies import GapReply, GapsReply

    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, None))
        unseen, areas = study.gaps(study.prepare(inputs, merged.settings, work), merged.settings)
    files = [] if out is None else show.write_gaps(unseen, areas, inputs.areas, out)
    place, lost = (sum(values[n] for values in areas.values()) for n in (0, 1))
    written = [str(f) for f in files]
    told = {a: GapReply(place_per_year=p, unseen_per_year=u) for a, (p, u) in areas.items()}
    reply = GapsReply(mark=show.MARK, place_per_year=place, unseen_per_year=lost, areas=told, files=written)
    names = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
    ordered = sorted(areas.items(), key=lambda item: -item[1][1])
    lines = [[names[a], f"{p:,.2f}", f"{u:,.2f}"] for a, (p, u) in ordered]
    heads = [t(f"today.{h}") for h in ("area", "place", "unseen")]
    _answer(
        reply,
        json,
        lambda: print(t("show.mark")),
        lambda: screen.table(heads, [*lines, [t("cli.sum"), f"{place:,.2f}", f"{lost:,.2f}"]]),
        lambda: print(*written, sep="\n"),
    )


@app.command(help=t("cli.export.help"))
def export(
    plan: PlanPath,
    format: Annotated[ExportFormat, typer.Option(help=t("cli.export.format"))],  # noqa: A002
    out: Annotated[Path | None, typer.Option(help=t("cli.export.out"))] = None,
    json: Json = False,
) -> None:
    """Write a stored plan in another format."""
    from planner import show
    from planner.replies import CellReply, ExportReply

    stored = show.load(plan)
    files = show.export(stored, out or plan.parent / show.file_name(format), format, LANG)
    lost = show.unencodable(stored, LANG) if format == "csv_cp932" else []
    reply = ExportReply(
        plan_id=stored.plan_id,
        files=[str(f) for f in files],
        unencodable=[CellReply(line=line, heading=heading, text=text) for line, heading, text in lost],
    )
    told = [t("cli.export.unencodable", line=c.line, heading=c.heading, text=c.text) for c in reply.unencodable]
    _answer(reply, json, lambda: print(*reply.files, *told, sep="\n"))


@app.command(help=t("cli.compare.help"))
def compare(first: PlanPath, second: PlanPath, json: Json = False) -> None:
    """What the second plan changes against the first."""
    from planner import plan as plans
    from planner import show
    from planner.replies import ChangeReply, CompareReply

    one, two = show.load(first), show.load(second)
    changed = [
        ChangeReply(**c.model_dump(), sentence=show.change_sentence(one, two, c, LANG)) for c in plans.changes(one, two)
    ]
    reply = CompareReply(**plans.compare(one, two).model_dump(), changes=changed)
    lines = [[t(f"cli.compare.{k}"), screen.figure(v)] for k, v in reply.model_dump(exclude={"changes"}).items()]
    _answer(
        reply,
        json,
        lambda: screen.table([t("cli.head.item"), t("cli.head.difference")], lines),
        lambda: print(*(c.sentence for c in changed), sep="\n"),
    )


@app.command(help=t("cli.why.help"))
def why(
    plan: PlanPath,
    place: Annotated[str, typer.Option("--place", help=t("cli.why.place"), metavar="ID")] = "",
    lon: Annotated[float | None, typer.Option(min=-180.0, max=180.0, help=t("cli.why.lon"))] = None,
    lat: Annotated[float | None, typer.Option(min=-90.0, max=90.0, help=t("cli.why.lat"))] = None,
    json: Json = False,
) -> None:
    """Why here, or why not: from the plan file alone."""
    from planner import show
    from planner.replies import PlaceReply, WhyReply

    stored = show.load(plan)
    if place and lon is None and lat is None:
        told = [show.why(stored, place, LANG)]
    elif not place and lon is not None and lat is not None:
        told = show.why_at(stored, lon, lat, LANG)
    else:
        raise SettingsError("why_without_place", "either --place, or --lon and --lat")
    parts = {p.place_id: p for p in stored.advice.places} if stored.advice else {}
    reply = WhyReply(
        plan_id=stored.plan_id,
        places=[PlaceReply(**vars(one), place=None if one.site_id else parts[one.place_id]) for one in told],
    )
    _answer(reply, json, lambda: screen.print_why(reply))


@app.command(help=t("cli.alternatives.help"))
def alternatives(
    town: TownPath,
    number: Annotated[int, typer.Option(min=1, max=10, help=t("cli.alternatives.number"))] = 3,
    most_shared_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help=t("cli.alternatives.most_shared_share"))
    ] = 0.5,
    out: Annotated[Path, typer.Option(help=t("cli.alternatives.out"))] = Path("out"),
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """The best plan and clearly different ones near it, as plan files."""
    from planner import advising, ingest, show, study
    from planner.replies import AlternativesReply

    with _running() as work:
        inputs = ingest.read(town, work)
        merged = study.wishes(inputs, *_layers(settings, budget_yen))
        prepared = study.prepare(inputs, merged.settings, work)
        plans = list(advising.alternatives(prepared, merged, number, most_shared_share, work))
    files = [show.save(made, out / f"alternative_{at}.json") for at, made in enumerate(plans)]
    reply = AlternativesReply.of(plans, files, int(most_shared_share * len(plans[0].sites)))
    heads = [
        t(f"cli.head.{h}")
        for h in ("plan", "value", "loss", "bound", "gap", "site_number", "shared", "municipality_yen")
    ]
    lines = [
        [
            p.file,
            *(f"{v:.2f}" for v in (p.value, p.loss_per_year, p.bound)),
            f"{p.gap:.1%}",
            str(p.sites),
            str(p.shared),
            f"{p.municipality_yen:,}",
        ]
        for p in reply.plans
    ]
    _answer(reply, json, lambda: screen.table(heads, lines))


@app.command(help=t("cli.verify.help"))
def verify(plan: PlanPath, town: TownPath, json: Json = False) -> None:
    """Count a stored plan again on the town's files and prove its bound anew."""
    from planner import show, study
    from planner.replies import VerifyReply

    stored = show.load(plan)
    with _running() as work:
        verdict = study.verify(stored, town, work)
    reply = VerifyReply(**verdict.model_dump())
    sentence = t("cli.verify.fine", value=verdict.stored_value, bound=verdict.stored_bound, again=verdict.bound_again)
    _answer(reply, json, lambda: print(sentence))


@app.command(help=t("cli.cutback.help"))
def cutback(
    town: TownPath,
    plan: Annotated[Path | None, typer.Option("--plan", help=t("cli.cutback.plan"), metavar="PLAN")] = None,
    refused: Annotated[list[str] | None, typer.Option("--refused", help=t("cli.cutback.refused"), metavar="ID")] = None,
    contracts: Annotated[Path | None, typer.Option(help=t("cli.cutback.contracts"), metavar="FILE.csv")] = None,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    out: Annotated[Path, typer.Option(help=t("cli.cutback.out"))] = Path("out"),
    json: Json = False,
) -> None:
    """Cut-backs, the plan without its grant, what a tender surplus buys, the reserve list."""
    from planner import scenarios, show
    from planner.replies import CutbackReply

    prices = None if contracts is None else scenarios.read_contracts(contracts)
    with _running() as work:
        stored = None if plan is None else show.load(plan)
        made, found = scenarios.of_town(town, stored, _layers(settings, budget_yen), work, refused, prices)
        work.step("write")
        files = show.write_cutbacks(found, made, out, LANG)
    reply = CutbackReply(**found.model_dump(), files=[str(f) for f in files], seconds=round(work.elapsed_seconds, 1))
    said, tables = show.cutbacks_lines(found, made, LANG)
    _answer(
        reply,
        json,
        lambda: print(*said, sep="\n"),
        lambda: screen.print_records(tables),
        lambda: print(*reply.files, sep="\n"),
    )


@app.command(help=t("cli.programmes.help"))
def programmes(
    file: Annotated[Path, typer.Argument(help=t("cli.programmes.file"), metavar="FILE")],
    fiscal_year: Annotated[int | None, typer.Option(min=2000, max=2100, help=t("cli.programmes.fiscal_year"))] = None,
    json: Json = False,
) -> None:
    """The programmes of a file, and what is unknown in each."""
    from planner import ingest
    from planner.programmes import fiscal_year_today
    from planner.replies import ProgrammeReply, ProgrammesReply

    year = fiscal_year or fiscal_year_today()
    found = [ProgrammeReply.of(p, screen.notes(p.doubts(year))) for p in ingest.read_programme_file(file)]
    reply = ProgrammesReply(file=file.name, programmes=found)
    lines = [
        [
            p.id,
            p.name_ja if LANG == "ja" else p.name_en,
            p.rate or "-",
            t("cli.yes" if p.priceable else "cli.no"),
            screen.fields(p.missing),
            screen.fields(p.unknown),
        ]
        for p in found
    ]
    heads = [t(f"cli.head.{h}") for h in ("id", "programme", "rate", "priceable", "missing", "unknown")]
    _answer(reply, json, lambda: screen.table(heads, lines))


@app.command(help=t("cli.subsidy.help"))
def subsidy(
    file: Annotated[Path, typer.Argument(help=t("cli.subsidy.file"), metavar="FILE")],
    id: Annotated[str, typer.Option("--id", help=t("cli.subsidy.id"))],  # noqa: A002
    cost: Annotated[
        str, typer.Option("--cost", help=t("cli.subsidy.cost"), metavar="camera=150000,installation=90000")
    ],
    when: Annotated[
        list[str] | None, typer.Option("--when", help=t("cli.subsidy.when"), metavar="own_pole=true")
    ] = None,
    fiscal_year: Annotated[int | None, typer.Option(min=2000, max=2100, help=t("cli.subsidy.fiscal_year"))] = None,
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
        notes=screen.notes([*known[id].doubts(fiscal_year or fiscal_year_today()), *worked.notes]),
    )
    lines = [[t(f"subsidy_rule.{s.rule}"), f"{s.before_yen:,}", f"{s.after_yen:,}"] for s in reply.steps]
    lines += [[t(f"payer.{name.removesuffix('_yen')}"), "", f"{yen:,}"] for name, yen in reply.payers.items() if yen]
    heads = [t(f"cli.head.{h}") for h in ("rule", "before_yen", "after_yen")]
    _answer(reply, json, lambda: screen.table(heads, lines), lambda: screen.print_notes(reply.notes))


@app.command(help=t("cli.optics.help"))
def optics(
    width_px: Annotated[int, typer.Option(min=100, max=20_000, help=t("cli.optics.width_px"))],
    angle_deg: Annotated[float, typer.Option(min=1, max=360, help=t("cli.optics.angle_deg"))],
    height_m: Annotated[float, typer.Option(min=0.5, max=50, help=t("cli.optics.height_m"))] = 4.0,
    infrared_m: Annotated[float, typer.Option(min=0, max=500, help=t("cli.optics.infrared_m"))] = 0.0,
    codec: Annotated[Literal["h264", "h265", "smart"], typer.Option(help=t("cli.optics.codec"))] = "h265",
    scene: Annotated[Literal["quiet", "ordinary", "busy"], typer.Option(help=t("cli.optics.scene"))] = "ordinary",
    retention_days: Annotated[int, typer.Option(min=1, max=365, help=t("cli.optics.retention_days"))] = 7,
    json: Json = False,
) -> None:
    """What one camera can do from one height, and what it stores."""
    from planner import coverage
    from planner.replies import OpticsReply, ZoneReply

    zones = [
        ZoneReply.model_validate(row)
        for row in coverage.usable(width_px, angle_deg, height_m, infrared_m).to_dict("records")
    ]
    mbps = coverage.bitrate_mbps(width_px, codec, scene)
    day, shutter = coverage.storage_gb_per_day(mbps), coverage.shutter_s(40.0)
    reply = OpticsReply(
        zones=zones,
        bitrate_mbps=mbps,
        storage_gb_per_day=day,
        storage_gb=day * retention_days,
        shutter_s_at_40_km_h=shutter,
    )
    lines = [
        [t(f"standard.{z.standard}"), t(f"task.{z.task}"), f"{z.pixels_per_m:,.5g}", f"{z.steepest_deg:g}"]
        + [
            t("cli.optics.range", near=z.near_m, far=far) if far > z.near_m else t("cli.optics.none")
            for far in (z.far_m, z.infrared_far_m, z.lit_far_m)
        ]
        for z in zones
    ]
    names = ("standard", "task", "pixels_per_m", "steepest_deg", "by_day", "by_infrared", "in_lit_street")
    told = t("cli.optics.storage", mbps=mbps, day=day, all=reply.storage_gb, days=retention_days, shutter=1 / shutter)
    _answer(reply, json, lambda: screen.table([t(f"cli.head.{n}") for n in names], lines), lambda: print(told))


@app.command(help=t("cli.example.help"))
def example(
    folder: Annotated[Path, typer.Argument(help=t("cli.example.folder"), metavar="DIR")],
    seed: Annotated[int, typer.Option(min=0, help=t("cli.example.seed"))] = 1,
    people: Annotated[int, typer.Option(help=t("cli.example.people"))] = 60_000,
    json: Json = False,
) -> None:
    """Write a made-up town folder."""
    from planner import example as made_up
    from planner.replies import ExampleReply

    made_up.write(folder, seed, people)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    size = sum(f.stat().st_size for f in files)
    reply = ExampleReply(folder=str(folder), seed=seed, people=people, files=[str(f) for f in files], bytes=size)
    told = t("cli.example.done", folder=folder, files=len(files), megabytes=size / 1e6)
    _answer(reply, json, lambda: print(told))


@app.command(help=t("cli.doctor.help"))
def doctor(json: Json = False) -> None:
    """Whether this installation is whole."""
    from planner.selfcheck import ASSETS, examine

    reply = examine(ASSETS)
    lines = [[c.name, t("cli.doctor.ok") if c.ok else t("cli.doctor.bad"), c.detail] for c in reply.checks]
    heads = [t("cli.head.item"), t("cli.head.status"), t("cli.head.detail")]
    _answer(reply, json, lambda: screen.table(heads, lines))
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


def _refuse(error: PlannerError, as_json: bool) -> int:
    """Say what is wrong, with what values, and what to do; the exit code."""
    from planner.replies import ErrorReply, fault_reply

    faults = [fault_reply(f.code, f.values, LANG) for f in error.faults]
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
