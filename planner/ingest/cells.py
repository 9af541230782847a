"""One column of cells read: each distinct text once, with what only the whole column shows asked, and fixes counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from planner.errors import Question
from planner.frames import Column
from planner.ingest import dates, numbers, words
from planner.ingest.dates import Day
from planner.ingest.ledger import Ledger

PAST = ("occurred_on", "received_on", "installed_on", "acquired_on", "inspected_on")  # these have happened
ASIDE = "aside"  # the answer: none of these, set the rows aside
_PREVIEW = 5
_SPOKEN = {"bearing_deg": words.bearing, "retention_days": words.days, "limit_days": words.days}  # 北東, 7日間
_OLD = 1970  # days before are told (B044): paper of another time, or a slip in the year


@dataclass(frozen=True)
class Cells:
    """One of our columns in one file: folded texts, how they stood, their lines."""

    role: str
    file: str
    our: str
    folded: Sequence[str]
    written: Sequence[str]
    lines: Sequence[int]

    def corrected(self, read_as: Mapping[str, tuple[str, str]], ledger: Ledger) -> None:
        """Count what was read otherwise than it stands.

        ``read_as``: a folded text -> the code of the correction ("" none) and what it was read as. Cells without one
        whose width (NFKC) was changed are ``width_folded``.
        """
        rules = {text: found for text, found in read_as.items() if found[0]}
        odd = (raw for raw in set(self.written) if not raw.isascii())
        wide = {raw for raw in odd if words.folded(raw).translate(words.DASHES) != raw.strip()}
        if not rules and not wide:
            return
        listed: dict[str, list[tuple[int, str, str]]] = {}
        for line, raw, text in zip(self.lines, self.written, self.folded, strict=True):
            code, after = rules.get(text, ("width_folded" if raw in wide else "", text.translate(words.DASHES)))
            if code and text.lower() not in words.UNKNOWN:
                listed.setdefault(code, []).append((line, raw, after))
        for code, changed in listed.items():
            ledger.corrected(code, self.role, self.file, self.our, changed)

    def ask(
        self, code: str, proposal: str, readings: dict[str, Callable[[str], str]], these: Iterable[str], ledger: Ledger
    ) -> str:
        """What the planner says of the whole column, the first cells shown under each reading (lasting)."""
        first = list(islice(these, _PREVIEW))
        preview = {choice: tuple(f"{text} → {show(text)}" for text in first) for choice, show in readings.items()}
        values = {"column": self.our, "example": first[0]}
        question = Question(
            code, self.role, self.file, proposal, (*readings,), values, about=self.our, lasting=True, preview=preview
        )
        return ledger.ask(question)


def _shown(read: Day) -> str:
    """A day to its precision, "-" when it was not read."""
    if read.value is None:
        return "-"
    return read.value.isoformat()[: {"year": 4, "month": 7}.get(read.precision, 10)]


def _order(cells: Cells, ledger: Ledger) -> str:
    """The order of 04/05/06, asked once for the column; proposed is the one that reads most cells."""
    unclear = [text for text in dict.fromkeys(cells.folded) if dates.is_ambiguous(text)]
    if not unclear:
        return ""

    def fits(order: str) -> int:
        read = [dates.day(text, order).value for text in unclear]
        return sum(value is not None and value <= ledger.today for value in read)

    readings = {order: lambda text, o=order: _shown(dates.day(text, o)) for order in dates.ORDERS}
    answer = cells.ask("date_order", max(dates.ORDERS, key=fits), {**readings, ASIDE: lambda _: "-"}, unclear, ledger)
    return "" if answer == ASIDE else answer


def _epoch(cells: Cells, ledger: Ledger) -> str:
    """Where the numbers of a spreadsheet's days begin, asked once for the column."""
    serials = [text for text in dict.fromkeys(cells.folded) if dates.is_serial(text)]
    if not serials:
        return ""
    readings = {epoch: lambda text, e=epoch: _shown(dates.day(text, epoch=e)) for epoch in dates.EPOCHS}
    answer = cells.ask("date_serial", "1900", {**readings, ASIDE: lambda _: "-"}, serials, ledger)
    return "" if answer == ASIDE else answer


def days(cells: Cells, ledger: Ledger) -> tuple[list[Any], list[str], list[str]]:
    """Days, reasons and precisions (day, month, year, "" unknown).

    Asks ``date_order`` and ``date_serial``; counts ``wareki_read``, ``date_ordered``, ``serial_read``, ``dates_mixed`` (a
    column in several forms: the cells that are not in its commonest), ``width_folded``; notes ``dates_coarse``,
    ``dates_old``, ``dates_future`` and ``era_proposed``. A day after ``ledger.today`` in a column of things that have
    happened is ``date_future``.
    """
    order, epoch = _order(cells, ledger), _epoch(cells, ledger)
    past = cells.our in PAST

    def read(text: str) -> Day:
        found = dates.day(text, order, epoch)
        late = past and found.value is not None and found.value > ledger.today
        return Day(reason="date_future") if late else found

    known = {text: read(text) for text in dict.fromkeys(cells.folded)}
    found = [known[text] for text in cells.folded]
    forms = Counter(one.form for one in found if one.form)
    common = forms.most_common(1)[0][0] if forms else ""
    codes = {"era": "wareki_read", "three": "date_ordered", "serial": "serial_read"}

    def code(form: str) -> str:
        return codes.get(form, "dates_mixed" if form and form != common else "")

    cells.corrected({text: (code(one.form), _shown(one)) for text, one in known.items()}, ledger)
    _note_days(cells, found, ledger)
    return [one.value for one in found], [one.reason for one in found], [one.precision for one in found]


def _note_days(cells: Cells, found: Sequence[Day], ledger: Ledger) -> None:
    """What is odd about a column of days: coarse, old, to come, outside their era."""
    told = {"role": cells.role, "file": cells.file, "column": cells.our}
    coarse = Counter(one.precision for one in found)
    if coarse["month"] or coarse["year"]:
        ledger.note("dates_coarse", **told, months=coarse["month"], years=coarse["year"])
    old = [one.value for one in found if one.value is not None and one.value.year < _OLD]
    if old:
        ledger.note("dates_old", **told, number=len(old), first=str(min(old)), year=_OLD)
    late = sum(one.reason == "date_future" for one in found)
    if late:
        ledger.note("dates_future", **told, number=late, today=str(ledger.today))
    strayed = Counter((text, one.proposal) for text, one in zip(cells.folded, found, strict=True) if one.proposal)
    for (text, proposal), number in islice(strayed.items(), _PREVIEW):
        ledger.note("era_proposed", **told, before=text, proposal=proposal, number=number)


def reals(cells: Cells, ledger: Ledger, *, degrees: bool = False) -> tuple[list[float], list[str]]:
    """Numbers and reasons. Asks ``decimal_comma``; counts ``dms_read``, ``comma_read``, ``width_folded``."""
    distinct = [text for text in dict.fromkeys(cells.folded) if not numbers.is_plain(text)]
    comma = False
    if numbers.has_decimal_comma(distinct, degrees=degrees):
        readings = {
            "decimal": lambda text: _plainly(*numbers.number(text, comma=True, degrees=degrees)),
            ASIDE: lambda _: "-",
        }
        comma = cells.ask("decimal_comma", "decimal", readings, (t for t in distinct if "," in t), ledger) == "decimal"
    known = {text: numbers.number(text, comma=comma, degrees=degrees) for text in distinct}
    cells.corrected({text: (rule, _plainly(value, "", rule)) for text, (value, _, rule) in known.items()}, ledger)
    values = [known[text][0] if text in known else float(text) for text in cells.folded]
    return values, [known[text][1] if text in known else "" for text in cells.folded]


def _plainly(value: float, _reason: str, rule: str) -> str:
    """A number that a rule read, to six decimals (0.1 m in degrees)."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if rule else ""


def hours(cells: Cells, ledger: Ledger) -> tuple[list[Any], list[str]]:
    """Hours and reasons; counts ``hour_by_rule``."""
    known = {text: dates.hour(text) for text in dict.fromkeys(cells.folded)}
    by_rule = {text: ("hour_by_rule", str(value)) for text, (value, _, ruled) in known.items() if ruled}
    cells.corrected(by_rule, ledger)
    found = [known[text] for text in cells.folded]
    return [one[0] for one in found], [one[1] for one in found]


def column(kind: Column, table: str, cells: Cells, ledger: Ledger) -> tuple[list[Any], list[str]]:
    """The values and reasons of a table's column, by its kind, its words and its bounds.

    Reasons: those of the kinds, ``unknown_word``, ``value_missing``, ``out_of_range``.
    """
    if kind.kind == "date":
        values, reasons, precisions = days(cells, ledger)
        if kind.name == "locked_until":  # a lock to March lasts through March
            ends = zip(values, precisions, strict=True)
            values = [None if value is None else dates.last_day(value, precision) for value, precision in ends]
    elif kind.name in _SPOKEN:
        values, reasons = words.parse_each(cells.folded, _SPOKEN[kind.name])
        cells.corrected({}, ledger)
    elif kind.kind == "number" and not kind.name.endswith("_s"):
        values, reasons = reals(cells, ledger)
    else:
        values, reasons = words.parse_each(cells.folded, _plain(kind, table))
        if kind.kind in ("whole", "number"):
            cells.corrected({}, ledger)
    return values, [reason or _unfit(kind, value) for value, reason in zip(values, reasons, strict=True)]


def _plain(kind: Column, table: str) -> Callable[[str], tuple[Any, str]]:
    """How one cell is read where no other cell of its column matters."""
    if kind.words:
        return words.word(table, kind.name, kind.words)
    if kind.name.endswith("_fiscal_year"):
        return numbers.fiscal_year
    known: dict[str, Callable[[str], tuple[Any, str]]] = {
        "text": words.translated(table, kind.name),
        "number": numbers.seconds,
        "whole": words.whole,
        "flag": words.translated(table, kind.name, words.flag),
    }
    return known[kind.kind]


def _unfit(kind: Column, value: Any) -> str:
    """Why a value that was read does not do in its column ("" when it does)."""
    if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN is not itself
        return "" if kind.optional else "value_missing"
    if kind.kind not in {"number", "whole"}:
        return ""
    low, high = kind.low, kind.high
    return "out_of_range" if (low is not None and value < low) or (high is not None and value > high) else ""
