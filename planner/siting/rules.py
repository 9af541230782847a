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


# share of the own capital that is kept back at most, our choice: estimates of cameras are off by more, so that it costs no camera
RESERVE_SHARE = 0.005
MOST = 5  # programmes with charges that are told apart, used and unused: 32 problems
SPACING = "spacing"  # name of all cliques as one rule
LEAST = "programme_min:"  # rule of a programme that must pay so much or nothing
FEW_OFFERS = 2_000  # so few that 32 problems take seconds
_CHARGED = ["fixed_municipality_yen", "fixed_running_yen_per_year", "min_total_yen"]


def available_programmes(offers: frames.Offers) -> set[str]:
    """Programmes that could pay for something, alone or beside another."""
    ids = offers.table.loc[offers.table["why_not"] == "", "programme_id"].unique()
    return {part for one in ids for part in parts_of(one)}


@dataclass(frozen=True)
class Charge:
    """What the use of a programme costs by itself, and the least that it must pay in all (0: anything)."""

    programme: str
    own_yen: int
    running_yen_per_year: int
    least_yen: int


def reserve(offers: frames.Offers, settings: Settings) -> tuple[int, list[str]]:
    """What every plan keeps back of its own capital for small charges, yen, and the programmes that it is for.

    The rounding of a whole application costs up to a unit less one yen, once per programme that pays for anything. The smallest
    of these charges, as long as they are together at most ``RESERVE_SHARE`` of the own capital, are kept back by every plan;
    for the others, for a programme that asks for a least total or for running money too, and where offers are few, use and
    no use are told apart (``variants``): then a programme more never lowers the optimum, for the plans that do not use
    it pay nothing for it.
    """
    charged = _charged_caps(offers)
    small = charged[(charged["fixed_municipality_yen"] > 0) & charged["min_total_yen"].isna()]
    small = small[small["fixed_running_yen_per_year"].fillna(0) == 0].sort_values(
        ["fixed_municipality_yen", "programme_id"]
    )
    if len(charged) <= MOST and int((offers.table["why_not"] == "").sum()) <= FEW_OFFERS:
        return 0, []
    together = small["fixed_municipality_yen"].cumsum()
    small = small[together <= RESERVE_SHARE * settings.budget.own_capital_yen]
    return int(small["fixed_municipality_yen"].sum()), sorted(small["programme_id"])


def charges(offers: frames.Offers, settings: Settings) -> tuple[Charge, ...]:
    """Programmes whose use costs something by itself, beyond what is kept in reserve, or must reach a least total."""
    caps = _charged_caps(offers)
    caps = caps[~caps["programme_id"].isin(reserve(offers, settings)[1])].sort_values("programme_id")
    return tuple(
        Charge(str(programme), *(0 if pd.isna(yen) else int(yen) for yen in amounts))
        for programme, *amounts in caps[["programme_id", *_CHARGED]].itertuples(index=False)
    )


def _charged_caps(offers: frames.Offers) -> pd.DataFrame:
    """The rows of the caps of programmes that can pay for anything and have such terms."""
    caps = offers.caps.reindex(columns=["programme_id", *_CHARGED])  # a table made by hand may have none of the terms
    caps = caps[caps["programme_id"].isin(available_programmes(offers))]
    return caps[(caps[_CHARGED].fillna(0) > 0).any(axis=1)]


def money_rules(columns: pd.DataFrame, settings: Settings, reserve_yen: int) -> Iterator[Rule]:
    """Own capital less the reserve, running cost, local bodies (in yen)."""
    budget = settings.budget
    yield Rule("municipality_budget", _whole(columns, "municipality_yen"), budget.own_capital_yen - reserve_yen)
    if budget.running_yen_per_year is not None:
        yield Rule("running_budget", _whole(columns, frames.running_column(columns)), budget.running_yen_per_year)
    yield Rule("local_body_budget", _whole(columns, "local_body_yen"), budget.local_body_yen or 0)


def programme_rules(columns: pd.DataFrame, caps: pd.DataFrame, least: Collection[str] = ()) -> Iterator[Rule]:
    """Allocation (yen) and units (cameras or sites) of each programme.

    Programmes with a least total have its rule with a limit that nothing breaks: it is lowered where they are used (``using``).
    """
    cameras = _whole(columns, "cameras")
    for cap in caps.sort_values("programme_id").to_dict("records"):
        paid, subsidy = frames.paid_by(columns, cap["programme_id"])
        units = np.ones_like(cameras) if cap.get("units_of") == "site" else cameras
        if not pd.isna(cap["cap_total_yen"]):
            yield Rule(f"programme_total:{cap['programme_id']}", np.where(paid, subsidy, 0), int(cap["cap_total_yen"]))
        if not pd.isna(cap["max_units"]):
            yield Rule(f"programme_units:{cap['programme_id']}", np.where(paid, units, 0), int(cap["max_units"]))
        if cap["programme_id"] in least:
            yield Rule(f"{LEAST}{cap['programme_id']}", np.where(paid, -subsidy, 0), 0)


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


def binding(rule: Rule, group_start: Ints, group_keep: Ints, running_yen_per_year: int = 0) -> bool:
    """Whether any plan could break the rule (own capital always stays: the frontier moves it).

    ``running_yen_per_year``: what all programmes that cost something by the year would cost together.
    """
    if rule.name == "municipality_budget" or rule.name.startswith(LEAST) or rule.floor:
        return True
    if not rule.amount.size:
        return rule.limit < 0
    most = np.maximum.reduceat(rule.amount, group_start[:-1])
    most[group_keep < 0] = np.maximum(most[group_keep < 0], 0)
    charged = running_yen_per_year if rule.name == "running_budget" else 0
    return int(most.sum()) + charged > rule.limit


def _whole(columns: pd.DataFrame, name: str) -> Ints:
    """A money column as whole numbers."""
    return columns[name].to_numpy(np.int64)
