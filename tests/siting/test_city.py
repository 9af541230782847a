"""A town's shape in small: gaps, repeatability, more money, spacing and floors; and a published instance."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import towns

from planner import siting


def test_gap_and_repeatability() -> None:
    town = towns.city(200)
    settings = towns.settings_of(6_000_000, budget={"running_yen_per_year": 400_000}, siting={"frontier_steps": 12})
    model = siting.build(*town, settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    assert choice.gap <= 0.02
    assert np.isclose(choice.chosen["gain_per_year"].sum(), choice.value)
    assert (np.diff(choice.chosen["gain_per_year"]) <= 1e-12).all()
    again = siting.choose(siting.build(*town, settings), settings)
    assert again.chosen.equals(choice.chosen)
    table = siting.frontier(model, settings, choice).table
    assert table["value_per_year"].is_monotonic_increasing
    assert table["bound_per_year"].is_monotonic_increasing
    assert len(table) == 12
    own = table[table["municipality_yen"] == 6_000_000].iloc[0]
    assert (own["value_per_year"], own["bound_per_year"]) == (choice.value, choice.bound)


def test_spacing_and_floor() -> None:
    town = towns.city(300, spacing_m=100.0)
    rules = {"districts": [{"id": "D3", "floor_share": 0.02}, {"id": "D5", "min_sites": 2, "max_sites": 4}]}
    settings = towns.settings_of(8_000_000, budget={"running_yen_per_year": 500_000}, rules=rules)
    model = siting.build(*town, settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    assert choice.gap <= 0.05


def covering(path: Path, radius_m: float, sites: int):
    """A published instance as tables: sites = demand points, great-circle distance on a sphere of 6,378,100 m."""
    lines = [line.strip() for line in path.read_text().split("\n")]
    n = int(next(line.split(":")[1] for line in lines if line.startswith("DIMENSION")))
    at, after = (
        lines.index("NODE_COORD_SECTION") + 1,
        next(i for i, line in enumerate(lines) if line.startswith("DEMAND_SECTION")) + 1,
    )
    degrees = np.array([line.split() for line in lines[at : at + n]], float)
    weight = np.array(lines[after : after + n], float).astype(np.int64)
    lat, lon = np.radians(degrees).T
    h = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    near = 2 * 6_378_100 * np.arcsin(np.sqrt(np.clip(h, 0, 1))) <= radius_m
    rows = towns.rows_of(weight, {f"a{i}": dict.fromkeys(np.flatnonzero(near[i]).tolist(), 16) for i in range(n)})
    offers = towns.offers_of([towns.offer(f"o{i}", f"a{i}", "install", f"m{i}", municipality_yen=1) for i in range(n)])
    return rows, offers, towns.cliques_of()


@pytest.mark.real
@pytest.mark.slow
def test_new_york_50_sandwich() -> None:
    folder = Path(os.environ.get("PLANNER_REAL_DATA", str(Path(__file__).parents[2] / "../shared/data")))
    path = folder / "instances/ails_mclp/NewYork.txt"
    if not path.exists():
        pytest.skip("real data are not here: NewYork.txt of ails_mclp")
    settings = towns.settings_of(50, siting={"gap_goal": 0.005, "mip_nodes": 1})
    model = siting.build(*covering(path, 400.0, 50), settings)
    choice = siting.choose(model, settings)
    siting.verify(model, choice)
    value, bound = round(choice.value * 1e6), round(choice.bound * 1e6)
    assert value <= 1_153_640 <= bound  # the proven optimum
    assert choice.gap <= 0.005
    assert len(choice.chosen) <= 50
