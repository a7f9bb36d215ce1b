// Pointer, wheel, fingers and keys on the map.
function near(px, py) { // the event or track under the pointer
  let best = null, least = 14;
  for (const m of marks) { const d = Math.hypot(m.px - px, m.py - py); if (d < least) { least = d; best = { mark: m }; } }
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
function hover(px, py) {
  const x = view.x + (px - width / 2) / view.k, lat = latitude(view.y - (py - height / 2) / view.k);
  const share = $("layer-reception")?.checked ? heardAt(x, lat) : null;
  cursor.textContent = place(x, lat) + (share == null ? "" : " · " + word("heard", { percent: share }));
  const hit = near(px, py);
  tip.hidden = !hit;
  if (!hit) return;
  tip.textContent = hit.mark ? told(hit.mark) : D.vessels[hit.track.vessel] + " · " + zulu(Math.round(hit.at));
  tip.style.left = Math.min(px + 14, width - tip.offsetWidth - 6) + "px"; tip.style.top = Math.max(4, Math.min(py + 14, height - 60)) + "px";
}

function told({ events: some }) {
  if (some.length > 1) return word("many", { count: whole(some.length) });
  const [e] = some;
  return `${kindText(e.n)} · ${who(e.n).map(([name]) => name).join(", ")} · ${zulu(e.start)}`;
}
function press(hit) { // one event is picked, several are drawn nearer
  const some = hit?.mark?.events ?? [];
  if (some.length < 2) return pick(some[0] ?? null, false);
  const xs = some.map(e => e.x), ys = some.map(e => e.y), room = 20 / view.k, k = view.k;
  show(Math.min(...xs) - room, Math.min(...ys) - room, Math.max(...xs) + room, Math.max(...ys) + room, 1e5);
  if (view.k <= k * 1.01) zoom(2);
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
  if (name === "pointerup" && moved < 5) { const hit = near(e.offsetX, e.offsetY); hover(e.offsetX, e.offsetY); press(hit); }
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
