// Which part of the sea this page is told of, and how finely: somewhat more than it shows, so that a small move asks for nothing.
import { ask } from "./api.js";
import { NEAR } from "./chart.js";
import { around } from "./globe.js";

const FINEST_DEG = 2 ** -13, TURN_DEG = 10; // the node's own; a turn that is seen

export class Reach {
  constructor(map) {
    Object.assign(this, { map, stream: null, asked: null, first: null, points: [], timer: null });
    map.on("moveend", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.follow(), 150); });
  }

  connect(url, everywhere) { // the address of the stream; somebody who comes for the first time is told of all
    const words = everywhere ? "" : `&${this.query()}`;
    this.first = this.asked;
    return url + words;
  }

  open(stream) { // it has begun, or begun anew with what was asked at first
    Object.assign(this, { stream, asked: this.first });
    this.follow();
  }

  include(points) { // wanted as well, shown or not
    this.points = points;
    this.follow();
  }

  async follow() {
    if (this.stream === null || this.covers()) return;
    try {
      await ask(`/api/v1/changes/${this.stream}/view?${this.query()}`, { method: "POST" });
    } catch { this.asked = null; } // it has ended: the next one is told when it opens
  }

  wanted() { // west may lie below -180 and east above 180
    const b = this.map.getBounds(), lons = this.points.map((p) => p[0]), lats = this.points.map((p) => p[1]), zoom = this.map.getZoom();
    const step = 2 ** Math.floor(Math.log2(360 / (512 * 2 ** zoom))); // a dot of the screen: what moves less is drawn in the same place
    return {
      west: Math.min(b.getWest(), ...lons), east: Math.max(b.getEast(), ...lons), south: Math.max(-90, Math.min(b.getSouth(), ...lats)), north: Math.min(90, Math.max(b.getNorth(), ...lats)),
      step: step < FINEST_DEG ? 0 : step, turns: zoom >= NEAR,
    };
  }

  covers() {
    const a = this.asked, w = this.wanted();
    return a !== null && a.step === w.step && a.turns === w.turns && a.south <= w.south && a.north >= w.north && (a.east - a.west >= 360 || (a.west <= w.west && a.east >= w.east));
  }

  query() { // what is wanted, with half of it more on each side
    const w = this.wanted(), wide = (w.east - w.west) / 2, high = (w.north - w.south) / 2;
    const a = this.asked = { ...w, west: w.west - wide, east: w.east + wide, south: Math.max(-90, w.south - high), north: Math.min(90, w.north + high) };
    const [west, east] = a.east - a.west >= 360 ? [-180, 180] : [around(a.west), around(a.east)];
    const fine = { ...(a.step && { step_deg: a.step }), ...(a.step && a.turns && { turn_deg: TURN_DEG }) };
    return new URLSearchParams({ bbox: [west, a.south, east, a.north].map((v) => v.toFixed(5)).join(), ...fine }).toString();
  }
}
