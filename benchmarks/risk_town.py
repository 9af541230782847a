"""The risk model on a town folder, on a made-up city whose intensity is known, and against the clock."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy import stats

from planner import ingest, risk
from planner.risk import metrics
from planner.risk.features import Layer, measure
from planner.risk.masses import Records, Support, prior_masses, quarters
from planner.risk.nests import nests
from planner.risk.network import density, network
from planner.risk.shrink import shrink
from planner.risk.sureness import draw_areas, ranks
from planner.risk.surface import Grid
from planner.settings import RiskSettings

TOP_AREAS = 12


def town(folder: Path) -> str:
    """A town's last year held out: ours beside counts, uniform spreading and a kernel map, by block."""
    inputs = ingest.read(folder)
    began = time.process_time()
    demand = risk.score(inputs, RiskSettings())
    scored = time.process_time() - began
    found = risk.validate(inputs, RiskSettings())
    table = found.scores[(found.scores["offence_group"] == "") & (found.scores["unit"] == "area")]
    figures: dict[str, Any] = {
        str(row.method): {
            name: round(float(getattr(row, name)), 4) if np.isfinite(getattr(row, name)) else None
            for name in ("pai_1", "pai_5", "hit_10_share", "slope", "deviance", "covered_share")
        }
        for row in table.itertuples()
    }
    figures["top"] = _top(inputs, found.tested_from.isoformat())
    figures |= {
        "tested_from": found.tested_from.isoformat(),
        "level_predicted": round(found.level_predicted, 1),
        "level_observed": found.level_observed,
        "spots": len(demand.spots),
        "score_cpu_seconds": round(scored, 2),
    }
    return json.dumps({"benchmark": "risk town", "town": folder.name, **figures}, ensure_ascii=False)


def _top(inputs: Any, day: str) -> dict[str, float]:
    """Share of the records since a day in the twelve blocks that ours and plain counts put first."""
    from dataclasses import replace

    before = inputs.incidents[inputs.incidents["occurred_on"] < day].reset_index(drop=True)
    after = inputs.incidents[(inputs.incidents["occurred_on"] >= day) & (inputs.incidents["area_id"] != "")]
    past = replace(inputs, incidents=before, counts=inputs.counts.iloc[:0], years=inputs.years - 1)
    demand = risk.score(past, RiskSettings())
    per_area = demand.areas.groupby("area_id")[["expected_per_year", "recorded"]].sum()
    seen = after["area_id"].value_counts().reindex(per_area.index).fillna(0)
    return {
        name: round(float(seen[per_area[column].nlargest(TOP_AREAS).index].sum() / seen.sum()), 4)
        for name, column in (("ours", "expected_per_year"), ("count", "recorded"))
    }


def synthetic(seed: int, areas: int = 400, years: int = 3) -> str:
    """A city with known intensity: do the intervals cover it, and do the rank probabilities come true."""
    rng = np.random.default_rng(seed)
    covered, rank_covered, said, came = [], [], [], []
    for _ in range(20):
        exposure = rng.uniform(500, 6000, areas)
        true = rng.gamma(1.5, exposure / exposure.mean() * 2.0 / 1.5)
        number = rng.poisson(true * years).astype(float)
        found = shrink(number, exposure, float(years), float(number.sum()), 0.9)
        table = ranks(_ids(areas), draw_areas([found]).sum(axis=2), found.mean, 0.9)
        place = stats.rankdata(-true)
        covered.append(metrics.covered(true, found.low, found.high))
        rank_covered.append(
            metrics.covered(place, table["low_rank"].to_numpy(float), table["high_rank"].to_numpy(float))
        )
        said.append(table["top_share"].to_numpy())
        came.append(place <= round(0.1 * areas))
    told, happened = np.concatenate(said), np.concatenate(came)
    bins = {
        f"{low:.1f}-{low + 0.2:.1f}": [
            round(float(told[inside].mean()), 3),
            round(float(happened[inside].mean()), 3),
            int(inside.sum()),
        ]
        for low in np.arange(0, 1, 0.2)
        if (inside := (told >= low) & (told < low + 0.2 + (low > 0.7))).any()
    }
    return json.dumps(
        {
            "benchmark": "risk synthetic",
            "interval_covered_share": round(float(np.mean(covered)), 4),
            "rank_interval_covered_share": round(float(np.mean(rank_covered)), 4),
            "top_tenth_said_came_number": bins,
        }
    )


def _ids(number: int) -> Any:
    """Names of areas."""
    import pandas as pd

    return pd.Series([f"a{at}" for at in range(number)], dtype="str")


def speed() -> str:
    """Seconds of the parts, each the second time (compiled)."""
    rng = np.random.default_rng(0)
    figures: dict[str, float] = {}
    for points, cell_m in ((100_000, 50.0), (1_000_000, 10.0)):
        rows, columns = round(41_600 / cell_m), round(24_000 / cell_m)
        grid = Grid(0.0, 0.0, cell_m, np.ones((rows, columns), dtype=bool))
        east, north = rng.uniform(0, 24_000, points), rng.uniform(0, 41_600, points)
        figures[f"kernel_{points}_points_{cell_m:.0f}_m_seconds"] = _seconds(
            lambda g=grid, e=east, n=north: g.spread(g.bin(e, n), 200.0)
        )
    support, records = _big_town(rng)
    figures["areal_fit_3000_blocks_212k_units_seconds"] = _seconds(lambda: prior_masses(support, records), 1)
    side = 159
    at = np.arange(side) * 100.0
    lines = [shapely.LineString([(x, y), (x + 100, y)]) for y in at for x in at[:-1]]
    lines += [shapely.LineString([(x, y), (x, y + 100)]) for x in at for y in at[:-1]]
    net = network(np.array(lines, dtype=object))
    piece = rng.integers(0, len(lines), 100_000)
    along = rng.random(100_000)
    figures[f"network_100000_events_{len(lines)}_pieces_seconds"] = _seconds(
        lambda: density(net, piece, along, np.ones(100_000), 200.0)
    )
    return json.dumps({"benchmark": "risk speed", **figures})


def _seconds(work: Any, before: int = 1) -> float:
    """Wall time of one run after some to warm up."""
    for _ in range(before):
        work()
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def _big_town(rng: np.random.Generator) -> tuple[Support, Records]:
    """212,000 cells in 3,000 square blocks with made-up places and records."""
    grid = Grid(0.0, 0.0, 50.0, np.ones((400, 530), dtype=bool))
    east, north = grid.centres()
    places = {
        name: Layer(rng.uniform(0, 26_500, n), rng.uniform(0, 20_000, n), np.ones(n))
        for name, n in (
            ("street", 50_000),
            ("eat", 8_000),
            ("shop", 2_000),
            ("school", 1_400),
            ("bar", 400),
            ("other", 700),
            ("address", 40_000),
        )
    }
    features = measure(grid, places, east, north)
    label = (north // 400).astype(np.int64) * 60 + (east // (26_500 / 60)).astype(np.int64)
    totals = rng.poisson(20, (3_000, 3)).astype(np.float64)
    size = np.full(len(east), 2_500.0)
    in_nests = nests(label, east, north, 177_000.0)
    support = Support(features, size, label, quarters(east, north), 177_000.0, nests=in_nests)
    return support, Records(totals, np.zeros((len(size), 3)), np.zeros(len(size)), np.ones(3))
