"""The map in the app: what stays must not change (else the browser draws it anew), and it asks no other machine."""

from __future__ import annotations

import html
import json
import logging
import re
from dataclasses import replace

import folium
import pytest
from streamlit_folium import _get_feature_group_string, _get_header, _get_map_string, generate_js_hash

from planner import show
from planner.show.draw import _BarePins, _InWords
from planner.show.mapspec import Picture, Shape
from planner.text import LANGUAGES

logging.getLogger("streamlit").setLevel(logging.ERROR)


def browser(spec, chosen=""):
    """What ``st_folium`` sends to the browser: the map that stays, its head, and the groups that are replaced."""
    chart, groups = show.live_maps(spec, "../static", chosen)
    chart.get_root().render()
    chart.render()
    head = _get_header(chart)
    stays = _get_map_string(chart)
    moving = [_get_feature_group_string(group, chart, number) for number, group in enumerate(groups)]
    return stays, head, moving


def pins_of(moving):
    """What the browser makes sites of: latitude, longitude, drawing, heading, height above the others."""
    (found,) = re.findall(r"(\[.*\])\.forEach", moving[1])
    return json.loads(found)


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


def moved(base, now):
    """The base with the moving layers of another budget, as the app puts them together."""
    layers = {layer.key: layer for layer in now.layers}
    return replace(base, layers=tuple(layers[k.key] if k.key in show.MOVING else k for k in base.layers))


@pytest.fixture(scope="module", params=LANGUAGES)
def base(plain_plan, request):
    return show.describe(plain_plan, request.param, lasting=True)


def test_the_same_map_twice_is_the_same_text(base):
    assert browser(base) == browser(base)
    assert browser(base, "s002") == browser(base, "s002")


def test_choosing_a_site_moves_the_sites_only(base):
    bare, one, two = browser(base), browser(base, "s001"), browser(base, "s002")
    assert bare[:2] == one[:2] == two[:2]
    assert generate_js_hash(bare[0], "key") == generate_js_hash(one[0], "key")
    views, sites = range(2)
    assert bare[2][views] == one[2][views] == two[2][views]
    assert len({bare[2][sites], one[2][sites], two[2][sites]}) == 3


def test_the_chosen_site_alone_is_marked_and_lies_above(base):
    def marked(chosen):
        pins = pins_of(browser(base, chosen)[2])
        assert len(pins) == 6
        ringed = [n for n, pin in enumerate(pins) if "#d98200" in pin[2]]
        assert ringed == [n for n, pin in enumerate(pins) if pin[4] > 0]
        return ringed

    assert marked("s002") == [1]
    assert marked("s006") == [5]
    assert marked("") == marked("nobody") == []


def test_a_site_stands_where_its_pin_says_with_its_number(base):
    (sites,) = [layer.items for layer in base.layers if layer.key == "sites"]
    for pin, (lat, lon, drawing, heading, _) in zip(sites, pins_of(browser(base)[2]), strict=True):
        assert (lat, lon) == (pin.lat_deg, pin.lon_deg)
        assert re.search(r"<text[^>]*>([^<]*)</text>", drawing).group(1) == pin.label
        assert html.unescape(heading) == pin.heading


def test_another_budget_moves_sites_and_their_views_only(base, other):
    now = show.describe(other, base.language, lasting=True)
    before, after = browser(base), browser(moved(base, now))
    assert before[:2] == after[:2]
    assert all(a != b for a, b in zip(before[2], after[2], strict=True))
    assert [len(pins_of(moving)) for _, _, moving in (before, after)] == [6, 2]


def test_no_budget_has_a_part_of_another(base, other):
    """Nothing at all is proposed: the groups are empty, the map stays."""
    none = show.describe(other.model_copy(update={"sites": []}), base.language, lasting=True)
    empty = browser(moved(base, none))
    assert empty[:2] == browser(base)[:2]
    assert pins_of(empty[2]) == []


def test_the_map_that_stays_holds_no_site(base, plain_plan):
    stays, _, moving = browser(base)
    assert "L.marker(" not in stays
    assert len(pins_of(moving)) == len(plain_plan.sites)
    for key in ("areas", "standing_views", "standing"):
        assert f'"{key}"' in stays


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


def test_hostile_names_do_not_reach_the_script(plan):
    stays, head, moving = browser(show.describe(plan, "ja", lasting=True), "s001")
    for text in (stays, *moving):
        assert "<script" not in text
        assert "</script" not in text
    for text in (stays, head, *moving):
        for raw in ("<script>document", "${document", "`+(document", "<img", "'hit'"):
            assert raw not in text


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
    stays, head, moving = browser(spec)
    assert moving == []
    assert '"../media/x.png"' in stays
    assert not re.search(r"https?://", stays + head)


def test_it_asks_no_other_machine(base):
    assert show.outside_addresses() == []
    chart, _ = show.live_maps(base, "../static")
    stays, head, moving = browser(base)
    assert not re.search(r"https?://", "".join((stays, head, *moving)))
    assert [a for _, a in (*chart.default_js, *chart.default_css) if not a.startswith("../static/")] == []


@pytest.mark.parametrize(
    ("element", "attribute", "address"),
    [
        (_BarePins, "default_js", "https://cdn.example/marker.js"),
        (folium.GeoJson, "default_js", "http://cdn.example/geojson.js"),
        (folium.FeatureGroup, "default_css", "//cdn.example/group.css"),
        (folium.map.CustomPane, "default_css", "https://cdn.example/pane.css"),
        (folium.raster_layers.ImageOverlay, "default_js", "https://cdn.example/picture.js"),
        (_InWords, "default_css", "https://cdn.example/scale.css"),
    ],
)
def test_an_element_that_would_is_found(monkeypatch, element, attribute, address):
    monkeypatch.setattr(element, attribute, [("near", "static/near"), ("far", address)], raising=False)
    assert show.outside_addresses() == [address]
