// The map of the report: land, tracks and events on one canvas, Mercator, centred on the data so that 180 degrees is no edge.
const D = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("map"), ctx = canvas.getContext("2d"), tip = document.getElementById("tip"), cursor = document.getElementById("cursor");
const RAD = Math.PI / 180, MAX_LAT = 86, spanish = D.language === "es";
const mercator = lat => { const s = Math.sin(Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * RAD); return Math.log((1 + s) / (1 - s)) / (2 * RAD); };
const latitude = y => (2 * Math.atan(Math.exp(y * RAD)) - Math.PI / 2) / RAD;

const rings = D.land.map(r => unpack(r, D.land_step, 0, 2));
const areas = D.areas.map(([name, ruled, rings]) => ({ name, ruled, rings: rings.map(r => unpack(r, D.land_step, 0, 2)) }));
const tracks = D.tracks.map(r => ({ ...unpack(r, D.step, 1, 3), vessel: r[0] }));
const events = D.events.map(([kind, x, lat, start, end, vessels], n) => ({ n, kind, x, lat, y: mercator(lat), start, end, vessels, shown: true }));

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

let width = 0, height = 0, view = { x: D.mid, y: 0, k: 4 }, picked = null, queued = false, colours = {};
const sx = x => (x - view.x) * view.k + width / 2, sy = y => height / 2 - (y - view.y) * view.k;
const draw = () => { if (!queued) { queued = true; requestAnimationFrame(() => { queued = false; paint(); }); } };

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["sea", "land", "coast", "grid", "track", "ink", "soft", "panel", "focus", "gap", "encounter", "loitering", "drift", "area", "fishing", "identity", "other"])
    colours[name] = style.getPropertyValue("--" + name).trim();
}
const colourOf = kind => colours[kind] && kind !== "track" ? colours[kind] : colours.other;

function resize() {
  const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1, first = !width;
  width = box.width; height = box.height;
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (first) fit(); else draw();
}
function show(x0, y0, x1, y1, most) {
  const pad = Math.min(60, width / 8);
  view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, k: Math.min((width - 2 * pad) / Math.max(x1 - x0, 1e-6), (height - 2 * pad) / Math.max(y1 - y0, 1e-6), most) };
  hold();
}
function fit() { const [w, s, e, n] = D.box; show(w, mercator(s), e, mercator(n), 4000); }
function hold() {
  view.k = Math.max(Math.min(width / 360, 3), Math.min(view.k, 4e6));
  view.y = Math.max(-150, Math.min(150, view.y)); view.x = Math.max(D.mid - 270, Math.min(D.mid + 270, view.x));
  draw();
}
function zoom(by, px = width / 2, py = height / 2) {
  const x = view.x + (px - width / 2) / view.k, y = view.y - (py - height / 2) / view.k;
  view.k *= by; view.k = Math.max(Math.min(width / 360, 3), Math.min(view.k, 4e6));
  view.x = x - (px - width / 2) / view.k; view.y = y + (py - height / 2) / view.k; hold();
}

function trace(line, shift, close) { // add to the path, leaving out what is less than a pixel away
  const { x, y } = line, n = x.length;
  let px = sx(x[0] + shift), py = sy(y[0]);
  ctx.moveTo(px, py);
  for (let i = 1; i < n; i++) {
    const qx = sx(x[i] + shift), qy = sy(y[i]);
    if (Math.abs(qx - px) + Math.abs(qy - py) >= 1 || i === n - 1) { ctx.lineTo(qx, qy); px = qx; py = qy; }
  }
  if (close) ctx.closePath();
}
const seen = (l, shift) => { const a = sx(l.x0 + shift), b = sx(l.x1 + shift); return b >= -20 && a <= width + 20 && sy(l.y0) >= -20 && sy(l.y1) <= height + 20; };

function paint() {
  ctx.fillStyle = colours.sea; ctx.fillRect(0, 0, width, height);
  ctx.beginPath();
  for (const shift of [-360, 0, 360]) for (const ring of rings) if (seen(ring, shift)) trace(ring, shift, true);
  ctx.fillStyle = colours.land; ctx.strokeStyle = colours.coast; ctx.lineWidth = 0.8; ctx.fill("evenodd"); ctx.stroke();
  paintAreas(); graticule();
  const mine = picked ? new Set(picked.vessels) : null;
  ctx.lineJoin = "round"; ctx.lineWidth = 1; ctx.strokeStyle = colours.track; ctx.globalAlpha = mine ? 0.25 : 0.6;
  for (const t of tracks) if (!mine?.has(t.vessel) && seen(t, 0)) { ctx.beginPath(); trace(t, 0); ctx.stroke(); }
  ctx.globalAlpha = 1;
  if (picked) paintPicked(mine);
  spread();
  for (const e of events) if (e.shown && e !== picked) symbol(e, 6);
  if (picked) symbol(picked, 9);
  watermark(); scale();
}
function paintAreas() { // edges along 180 degrees are cuts, not borders, but few enough to bear
  ctx.lineWidth = 1.2; ctx.font = "12px system-ui, sans-serif";
  for (const a of areas) for (const shift of [-360, 0, 360]) {
    const near = a.rings.filter(r => seen(r, shift));
    if (!near.length) continue;
    ctx.beginPath(); for (const r of near) trace(r, shift, true);
    ctx.strokeStyle = ctx.fillStyle = a.ruled ? colours.area : colours.soft; ctx.globalAlpha = 0.06; ctx.fill("evenodd");
    ctx.globalAlpha = 0.8; ctx.setLineDash(a.ruled ? [7, 4] : [2, 4]); ctx.stroke(); ctx.setLineDash([]); ctx.globalAlpha = 1;
    const r = near[0], across = (r.x1 - r.x0) * view.k;
    if (across < 60) continue;
    let top = 0; for (let i = 1; i < r.y.length; i++) if (r.y[i] > r.y[top]) top = i;
    const x = Math.max(6, Math.min(width - 120, sx(r.x[top] + shift))), y = Math.max(40, sy(r.y[top]) - 4);
    ctx.lineWidth = 3; ctx.strokeStyle = colours.sea; ctx.strokeText(a.name, x, y); ctx.fillText(a.name, x, y); ctx.lineWidth = 1.2;
  }
}
function spread() { // events in one place are drawn side by side, each on a line to its place
  const taken = new Set();
  for (const e of events) if (e.shown) {
    const px = sx(e.x), py = sy(e.y), row = Math.round(py / 17);
    let column = Math.round(px / 17), aside = 0;
    while (taken.has(column + aside + ":" + row) && aside < 40) aside++;
    taken.add(column + aside + ":" + row);
    e.px = px + aside * 17; e.py = py;
    if (aside) { ctx.beginPath(); ctx.moveTo(px, py); ctx.lineTo(e.px, py); ctx.strokeStyle = colourOf(e.kind); ctx.lineWidth = 1.5; ctx.stroke(); }
  }
}
function paintPicked(mine) {
  ctx.strokeStyle = colours.ink; ctx.lineWidth = 1.4;
  for (const t of tracks) if (mine.has(t.vessel) && seen(t, 0)) { ctx.beginPath(); trace(t, 0); ctx.stroke(); }
  ctx.strokeStyle = colourOf(picked.kind); ctx.lineWidth = 3.5; ctx.lineCap = "round";
  for (const vessel of mine) {
    const line = between(vessel, picked.start, picked.end);
    if (line.length < 2) continue;
    if (picked.kind === "gap") ctx.setLineDash([2, 7]);
    ctx.beginPath(); line.forEach(([x, y], i) => i ? ctx.lineTo(sx(x), sy(y)) : ctx.moveTo(sx(x), sy(y))); ctx.stroke(); ctx.setLineDash([]);
  }
  ctx.lineCap = "butt";
}
function between(vessel, start, end) { // the way of a vessel within a time, its ends between fixes included
  const fixes = [];
  for (const t of tracks) if (t.vessel === vessel) for (let i = 0; i < t.x.length; i++) fixes.push([t.x[i], t.y[i], t.t[i]]);
  fixes.sort((a, b) => a[2] - b[2]);
  const at = s => {
    let i = fixes.findIndex(f => f[2] >= s);
    if (i <= 0) return fixes[i < 0 ? fixes.length - 1 : 0];
    const a = fixes[i - 1], b = fixes[i], q = b[2] > a[2] ? (s - a[2]) / (b[2] - a[2]) : 0;
    return [a[0] + (b[0] - a[0]) * q, a[1] + (b[1] - a[1]) * q, s];
  };
  return fixes.length ? [at(start), ...fixes.filter(f => f[2] > start && f[2] < end), at(end)] : [];
}
function symbol(e, r) {
  const x = e.px, y = e.py;
  if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return;
  ctx.beginPath();
  if (e.kind === "gap") { ctx.moveTo(x, y - r * 1.15); ctx.lineTo(x + r * 1.15, y); ctx.lineTo(x, y + r * 1.15); ctx.lineTo(x - r * 1.15, y); ctx.closePath(); }
  else if (e.kind === "encounter") { ctx.arc(x - r * 0.45, y, r * 0.75, 0, 7); ctx.moveTo(x + r * 1.2, y); ctx.arc(x + r * 0.45, y, r * 0.75, 0, 7); }
  else if (e.kind === "loitering") ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  else if (e.kind === "drift") { ctx.moveTo(x, y + r); ctx.lineTo(x - r, y - r * 0.8); ctx.lineTo(x + r, y - r * 0.8); ctx.closePath(); }
  else if (e.kind === "area") { ctx.moveTo(x, y - r * 1.1); ctx.lineTo(x - r, y + r * 0.8); ctx.lineTo(x + r, y + r * 0.8); ctx.closePath(); }
  else if (e.kind === "fishing") { ctx.ellipse(x - r * 0.2, y, r * 0.9, r * 0.55, 0, 0, 7); ctx.moveTo(x + r * 0.6, y); ctx.lineTo(x + r * 1.2, y - r * 0.6); ctx.lineTo(x + r * 1.2, y + r * 0.6); ctx.closePath(); }
  else if (e.kind === "identity") { ctx.rect(x - r, y - r * 0.6, r * 2, r * 1.2); }
  else { ctx.moveTo(x, y - r); ctx.lineTo(x, y + r); ctx.moveTo(x - r, y); ctx.lineTo(x + r, y); }
  ctx.strokeStyle = colours.panel; ctx.lineWidth = 5; ctx.stroke();
  ctx.fillStyle = colourOf(e.kind); ctx.globalAlpha = 0.3; ctx.fill(); ctx.globalAlpha = 1;
  ctx.strokeStyle = colourOf(e.kind); ctx.lineWidth = 2; ctx.stroke();
  if (e === picked) { ctx.beginPath(); ctx.arc(x, y, r * 2, 0, 7); ctx.strokeStyle = colours.focus; ctx.stroke(); }
}

const STEPS = [30, 20, 10, 5, 2, 1, 1 / 2, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 600, 1 / 6000];
function graticule() {
  const step = STEPS.filter(s => s * view.k >= 90).at(-1) ?? 30, fine = step < 1, tiny = step < 1 / 60;
  ctx.strokeStyle = colours.grid; ctx.fillStyle = colours.soft; ctx.lineWidth = 1; ctx.font = "11px ui-monospace, monospace"; ctx.beginPath();
  const words = [];
  const left = view.x - width / 2 / view.k, right = view.x + width / 2 / view.k;
  for (let i = Math.ceil(left / step); i * step <= right; i++) { ctx.moveTo(sx(i * step), 0); ctx.lineTo(sx(i * step), height); words.push([angle(wrap(i * step), 3, fine, tiny), sx(i * step) + 3, 12]); }
  const low = latitude(view.y - height / 2 / view.k), high = latitude(view.y + height / 2 / view.k);
  for (let i = Math.ceil(low / step); i * step <= high; i++) { const y = sy(mercator(i * step)); ctx.moveTo(0, y); ctx.lineTo(width, y); if (y > 26) words.push([angle(i * step, 2, fine, tiny), 4, y - 3]); }
  ctx.stroke();
  ctx.lineWidth = 3; ctx.strokeStyle = colours.sea;
  for (const [text, x, y] of words) { ctx.globalAlpha = 0.7; ctx.strokeText(text, x, y); ctx.globalAlpha = 1; ctx.fillText(text, x, y); }
}
const wrap = x => ((x + 180) % 360 + 360) % 360 - 180;
function angle(value, digits, minutes, decimals = true) {
  const letter = digits === 2 ? (value < 0 ? "S" : "N") : value < 0 ? (spanish ? "O" : "W") : "E";
  const unit = decimals ? 1000 : 1, whole = Math.round(Math.abs(value) * 60 * unit), degrees = String(Math.floor(whole / 60 / unit)).padStart(digits, "0");
  if (!minutes) return `${degrees}°${letter}`;
  const m = ((whole % (60 * unit)) / unit).toFixed(decimals ? 3 : 0).padStart(decimals ? 6 : 2, "0");
  return `${degrees}°${spanish ? m.replace(".", ",") : m}'${letter}`;
}
const place = (x, lat) => `${angle(lat, 2, true)} ${angle(wrap(x), 3, true)}`;
function scale() { // a bar in nautical miles, true at the latitude in the middle
  const nm = view.k / (60 * Math.cos(latitude(view.y) * RAD));
  let length = 1e-3;
  for (const l of [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) if (l * nm <= 150) length = l;
  const px = length * nm, y = height - 14;
  ctx.strokeStyle = colours.ink; ctx.fillStyle = colours.ink; ctx.lineWidth = 2; ctx.font = "12px ui-monospace, monospace";
  ctx.beginPath(); ctx.moveTo(14, y - 5); ctx.lineTo(14, y); ctx.lineTo(14 + px, y); ctx.lineTo(14 + px, y - 5); ctx.stroke();
  ctx.fillText(`${spanish ? String(length).replace(".", ",") : length} ${D.nm}`, 18, y - 5);
}
function watermark() {
  if (!D.drill) return;
  ctx.save(); ctx.translate(width / 2, height / 2); ctx.rotate(-0.35); ctx.globalAlpha = 0.07; ctx.fillStyle = colours.ink; ctx.textAlign = "center";
  ctx.font = `bold ${Math.max(16, width / 24)}px system-ui, sans-serif`; ctx.fillText(D.drill, 0, 0); ctx.restore();
}

function pick(event, go) {
  document.querySelectorAll(".event.sel").forEach(li => { li.classList.remove("sel"); li.querySelector(".go").removeAttribute("aria-current"); });
  picked = event;
  if (event) {
    const li = document.getElementById("e" + event.n);
    li.classList.add("sel"); li.querySelector(".go").setAttribute("aria-current", "true");
    const list = document.getElementById("events");
    list.scrollTop += li.getBoundingClientRect().top - list.getBoundingClientRect().top - 20;
    if (go) {
      const way = event.vessels.flatMap(v => between(v, event.start, event.end)).concat([[event.x, event.y]]);
      const xs = way.map(p => p[0]), ys = way.map(p => p[1]), room = 0.02;
      show(Math.min(...xs) - room, Math.min(...ys) - room, Math.max(...xs) + room, Math.max(...ys) + room, 20000);
      return;
    }
  }
  draw();
}
function near(px, py) { // the event or track under the pointer
  let best = null, least = 14;
  for (const e of events) if (e.shown) { const d = Math.hypot(e.px - px, e.py - py); if (d < least) { least = d; best = { event: e }; } }
  if (best) return best;
  least = 6;
  for (const t of tracks) {
    if (sx(t.x0) > px + 8 || sx(t.x1) < px - 8 || sy(t.y1) > py + 8 || sy(t.y0) < py - 8) continue;
    for (let i = 1; i < t.x.length; i++) {
      const ax = sx(t.x[i - 1]), ay = sy(t.y[i - 1]), bx = sx(t.x[i]), by = sy(t.y[i]), l = (bx - ax) ** 2 + (by - ay) ** 2;
      const q = l ? Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / l)) : 0;
      const d = Math.hypot(ax + q * (bx - ax) - px, ay + q * (by - ay) - py);
      if (d < least) { least = d; best = { track: t, at: t.t[i - 1] + q * (t.t[i] - t.t[i - 1]) }; }
    }
  }
  return best;
}
const zulu = s => new Date((D.t0 + s) * 1000).toISOString().slice(0, 19).replace("T", " ") + "Z";
function hover(px, py) {
  cursor.textContent = place(view.x + (px - width / 2) / view.k, latitude(view.y - (py - height / 2) / view.k));
  const hit = near(px, py);
  tip.hidden = !hit;
  if (!hit) return;
  tip.textContent = hit.event ? document.querySelector(`#e${hit.event.n} .go span`).textContent + " · " + zulu(hit.event.start) : D.vessels[hit.track.vessel] + " · " + zulu(Math.round(hit.at));
  tip.style.left = Math.min(px + 14, width - tip.offsetWidth - 6) + "px"; tip.style.top = Math.max(4, Math.min(py + 14, height - 60)) + "px";
}

const fingers = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", e => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, [e.offsetX, e.offsetY]); moved = fingers.size > 1 ? 99 : 0; });
canvas.addEventListener("pointermove", e => {
  const was = fingers.get(e.pointerId);
  if (!was) return hover(e.offsetX, e.offsetY);
  const others = [...fingers].filter(([id]) => id !== e.pointerId);
  fingers.set(e.pointerId, [e.offsetX, e.offsetY]);
  const dx = e.offsetX - was[0], dy = e.offsetY - was[1];
  moved += Math.abs(dx) + Math.abs(dy);
  if (others.length) {
    const [ox, oy] = others[0][1];
    zoom(Math.hypot(e.offsetX - ox, e.offsetY - oy) / Math.max(1, Math.hypot(was[0] - ox, was[1] - oy)), ox, oy);
  } else { view.x -= dx / view.k; view.y += dy / view.k; tip.hidden = true; hold(); }
});
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, e => {
  fingers.delete(e.pointerId);
  if (name === "pointerup" && moved < 5) { const hit = near(e.offsetX, e.offsetY); hover(e.offsetX, e.offsetY); pick(hit?.event ?? null, false); }
});
canvas.addEventListener("pointerleave", () => { tip.hidden = true; cursor.textContent = ""; });
canvas.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(-Math.max(-240, Math.min(240, e.deltaY * (e.deltaMode ? 20 : 1))) / 400), e.offsetX, e.offsetY); }, { passive: false });
canvas.addEventListener("dblclick", e => zoom(2, e.offsetX, e.offsetY));
canvas.addEventListener("keydown", e => {
  const d = 80 / view.k, move = { ArrowLeft: [-d, 0], ArrowRight: [d, 0], ArrowUp: [0, d], ArrowDown: [0, -d] }[e.key];
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (move) { view.x += move[0]; view.y += move[1]; hold(); }
  else if (e.key === "+" || e.key === "=") zoom(1.5);
  else if (e.key === "-") zoom(1 / 1.5);
  else if (e.key === "0") fit();
  else return;
  e.preventDefault();
});
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input")) return;
  const shown = events.filter(x => x.shown), i = shown.indexOf(picked), step = { n: 1, N: 1, p: -1, P: -1 }[e.key];
  if (step && shown.length) pick(shown[i < 0 ? (step > 0 ? 0 : shown.length - 1) : (i + step + shown.length) % shown.length], true);
  if (e.key === "Escape") pick(null);
});
document.getElementById("in").addEventListener("click", () => zoom(1.7));
document.getElementById("out").addEventListener("click", () => zoom(1 / 1.7));
document.getElementById("fit").addEventListener("click", fit);
document.getElementById("events").addEventListener("click", e => { const b = e.target.closest(".go"); if (b) pick(events[+b.dataset.event], true); });

const filters = document.getElementById("filters"), count = document.getElementById("count");
function filter() {
  const kinds = new Set([...filters.querySelectorAll("[name=kind]:checked")].map(i => i.value)), wanted = document.getElementById("find").value.trim().toLowerCase();
  let n = 0;
  for (const e of events) {
    const li = document.getElementById("e" + e.n);
    e.shown = kinds.has(e.kind) && (!wanted || li.textContent.toLowerCase().includes(wanted));
    li.hidden = !e.shown; n += e.shown;
  }
  count.textContent = n === events.length ? n : `${n} / ${events.length} ${count.dataset.shown}`;
  if (events.length) document.getElementById("none").hidden = n > 0;
  if (picked && !picked.shown) pick(null);
  draw();
}
filters.addEventListener("input", filter);
filters.addEventListener("submit", e => e.preventDefault());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); draw(); });
readColours();
new ResizeObserver(resize).observe(canvas);
document.documentElement.dataset.ready = "true";
