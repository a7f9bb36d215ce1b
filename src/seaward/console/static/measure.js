// Measuring along a line and drawing an area: click for each point, double-click or Enter to end, Escape to leave.
import { between, inside, squareNm } from "./globe.js";
import { put } from "./chart.js";
import { say, tenths } from "./words.js";

export class Measure {
  constructor(map, vessels, reach, out) {
    Object.assign(this, { map, vessels, reach, out, mode: null, points: [] });
    this.buttons = { measure: document.getElementById("measure"), draw: document.getElementById("draw") };
    for (const [mode, button] of Object.entries(this.buttons)) button.addEventListener("click", () => this.start(this.mode === mode ? null : mode));
    map.on("click", (event) => this.mode && this.add([event.lngLat.lng, event.lngLat.lat]));
    map.on("dblclick", (event) => { if (this.mode) { event.preventDefault(); this.end(); } });
  }

  start(mode) {
    this.mode = mode;
    this.points = [];
    this.reach.include([]);
    for (const [name, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", String(name === mode));
    this.map.getCanvas().style.cursor = mode ? "crosshair" : "";
    put(this.map, "measure", []);
    this.out.textContent = mode ? say(`${mode}.how`) : "";
  }

  add(point) {
    this.points.push(point);
    const ring = this.mode === "draw" && this.points.length > 2;
    const geometry = ring ? { type: "Polygon", coordinates: [[...this.points, this.points[0]]] } : { type: "LineString", coordinates: this.points.length > 1 ? this.points : [point, point] };
    put(this.map, "measure", [{ type: "Feature", properties: {}, geometry }]);
    if (this.mode === "measure" && this.points.length > 1) {
      let total = 0;
      for (let n = 1; n < this.points.length; n++) total += between(this.points[n - 1], this.points[n]).nm;
      const leg = between(this.points.at(-2), point);
      this.out.textContent = say("measured", { leg: tenths(leg.nm), course: String(Math.round(leg.deg) % 360).padStart(3, "0"), total: tenths(total) });
    } else if (ring) {
      this.reach.include(this.points);
      this.tellArea();
    }
  }

  again() { // vessels have moved, or more of them are told of
    if (this.mode === "draw" && this.points.length > 2) this.tellArea();
  }

  tellArea() {
    const within = [...this.vessels.shown.values()].filter((row) => inside([row[1], row[2]], this.points));
    this.out.textContent = say("drawn", { area: Math.round(squareNm(this.points)), vessels: within.length });
  }

  end() {
    const [mode, points] = [this.mode, this.points];
    for (const button of Object.values(this.buttons)) button.setAttribute("aria-pressed", "false");
    this.mode = null;
    this.map.getCanvas().style.cursor = "";
    if (mode === "draw" && points.length > 2) this.save(points);
  }

  save(points) { // as GeoJSON: the node reads it as a file of areas
    const area = { type: "FeatureCollection", features: [{ type: "Feature", properties: { name: say("drawn.name") }, geometry: { type: "Polygon", coordinates: [[...points, points[0]]] } }] };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(area)], { type: "application/geo+json" }));
    link.download = "area.geojson";
    link.textContent = say("drawn.save");
    this.out.append(" ", link);
  }
}
