// Filters, print, and the start.
const filters = $("filters"), count = $("count"), least = $("least");
let texts = null;
function haystack() { // kind, names, numbers, areas and place of each event; words of reasons are sought in their texts
  texts ??= events.map(({ n, x, lat }) => [kindText(n), ...who(n).flat(), ...C.areas[n].map(a => D.areas_named[a]), place(x, lat), C.near[n], zulu(C.start[n])].join("\n").toLowerCase());
  return texts;
}
const spokenTexts = D.texts.map(t => t.filter(p => typeof p === "string").join(" ").toLowerCase());
function filter() {
  const kinds = new Set([...filters.querySelectorAll("[name=kind]:checked")].map(i => i.value)), wanted = $("find").value.trim().toLowerCase();
  const low = +least.value, unknown = $("unknown").checked, hay = wanted ? haystack() : null;
  const saying = wanted ? new Set(spokenTexts.flatMap((t, i) => t.includes(wanted) ? [i] : [])) : null, some = [];
  for (const e of events) {
    e.kept = kinds.has(e.kind) && (e.chance == null ? unknown : e.chance >= low)
      && (!wanted || hay[e.n].includes(wanted) || (saying.size > 0 && C.why[e.n].some(([t]) => saying.has(t))));
    e.shown = e.kept && (!period || (e.end >= period[0] && e.start <= period[1]));
    if (e.shown) some.push(e);
  }
  $("least-said").textContent = `${low} %`;
  count.textContent = some.length === events.length ? whole(some.length) : `${whole(some.length)} / ${whole(events.length)} ${count.dataset.shown}`;
  if (events.length) $("none").hidden = some.length > 0;
  if (picked && !picked.shown) picked = null;
  showList(some); paintTimeline(); draw();
}
filters.addEventListener("input", filter);
filters.addEventListener("submit", e => e.preventDefault());
$("layers").addEventListener("input", draw);
$("in").addEventListener("click", () => zoom(1.7));
$("out").addEventListener("click", () => zoom(1 / 1.7));
$("fit").addEventListener("click", fit);

function tableRow(e) { // as the server writes them, in report.html.j2
  const { n } = e, state = D.states[C.state[n]], cell = (...inside) => el("td", "", ...inside), first = C.evidence[n];
  const lines = (...of) => of.filter(Boolean).flatMap((x, i) => i ? [el("br"), x] : [x]);
  return el("tr", "", cell(el("b", "", kindText(n)), ...lines(" ", state === "closed" ? null : W["state." + state], chance(e))),
    cell(...lines(...people(n))), cell(until(e), el("br"), lasting(e.end - e.start)), cell(...lines(place(e.x, e.lat), C.near[n], ...C.areas[n].map(a => D.areas_named[a]))),
    cell(...lines(...C.why[n].map(reason))), cell(...lines(word("evidence", { count: whole(C.reports[n]) }), first.length ? `${D.feeds[first[0]]}: ${first[1]}` : null), el("br"), el("code", "", C.id[n]), ` ${D.methods[C.method[n]]}`));
}
function forPaper() { // the table of what is shown, and the map as on screen, in the colours of day
  if (printing) return;
  printing = true;
  document.documentElement.classList.add("paper");
  $("rows").replaceChildren(...shown.slice(0, D.rows).map(tableRow));
  $("rows-said").textContent = word("printed", { shown: whole(Math.min(shown.length, D.rows)), total: whole(events.length) });
  readColours(); paint(); paintTimeline();
}
function forScreen() {
  printing = false; document.documentElement.classList.remove("paper"); readColours(); resize(); paintTimeline();
}
addEventListener("beforeprint", forPaper);
addEventListener("afterprint", forScreen);

function repaint() { readColours(); draw(); paintTimeline(); for (const made of cards.values()) plot(made.li.querySelector(".plot"), made.event); }
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
readColours();
if (matchMedia("(max-width: 820px)").matches) $("layers").open = $("filters-more").open = false;
document.documentElement.dataset.ready = "true";
if (events.length) setPeriod(null); else $("when").hidden = true;
new ResizeObserver(resize).observe(canvas);
new ResizeObserver(() => { if (!printing) paintTimeline(); }).observe(strip);
filter();
(window.requestIdleCallback ?? setTimeout)(haystack);
