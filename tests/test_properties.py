"""What must not matter does not matter: where north is, where the origin is, in which order rows stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity

from planner import frames, siting, study
from planner.frames import Choice, Inputs
from planner.plan import Prepared
from planner.settings import Merged, merge
from planner.work import Work
from tests.tiny_towns import table, tiny

SEEDS = range(300, 312)


def chosen(inputs: Inputs, merged: Merged) -> Choice:
    return best(study.prepare(inputs, merged.settings, Work()), merged)


def best(town: Prepared, merged: Merged) -> Choice:
    return siting.choose(study.pose(town, merged.settings, Work()), merged.settings, Work())


@cache
def prepared(seed: int) -> tuple[Prepared, Merged, float]:
    """A town, its wishes and the value of its best plan."""
    inputs, merged = tiny(seed)
    town = study.prepare(inputs, merged.settings, Work())
    return town, merged, best(town, merged).value


def mapped(inputs: Inputs, move: Callable[[Any], Any], turn_deg: float = 0.0) -> Inputs:
    """The same town with every geometry moved and every bearing turned."""
    parts: dict[str, Any] = {}
    for name, old in vars(inputs).items():
        if isinstance(old, gpd.GeoDataFrame):
            moved = [None if g is None else move(g) for g in old.geometry]
            parts[name] = old.set_geometry(gpd.GeoSeries(moved, index=old.index, crs=old.crs))
    turned = (parts["standing"]["bearing_deg"] + turn_deg) % 360
    parts["standing"] = parts["standing"].assign(bearing_deg=turned)
    return replace(inputs, **parts)


def shuffled(inputs: Inputs, seed: int) -> Inputs:
    """The same town with the rows of every table in another order."""
    g = np.random.default_rng(seed)
    tables = {n: t for n, t in vars(inputs).items() if n in frames.TABLES}
    return replace(inputs, **{n: t.iloc[g.permutation(len(t))].reset_index(drop=True) for n, t in tables.items()})


@pytest.mark.parametrize("seed", SEEDS)
def test_shifting_turning_and_reordering_the_town_carry_the_plan(seed: int) -> None:
    town, merged, value = prepared(seed)
    inputs = town.inputs
    shifted = mapped(inputs, lambda g: affinity.translate(g, 1234.5, -987.25))
    assert chosen(shifted, merged).value == pytest.approx(value, abs=1e-9)
    turned = mapped(inputs, lambda g: affinity.rotate(g, -90, origin=(60, 40)), turn_deg=90)
    assert chosen(turned, merged).value == pytest.approx(value, abs=1e-9)
    assert chosen(shuffled(inputs, seed), merged).value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_money_never_covers_less_and_a_rule_never_helps(seed: int) -> None:
    town, merged, value = prepared(seed)
    settings = merged.settings
    richer = settings.model_copy(
        update={"budget": settings.budget.model_copy(update={"own_capital_yen": settings.budget.own_capital_yen * 2})}
    )
    assert best(town, merge(("test", richer.model_dump()))).value >= value - 1e-9
    spaced = settings.model_copy(update={"rules": settings.rules.model_copy(update={"spacing_m": 200.0})})
    assert chosen(town.inputs, merge(("test", spaced.model_dump()))).value <= value + 1e-9


def test_no_site_and_no_view_in_a_forbidden_zone() -> None:
    zone = {"zone_id": "z", "rule": "no_install", "origin": "test"}
    for seed in SEEDS:
        inputs, merged = tiny(seed)
        forbidden = inputs.mounts.geometry.iloc[0].buffer(3)
        zones = frames.check(
            "zones",
            gpd.GeoDataFrame([{**zone, "limit_days": float("nan")}], geometry=[forbidden], crs=inputs.mounts.crs),
            6677,
        )
        town = study.prepare(replace(inputs, zones=zones), merged.settings, Work())
        new = town.survey.actions[town.survey.actions["kind"] == "install"]
        assert not new.geometry.intersects(forbidden).any()


def test_requests_and_targets_do_not_move_the_plan() -> None:
    """However many ask for a camera at one corner (P37), and whatever target runs there."""
    inputs, merged = tiny(SEEDS[0])
    corner = inputs.mounts.geometry.iloc[0]
    asked = [
        {"request_id": f"r{n}", "requester": "自治会（架空）", "wish": "新設", "geometry": corner} for n in range(50)
    ]
    aims = [{"target_id": "t", "name": "通学路（架空）", "kind": "school_route", "geometry": corner.buffer(50)}]
    more = replace(inputs, requests=table("requests", asked), targets=table("targets", aims))
    first, then = chosen(inputs, merged), chosen(more, merged)
    assert (then.value, then.bound) == (first.value, first.bound)
    assert then.chosen.equals(first.chosen)
