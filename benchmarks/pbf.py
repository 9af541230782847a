"""Writing ``.osm.pbf``: a file repeated with shifted ids and positions, and small files from plain Python values.

Only what the benchmarks and the tests need of the format (OpenStreetMap wiki, "PBF Format"); reading is the planner's.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.ingest.pbf import blocks, fields, running, varint

NANO = 1e-9
_GRANULARITY = 100  # nanodegrees, the format's default
Tags = Mapping[str, str]
Node = tuple[int, float, float, Tags]  # id, longitude, latitude
Way = tuple[int, Sequence[int], Tags]  # id, node ids
Relation = tuple[int, Sequence[tuple[int, str]], Tags]  # id, (way id, role)


def number(value: int) -> bytes:
    """A varint; negative values as 64-bit two's complement."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> bytes:
    """A signed varint (sint64)."""
    return number((value << 1) ^ (value >> 63))


def plain(field: int, value: int) -> bytes:
    """A field that holds a varint."""
    return number(field << 3) + number(value)


def sized(field: int, content: bytes) -> bytes:
    """A field that holds bytes or a message."""
    return number(field << 3 | 2) + number(len(content)) + content


def block(kind: str, content: bytes) -> bytes:
    """One block of the file, packed by zlib."""
    blob = plain(2, len(content)) + sized(3, zlib.compress(content))
    header = sized(1, kind.encode()) + plain(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _again(field: int, value: int | bytes) -> bytes:
    """A field as it was."""
    return plain(field, value) if isinstance(value, int) else sized(field, value)


def _first_shifted(content: bytes, shift: int) -> bytes:
    """Delta-coded signed varints whose first, and so every one, is larger by ``shift``."""
    if not content:
        return content
    value, at = varint(content, 0)
    return zigzag(((value >> 1) ^ -(value & 1)) + shift) + content[at:]


def _feature(group: int, content: bytes, shift: int) -> bytes:
    """A DenseNodes, Way or Relation with every id in it larger by ``shift``."""
    deltas = {2: (1,), 3: (8,), 4: (9,)}[group]
    out = []
    for field, value in fields(content):
        if isinstance(value, bytes) and field in deltas:
            out.append(sized(field, _first_shifted(value, shift)))
        elif isinstance(value, int) and field == 1:
            out.append(plain(1, value + shift))
        else:
            out.append(_again(field, value))
    return b"".join(out)


def shifted(content: bytes, ids: int, lon_deg: float, lat_deg: float) -> bytes:
    """A PrimitiveBlock whose ids are larger by ``ids`` and whose nodes lie elsewhere."""
    out: list[bytes] = []
    offsets = {19: round(lat_deg / NANO), 20: round(lon_deg / NANO)}
    for field, value in fields(content):
        if field == 2 and isinstance(value, bytes):
            parts = [sized(group, _feature(group, v, ids)) for group, v in fields(value) if isinstance(v, bytes)]
            out.append(sized(2, b"".join(parts)))
        elif field in offsets and isinstance(value, int):
            offsets[field] += value - (value >> 63 << 64)
        else:
            out.append(_again(field, value))
    return b"".join((*out, *(plain(field, value) for field, value in offsets.items())))


_ID_FIELDS = {2: (1,), 3: (1, 8), 4: (1, 9)}  # nodes; way and its nodes; relation and its members


def _ids(content: bytes) -> Iterator[NDArray[np.int64]]:
    """Every id that a PrimitiveBlock names."""
    for group in (v for n, v in fields(content) if n == 2 and isinstance(v, bytes)):
        for kind, feature in fields(group):
            for field, value in fields(feature) if isinstance(feature, bytes) else ():
                if field in _ID_FIELDS[kind]:
                    yield np.array([value], dtype=np.int64) if isinstance(value, int) else running(value)


def _renumbered(content: bytes, named: NDArray[np.int64]) -> bytes:
    """A PrimitiveBlock in which each id is its rank (from 1) among all that are named."""

    def feature(kind: int, body: bytes) -> bytes:
        out = []
        for field, value in fields(body):
            if field not in _ID_FIELDS[kind]:
                out.append(_again(field, value))
            elif isinstance(value, int):
                out.append(plain(field, int(np.searchsorted(named, value)) + 1))
            else:
                ranks = np.searchsorted(named, running(value)) + 1
                out.append(sized(field, b"".join(zigzag(int(step)) for step in np.diff(ranks, prepend=0))))
        return b"".join(out)

    def group(body: bytes) -> bytes:
        return b"".join(sized(kind, feature(kind, v)) for kind, v in fields(body) if isinstance(v, bytes))

    return b"".join(sized(2, group(v)) if n == 2 and isinstance(v, bytes) else _again(n, v) for n, v in fields(content))


def _group_of(content: bytes) -> int:
    """2 nodes, 3 ways, 4 relations: the groups of a block are of one kind."""
    group = next(bytes(v) for n, v in fields(content) if n == 2 and isinstance(v, bytes))
    return next(n for n, _ in fields(group))


def repeat(source: Path, target: Path, size_bytes: int) -> int:
    """Write a file of about ``size_bytes`` that holds ``source`` again and again, each copy elsewhere.

    Ids are numbered afresh before they are shifted, so that they stand as close as those of a whole country.
    Nodes of all copies stand before ways, ways before relations, ids rise: the order that readers rely on. Copies lie
    half a degree of longitude (a quarter of latitude) apart, 25 to a row.

    Returns
    -------
    int
        The number of copies.
    """
    header, *data = blocks(source)
    named = np.unique(np.concatenate([ids for _, content in data for ids in _ids(content)]))
    fresh = [(_group_of(content), _renumbered(content, named)) for _, content in data]
    copies = max(1, size_bytes // sum(len(block("OSMData", content)) for _, content in fresh))
    with target.open("wb") as file:
        file.write(block(header[0], sized(4, b"OsmSchema-V0.6") + sized(4, b"DenseNodes")))
        for group in (2, 3, 4):
            mine = [content for kind, content in fresh if kind == group]
            for copy in range(copies):
                for content in mine:
                    moved = shifted(content, copy * len(named), (copy % 25) * 0.5, -(copy // 25) * 0.25)
                    file.write(block("OSMData", moved))
    return copies


def write(
    target: Path, nodes: Iterable[Node] = (), ways: Iterable[Way] = (), relations: Iterable[Relation] = ()
) -> None:
    """Write a small file from plain values."""
    nodes, ways, relations = list(nodes), list(ways), list(relations)
    words = ["", "way"]
    for tags in (*(n[3] for n in nodes), *(w[2] for w in ways), *(r[2] for r in relations)):
        words += [*tags, *tags.values()]
    words += [role for _, members, _ in relations for _, role in members]
    words = list(dict.fromkeys(words))
    at = {word: i for i, word in enumerate(words)}

    def tagged(tags: Tags) -> bytes:
        if not tags:  # GDAL gives up on an empty field
            return b""
        keys, values = (b"".join(number(at[word]) for word in words) for words in (tags, tags.values()))
        return sized(2, keys) + sized(3, values)

    def deltas(values: Sequence[int]) -> bytes:
        return b"".join(zigzag(v - w) for v, w in zip(values, [0, *values], strict=False))

    dense = sized(1, deltas([n[0] for n in nodes]))
    dense += sized(8, deltas([round(n[2] / NANO / _GRANULARITY) for n in nodes]))
    dense += sized(9, deltas([round(n[1] / NANO / _GRANULARITY) for n in nodes]))
    dense += sized(
        10, b"".join(b"".join(number(at[k]) + number(at[v]) for k, v in n[3].items()) + number(0) for n in nodes)
    )
    groups = [sized(2, dense)] if nodes else []
    groups.append(b"".join(sized(3, plain(1, i) + tagged(t) + sized(8, deltas(list(refs)))) for i, refs, t in ways))
    groups.append(
        b"".join(
            sized(
                4,
                plain(1, i)
                + tagged(t)
                + sized(8, b"".join(number(at[role]) for _, role in members))
                + sized(9, deltas([way for way, _ in members]))
                + sized(10, b"".join(number(1) for _ in members)),
            )
            for i, members, t in relations
        )
    )
    strings = b"".join(sized(1, word.encode()) for word in words)
    with target.open("wb") as file:
        file.write(block("OSMHeader", sized(4, b"OsmSchema-V0.6") + sized(4, b"DenseNodes")))
        for group in groups:
            if group:
                file.write(block("OSMData", sized(1, strings) + sized(2, group)))
