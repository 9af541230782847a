"""Bytes to text: by byte-order mark, by escape codes, else by strict trial and what the text then says.

That bytes decode proves little: UTF-8 often passes as cp932 (facts: reliability 1.1). An encoding is certain when only
it shows headings that the role knows, or when only its text consists of everyday Japanese characters; else it is asked.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from planner.errors import InputError, Note, Question
from planner.ingest.ledger import Ledger
from planner.ingest.manifest import RoleSpec
from planner.ingest.paths import Found
from planner.ingest.words import folded

SHOWN = {"cp932": "Shift_JIS (cp932)", "euc_jp": "EUC-JP", "iso2022_jp": "ISO-2022-JP", "utf-16": "UTF-16"}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TRIED = ("utf-8", "cp932", "euc_jp")
_ESCAPES = re.compile(rb"\x1b(\$[@B]|\([BJI])")
_HIGH = re.compile(rb"[\x80-\xff]")
_LINES = re.compile(rb"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]+")
# a whole line of ASCII and three-byte UTF-8: in a cp932 or EUC-JP file it came from elsewhere
_UTF8_LINE = re.compile(rb"(?m)^[^\r\n\x80-\xff]*+(?:[\xe2-\xef][\x80-\xbf]{2}[^\r\n\x80-\xff]*+)++\r?$")
_SPLIT = re.compile(r'[,\t;，\r\n"]+')
_BEYOND = re.compile(r"[^\x00-\x7f]")
_HEAD = 1 << 13  # characters in which headings are looked for
_SAMPLE = 100_000  # characters that are weighed
_PREVIEW = 5
# EUC-JP and ISO-2022-JP as Windows reads them, so that one text is one text in every encoding
_AS_WINDOWS = (("〜", "～"), ("−", "－"), ("‖", "∥"), ("—", "―"), ("¢", "￠"), ("£", "￡"), ("¬", "￢"), ("¥", "\\"))


@dataclass(frozen=True)
class Decoded:
    """The text of a file; ``bad``: numbers of the lines that did not decode; ``cut``: the line a cut goes through.

    Lines in ``bad`` stand in the text as far as they can be read (their separators and quotes are always good);
    the line in ``cut`` (number, text) does not stand in it. ``heading``: the encoding of the heading line, where it is
    another one.
    """

    text: str
    encoding: str
    bad: frozenset[int] = frozenset()
    cut: tuple[int, str] | None = None
    heading: str = ""


def decode(found: Found, spec: RoleSpec, known: frozenset[str], ledger: Ledger) -> Decoded:
    """Bytes to text: the encoding that ``town.toml`` names, else what the bytes and the words show.

    Parameters
    ----------
    found, spec
        The file and its role.
    known
        Headings of the role, folded and in small letters.
    ledger
        Takes the question ``encoding`` (with five lines as each encoding reads them) and the notes ``encoding_read``,
        ``encodings_mixed``, ``file_cut_off``.

    Raises
    ------
    InputError
        ``encoding_unknown``; ``encoding_failed`` (the one named does not fit).
    """
    content = found.path.read_bytes()
    if spec.encoding is not None:
        return _named(found, spec, content, spec.encoding)
    plain = content.removeprefix(codecs.BOM_UTF8)
    if content.startswith(_WIDE):
        made = _whole("utf-16", _begun(content, "utf-16"))
    elif not _HIGH.search(plain):
        name = "iso2022_jp" if _ESCAPES.search(plain) else "utf-8"
        made = _whole(name, _begun(plain, name))
    else:
        made = _tried(found, spec, plain, known, ledger)
    if made is None:
        raise InputError("encoding_unknown", f"{found.name}: no encoding fits", role=spec.name, file=found.name)
    if made.encoding in SHOWN:
        _tell(spec.name, found.name, SHOWN[made.encoding], ledger)
    elif plain is not content and made.encoding == "utf-8":
        made = replace(made, encoding="utf-8-sig")
    if made.heading:
        told = {"heading": _name(made.heading), "encoding": _name(made.encoding)}
        ledger.note("heading_encoding", role=spec.name, file=found.name, **told)
    if made.bad:
        lines = {"number": len(made.bad), "line": min(made.bad)}
        ledger.note("encodings_mixed", role=spec.name, file=found.name, encoding=_name(made.encoding), **lines)
    if made.cut:
        ledger.note("file_cut_off", role=spec.name, file=found.name, line=made.cut[0])
    return made


def _name(encoding: str) -> str:
    """An encoding as people call it."""
    return SHOWN.get(encoding, encoding.upper())


def _tell(role: str, file: str, encoding: str, ledger: Ledger) -> None:
    """One note for all files of a role that are in one encoding; each tally names its file's."""
    for at, note in enumerate(ledger.notes):
        if note.code == "encoding_read" and (note.values["role"], note.values["encoding"]) == (role, encoding):
            ledger.notes[at] = Note("encoding_read", {**note.values, "number": note.values["number"] + 1})
            return
    ledger.note("encoding_read", role=role, file=file, encoding=encoding, number=1)


def _named(found: Found, spec: RoleSpec, content: bytes, encoding: str) -> Decoded:
    """The encoding that was named, strictly."""
    try:
        name = codecs.lookup(encoding).name
        return Decoded(content.decode("utf-8-sig" if name == "utf-8" else name), name)
    except (LookupError, UnicodeError) as error:
        told = {"role": spec.name, "file": found.name, "encoding": encoding}
        raise InputError("encoding_failed", f"{found.name}: {error}", **told) from error


def _windows_rows(error: UnicodeError) -> tuple[str, int]:
    """The rows that Windows added to JIS X 0208 (①, ㈱, 髙), which Python's codecs refuse: read by way of cp932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    first, second = (b & 0x7F for b in error.object[error.start : error.start + 2].ljust(2, b"\x00"))
    row = (first - 0x21) // 2
    trail = second + (0x7E if first % 2 == 0 else 0x1F if second < 0x60 else 0x20)
    if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
        raise error
    try:
        return bytes((row + (0x81 if row < 31 else 0xC1), trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


codecs.register_error("planner_windows_rows", _windows_rows)


def _begun(content: bytes, name: str) -> tuple[str, bytes] | None:
    """The text in one encoding and the bytes of a character that the end of the file cuts; None where it does not fit."""
    japanese = name in ("euc_jp", "iso2022_jp")
    codec = "iso2022_jp_ext" if name == "iso2022_jp" else name
    decoder = codecs.getincrementaldecoder(codec)("planner_windows_rows" if japanese else "strict")
    try:
        text = decoder.decode(content)
    except UnicodeDecodeError:
        return None
    if japanese:
        for theirs, ours in _AS_WINDOWS:
            text = text.replace(theirs, ours)
    return text, decoder.getstate()[0]


def _whole(name: str, begun: tuple[str, bytes] | None) -> Decoded | None:
    """A text as begun, without the line that the end of the file cuts inside a character."""
    if begun is None:
        return None
    text, rest = begun
    if not rest:
        return Decoded(text, name)
    at = max(text.rfind("\n"), text.rfind("\r")) + 1
    shown = text[at:] + "".join(f"\\x{byte:02x}" for byte in rest)
    number = len(re.findall(r"\r\n|\r|\n", text[:at])) + 1
    return Decoded(text[:at], name, cut=(number, shown))


@cache
def _everyday() -> frozenset[str]:
    """Kana, full-width signs and the kanji of JIS level 1 (rows 1, 3-5 and 16-47 of JIS X 0208)."""
    rows = (0xA1, *range(0xA3, 0xA6), *range(0xB0, 0xD0))
    pairs = (bytes((row, cell)).decode("euc_jp", "ignore") for row in rows for cell in range(0xA1, 0xFF))
    return frozenset("".join(pairs) + "～－①②③④⑤⑥⑦⑧⑨㈱㈲髙﨑")


def _looks_japanese(text: str) -> bool:
    """Whether most characters beyond ASCII are everyday Japanese ones, or all of them half-width kana."""
    sample = [found[0] for found in islice(_BEYOND.finditer(text), _SAMPLE)]
    everyday = sum(c in _everyday() for c in sample)
    return everyday * 2 > len(sample) or all("｡" <= c <= "ﾟ" for c in sample)


def _shows(text: str, known: frozenset[str]) -> bool:
    """Whether one of the first cells is a heading that the role knows (a Japanese one: ASCII proves nothing)."""
    cells = {folded(cell).lower() for cell in _SPLIT.split(text[:_HEAD])}
    return any(not cell.isascii() for cell in cells & known)


def _tried(found: Found, spec: RoleSpec, content: bytes, known: frozenset[str], ledger: Ledger) -> Decoded | None:
    """The encoding by trial: the only one that shows known headings, the only one that looks Japanese, or asked."""
    fits = {name: begun for name in _TRIED if (begun := _begun(content, name)) is not None}
    good = [name for name, (text, _) in fits.items() if _shows(text, known)]
    # what is valid as UTF-8 is seldom anything else: another encoding must not win unasked
    good = good or [name for name, (text, _) in fits.items() if _looks_japanese(text) or name == "utf-8"]
    if len(good) == 1 and (good[0] == "utf-8" or not _UTF8_LINE.search(content)):
        return _whole(good[0], fits[good[0]])
    mixed = _mixed(content, known) if len(good) < 2 else None
    if mixed is not None or not fits:
        return mixed
    choices = tuple(good or fits)
    preview = {name: tuple(islice(_lines_beyond(fits[name][0]), _PREVIEW)) for name in choices}
    values = {"role": spec.name, "file": found.name, "encodings": ", ".join(map(_name, choices))}
    likely = max(choices, key=lambda name: _looks_japanese(fits[name][0]))
    answer = ledger.ask(Question("encoding", spec.name, found.name, likely, choices, values, preview=preview))
    return _whole(answer, fits[answer])


def _lines_beyond(text: str) -> Iterator[str]:
    """The lines that hold more than ASCII: on the others all encodings agree."""
    return (line for line in re.split(r"[\r\n]+", text) if _BEYOND.search(line))


def _line_as(line: bytes, name: str) -> str | None:
    """One line in one encoding; None where it does not fit."""
    begun = _begun(line, name)
    return None if begun is None or begun[1] else begun[0]


def _mixed(content: bytes, known: frozenset[str]) -> Decoded | None:
    """Two encodings in one file: that of most lines, the others marked; None when no encoding holds most lines.

    A heading line in the other encoding is read in it, where that shows known headings or looks Japanese.
    """
    lines = _LINES.findall(content)
    beyond = [number for number, line in enumerate(lines) if _HIGH.search(line)]
    first = {n: text for n in beyond if (text := _line_as(lines[n], "utf-8")) is not None}
    older: dict[str, dict[int, str]] = {
        name: {n: text for n in beyond if n not in first and (text := _line_as(lines[n], name)) is not None}
        for name in _TRIED[1:]
    }
    second = max(older, key=lambda name: len(older[name]) > 0 and _looks_japanese("".join(older[name].values())))
    other = older[second]
    main = "utf-8" if len(first) >= len(other) else second
    good, rest = (first, other) if main == "utf-8" else (other, first)
    if len(good) * 2 <= len(beyond) or not _looks_japanese("".join(good.values())):
        return None
    bad = {n for n in beyond if n not in good}
    head = next((n for n, line in enumerate(lines) if line.strip()), 0)
    heading = ""
    if head in bad:
        if head not in rest or not (_shows(rest[head], known) or _looks_japanese(rest[head])):
            return None
        bad.remove(head)
        heading = second if main == "utf-8" else "utf-8"
    shown = {**rest, **good}
    text = "".join(shown.get(n) or line.decode("ascii", "backslashreplace") for n, line in enumerate(lines))
    return Decoded(text, main, frozenset(n + 1 for n in bad), heading=heading)
