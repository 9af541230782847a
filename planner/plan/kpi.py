"""Indicators for the application: what the municipality controls, its baseline and yearly targets (P19)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from statistics import NormalDist

import geopandas as gpd
import numpy as np
import shapely

from planner import assumptions
from planner.frames import INSTALLS, Inputs
from planner.plan.document import Offence, Site, StandingPart
from planner.plan.duties import DetectablePart, HostPart, KpiPart
from planner.programmes import fiscal_year_of

SCHOOL_ROUTE = "school_route"


def detectable_share(expected_per_year: float, years: float) -> float | None:
    """The smallest fall of a Poisson count that a comparison of two equal periods tells from chance; None: none at all.

    With ``mu = expected_per_year * years`` and the variance-stabilising root (the variance of ``sqrt(X)`` is near 1/4)
    ``sqrt(2) (sqrt(mu) - sqrt(mu')) = z(1 - alpha / 2) + z(power)``, so that ``mu' = (sqrt(mu) - (z + z) / sqrt(2))^2`` and
    the share is ``1 - mu' / mu``. Source: Gu, Ng, Tang, Schucany 2008, Testing the ratio of two Poisson rates,
    Biometrical Journal 50 (the statistic of square roots). Assumptions ``significance_share``, ``power_share``.
    """
    mean = expected_per_year * years
    normal = NormalDist()
    alpha, power = assumptions.number("significance_share"), assumptions.number("power_share")
    step = (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) / math.sqrt(2)
    root = math.sqrt(mean) - step
    return 1 - root * root / mean if root >= 0 else None


def detectable(offences: Sequence[Offence], years: int) -> list[DetectablePart]:
    """Recorded offences are a reference only: what could be told from chance at all, by offence group and in all."""
    counts = [(o.offence_group, o.expected_per_year) for o in offences]
    counts.append(("", sum(expected for _, expected in counts)))
    return [
        DetectablePart(
            offence_group=group,
            expected_per_year=expected,
            years=years,
            detectable_share=detectable_share(expected, years) if expected > 0 else None,
        )
        for group, expected in counts
    ]


def fiscal_years(first: int | None, plan_years: int) -> list[int]:
    """The fiscal years of the plan; none where the first is not known."""
    return [] if first is None else list(range(first, first + plan_years))


def _year_of(host: HostPart, years: Sequence[int]) -> int:
    """In which year of the plan a site is ready (0: the first; also where no date is known)."""
    if not host.ready_on or not years:
        return 0
    return max(0, fiscal_year_of(dt.date.fromisoformat(host.ready_on)) - years[0])


def route_length_m(routes: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, view_ids: Sequence[str]) -> float:
    """Length of lines within the picture areas of some views, m."""
    seen = shapely.union_all(outlines.loc[outlines["view_id"].isin(set(view_ids))].geometry.to_numpy())
    lines = shapely.union_all(routes.geometry.to_numpy())  # a street that two routes share counts once
    return float(shapely.length(shapely.intersection(lines, seen)))


def counted(inputs: Inputs, standing: Sequence[StandingPart], sites: Sequence[Site]) -> dict[str, tuple[float, float]]:
    """Places (箇所), cameras (台) and the share that keeps the limits on days: before and after.

    Cameras of the municipality's own or under an agreement count; a broken one does not until it is repaired or renewed. A
    camera whose days are not known does not keep the limits.
    """
    ours = {c.camera_id: c for c in standing if c.use in ("own", "agreed")}
    table = inputs.standing
    coordinates = np.round(shapely.get_coordinates(table.geometry.to_numpy()), 1)
    mounts = zip(table["camera_id"], table["mount_id"], coordinates.tolist(), strict=True)
    place = {camera: mount or str(point) for camera, mount, point in mounts}
    changed = {s.camera_id: s for s in sites if s.camera_id}
    before = [c for c in ours.values() if c.working is not False]
    mended = {s.camera_id for s in sites if s.kind in ("repair", "renew")}
    gone = {s.camera_id for s in sites if s.kind == "remove"}
    after = [c for c in ours.values() if c.camera_id not in gone and (c.working is not False or c.camera_id in mended)]
    new = [s for s in sites if s.kind in INSTALLS]
    good = [_within(changed[c.camera_id]) if c.camera_id in changed else bool(c.within_limits) for c in after]
    good += [_within(s) for s in new for _ in range(s.cameras)]
    return {
        "sites": (
            float(len({place[c.camera_id] for c in before})),
            float(len({place[c.camera_id] for c in after}) + len(new)),
        ),
        "cameras": (float(len(before)), float(len(after) + sum(s.cameras for s in new))),
        "retention_share": (
            sum(bool(c.within_limits) for c in before) / len(before) if before else math.nan,
            sum(good) / len(good) if good else math.nan,
        ),
    }


def _within(site: Site) -> bool:
    """Whether a site keeps its limits on days."""
    days = site.retention_days
    return days is not None and (site.min_days or 0) <= days <= (site.max_days or math.inf)


def sheet(
    before_after: dict[str, tuple[float, float]],
    sites: Sequence[Site],
    hosts: Sequence[HostPart],
    years: Sequence[int],
    plan_years: int,
) -> list[KpiPart]:
    """The indicators with a target for each year of the plan.

    Numbers of places and cameras rise with the sites that are ready by the year (without dates: all in the first); a share
    or a length reaches its target in the year in which the last site is ready, and stands at its baseline before.
    ``safety_survey`` (体感治安調査) is listed without numbers: only the municipality can ask its residents.
    """
    ready = [_year_of(host, years) for host in hosts]
    last = max(ready, default=0)
    units = {"sites": "places", "cameras": "cameras", "school_route_m": "m"}
    parts = []
    for code, (baseline, after) in before_after.items():
        targets: list[float | None] = []
        for year in range(plan_years):
            value = after if year >= last else baseline
            if code in ("sites", "cameras") and year < last:
                late = [s for s, r in zip(sites, ready, strict=True) if r > year and s.kind in INSTALLS]
                value = after - (len(late) if code == "sites" else sum(s.cameras for s in late))
            targets.append(None if math.isnan(value) else round(value, 4))
        start = None if math.isnan(baseline) else round(baseline, 4)
        parts.append(KpiPart(code=code, unit=units.get(code, "share"), baseline=start, targets=targets))
    return [*parts, KpiPart(code="safety_survey", unit="share", baseline=None, targets=[None] * plan_years)]
