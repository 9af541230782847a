"""Commands about what cameras see: ``look``, ``saw``, ``gaps``, ``optics``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from planner import screen
from planner.cli.head import Json, SettingsFile, TownPath, app, running, wished
from planner.errors import SettingsError
from planner.screen import t

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


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
    from planner import show, study, trying
    from planner.replies import LookedReply, LookReply

    if bool(camera) == bool(site):
        raise SettingsError("look_without_place", "either --camera or --site")
    with running() as work:
        inputs, merged = wished(town, work, settings)
        on = trying.stage(study.prepare(inputs, merged.settings, work), merged.settings)
        seen = trying.look(on, camera, site, height_m, bearing_deg, model)
    files = [] if out is None else show.write_look(seen, out)
    reply = LookReply(views=[LookedReply.of(one) for one in seen], files=[str(f) for f in files])
    shown = [lines for one in seen for lines in show.look_lines(one, screen.LANG)]
    told = show.gain_sentence(seen, screen.LANG)
    screen.answer(reply, json, lambda: screen.print_records(shown), lambda: print(told, *reply.files, sep="\n"))


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
    from planner import show, tracing
    from planner.replies import SawReply

    with running() as work:
        inputs, merged = wished(town, work, settings)
        found = tracing.saw(inputs, merged.settings, lon, lat, at, tracing.now())
    said, heads, lines, procedure = show.sightings_lines(found, screen.LANG)
    reply = SawReply.of(found, procedure)
    screen.answer(
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
    from planner import show, study, trying
    from planner.replies import GapReply, GapsReply

    with running() as work:
        inputs, merged = wished(town, work, settings)
        unseen, areas = trying.gaps(study.prepare(inputs, merged.settings, work), merged.settings)
    files = [] if out is None else show.write_gaps(unseen, areas, inputs.areas, out)
    place, lost = (sum(values[n] for values in areas.values()) for n in (0, 1))
    written = [str(f) for f in files]
    told = {a: GapReply(place_per_year=p, unseen_per_year=u) for a, (p, u) in areas.items()}
    reply = GapsReply(mark=show.MARK, place_per_year=place, unseen_per_year=lost, areas=told, files=written)
    names = dict(zip(inputs.areas["area_id"], inputs.areas["name"], strict=True))
    ordered = sorted(areas.items(), key=lambda item: -item[1][1])
    lines = [[names[a], f"{p:,.2f}", f"{u:,.2f}"] for a, (p, u) in ordered]
    heads = [t(f"today.{h}") for h in ("area", "place", "unseen")]
    screen.answer(
        reply,
        json,
        lambda: print(t("show.mark")),
        lambda: screen.table(heads, [*lines, [t("cli.sum"), f"{place:,.2f}", f"{lost:,.2f}"]]),
        lambda: print(*written, sep="\n"),
    )


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
    screen.answer(reply, json, lambda: screen.table([t(f"cli.head.{n}") for n in names], lines), lambda: print(told))
