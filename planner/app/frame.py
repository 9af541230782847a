"""The frame around every page: language, title, navigation."""

from __future__ import annotations

import streamlit as st

from planner import show
from planner.app import data, funding, guide, planning, risk, session, start
from planner.app.session import say

_STYLE = f"""{show.STYLE}
[data-testid="InputInstructions"] {{ display: none; }}
.block-container {{ padding-top: 4.5rem; max-width: 1500px; }}
.card table {{ margin-top: 6px; }}
.card th {{ background: var(--shade); font-weight: 600; }}
h1 {{ font-size: 1.7rem !important; padding: 0.2rem 0 !important; }}
h2, h3 {{ font-size: 1.25rem !important; }}
h4 {{ font-size: 1.02rem !important; margin: 0; }}
.wide td:not(.n), .small td:not(.n) {{ min-width: 8.2em; overflow-wrap: break-word; }}
.st-key-map, [class*='st-key-map-'] {{ min-height: 590px; gap: 0; }}
[class*='st-key-map-'] {{ min-height: 400px; }}
.map-failed {{ height: 3em; position: relative; top: 240px; margin: 0 10% -3em; text-align: center; color: var(--soft); }}
@media print {{ [data-testid="stHeader"], .stButton, .stDownloadButton, .stSlider {{ display: none; }} }}
"""


def run() -> None:
    """Draw one page."""
    session.begin()
    st.set_page_config(page_title=say("app.title"), layout="wide", initial_sidebar_state="collapsed")
    skip = f'[data-testid="stSkipToContent"]::after {{ content: "{say("app.skip")}"; font-size: 1rem; }}'
    here = '[data-testid="stFileUploaderDropzone"]'
    drop = f'{here} * {{ font-size: 0 !important; }}\n{here} button::after {{ content: "{say("app.choose_file")}"; font-size: 0.9rem; }}'
    wrong = '[data-testid="stFileChip"]:has([data-testid="stFileChipIconError"])'
    drop += f'\n{wrong} * {{ font-size: 0 !important; }}\n{wrong} [data-testid="stFileChipName"] {{ font-size: 0.9rem !important; }}'
    drop += f'\n{wrong}::after {{ content: "{say("app.towns.too_large")}"; font-size: 0.9rem; color: #8a1c00; }}'
    st.html(f'<style>{_STYLE}\n[data-testid="stSkipToContent"] {{ font-size: 0; }}\n{skip}\n{drop}</style>')
    to_data = st.Page(data.page, title=say("app.page.data"), url_path="data")
    to_export = st.Page(_exporting, title=say("app.page.export"), url_path="export")
    to_plan = st.Page(planning.page, title=say("app.page.plan"), url_path="plan")
    session.point_to({"data": to_data, "plan": to_plan, "export": to_export})
    page = st.navigation(
        [
            st.Page(start.page, title=say("app.page.start"), url_path="start", default=True),
            to_data,
            st.Page(risk.page, title=say("app.page.risk"), url_path="risk"),
            st.Page(_coverage, title=say("app.page.coverage"), url_path="coverage"),
            to_plan,
            st.Page(funding.page, title=say("app.page.funding"), url_path="funding"),
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
            horizontal=True,
            label_visibility="collapsed",
        )
    session.share(lang="en" if session.language() == "en" else "", town=session.own_town())
    with left:
        st.html(f'<span class="mark">{show.safe(say("show.mark"))}</span>')
    page.run()


# pages that need the store or compiled geometry: read when first opened, so that the first screen does not wait for them


def _coverage() -> None:
    from planner.app import coverage

    coverage.page()


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
