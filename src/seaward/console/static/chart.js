// The chart: coast, net of degrees, and one layer for each thing that the floor shows; colours are those of the palette.
import * as maplibre from "./maplibre-gl.mjs";
import { images } from "./symbols.js";
import { position, say } from "./words.js";

const base = new URL(".", import.meta.url).href;
maplibre.setWorkerUrl(`${base}maplibre-gl-worker.mjs`);
maplibre.addProtocol("pmtiles", new globalThis.pmtiles.Protocol().tile);

const EMPTY = { type: "FeatureCollection", features: [] };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const NEAR = 7; // zoom from which vessels are symbols with a direction
const TURNED = ["coalesce", ["get", "heading"], ["get", "cog"], 0];
const SYMBOL = ["case", ["all", ["==", ["get", "cog"], null], ["==", ["get", "heading"], null]], "unknown", ["<", ["coalesce", ["get", "sog"], 1], 0.3], "still", "sailing"];
const CLASSES = { fishing: "good", tanker: "warning", passenger: "partner", cargo: "ship" };

const PAINT = () => ({
  sea: { "background-color": colour("sea") },
  land: { "fill-color": colour("land") },
  coast: { "line-color": colour("coast"), "line-width": 0.8 },
  "graticule-line": { "line-color": colour("line"), "line-width": 0.6 },
  "graticule-text": text("soft"),
  "areas-line": { "line-color": colour("area"), "line-width": 1.2, "line-dasharray": [5, 3] },
  "areas-text": text("area"),
  "track-line": { "line-color": colour("focus"), "line-width": 2 },
  "doubt-fill": { "fill-color": colour("partner"), "fill-opacity": 0.12 },
  "doubt-line": { "line-color": colour("partner"), "line-dasharray": [3, 2] },
  "patrols-way": { "line-color": colour("own"), "line-width": ["match", ["get", "task"], ["intercept", "track"], 3, 1.6], "line-opacity": ["case", ["get", "is_sailed"], 0.25, 0.8] },
  "patrols-search": { "circle-radius": 4, "circle-color": colour("sea"), "circle-stroke-color": colour("own"), "circle-stroke-width": 1.6, "circle-stroke-opacity": ["case", ["get", "is_sailed"], 0.3, 1] },
  "patrols-symbol": { "icon-color": colour("own"), ...text("own") },
  "proposed-way": { "line-color": colour("warning"), "line-width": 2.4, "line-dasharray": [2, 1.4] },
  "proposed-symbol": { "icon-color": colour("warning"), ...text("warning") },
  "partners-symbol": { "icon-color": colour("partner"), ...text("partner") },
  "detections-symbol": { "icon-color": ["match", ["get", "state"], "without_track", colour("alarm"), "not_judged", colour("warning"), colour("soft")] },
  "vessels-far": { "circle-radius": ["interpolate", ["linear"], ["zoom"], 2, 1.5, NEAR, 3.5], "circle-color": byClass() },
  "vessels-near": { "icon-color": byClass() },
  "vessels-names": text("soft"),
  "events-symbol": { "icon-color": colour("soft") },
  "alerts-symbol": { "icon-color": ["match", ["get", "priority"], "alarm", colour("alarm"), "warning", colour("warning"), colour("caution")], "icon-halo-width": 0 },
  "chosen-ring": { "circle-radius": 14, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 2.5, "circle-stroke-color": colour("focus") },
  "measure-line": { "line-color": colour("warning"), "line-width": 2 },
  "measure-fill": { "fill-color": colour("warning"), "fill-opacity": 0.12 },
});
const text = (name) => ({ "text-color": colour(name), "text-halo-color": colour("sea"), "text-halo-width": 1.4 });
const byClass = () => ["match", ["get", "class"], ...Object.entries(CLASSES).flatMap(([c, name]) => [c, colour(name)]), colour("ship")];

const marks = (font) => ({ "icon-image": ["match", ["get", "what"], "meeting", "meeting", "unit"], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.7, "text-field": ["get", "text"], "text-font": font, "text-size": 11, "text-offset": [1, 0], "text-anchor": "left", "text-optional": true });

const LAYERS = () => {
  const paint = PAINT(), font = ["Noto Sans", "sans-serif"];
  const of = (id, type, source, more = {}) => ({ id, type, source, paint: paint[id], ...more });
  return [
    of("sea", "background"),
    of("land", "fill", "base", { "source-layer": "land" }),
    of("coast", "line", "base", { "source-layer": "coast" }),
    of("graticule-line", "line", "graticule", { filter: ["==", ["geometry-type"], "LineString"] }),
    of("graticule-text", "symbol", "graticule", { filter: ["==", ["geometry-type"], "Point"], layout: { "text-field": ["get", "text"], "text-font": font, "text-size": 11, "text-anchor": ["get", "anchor"], "text-allow-overlap": true } }),
    of("areas-line", "line", "areas"),
    of("areas-text", "symbol", "areas", { minzoom: 5, layout: { "text-field": ["get", "name"], "text-font": font, "text-size": 11, "symbol-placement": "line" } }),
    of("measure-fill", "fill", "measure", { filter: ["==", ["geometry-type"], "Polygon"] }),
    of("track-line", "line", "track"),
    of("doubt-fill", "fill", "doubt"),
    of("doubt-line", "line", "doubt"),
    of("detections-symbol", "symbol", "detections", { layout: { "icon-image": ["concat", "contact-", ["get", "state"]], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.55, "symbol-sort-key": ["match", ["get", "state"], "without_track", 1, 0] } }),
    of("vessels-far", "circle", "vessels", { maxzoom: NEAR }),
    of("vessels-near", "symbol", "vessels", { minzoom: NEAR, layout: { "icon-image": SYMBOL, "icon-rotate": TURNED, "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.55 } }),
    of("vessels-names", "symbol", "vessels", { minzoom: 9, layout: { "text-field": ["get", "name"], "text-font": font, "text-size": 11, "text-offset": [0.8, 0], "text-anchor": "left", "text-optional": true } }),
    of("partners-symbol", "symbol", "partners", { layout: { "icon-image": "partner", "icon-allow-overlap": true, "icon-size": 0.5, "text-field": ["get", "text"], "text-font": font, "text-size": 11, "text-offset": [0.9, 0], "text-anchor": "left", "text-optional": true } }),
    of("patrols-way", "line", "patrols", { filter: ["==", ["geometry-type"], "LineString"] }),
    of("patrols-search", "circle", "patrols", { filter: ["==", ["get", "task"], "search"] }),
    of("patrols-symbol", "symbol", "patrols", { filter: ["in", ["get", "what"], ["literal", ["asset", "meeting"]]], layout: marks(font) }),
    of("proposed-way", "line", "proposed", { filter: ["==", ["geometry-type"], "LineString"] }),
    of("proposed-symbol", "symbol", "proposed", { filter: ["==", ["get", "what"], "meeting"], layout: marks(font) }),
    of("events-symbol", "symbol", "events", { layout: { visibility: "none", "icon-image": ["concat", "event-", ["get", "kind"]], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.6 } }), // off until somebody asks: they are many
    of("alerts-symbol", "symbol", "alerts", { layout: { "icon-image": ["concat", "event-", ["get", "kind"]], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.8 } }),
    of("chosen-ring", "circle", "chosen"),
    of("measure-line", "line", "measure"),
  ];
};
export const GROUPS = { vessels: ["vessels-far", "vessels-near"], names: ["vessels-names"], areas: ["areas-line", "areas-text"], alerts: ["alerts-symbol"], events: ["events-symbol"], detections: ["detections-symbol"], charts: [], partners: ["partners-symbol", "doubt-fill", "doubt-line"], patrols: ["patrols-way", "patrols-search", "patrols-symbol", "proposed-way", "proposed-symbol"], graticule: ["graticule-line", "graticule-text"] };

export function makeChart(symbols, charts, view) {
  const empty = () => ({ type: "geojson", data: EMPTY });
  const sources = { base: { type: "vector", url: `pmtiles://${location.origin}/charts/${charts[0]}`, attribution: "Natural Earth" } };
  for (const name of ["graticule", "areas", "measure", "track", "doubt", "partners", "patrols", "proposed", "detections", "events", "alerts", "chosen"]) sources[name] = empty();
  sources.vessels = { ...empty(), promoteId: "mmsi" };
  const map = new maplibre.Map({
    container: "map", style: { version: 8, sources, layers: LAYERS() }, center: view.centre, zoom: view.zoom, maxZoom: 14, minZoom: 1, renderWorldCopies: true,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, attributionControl: { compact: true }, fadeDuration: 0, keyboard: false,
    locale: Object.fromEntries(["NavigationControl.ZoomIn", "NavigationControl.ZoomOut", "ScaleControl.NauticalMiles", "AttributionControl.ToggleAttribution"].map((name) => [name, say(`chart.${name.split(".")[1]}`)])),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ unit: "nautical", maxWidth: 120 }), "bottom-right");
  for (const [name, image] of Object.entries(images(symbols))) map.addImage(name, image, { sdf: true, pixelRatio: 1 });
  map.on("load", () => net(map));
  map.on("moveend", () => map.getSource("graticule") && net(map));
  return map;
}

// Charts that somebody put into the node's folder: pictures as they are, drawings as lines of the coast's colour; under all that the watch shows.
export async function addCharts(map, charts, refused) {
  for (const name of charts.slice(1)) {
    const url = `${location.origin}/charts/${encodeURIComponent(name)}`, source = `chart:${name}`;
    try {
      const file = new globalThis.pmtiles.PMTiles(url), { tileType } = await file.getHeader();
      const drawn = tileType === 1 ? (await file.getMetadata()).vector_layers.map((l) => l.id) : null;
      map.addSource(source, drawn ? { type: "vector", url: `pmtiles://${url}` } : { type: "raster", url: `pmtiles://${url}`, tileSize: 256 });
      const layers = drawn?.map((id) => ({ id: `${source}:${id}`, type: "line", source, "source-layer": id, paint: PAINT().coast })) ?? [{ id: source, type: "raster", source }];
      for (const layer of layers) { map.addLayer(layer, "graticule-line"); GROUPS.charts.push(layer.id); }
    } catch { refused(name); }
  }
}

export function repaint(map) {
  for (const layer of GROUPS.charts) if (map.getLayer(layer).type === "line") map.setPaintProperty(layer, "line-color", colour("coast"));
  for (const [layer, paint] of Object.entries(PAINT())) {
    if (!map.getLayer(layer)) continue;
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(layer, name, value);
  }
}

export const put = (map, source, features) => map.getSource(source)?.setData({ type: "FeatureCollection", features });

// Meridians and parallels of a round step, written at the left and lower edge.
function net(map) {
  const bounds = map.getBounds(), [west, south, east, north] = [bounds.getWest(), Math.max(-84, bounds.getSouth()), bounds.getEast(), Math.min(84, bounds.getNorth())];
  const step = [30, 20, 10, 5, 2, 1, 0.5, 1 / 6, 1 / 12, 1 / 60].find((s) => (east - west) / s >= 4) ?? 1 / 60;
  const features = [], line = (coordinates) => features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
  const label = (lon, lat, text, anchor) => features.push({ type: "Feature", properties: { text, anchor }, geometry: { type: "Point", coordinates: [lon, lat] } });
  for (let lon = Math.ceil(west / step) * step; lon <= east; lon += step) {
    line([[lon, south], [lon, north]]);
    label(lon, south, position(lon, 0).split(" ")[1], "bottom-left");
  }
  for (let lat = Math.ceil(south / step) * step; lat <= north; lat += step) {
    line([[west, lat], [east, lat]]);
    label(west, lat, position(0, lat).split(" ")[0], "bottom-left");
  }
  put(map, "graticule", features);
}
