// One Leaflet map that stays in the browser: layers that last come once by their address, those that move with the budget
// come with each step. Every name is put in as text, never as HTML.
const PIN = "M13 33 C11 26 2 22 2 13 A11 11 0 1 1 24 13 C24 22 15 26 13 33 Z";
const SVG = "http://www.w3.org/2000/svg";
const FIRST_PANE = 400; // Leaflet's own overlay pane; markers stand at 600
const maps = new WeakMap();
const fetched = new Map();
let loading;

function leaflet(vendor, frame) {
  loading ??= new Promise((loaded, failed) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = `${vendor}/${frame.style}`;
    const script = document.createElement("script");
    script.src = `${vendor}/${frame.script}`;
    sheet.onload = () => document.head.append(script);
    script.onload = () => loaded(window.L);
    sheet.onerror = script.onerror = (event) => {
      loading = undefined; // the next drawing tries again; until then the sentence behind the map is in sight
      failed(event);
    };
    document.head.append(sheet);
  });
  return loading;
}

function lasting(address) {
  if (!fetched.has(address)) {
    fetched.set(address, fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))));
    fetched.get(address).catch(() => fetched.delete(address));
  }
  return fetched.get(address);
}

function tip(labels, texts) {
  const told = document.createElement("div");
  texts.forEach((text, at) => {
    const line = document.createElement("div");
    const strong = document.createElement("b");
    strong.textContent = text;
    line.append(text ? `${labels[at]}: ` : labels[at], strong);
    told.append(line);
  });
  return told;
}

// polygons come as steps in millionths of a degree (show.live_geometry), all else as GeoJSON
function unrolled(geometry) {
  if (!Array.isArray(geometry)) return geometry;
  const ring = (steps) => {
    let lon = 0, lat = 0;
    const corners = [];
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      corners.push([lon / 1e6, lat / 1e6]);
    }
    return corners;
  };
  return { type: "MultiPolygon", coordinates: geometry.map((rings) => rings.map(ring)) };
}

function drawn(kind, attributes, inside) {
  const made = document.createElementNS(SVG, kind);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  if (inside !== undefined) made.textContent = inside;
  return made;
}

function pin(label, fill, ink, chosen) {
  const whole = drawn("svg", { width: 26, height: 34, viewBox: "0 0 26 34", "aria-hidden": "true" });
  whole.append(
    drawn("path", { d: PIN, fill, stroke: "#ffffff", "stroke-width": 3.5 }),
    drawn("path", { d: PIN, fill, stroke: "#1a1a1a", "stroke-width": 1.3 }),
    drawn("text", { x: 13, y: 17.2, "text-anchor": "middle", "font-size": label.length < 3 ? 11 : 9, "font-weight": 700, fill: ink }, label),
  );
  if (chosen) whole.append(drawn("circle", { cx: 13, cy: 13, r: 12, fill: "none", stroke: "#d98200", "stroke-width": 3 }));
  return whole;
}

function plain(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made.innerHTML;
}

function begin(L, box, data) {
  const frame = data.frame;
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.25, zoomControl: false });
  L.control.zoom({ zoomInTitle: frame.zoomIn, zoomOutTitle: frame.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  box.map = map; // for whoever looks at it from outside (the browser tests)
  box.style.background = "#fafaf8";
  // Leaflet takes the focus at the first press; scrolling the page then would move the site from under the pointer
  box.focus = () => HTMLElement.prototype.focus.call(box, { preventScroll: true });
  const fit = () => {
    const [west, south, east, north] = frame.box ?? [123, 24, 146, 46]; // where nothing has a place: Japan
    map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  };
  fit();
  const here = { map, groups: new Map(), control: L.control.layers(null, null, { collapsed: false }), told: "", sought: "", wide: box.clientWidth };
  if (data.switches) here.control.addTo(map);
  new ResizeObserver(() => {
    map.invalidateSize();
    if (!here.wide) fit();
    here.wide = box.clientWidth;
  }).observe(box);
  return here;
}

// maps under one name show the same piece of the town, whichever is moved
const steps = new Map();
function keepStep(map, name) {
  const together = steps.get(name) ?? new Set();
  steps.set(name, together.add(map));
  map.on("move", () => {
    if (map.led) return;
    together.forEach((other) => {
      if (!other.getContainer().isConnected) together.delete(other);
      else if (other !== map) {
        other.led = true;
        other.setView(map.getCenter(), map.getZoom(), { animate: false });
        other.led = false;
      }
    });
  });
}

function group(L, here, layer, order) {
  if (!here.groups.has(layer.key)) {
    if (layer.kind !== "pins") {
      const pane = here.map.createPane(layer.key);
      pane.style.zIndex = FIRST_PANE + order.indexOf(layer.key);
      if (layer.kind === "picture") pane.style.pointerEvents = "none";
    }
    const made = L.layerGroup().addTo(here.map);
    here.groups.set(layer.key, made);
    here.control.addOverlay(made, plain(layer.name));
  }
  return here.groups.get(layer.key).clearLayers();
}

function draw(L, here, layer, data, pick) {
  const into = group(L, here, layer, data.frame.order);
  const pane = layer.key;
  layer.items.forEach((item) => {
    if (layer.kind === "picture") {
      const [address, west, south, east, north] = item;
      L.imageOverlay(address, [[south, west], [north, east]], { opacity: 0.9, pane }).addTo(into);
    } else if (layer.kind === "pins") {
      const [key, lat, lon, label, fill, ink, heading] = item;
      const chosen = key === data.chosen;
      const icon = L.divIcon({ html: pin(label, fill, ink, chosen), iconSize: [26, 34], iconAnchor: [13, 33], className: "site-icon" });
      const marker = L.marker([lat, lon], { icon, zIndexOffset: chosen ? 1000 : 0 }).bindTooltip(plain(heading)).addTo(into);
      const named = () => {
        const element = marker.getElement();
        if (!element) return; // its layer is switched off
        element.setAttribute("aria-label", heading);
        element.dataset.key = key;
      };
      named();
      marker.on("add", named); // Leaflet makes a new icon each time the layer is switched on
      marker.on("click", () => pick(key));
      marker.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && pick(key));
    } else {
      const [key, geometry, style, labels, texts] = item;
      L.geoJSON(unrolled(geometry), {
        style: layer.styles[style],
        pane,
        smoothFactor: 0.5,
        pointToLayer: (_, place) => L.circleMarker(place, { ...layer.styles[style], radius: 4.5, pane }),
      })
        .bindTooltip(() => tip(layer.labels[labels], texts), { sticky: true })
        .on("click", (event) => {
          if (!data.pickable.includes(layer.key)) return; // it goes on to the map
          L.DomEvent.stopPropagation(event);
          pick(key);
        })
        .addTo(into);
    }
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".live-map");
  box.style.height = `${data.height}px`;
  box.setAttribute("aria-label", data.label);
  box.classList.toggle("cells", data.cells);
  const turn = (maps.get(box)?.turn ?? 0) + 1;
  const known = maps.get(box) ?? {};
  maps.set(box, { ...known, turn });
  Promise.all([leaflet(data.vendor, data.frame), lasting(data.base)])
    .then(([L, base]) => {
      const now = maps.get(box);
      if (now.turn !== turn) return; // a later step is on its way
      if (!now.here) {
        now.here = begin(L, box, data);
        if (data.pointing) now.here.map.on("click", ({ latlng }) => setTriggerValue("placed", [latlng.lng, latlng.lat]));
        if (data.step) keepStep(now.here.map, data.step);
      }
      const here = now.here;
      const pick = (key) => setTriggerValue("picked", key);
      if (here.told !== data.base) {
        here.told = data.base;
        base.forEach((layer) => draw(L, here, layer, data, pick));
      }
      const focused = box.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
      data.moving.forEach((layer) => draw(L, here, layer, data, pick));
      if (focused) [...box.querySelectorAll(".site-icon")].find((e) => e.dataset.key === focused)?.focus({ preventScroll: true });
      const sought = JSON.stringify(data.sought);
      if (data.sought && sought !== here.sought) here.map.setView(data.sought.place, data.sought.zoom ?? here.map.getZoom());
      here.sought = sought;
    })
    .catch((fault) => console.warn("map", fault));
}
