"""Count tables laid out as figures: rows and columns may be areas, offences or periods, in any arrangement.

A long table (one figure per row) is the same thing with one column of figures. What no row or column says is taken
from what stands around the table: its titles and the name of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from planner.errors import InputError
from planner.frames import Town
from planner.ingest import words
from planner.ingest.columns import column_fault, pick
from planner.ingest.forms import recognise
from planner.ingest.geocode import Geocoder
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.names import TOTALS, municipality_name
from planner.ingest.plane import prefecture_name
from planner.ingest.spans import Period, is_provisional, month_of, period
from planner.ingest.texts import TextRows
from planner.ingest.vocabulary import Word, asked, count_words

DIMENSIONS = ("area", "offence", "period")
_COMPARISON = re.compile(r"増減|前年|比較|構成|率|割合")
_SOMEWHERE = re.compile(r"(?:以下)?(?:不明|不詳)|その他|unknown")
_TOTAL = re.compile(r"計|全市|全域|全体|total", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHOWN = 10


@dataclass(frozen=True)
class Figure:
    """One count: the row it stands in, the area as written, the offence word, the period."""

    at: int
    area: str
    word: str
    period: Period
    number: int


@dataclass
class Layout:
    """A table as figures; per row that gives none the reason (``outside``: another municipality's row)."""

    figures: list[Figure] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    meanings: dict[str, Word] = field(default_factory=dict)  # of the words of the figures


def is_total(text: str) -> bool:
    """Whether a row or column bears the name of a total."""
    return bool(TOTALS.fullmatch(text) or _TOTAL.fullmatch(text))


class _Reader:
    """What one file's headings and labels mean."""

    def __init__(self, rows: TextRows, spec: RoleSpec, town: Town, geocoder: Geocoder, ledger: Ledger) -> None:
        self.rows, self.spec, self.geocoder, self.ledger = rows, spec, geocoder, ledger
        self.labels = {our: pick(rows, "counts", our, spec.columns) for our in DIMENSIONS}
        self.number = pick(rows, "counts", "number", spec.columns)
        form = recognise(rows.headings, "counts")
        self.joined_form = form is not None and form.joined
        self.around = (rows.title, rows.file.path.stem)
        self.whole = next((p for t in self.around if (p := period(t, cumulative=self.joined_form))), None)
        self.front = municipality_name(town.name)
        self.prefecture = prefecture_name(town.code) or "\x00"
        self.words = dict(count_words())
        self.totals: list[str] = []  # headings of named totals
        self.unused: list[str] = []
        self.columns: dict[str, dict[str, str | Period]] = {}  # heading of figures -> what it says

    def own(self, label: str) -> str | None:
        """What follows the municipality's name in a label such as 千代田区丸の内1丁目; None where it is another's."""
        bare = municipality_name(label.removeprefix(self.prefecture))
        return bare.removeprefix(self.front) if self.front and bare.startswith(self.front) else None

    def is_area(self, text: str) -> bool:
        """Whether a text names an area of the municipality."""
        return bool(text) and (bool(self.geocoder.by_name(text)) or bool(self.own(text)))

    def find_labels(self) -> None:
        """The label columns that ``town.toml`` and forms do not name, by what stands in them."""
        taken = {f for t in self.spec.columns.values() for f in t} | {d for d in DIMENSIONS if self.labels[d]}
        for heading in self.rows.headings:
            if heading in taken or self.rows.headings.count(heading) != 1:
                continue
            cells = [c for c in self.rows.column(heading) if c]
            if self.labels["period"] is None and cells and all(map(_YEAR.fullmatch, cells)):
                self.labels["period"] = self.rows.column(heading)
                taken.add(heading)
                continue
            if not cells or sum(not words.number(c)[1] for c in cells) * 2 > len(cells):
                if (said := period(heading)) and self.whole is None:
                    self.whole = said
                continue
            tests = {
                "area": self.is_area,
                "offence": lambda t: t.lower() in self.words,
                "period": lambda t: period(t) is not None or month_of(t, self.whole) is not None,
            }
            for our, test in tests.items():
                if self.labels[our] is None and sum(map(test, cells)) * 2 >= len(cells):
                    self.labels[our] = self.rows.column(heading)
                    taken.add(heading)
                    self.whole = self.whole or period(heading)
                    break
        self._find_columns(taken)

    def _find_columns(self, taken: set[str]) -> None:
        """What the headings of the figures say."""
        open_headings: list[str] = []
        for heading in self.rows.headings:
            cells = [] if heading in taken or self.rows.headings.count(heading) != 1 else self.rows.column(heading)
            filled = [c for c in cells if c]
            if not filled or sum(not words.number(c)[1] for c in filled) * 2 < len(filled):
                continue
            said = period(heading) or month_of(heading, self.whole)
            if _COMPARISON.search(heading):
                self.unused.append(heading)
            elif self.labels["offence"] is None and heading.lower() in self.words:
                self.columns[heading] = {"offence": heading.lower()}
            elif is_total(heading):
                self.totals.append(heading)
            elif self.labels["period"] is None and said is not None:
                self.columns[heading] = {"period": said}
            elif self.labels["area"] is None and (self.is_area(heading) or _SOMEWHERE.fullmatch(heading)):
                self.columns[heading] = {"area": heading}
            else:
                open_headings.append(heading)
        self._settle(open_headings)
        self._drop_spans()

    def _settle(self, headings: list[str]) -> None:
        """Headings of figures that say nothing known: a total by adding up, an offence to ask for, a place unknown."""
        kinds = Counter(our for says in self.columns.values() for our in says)
        for heading in headings:
            if kinds and self._adds_up(heading, [h for h in self.columns if h != heading]):
                self.totals.append(heading)
            elif kinds.most_common(1)[:1] == [("offence", kinds["offence"])] or (not kinds and self.whole):
                self.words[heading.lower()] = asked(heading, "counts", self.rows.file.name, self.ledger)
                self.columns[heading] = {"offence": heading.lower()}
            elif kinds["area"]:
                self.columns[heading] = {"area": heading}
            else:
                self.unused.append(heading)

    def _drop_spans(self) -> None:
        """A period that holds two or more of the other columns' periods is their total (a year beside its months)."""
        spans = {h: said for h, says in self.columns.items() if isinstance(said := says.get("period"), Period)}
        for heading, mine in spans.items():
            within = [o for h, o in spans.items() if h != heading and mine.first <= o.first and o.last <= mine.last]
            if len(within) > 1:
                del self.columns[heading]
                self.totals.append(heading)

    def _adds_up(self, heading: str, others: list[str]) -> bool:
        """Whether a column is the sum of the others in every row."""
        figures = [[_count(c)[0] for c in self.rows.column(h)] for h in (heading, *others)]
        mine, rest = figures[0], list(zip(*figures[1:], strict=True))
        return len(others) > 1 and any(mine) and all(m == sum(r) for m, r in zip(mine, rest, strict=True))


def _count(text: str) -> tuple[int, str]:
    """A count in a cross table: blank or a dash is none, as statistics write it."""
    value, reason = words.whole(text)
    if reason:
        return 0, reason
    return (value or 0), "out_of_range" if value is not None and value < 0 else ""


def lay_out(rows: TextRows, spec: RoleSpec, town: Town, geocoder: Geocoder, ledger: Ledger) -> Layout:
    """The figures of one count table.

    Parameters
    ----------
    rows, spec
        The table and its mapping (`forms.resolved`).
    town, geocoder
        Whose areas are ours, and what they are called.
    ledger
        Takes the question ``offence_for`` and the notes ``counts_columns_unused``, ``counts_part_year``,
        ``counts_provisional``, ``counts_total_differs``.

    Raises
    ------
    InputError
        ``column_missing``: no areas, no offences or no figures; ``period_missing``: nothing says of which time.
    """
    reader = _Reader(rows, spec, town, geocoder, ledger)
    if reader.number is None:
        reader.find_labels()
    lacking = _lacking(reader)
    if lacking:
        raise column_fault(rows, "counts", lacking)
    if reader.whole is None and reader.labels["period"] is None and not _says(reader, "period"):
        raise InputError("period_missing", f"{rows.file.name} names no period", role="counts", file=rows.file.name)
    layout = Layout(meanings=reader.words)
    _sort_rows(reader, layout)
    _unnamed_total(reader, layout)
    _compare_totals(reader, layout)
    _tell(reader, layout)
    return layout


def _says(reader: _Reader, our: str) -> bool:
    return any(our in says for says in reader.columns.values())


def _lacking(reader: _Reader) -> list[str]:
    """The dimensions that neither rows, columns nor what stands around the table give."""
    lacking = [our for our in ("area",) if reader.labels[our] is None and not _says(reader, our)]
    if reader.number is None and not reader.columns:
        lacking.append("number")
    if reader.labels["offence"] is None and not _says(reader, "offence") and not _word_around(reader):
        lacking.append("offence")
    return lacking


def _word_around(reader: _Reader) -> str:
    """The offence that the titles or the file's name name."""
    text = " ".join(reader.around).lower()
    hits = [word for word, meaning in reader.words.items() if meaning.offence and word in text]
    return max(hits, key=len, default="")


def _sort_rows(reader: _Reader, layout: Layout) -> None:
    """Every row's figures, or the reason why it has none."""
    rows, labels = reader.rows, reader.labels
    columns = (
        [({}, reader.number)] if reader.number is not None else [(s, rows.column(h)) for h, s in reader.columns.items()]
    )
    areas = labels["area"] or [""] * len(rows.lines)
    # as in 千代田区丸の内1丁目: then a row that bears another name is another municipality's
    joined = reader.joined_form or any(reader.own(a) and not is_total(a) for a in areas if a)
    around = _word_around(reader) if labels["offence"] is None else ""
    for at, area in enumerate(areas):
        reason = _whose(reader, area, joined=joined)
        word = labels["offence"][at].lower() if labels["offence"] else around
        if not reason and labels["offence"] and is_total(word) and not reader.words.get(word):
            reason = "total_row"
        said = labels["period"][at] if labels["period"] else ""
        when = period(said) or month_of(said, reader.whole) if said else reader.whole
        figures = []
        for says, cells in columns:
            mine = says.get("period", when)
            number, why = _count(cells[at]) if reader.number is None else _required(cells[at])
            reason = reason or why or ("" if isinstance(mine, Period) else "period_unreadable")
            if not reason and isinstance(mine, Period):
                figures.append(Figure(at, str(says.get("area", area)), str(says.get("offence", word)), mine, number))
        if reason:
            layout.reasons[at] = reason
        else:
            layout.figures += figures


def _whose(reader: _Reader, area: str, *, joined: bool) -> str:
    """Why a row is no area of ours by its label: ``outside``, ``total_row``, or "" when it is one."""
    rest = reader.own(area) if joined else None
    if reader.joined_form and rest is None:
        return "outside"
    if rest == "" or (is_total(area) and not reader.geocoder.by_name(area)):
        return "total_row"
    ours = not joined or rest is not None or not area or _SOMEWHERE.fullmatch(area) or reader.geocoder.by_name(area)
    return "" if ours else "outside"


def _required(text: str) -> tuple[int, str]:
    """The figure of a long table: it must be there."""
    number, reason = _count(text)
    return number, reason or ("value_missing" if text.lower() in words.UNKNOWN else "")


def _matrix(reader: _Reader) -> list[tuple[int, ...]]:
    """Per row the numbers of the columns of figures."""
    return list(zip(*([_count(c)[0] for c in reader.rows.column(h)] for h in reader.columns), strict=True))


def _unnamed_total(reader: _Reader, layout: Layout) -> None:
    """A row of no known area that is the sum of all others is a total, whatever it is called."""
    areas = reader.labels["area"]
    if areas is None or not reader.columns:
        return
    matrix = _matrix(reader)
    live = sorted({f.at for f in layout.figures})
    sums = tuple(map(sum, zip(*(matrix[at] for at in live), strict=True))) if live else ()
    for at in live:
        strange = not reader.is_area(areas[at])
        if (
            strange
            and len(live) > 2
            and any(matrix[at])
            and all(2 * m == s for m, s in zip(matrix[at], sums, strict=True))
        ):
            layout.reasons[at] = "total_row"
            layout.figures = [f for f in layout.figures if f.at != at]
            return


def _compare_totals(reader: _Reader, layout: Layout) -> None:
    """Named totals of a cross table against what they should be the sum of."""
    if not reader.columns:
        return
    matrix = _matrix(reader)
    offences = [word.lower() for word in reader.labels["offence"] or []]
    labels = reader.labels["area"] or reader.labels["offence"] or [""] * len(matrix)
    live = {f.at for f in layout.figures}
    every = since = (0,) * len(reader.columns)
    differs: list[str] = []
    for at, numbers in enumerate(matrix):
        part = offences and set(reader.words.get(offences[at], Word("")).part_of) & set(offences)
        if at in live and not part:
            every = tuple(a + b for a, b in zip(every, numbers, strict=True))
            since = tuple(a + b for a, b in zip(since, numbers, strict=True))
        elif layout.reasons.get(at) == "total_row":
            # a total may stand above, before anything has been added up
            if any(every) and numbers not in (every, since):
                differs.append(labels[at])
            since = (0,) * len(numbers)
    tops = [
        n
        for n, says in enumerate(reader.columns.values())
        if not set(reader.words.get(str(says.get("offence")), Word("")).part_of) & {h.lower() for h in reader.columns}
    ]
    for heading in reader.totals:
        cells = [_count(c)[0] for c in reader.rows.column(heading)]
        if any(cells[at] != sum(matrix[at][n] for n in tops) for at in live):
            differs.append(heading)
    if differs:
        told = {"file": reader.rows.file.name, "number": len(differs), "names": "、".join(differs[:_SHOWN])}
        reader.ledger.note("counts_total_differs", **told)


def _tell(reader: _Reader, layout: Layout) -> None:
    """Notes on the period and on columns that are not used."""
    file, told = reader.rows.file.name, {f.period for f in layout.figures}
    months = len({m for p in told for m in range(p.first, p.last + 1)})
    if months % 12:
        span = Period(min(p.first for p in told), max(p.last for p in told))
        reader.ledger.note("counts_part_year", file=file, period=str(span), months=months)
    if any(map(is_provisional, (*reader.around, *reader.rows.headings))):
        reader.ledger.note("counts_provisional", file=file)
    unused = [h for h, s in reader.columns.items() if "offence" in s and not reader.words[str(s["offence"])].offence]
    unused += reader.unused
    if unused:
        names = "、".join(unused[:_SHOWN])
        reader.ledger.note("counts_columns_unused", file=file, number=len(unused), names=names)
