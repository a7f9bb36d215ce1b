// The map: one canvas, Mercator, centred on the data so that 180 degrees is no edge.
const canvas = $("map"), ctx = canvas.getContext("2d"), tip = $("tip"), cursor = $("cursor");
let width = 0, height = 0, view = { x: D.mid, y: 0, k: 4 }, picked = null, queued = false, printing = false;
const sx = x => (x - view.x) * view.k + width / 2, sy = y => height / 2 - (y - view.y) * view.k;
const draw = () => { if (!queued) { queued = true; requestAnimationFrame(() => { queued = false; paint(); }); } };

function resize() {
  if (printing) return;
  const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1, first = !width;
  width = box.width; height = box.height;
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (first) fit(); else draw();
}
function show(x0, y0, x1, y1, most) { // beside the panel of layers, where there is room beside it
  const pad = Math.min(60, width / 8), left = $("layers").offsetWidth < width / 3 ? $("layers").offsetWidth : 0;
  const k = Math.min((width - left - 2 * pad) / Math.max(x1 - x0, 1e-6), (height - 2 * pad) / Math.max(y1 - y0, 1e-6), most);
  view = { x: (x0 + x1) / 2 - left / 2 / k, y: (y0 + y1) / 2, k };
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

function trace(line, shift, close) { path(ctx, line, x => sx(x + shift), sy, close); }
function path(on, { x, y }, sx, sy, close) { // add to the path, leaving out what is less than a pixel away
  const n = x.length;
  let px = sx(x[0]), py = sy(y[0]);
  on.moveTo(px, py);
  for (let i = 1; i < n; i++) {
    const qx = sx(x[i]), qy = sy(y[i]);
    if (Math.abs(qx - px) + Math.abs(qy - py) >= 1 || i === n - 1) { on.lineTo(qx, qy); px = qx; py = qy; }
  }
  if (close) on.closePath();
}
const seen = (l, shift) => { const a = sx(l.x0 + shift), b = sx(l.x1 + shift); return b >= -20 && a <= width + 20 && sy(l.y0) >= -20 && sy(l.y1) <= height + 20; };

function paint() {
  ctx.fillStyle = colours.sea; ctx.fillRect(0, 0, width, height);
  if ($("layer-reception")?.checked) paintReception();
  ctx.beginPath();
  for (const shift of [-360, 0, 360]) for (const ring of rings) if (seen(ring, shift)) trace(ring, shift, true);
  ctx.fillStyle = colours.land; ctx.strokeStyle = colours.coast; ctx.lineWidth = 0.8; ctx.fill("evenodd"); ctx.stroke();
  if ($("layer-areas")?.checked) paintAreas();
  graticule();
  if ($("layer-ports")?.checked) paintPorts();
  const mine = picked ? new Set(picked.vessels) : null;
  ctx.lineJoin = "round"; ctx.lineWidth = 1; ctx.strokeStyle = colours.track; ctx.globalAlpha = mine ? 0.25 : 0.6;
  for (const t of tracks) if (!mine?.has(t.vessel) && seen(t, 0)) { ctx.beginPath(); trace(t, 0); ctx.stroke(); }
  ctx.globalAlpha = mine ? 0.35 : 1;
  if ($("layer-ways").checked) paintWays();
  ctx.globalAlpha = 1;
  if (picked) paintPicked(mine);
  paintEvents();
  watermark(); scale();
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

