"""Rows and offers become a covering model: columns, layers, rules; dominated columns dropped, equal layers merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from planner import frames
from planner.errors import PlannerError
from planner.settings import Settings
from planner.siting.dropping import LIVE, dominated, dropped_table
from planner.siting.floors import Wide, widen
from planner.siting.layers import Layers, Served, merge, remerge, top_level
from planner.siting.net import Codes, Floats, Ints, Net, compiled
from planner.siting.rules import (
    Charge,
    Rule,
    binding,
    charges,
    district_rules,
    floor_rules,
    money_rules,
    programme_rules,
    reserve,
)
from planner.siting.wished import Linear, banned, check_sites, loosened, wish_rules

SMALL = 3_000  # columns and layers together: branch and bound proves it within seconds


@dataclass(frozen=True)
class Given:
    """The tables a model was made from, as they came; ``verify`` recounts from them."""

    rows: frames.Rows
    offers: frames.Offers
    cliques: pd.DataFrame
    settings: Settings
    more: tuple[Linear, ...] = ()


@dataclass(frozen=True)
class Multipliers:
    """Prices that prove a bound: per layer, per rule, per clique; none below 0."""

    layer: Floats
    rule: Floats
    clique: Floats


@dataclass(frozen=True)
class CoverModel:
    """Maximise the covered weight over one column per standing group, at most one per mount, within the rules.

    ``net`` holds the arrays, ``offer_ids`` the offer of each column, ``rules`` the name of each rule, ``kept`` the
    keep offers of groups that have nothing else. Covered weight counts in ``unit`` offences a year; ``base`` is that of
    all-keep (layers that are covered whatever is chosen are deleted), so gains are ``value - base``.
    ``sizes`` says how much was dropped and merged; ``dropped`` why a column is not there: ``offer_id``, ``reason`` (``useless``:
    it covers nothing and saves nothing; ``dominated``: ``by`` of the same group covers as much and uses no more) and ``by``
    (an offer that is a column; empty where useless). ``reserve_yen`` of the own capital is kept back for small charges of
    programmes (``rules.reserve``): the limit of rule ``municipality_budget`` is the budget less the reserve.
    ``charges`` are the programmes whose use costs something or must reach a least total, ``uses`` per column the ones that pay for
    it (bit i: the i-th). Nothing of that is in the limits until ``used`` says which are used (``using``); ``charged_yen`` then is
    what that takes of the own capital.
    ``derived``: some of its rules are out of reach or some plans left out, so that the tables do not tell which of its rules fight.
    """

    net: Net
    offer_ids: tuple[str, ...]
    rules: tuple[str, ...]
    kept: tuple[str, ...]
    unit: float
    base: int
    sizes: Mapping[str, int]
    given: Given
    dropped: pd.DataFrame
    reserve_yen: int = 0
    charges: tuple[Charge, ...] = ()
    uses: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    used: tuple[str, ...] | None = None
    charged_yen: int = 0
    derived: bool = False

    def own_limit(self, municipality_yen: int) -> int:
        """What of some own capital is left for columns."""
        return max(municipality_yen - self.reserve_yen, 0) - self.charged_yen

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.offer_ids)

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """The column of each offer."""
        return {offer: column for column, offer in enumerate(self.offer_ids)}

    @cached_property
    def rule_unit(self) -> Ints:
        """Per rule the greatest common divisor of its amounts (1 for floors)."""
        return _common_divisors(self.net.use_rule, self.net.use_amount, self.net.limit.size)

    @property
    def small(self) -> bool:
        """Whether the model is to be solved to proven optimality."""
        return self.columns + int(self.net.weight.size) <= SMALL


@compiled
def _common_divisors(rule: Ints, amount: Ints, rules: int) -> Ints:
    """Per rule the greatest common divisor of its amounts (1 where there are none)."""
    unit = np.zeros(rules, np.int64)
    for k in range(rule.size):
        a, b = unit[rule[k]], abs(amount[k])
        while b:
            a, b = b, a % b
        unit[rule[k]] = a
    return np.maximum(unit, 1)


@dataclass(frozen=True)
class _Columns:
    """The offers that may be chosen, sorted by group and id, and their groups and patterns."""

    table: pd.DataFrame
    group: Ints
    start: Ints
    keep: Ints
    pattern: Ints
    action: Ints  # per pattern: its row in quality
    always: Ints  # rows in quality of actions that stand whatever is chosen
    kept: tuple[str, ...]


def _columns(rows: frames.Rows, offers: frames.Offers, out: Ints) -> _Columns:
    """Available offers that are not banned as columns; groups with only a keep that costs nothing are set apart."""
    table = offers.table[(offers.table["why_not"] == "") & (out == 0)]
    table = table.sort_values(["group_id", "offer_id"], ignore_index=True)
    action = pd.Index(rows.action_ids).get_indexer(pd.Index(table["action_id"]))
    if (action < 0).any():
        first = table["action_id"][action < 0].iloc[0]
        raise PlannerError(
            "offer_without_action",
            f"{(action < 0).sum()} offers have no action among the rows, first {first}",
            number=int((action < 0).sum()),
            action_id=str(first),
        )
    by_group = table.groupby("group_id", sort=True)["kind"]
    keeps = (table["kind"] == "keep").groupby(table["group_id"], sort=True).sum()
    needs = (~table["kind"].isin(frames.INSTALLS)).groupby(table["group_id"], sort=True).any()
    wrong = keeps.index[(keeps != 1) & needs]
    if len(wrong):
        raise PlannerError(
            "standing_without_keep",
            f"{len(wrong)} standing groups have not exactly one keep offer, first {wrong[0]}",
            number=len(wrong),
            group_id=str(wrong[0]),
        )
    free_of_charge = (table["municipality_yen"] == 0) & (table[frames.running_column(table)] == 0)
    alone = ((table["kind"] == "keep") & (by_group.transform("size") == 1) & free_of_charge).to_numpy()
    free = table[~alone].reset_index(drop=True)
    group, _ = pd.factorize(free["group_id"])
    start = (
        np.concatenate([[0], np.cumsum(np.bincount(group))]).astype(np.int64) if len(free) else np.zeros(1, np.int64)
    )
    keep = np.full(start.size - 1, -1, np.int64)
    is_keep = np.flatnonzero((free["kind"] == "keep").to_numpy())
    keep[group[is_keep]] = is_keep
    pattern, served = pd.factorize(action[~alone])
    return _Columns(
        free,
        group.astype(np.int32),
        start,
        keep,
        pattern.astype(np.int32),
        served.astype(np.int64),
        action[alone].astype(np.int64),
        tuple(table["offer_id"][alone]),
    )


def _served(quality: sparse.csr_matrix, steps: int, action: Ints) -> Served:
    """The patterns' part of the quality matrix, levels as whole ladder steps."""
    level = np.rint(quality.data * steps).astype(np.int8)
    return Served(
        quality.indptr[action].astype(np.int64),
        quality.indptr[action + 1].astype(np.int64),
        quality.indices.astype(np.int32, copy=False),
        level,
    )


def _district_weights(steps: int, wide: Wide, top: Ints) -> tuple[dict[str, int], dict[str, int]]:
    """Per district what a floor counts of its rows, and of what is covered whatever is chosen."""
    total = pd.Series(wide.need * steps).groupby(wide.key).sum()
    anyway = pd.Series(wide.need * top).groupby(wide.key).sum()
    return {str(k): int(v) for k, v in total.items()}, {str(k): int(v) for k, v in anyway.items()}


def _clique_arrays(cliques: pd.DataFrame, columns: _Columns) -> tuple[Ints, Codes, int]:
    """Group -> cliques, for cliques that hold at least two groups that could install."""
    groups = pd.Index(columns.table["group_id"].iloc[columns.start[:-1]])
    installs = np.unique(columns.group[columns.table["kind"].isin(frames.INSTALLS).to_numpy()])
    members = cliques.drop_duplicates()
    group = groups.get_indexer(pd.Index(members["group_id"]))
    fine = np.isin(group, installs) & (group >= 0)
    members, group = members[fine], group[fine]
    number = members.groupby("clique_id")["group_id"].transform("size").to_numpy()
    clique, _ = pd.factorize(members["clique_id"][number > 1], sort=True)
    matrix = sparse.csr_matrix(
        (np.ones(clique.size, np.int8), (group[number > 1], clique)),
        shape=(len(groups), int(clique.max(initial=-1)) + 1),
    )
    matrix.sort_indices()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.shape[1]


def build(
    rows: frames.Rows,
    offers: frames.Offers,
    cliques: pd.DataFrame,
    settings: Settings,
    more: Sequence[Linear] = (),
    *,
    loose: bool = False,
    value: Ints | None = None,
) -> CoverModel:
    """The covering model of rows, offers and limits.

    Parameters
    ----------
    rows
        Table ``rows`` and quality (actions x rows, on the ladder). Only rows of measure ``place`` count for the value;
        others count for the floors on their measure.
    offers
        Table ``offers`` and programme caps. Offers with a ``why_not`` are left out.
    cliques
        Table ``cliques``: at most one install among the groups of a clique.
    settings
        ``budget`` and ``rules`` give the limits.
    more
        Further linear rules over offers.
    loose
        Bans, and what took offers out one reason at a time (``wished.LOOSE``), become rules that can be given up,
        so that a refusal can name them.
    value
        Per row what counts for the value in place of ``weight_micro``, whole (another resample of the demand): floors, and so the
        plans that keep all rules, stay as they are.

    Returns
    -------
    CoverModel
        It does not depend on the order of any table.

    Raises
    ------
    PlannerError
        ``offer_without_action``, ``standing_without_keep``.
    SettingsError
        ``wish_unknown_site``, ``wish_contradicts``, ``floor_without_rows``.
    """
    check_sites(offers.table, settings)
    given = Given(rows, offers, cliques, settings, tuple(more))
    if loose:
        offers, more = loosened(offers, settings, more)
    out = np.zeros(len(offers.table), np.int64) if loose else banned(offers.table, settings)
    columns = _columns(rows, offers, out)
    wide = widen(rows, settings, value)
    always = _served(wide.quality, rows.steps, columns.always)
    top = top_level(always.start, always.end, always.indices, always.level, wide.weight.size)
    total, anyway = _district_weights(rows.steps, wide, top.astype(np.int64))
    charged = charges(given.offers, settings)
    named = [
        *money_rules(columns.table, settings, reserve(offers, settings)[0]),
        *programme_rules(columns.table, offers.caps, [c.programme for c in charged if c.least_yen]),
        *district_rules(columns.table, settings, total, anyway),
        *floor_rules(columns.table, settings, wide, top.astype(np.int64), rows.steps),
        *wish_rules(columns.table, offers.table, settings),
        *(linear.rule(columns.table) for linear in more),
    ]
    by_the_year = sum(c.running_yen_per_year for c in charged)
    rules = [r for r in named if binding(r, columns.start, columns.keep, by_the_year)]
    floor_rule = {r.floor: i for i, r in enumerate(rules) if r.floor}
    floor = wide.key.map(floor_rule).fillna(-1).to_numpy(np.int64)
    merged = merge(
        _served(wide.quality, rows.steps, columns.action), top, wide.weight, floor, np.where(floor >= 0, wide.need, 0)
    )
    return _assemble(columns, rules, merged, given, charged)


def _assemble(
    columns: _Columns, rules: list[Rule], merged: Layers, given: Given, charged: tuple[Charge, ...]
) -> CoverModel:
    """Drop dominated columns, merge again, lay the arrays out."""
    amount = np.stack([r.amount for r in rules], axis=1)
    spaced = columns.table["kind"].isin(frames.INSTALLS).to_numpy()
    paid = [frames.paid_by(columns.table, c.programme)[0].astype(np.int64) for c in charged]
    # a column replaces no other that does without a programme which it needs
    more = np.stack([*amount.T, *paid], axis=1)
    by = dominated(
        merged.pattern_start, merged.pattern_layer, columns.pattern, columns.start, columns.keep, spaced, more
    )
    live = np.flatnonzero(by == LIVE)
    table, group = columns.table.iloc[live], columns.group[live]
    matrix = sparse.csr_matrix(
        (np.ones(merged.pattern_layer.size, np.int8), merged.pattern_layer, merged.pattern_start),
        shape=(columns.action.size, merged.weight.size),
    )
    pattern, used = pd.factorize(columns.pattern[live])
    matrix = matrix[used]
    layers = remerge(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), merged.weight, merged.floor, merged.need
    )
    known, group = np.unique(group, return_inverse=True)
    keep = np.full(known.size, -1, np.int64)
    is_keep = np.flatnonzero((table["kind"] == "keep").to_numpy())
    keep[group[is_keep]] = is_keep
    uses = sparse.csr_matrix(amount[live])
    clique_start, clique_of, number = _clique_arrays(given.cliques, columns)
    links = sparse.csr_matrix(
        (np.ones(clique_of.size, np.int8), clique_of, clique_start), shape=(columns.keep.size, number)
    )[known]
    by_layer = sparse.csr_matrix(
        (np.ones(layers.pattern_layer.size, np.int8), layers.pattern_layer, layers.pattern_start),
        shape=(used.size, layers.weight.size),
    ).tocsc()
    pattern_group = np.zeros(used.size, np.int64)
    pattern_group[pattern] = group
    net = Net(
        layers.pattern_start,
        layers.pattern_layer,
        pattern_group,
        by_layer.indptr.astype(np.int64),
        by_layer.indices.astype(np.int32),
        layers.weight,
        layers.floor,
        layers.need,
        pattern.astype(np.int64),
        group.astype(np.int64),
        spaced[live],
        np.concatenate([[0], np.cumsum(np.bincount(group, minlength=known.size))]).astype(np.int64),
        keep,
        uses.indptr.astype(np.int64),
        uses.indices.astype(np.int64),
        uses.data.astype(np.int64),
        np.array([r.limit for r in rules], np.int64),
        links.indptr.astype(np.int64),
        links.indices.astype(np.int32),
        number,
    )
    standing = np.zeros(layers.weight.size, np.bool_)
    for column in keep[keep >= 0]:
        p = net.column_pattern[column]
        standing[net.pattern_layer[net.pattern_start[p] : net.pattern_start[p + 1]]] = True
    sizes = {
        "offers": len(given.offers.table),
        "columns": live.size,
        "columns_dominated": by.size - live.size,
        "layers_raw": merged.raw,
        "layers": layers.weight.size,
        "entries": layers.pattern_layer.size,
        "groups": known.size,
        "cliques": number,
    }
    unit = 1.0 / (given.rows.steps * frames.MICRO)
    return CoverModel(
        net,
        tuple(table["offer_id"].tolist()),
        tuple(r.name for r in rules),
        columns.kept,
        unit,
        int(layers.weight[standing].sum()),
        sizes,
        given,
        dropped_table(columns.table["offer_id"], by),
        reserve(given.offers, given.settings)[0],
        charged,
        sum((p[live] << i for i, p in enumerate(paid)), start=np.zeros(live.size, np.int64)),
    )
