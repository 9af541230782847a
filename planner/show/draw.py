"""MapSpec -> folium map that asks no other machine for anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import branca.element
import folium
from folium.map import CustomPane
from folium.utilities import JsCode

from planner.plan import Plan
from planner.show import vendor
from planner.show.live import path_options
from planner.show.mapspec import SITE_LOOKS, Layer, MapSpec, Picture, Pin, Shape, Tip, describe
from planner.show.words import Words, safe
from planner.text import Language

_FIRST_PANE = 400  # Leaflet's own overlay pane; markers stand at 600, popups at 700
_PIN = "M13 33 C11 26 2 22 2 13 A11 11 0 1 1 24 13 C24 22 15 26 13 33 Z"
# Tips are escaped HTML made here, so Leaflet may show them as they stand.
_BIND = JsCode(
    "function(feature, layer) {"
    " if (feature.properties.tip) { layer.bindTooltip(feature.properties.tip, {sticky: true}); } }"
)


def draw(plan: Plan, language: Language = "ja", *, inline: bool = True) -> Any:
    """The map of a plan: no tiles, no default icons, no address outside.

    Parameters
    ----------
    plan
        The plan; the map is drawn from ``describe(plan, language)`` alone.
    language
        Language of layer names, tips and legend.
    inline
        Whether the page's head carries Leaflet and jQuery from ``static/vendor`` (False: whoever shows the map loads
        them).

    Returns
    -------
    folium.Map
        Rendering it twice gives the same text.
    """
    return folium_map(describe(plan, language), inline=inline)


def folium_map(spec: MapSpec, *, inline: bool = True) -> Any:
    """Draw a MapSpec with folium."""
    words = Words(spec.language)
    chart = _chart(spec, control_scale=True, scroll_wheel_zoom=False)
    chart.default_js, chart.default_css = [], []
    head = branca.element.Element(_head(words, inline=inline))
    chart.get_root().header.add_child(head, name="assets")
    for number, layer in enumerate(spec.layers):
        if layer.kind != "pins":
            chart.add_child(CustomPane(layer.key, z_index=_FIRST_PANE + number, pointer_events=True))
        chart.add_child(_layer(layer))
    chart.add_child(folium.LayerControl(collapsed=False))
    _name_in_order(chart)
    return chart


def _chart(spec: MapSpec, **options: Any) -> Any:
    """An empty map on the town: no tiles, no attribution."""
    chart = folium.Map(
        location=[36.0, 138.0],
        zoom_start=5,
        tiles=None,
        height="600px",
        attribution_control=False,
        zoom_snap=0.25,
        **options,
    )
    if spec.box is not None:
        west, south, east, north = spec.box
        chart.fit_bounds([[south, west], [north, east]], padding=(12, 12))
    return chart


def _head(words: Words, *, inline: bool) -> str:
    """Assets, and Leaflet's own few words in the reader's language."""
    titles = f'{{zoomInTitle: "{safe(words.say("map.zoom_in"))}", zoomOutTitle: "{safe(words.say("map.zoom_out"))}"}}'
    script = (
        f"<script>if (window.L) {{ L.Control.Zoom.mergeOptions({titles}); "
        "L.Control.Scale.mergeOptions({imperial: false}); }</script>"
    )
    return f"{vendor.head()}\n{script}" if inline else script


def _layer(layer: Layer) -> Any:
    """One layer: GeoJSON for shapes and dots, numbered markers for sites, a picture by its address."""
    if layer.kind == "pins":
        group = folium.FeatureGroup(name=safe(layer.name))
        for item in layer.items:
            if isinstance(item, Pin):
                group.add_child(_marker(item))
        return group
    if layer.kind == "picture":
        group = folium.FeatureGroup(name=safe(layer.name))
        for item in layer.items:
            if isinstance(item, Picture):
                group.add_child(_picture(item, layer.key))
        return group
    return _geojson(layer)


def _picture(item: Picture, pane: str) -> Any:
    """A picture that the browser fetches by its address."""
    west, south, east, north = item.box
    # folium takes a relative address for a file on this machine, so the true one is put in afterwards
    overlay = folium.raster_layers.ImageOverlay("https://later", [[south, west], [north, east]], opacity=0.9, pane=pane)
    overlay.url = item.address
    return overlay


def _geojson(layer: Layer) -> Any:
    features = [
        {
            "type": "Feature",
            "id": f"{number}",
            "geometry": dict(item.geometry),
            "properties": {"tip": tip_html(item.tip), "style": path_options(item.style)},
        }
        for number, item in enumerate(layer.items)
        if isinstance(item, Shape)
    ]
    dot = None
    if layer.kind == "dots":
        dot = folium.CircleMarker(radius=4.5)
        dot.options["pane"] = layer.key  # Leaflet hands the pane down to lines and areas only
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=safe(layer.name),
        marker=dot,
        on_each_feature=_BIND,
        smooth_factor=0.5,
        pane=layer.key,
    )


def tip_html(tip: Tip) -> str:
    """Label and text, a line each, escaped."""
    return "<br>".join(f"{safe(label)}: <b>{safe(text)}</b>" for label, text in tip)


def pin_svg(label: str, look: str) -> str:
    """A numbered pin that leaves its place in sight; filling tells the group, so that it survives grey printing."""
    fill, ink = SITE_LOOKS[look]
    size = 11 if len(label) < 3 else 9
    return (
        '<svg width="26" height="34" viewBox="0 0 26 34" role="img">'
        f'<path d="{_PIN}" fill="{fill}" stroke="#ffffff" stroke-width="3.5"/>'
        f'<path d="{_PIN}" fill="{fill}" stroke="#1a1a1a" stroke-width="1.3"/>'
        f'<text x="13" y="17.2" text-anchor="middle" font-size="{size}" font-weight="700" fill="{ink}">{safe(label)}</text>'
        "</svg>"
    )


def _marker(pin: Pin) -> Any:
    """A site: number by rank, tooltip with its heading, popup with all that is told."""
    lines = "".join(f"<tr><th>{safe(label)}</th><td>{safe(text)}</td></tr>" for label, text in pin.tip)
    details = f'<div class="site-popup"><b>{safe(pin.heading)}</b><p>{safe(pin.text)}</p><table>{lines}</table></div>'
    icon = folium.DivIcon(
        html=pin_svg(pin.label, pin.look),
        icon_size=(26, 34),
        icon_anchor=(13, 33),
        popup_anchor=(0, -28),
        class_name="site-icon",
    )
    return folium.Marker(
        [pin.lat_deg, pin.lon_deg],
        icon=icon,
        tooltip=folium.Tooltip(safe(pin.heading)),
        popup=folium.Popup(details, max_width=420),
    )


def _walk(element: Any) -> Iterator[Any]:
    """An element and everything below it, what a popup carries beside its children included."""
    yield element
    beside = (getattr(element, name, None) for name in ("header", "html", "script"))
    for child in (*element._children.values(), *beside):  # noqa: SLF001 - branca has no public way down its tree
        if isinstance(child, branca.element.Element):
            yield from _walk(child)


def _name_in_order(chart: Any) -> None:
    """Replace folium's random ids (and the keys made from them), so that the same plan gives the same page."""
    elements = list(_walk(chart))
    before = {id(element): element.get_name() for element in elements}
    for number, element in enumerate(elements):
        element._id = f"{number:032x}"  # noqa: SLF001 - the id has no public setter
    for element in elements:
        children = element._children  # noqa: SLF001 - as above
        renamed = [(c.get_name() if key == before[id(c)] else key, c) for key, c in children.items()]
        children.clear()
        children.update(renamed)
