"""The map in the app: what stays must not change (else the browser draws it anew), and it asks no other machine."""

from __future__ import annotations

import itertools
import json

import folium
import numpy as np
import pytest

from planner import show
from planner.plan import ZonePart
from planner.show import vendor
from planner.show.mapspec import SITE_LOOKS, Picture, Shape
from planner.text import LANGUAGES, say


def sent(spec):
    """What the browser is sent: the layers that stay, and those that are replaced."""
    layers = {layer.key: show.live_layer(layer) for layer in spec.layers}
    stays = {key: layer for key, layer in layers.items() if key not in show.MOVING}
    return stays, {key: layer for key, layer in layers.items() if key in show.MOVING}


@pytest.fixture(scope="module")
def other(plain_plan):
    """The plan of another budget: other sites, more within view, another decision on a camera of today."""
    return plain_plan.model_copy(
        update={
            "sites": plain_plan.sites[1:3],
            "areas": [a.model_copy(update={"after_per_year": a.after_per_year + 1}) for a in plain_plan.areas],
            "standing": [c.model_copy(update={"decision": "remove"}) for c in plain_plan.standing],
        }
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def base(plain_plan, request):
    return show.describe(plain_plan, request.param, lasting=True)


def test_a_site_stands_where_its_pin_says_with_its_number(base):
    (sites,) = [layer.items for layer in base.layers if layer.key == "sites"]
    _, moving = sent(base)
    assert len(sites) == 6
    for pin, (key, lat, lon, label, fill, ink, heading) in zip(sites, moving["sites"]["items"], strict=True):
        assert (key, lat, lon, label, heading) == (pin.key, pin.lat_deg, pin.lon_deg, pin.label, pin.heading)
        assert (fill, ink) == SITE_LOOKS[pin.look]


def with_zones(owner):
    """The same with two classes by day and one at night in every view."""
    kinds = [("day", "identification", 250.0), ("day", "observation", 62.5), ("night", "observation", 62.5)]
    views = [
        view.model_copy(
            update={
                "zones": [
                    ZonePart(
                        light=light,
                        task=task,
                        pixels_per_m=density,
                        near_m=1,
                        far_m=9,
                        area_m2=1,
                        polygons=view.polygons,
                    )
                    for light, task, density in kinds
                ]
            }
        )
        for view in owner.views
    ]
    return owner.model_copy(update={"views": views})


@pytest.mark.parametrize("light", show.LIGHTS)
def test_views_by_class_take_the_place_of_outlines(base, plain_plan, light):
    assert show.views_by_class(base, plain_plan, light) == base  # of these no class is known
    update = {"sites": [*map(with_zones, plain_plan.sites)], "standing": [*map(with_zones, plain_plan.standing)]}
    plain_plan = plain_plan.model_copy(update=update)
    classed = show.views_by_class(base, plain_plan, light)
    (stays, before), (stayed, after) = sent(base), sent(classed)
    assert stays == stayed
    assert before["sites"] == after["sites"]
    zones = [z for s in plain_plan.sites for v in s.views for z in v.zones if z.light == light and z.polygons]
    drawn = [shape for layer in classed.layers if layer.key == "proposed_views" for shape in layer.items]
    assert len(drawn) == len(zones) == len(plain_plan.sites) * (2 if light == "day" else 1)
    assert sorted(dict(s.tip)[say(base.language, "looking.pixels_per_m")] for s in drawn) == sorted(
        f"{z.pixels_per_m:,g}" for z in zones
    )
    named = [entry for entry in classed.legend if entry.group == "zones"]
    assert len(named) == len({z.task for z in zones})
    assert {s.style for s in drawn} <= {entry.style for entry in named}
    assert say(base.language, "layer.proposed_views") not in [entry.text for entry in classed.legend]


def test_another_budget_moves_sites_and_their_views_only(base, other):
    now = show.describe_step(base, other)
    (stays, before), (stayed, after) = sent(base), sent(now)
    assert now.layers == show.describe(other, base.language, lasting=True).layers
    assert now.legend == show.describe(other, base.language, lasting=True).legend
    assert stays == stayed
    assert stays.keys() == {"areas", "standing_views", "standing"}
    assert all(before[key] != after[key] for key in before)
    assert [len(moving["sites"]["items"]) for moving in (before, after)] == [6, 2]


def test_no_budget_has_a_part_of_another(base, other):
    """Nothing at all is proposed: the layers are empty, the map stays."""
    stays, moving = sent(show.describe_step(base, other.model_copy(update={"sites": []})))
    assert stays == sent(base)[0]
    assert [layer["items"] for layer in moving.values()] == [[], []]


def assert_same(told, geometry):
    """What the browser makes of a geometry is the geometry, to a tenth of a metre."""
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        assert told == geometry
        return
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    assert [len(rings) for rings in told] == [len(rings) for rings in parts]
    for steps, ring in zip(itertools.chain(*told), itertools.chain(*parts), strict=True):
        assert all(isinstance(step, int) for step in steps)
        corners = {tuple(c) for c in (np.cumsum(np.reshape(steps, (-1, 2)), axis=0)).tolist()}
        assert corners == {(round(lon * 1e6), round(lat * 1e6)) for lon, lat in ring}


def test_each_style_is_sent_once_and_every_shape_has_its_own(base):
    for layer in base.layers:
        told = show.live_layer(layer)
        assert len({json.dumps(style) for style in told["styles"]}) == len(told["styles"])
        shapes = [item for item in layer.items if isinstance(item, Shape)]
        for shape, (key, geometry, number, names, texts) in zip(shapes, told["items"] if shapes else [], strict=True):
            assert key == shape.key
            assert_same(geometry, shape.geometry)
            assert tuple(zip(told["labels"][names], texts, strict=True)) == shape.tip
            assert told["styles"][number]["color"] == shape.style.colour
        assert json.loads(show.live_text(layer)) == json.loads(json.dumps(told))


def test_a_lasting_description_holds_for_every_budget(plain_plan, other, base):
    now = show.describe(other, base.language, lasting=True)
    for before, after in zip(base.layers, now.layers, strict=True):
        assert (before == after) == (before.key not in show.MOVING), before.key


def test_a_description_for_one_budget_tells_what_it_changes(plain_plan, other, base):
    one, two = (show.describe(p, base.language) for p in (plain_plan, other))
    different = {a.key for a, b in zip(one.layers, two.layers, strict=True) if a != b}
    assert different == {"areas", "standing", *show.MOVING} & {layer.key for layer in one.layers}
    assert one.box == base.box
    assert one.legend == base.legend
    words = show.Words(base.language)
    for key, label in (("areas", words.say("column.after")), ("standing", words.say("column.decision"))):
        full, lasting = (next(i for i in spec.layers if i.key == key).items for spec in (one, base))
        assert all(isinstance(item, Shape) for item in full)
        for whole, part in zip(full, lasting, strict=True):
            assert set(whole.tip) - set(part.tip) == {line for line in whole.tip if line[0] == label}
            assert len(whole.tip) == len(part.tip) + 1
            assert (whole.geometry, whole.style, whole.key) == (part.geometry, part.style, part.key)


def test_a_risk_map_shows_its_picture_and_what_lasts(plain_plan, base):
    box = (139.0, 35.0, 139.1, 35.1)
    spec = show.describe_risk(plain_plan, base.language, "../media/x.png", box, (1.0, 2.0), 50.0)
    assert [layer.key for layer in spec.layers] == ["surface", "areas", "standing"]
    assert spec.layers[0].items == (Picture("../media/x.png", box),)
    west, south, east, north = spec.box
    assert (west, south) == (139.0, 35.0)  # the picture's corner lies outside the blocks
    assert (east, north) == pytest.approx(base.box[2:], abs=1e-3)
    assert [i.geometry for i in spec.layers[1].items] == [i.geometry for i in base.layers[0].items]
    assert [e.group for e in spec.legend].count("classes") == 3
    stays, moving = sent(spec)
    assert moving == {}
    assert stays["surface"]["items"] == [["../media/x.png", *box]]


def test_it_asks_no_other_machine(base):
    assert show.outside_addresses() == []
    frame = show.live_frame(base)
    for name in ("script", "style"):
        assert (vendor.VENDOR / frame[name]).is_file()
    assert "//" not in json.dumps([frame, *(sent(base)[0].values())])


@pytest.mark.parametrize(
    ("element", "attribute", "address"),
    [
        (folium.GeoJson, "default_js", "http://cdn.example/geojson.js"),
        (folium.FeatureGroup, "default_css", "//cdn.example/group.css"),
        (folium.map.CustomPane, "default_css", "https://cdn.example/pane.css"),
        (folium.raster_layers.ImageOverlay, "default_js", "https://cdn.example/picture.js"),
    ],
)
def test_an_element_that_would_is_found(monkeypatch, element, attribute, address):
    monkeypatch.setattr(element, attribute, [("near", "static/near"), ("far", address)], raising=False)
    assert show.outside_addresses() == [address]
