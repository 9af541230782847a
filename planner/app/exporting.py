"""Export and keep: save a version, take away files, each marked with who may see it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from planner import show, store
from planner.app import continuing, maps, progress, session, shelf
from planner.app.session import language, say
from planner.plan import Plan
from planner.store import Version

MIME = {
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html",
}
INTERNAL: tuple[show.Format, ...] = ("xlsx", "html", "a3", "geojson", "coverage", "gpkg", "csv", "csv_cp932")
PUBLIC: tuple[show.Format, ...] = ("public", "public_geojson")


def page() -> None:
    """A version saved, then its files."""
    progress.headed("export")
    now = shelf.plan_in_view()
    if now is not None:
        _save(now)
    found = shelf.told(lambda: shelf.chosen(say("app.export.which"), "export-version", now=now))
    if found is None:
        return
    version, plan = found
    audit = (shelf.told(shelf.audit_sha256) or "") if version is not None else ""
    if version is None:
        st.info(say("app.export.unsaved"))
    else:
        st.html(
            f'<p class="soft id">{show.safe(say("app.export.kept", sha256=version.version_sha256, audit=audit))}</p>'
        )
        continuing.offer(version, plan, "export")
    _files(say("app.export.internal"), say("app.export.internal_intro"), INTERNAL, plan, version, audit)
    lost = show.unencodable(plan, language())
    if lost:
        st.html(f"<p>{show.safe(say('app.export.unencodable', number=len(lost)))}</p>")
        heads = [say(f"app.export.{name}") for name in ("line", "heading", "text")]
        st.html(show.table(language(), heads, [(str(line), heading, text) for line, heading, text in lost]))
    _files(say("app.export.public"), say("app.export.public_intro"), PUBLIC, plan, version, audit)


def _save(plan: Plan) -> None:
    """The plan in view as the next version of a name."""
    versions = shelf.told(shelf.versions)
    if versions is None:
        return
    known = {v.plan_name: v.number for v in sorted(versions, key=lambda v: v.number)}
    with st.form("save-version", border=True):
        st.html(f"<p>{show.safe(say('app.export.save_intro'))}</p>")
        left, middle, right = st.columns([3, 2, 3])
        name = left.text_input(
            say("app.export.name"),
            key="version-name",
            help=say("app.hint.version_name"),
            placeholder=say("app.export.name_example"),
        )
        author = middle.text_input(say("app.export.author"), key="version-author", help=say("app.hint.author"))
        remark = right.text_input(say("app.export.remark"), key="version-remark", help=say("app.hint.remark"))
        sent = st.form_submit_button(say("app.export.save"))
    seen = st.session_state.setdefault("version-seen", known)
    if sent and not (name.strip() and author.strip()):
        st.error(say("app.export.name_missing"))
    elif sent:
        base = seen.get(name.strip(), 0)

        def kept() -> Version:
            with store.opened() as opened:
                return opened.save(plan, name, base, author.strip(), remark.strip())

        version = shelf.told(kept)
        st.session_state["version-seen"] = {**known, **({version.plan_name: version.number} if version else {})}
        if version is not None:
            st.session_state["export-version"] = version  # its files are what is wanted next
            st.success(session.escaped(say("app.export.saved", name=version.plan_name, number=version.number)))


def _files(
    heading: str, intro: str, formats: tuple[show.Format, ...], plan: Plan, version: Version | None, audit: str
) -> None:
    """One button a file, with what it holds."""
    st.subheader(heading, anchor=False)
    st.html(f"<p>{show.safe(intro)}</p>")
    ground = maps.ground_of(plan)
    stem = plan.plan_id[:12] if version is None else f"{version.plan_id[:8]}_{version.number:02d}"
    for place, form in zip(st.columns(2) * (len(formats) // 2 + 1), formats, strict=False):
        name = show.file_name(form)
        suffix = name[name.rindex(".") :]
        place.download_button(
            say(f"app.export.file_{form}"),
            partial(show.content, plan, form, language(), audit, ground),
            file_name=f"{name.removesuffix(suffix)}_{stem}{suffix}",
            mime=MIME[suffix],
            on_click="ignore",
            key=f"file-{form}",
            help=say(f"app.export.help_{form}"),
            width="stretch",
        )
