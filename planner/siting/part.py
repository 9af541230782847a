"""Part of a model: fewer columns, their layers merged again, every rule as it was. What searches work on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.siting.layers import remerge
from planner.siting.matrices import links, patterns, uses
from planner.siting.model import CoverModel
from planner.siting.net import Codes, Ints, compiled


@dataclass(frozen=True)
class Part:
    """A smaller model and where its columns and groups stand in the whole one."""

    whole: CoverModel
    model: CoverModel
    columns: Ints
    groups: Ints
    merged_of: Ints  # the whole model's layer -> the part's (-1: covered by none of its columns)

    def plan_in(self, current: Ints) -> Ints:
        """A plan of the whole model in the part's numbers; columns that it lacks are undone."""
        place = np.full(self.whole.columns + 1, -1, np.int64)
        place[self.columns] = np.arange(self.columns.size)
        inside = place[current[self.groups]]
        return np.where(inside < 0, self.model.net.group_keep, inside)

    def plan_out(self, current: Ints) -> Ints:
        """A plan of the part in the whole model's numbers; other groups stay as they are."""
        out = np.array(self.whole.net.group_keep, np.int64)
        out[self.groups] = np.where(current >= 0, self.columns[np.maximum(current, 0)], -1)
        return out


@compiled
def transpose(start: Ints, entry: Codes, number: int) -> tuple[Ints, Codes]:
    """Pattern -> layers turned into layer -> patterns, ascending."""
    out_start = np.zeros(number + 1, np.int64)
    for e in entry:
        out_start[e + 1] += 1
    for e in range(number):
        out_start[e + 1] += out_start[e]
    at = out_start[:-1].copy()
    out = np.empty(entry.size, np.int32)
    for p in range(start.size - 1):
        for k in range(start[p], start[p + 1]):
            out[at[entry[k]]] = p
            at[entry[k]] += 1
    return out_start, out


def part_of(model: CoverModel, columns: Ints) -> Part:
    """The model with these columns (rising) and every keep column."""
    net = model.net
    columns = np.union1d(columns, net.group_keep[net.group_keep >= 0])
    if columns.size == model.columns:
        return Part(model, model, columns, np.arange(net.group_keep.size), np.arange(net.weight.size))
    groups, group = np.unique(net.column_group[columns], return_inverse=True)
    used, pattern = np.unique(net.column_pattern[columns], return_inverse=True)
    matrix = patterns(net)[used]
    layers = remerge(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), net.weight, net.floor, net.need)
    keep = np.full(groups.size, -1, np.int64)
    is_keep = np.flatnonzero(net.group_keep[net.column_group[columns]] == columns)
    keep[group[is_keep]] = is_keep
    amounts, linked = uses(net)[columns], links(net)[groups]
    pattern_group = np.zeros(used.size, np.int64)
    pattern_group[pattern] = group
    layer_start, layer_pattern = transpose(layers.pattern_start, layers.pattern_layer, layers.weight.size)
    small = net._replace(
        pattern_start=layers.pattern_start,
        pattern_layer=layers.pattern_layer,
        pattern_group=pattern_group,
        layer_start=layer_start,
        layer_pattern=layer_pattern,
        weight=layers.weight,
        floor=layers.floor,
        need=layers.need,
        column_pattern=pattern.astype(np.int64),
        column_group=group.astype(np.int64),
        column_spaced=net.column_spaced[columns],
        group_start=np.concatenate([[0], np.cumsum(np.bincount(group, minlength=groups.size))]).astype(np.int64),
        group_keep=keep,
        use_start=amounts.indptr.astype(np.int64),
        use_rule=amounts.indices.astype(np.int64),
        use_amount=amounts.data.astype(np.int64),
        clique_start=linked.indptr.astype(np.int64),
        clique_of=linked.indices.astype(np.int32),
    )
    ids = tuple(model.offer_ids[c] for c in columns)
    charged = model.uses[columns] if model.charges else model.uses
    made = replace(model, net=small, offer_ids=ids, uses=charged)
    return Part(model, made, columns, groups, layers.merged_of)
