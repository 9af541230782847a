"""Parts of a page with a script of their own: the browser fetches it once by its address, a step sends only what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from planner.app.drawn import write

_HERE = Path(__file__).parent
# a component's script travels with each drawing of it; this one only calls the real one, which stays in the browser
_CALL = """export default (given) => {
  const data = JSON.parse(new TextDecoder().decode(given.data));
  import(new URL(data.part, location.href)).then((part) => part.default({ ...given, data }))
    .catch(() => { given.parentElement.querySelector("[role=region]").append(data.failed ?? ""); });
};"""


def draw(
    name: str, html: str, values: Mapping[str, Any], key: str, written: Mapping[str, str] | None = None, **told: Any
) -> None:
    """Draw the part ``<name>.js`` with ``<name>.css`` in ``html``; ``told``: what to call when it tells something.

    ``written``: values that are JSON already, made once for all visitors (``drawn.write``).
    """
    script = address(_script(name), "text/javascript", name)
    given = {name: write(value) for name, value in {"part": script, **values}.items()} | dict(written or {})
    # as bytes: half of what the same JSON weighs with every Japanese letter escaped
    sent = "{" + ",".join(f"{write(name)}:{text}" for name, text in given.items()) + "}"
    _component(name, html)(data=sent.encode(), key=key, **told)


@st.cache_resource(show_spinner=False)
def _component(name: str, html: str) -> st.components.v2.types.ComponentRenderer:
    style = (_HERE / f"{name}.css").read_text(encoding="utf-8")
    return st.components.v2.component(f"planner_{name}", html=html, css=style, js=_CALL, isolate_styles=False)


@st.cache_resource(show_spinner=False)
def _script(name: str) -> bytes:
    return (_HERE / f"{name}.js").read_bytes()


def address(content: bytes, kind: str, name: str) -> str:
    """The address of a file for this visitor's session only (never among the public static files)."""
    return below(st.runtime.get_instance().media_file_mgr.add(content, kind, name))


def below(path: str) -> str:
    """An address of this server, also under a base path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path
