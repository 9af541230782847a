"""Words for offences: ours, official names, the modus of police data, file slugs; a word that is none of them is asked."""

from __future__ import annotations

import re
from functools import cache

from planner.errors import InputError, Question
from planner.ingest import words
from planner.ingest.cells import Cells
from planner.ingest.ledger import Ledger
from planner.ingest.paths import Found
from planner.ingest.vocabulary import offence_words
from planner.settings import nearest

_ASKED = 60  # different unknown words: the crime statistics name some 50 kinds of penal offence, and spellings vary
NONE = "none"  # the answer: no offence that is planned for
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_BLANKS = re.compile(r"[\s・]+")


def comparable(text: str) -> str:
    """A word for an offence in the form in which spellings agree: ﾋｯﾀｸﾘ, ヒッタクリ, 車上狙い."""
    plain = _BLANKS.sub("", words.folded(text).lower()).translate(_KATAKANA)
    return plain.replace("狙い", "ねらい").replace("盗難", "盗")


@cache
def spellings() -> dict[str, str]:
    """Comparable text -> offence, of everything that `vocabulary.offence_words` knows."""
    return {comparable(text): offence for text, offence in offence_words().items()}


def slug_offence(found: Found) -> str:
    """The offence that a file's name ends in ("" when none)."""
    stem, known = found.path.stem.lower(), spellings()
    hits = [word for word in known if word.isascii() and stem.endswith(word)]
    return known[max(hits, key=len)] if hits else ""


def read_offences(cells: Cells, found: Found, ledger: Ledger) -> tuple[list[str], list[str]]:
    """Offences and reasons (``offence_unknown``); a blank cell has the offence of the file's name.

    Every unknown word is a question of its own, ``offence_word`` (B047), with the nearest known name as proposal.

    Raises
    ------
    InputError
        ``offence_words_many``: so many that this is no column of offences.
    """
    slug = slug_offence(found)
    known = {word: spellings().get(comparable(word), "") if word else slug for word in dict.fromkeys(cells.folded)}
    unknown = [word for word, offence in known.items() if word and not offence]
    if len(unknown) > _ASKED:
        told = {"role": cells.role, "file": cells.file, "number": len(unknown), "example": unknown[0], "limit": _ASKED}
        raise InputError("offence_words_many", f"{cells.file}: {len(unknown)} unknown offences", **told)
    for word in unknown:
        known[word] = _asked(word, cells, ledger)
    offences = [known[word] for word in cells.folded]
    return offences, ["" if offence else "offence_unknown" for offence in offences]


def _asked(word: str, cells: Cells, ledger: Ledger) -> str:
    """The offence that the planner says a word means, "" for none that is planned for."""
    near = spellings().get(nearest(comparable(word), list(spellings())), NONE)
    choices = (*dict.fromkeys(spellings().values()), NONE)
    values = {"word": word, "number": list(cells.folded).count(word), "proposal": near}
    question = Question("offence_word", cells.role, cells.file, near, choices, values, about=word[:80], lasting=True)
    answer = ledger.ask(question)
    return "" if answer == NONE else answer
