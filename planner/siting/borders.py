"""Layers at the borders of regions, which count once: what ways and open columns cover twice is taken off again.

Symbols as in ``planner.siting.sharing``. A side is a region or all open columns together. For each layer l that more than one side covers

    z_l >= sum_{v covers l} t_v + y_l - 1,    0 <= z_l <= sides - 1,    taken off with w_l, and with n_l of the floor d(l)

so that with whole t and x the layer counts as often as it should: once. Layers that the same ways and the same open columns cover are one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from planner.siting.layers import Layers, remerge
from planner.siting.model import CoverModel
from planner.siting.net import Floats, Ints
from planner.siting.program import Core


class Borders(NamedTuple):
    """Classes of layers that more than one side covers."""

    layers: Ints  # of the model, at borders
    of: Ints  # per such layer its class (-1: only one side covers it)
    way: sparse.csr_matrix  # class x way, 1 where the way covers it
    open: sparse.csr_matrix  # class x layer of the open columns, 1 where it is part of it
    weight: Ints
    floor: Ints
    need: Ints
    most: Floats  # sides that cover it, less one


def borders(model: CoverModel, core: Core, layers: Ints, region: Ints, cover: sparse.csr_matrix) -> Borders:
    """What ways (their regions, way x ``layers``: covered) and the open columns of a core cover twice of ``layers``."""
    sides = sparse.csr_matrix(sparse.vstack([cover, _merged(core.layers, layers)]))
    one = remerge(
        sides.indptr.astype(np.int64),
        sides.indices.astype(np.int32),
        model.net.weight[layers],
        model.net.floor[layers],
        model.net.need[layers],
    )
    shape = (sides.shape[0], one.weight.size)
    member = sparse.csr_matrix((np.ones(one.pattern_layer.size), one.pattern_layer, one.pattern_start), shape=shape)
    side = np.concatenate([region, np.full(core.layers.weight.size, 1 + region.max())])
    by_side = sparse.csr_matrix((np.ones(side.size), (side, np.arange(side.size)))) @ member
    number = np.diff(sparse.csc_matrix(by_side).indptr)
    several = np.flatnonzero(number > 1)
    of = np.full(one.weight.size + 1, -1)
    of[several] = np.arange(several.size)
    member = member[:, several]
    return Borders(
        layers, of[one.merged_of], sparse.csr_matrix(member[: region.size].T), sparse.csr_matrix(member[region.size :].T),
        one.weight[several], one.floor[several], one.need[several], number[several] - 1.0,
    )  # fmt: skip


def _merged(core: Layers, layers: Ints) -> sparse.csr_matrix:
    """Layers of the core x these layers of the model, 1 where they are part of it."""
    to = core.merged_of[layers]
    there = np.flatnonzero(to >= 0)
    return sparse.csr_matrix((np.ones(there.size), (to[there], there)), shape=(core.weight.size, layers.size))


def spread_out(found: Borders, price: Floats, raised: Floats) -> Floats:
    """Prices of classes on the model's layers, by what these are worth (``raised``, per layer of the model), and no more than that."""
    out, inside = np.zeros(raised.size), found.of >= 0
    layers, to = found.layers[inside], found.of[inside]
    together = np.bincount(to, raised[layers], price.size)
    out[layers] = np.minimum(1.0, price[to] / np.maximum(together[to], 1e-300)) * raised[layers]
    return out
