// What lies on the map: reception, areas, the ways of vessels during events, and the symbols of events.
function paintReception() { // cells of a quarter degree, the stronger the better vessels are heard
  const c = D.reception, cell = 0.25, round = 360 / cell;
  ctx.fillStyle = colours.heard;
  for (let i = 0; i < c.length; i += 3) {
    const a = sy(mercator((c[i + 1] + 1) * cell)), b = sy(mercator(c[i + 1] * cell));
    if (b < 0 || a > height) continue;
    ctx.globalAlpha = 0.07 + 0.08 * Math.min(4, Math.floor(c[i + 2] / 20));
    for (const shift of [-round, 0, round]) {
      const left = sx((c[i] + shift) * cell), wide = cell * view.k;
      if (left + wide > 0 && left < width) ctx.fillRect(left, a, Math.max(1, wide), Math.max(1, b - a));
    }
  }
  ctx.globalAlpha = 1;
}
let heard = null;
function heardAt(x, lat) { // share heard in the cell of a place [%]
  if (!heard) { heard = new Map(); for (let i = 0, c = D.reception; i < c.length; i += 3) heard.set(c[i] + ":" + c[i + 1], c[i + 2]); }
  return heard.get(Math.floor(wrap(x) * 4) + ":" + Math.floor(lat * 4));
}
function paintAreas() { // edges along 180 degrees are cuts, not borders, but few enough to bear
  const named = [];
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
    const x = Math.max(6, Math.min(width - 120, sx(r.x[top] + shift)));
    let y = Math.max(40, sy(r.y[top]) - 4);
    while (named.some(([u, v]) => Math.abs(u - x) < 200 && Math.abs(v - y) < 14)) y += 14; // no name upon another
    named.push([x, y]);
    ctx.lineWidth = 3; ctx.strokeStyle = colours.sea; ctx.strokeText(a.name, x, y); ctx.fillText(a.name, x, y); ctx.lineWidth = 1.2;
  }
}
function paintPorts() { // their names where there is room
  const named = [];
  ctx.font = "11px system-ui, sans-serif"; ctx.lineWidth = 3; ctx.strokeStyle = colours.panel; ctx.fillStyle = colours.port_visit;
  for (const [name, a, b] of D.ports) {
    const x = sx(a * D.land_step), y = sy(mercator(b * D.land_step));
    if (x < 0 || y < 0 || x > width || y > height) continue;
    ctx.fillRect(x - 2, y - 2, 4, 4);
    if (named.some(([u, v]) => Math.abs(u - x) < 90 && Math.abs(v - y) < 13)) continue;
    named.push([x, y]); ctx.strokeText(name, x + 5, y + 4); ctx.fillText(name, x + 5, y + 4);
  }
}
function paintWays() { // the stretch of a track within an event, in the colour of its kind
  const lines = {};
  for (const e of events) if (e.shown && e !== picked) {
    const w = stretch(e);
    if (!w.lines.length || ((w.x1 - w.x0) + (w.y1 - w.y0)) * view.k < 3 || sx(w.x1) < 0 || sx(w.x0) > width || sy(w.y0) < 0 || sy(w.y1) > height) continue;
    (lines[e.known] ??= []).push(...w.lines);
  }
  ctx.lineWidth = 2.5;
  for (const [kind, some] of Object.entries(lines)) {
    ctx.strokeStyle = colours[kind]; ctx.setLineDash(kind === "gap" ? [2, 6] : []); ctx.beginPath();
    for (const line of some) polyline(ctx, line, sx, sy);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}
function polyline(on, line, sx, sy) {
  let px = sx(line[0][0]), py = sy(line[0][1]);
  on.moveTo(px, py);
  line.forEach(([x, y], i) => {
    const qx = sx(x), qy = sy(y);
    if (Math.abs(qx - px) + Math.abs(qy - py) >= 1 || i === line.length - 1) { on.lineTo(qx, qy); px = qx; py = qy; }
  });
}
function paintPicked(mine) {
  ctx.strokeStyle = colours.ink; ctx.lineWidth = 1.4;
  for (const t of tracks) if (mine.has(t.vessel) && seen(t, 0)) { ctx.beginPath(); trace(t, 0); ctx.stroke(); }
  ctx.strokeStyle = colours[picked.known]; ctx.lineWidth = 3.5; ctx.lineCap = "round";
  if (picked.kind === "gap") ctx.setLineDash([2, 7]);
  for (const line of stretch(picked).lines) { ctx.beginPath(); polyline(ctx, line, sx, sy); ctx.stroke(); }
  ctx.setLineDash([]); ctx.lineCap = "butt";
}

const FEW = 60, MANY = 600;
let marks = []; // what is drawn: a place, and the events it stands for
function paintEvents() { // where they are many, one symbol stands for those around it, with their number
  const near = events.filter(e => {
    if (!e.shown) return false;
    e.px = sx(e.x); e.py = sy(e.y);
    return e.px > -20 && e.py > -20 && e.px < width + 20 && e.py < height + 20;
  });
  marks = near.length > FEW ? gathered(near) : spread(near);
  for (const m of marks) if (m.events[0] !== picked) symbol(m, 1);
  if (picked?.shown) symbol(marks.find(m => m.events[0] === picked) ?? { px: sx(picked.x), py: sy(picked.y), events: [picked] }, 1.5);
}
function gathered(near) {
  const size = near.length > MANY ? 58 : 42, cells = new Map();
  for (const e of near) {
    const cell = Math.floor(e.px / size) * 10_000 + Math.floor(e.py / size), mark = cells.get(cell);
    if (mark) { mark.events.push(e); mark.px += e.px; mark.py += e.py; } else cells.set(cell, { px: e.px, py: e.py, events: [e] });
  }
  for (const m of cells.values()) {
    m.px /= m.events.length; m.py /= m.events.length;
    const count = {};
    for (const e of m.events) count[e.known] = (count[e.known] ?? 0) + 1;
    m.kind = Object.keys(count).sort((a, b) => count[b] - count[a])[0];
  }
  return [...cells.values()];
}
function spread(near) { // events in one place are drawn side by side, each on a line to its place
  const taken = new Set();
  return near.map(e => {
    const row = Math.round(e.py / 17), column = Math.round(e.px / 17);
    let aside = 0;
    while (taken.has(column + aside + ":" + row) && aside < 40) aside++;
    taken.add(column + aside + ":" + row);
    const px = e.px + aside * 17;
    if (aside) { ctx.beginPath(); ctx.moveTo(e.px, e.py); ctx.lineTo(px, e.py); ctx.strokeStyle = colours[e.known]; ctx.lineWidth = 1.5; ctx.stroke(); }
    return { px, py: e.py, events: [e] };
  });
}
function symbol(mark, size) {
  const [e] = mark.events, kind = mark.kind ?? e.known, many = mark.events.length;
  ctx.save(); ctx.translate(mark.px, mark.py); ctx.scale(size, size);
  ctx.strokeStyle = colours.panel; ctx.lineWidth = 5; ctx.stroke(outlines[kind]);
  ctx.fillStyle = colours[kind]; ctx.globalAlpha = 0.3; ctx.fill(outlines[kind]); ctx.globalAlpha = 1;
  ctx.strokeStyle = colours[kind]; ctx.lineWidth = 2; ctx.stroke(outlines[kind]);
  if (e === picked) { ctx.beginPath(); ctx.arc(0, 0, 12, 0, 7); ctx.strokeStyle = colours.focus; ctx.stroke(); }
  ctx.restore();
  if (many < 2) return;
  ctx.font = "bold 11px system-ui, sans-serif"; ctx.lineWidth = 3; ctx.strokeStyle = colours.panel; ctx.fillStyle = colours.ink;
  ctx.strokeText(whole(many), mark.px + 9, mark.py + 4); ctx.fillText(whole(many), mark.px + 9, mark.py + 4);
}
