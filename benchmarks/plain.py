"""A covering problem given as a sparse cover, without tables: the same model, for published instances and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner import frames
from planner.settings import Settings
from planner.siting.dropping import EMPTY, LIVE, dropped_table
from planner.siting.layers import Served, merge, remerge
from planner.siting.model import CoverModel, Given
from planner.siting.net import Codes, Flags, Ints, Net, compiled
from planner.siting.part import transpose
from planner.siting.rules import Rule

FEW = 100  # of so many options one may be dropped without merging again


@dataclass(frozen=True)
class Cover:
    """Options and the points they cover, nothing else known of either.

    Option i covers ``point[start[i]:start[i + 1]]``; points weigh whole numbers. Options of one ``group`` (rising along
    the options) exclude each other, and so do groups that share a row of ``pairs``. Every rule limits the sum of its
    amounts over the chosen options, except that a floor (``district`` set) asks for weight covered at the points of that
    district. The first rule must be ``municipality_budget``.
    """

    start: Ints
    point: Codes
    weight: Ints
    rules: Sequence[Rule]
    group: Ints
    pairs: Ints  # k x 2 groups
    district: Ints  # per point, -1: none; names of floors are its numbers


def only(start: Ints, point: Codes, weight: Ints, cost: Ints, budget: int) -> Cover:
    """The plain problem: one budget, no groups, no floors."""
    rule = Rule("municipality_budget", np.asarray(cost, np.int64), int(budget))
    none = np.full(weight.size, -1, np.int64)
    return Cover(start, point, weight, (rule,), np.arange(start.size - 1), np.zeros((0, 2), np.int64), none)


def build_plain(cover: Cover, settings: Settings) -> CoverModel:
    """The covering model of a sparse cover: points with equal covers merged, dominated options dropped.

    Parameters
    ----------
    cover
        Options, points and rules.
    settings
        Kept with the model, so that ``choose`` accepts it. Its budget is not read.

    Returns
    -------
    CoverModel
        ``offer_ids`` are the numbers of the options, ``unit`` is 1. Its tables are empty: ``verify`` has nothing to
        recount, ``covered_weight`` does it.
    """
    floor_rule = {int(r.floor): i for i, r in enumerate(cover.rules) if r.floor}
    floor = np.full(cover.weight.size, -1, np.int64)
    for district, i in floor_rule.items():
        floor[cover.district == district] = i
    served = Served(cover.start[:-1], cover.start[1:], cover.point, np.ones(cover.point.size, np.int8))
    merged = merge(served, np.zeros(cover.weight.size, np.int8), cover.weight, floor)
    amount = np.stack([r.amount for r in cover.rules], axis=1)
    groups = int(cover.group.max(initial=-1)) + 1
    cliques, number = edge_cliques(cover.pairs, groups)
    alone = (np.bincount(cover.group, minlength=groups) == 1) & (np.diff(cliques.indptr) == 0)
    by_layer = transpose(merged.pattern_start, merged.pattern_layer, merged.weight.size)
    by = _dominated(
        merged.pattern_start, merged.pattern_layer, *by_layer, merged.weight, amount, cover.group, alone[cover.group]
    )
    live = np.flatnonzero(by == LIVE)
    matrix = sparse.csr_matrix(
        (np.ones(merged.pattern_layer.size, np.int8), merged.pattern_layer, merged.pattern_start),
        shape=(cover.group.size, merged.weight.size),
    )[live]
    layers = replace(
        merged, pattern_start=matrix.indptr.astype(np.int64), pattern_layer=matrix.indices.astype(np.int32)
    )
    # few options less make few more layers alike, and alike layers do no harm: not worth another look at all of them
    if by.size - live.size > by.size // FEW:
        layers = remerge(
            matrix.indptr.astype(np.int64),
            matrix.indices.astype(np.int32),
            merged.weight,
            merged.floor,
            merged.need,
        )
    known, group = np.unique(cover.group[live], return_inverse=True)
    links = cliques[known]
    uses = sparse.csr_matrix(amount[live])
    net = Net(
        layers.pattern_start,
        layers.pattern_layer,
        group,
        *transpose(layers.pattern_start, layers.pattern_layer, layers.weight.size),
        layers.weight,
        layers.floor,
        layers.need,
        np.arange(live.size),
        group,
        np.ones(live.size, np.bool_),
        np.concatenate([[0], np.cumsum(np.bincount(group, minlength=known.size))]).astype(np.int64),
        np.full(known.size, -1, np.int64),
        uses.indptr.astype(np.int64),
        uses.indices.astype(np.int64),
        uses.data.astype(np.int64),
        np.array([r.limit for r in cover.rules], np.int64),
        links.indptr.astype(np.int64),
        links.indices.astype(np.int32),
        number,
    )
    sizes = {
        "offers": cover.group.size,
        "columns": live.size,
        "columns_dominated": by.size - live.size,
        "layers_raw": merged.raw,
        "layers": layers.weight.size,
        "entries": layers.pattern_layer.size,
        "groups": known.size,
        "cliques": number,
    }
    names = tuple(r.name for r in cover.rules)
    dropped = dropped_table(np.arange(by.size).astype(str), by)
    return CoverModel(net, tuple(map(str, live.tolist())), names, (), 1.0, 0, sizes, _no_tables(settings), dropped)


def covered_weight(cover: Cover, chosen: Ints) -> int:
    """Weight of the points that the chosen options cover, counted from the cover alone."""
    hit = np.zeros(cover.weight.size, bool)
    for i in chosen:
        hit[cover.point[cover.start[i] : cover.start[i + 1]]] = True
    return int(cover.weight[hit].sum())


def broken_rules(cover: Cover, chosen: Ints) -> tuple[str, ...]:
    """Names of the rules that a choice breaks, counted from the cover alone."""
    hit = np.zeros(cover.weight.size, bool)
    for i in chosen:
        hit[cover.point[cover.start[i] : cover.start[i + 1]]] = True
    names = []
    for rule in cover.rules:
        used = int(rule.amount[chosen].sum())
        if rule.floor:
            used -= int(cover.weight[hit & (cover.district == int(rule.floor))].sum())
        if used > rule.limit:
            names.append(rule.name)
    there = np.bincount(cover.group[chosen], minlength=int(cover.group.max(initial=-1)) + 1)
    if (there > 1).any():
        names.append("one_per_group")
    if ((there[cover.pairs[:, 0]] > 0) & (there[cover.pairs[:, 1]] > 0)).any():
        names.append("spacing")
    return tuple(names)


def _no_tables(settings: Settings) -> Given:
    """Tables without rows."""
    rows = frames.Rows(frames.empty("rows", 0), sparse.csr_matrix((0, 0)), (), 1)
    offers = frames.Offers(frames.empty("offers", 0), frames.empty("programme_caps", 0))
    return Given(rows, offers, frames.empty("cliques", 0), settings)


def edge_cliques(pairs: Ints, groups: int) -> tuple[sparse.csr_matrix, int]:
    """Groups x cliques: every pair lies in one of them, each grown as far as the pairs allow (tighter than pairs)."""
    near: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    done: set[tuple[int, int]] = set()
    members: list[list[int]] = []
    for a, b in sorted((min(p), max(p)) for p in pairs.tolist()):
        if (a, b) in done:
            continue
        clique, both = [a, b], near[a] & near[b]
        while both:
            new = max(both, key=lambda g: (len(near[g] & both), -g))
            clique.append(new)
            both &= near[new]
        clique.sort()
        done.update((clique[i], clique[j]) for i in range(len(clique)) for j in range(i + 1, len(clique)))
        members.append(clique)
    row = np.array([g for clique in members for g in clique], np.int64)
    column = np.repeat(np.arange(len(members)), [len(c) for c in members]).astype(np.int64)
    matrix = sparse.csr_matrix((np.ones(row.size, np.int8), (row, column)), shape=(groups, len(members)))
    matrix.sort_indices()
    return matrix, len(members)


@compiled
def _dominated(
    start: Ints,
    entry: Codes,
    layer_start: Ints,
    layer_pattern: Codes,
    weight: Ints,
    amount: Ints,
    group: Ints,
    alone: Flags,
) -> Ints:
    """Per column another of the group, or a free-standing one, that replaces it: covers as much and uses no more.

    A free-standing column (no group mate, no clique) may replace any: where it is chosen already, nothing is lost by
    leaving the dominated one out, as long as that one only uses of the rules.
    """
    n = start.size - 1
    by = np.full(n, LIVE)
    total = np.zeros(n)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            total[i] += weight[entry[k]]
    for i in range(n):
        size = start[i + 1] - start[i]
        uses_only = True
        for r in range(amount.shape[1]):
            uses_only = uses_only and amount[i, r] >= 0
        if size == 0:
            if uses_only:
                by[i] = EMPTY
            continue
        rare = entry[start[i]]
        for k in range(start[i], start[i + 1]):
            if layer_start[entry[k] + 1] - layer_start[entry[k]] < layer_start[rare + 1] - layer_start[rare]:
                rare = entry[k]
        for q in range(layer_start[rare], layer_start[rare + 1]):
            j = layer_pattern[q]
            if j == i or by[j] != LIVE or start[j + 1] - start[j] < size or total[j] < total[i]:
                continue
            if not (group[j] == group[i] or (alone[j] and uses_only)):
                continue
            fine = True
            for r in range(amount.shape[1]):
                fine = fine and amount[j, r] <= amount[i, r]
            at, end = start[j], start[j + 1]
            k = start[i]
            while fine and k < start[i + 1]:
                while at < end and entry[at] < entry[k]:
                    at += 1
                fine = at < end and entry[at] == entry[k]
                k += 1
            if fine:
                by[i] = j
                break
    return by
