"""The linear rules of a plan, each with a name: sum of amounts over the chosen columns <= limit."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from planner import frames
from planner.programmes import parts_of
from planner.settings import Settings
from planner.siting.floors import Wide
from planner.siting.net import Ints


@dataclass(frozen=True)
class Rule:
    """``sum(amount[c] for chosen c) - (what is covered of its layers, for a floor) <= limit``.

    Minimum numbers and floors stand with the sign turned; a floor has no amounts.
    """

    name: str
    amount: Ints
    limit: int
    floor: str = ""  # key of the rows that a floor counts


RESERVE_SHARE = 0.001  # of the own capital: no price of a camera is known as closely as this


def available_programmes(offers: frames.Offers) -> set[str]:
    """Programmes that could pay for something, alone or beside another."""
    ids = offers.table.loc[offers.table["why_not"] == "", "programme_id"].unique()
    return {part for one in ids for part in parts_of(one)}


def reserve(offers: frames.Offers, settings: Settings) -> tuple[int, list[str]]:
    """What every plan keeps back of its own capital for small charges, yen, and the programmes that it is for.

    The rounding of a whole application costs up to a unit less one yen, once per programme that pays for anything. Where these
    charges together are at most ``RESERVE_SHARE`` of the own capital they are kept back by every plan; otherwise, and
    where a programme asks for a least total or for running money too, use and no use are told apart (``variants``).
    """
    columns = ["programme_id", "min_total_yen", "fixed_municipality_yen", "fixed_running_yen_per_year"]
    caps = offers.caps.reindex(columns=columns)  # a table made by hand may have none of the terms
    small = caps[caps["programme_id"].isin(available_programmes(offers)) & (caps["fixed_municipality_yen"] > 0)]
    small = small[small["min_total_yen"].isna() & (small["fixed_running_yen_per_year"].fillna(0) == 0)]
    total = int(small["fixed_municipality_yen"].sum())
    if total > RESERVE_SHARE * settings.budget.own_capital_yen:
        return 0, []
    return total, sorted(small["programme_id"])


def money_rules(columns: pd.DataFrame, settings: Settings, reserve_yen: int) -> Iterator[Rule]:
    """Own capital less the reserve, running cost, local bodies (in yen)."""
    budget = settings.budget
    yield Rule("municipality_budget", _whole(columns, "municipality_yen"), budget.own_capital_yen - reserve_yen)
    if budget.running_yen_per_year is not None:
        yield Rule("running_budget", _whole(columns, frames.running_column(columns)), budget.running_yen_per_year)
    yield Rule("local_body_budget", _whole(columns, "local_body_yen"), budget.local_body_yen or 0)


def programme_rules(columns: pd.DataFrame, caps: pd.DataFrame, used: Collection[str] = ()) -> Iterator[Rule]:
    """Allocation (yen) and units (cameras or sites) of each programme; least total of those that are known to be used."""
    cameras = _whole(columns, "cameras")
    for cap in caps.sort_values("programme_id").to_dict("records"):
        paid, subsidy = frames.paid_by(columns, cap["programme_id"])
        units = np.ones_like(cameras) if cap.get("units_of") == "site" else cameras
        if not pd.isna(cap["cap_total_yen"]):
            yield Rule(f"programme_total:{cap['programme_id']}", np.where(paid, subsidy, 0), int(cap["cap_total_yen"]))
        if not pd.isna(cap["max_units"]):
            yield Rule(f"programme_units:{cap['programme_id']}", np.where(paid, units, 0), int(cap["max_units"]))
        if cap["programme_id"] in used and not pd.isna(cap.get("min_total_yen")):
            amount = np.where(paid, -subsidy, 0)
            yield Rule(f"programme_min:{cap['programme_id']}", amount, -int(cap["min_total_yen"]))


def district_rules(
    columns: pd.DataFrame, settings: Settings, total: dict[str, int], anyway: dict[str, int]
) -> Iterator[Rule]:
    """Numbers of changed sites, and floors on covered weight.

    ``total``: weight of a district's rows, uncoverable ones included; ``anyway``: what is covered whatever is chosen.
    """
    changes = ~columns["kind"].isin(["keep", "remove"]).to_numpy()
    for rule in sorted(settings.rules.districts, key=lambda r: r.id):
        here = (changes & (columns["district_id"] == rule.id).to_numpy()).astype(np.int64)
        if rule.min_sites:
            yield Rule(f"district_min:{rule.id}", -here, -rule.min_sites)
        if rule.max_sites is not None:
            yield Rule(f"district_max:{rule.id}", here, rule.max_sites)
        need = floor_need(rule.floor_share, total.get(rule.id, 0)) - anyway.get(rule.id, 0)
        if need > 0:
            yield Rule(f"district_floor:{rule.id}", np.zeros(len(columns), np.int64), -need, rule.id)


def floor_rules(columns: pd.DataFrame, settings: Settings, wide: Wide, anyway: Ints, steps: int) -> Iterator[Rule]:
    """Floors on any measure (``anyway``: per row the ladder steps that it has whatever is chosen)."""
    for floor in settings.rules.floors:
        here = (wide.key == floor.name).to_numpy()
        need = floor_need(floor.share, int(wide.need[here].sum()) * steps)
        need -= int((wide.need[here] * anyway[here]).sum())
        if need > 0:
            yield Rule(floor.name, np.zeros(len(columns), np.int64), -need, floor.name)


def floor_need(share: float | None, total: int) -> int:
    """Weight that a floor asks for: the share as written, rounded up to a whole number."""
    return math.ceil(Fraction(str(share or 0)) * total)


def binding(rule: Rule, group_start: Ints, group_keep: Ints) -> bool:
    """Whether any plan could break the rule (own capital always stays: the frontier moves it)."""
    if rule.name == "municipality_budget" or rule.floor:
        return True
    if not rule.amount.size:
        return rule.limit < 0
    most = np.maximum.reduceat(rule.amount, group_start[:-1])
    most[group_keep < 0] = np.maximum(most[group_keep < 0], 0)
    return int(most.sum()) > rule.limit


def _whole(columns: pd.DataFrame, name: str) -> Ints:
    """A money column as whole numbers."""
    return columns[name].to_numpy(np.int64)
