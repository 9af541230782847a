"""``planner store``: plans kept for good, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner import screen
from planner.screen import t
from planner.text import dates

if TYPE_CHECKING:
    from planner.replies import SoundnessReply

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help=t("cli.json"))]
At = Annotated[Path | None, typer.Option("--store", help=t("cli.store.store"), metavar="FILE.sqlite")]
Name = Annotated[str, typer.Argument(help=t("cli.store.name"), metavar="NAME")]
Number = Annotated[int | None, typer.Option("--number", min=1, help=t("cli.store.number"))]


@app.command(help=t("cli.store.save.help"))
def save(
    plan: Annotated[Path, typer.Argument(help=t("cli.plan_file"), metavar="PLAN")],
    name: Name,
    author: Annotated[str, typer.Option(help=t("cli.store.save.author"))],
    base: Annotated[int | None, typer.Option(min=0, help=t("cli.store.save.base"))] = None,
    remark: Annotated[str, typer.Option(help=t("cli.store.save.remark"))] = "",
    store: At = None,
    json: Json = False,
) -> None:
    """Save a plan as the next version of a name."""
    from planner import show
    from planner.replies import VersionReply
    from planner.store import opened

    document = show.load(plan)
    with opened(store) as shelf:
        known = [v.number for v in shelf.versions(name)]
        saved = shelf.save(document, name, max(known, default=0) if base is None else base, author, remark)
    reply = VersionReply.of(saved)
    told = t("cli.store.save.done", name=saved.plan_name, number=saved.number, sha256=saved.version_sha256)
    screen.answer(reply, json, lambda: print(told))


@app.command("list", help=t("cli.store.list.help"))
def list_(store: At = None, json: Json = False) -> None:
    """Every version of every plan."""
    from planner.replies import VersionReply, VersionsReply
    from planner.store import default_path, opened

    with opened(store, must_exist=True) as shelf:
        found = shelf.versions()
    reply = VersionsReply(store=str(store or default_path()), versions=[VersionReply.of(v) for v in found])
    heads = [t(f"cli.head.{h}") for h in ("plan", "version", "author", "saved_at", "plan_id", "remark")]
    lines = [
        [v.plan_name, str(v.number), v.author, dates.moment(screen.LANG, v.saved_at), v.plan_id[:12], v.remark]
        for v in found
    ]
    screen.answer(reply, json, lambda: screen.table(heads, lines))


@app.command("show", help=t("cli.store.show.help"))
def show_(
    name: Name,
    number: Number = None,
    out: Annotated[Path | None, typer.Option(help=t("cli.store.show.out"), metavar="FILE.json")] = None,
    store: At = None,
    json: Json = False,
) -> None:
    """One version, the answers to it, and its plan as a file."""
    from planner import show
    from planner.replies import AnswerReply, StoredReply, VersionReply
    from planner.store import opened

    with opened(store, must_exist=True) as shelf:
        version = shelf.version(name, number)
        document = shelf.load(version)
        answers = shelf.reviews(version)
    if out is not None:
        show.save(document, out)
    reply = StoredReply(
        version=VersionReply.of(version),
        reviews=[AnswerReply.of(answer) for answer in answers],
        out=None if out is None else str(out),
    )
    heads = [t(f"cli.head.{h}") for h in ("site", "opinion", "station", "answered_on", "comment", "upload")]
    lines = [
        [
            a.site_id or "-",
            t(f"opinion.{a.opinion}"),
            a.station,
            dates.day(screen.LANG, a.answered_on),
            a.comment,
            a.upload_sha256 or "-",
        ]
        for a in answers
    ]
    told = t("cli.store.save.done", name=version.plan_name, number=version.number, sha256=version.version_sha256)
    screen.answer(reply, json, lambda: print(told), lambda: screen.table(heads, lines))


@app.command(help=t("cli.store.upload.help"))
def upload(
    sha256: Annotated[str, typer.Argument(help=t("cli.store.upload.sha256"), metavar="SHA256")],
    out: Annotated[Path, typer.Option(help=t("cli.store.upload.out"), metavar="FILE")],
    store: At = None,
    json: Json = False,
) -> None:
    """Write a file that answers came in as it came."""
    from planner.replies import UploadReply
    from planner.show import put
    from planner.store import opened

    with opened(store, must_exist=True) as shelf:
        kept = shelf.upload(sha256)
    put({out: kept.content})
    reply = UploadReply(sha256=kept.sha256, name=kept.name, author=kept.author, kept_at=kept.kept_at, out=str(out))
    screen.answer(reply, json, lambda: print(t("cli.store.upload.done", name=kept.name, out=out)))


@app.command(help=t("cli.store.verify.help"))
def verify(
    audit_hash: Annotated[str, typer.Option(help=t("cli.store.verify.audit_hash"), metavar="SHA256")] = "",
    store: At = None,
    json: Json = False,
) -> None:
    """Compute every hash of the store anew."""
    from planner.replies import SoundnessReply
    from planner.store import examine, opened

    with opened(store, must_exist=True) as shelf:
        found = examine(shelf, audit_hash)
        reply = SoundnessReply.of(shelf.path, found, screen.notes(found.faults))
    _answer_sound(reply, json)


@app.command(help=t("cli.store.backup.help"))
def backup(
    to: Annotated[Path, typer.Argument(help=t("cli.store.backup.to"), metavar="FILE.sqlite")],
    store: At = None,
    json: Json = False,
) -> None:
    """Copy the store, which may be in use, into one new file."""
    from planner import store as room
    from planner.replies import SoundnessReply

    with room.opened(store, must_exist=True) as shelf:
        found = room.backup(shelf, to)
    _answer_sound(SoundnessReply.of(to, found, []), json)


@app.command(help=t("cli.store.restore.help"))
def restore(
    source: Annotated[Path, typer.Argument(help=t("cli.store.restore.source"), metavar="FILE.sqlite")],
    store: At = None,
    json: Json = False,
) -> None:
    """Put a backup in the store's place; what stood there is kept beside it."""
    from planner import store as room
    from planner.replies import RestoreReply

    path = store or room.default_path()
    found, former = room.restore(path, source)
    reply = RestoreReply(
        store=str(path),
        former=None if former is None else str(former),
        versions=found.versions,
        audit_sha256=found.audit_sha256,
    )
    told = [t("cli.store.restore.done", store=path, versions=found.versions)]
    told += [t("cli.store.restore.former", former=former)] if former else []
    screen.answer(reply, json, lambda: print("\n".join(told)))


def _answer_sound(reply: SoundnessReply, json: bool) -> None:
    """What a store holds and what is wrong with it; exit code 2 where anything is."""
    told = t(
        "cli.store.verify.done",
        store=reply.store,
        plans=reply.plans,
        versions=reply.versions,
        reviews=reply.reviews,
        sha256=reply.audit_sha256,
    )
    faults = [f"- {fault.sentence}" for fault in reply.faults] or [t("cli.store.verify.whole")]
    screen.answer(reply, json, lambda: print("\n".join([told, *faults])))
    if reply.faults:
        raise typer.Exit(2)
