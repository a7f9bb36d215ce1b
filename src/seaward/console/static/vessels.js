// Where vessels are: the stream's differences, kept by number and given to the chart once a second at most, only what changed.
import { put } from "./chart.js";

export class Vessels {
  constructor(map) {
    this.map = map;
    this.held = new Map();
    this.names = new Map();
    this.changed = new Set();
    this.gone = new Set();
    this.whole = true;
    this.past = null;
    setInterval(() => this.draw(), 1000);
  }

  take(told) {
    if (told.whole) {
      for (const mmsi of this.held.keys()) this.gone.add(mmsi);
      this.held.clear();
    }
    for (const row of told.rows) {
      this.held.set(row[0], row);
      this.changed.add(row[0]);
      this.gone.delete(row[0]);
    }
    for (const mmsi of told.gone) {
      this.held.delete(mmsi);
      this.changed.delete(mmsi);
      this.gone.add(mmsi);
    }
    if (this.whole) this.draw();
  }

  show(rows) { // of a moment that is over; null: of now again
    this.past = rows ? new Map(rows.map((row) => [row[0], row])) : null;
    this.whole = true;
    this.draw();
  }

  get shown() { return this.past ?? this.held; }

  name(names) {
    for (const [mmsi, name] of names) if (this.names.get(mmsi) !== name) { this.names.set(mmsi, name); this.changed.add(mmsi); }
  }

  draw() {
    const source = this.map.getSource("vessels");
    if (!source) return;
    if (this.whole) {
      put(this.map, "vessels", [...this.shown.values()].map((row) => this.feature(row)));
      this.whole = false;
    } else if (this.past === null && (this.changed.size || this.gone.size)) {
      const add = [...this.changed].filter((m) => this.held.has(m)).map((m) => this.feature(this.held.get(m)));
      source.updateData({ remove: [...this.gone], add });
    }
    if (this.past === null) { this.changed.clear(); this.gone.clear(); }
  }

  feature([mmsi, lon, lat, sog, cog, heading, , shipClass]) {
    return { type: "Feature", id: mmsi, properties: { mmsi, sog, cog, heading, class: shipClass, name: this.names.get(mmsi) ?? "" }, geometry: { type: "Point", coordinates: [lon, lat] } };
  }
}
