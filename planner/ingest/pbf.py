"""The framing of an OpenStreetMap ``.osm.pbf`` file: blocks whole and undamaged, and the ways and nodes that carry a tag.

GDAL gives no word when such a file is cut or damaged (it returns fewer features, or none), nor when a way is dropped
because its nodes are not in the extract. So the file is walked here first: what GDAL must be able to give is known.
Format: OpenStreetMap wiki, "PBF Format" (fileformat.proto, osmformat.proto).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_HEADER = 64 * 1024  # bytes of a BlobHeader, by the format
MAX_BLOB = 32 * 1024 * 1024  # bytes of a block unpacked, by the format
FEATURES = frozenset((b"OsmSchema-V0.6", b"DenseNodes"))  # what a reader must understand; GDAL knows these


class DamagedError(ValueError):
    """The file is no whole, undamaged ``.osm.pbf``."""


def varint(content: bytes, at: int) -> tuple[int, int]:
    """An unsigned varint and the position behind it."""
    value = shift = 0
    while True:
        if at >= len(content) or shift > 63:
            raise DamagedError("varint")
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of one protobuf message: number and value (bytes of a length-delimited or fixed field)."""
    at = 0
    while at < len(content):
        key, at = varint(content, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(content, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = varint(content, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise DamagedError(f"wire type {kind}")
        if at + size > len(content):
            raise DamagedError("length")
        yield key >> 3, content[at : at + size]
        at += size


def packed(content: bytes) -> NDArray[np.int64]:
    """Packed varints (of up to 64 bits)."""
    octets = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(octets < 0x80)
    if len(octets) and (len(ends) == 0 or ends[-1] != len(octets) - 1):
        raise DamagedError("varint")
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    sizes = ends - starts + 1
    if sizes.max(initial=0) > 10:
        raise DamagedError("varint")
    values = np.zeros(len(ends), dtype=np.uint64)
    for part in range(int(sizes.max(initial=0))):
        longer = sizes > part
        septet = (octets[starts[longer] + part] & 0x7F).astype(np.uint64)
        values[longer] |= septet << np.uint64(7 * part)
    return values.view(np.int64)


def running(content: bytes) -> NDArray[np.int64]:
    """Packed signed varints, each the difference from the one before."""
    values = packed(content)
    return np.cumsum((values >> 1 & 0x7FFF_FFFF_FFFF_FFFF) ^ -(values & 1))


def blocks(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every block (``OSMHeader``, ``OSMData``) unpacked, one in memory at a time.

    Raises
    ------
    DamagedError
        Cut, damaged, larger than the format allows, or packed otherwise than plainly or by zlib.
    """
    with path.open("rb") as file:
        while head := file.read(4):
            size = struct.unpack(">I", head)[0] if len(head) == 4 else MAX_HEADER
            if size >= MAX_HEADER:
                raise DamagedError(f"header of {size} bytes")
            header = dict(fields(_exactly(file.read(size), size)))
            length = header.get(3)
            if not isinstance(length, int) or length > MAX_BLOB:
                raise DamagedError(f"block of {length!r} bytes")
            yield bytes(header.get(1, b"")).decode("ascii", "replace"), _unpacked(_exactly(file.read(length), length))


def _exactly(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise DamagedError("cut")
    return content


def _unpacked(blob: bytes) -> bytes:
    """The content of one Blob."""
    parts = dict(fields(blob))
    if 1 in parts:
        return bytes(parts[1])
    if 3 not in parts:
        raise DamagedError("packed neither plainly nor by zlib")
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(bytes(parts[3]), MAX_BLOB)
    except zlib.error as error:
        raise DamagedError(str(error)) from error
    if not unpacking.eof or len(content) != parts.get(2):
        raise DamagedError("unpacked size")
    return content


@dataclass(frozen=True)
class Census:
    """What is known of a file without GDAL: ids of the nodes and ways per tag key, and the ways in multipolygons."""

    nodes: Mapping[str, NDArray[np.int64]]
    ways: Mapping[str, NDArray[np.int64]]
    in_polygons: NDArray[np.int64]


Parts = dict[tuple[str, str], list[NDArray[np.int64]]]  # (nodes, ways or members; key) -> ids


@lru_cache(maxsize=4)
def census(path: Path, sha256: str, keys: tuple[str, ...]) -> Census:  # noqa: ARG001 - the hash tells files apart
    """Walk the whole file once: every block is whole and undamaged, and these are the features with one of the keys.

    Raises
    ------
    DamagedError
        See `blocks`; a file that needs more of its reader than GDAL gives, or has no header; a node that lies nowhere
        on earth (GDAL stops there and keeps silent).
    """
    parts: Parts = {}
    first = True
    for kind, content in blocks(path):
        if first:
            needs = {v for n, v in fields(content) if n == 4 and isinstance(v, bytes)}
            if kind != "OSMHeader" or needs - FEATURES:
                raise DamagedError(f"{kind} needs {sorted(needs - FEATURES)}")
        first = False
        if kind == "OSMData":
            try:
                _count_block(content, keys, parts)
            except (IndexError, KeyError, TypeError, StopIteration) as error:
                raise DamagedError(f"a feature that says nothing: {error!r}") from error
    if first:
        raise DamagedError("empty")

    def all_of(what: str, key: str) -> NDArray[np.int64]:
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts.get((what, key), [])]))

    nodes, ways = ({key: all_of(what, key) for key in keys} for what in ("nodes", "ways"))
    return Census(nodes, ways, all_of("members", ""))


def _count_block(content: bytes, keys: tuple[str, ...], parts: Parts) -> None:
    """Add one PrimitiveBlock to the census."""
    top = dict(fields(content))
    strings = [v for n, v in fields(_bytes(top[1])) if n == 1]
    wanted = {strings.index(key.encode()): key for key in keys if key.encode() in strings}
    scale = (_signed(top.get(17, 100)), _signed(top.get(19, 0)), _signed(top.get(20, 0)))
    ways: dict[str, list[int]] = {}
    for number, made in _features(content):
        if number == 2:
            _count_nodes(made, wanted, scale, parts)
        elif number == 3:
            for key in _indexes(made.get(2, b"")):
                if key in wanted:
                    ways.setdefault(wanted[key], []).append(_signed(made[1]))
        elif number == 4 and b"multipolygon" in [strings[i] for i in _indexes(made.get(3, b""))]:
            parts.setdefault(("members", ""), []).append(running(_bytes(made.get(9, b""))))
        elif number == 1:
            raise DamagedError("nodes that are not dense")
    for tag, ids in ways.items():
        parts.setdefault(("ways", tag), []).append(np.array(ids, dtype=np.int64))


def _features(content: bytes) -> Iterator[tuple[int, dict[int, int | bytes]]]:
    """The features of a PrimitiveBlock: 1 node, 2 dense nodes, 3 way, 4 relation; and their fields."""
    for group in (_bytes(v) for n, v in fields(content) if n == 2):
        for number, value in fields(group):
            yield number, dict(fields(_bytes(value)))


def _indexes(content: int | bytes) -> list[int]:
    """Packed indexes into the table of strings; one byte each, nearly always."""
    octets = _bytes(content)
    return list(octets) if octets.isascii() else [int(i) for i in packed(octets)]


def _count_nodes(
    dense: Mapping[int, int | bytes], wanted: Mapping[int, str], scale: tuple[int, int, int], parts: Parts
) -> None:
    """Add one DenseNodes to the census; its positions must lie on earth."""
    ids = running(_bytes(dense.get(1, b"")))
    for field_number, offset, limit in ((8, scale[1], 90.0), (9, scale[2], 180.0)):
        degrees = (running(_bytes(dense.get(field_number, b""))) * float(scale[0]) + offset) * 1e-9
        if len(degrees) != len(ids) or np.abs(degrees).max(initial=0) > limit:
            raise DamagedError("a node that lies nowhere on earth")
    words = packed(_bytes(dense.get(10, b"")))
    if len(words) == 0 or not wanted:
        return
    node = np.cumsum(words == 0)  # a zero ends the tags of a node
    starts = np.concatenate(([0], np.flatnonzero(words == 0) + 1))
    is_key = (np.arange(len(words)) - starts[node]) % 2 == 0
    for index, key in wanted.items():
        parts.setdefault(("nodes", key), []).append(ids[node[is_key & (words == index)]])


def drawable(path: Path, ways: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of some ways that have two or more of their nodes in the file: a reader must give them."""
    asked = set(ways.tolist())
    nodes: list[NDArray[np.int64]] = []
    refs: dict[int, NDArray[np.int64]] = {}
    for content in (content for kind, content in blocks(path) if kind == "OSMData"):
        for number, made in _features(content):
            if number == 2:
                nodes.append(running(_bytes(made.get(1, b""))))
            elif number == 3 and made[1] in asked:
                refs[_signed(made[1])] = running(_bytes(made.get(8, b"")))
    used = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *refs.values()]))
    there = np.concatenate([np.empty(0, dtype=np.int64), *(n[np.isin(n, used)] for n in nodes)])
    return np.array([way for way, own in refs.items() if np.isin(own, there).sum() > 1], dtype=np.int64)


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise DamagedError("a number in place of a message")
    return value


def _signed(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise DamagedError("a message in place of a number")
    return value - (value >> 63 << 64)
