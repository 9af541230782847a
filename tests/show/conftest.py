"""Plans built by hand: a town of squares around Yamato's place in plane zone IX (EPSG:6677)."""

from __future__ import annotations

import math

import pytest

from planner.plan.document import (
    AreaPart,
    AssumptionPart,
    DistrictPart,
    FrontierPart,
    LedgerPart,
    Offence,
    Payers,
    Plan,
    Remark,
    RunPart,
    SettingPart,
    Site,
    SourcePart,
    StandingPart,
    TownPart,
    ViewPart,
)

EAST_M, NORTH_M = -34_000.0, -58_000.0  # about 139.46 E, 35.48 N in EPSG:6677
NASTY = (
    "<script>document.title='hit'</script>駅前",
    "<img src=x onerror=\"document.title='hit'\">公園",
    "`+(document.title='hit')+`",
    "${document.title='hit'}",
    "C:\\plan\\2024",
    "=1+1",
    "＝1+1",
    "𠮷野町",
    "</script><script>document.title='hit'</script>",
    "末尾の\\",
)


def square(east, north, side):
    """A clockwise square with a counter-clockwise hole: both the wrong way round for RFC 7946."""
    e, n, s = east, north, side
    outer = [(e, n), (e, n + s), (e + s, n + s), (e + s, n), (e, n)]
    a, b = s * 0.4, s * 0.6
    hole = [(e + a, n + a), (e + b, n + a), (e + b, n + b), (e + a, n + b), (e + a, n + a)]
    return [[outer, hole]]


def fan(east, north, bearing_deg, far_m=16.0, near_m=3.0, steps=40):
    """A view of 90 degrees as a ring of arcs."""
    angles = [math.radians(bearing_deg - 45 + 90 * k / steps) for k in range(steps + 1)]
    far = [(east + far_m * math.sin(a), north + far_m * math.cos(a)) for a in angles]
    near = [(east + near_m * math.sin(a), north + near_m * math.cos(a)) for a in reversed(angles)]
    return [[[*far, *near, far[0]]]]


def view(number, east, north, bearing_deg):
    return ViewPart(
        view_id=f"v{number}-acme-4000",
        bearing_deg=bearing_deg,
        angle_deg=90.0,
        near_m=3.0,
        far_m=16.0,
        pixels_per_m=80.0,
        area_m2=190.0,
        polygons=fan(east, north, bearing_deg),
    )


def site(rank, kinds, names, size):
    east = EAST_M + (rank * 137.0) % size
    north = NORTH_M + (rank * 211.0) % size
    kind = kinds[rank % len(kinds)]
    views = [] if kind == "remove" else [view(rank, east, north, (rank * 45.0) % 360)]
    if rank == 1:
        views.append(view("second", east, north, 200.0))
    gain = -0.21 if kind == "remove" else 12.34 / rank
    share = {"bicycle_theft": abs(gain) * 0.7, "theft_from_car": abs(gain) * 0.3}
    return Site(
        site_id=f"s{rank:03d}",
        offer_id=f"o{rank:03d}",
        rank=rank,
        priority="ABC"[min(rank // 3, 2)],
        kind=kind,
        east_m=east,
        north_m=north,
        mount_id=f"m{rank}",
        mount_kind="utility_pole",
        mount_state="unknown",
        host=names[(rank + 3) % len(names)],
        camera_id="" if kind == "install" else f"k{rank}",
        area_id=f"a{rank % 4}",
        area_name=names[rank % len(names)],
        district_id="北小学校区",
        model_id="acme-4000",
        model_name="ACME 4000",
        width_px=2560,
        tier_id="t14",
        retention_days=None if kind == "remove" else 14.0,
        min_days=14.0,
        max_days=30.0,
        limit_origin="市の要綱",
        cameras=max(1, len(views)),
        views=views,
        programme_id="p1" if rank % 2 else "",
        cost_yen={"camera": 150_000, "recorder": 80_000, "installation": 120_000, "signage": 10_000},
        total_yen=360_000,
        subsidy_yen=180_000 if rank % 2 else 0,
        payers=Payers(
            national_yen=0,
            prefecture_yen=180_000 if rank % 2 else 0,
            municipality_yen=180_000 if rank % 2 else 360_000,
            local_body_yen=0,
        ),
        running_yen_per_year=-16_000 if kind == "remove" else 16_000,
        in_view_per_year=share,
        front_per_year={"bicycle_theft": 0.5},
        gain_per_year=gain,
        gain_low_per_year=gain - abs(gain) * 0.2,
        gain_high_per_year=gain + abs(gain) * 0.2,
        cumulative_gain_per_year=20.0,
        precision="area",
        nearest_standing_m=None if rank == 2 else 83.4,
        reason=Remark(
            code=kind,
            values={
                "area": names[rank % len(names)],
                "gain": gain,
                "offence": "bicycle_theft",
                "offence_share": 0.7,
                "nearest_standing_m": None if rank == 2 else 83,
                "days": None if kind == "remove" else 14.0,
                "spots": 23,
            },
        ),
    )


def standing(number, names, size):
    east, north = EAST_M + 40 + (number * 331.0) % size, NORTH_M + 60 + (number * 173.0) % size
    return StandingPart(
        camera_id=f"k{number}",
        east_m=east,
        north_m=north,
        owner=names[number % len(names)],
        use=("own", "agreed", "on_request", "unknown")[number % 4],
        working=(True, False, None)[number % 3],
        retention_days=(7.0, 14.0, None)[number % 3],
        locked_until="2028-03-31" if number == 1 else "",
        count_share=1.0,
        within_limits=(False, True, None)[number % 3],
        decision="keep",
        views=[view(f"k{number}", east, north, 90.0 * number % 360)],
        in_view_per_year={"bicycle_theft": 3.21},
    )


def area(number, across, side, names, corners=4):
    east, north = EAST_M + side * (number % across), NORTH_M + side * (number // across)
    polygons = square(east, north, side)
    if corners > 4:  # a detailed outline: the square's edge with many points, slightly wavy
        ring = []
        for k in range(corners):
            turn = 2 * math.pi * k / corners
            reach = side * (0.48 + 0.015 * math.sin(31 * turn))
            ring.append((east + side / 2 + reach * math.cos(turn), north + side / 2 + reach * math.sin(turn)))
        polygons = [[[*ring, ring[0]]]]
    expected = (number * 7 % 13) * 1.7
    return AreaPart(
        area_id=f"a{number}",
        name=names[number % len(names)],
        district_id="北小学校区",
        households=None if number == 1 else 1234.0,
        recorded=float(number),
        expected_per_year=expected,
        low_per_year=expected * 0.6,
        high_per_year=expected * 1.5,
        uniform_per_year=4.2,
        place_per_year=expected * 0.4,
        before_per_year=expected * 0.1,
        after_per_year=expected * 0.2,
        polygons=polygons,
    )


def offence(group, expected):
    return Offence(
        offence_group=group,
        expected_per_year=expected,
        place_per_year=expected * 0.45,
        front_per_year=expected * 0.4,
        owner_only_per_year=expected * 0.15,
        before_per_year=expected * 0.05,
        after_per_year=expected * 0.11,
        front_before_per_year=expected * 0.02,
        front_after_per_year=expected * 0.03,
    )


def frontier_point(step, status="within_gap"):
    value = 60.0 * (1 - math.exp(-step / 12))
    return FrontierPart(
        municipality_yen=step * 400_000,
        spent_yen=step * 390_000,
        sites=step,
        value=value,
        bound=value * 1.015,
        gap=0.0148,
        status=status,
        offer_ids=[f"o{n:03d}" for n in range(1, step + 1)],
    )


def build(sites=6, cameras=3, areas=4, names=NASTY, corners=4, points=20, **changes):
    """A plan of any size; ``changes`` replace fields of the Plan."""
    across = max(1, math.isqrt(areas))
    side = 300.0
    size = side * across
    parts = {
        "plan_id": "9f" * 32,
        "code_version": "0.1.0+abc1234",
        "town": TownPart(name=names[0], code="14213", epsg=6677, applicant="municipality"),
        "status": "within_gap",
        "value": 60.4,
        "bound": 61.23,
        "gap": 0.013555,
        "expected_offences_per_year": 596.0,
        "covered_share_before": 0.0512,
        "covered_share_after": 0.1123,
        "payers": Payers(
            national_yen=0, prefecture_yen=540_000, municipality_yen=1_620_000, local_body_yen=0
        ),
        "total_yen": 2_160_000,
        "running_yen_per_year": 64_000,
        "cameras": sites + 1,
        "offences": [offence("bicycle_theft", 375.4), offence("theft_from_car", 120.6), offence("snatching", 0.034)],
        "sites": [site(r, ("install", "install", "extend", "repair", "renew", "remove"), names, size) for r in range(1, sites + 1)],
        "standing": [standing(n, names, size) for n in range(cameras)],
        "areas": [area(n, across, side, names, corners) for n in range(areas)],
        "districts": [
            DistrictPart(
                district_id=name, sites=3, cameras=4, standing=2, households=households,
                expected_per_year=321.0, place_per_year=144.0, before_per_year=7.0, after_per_year=21.0,
            )
            for name, households in (("北小学校区", 4321.0), (names[1], None))
        ],
        "ledger": [
            LedgerPart(
                programme_id="p1", name_ja="県の設置補助", name_en="prefectural subsidy", sites=3, cameras=4,
                cost_yen=1_080_000, subsidy_yen=540_000,
                payers=Payers(national_yen=0, prefecture_yen=540_000, municipality_yen=540_000, local_body_yen=0),
                source=names[2],
            ),
            LedgerPart(
                programme_id="", name_ja="", name_en="", sites=3, cameras=3, cost_yen=1_080_000, subsidy_yen=0,
                payers=Payers(national_yen=0, prefecture_yen=0, municipality_yen=1_080_000, local_body_yen=0),
                source="",
            ),
        ],
        "frontier": [frontier_point(0, "infeasible"), *(frontier_point(s) for s in range(1, points + 1))],
        "settings": [
            SettingPart(key="budget.own_capital_yen", value=20_000_000, origin="town.toml", unit="yen"),
            SettingPart(key="siting.gap_goal", value=0.02, origin="default", unit="share"),
            SettingPart(key="coverage.task", value="discern", origin="default", unit="-"),
            SettingPart(key="coverage.night_required", value=True, origin="default", unit="-"),
            SettingPart(key="risk.spot_spacing_m", value=5.0, origin="flag", unit="m"),
            SettingPart(key="retention.min_origin", value=names[4], origin="town.toml", unit="-"),
            SettingPart(key="budget.local_body_yen", value=None, origin="default", unit="yen"),
            SettingPart(
                key="rules.districts", origin="town.toml", unit="-",
                value=[{"id": "北小学校区", "min_sites": 2, "max_sites": None, "floor_share": 0.1}],
            ),
        ],
        "sources": [
            SourcePart(
                role="crime", file=f"crime/{names[3]}.csv", sha256="ab" * 32, rows=45_317, accepted=1_788,
                set_aside=12, duplicate=3, outside=43_514, encoding="cp932", note=names[5],
            )
        ],
        "table_hashes": {"areas": "cd" * 32},
        "assumptions": [
            AssumptionPart(name="mount_height_m", value=4, unit="m", low=3, high=5, source="JSON <b>guide</b>")
        ],
        "notes": [
            Remark(code="a_code_nobody_knows", values={"number": 3, "names": [names[0], names[5]], "nothing": None}),
        ],
        "run": RunPart(created_at="2026-11-22T23:52:00+09:00", seconds=12.3, work={"nodes": 7}),
    }  # fmt: skip
    return Plan(**(parts | changes))


@pytest.fixture(scope="session")
def plan():
    """Six sites, three cameras, four blocks, and a nasty name wherever a name may stand."""
    return build()


@pytest.fixture(scope="session")
def plain_plan():
    """The same with ordinary names, for tests of language."""
    return build(names=("大和市", "中央一丁目", "つきみ野二丁目", "東電タウン", "市の規則", "確認済"))


@pytest.fixture(scope="session")
def empty_plan():
    """A plan in which nothing fits and nothing stands."""
    return build(
        sites=0, cameras=0, areas=0, points=0, status="infeasible", value=0.0, bound=0.0, gap=0.0, offences=[],
        districts=[], ledger=[], frontier=[], settings=[], sources=[], assumptions=[], notes=[], total_yen=0,
        payers=Payers(national_yen=0, prefecture_yen=0, municipality_yen=0, local_body_yen=0),
    )  # fmt: skip


@pytest.fixture(scope="session")
def big_plan():
    """Sixty sites, forty cameras, 136 blocks with outlines of 300 points each."""
    return build(sites=60, cameras=40, areas=136, corners=300, points=50)
