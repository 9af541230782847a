"""What the first visitor would wait for: the code of the pages, read before the server listens, and the served town's study."""

from __future__ import annotations

import gc

from planner.app import comparing, coverage, exporting, frame, funding, kept, opinions, seen, session, status
from planner.text import LANGUAGES

PAGES = (  # read when this is: each takes a tenth of a second or two
    comparing,
    coverage,
    exporting,
    frame,
    funding,
    opinions,
    seen,
    status,
)


def study() -> None:
    """Read the kept study, then tell Python that all this stays: what lasts is not walked over whenever memory is collected."""
    root = kept.cache_folder()
    known = kept.find(root, kept.question_of(session.served_town(), [])) if root.is_dir() else None
    if known is not None:
        for language in LANGUAGES:
            session.spec_of(str(known.folder), None, language)
            session.drawn_of(str(known.folder), None, language)
    gc.collect()
    gc.freeze()
