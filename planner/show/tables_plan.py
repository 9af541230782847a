"""Tables about the plan itself: value by offence, sites, money, frontier."""

from __future__ import annotations

from typing import Any

from planner.frames import COST_CATEGORIES, PAYERS
from planner.plan import FrontierPart, Payers, Plan, Remark, Site
from planner.show.geojson import site_shapes
from planner.show.marked import marked
from planner.show.ranges import faces, plates, ranges
from planner.show.table import Column, Kind, Table
from planner.show.tables_programmes import programmes_named
from planner.show.words import Words, sentence, two_digits
from planner.text import measure_name


def offences(plan: Plan, words: Words) -> Table:
    """Value by offence: the first thing every reader sees (P1)."""
    columns: list[tuple[str, Kind]] = [
        ("offence", "text"),
        ("expected", "offences"),
        ("place", "offences"),
        ("before", "offences"),
        ("after", "offences"),
        ("increase", "offences"),
        ("front_only", "offences"),
        ("front_before", "offences"),
        ("front_after", "offences"),
        ("owner_only", "offences"),
    ]
    numbers = [
        (
            o.expected_per_year,
            o.place_per_year,
            o.before_per_year,
            o.after_per_year,
            o.after_per_year - o.before_per_year,
            o.front_per_year,
            o.front_before_per_year,
            o.front_after_per_year,
            o.owner_only_per_year,
        )
        for o in plan.offences
    ]
    named = sorted(zip((words.offence(o.offence_group) for o in plan.offences), numbers, strict=True), key=_most_gain)
    sums = tuple(sum(column) for column in zip(*numbers, strict=True)) if numbers else ()
    total = [(words.say("show.total"), *sums)] if len(numbers) > 1 else []
    return Table.of(words, "offences", columns, [(name, *row) for name, row in named], total)


def measures(plan: Plan, words: Words) -> Table:
    """Covered share by measure: offences at the place, in front, policy targets; never summed."""
    columns: list[tuple[str, Kind]] = [
        ("measure", "text"),
        ("district", "text"),
        ("share_before", "share"),
        ("share_after", "share"),
        ("floor_share", "share"),
    ]
    rows = [
        (
            measure_name(m.measure, words.language),
            m.district_id or words.none,
            m.covered_share_before,
            m.covered_share_after,
            m.floor_share,
        )
        for m in plan.measures
    ]
    return Table.of(words, "measures", columns, rows)


def _most_gain(row: tuple[str, tuple[float, ...]]) -> tuple[float, float, str]:
    return (-row[1][4], -row[1][0], row[0])


def specification(site: Site, words: Words) -> str:
    """The class of device: pixels and angle, never a product (P25)."""
    parts = []
    if site.width_px is not None:
        parts.append(words.say("show.pixels", pixels=f"{site.width_px:,}"))
    if site.views:
        parts.append(words.say("show.angle", degrees=f"{site.views[0].angle_deg:g}"))
    return words.join(parts)


def mount(site: Site, words: Words) -> str:
    """What the camera hangs on, and whose it is."""
    kind = words.coded("mount_kind", site.mount_kind) if site.mount_kind else ""
    return words.join([part for part in (kind, site.host, site.mount_id or site.camera_id) if part])


def storage_gb(site: Site) -> float | None:
    """Storage that the cameras of a site fill within the days kept, decimal GB (recorded all day)."""
    rates = [view.storage_gb_per_day for view in site.views]
    known = [rate for rate in rates if rate is not None]
    return sum(known) * site.retention_days if known and len(known) == len(rates) and site.retention_days else None


def sites_short(plan: Plan, words: Words) -> Table:
    """The table twin of the map: what a reader of the page needs of every site."""
    columns: list[tuple[str, Kind]] = [
        ("rank", "whole"),
        ("priority", "text"),
        ("kind", "text"),
        ("area", "text"),
        ("address", "text"),
        ("district", "text"),
        ("mount", "text"),
        ("pole_number", "text"),
        ("bearing", "text"),
        ("specification", "text"),
        ("range", "text"),
        ("retention", "days"),
        ("rule", "text"),
        ("cameras", "whole"),
        ("cost", "yen"),
        ("own_money", "yen"),
        ("running", "yen"),
        ("gain", "offences"),
        ("gain_interval", "text"),
        ("cumulative", "offences"),
        ("precision", "text"),
    ]
    rows = [
        (
            s.rank,
            s.priority,
            words.coded("kind", s.kind),
            s.area_name,
            s.address,
            words.district(s.district_id),
            mount(s, words),
            s.pole_number,
            words.join([words.compass(v.bearing_deg) for v in s.views]),
            specification(s, words),
            ranges(s.views, words),
            s.retention_days,
            words.limits(s.min_days, s.max_days, s.limit_origin),
            s.cameras,
            s.total_yen,
            s.payers.municipality_yen,
            s.running_yen_per_year,
            s.gain_per_year,
            interval(s.gain_low_per_year, s.gain_high_per_year, words),
            s.cumulative_gain_per_year,
            words.coded("precision", s.precision),
        )
        for s in plan.sites
    ]
    return Table.of(words, "sites", columns, rows)


def interval(low: float, high: float, words: Words) -> str:
    """Low to high, two significant digits each."""
    return words.say("show.interval", low=two_digits(low), high=two_digits(high))


def sites_full(plan: Plan, words: Words, audit_sha256: str = "") -> Table:
    """Every column of every site: ``sites.csv`` and the Excel sheet. Provenance stands in the last columns."""
    groups = [o.offence_group for o in plan.offences]
    groups += sorted({g for s in plan.sites for g in s.in_view_per_year} - set(groups))
    if not plan.sites:
        return Table("sites", tuple(c for c, _ in _columns(plan, _blank(plan), words, groups, (0.0, 0.0))), ())
    places = [(float(point.x), float(point.y)) for point in site_shapes(plan)]
    parts = [_columns(plan, s, words, groups, place) for s, place in zip(plan.sites, places, strict=True)]
    table = Table("sites", tuple(c for c, _ in parts[0]), tuple(tuple(v for _, v in part) for part in parts))
    return marked(table, plan, words, audit_sha256)


def _blank(plan: Plan) -> Site:
    """A site of nothing, for the headings of a plan without sites."""
    nothing: dict[str, Any] = dict.fromkeys(Site.model_fields, "")
    nothing |= {name: {} for name in ("cost_yen", "in_view_per_year", "front_per_year")}
    nothing |= {"views": [], "payers": plan.payers, "reason": Remark(code="keep")}
    return Site.model_construct(**nothing)


def _columns(
    plan: Plan, s: Site, words: Words, groups: list[str], place: tuple[float, float]
) -> list[tuple[Column, Any]]:
    """Columns and values of one site, in the order of the file."""
    view = dict(enumerate(s.views))

    def head(key: str, kind: Kind = "text", **values: str) -> Column:
        return Column(words.say(f"column.{key}", **values), kind, key)

    def of_view(number: int, name: str) -> Any:
        return getattr(view[number], name) if number in view else None

    return [
        (head("id"), s.site_id),
        (head("rank", "whole"), s.rank),
        (head("priority"), s.priority),
        (head("kind"), words.coded("kind", s.kind)),
        (head("area"), s.area_name),
        (head("address"), s.address),
        (head("district"), words.district(s.district_id)),
        (head("police_station"), plan.police_station(s)),
        (head("lon", "number"), place[0]),
        (head("lat", "number"), place[1]),
        (head("mount_id"), s.mount_id),
        (head("pole_number"), s.pole_number),
        (head("mount_kind"), words.coded("mount_kind", s.mount_kind)),
        (head("mount_state"), words.coded("mount_state", s.mount_state)),
        (head("host"), s.host),
        (head("camera_id"), s.camera_id),
        (head("cameras", "whole"), s.cameras),
        (head("pixels", "whole"), s.width_px),
        (head("angle", "degrees"), of_view(0, "angle_deg")),
        (head("bearing_1", "degrees"), of_view(0, "bearing_deg")),
        (head("bearing_2", "degrees"), of_view(1, "bearing_deg")),
        (head("near", "metres"), of_view(0, "near_m")),
        (head("far", "metres"), of_view(0, "far_m")),
        (head("density", "number"), of_view(0, "pixels_per_m")),
        (head("face"), faces(s.views, words)),
        (head("plate"), plates(s.views, words)),
        (head("storage_gb", "number"), storage_gb(s)),
        (head("retention", "days"), s.retention_days),
        (head("min_days", "days"), s.min_days),
        (head("max_days", "days"), s.max_days),
        (head("limit_origin"), s.limit_origin),
        (head("programme"), programmes_named(plan, s.programme_id, words)),
        *((head("cost_of", "yen", what=words.say(f"cost.{c}")), s.cost_yen.get(c, 0)) for c in COST_CATEGORIES),
        (head("cost", "yen"), s.total_yen),
        *([(head("built"), "" if s.fiscal_year is None else words.fiscal_year(s.fiscal_year))] if plan.phases else []),
        (head("subsidy", "yen"), s.subsidy_yen),
        *((head("paid_by", "yen", who=words.say(f"payer.{p}")), getattr(s.payers, f"{p}_yen")) for p in PAYERS),
        (head("running", "yen"), s.running_yen_per_year),
        *(
            (head("in_view_of", "offences", what=words.offence(g)), round(s.in_view_per_year.get(g, 0.0), 6))
            for g in groups
        ),
        (head("front_in_view", "offences"), round(sum(s.front_per_year.values()), 6)),
        (head("gain", "offences"), s.gain_per_year),
        (head("gain_low", "offences"), s.gain_low_per_year),
        (head("gain_high", "offences"), s.gain_high_per_year),
        (head("cumulative", "offences"), s.cumulative_gain_per_year),
        *([(head("again", "share"), s.again_share)] if any(x.again_share is not None for x in plan.sites) else []),
        (head("precision"), words.coded("precision", s.precision)),
        (head("nearest_standing", "metres"), s.nearest_standing_m),
        (head("reason"), sentence(s.reason, words.language)),
        (head("plan_id"), plan.plan_id),
        (head("gap"), words.say("show.gap_within", gap=words.gap(plan.gap))),
        (head("status"), words.coded("status", plan.status)),
        (head("handling"), words.say("show.mark")),
    ]


def payers(plan: Plan, words: Words) -> Table:
    """Who pays: the sources of the capital."""
    columns: list[tuple[str, Kind]] = [("payer", "text"), ("amount", "yen"), ("part", "share")]
    whole = plan.total_yen
    rows = [
        (words.say(f"payer.{p}"), amount, amount / whole if whole else None)
        for p in PAYERS
        for amount in [getattr(plan.payers, f"{p}_yen")]
    ]
    return Table.of(words, "payers", columns, rows, [(words.say("show.total"), whole, None)])


def ledger(plan: Plan, words: Words) -> Table:
    """Money by programme."""
    columns: list[tuple[str, Kind]] = [
        ("programme", "text"),
        ("sites", "whole"),
        ("cameras", "whole"),
        ("cost", "yen"),
        ("subsidy", "yen"),
        *((f"payer_{p}", "yen") for p in PAYERS),
        ("source", "text"),
    ]

    def split(parts: Payers) -> tuple[int, ...]:
        return tuple(getattr(parts, f"{p}_yen") for p in PAYERS)

    rows = []
    for part in plan.ledger:
        name = part.name_ja if words.language == "ja" else part.name_en
        known = name or part.programme_id or words.say("show.own_money_only")
        rows.append(
            (known, part.sites, part.cameras, part.cost_yen, part.subsidy_yen, *split(part.payers), part.source)
        )
    return Table.of(words, "ledger", columns, rows)


def frontier(parts: list[FrontierPart], words: Words) -> Table:
    """The best plan found for each budget of the municipality."""
    columns: list[tuple[str, Kind]] = [
        ("budget", "yen"),
        ("spent", "yen"),
        ("sites", "whole"),
        ("value", "offences"),
        ("bound", "offences"),
        ("gap", "text"),
        ("status", "text"),
        ("marginal", "offences"),
        ("knee", "text"),
    ]
    rows = []
    for part in parts:
        none = not part.planned
        gap = None if none else words.say("show.gap_within", gap=words.gap(part.gap))
        figures = (None, None, None, None) if none else (part.spent_yen, part.sites, part.value, part.bound)
        curve = (None if none else part.marginal_per_million_yen, words.say("show.knee_here") if part.knee else "")
        rows.append((part.municipality_yen, *figures, gap, words.coded("status", part.status), *curve))
    return Table.of(words, "frontier", columns, rows)
