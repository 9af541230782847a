"""The glossary names every table and every word that a table may hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from planner import frames

GLOSSARY = (Path(__file__).parent.parent / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", GLOSSARY, flags=re.MULTILINE)


def test_every_table_and_word_is_explained() -> None:
    words = {*frames.TABLES, *frames.ACTION_KINDS, *frames.MEASURES, *frames.PRECISIONS, *frames.PLACE_KINDS}
    words |= {*frames.MATCH_LEVELS}
    words |= {
        *frames.MOUNT_KINDS,
        *frames.USES,
        *frames.TARGET_KINDS,
        *frames.COST_CATEGORIES,
        *frames.PAYERS,
        *get_args(frames.Status),
    }
    assert words - {code for code, *_ in ROWS} == set()


def test_no_word_twice_and_none_left_empty() -> None:
    codes = [code for code, *_ in ROWS]
    assert len(codes) == len(set(codes))
    assert all(part.strip() for row in ROWS for part in row)
