"""Words for offences, and which of them is a part of which: what count tables need to add nothing up twice."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from planner import assumptions
from planner.errors import Question
from planner.ingest.ledger import Ledger
from planner.ingest.words import SHIPPED, folded

UNUSED = "-"  # the answer: this word is no offence that a plan deals with


@dataclass(frozen=True)
class Word:
    """What a heading of a count table means: our offence ("" none of ours), and the wholes it is a part of, nearest first."""

    offence: str
    part_of: tuple[str, ...] = ()


@cache
def shipped_words() -> Mapping[str, Word]:
    """``shipped/offence_words.csv``: the headings of official tables."""
    with (SHIPPED / "offence_words.csv").open(encoding="utf-8", newline="") as file:
        return {
            folded(row["word"]).lower(): Word(row["offence"], tuple(folded(w).lower() for w in row["part_of"].split()))
            for row in csv.DictReader(file)
        }


@cache
def offence_words() -> Mapping[str, str]:
    """Folded text -> offence: our word, the Japanese and the English name, the modus of police data, file slugs."""
    known = {text: word.offence for text, word in shipped_words().items() if word.offence}
    for row in assumptions.rows("offences"):
        for text in (row["offence"], row["name_ja"], row["name_en"], row["modus_ja"], *row["slugs"].split()):
            known[folded(text).lower()] = row["offence"]
    known.pop("", None)
    return known


@cache
def count_words() -> Mapping[str, Word]:
    """Everything a count table may call an offence, those that no plan deals with included."""
    return {text: Word(offence) for text, offence in offence_words().items()} | dict(shipped_words())


def kin(offences: Iterable[str]) -> frozenset[str]:
    """The offences given and those that are a part or a whole of one of them (侵入窃盗 and 空き巣)."""
    related = set(offences)
    words = shipped_words()
    for word in words.values():
        wholes = {words[w].offence for w in word.part_of if w in words and words[w].offence}
        if word.offence and related & (wholes | {word.offence}):
            related |= wholes | {word.offence}
    return frozenset(related)


def asked(word: str, role: str, file: str, ledger: Ledger) -> Word:
    """What an unknown word means, by the planner's answer; it holds for every later file."""
    names = {row["name_ja"]: row["offence"] for row in assumptions.rows("offences")}
    question = Question(
        "offence_for", role, file, UNUSED, (UNUSED, *names), {"word": word}, about=word, lasting=True, preview={}
    )
    return Word(names.get(ledger.ask(question), ""))
