// The list of events: only the cards on screen exist; the picked one is open.
const list = $("events"), scroller = $("scroll"), cards = new Map(), SPARE = 3;
let shown = events, at = -1, extra = 0, cardHeight = 0;
const topOf = i => i * cardHeight + (at >= 0 && i > at ? extra : 0);

function el(tag, name, ...inside) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...inside.filter(x => x != null)); // strings become text, never markup
  return made;
}
function mark(kind) { // like those of the filters
  const svg = document.querySelector(".filters .sym").cloneNode(true);
  svg.setAttribute("class", "sym k-" + kind); svg.firstElementChild.setAttribute("d", D.symbols[kind]);
  return svg;
}
function people(n) {
  const left = C.whole[n] - C.who[n].length;
  return [...who(n).map(([name, id]) => el("span", "", el("bdi", "", name), " ", el("span", "mono soft", id))), left > 0 ? el("span", "soft", word("more", { count: whole(left) })) : null];
}
function card(e, open) {
  const { n } = e, state = D.states[C.state[n]], why = C.why[n].map(reason);
  const go = el("button", "go", mark(e.known), " ", el("span", "", kindText(n)), el("span", "hidden", ". " + W.go));
  go.type = "button"; go.dataset.event = n;
  const head = el("h3", "", go, el("span", "dur", lasting(e.end - e.start), state === "closed" ? null : el("em", "", " " + (W["state." + state] ?? state))));
  const facts = el("div", "facts-of", el("p", "who", ...people(n)), el("p", "mono when", until(e)), el("p", "where", el("span", "mono", place(e.x, e.lat)), " ", el("bdi", "soft", C.near[n])));
  const small = el("canvas", "plot");
  small.setAttribute("role", "img"); small.setAttribute("aria-label", W.plot);
  const li = el("li", `event k-${e.known}${open ? " sel" : ""}`, head);
  if (open) {
    go.setAttribute("aria-current", "true");
    const reasons = el("ul", "why", ...why.map(r => el("li", "", r)));
    reasons.setAttribute("aria-label", W.why);
    li.append(facts, why.length ? reasons : "", tags(e), small, evidence(n));
  } else li.append(el("div", "body", facts, small), el("p", "short", why.join(" · ")), tags(e));
  li.setAttribute("aria-posinset", 1); li.dataset.kind = e.kind;
  return li;
}
function tags(e) {
  return el("p", "tags", e.chance == null ? null : el("span", "", chance(e)), ...C.areas[e.n].map(a => el("span", "", D.areas_named[a])));
}
function evidence(n) {
  const rows = C.evidence[n], feeds = new Map();
  for (let i = 0; i < rows.length; i += 3) {
    if (!feeds.has(rows[i])) feeds.set(rows[i], el("tbody"));
    feeds.get(rows[i]).append(el("tr", "", el("td", "", String(rows[i + 1])), el("td", "", String(rows[i + 2]))));
  }
  const left = C.reports[n] - rows.length / 3;
  return el("details", "", el("summary", "", word("evidence", { count: whole(C.reports[n]) })), el("p", "soft", W.evidence_note),
    ...[...feeds].map(([f, body]) => el("table", "", el("caption", "", D.feeds[f]), el("thead", "", el("tr", "", el("th", "", W.offset), el("th", "", W.length))), body)),
    left > 0 ? el("p", "soft", word("evidence_more", { count: whole(left) })) : null,
    el("p", "mono soft id", `${W.event_id} ${C.id[n]}`, el("br"), `${W.version} ${C.version[n]} · ${W.method} ${D.methods[C.method[n]]}`));
}

const opened = new ResizeObserver(() => { const more = list.querySelector(".sel"); if (more) stretchList(more.offsetHeight - cardHeight); });
function stretchList(by) { if (Math.abs(by - extra) > 0.5) { extra = by; render(); } }
function render() {
  if (!cardHeight) cardHeight = parseFloat(getComputedStyle(list).getPropertyValue("--card")) || 150;
  const low = scroller.scrollTop, high = low + scroller.clientHeight, wanted = new Set();
  list.style.height = topOf(shown.length) + "px";
  const indexAt = y => Math.floor((at >= 0 && y > (at + 1) * cardHeight ? Math.max((at + 1) * cardHeight, y - extra) : y) / cardHeight);
  for (let i = Math.max(0, indexAt(low) - SPARE); i <= Math.min(shown.length - 1, indexAt(high) + SPARE); i++) wanted.add(i);
  if (at >= 0) wanted.add(at);
  const held = document.activeElement?.closest?.("li.event");
  for (const [key, made] of cards) {
    const i = made.place;
    if (shown[i] !== made.event || made.open !== (made.event === picked) || (!wanted.has(i) && made.li !== held)) { made.li.remove(); cards.delete(key); }
  }
  let next = list.firstElementChild;
  for (const i of [...wanted].sort((a, b) => a - b)) {
    const e = shown[i];
    let made = cards.get(e.n);
    if (!made) {
      made = { li: card(e, e === picked), event: e, open: e === picked, place: i };
      cards.set(e.n, made);
      made.li.id = "e" + e.n; made.li.setAttribute("aria-posinset", i + 1); made.li.setAttribute("aria-setsize", shown.length);
      while (next && +next.getAttribute("aria-posinset") <= i) next = next.nextElementSibling;
      list.insertBefore(made.li, next);
      plot(made.li.querySelector(".plot"), e);
      if (made.open) { opened.disconnect(); opened.observe(made.li); extra = made.li.offsetHeight - cardHeight; }
    }
    made.li.style.top = topOf(i) + "px";
  }
  for (const made of cards.values()) made.li.style.top = topOf(made.place) + "px";
  list.style.height = topOf(shown.length) + "px";
}
function showList(some) { // after a filter
  shown = some; at = picked ? shown.indexOf(picked) : -1;
  for (const made of cards.values()) made.li.remove();
  cards.clear(); render();
  scroller.scrollTop = at < 0 ? 0 : topOf(at) - 12; render();
}
function pick(event, go, still = false) {
  const before = event ? topOf(shown.indexOf(event)) - scroller.scrollTop : 0;
  picked = event; at = event ? shown.indexOf(event) : -1; extra = 0;
  const focused = document.activeElement?.closest?.("li.event") !== null && document.activeElement !== document.body;
  render();
  if (event) {
    scroller.scrollTop = topOf(at) - (still ? before : 12); render();
    if (focused) cards.get(event.n).li.querySelector(".go").focus({ preventScroll: true });
    if (go) { const w = stretch(event), room = 0.02; show(w.x0 - room, w.y0 - room, w.x1 + room, w.y1 + room, 20000); }
  }
  draw();
}
scroller.addEventListener("scroll", render, { passive: true });
new ResizeObserver(() => { cardHeight = 0; render(); }).observe(scroller);
list.addEventListener("click", e => { const b = e.target.closest(".go"); if (b) pick(events[+b.dataset.event], true, true); });
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches?.("input:not([type=checkbox], [type=range])")) return;
  const step = { n: 1, N: 1, p: -1, P: -1 }[e.key];
  if (step && shown.length) pick(shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length], true);
  if (e.key === "Escape") pick(null);
});
