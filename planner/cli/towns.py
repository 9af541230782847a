"""Commands about a town's files and records: ``check``, ``init``, ``score``, ``records``; ``example``, ``doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner import screen
from planner.cli.head import Json, SettingsFile, TownPath, app, running, wished
from planner.errors import SettingsError
from planner.screen import t


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
    with running() as work:
        checked = checking.check(town, work, given)
    written = checking.write(checked, out, screen.LANG)
    reply = checking.reply(checked, written, screen.LANG)
    screen.answer(reply, json, lambda: screen.print_check(reply))
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
    reply = founding.reply(found, founding.write(folder, found, screen.LANG), screen.LANG)
    screen.answer(reply, json, lambda: screen.print_init(reply))


@app.command(help=t("cli.score.help"))
def score(
    town: TownPath,
    out: Annotated[Path | None, typer.Option(help=t("cli.score.out"), metavar="FILE.gpkg")] = None,
    validate: Annotated[bool, typer.Option("--validate", help=t("cli.score.validate"))] = False,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Expected offences per spot and per block, as a GeoPackage; with ``--validate`` held against the last year."""
    from planner import risk, show, telling
    from planner.plan import Remark
    from planner.replies import ScoreReply, ValidationReply

    if out is None and not validate:
        raise SettingsError("score_without_out", "neither --out nor --validate")
    with running() as work:
        inputs, merged = wished(town, work, settings)
        work.step("score")
        demand = risk.score(inputs, merged.settings.risk, work)
        if out is not None:
            work.step("write")
            show.write_demand(demand, inputs.areas, out)
        tested = telling.validation(inputs, merged.settings, work) if validate else None
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
    screen.answer(reply, json, *in_words)


@app.command(help=t("cli.records.help"))
def records(town: TownPath, json: Json = False) -> None:
    """What the records say: hours, weekdays, places, years, changes, near repeats, reporting rates."""
    from planner import risk, show, telling
    from planner.replies import RecordsReply

    with running() as work:
        inputs, merged = wished(town, work)
        work.step("score")
        demand = risk.score(inputs, merged.settings.risk, work)
        tables, notes = telling.records(inputs, demand)
    names = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
    reply = RecordsReply(tables=tables, notes=screen.notes(notes))
    shown = [
        (heading, heads, lines) for heading, heads, lines in show.records_lines(tables, names, screen.LANG) if lines
    ]
    screen.answer(reply, json, lambda: screen.print_records(shown), lambda: screen.print_notes(reply.notes))


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
    screen.answer(reply, json, lambda: print(told))


@app.command(help=t("cli.doctor.help"))
def doctor(json: Json = False) -> None:
    """Whether this installation is whole."""
    from planner.selfcheck import ASSETS, examine

    reply = examine(ASSETS)
    lines = [[c.name, t("cli.doctor.ok") if c.ok else t("cli.doctor.bad"), c.detail] for c in reply.checks]
    heads = [t("cli.head.item"), t("cli.head.status"), t("cli.head.detail")]
    screen.answer(reply, json, lambda: screen.table(heads, lines))
    if not reply.ok:
        raise typer.Exit(1)
