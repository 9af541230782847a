"""Instances of the covering problem: seeded families, published files, and a case with the product's rules.

The order of the draws is part of the definition: the same seed must give the same instance on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.plain import Cover, only
from planner.siting.rules import Rule

SIDE = 30.0
EARTH_M = 6_378_100.0
UNIFORM = {100: (5.5, 10), 1_000: (2.0, 40), 10_000: (0.7, 200)}  # sites -> radius, budget
FLOOR_SHARE, REACH_SHARE = 0.10, 0.5
SPACING = 0.15
PRODUCT_RULES = ("budget", "running", "grant", "spacing", "floors")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Sites and weighted points in the plane, a radius per site, a cost per site and a budget."""

    sites: Floats
    points: Floats
    radius: Floats
    weight: NDArray[np.int64]
    cost: NDArray[np.int64]
    budget: int

    def cover(self) -> Cover:
        """Who covers whom."""
        start, point = cover(self.sites, self.points, self.radius)
        return only(start, point, self.weight, self.cost, self.budget)


def uniform(sites: int, points: int, radius: float, budget: int, seed: int) -> Points:
    """Uniform in a square, weights 1..100, unit costs (the family of Cordeau, Furini and Ljubic 2019)."""
    random = np.random.default_rng(seed)
    place, point = random.uniform(0, SIDE, (sites, 2)), random.uniform(0, SIDE, (points, 2))
    weight = random.integers(1, 101, points).astype(np.int64)
    return Points(place, point, np.full(sites, radius), weight, np.ones(sites, np.int64), budget)


def clustered(sites: int, points: int, seed: int) -> Points:
    """Points in hotspots, log-normal weights, sites near points, costs 5..20, radius growing with their root."""
    hotspots = 60
    random = np.random.default_rng(seed)
    centre = random.uniform(2, 28, (hotspots, 2))
    share = random.pareto(1.2, hotspots) + 0.2
    share /= share.sum()
    spread = random.uniform(0.2, 1.2, hotspots)
    hot = int(0.8 * points)
    which = random.choice(hotspots, hot, p=share)
    near = centre[which] + random.normal(0, 1, (hot, 2)) * spread[which][:, None]
    point = np.vstack([near, random.uniform(0, SIDE, (points - hot, 2))]).clip(0, SIDE)
    weight = np.maximum(1, np.round(random.lognormal(2.0, 1.0, points))).astype(np.int64)
    close = int(0.7 * sites)
    beside = point[random.integers(0, points, close)] + random.normal(0, 0.15, (close, 2))
    place = np.vstack([beside, random.uniform(0, SIDE, (sites - close, 2))]).clip(0, SIDE)
    cost = random.integers(5, 21, sites).astype(np.int64)
    base = SIDE * np.sqrt(6.0 / sites) / np.pi**0.5 / 2.2
    budget = int(0.1 * SIDE * SIDE / (np.pi * base * base) * 12.5 * 2)
    return Points(place, point, base * np.sqrt(cost / 10.0), weight, cost, budget)


def published(path: Path, radius_m: float, sites: int) -> Cover:
    """A file of Maximo, Cordeau and Nascimento 2023: every point is a site, great-circle distance on a sphere."""
    lines = [line.strip() for line in path.read_text(encoding="latin-1").split("\n")]
    number = next(int(line.split(":")[1]) for line in lines if line.startswith("DIMENSION"))
    at = next(i for i, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
    after = next(i for i, line in enumerate(lines) if line.startswith("DEMAND")) + 1
    place = np.array([line.split()[-2:] for line in lines[at : after - 1] if line][:number], np.float64)
    weight = np.array([float(line.split()[-1]) for line in lines[after:] if line[:1].isdigit()][:number])
    lat, lon = np.radians(place).T
    ball = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    near = cKDTree(ball).query_ball_point(ball, 2 * np.sin(radius_m / EARTH_M / 2), return_sorted=True)
    start = np.concatenate([[0], np.cumsum([len(n) for n in near])]).astype(np.int64)
    point = np.concatenate([np.asarray(n, np.int32) for n in near])
    return only(start, point, weight.astype(np.int64), np.ones(number, np.int64), sites)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _near(
    sites: Floats,
    points: Floats,
    radius: Floats,
    order: NDArray[np.int32],
    cell_start: NDArray[np.int64],
    low: Floats,
    size: float,
    across: NDArray[np.int64],
    out_start: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Number of points near each site (``out`` empty), then the points themselves."""
    for i in range(len(sites)):
        x, y, r = sites[i, 0], sites[i, 1], radius[i]
        number = out_start[i] if out.size else 0
        left, right = max(0, int((x - r - low[0]) / size)), min(across[0] - 1, int((x + r - low[0]) / size))
        under, over = max(0, int((y - r - low[1]) / size)), min(across[1] - 1, int((y + r - low[1]) / size))
        for a in range(left, right + 1):
            for q in range(cell_start[a * across[1] + under], cell_start[a * across[1] + over + 1]):
                east, north = points[q, 0] - x, points[q, 1] - y
                if east * east + north * north <= r * r + 1e-9:
                    if out.size:
                        out[number] = order[q]
                    number += 1
        if not out.size:
            out_start[i + 1] = number


def cover(sites: Floats, points: Floats, radius: Floats) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Site -> points within its radius, by a grid of cells; no distance matrix is ever built."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = max(float(np.median(radius)) / 2, 1e-9)
    across = ((high - low) / size).astype(np.int64) + 1
    while across.prod() > 4_000_000:
        size *= 2
        across = ((high - low) / size).astype(np.int64) + 1
    cell = ((points - low) / size).astype(np.int64) @ np.array([across[1], 1])
    order = np.argsort(cell, kind="stable").astype(np.int32)
    cell_start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=int(across.prod())))]).astype(np.int64)
    start = np.zeros(len(sites) + 1, np.int64)
    parts = (np.ascontiguousarray(sites), points[order], radius, order, cell_start, low, size, across)
    _near(*parts, start, np.empty(0, np.int32))
    start = np.cumsum(start)
    point = np.empty(start[-1], np.int32)
    _near(*parts, start, point)
    return start, point


def product(sites: int, points: int, seed: int, without: tuple[str, ...] = ()) -> Cover:
    """Sites x models x headings x retention tiers, with the product's rules; ``without`` leaves some of them out.

    Three models (one all-round, two sectors with four headings), two tiers (35 % of the points need the long one), one
    site in ten has a camera already and takes no other; spacing; districts with floors. Half of the price of a sector
    camera is paid by a programme, at most 4 each and 0.25 B together, own money is at most 0.6 B: so own money
    (price less grant) stays within 0.6 B and the whole price within 0.85 B, which is the same in two linear rules.
    """
    base = clustered(sites, points, seed)
    random = np.random.default_rng(seed + 1000)
    long = random.random(points) < 0.35
    reach, opening = (0.5, 0.8, 1.2), (2 * np.pi, 0.6 * np.pi, 0.35 * np.pi)
    price, upkeep = (9, 12, 20), (2, 2, 3)
    near = cKDTree(base.points).query_ball_point(base.sites, 1.2)
    standing = random.random(sites) < 0.10
    covered = np.zeros(points, bool)
    options: list[tuple[int, int, int]] = []  # site, model, tier
    sets: list[NDArray[np.int32]] = []
    for site in range(sites):
        there = np.array(near[site], np.int64)
        if not there.size:
            continue
        away = base.points[there] - base.sites[site]
        far, way = np.hypot(away[:, 0], away[:, 1]), np.arctan2(away[:, 1], away[:, 0])
        if standing[site]:
            # the case's definition marks point 0 or 1 (the last bit of the number), not the point itself: kept, so that
            # the same seed is still the same instance as in the first measurements
            watched = there[far <= 0.8]
            covered[watched & 1] |= ~long[watched]
            continue
        for model in range(3):
            for heading in range(1 if model == 0 else 4):
                turn = np.abs((way - heading * np.pi / 2 + np.pi) % (2 * np.pi) - np.pi)
                sees = (far <= reach[model]) & (turn <= opening[model] / 2)
                for tier in (0, 1):
                    seen = there[sees & (~long[there] | (tier == 1))]
                    if seen.size:
                        options.append((site, model, tier))
                        sets.append(seen.astype(np.int32))
    sets = [np.sort(s[~covered[s]]).astype(np.int32) for s in sets]
    start = np.concatenate([[0], np.cumsum([s.size for s in sets])]).astype(np.int64)
    site, model, tier = np.array(options, np.int64).T
    _, group = np.unique(site, return_inverse=True)
    cost, running = np.array(price)[model] + 2 * tier, np.array(upkeep)[model] + 2 * tier
    grant = np.where(model > 0, np.minimum(cost // 2, 4), 0)  # half the price is above 4 for every sector camera
    point = np.concatenate(sets)
    return _with_rules(base, Cover(start, point, base.weight, (), group, np.zeros((0, 2), np.int64), np.zeros(0, np.int64)),
                       np.unique(site), covered, cost, running, grant, without)  # fmt: skip


def _with_rules(
    base: Points,
    bare: Cover,
    site: NDArray[np.int64],
    covered: NDArray[np.bool_],
    cost: NDArray[np.int64],
    running: NDArray[np.int64],
    grant: NDArray[np.int64],
    without: tuple[str, ...],
) -> Cover:
    """Money, running cost, spacing and floors of the product case; ``without`` any of budget, running, grant, spacing, floors."""
    number = len(base.sites)
    budget = number * 0.9
    own = cost - grant if "grant" not in without else cost
    rules = [Rule("municipality_budget", own, int(0.6 * budget) if "budget" not in without else int(own.sum()))]
    if "running" not in without:
        rules.append(Rule("running_budget", running, int(number * 0.17)))
    if not {"grant", "budget"} & set(without):
        rules.append(Rule("whole_price", cost, int(0.85 * budget + 1e-9)))
    east, north = (base.points // 10).astype(np.int64).T
    district = (east * 3 + north).clip(0, 8)
    total = np.bincount(district, weights=base.weight * ~covered, minlength=9)
    reachable = np.zeros(base.weight.size, bool)
    reachable[bare.point] = True
    reachable &= ~covered
    reach = np.bincount(district, weights=base.weight * reachable, minlength=9)
    for d in range(9) if "floors" not in without else ():
        need = int(np.ceil(min(FLOOR_SHARE * total[d], REACH_SHARE * reach[d]) - 1e-9))
        if need > 0:
            rules.append(Rule(f"district_floor:{d}", np.zeros(cost.size, np.int64), -need, str(d)))
    at = {int(s): i for i, s in enumerate(site)}
    pairs = [] if "spacing" in without else cKDTree(base.sites).query_pairs(SPACING)
    close = sorted((at[a], at[b]) for a, b in pairs if a in at and b in at)
    return Cover(
        bare.start,
        bare.point,
        base.weight,
        tuple(rules),
        bare.group,
        np.array(close, np.int64).reshape(-1, 2),
        district,
    )


def generated(name: str, seed: int) -> Points:
    """``U:sites:points:radius:budget`` (radius and budget as published when left out) or ``C:sites:points``."""
    family, *numbers = name.split(":")
    sites, points = int(numbers[0]), int(numbers[1])
    if family == "C":
        return clustered(sites, points, seed)
    radius, budget = (float(numbers[2]), int(numbers[3])) if len(numbers) > 2 else UNIFORM[sites]
    return uniform(sites, points, radius, budget, seed)
