// A small plot of an event: the ways of its vessels around it in grey, during it in the colour of its kind, with a scale bar.
function plot(on, e) {
  const box = on.getBoundingClientRect(), ratio = window.devicePixelRatio || 1, w = box.width, h = box.height;
  if (!w || !h) return;
  on.width = Math.round(w * ratio); on.height = Math.round(h * ratio);
  const c = on.getContext("2d"), way = stretch(e), around = Math.max(3600, (e.end - e.start) / 2);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.fillStyle = colours.sea; c.fillRect(0, 0, w, h);
  const least = 0.004, room = 10, wide = Math.max(way.x1 - way.x0, least), high = Math.max(way.y1 - way.y0, least);
  const k = Math.min((w - 2 * room) / wide, (h - 2 * room - 8) / high), mx = (way.x0 + way.x1) / 2, my = (way.y0 + way.y1) / 2;
  const X = x => (x - mx) * k + w / 2, Y = y => h / 2 - 4 - (y - my) * k;
  c.beginPath();
  for (const shift of [-360, 0, 360]) for (const r of rings) {
    if (X(r.x1 + shift) < 0 || X(r.x0 + shift) > w || Y(r.y0) < 0 || Y(r.y1) > h) continue;
    path(c, r, x => X(x + shift), Y, true);
  }
  c.fillStyle = colours.land; c.strokeStyle = colours.coast; c.lineWidth = 0.8; c.fill("evenodd"); c.stroke();
  c.lineJoin = c.lineCap = "round"; c.strokeStyle = colours.track; c.globalAlpha = 0.7; c.lineWidth = 1;
  for (const v of e.vessels) { const l = between(v, e.start - around, e.end + around); if (l.length > 1) { c.beginPath(); polyline(c, l, X, Y); c.stroke(); } }
  c.globalAlpha = 1; c.strokeStyle = colours[e.known]; c.lineWidth = 2.5; c.setLineDash(e.kind === "gap" ? [1, 5] : []);
  for (const l of way.lines) { c.beginPath(); polyline(c, l, X, Y); c.stroke(); }
  c.setLineDash([]);
  if (!way.lines.length) { c.translate(X(e.x), Y(e.y)); c.lineWidth = 2; c.stroke(outlines[e.known]); c.translate(-X(e.x), -Y(e.y)); }
  bar(c, 6, h - 5, k, my, Math.min(60, w * 0.45));
}
const LENGTHS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
function bar(c, x, y, k, middle, most) { // nautical miles, true at the latitude in the middle
  const nm = k / (60 * Math.cos(latitude(middle) * RAD)), length = LENGTHS.filter(l => l * nm <= most).at(-1) ?? 1e-3, px = length * nm;
  c.font = "10px ui-monospace, monospace"; c.lineWidth = 1.5;
  c.beginPath(); c.moveTo(x, y - 4); c.lineTo(x, y); c.lineTo(x + px, y); c.lineTo(x + px, y - 4);
  c.strokeStyle = colours.ink; c.stroke();
  const text = `${spanish ? String(length).replace(".", ",") : length} ${D.nm}`;
  c.strokeStyle = colours.sea; c.lineWidth = 3; c.strokeText(text, x + 3, y - 4); c.fillStyle = colours.ink; c.fillText(text, x + 3, y - 4);
}
