"""Commands about subsidy programmes: ``programmes``, ``subsidy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner import screen
from planner.cli.head import Json, app
from planner.screen import t


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
            p.name_ja if screen.LANG == "ja" else p.name_en,
            p.rate or "-",
            t("cli.yes" if p.priceable else "cli.no"),
            screen.fields(p.missing),
            screen.fields(p.unknown),
        ]
        for p in found
    ]
    heads = [t(f"cli.head.{h}") for h in ("id", "programme", "rate", "priceable", "missing", "unknown")]
    screen.answer(reply, json, lambda: screen.table(heads, lines))


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
    screen.answer(reply, json, lambda: screen.table(heads, lines), lambda: screen.print_notes(reply.notes))
