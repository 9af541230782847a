"""Commands that read a stored plan: ``export``, ``compare``, ``why``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from planner import screen
from planner.cli.head import Json, KeptIn, PlanPath, app, audit_of
from planner.errors import SettingsError
from planner.screen import t

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


@app.command(help=t("cli.export.help"))
def export(
    plan: PlanPath,
    format: Annotated[ExportFormat, typer.Option(help=t("cli.export.format"))],  # noqa: A002
    out: Annotated[Path | None, typer.Option(help=t("cli.export.out"))] = None,
    store: KeptIn = None,
    json: Json = False,
) -> None:
    """Write a stored plan in another format."""
    from planner import show
    from planner.replies import CellReply, ExportReply

    stored = show.load(plan)
    to = out or plan.parent / show.file_name(format)
    files = show.export(stored, to, format, screen.LANG, show.load_ground(plan.parent), audit_of(stored, store))
    lost = show.unencodable(stored, screen.LANG) if format == "csv_cp932" else []
    reply = ExportReply(
        plan_id=stored.plan_id,
        files=[str(f) for f in files],
        unencodable=[CellReply(line=line, heading=heading, text=text) for line, heading, text in lost],
    )
    told = [t("cli.export.unencodable", line=c.line, heading=c.heading, text=c.text) for c in reply.unencodable]
    screen.answer(reply, json, lambda: print(*reply.files, *told, sep="\n"))


@app.command(help=t("cli.compare.help"))
def compare(first: PlanPath, second: PlanPath, json: Json = False) -> None:
    """What the second plan changes against the first."""
    from planner import plan as plans
    from planner import show
    from planner.replies import ChangeReply, CompareReply

    one, two = show.load(first), show.load(second)
    changed = [
        ChangeReply(**c.model_dump(), sentence=show.change_sentence(one, two, c, screen.LANG))
        for c in plans.changes(one, two)
    ]
    reply = CompareReply(**plans.compare(one, two).model_dump(), changes=changed)
    lines = [[t(f"cli.compare.{k}"), screen.figure(v)] for k, v in reply.model_dump(exclude={"changes"}).items()]
    screen.answer(
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
        told = [show.why(stored, place, screen.LANG)]
    elif not place and lon is not None and lat is not None:
        told = show.why_at(stored, lon, lat, screen.LANG)
    else:
        raise SettingsError("why_without_place", "either --place, or --lon and --lat")
    parts = {p.place_id: p for p in stored.advice.places} if stored.advice else {}
    reply = WhyReply(
        plan_id=stored.plan_id,
        places=[PlaceReply(**vars(one), place=None if one.site_id else parts[one.place_id]) for one in told],
    )
    screen.answer(reply, json, lambda: screen.print_why(reply))
