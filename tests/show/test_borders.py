"""Borders of districts and zones with limits: on the map, on the sheet, and in the key."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import shape

from planner import show
from planner.plan import LimitZone
from planner.show import mapspec, shapes, sheet
from planner.text import say

SQUARE = [[0.0, 0.0], [100.0, 0.0], [100.0, 50.0], [0.0, 50.0], [0.0, 0.0]]


@pytest.fixture
def bordered(plain_plan):
    """Four blocks of 100 m x 100 m side by side, two districts of two, and a zone over the first."""
    blocks = [
        area.model_copy(
            update={
                "district_id": "east" if n > 1 else "west",
                "polygons": [[[(x + 100.0 * n, y * 2.0) for x, y in SQUARE]]],
            }
        )
        for n, area in enumerate(plain_plan.areas)
    ]
    assert len(blocks) == 4
    zone = LimitZone(zone_id="Z1", rule="min_days", limit_days=30.0, origin="景観条例（架空）", polygons=[[SQUARE]])
    return plain_plan.model_copy(update={"areas": blocks, "limit_zones": [zone]})


def layers_of(plan, language="ja"):
    return {layer.key: layer for layer in show.describe(plan, language).layers}


def test_a_district_is_its_blocks_taken_together(bordered):
    outlines = shapes.metric([a.polygons for a in bordered.areas])
    found = mapspec.district_outlines(bordered, outlines)
    assert sorted(found) == ["east", "west"]
    for name, (left, right) in {"west": (0, 200), "east": (200, 400)}.items():
        assert found[name].symmetric_difference(shapely.box(left, 0, right, 100)).area < 1e-6
    items = layers_of(bordered)["districts"].items
    assert [item.key for item in items] == ["east", "west"]
    assert all(shape(item.geometry).geom_type == "Polygon" and item.style.fill == "" for item in items)


def test_a_zone_says_what_it_limits_and_who_set_it(bordered):
    (item,) = layers_of(bordered)["limit_zones"].items
    told = dict(item.tip)
    assert told[say("ja", "tip.zone")] == say("ja", "zone_rule.min_days")
    assert told[say("ja", "tip.retention")] == "30日"
    assert told[say("ja", "tip.origin")] == "景観条例（架空）"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_key_names_is_drawn_on_the_sheet(bordered, plain_plan, language):
    drawn = show.content(bordered, "a3", language).decode("utf-8")
    for key, style in (("districts", mapspec.DISTRICT), ("limit_zones", mapspec.LIMIT_ZONE)):
        assert show.safe(say(language, f"layer.{key}")) in drawn
        assert f'stroke="{style.colour}" stroke-width="{style.weight_px * 0.12:.2f}"' in drawn
    bare = show.content(plain_plan.model_copy(update={"limit_zones": []}), "a3", language).decode("utf-8")
    assert show.safe(say(language, "layer.limit_zones")) not in bare
    assert f'stroke-dasharray="{sheet._dashes(mapspec.LIMIT_ZONE)}"' not in bare


def test_a_town_of_one_district_has_no_such_layers(plain_plan):
    one = plain_plan.model_copy(
        update={"areas": [a.model_copy(update={"district_id": "all"}) for a in plain_plan.areas], "limit_zones": []}
    )
    assert not {"districts", "limit_zones"} & set(layers_of(one))
