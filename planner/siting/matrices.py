"""Sparse matrices of a covering model: what a pattern covers, what a column uses of each rule, where it is an install among others."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.siting.net import Ints, Net


def patterns(net: Net) -> sparse.csr_matrix:
    """Patterns x layers, 1 where covered."""
    shape = (net.pattern_start.size - 1, net.weight.size)
    return sparse.csr_matrix((np.ones(net.pattern_layer.size), net.pattern_layer, net.pattern_start), shape=shape)


def uses(net: Net) -> sparse.csr_matrix:
    """Columns x rules, whole amounts."""
    shape = (net.column_group.size, net.limit.size)
    return sparse.csr_matrix((net.use_amount, net.use_rule, net.use_start), shape=shape)


def links(net: Net) -> sparse.csr_matrix:
    """Groups x cliques, 1 where an install of the group counts."""
    shape = (net.group_keep.size, net.cliques)
    return sparse.csr_matrix((np.ones(net.clique_of.size), net.clique_of, net.clique_start), shape=shape)


def installs(net: Net, columns: Ints) -> sparse.csr_matrix:
    """Cliques x these columns, 1 for each install."""
    spaced = sparse.diags_array(net.column_spaced[columns].astype(np.float64))
    return sparse.csr_matrix((spaced @ links(net)[net.column_group[columns]]).T)
