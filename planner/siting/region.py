"""Regions of floors, and what layers are worth within one.

A region is one floor's part of town: the groups that cover more of its layers than of any other floor's. Its linear program, with worths g of
layers (``listing``: what covering them counts for), tolls of columns and the price r of falling short of its floor d,

    maximise    sum_l g_l y_l - sum_c toll_c x_c - r v
    subject to  y_l <= sum of x_c over its columns that cover l;  groups;  sum_{d(l) = d} n_l y_l + v >= need_d;  0 <= v <= help

(help: what columns elsewhere can add to its floor at most) has prices u_l of the first rows and s of the last, at which no way
of the region is worth more than

    sum_l max(0, g_l + s n_l - u_l) + sum over groups of max(0, max_c (sum of u_l covered - toll_c)) - s need_d + max(0, s - r) help

and, with the layers of a set of columns taken out of the first two sums and their worths added, none through that set. Any u and s bound;
these bound well, so that few sets are looked at.

Source: Lagrangian bounds of a covering problem, Beasley 1990.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from planner.siting.matrices import installs, patterns
from planner.siting.model import CoverModel
from planner.siting.net import Codes, Flags, Floats, Ints
from planner.siting.program import Program, Warm
from planner.siting.search import floors_of
from planner.work import Work

MOST_WORTH = 1e4  # of a layer in the linear program: HiGHS's tolerances are not relative


class Within:
    """The linear program of a region, solved again at other worths, tolls and prices from where it stands."""

    def __init__(self, start: Ints, layer: Codes, group: Ints, counts: Floats, need: int, most: int) -> None:
        self._start, self._layer, self._group = start, layer, group
        self._counts, self._need, self._most = counts, need, most
        self._warm: Warm | None = None

    def _loaded(self, work: Work) -> Warm:
        """HiGHS with the rows, which stay."""
        n, m, groups = self._group.size, self._counts.size, int(self._group.max()) + 1
        cover = sparse.csr_matrix((np.ones(self._layer.size), self._layer, self._start), shape=(n, m)).T
        group = sparse.csr_matrix((np.ones(n), (self._group, np.arange(n))), shape=(groups, n))
        blocks: list[list[Any]] = [
            [-cover, sparse.identity(m), None],
            [group, None, None],
            [None, sparse.csr_matrix(self._counts.reshape(1, -1)), sparse.csr_matrix([[1.0]])],
        ]
        program = Program(
            np.zeros(n + m + 1),
            sparse.csc_matrix(sparse.bmat(blocks, format="csc")),
            np.concatenate([np.full(m + groups, -np.inf), [self._need]]),
            np.concatenate([np.zeros(m), np.ones(groups), [np.inf]]),
            np.zeros(n + m + 1),
            np.concatenate([np.ones(n + m), [min(self._most, self._need)]]),
            np.arange(0),
        )
        return Warm(program, work, devex=True)

    def prices(self, worth: Floats, toll: Floats, short: float, work: Work) -> tuple[Floats, float]:
        """Of layers (u), and of the own floor's cover (s); where the linear program has no solution the worths and nothing."""
        self._warm = self._warm or self._loaded(work)
        unit = max(1.0, float(np.abs(worth).max(initial=0.0)) / MOST_WORTH)
        self._warm.weigh(np.concatenate([-toll, worth, [-short]]) / unit)
        price = np.abs(self._warm.solve().price) * unit
        return (price[: worth.size], float(price[-1])) if price.size else (worth, 0.0)


class Region(NamedTuple):
    """Columns and layers of one floor's region; slices as in ``Net``, columns, layers, groups and cliques by position."""

    floor: int  # the rule
    column: Ints  # of the model
    start: Ints  # column -> layers
    layer: Codes
    layer_of: Ints  # of the model
    group: Ints
    clique_start: Ints  # column -> cliques it stands in
    clique: Codes
    cliques: int
    help: int  # what columns elsewhere can add to the floor at most
    border: Flags  # per layer: whether columns elsewhere may cover it
    crossing: Ints  # cliques that installs elsewhere stand in as well
    within: Within


def regions_of(model: CoverModel, allowed: Ints, *, lacking: bool = False) -> list[Region]:
    """One region of allowed columns for each floor that asks for something; standing groups and what covers no such floor belong to none.

    ``lacking``: whether a floor may have less than it asks for, so that ways may fall short of it by more than columns elsewhere can add.
    """
    net = model.net
    asked = floors_of(model)
    asked = asked[net.limit[asked] < 0]
    if not asked.size:
        return []
    cover = patterns(net)[net.column_pattern]
    counts = sparse.csr_matrix(
        (net.need[net.floor >= 0].astype(np.float64), (np.flatnonzero(net.floor >= 0), net.floor[net.floor >= 0])),
        shape=(net.weight.size, net.limit.size),
    )[:, asked]
    by_column = np.asarray((cover @ counts).todense())
    groups = sparse.csr_matrix(
        (np.ones(model.columns), (net.column_group, np.arange(model.columns))),
        shape=(net.group_keep.size, model.columns),
    )
    by_group = np.asarray(groups @ by_column)
    home = np.where((by_group.max(axis=1, initial=0.0) > 0) & (net.group_keep < 0), by_group.argmax(axis=1), -1)
    of_column = home[net.column_group[allowed]]
    return [
        _region(model, cover, int(floor), allowed[of_column == number], allowed[of_column != number], lacking=lacking)
        for number, floor in enumerate(asked.tolist())
        if (of_column == number).any()
    ]


def _region(
    model: CoverModel, cover: sparse.csr_matrix, floor: int, columns: Ints, others: Ints, *, lacking: bool
) -> Region:
    """The region of these columns; ``others``: all that may be chosen elsewhere."""
    net = model.net
    part = sparse.csr_matrix(cover[columns])
    layer_of, layer = np.unique(part.indices, return_inverse=True)
    _, group = np.unique(net.column_group[columns], return_inverse=True)
    links = sparse.csr_matrix(installs(net, columns).T)
    links.eliminate_zeros()  # installs alone count
    known, clique = np.unique(links.indices, return_inverse=True)
    elsewhere = np.asarray(cover[others].sum(axis=0)).ravel() > 0
    crossed = np.asarray(installs(net, others).sum(axis=1)).ravel() > 0
    own = np.where(net.floor[layer_of] == floor, net.need[layer_of], 0).astype(np.float64)
    help_ = -int(net.limit[floor]) if lacking else int(net.need[elsewhere & (net.floor == floor)].sum())
    return Region(
        floor,
        columns,
        part.indptr.astype(np.int64),
        layer.astype(np.int32),
        layer_of.astype(np.int64),
        group.astype(np.int64),
        links.indptr.astype(np.int64),
        clique.astype(np.int32),
        known.size,
        help_,
        elsewhere[layer_of],
        known[crossed[known]].astype(np.int64),
        Within(
            part.indptr.astype(np.int64),
            layer.astype(np.int32),
            group.astype(np.int64),
            own,
            -int(net.limit[floor]),
            help_,
        ),
    )
