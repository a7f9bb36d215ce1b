// When events began, by kind; a drag, or two fields, choose a period.
const strip = $("timeline"), sc = strip.getContext("2d"), fromField = $("from"), toField = $("to");
const [firstAt, lastAt] = events.reduce(([a, b], e) => [Math.min(a, e.start), Math.max(b, e.end)], [Infinity, -Infinity]);
const span = Math.max(60, lastAt - firstAt), LEFT = 8;
let period = null, drag = null, bins = [], stripWidth = 0, stripHeight = 0;
const tx = s => LEFT + (s - firstAt) / span * (stripWidth - 2 * LEFT), ts = x => firstAt + Math.max(0, Math.min(1, (x - LEFT) / (stripWidth - 2 * LEFT))) * span;

function paintTimeline() {
  const box = strip.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
  if (!box.width || !events.length) return;
  if (!printing) { stripWidth = box.width; stripHeight = box.height; strip.width = Math.round(stripWidth * ratio); strip.height = Math.round(stripHeight * ratio); }
  sc.setTransform(ratio, 0, 0, ratio, 0, 0);
  sc.fillStyle = colours.panel; sc.fillRect(0, 0, stripWidth, stripHeight);
  const each = 6, n = Math.max(1, Math.floor((stripWidth - 2 * LEFT) / each)), base = stripHeight - 15, kinds = Object.keys(D.symbols);
  bins = Array.from({ length: n }, () => ({ all: 0 }));
  for (const e of events) if (e.kept) { const b = bins[Math.min(n - 1, Math.floor((e.start - firstAt) / span * n))]; b[e.known] = (b[e.known] ?? 0) + 1; b.all++; }
  const most = Math.max(1, ...bins.map(b => b.all)), tall = base - 14;
  bins.forEach((b, i) => {
    let y = base;
    for (const kind of kinds) if (b[kind]) { const h = Math.max(1.5, b[kind] / most * tall); sc.fillStyle = colours[kind]; sc.fillRect(LEFT + i * (stripWidth - 2 * LEFT) / n, y - h, each - 1, h); y -= h; }
  });
  sc.strokeStyle = colours.line; sc.lineWidth = 1; sc.beginPath(); sc.moveTo(LEFT, base + 0.5); sc.lineTo(stripWidth - LEFT, base + 0.5); sc.stroke();
  sc.fillStyle = colours.soft; sc.font = "11px ui-monospace, monospace";
  const steps = [60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 30 * 86400, 90 * 86400, 365 * 86400];
  const step = steps.find(s => s / span * stripWidth >= 105) ?? steps.at(-1);
  for (let s = Math.ceil((firstAt + D.t0) / step) * step - D.t0; s <= lastAt; s += step) {
    const text = step >= 86400 ? zulu(s).slice(0, 10) : (s + D.t0) % 86400 ? zulu(s).slice(11, 16) + "Z" : zulu(s).slice(5, 10), x = tx(s);
    sc.fillRect(x, base, 1, 4);
    if (x + 4 + sc.measureText(text).width < stripWidth) sc.fillText(text, x + 3, stripHeight - 2);
  }
  sc.fillText(word("most", { count: whole(most) }), LEFT, 10);
  if (!period) return;
  sc.globalAlpha = 0.72; sc.fillStyle = colours.panel; sc.fillRect(0, 0, tx(period[0]), base); sc.fillRect(tx(period[1]), 0, stripWidth, base); sc.globalAlpha = 1;
  sc.strokeStyle = colours.focus; sc.lineWidth = 2; sc.strokeRect(tx(period[0]), 1, Math.max(2, tx(period[1]) - tx(period[0])), base - 1);
}
function setPeriod(next) {
  period = next && next[1] > next[0] ? next : null;
  for (const field of [fromField, toField]) field.setCustomValidity("");
  const text = s => new Date((D.t0 + s) * 1000).toISOString().slice(0, 16).replace("T", " ");
  fromField.value = text(period ? period[0] : firstAt); toField.value = text(period ? period[1] : Math.ceil((lastAt + D.t0) / 60) * 60 - D.t0);
  $("whole").disabled = !period;
}
const fieldAt = ({ value }) => { // such as 2027-11-04 12:00, seconds and Z may follow
  const found = value.trim().match(/^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?Z?$/);
  return found ? Date.parse(`${found[1]}T${found[2] ?? "00:00"}Z`) / 1000 - D.t0 : NaN;
};
for (const field of [fromField, toField]) field.addEventListener("change", () => {
  const [a, b] = [fieldAt(fromField), fieldAt(toField)];
  fromField.setCustomValidity(Number.isNaN(a) ? W.period_form : ""); toField.setCustomValidity(Number.isNaN(b) ? W.period_form : b > a ? "" : W.period_wrong);
  if (!fromField.reportValidity() || !toField.reportValidity()) return;
  period = [a, b]; $("whole").disabled = false; filter();
});
$("whole").addEventListener("click", () => { setPeriod(null); filter(); });
strip.addEventListener("pointerdown", e => { strip.setPointerCapture(e.pointerId); drag = e.offsetX; });
strip.addEventListener("pointermove", e => {
  if (drag === null) return;
  const [a, b] = [ts(Math.min(drag, e.offsetX)), ts(Math.max(drag, e.offsetX))];
  if (Math.abs(e.offsetX - drag) > 3) { setPeriod([Math.floor(a), Math.ceil(b)]); soon(); }
});
strip.addEventListener("pointerup", e => { if (Math.abs(e.offsetX - drag) <= 3) setPeriod(null); drag = null; filter(); });
strip.addEventListener("pointercancel", () => { drag = null; });
let waiting = false;
function soon() { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; filter(); }); } }
