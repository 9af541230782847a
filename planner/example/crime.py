"""What happened in three years: thefts by place, hour and kind of place, heavier where a real town has more."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.example.ground import Ground
from planner.example.net import Streets
from planner.example.scale import Scale
from planner.example.things import Built

YEARS = (2022, 2023, 2024)
THEFTS_PER_1000_A_YEAR = (
    4.8  # people; twice the 2.5 of crime-shape.md (596 a year, 240,000 people), so that a plan has work
)
KINDS = ("parking", "low_flats", "high_flats", "detached_house", "road", "other")
# crime-shape.md: share of each theft, of its starting hours by quarter of the day, and of its places in the order of KINDS.
# The places not listed there share the rest (plausible).
THEFTS: dict[str, tuple[float, tuple[float, ...], tuple[float, ...]]] = {
    "zitensyatou": (0.629, (0.06, 0.26, 0.34, 0.34), (0.43, 0.15, 0.15, 0.11, 0.08, 0.08)),
    "ootobaitou": (0.131, (0.07, 0.22, 0.29, 0.42), (0.19, 0.32, 0.25, 0.13, 0.06, 0.05)),
    "syazyounerai": (0.115, (0.07, 0.15, 0.30, 0.48), (0.42, 0.09, 0.07, 0.16, 0.11, 0.15)),
    "buhinnerai": (0.082, (0.06, 0.15, 0.35, 0.44), (0.41, 0.20, 0.23, 0.09, 0.03, 0.04)),
    "zidousyatou": (0.016, (0.11, 0.11, 0.31, 0.47), (0.44, 0.06, 0.06, 0.12, 0.08, 0.24)),
    "zidouhanbaikinerai": (0.015, (0.08, 0.27, 0.38, 0.27), (0.56, 0.00, 0.00, 0.00, 0.04, 0.40)),
    "hittakuri": (0.012, (0.18, 0.11, 0.21, 0.50), (0.00, 0.00, 0.00, 0.00, 0.52, 0.48)),
}
UNKNOWN_KIND_SHARE = 0.035  # crime-shape.md: 62 of 1,788 rows
NO_HOUR_SHARE = 0.005  # crime-shape.md: of the prefecture
NO_NAME_SHARE = 0.017  # crime-shape.md: 30 of 1,788
# crime-shape.md: share of bicycle thefts not yet recognised after so many days
UNRECOGNISED = ((0, 1.0), (3, 0.75), (7, 0.58), (14, 0.24), (30, 0.10), (60, 0.06), (120, 0.03), (200, 0.0))
SPREAD_SHAPE = (
    2.0  # of the gamma distribution of a 町丁目's own level: the top tenth of names then holds about two fifths
)
HOUR_TILT = (  # plausible: a lull before dawn, peaks at the commuters' hours; one row a quarter of the day
    (1.5, 1.2, 0.9, 0.7, 0.7, 1.0),
    (0.6, 1.2, 1.3, 1.0, 0.9, 1.0),
    (1.1, 0.8, 0.8, 0.9, 1.1, 1.3),
    (1.5, 1.3, 1.1, 0.9, 0.7, 0.5),
)
NEAR_STATION_M = 260.0  # plausible: how fast the pull of the station fades
BURGLARY_PER_1000_A_YEAR = 0.45  # people; plausible
ROBBERY_PER_1000_A_YEAR = 0.025  # people; plausible

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """One theft; ``cell`` -1: the town block is not stated, ``hour`` -1: unknown, ``kind`` "": not stated."""

    theft: str
    began: dt.date
    recognised: dt.date
    hour: int
    kind: str
    cell: int


def _buildings(pull: dict[str, Array], built: Built) -> None:
    """Add the pull of homes and shops."""
    for building in built.buildings:
        if building.kind in ("low_flats", "high_flats"):
            pull[building.kind][building.cell] += building.households
        elif building.kind == "house":
            pull["detached_house"][building.cell] += 1
        elif building.kind in ("shop", "supermarket", "office"):
            pull["other"][building.cell] += 8 if building.kind == "supermarket" else 1


def _pull(scale: Scale, ground: Ground, streets: Streets, built: Built) -> dict[str, Array]:
    """How strongly each 町丁目 draws thefts to each kind of place (and ``cycle``, ``car`` for the two kinds of parks)."""
    pull = {name: np.zeros(len(ground.cells)) for name in (*KINDS, "cycle", "car")}
    reach = NEAR_STATION_M * scale.centre
    edge = float(np.sqrt(scale.area_m2 / np.pi))

    def near(shape: shapely.Geometry) -> float:
        return float(np.exp(-shape.distance(shapely.Point(0, 0)) / reach))

    for place in built.places:
        if place.kind == "cycle_park":
            pull["cycle"][place.cell] += 0.9 + 3.4 * near(place.shape)
        elif place.kind == "car_park":
            away = place.shape.distance(shapely.Point(0, 0)) / edge
            pull["car"][place.cell] += 0.4 + 1.2 * min(away, 1.0) ** 2  # car thieves like the edge and the way out
    _buildings(pull, built)
    cells = shapely.STRtree(ground.cells)
    middle = shapely.line_interpolate_point(streets.line, 0.5, normalized=True)
    for street, cell in zip(*cells.query(middle, predicate="intersects").tolist(), strict=True):
        pull["road"][cell] += streets.line[street].length / 100 * (1 + 6 * near(middle[street]))
    for name in (*KINDS, "cycle", "car"):
        pull[name] += 0.02 * max(pull[name].mean(), 0.01)  # nowhere is nothing
    return pull


def _hours(quarters: tuple[float, ...]) -> Array:
    """Shares of the 24 hours: even within each quarter of the day but for the lull before dawn and the evening's peak."""
    tilt = np.array(HOUR_TILT).ravel()
    share = np.repeat(quarters, 6) * tilt / np.repeat(tilt.reshape(4, 6).sum(axis=1), 6)
    return np.asarray(share / share.sum())


def _delay(rng: np.random.Generator) -> int:
    """Days from the start of a theft to its recognition."""
    days, left = zip(*UNRECOGNISED, strict=True)
    return int(np.interp(rng.random(), left[::-1], days[::-1]))


def records(scale: Scale, ground: Ground, streets: Streets, built: Built) -> list[Record]:
    """All thefts of three years, in the order of their recognition."""
    rng = scale.stream("crime")
    pull = _pull(scale, ground, streets, built)
    level = rng.gamma(SPREAD_SHAPE, 1 / SPREAD_SHAPE, len(ground.cells))
    slugs = list(THEFTS)
    shares = np.array([THEFTS[s][0] for s in slugs])
    made = []
    for year in YEARS:
        total = int(rng.poisson(scale.people / 1000 * THEFTS_PER_1000_A_YEAR))
        for slug, number in zip(slugs, rng.multinomial(total, shares / shares.sum()).tolist(), strict=True):
            _, quarters, places = THEFTS[slug]
            hours, kinds = _hours(quarters), np.array(places) / sum(places)
            for _ in range(number):
                kind = KINDS[int(rng.choice(len(KINDS), p=kinds))]
                park = "cycle" if slug == "zitensyatou" or (slug == "ootobaitou" and rng.random() < 0.5) else "car"
                weight = pull[park if kind == "parking" else kind] * level
                cell = int(rng.choice(len(weight), p=weight / weight.sum()))
                day = dt.date(year, 1, 1) + dt.timedelta(days=int(rng.integers(365)))
                made.append(
                    Record(
                        slug,
                        day - dt.timedelta(days=_delay(rng)),
                        day,
                        -1 if rng.random() < NO_HOUR_SHARE else int(rng.choice(24, p=hours)),
                        "" if rng.random() < UNKNOWN_KIND_SHARE else kind,
                        -1 if rng.random() < NO_NAME_SHARE else cell,
                    )
                )
    return sorted(made, key=lambda r: (r.recognised, r.theft, r.began, r.hour, r.cell))


def counts(scale: Scale, built: Built, cells: int) -> list[tuple[int, str, int, int]]:
    """Cases of burglary and robbery: (町丁目, offence, year, number), all combinations."""
    rng = scale.stream("counts")
    homes = np.full(cells, 1.0)
    for building in built.buildings:
        homes[building.cell] += 1
    made = []
    for offence, rate in (("侵入窃盗", BURGLARY_PER_1000_A_YEAR), ("強盗", ROBBERY_PER_1000_A_YEAR)):
        for year in YEARS:
            number = rng.poisson(scale.people / 1000 * rate * homes / homes.sum())
            made += [(cell, offence, year, int(n)) for cell, n in enumerate(number)]
    return made
