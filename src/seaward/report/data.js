// What the page was given: numbers and words for all that follows. Texts of others are only ever set as text.
const D = JSON.parse(document.getElementById("data").textContent), W = D.words, spanish = D.language === "es";
const $ = id => document.getElementById(id);
const RAD = Math.PI / 180, MAX_LAT = 86;
const mercator = lat => { const s = Math.sin(Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * RAD); return Math.log((1 + s) / (1 - s)) / (2 * RAD); };
const latitude = y => (2 * Math.atan(Math.exp(y * RAD)) - Math.PI / 2) / RAD;

const rings = D.land.map(r => unpack(r, D.land_step, 0, 2));
const areas = D.areas.map(([name, ruled, rings]) => ({ name, ruled, rings: rings.map(r => unpack(r, D.land_step, 0, 2)) }));
const tracks = D.tracks.map(r => ({ ...unpack(r, D.step, 1, 3), vessel: r[0] }));
const ways = new Map(); // vessel -> its tracks in time order
for (const t of tracks) ways.has(t.vessel) ? ways.get(t.vessel).push(t) : ways.set(t.vessel, [t]);
for (const w of ways.values()) w.sort((a, b) => a.t[0] - b.t[0]);
const C = D.events;
const events = C.kind.map((k, n) => ({
  n, kind: D.kinds[k][0], known: Object.hasOwn(D.symbols, D.kinds[k][0]) ? D.kinds[k][0] : "other", x: C.x[n] * D.step, lat: C.lat[n] * D.step, y: mercator(C.lat[n] * D.step),
  start: C.start[n], end: C.end[n], chance: C.chance[n], vessels: C.who[n].map(w => D.who[w][2]).filter(v => v >= 0), shown: true, kept: true,
}));

function unpack(steps, unit, from, width) { // steps -> x [degree], y [Mercator degree], t [s] and their bounds
  const n = (steps.length - from) / width, x = new Float64Array(n), y = new Float64Array(n), t = width === 3 ? new Float64Array(n) : null;
  let a = 0, b = 0, c = 0, x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
  for (let i = 0, k = from; i < n; i++) {
    if (t) t[i] = c += steps[k++];
    x[i] = (a += steps[k++]) * unit; y[i] = mercator((b += steps[k++]) * unit);
    if (x[i] < x0) x0 = x[i]; if (x[i] > x1) x1 = x[i]; if (y[i] < y0) y0 = y[i]; if (y[i] > y1) y1 = y[i];
  }
  return { x, y, t, x0, x1, y0, y1 };
}
function between(vessel, start, end) { // the way of a vessel within a time, as points (x, y); its ends between fixes included
  const w = ways.get(vessel), points = [];
  if (!w) return points;
  let before = null;
  for (const t of w) {
    const n = t.t.length;
    if (t.t[n - 1] < start) { before = [t, n - 1]; continue; }
    let i = 0, high = n;
    while (i < high) { const m = (i + high) >> 1; if (t.t[m] < start) i = m + 1; else high = m; }
    if (i) before = [t, i - 1];
    for (; i < n; i++) {
      if (!points.length) points.push(before ? mixed(before, t, i, start) : [t.x[i], t.y[i]]);
      if (t.t[i] > end) { points.push(mixed(before ?? [t, i], t, i, end)); return points; }
      points.push([t.x[i], t.y[i]]); before = [t, i];
    }
  }
  return points;
}
function mixed([a, i], b, j, at) { // where it was at a moment between two fixes
  const q = b.t[j] > a.t[i] ? Math.max(0, Math.min(1, (at - a.t[i]) / (b.t[j] - a.t[i]))) : 0;
  return [a.x[i] + (b.x[j] - a.x[i]) * q, a.y[i] + (b.y[j] - a.y[i]) * q];
}
function stretch(e) { // the ways of its vessels during an event, and their bounds; found once
  if (e.way) return e.way;
  const lines = e.vessels.map(v => between(v, e.start, e.end)).filter(l => l.length > 1);
  let x0 = e.x, x1 = e.x, y0 = e.y, y1 = e.y;
  for (const l of lines) for (const [x, y] of l) { if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y; }
  return e.way = { lines, x0, x1, y0, y1 };
}

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["sea", "land", "coast", "grid", "track", "ink", "soft", "panel", "focus", "heard", "line", ...Object.keys(D.symbols)])
    colours[name] = style.getPropertyValue("--" + name).trim();
}
const outlines = Object.fromEntries(Object.entries(D.symbols).map(([kind, path]) => [kind, new Path2D(path)]));

const wrap = x => ((x + 180) % 360 + 360) % 360 - 180;
function angle(value, digits, minutes, decimals = true) {
  const letter = digits === 2 ? (value < 0 ? "S" : "N") : value < 0 ? (spanish ? "O" : "W") : "E";
  const unit = decimals ? 1000 : 1, whole = Math.round(Math.abs(value) * 60 * unit), degrees = String(Math.floor(whole / 60 / unit)).padStart(digits, "0");
  if (!minutes) return `${degrees}°${letter}`;
  const m = ((whole % (60 * unit)) / unit).toFixed(decimals ? 3 : 0).padStart(decimals ? 6 : 2, "0");
  return `${degrees}°${spanish ? m.replace(".", ",") : m}'${letter}`;
}
const place = (x, lat) => `${angle(lat, 2, true)} ${angle(wrap(x), 3, true)}`;
const zulu = s => new Date((D.t0 + s) * 1000).toISOString().slice(0, 19).replace("T", " ") + "Z";
const until = e => { const a = zulu(e.start), b = zulu(e.end); return `${a} ${W.until} ${a.slice(0, 10) === b.slice(0, 10) ? b.slice(11) : b}`; };
function lasting(s) {
  const m = Math.round(s / 60), d = Math.floor(m / 1440), two = v => String(v).padStart(2, "0");
  if (d > 1) return `${d} d ${two(Math.floor(m / 60) % 24)} h`;
  return m >= 60 ? `${Math.floor(m / 60)} h ${two(m % 60)} min` : `${m} min`;
}
const grouped = text => text.replace(/\B(?=(\d{3})+(?!\d))/g, spanish ? "\u202f" : ",");
const whole = n => grouped(String(n));
function numeral(value, decimals, width, group) {
  if (value == null) return "?";
  let [int, part] = (decimals == null ? String(value) : value.toFixed(decimals)).split(".");
  if (width) int = int.padStart(width, "0");
  if (group) int = grouped(int);
  return part ? int + (spanish ? "," : ".") + part : int;
}
const reason = ([text, ...values]) => D.texts[text].map(p => typeof p === "string" ? p : numeral(values[p[0]], p[1], p[2], p[3])).join("");
const word = (name, values) => Object.entries(values).reduce((text, [k, v]) => text.replace(`{${k}}`, () => v), W[name]);
const kindText = n => D.kinds[C.kind[n]][1];
const who = n => C.who[n].map(w => [D.who[w][0] || W.no_name, D.who[w][1]]);
const chance = e => e.chance == null ? "" : `${W.probability} ${e.chance}\u00a0%`;
