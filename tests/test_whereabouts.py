"""The address and pole number of every site (P22): on paper, and through a whole plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from planner import show, study
from planner.plan import choice_of, other_sites
from planner.plan.whereabouts import Whereabouts
from planner.work import Work
from tests.tiny_towns import table, tiny

NOTHING = pd.DataFrame({"camera_id": [], "mount_id": [], "address": []})
AREAS = gpd.GeoDataFrame({"area_id": ["A"], "name": ["本町一丁目"]}, geometry=[shapely.box(-500, -500, 500, 500)])


def _inputs(rows: list[tuple[str, str, float, float]]) -> Any:
    addresses = gpd.GeoDataFrame(
        {"name": [r[0] for r in rows], "level": [r[1] for r in rows]}, geometry=[shapely.Point(r[2:]) for r in rows]
    )
    return SimpleNamespace(areas=AREAS, addresses=addresses, standing=NOTHING)


def test_the_nearest_block_within_100_m_else_the_area() -> None:
    where = Whereabouts(
        _inputs(
            [
                ("本町一丁目", "town", 0, 0),  # a town is no block, however near
                ("本町一丁目3番", "street_block", 30, 0),
                ("本町一丁目2番", "street_block", -30, 0),
            ]
        ),
        NOTHING,
    )
    assert where.address(shapely.Point(10, 0), "A") == "本町一丁目3番地先"
    assert where.address(shapely.Point(0, 0), "A") == "本町一丁目2番地先"  # as near as 3番: the first by name
    assert where.address(shapely.Point(130, 0), "A") == "本町一丁目3番地先"
    assert where.address(shapely.Point(131, 0), "A") == "本町一丁目地先"


def test_without_a_gazetteer_the_area_alone() -> None:
    where = Whereabouts(SimpleNamespace(areas=AREAS, addresses=gpd.GeoDataFrame(), standing=NOTHING), NOTHING)  # type: ignore[arg-type]
    assert where.address(shapely.Point(0, 0), "A") == "本町一丁目地先"
    assert where.address(shapely.Point(0, 0)) == "本町一丁目地先"  # where the area is not told it is looked for
    assert where.address(shapely.Point(501, 0)) == ""


def test_every_site_and_every_file_of_a_plan_has_them(tmp_path: Path) -> None:
    """Poles have numbers; one register has an address of its own, the other sites get the nearest block's."""
    inputs, merged = tiny(3)
    poles = inputs.mounts["mount_id"]
    registered = pd.Series(["登録所在地" if p == poles.iloc[0] else "" for p in poles], dtype="str")
    mounts = inputs.mounts.assign(pole_number=("柱" + poles).astype("str"), address=registered)
    blocks = [
        {
            "address_id": "g1",
            "name": "東町7番",
            "level": "street_block",
            "code": "99001",
            "geometry": shapely.Point(60, 30),
        }
    ]
    inputs = replace(inputs, mounts=mounts, addresses=table("addresses", blocks))
    prepared = study.prepare(inputs, merged.settings, Work())
    plan = study.decide(prepared, merged, Work())
    assert {s.kind for s in plan.sites} & {"install"}
    for site in plan.sites:
        own = site.mount_id == poles.iloc[0]
        assert site.address == ("登録所在地" if own else "東町7番地先")
        assert site.pole_number == (f"柱{site.mount_id}" if site.mount_id else "")
        assert site.district_id in {"east", "west"}
    beside = other_sites(prepared, choice_of(plan, prepared))
    assert {s.site_id: s.address for s in beside} == {s.site_id: s.address for s in plan.sites}
    show.write_all(plan, tmp_path)
    page, tree = ((tmp_path / name).read_text(encoding="utf-8") for name in ("plan.html", "sites.geojson"))
    lines = (tmp_path / "sites.csv").read_text(encoding="utf-8-sig").splitlines()
    for site in plan.sites:
        assert site.address in page
        assert site.pole_number in page
        assert site.address in tree
        assert f'"pole_number": "{site.pole_number}"' in tree
        assert any(site.address in line and site.pole_number in line for line in lines)
