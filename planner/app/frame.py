"""The frame around every page: language, title, navigation."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import data, guide, planning, risk, session, start
from planner.app.session import say

_STYLE = f"""{show.STYLE}
[data-testid="InputInstructions"] {{ display: none; }}
[data-testid="stFileUploaderDropzone"] button::after {{ white-space: nowrap; }}
.block-container {{ padding-top: 4.5rem; max-width: 1500px; }}
.card table {{ margin-top: 6px; }}
.card th {{ background: var(--shade); font-weight: 600; }}
h1 {{ font-size: 1.7rem !important; padding: 0.2rem 0 0.7rem !important; }}
h2, h3 {{ font-size: 1.25rem !important; }}
h4 {{ font-size: 1.02rem !important; margin: 0; }}
.wide td:not(.n), .small td:not(.n) {{ min-width: 8.2em; overflow-wrap: break-word; }}
[data-testid="stHtml"] p:not(.map-failed) {{ margin-bottom: 0.4rem; }}
.scroll + h4 {{ margin-top: 1.1rem; }}
ul.legend {{ padding-left: 0 !important; margin-left: 0 !important; }}
ul.legend li {{ margin: 0 !important; }}
.st-key-map, [class*='st-key-map-'] {{ min-height: 562px; gap: 0; }}
[class*='st-key-map-'] {{ min-height: 400px; }}
.map-failed {{ height: 3em; position: relative; top: 240px; margin: 0 10% -3em; text-align: center; color: var(--soft); }}
@media print {{ [data-testid="stHeader"], .stButton, .stDownloadButton, .stSlider {{ display: none; }} }}
"""


# in English alone: Chromium breaks a Japanese line after a first letter that is styled
_CAPITALS = (
    'th::first-letter, .figure span::first-letter, [data-testid="stWidgetLabel"] p::first-letter '
    "{ text-transform: uppercase; }"
)
_HERE = '[data-testid="stFileUploaderDropzone"]'
_FILE = '[data-testid="stFileChip"]'
_WRONG = f'{_FILE}:has([data-testid="stFileChipIconError"])'
_LOST = 'body:has([data-testid="stTopNavLink"][disabled]) .stDialog'  # without a server no page can be opened
# what Streamlit says of its own, in English: where, and which sentence is to stand there instead
_INSTEAD = (
    ('[data-testid="stSkipToContent"]', "app.skip"),
    (f"{_HERE} button:not({_FILE} *)", "app.choose_file"),
    (".stDialog h2", "app.no_page"),
    (".stDialog h2 + div > div", "app.no_page_shown"),
    (f"{_LOST} h2", "app.lost"),
    (f"{_LOST} h2 + div > div", "app.lost_remedy"),
)


def _own_words() -> str:
    """Streamlit's own words in the reader's language: it has no other door for them than style."""
    hidden = f"{_HERE} *:not({_FILE}, {_FILE} *), {_WRONG} *, {', '.join(where for where, _ in _INSTEAD)}"
    lines = [f"{hidden} {{ font-size: 0 !important; }}"]
    lines += [f'{where}::after {{ content: "{say(key)}"; font-size: 1rem; }}' for where, key in _INSTEAD]
    lines += [f'{_WRONG} [data-testid="stFileChipName"] {{ font-size: 0.9rem !important; }}']
    lines += [f'{_WRONG}::after {{ content: "{say("app.towns.too_large")}"; font-size: 0.9rem; color: #8a1c00; }}']
    return "\n".join(lines)


def run() -> None:
    """Draw one page."""
    session.begin()
    session.keep_choices()
    st.set_page_config(page_title=say("app.title"), layout="wide", initial_sidebar_state="collapsed")
    capitals = _CAPITALS if session.language() == "en" else ""
    st.html(f"<style>{_STYLE}\n{_own_words()}\n{capitals}</style>")
    to_start = st.Page(start.page, title=say("app.page.start"), default=True)
    to_data = st.Page(data.page, title=say("app.page.data"), url_path="data")
    to_export = st.Page(_exporting, title=say("app.page.export"), url_path="export")
    to_plan = st.Page(planning.page, title=say("app.page.plan"), url_path="plan")
    to_coverage = st.Page(_coverage, title=say("app.page.coverage"), url_path="coverage")
    to_funding = st.Page(_funding, title=say("app.page.funding"), url_path="funding")
    session.point_to(
        {"data": to_data, "plan": to_plan, "export": to_export, "coverage": to_coverage, "funding": to_funding}
    )
    page = st.navigation(
        [
            to_start,
            st.Page(lambda: st.switch_page(to_start), title=say("app.title"), url_path="start", visibility="hidden"),
            to_data,
            st.Page(risk.page, title=say("app.page.risk"), url_path="risk"),
            to_coverage,
            to_plan,
            to_funding,
            st.Page(_comparing, title=say("app.page.compare"), url_path="compare"),
            st.Page(_seen, title=say("app.page.saw"), url_path="saw"),
            st.Page(_opinions, title=say("app.page.review"), url_path="review"),
            to_export,
            st.Page(_status, title=say("app.page.status"), url_path="status"),
            st.Page(guide.page, title=say("app.page.help"), url_path="help"),
        ],
        position="top",
    )
    left, right = st.columns([5, 1], vertical_alignment="center")
    with right:
        st.radio(
            say("app.language"),
            ("ja", "en"),
            format_func=lambda code: {"ja": "日本語", "en": "English"}[code],
            key="lang",
            help=say("app.hint.lang"),
            horizontal=True,
            label_visibility="collapsed",
        )
    session.share(lang="en" if session.language() == "en" else "", town=session.own_town())
    with left:
        st.html(f'<span class="mark">{show.safe(say("show.mark"))}</span>')
    if session.missed_town():
        st.info(session.escaped(say("app.town_unknown", town=session.missed_town())))
    page.run()


# pages that need the store or compiled geometry: read when first opened, so that the first screen does not wait for them


def _coverage() -> None:
    from planner.app import coverage

    coverage.page()


def _funding() -> None:
    from planner.app import funding

    funding.page()


def _comparing() -> None:
    from planner.app import comparing

    comparing.page()


def _seen() -> None:
    from planner.app import seen

    seen.page()


def _opinions() -> None:
    from planner.app import opinions

    opinions.page()


def _exporting() -> None:
    from planner.app import exporting

    exporting.page()


def _status() -> None:
    from planner.app import status

    status.page()
