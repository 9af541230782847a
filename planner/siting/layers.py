"""Rows into layers, and isomorphic layers into one.

Row r with the distinct ladder levels k0 < k1 < ... of its actions (k0: the level it has anyway) gives one layer
per step: layer j weighs ``w_r (kj - k(j-1))`` and is covered when a chosen action has level >= kj. Weights are whole
numbers of ``1e-6 / steps`` offences a year. Layers with the same cover set and the same floor rule are merged: found
by a 128-bit hash, then checked exactly (Chen et al. 2023 call it isomorphic aggregation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.net import Codes, Ints, compiled, inner

Levels = NDArray[np.int8]
Masks = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Served:
    """Which pattern serves which row at which level: pattern p reads ``indices[start[p]:end[p]]``."""

    start: Ints
    end: Ints
    indices: Codes
    level: Levels


@dataclass(frozen=True)
class Layers:
    """Merged layers: patterns x layers as CSR, weight and floor per layer, and what each layer before merging became."""

    pattern_start: Ints
    pattern_layer: Codes
    weight: Ints
    floor: Ints
    need: Ints  # per layer: what it adds to its floor
    raw: int  # layers before merging
    merged_of: Ints  # raw layer -> merged layer (-1: covered by no pattern)


@inner
def _bits(mask: int) -> int:
    """Number of set bits."""
    number = 0
    while mask:
        mask &= mask - 1
        number += 1
    return number


@compiled
def top_level(start: Ints, end: Ints, indices: Codes, level: Levels, rows: int) -> Levels:
    """Per row the highest level that any of the patterns gives."""
    top = np.zeros(rows, np.int8)
    for p in range(start.size):
        for e in range(start[p], end[p]):
            top[indices[e]] = max(top[indices[e]], level[e])
    return top


@compiled
def _masks(start: Ints, end: Ints, indices: Codes, level: Levels, base: Levels) -> Masks:
    """Per row the set of levels above its base, as bits."""
    mask = np.zeros(base.size, np.int64)
    for p in range(start.size):
        for e in range(start[p], end[p]):
            row = indices[e]
            if level[e] > base[row]:
                mask[row] |= 1 << np.int64(level[e])
    return mask


@compiled
def _raw_layers(mask: Masks, base: Levels, weight: Ints, first: Ints) -> Ints:
    """Weights of the layers before merging; row r owns layers ``first[r]:first[r + 1]``."""
    out = np.zeros(first[-1], np.int64)
    for row in range(base.size):
        below, at = int(base[row]), first[row]
        for k in range(below + 1, 32):
            if (mask[row] >> k) & 1:
                out[at] = weight[row] * (k - below)
                below = k
                at += 1
    return out


@compiled
def _covered(
    start: Ints, end: Ints, indices: Codes, level: Levels, mask: Masks, first: Ints, out_start: Ints, out: Codes
) -> None:
    """Patterns x layers before merging: first the numbers (``out`` empty), then the entries."""
    at = np.int64(0)
    for p in range(start.size):
        for e in range(start[p], end[p]):
            row = indices[e]
            reached = _bits(mask[row] & ((2 << np.int64(level[e])) - 1))
            if out.size:
                for step in range(reached):
                    out[at + step] = first[row] + step
            at += reached
        out_start[p + 1] = at


@compiled
def _hash(start: Ints, layers: Codes, number: int, salt: Hashes) -> tuple[Hashes, Codes]:
    """Two sums of random words per layer over its patterns, and its first pattern."""
    total = np.zeros((number, 2), np.uint64)
    leader = np.full(number, -1, np.int32)
    for p in range(start.size - 1):
        for layer in layers[start[p] : start[p + 1]]:
            total[layer, 0] += salt[p, 0]
            total[layer, 1] += salt[p, 1]
            if leader[layer] < 0:
                leader[layer] = p
    return total, leader


@compiled
def _check(start: Ints, layers: Codes, merged_of: Ints, size: Ints) -> NDArray[np.bool_]:
    """Per merged layer, whether every pattern covers all of its members or none."""
    fine = np.ones(size.size, np.bool_)
    hits = np.zeros(size.size, np.int64)
    touched = np.empty(size.size, np.int64)
    for p in range(start.size - 1):
        number = 0
        for layer in layers[start[p] : start[p + 1]]:
            m = merged_of[layer]
            if m < 0:
                continue
            if hits[m] == 0:
                touched[number] = m
                number += 1
            hits[m] += 1
        for t in range(number):
            m = touched[t]
            if hits[m] != size[m]:
                fine[m] = False
            hits[m] = 0
    return fine


@compiled
def _emit(start: Ints, layers: Codes, merged_of: Ints, head: NDArray[np.bool_], out_start: Ints, out: Codes) -> None:
    """Patterns x merged layers: first the numbers (``out`` empty), then the entries."""
    at = np.int64(0)
    for p in range(start.size - 1):
        for layer in layers[start[p] : start[p + 1]]:
            if head[layer]:
                if out.size:
                    out[at] = merged_of[layer]
                at += 1
        out_start[p + 1] = at


@compiled
def _summed(merged_of: Ints, amount: Ints, number: int) -> Ints:
    """Sums of the members of each merged layer."""
    out = np.zeros(number, np.int64)
    for layer in range(merged_of.size):
        if merged_of[layer] >= 0:
            out[merged_of[layer]] += amount[layer]
    return out


def _classes(total: Hashes, leader: Codes, floor: Ints) -> Ints:
    """Class number per covered layer: equal hashes, first pattern and floor; numbered along the patterns."""
    covered = np.flatnonzero(leader >= 0)
    merged_of = np.full(leader.size, -1, np.int64)
    if not covered.size:
        return merged_of
    a, b, who, where = total[covered, 0], total[covered, 1], leader[covered], floor[covered]
    key = a ^ (b * np.uint64(0x9E3779B97F4A7C15)) ^ (where.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
    order = np.argsort(key, kind="stable")
    a, b, who, where = a[order], b[order], who[order], where[order]
    new = np.ones(covered.size, np.bool_)
    new[1:] = (np.diff(a) != 0) | (np.diff(b) != 0) | (np.diff(where) != 0)
    number = np.cumsum(new) - 1
    heads = np.flatnonzero(new)
    # numbering along the patterns keeps neighbours near in memory and does not depend on the order of the rows
    rank = np.empty(heads.size, np.int64)
    rank[np.lexsort((where[heads], key[order][heads], who[heads]))] = np.arange(heads.size)
    merged_of[covered[order]] = rank[number]
    return merged_of


def _listed(lister: Callable[..., None], given: tuple[NDArray[Any], ...], patterns: int) -> tuple[Ints, Codes]:
    """Where each pattern's entries begin, and the entries: counted first, so that nothing grows."""
    start = np.zeros(patterns + 1, np.int64)
    lister(*given, start, np.empty(0, np.int32))
    out = np.empty(start[-1], np.int32)
    if out.size:
        lister(*given, start, out)
    return start, out


def merge(served: Served, base: Levels, weight: Ints, floor: Ints, need: Ints | None = None) -> Layers:
    """Layers of rows, isomorphic ones merged.

    Parameters
    ----------
    served
        Patterns x rows with levels (positive).
    base
        Per row the level it has whatever is chosen; layers up to it are left out.
    weight
        Per row, per ladder step.
    floor
        Per row the floor rule it counts for, or -1: part of the key.
    need
        Per row and ladder step what it adds to that floor, in the floor's unit (None: its weight).

    Returns
    -------
    Layers
        Layers covered by no pattern and layers with neither weight nor need are left out.
    """
    parts = (served.start, served.end, served.indices, served.level)
    mask = _masks(*parts, base)
    need = np.where(floor >= 0, weight, 0) if need is None else need
    mask[(weight == 0) & (need == 0)] = 0
    first = np.concatenate([[0], np.cumsum(np.bitwise_count(mask))]).astype(np.int64)
    raw_weight, raw_need = (_raw_layers(mask, base, each, first) for each in (weight, need))
    raw_floor = np.repeat(floor, np.diff(first)).astype(np.int64)
    start, layers = _listed(_covered, (*parts, mask, first), served.start.size)
    salt = np.random.default_rng(20190416).integers(1, 2**63, (max(1, served.start.size), 2), dtype=np.uint64)
    merged_of = _classes(*_hash(start, layers, first[-1], salt), raw_floor)
    size = np.bincount(merged_of[merged_of >= 0], minlength=0).astype(np.int64)
    fine = _check(start, layers, merged_of, size)
    if not fine.all():  # a hash collision: its members stand alone
        loose = np.flatnonzero((merged_of >= 0) & ~fine[np.maximum(merged_of, 0)])
        merged_of[loose] = size.size + np.arange(loose.size)
        _, compact = np.unique(merged_of[merged_of >= 0], return_inverse=True)
        merged_of[merged_of >= 0] = compact
        size = np.bincount(compact).astype(np.int64)
    covered = np.flatnonzero(merged_of >= 0)
    first_of = np.empty(size.size, np.int64)
    first_of[merged_of[covered[::-1]]] = covered[::-1]  # of an index that comes again the last value stays
    head = np.zeros(merged_of.size, np.bool_)
    head[first_of] = True
    pattern_start, pattern_layer = _listed(_emit, (start, layers, merged_of, head), served.start.size)
    matrix = sparse.csr_matrix(
        (np.ones(pattern_layer.size, np.int8), pattern_layer, pattern_start), shape=(served.start.size, size.size)
    )
    matrix.sort_indices()
    merged_weight, merged_need = (_summed(merged_of, each, size.size) for each in (raw_weight, raw_need))
    return Layers(
        pattern_start,
        pattern_layer,
        merged_weight,
        raw_floor[first_of],
        merged_need,
        int(covered.size),
        merged_of,
    )


def remerge(pattern_start: Ints, pattern_layer: Codes, weight: Ints, floor: Ints, need: Ints) -> Layers:
    """The same for layers that stand already (after patterns were dropped); ``merged_of`` runs along the given layers."""
    served = Served(pattern_start[:-1], pattern_start[1:], pattern_layer, np.ones(pattern_layer.size, np.int8))
    layers = merge(served, np.zeros(weight.size, np.int8), weight, floor, need)
    there = (np.bincount(pattern_layer, minlength=weight.size) > 0) & ((weight > 0) | (need > 0))
    merged_of = np.full(weight.size, -1, np.int64)
    merged_of[there] = layers.merged_of
    return replace(layers, merged_of=merged_of)
