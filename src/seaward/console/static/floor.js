// The watch floor: one stream of changes, a queue, a card and a chart that always agree; what is chosen is in the address.
import { ask, Refused } from "./api.js";
import { around, circle } from "./globe.js";
import { addCharts, GROUPS, makeChart, put, repaint } from "./chart.js";
import { isFast, nodeNow, setNow, setWall } from "./clock.js";
import { piece } from "./piece.js";
import { here, position, say, shown, zulu } from "./words.js";
import { listen } from "./keys.js";
import { Measure } from "./measure.js";
import "./notes.js";
import { Past } from "./past.js";
import "./says.js";
import { Patrols } from "./patrols.js";
import { Reach } from "./reach.js";
import { drawRecord } from "./record.js";
import { inHand } from "./send.js";
import { sound, tell } from "./told.js";
import { Vessels } from "./vessels.js";

const $ = (id) => document.getElementById(id);
const body = document.body, queue = $("queue"), panel = $("panel"), card = $("card"), line = $("line"), read = $("read");
const remembered = (name, otherwise) => localStorage.getItem(`seaward.${name}`) ?? otherwise;
const remember = (name, value) => localStorage.setItem(`seaward.${name}`, value);
setNow(new Date(body.dataset.now));

// -- palette, language, clock

const palette = $("palette");
palette.value = remembered("palette", "dusk");
document.documentElement.dataset.palette = palette.value;
$("sound").checked = remembered("sound", "1") === "1";
$("sound").addEventListener("change", () => remember("sound", $("sound").checked ? "1" : "0"));
setInterval(tick, 1000);
function tick() {
  const now = nodeNow();
  $("clock").innerHTML = "";
  $("clock").append(zulu(now, true), " ", Object.assign(document.createElement("small"), { textContent: here(now) }));
}
tick();

// -- the chart

const view = JSON.parse(remembered("chart", '{"centre":[-80,-12],"zoom":4.4}'));
const symbols = JSON.parse($("symbols").textContent);
const map = makeChart(symbols, body.dataset.charts.split(" "), view);
const vessels = new Vessels(map);
const reach = new Reach(map);
const measure = new Measure(map, vessels, reach, read);
const past = new Past(vessels, then);
const patrols = new Patrols(map, async () => { await show(false); await again(); });
globalThis.seaward = { map, vessels, past }; // for those who look into the page
map.on("moveend", () => remember("chart", JSON.stringify({ centre: map.getCenter().toArray(), zoom: map.getZoom() })));
map.on("mousemove", (event) => { if (!measure.mode) read.textContent = position(event.lngLat.lng, event.lngLat.lat); });
map.on("click", (event) => {
  if (measure.mode) return;
  const { x, y } = event.point, near = [[x - 8, y - 8], [x + 8, y + 8]];
  const found = map.queryRenderedFeatures(near, { layers: ["alerts-symbol", "events-symbol", "vessels-near", "vessels-far", "detections-symbol"] });
  const alert = found.find((f) => f.source === "alerts");
  if (alert) location.hash = `alert=${alert.properties.id}`;
  else if (found[0]?.source === "events") location.hash = `event=${encodeURIComponent(found[0].properties.event_id)}`;
  else if (found[0]?.source === "detections") contact(found[0].properties);
  else if (found.length) location.hash = `vessel=mmsi:${found[0].properties.mmsi}`;
});
map.on("load", () => { areas(); partners(); detections(); patrols.load(); addCharts(map, body.dataset.charts.split(" "), (name) => tell(say("chart_bad", { name }))); agree(); body.dataset.ready = "1"; });
palette.addEventListener("change", () => {
  document.documentElement.dataset.palette = palette.value;
  remember("palette", palette.value);
  repaint(map);
  if (current === "record") drawRecord(panel);
});
for (const box of document.querySelectorAll("#layers input")) {
  box.addEventListener("change", () => {
    for (const layer of GROUPS[box.dataset.layer]) map.setLayoutProperty(layer, "visibility", box.checked ? "visible" : "none");
    if (box.dataset.layer === "events" && past.at === null) events();
  });
}

async function then(told) { // all that moves is of that moment, or of now again
  patrols.hold(told !== null);
  if (told) { drawPartners(told.partners); put(map, "detections", told.detections); drawEvents(told.events); patrols.show(told.patrols); }
  else { partners(); detections(); events(); patrols.load(); }
  put(map, "track", []); // it was of another moment
  await load();
  await show(false);
}

async function areas() {
  try {
    const found = (await ask("/api/v1/areas?format=geojson"))?.features ?? [];
    put(map, "areas", found.map((f) => ({ ...f, properties: { ...f.properties, name: shown(f.properties.name, 60) } })));
    came("areas");
  } catch (refused) { if (refused.isPassing) missed("areas"); }
}

async function names() { // of those near, where there is room to write them
  if (map.getZoom() < 9) return;
  const b = map.getBounds();
  try {
    const told = await ask(`/api/v1/vessels?bbox=${[b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((v, n) => (n % 2 ? v : around(v)).toFixed(4)).join()}&limit=2000`);
    vessels.name(told.items.filter((v) => v.name).map((v) => [v.mmsi, shown(v.name, 40)]));
  } catch { /* told by the line */ }
}
map.on("moveend", names);

async function partners() { // only what we do not see ourselves: what both see is one vessel, ours
  try {
    const found = (await ask("/api/v1/picture?owner=partner&format=geojson&limit=10000"))?.features ?? [];
    if (past.at === null) drawPartners(found);
  } catch { /* told by the line */ }
}
function drawPartners(found) {
  put(map, "partners", found.filter((f) => f.geometry).map((f) => ({ ...f, properties: { ...f.properties, text: shown(`${f.properties.seen_by?.[0]?.origin ?? ""} ${f.properties.name ?? ""}`.trim(), 40) } })));
  put(map, "doubt", found.filter((f) => f.geometry && f.properties.error_m > 200).map((f) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: circle(f.geometry.coordinates, f.properties.error_m / 1852) } })));
}
setInterval(partners, 5000);

async function detections() { // of the last twelve hours
  try {
    const found = (await ask("/api/v1/detections?format=geojson&limit=10000"))?.features ?? [];
    if (past.at === null) put(map, "detections", found);
  } catch { /* told by the line */ }
}
setInterval(detections, 15_000);

async function events() { // those that raised no alert, of the last twelve hours; alerts are the queue's
  if (!$("layers").querySelector('[data-layer="events"]').checked) return;
  const since = new Date(nodeNow().getTime() - 12 * 3.6e6).toISOString();
  try {
    const found = (await ask(`/api/v1/events?alerted=false&state=open&state=revised&state=closed&since=${since}&format=geojson&limit=10000`))?.features ?? [];
    if (past.at === null) drawEvents(found);
    came("events");
  } catch (refused) { if (refused.isPassing) missed("events"); }
}
function drawEvents(found) {
  put(map, "events", found.filter((f) => f.geometry).map((f) => ({ ...f, properties: { event_id: f.properties.event_id, kind: f.properties.kind in symbols ? f.properties.kind : "other" } })));
}
function contact(p) {
  const row = p.event_id && [...queue.querySelectorAll(".alert")].find((r) => r.dataset.events?.split(" ").includes(p.event_id));
  if (row) location.hash = `alert=${row.dataset.alert}`;
  else tell(say(`contact.${p.state}`, { sensor: shown(p.sensor ?? p.feed, 60), at: zulu(new Date(p.at)), length: p.length_m ? `, ${Math.round(p.length_m)} m` : "" }), true);
}

// -- the queue, the card, and the chart that agrees with them

const chosen = () => new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
const filter = $("filter");
filter.view.value = remembered("view", "open");
filter.addEventListener("change", () => { remember("view", filter.view.value); load(); });

async function load() {
  const wanted = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value));
  if (chosen().get("alert")) wanted.set("selected", chosen().get("alert"));
  if (past.at !== null) wanted.set("at", past.at.toISOString());
  await piece(`/console/queue?${wanted}`, queue);
  agree();
}

function agree() {
  const rows = [...queue.querySelectorAll(".alert")];
  const shown = rows.filter((row) => row.dataset.lon);
  put(map, "alerts", shown.map((row) => ({ type: "Feature", properties: { id: row.dataset.alert, kind: row.dataset.kind in symbols ? row.dataset.kind : "other", priority: row.classList[1] }, geometry: { type: "Point", coordinates: [Number(row.dataset.lon), Number(row.dataset.lat)] } })));
  ring();
}

function ring() {
  const what = chosen();
  let at = null;
  if (what.get("alert")) {
    const row = queue.querySelector(`[data-alert="${CSS.escape(what.get("alert"))}"]`);
    if (row?.dataset.lon) at = [Number(row.dataset.lon), Number(row.dataset.lat)];
  } else if (what.get("vessel")) {
    const row = vessels.shown.get(Number(what.get("vessel").replace("mmsi:", "").split("#")[0])), told = card.querySelector(`.go[data-now="${CSS.escape(what.get("vessel").split("#")[0])}"]`);
    if (row) at = [row[1], row[2]];
    else if (told) at = [Number(told.dataset.lon), Number(told.dataset.lat)]; // beyond what the chart shows
  } else if (what.get("event")) {
    const told = card.querySelector(".go[data-here]");
    if (told) at = [Number(told.dataset.lon), Number(told.dataset.lat)];
  }
  put(map, "chosen", at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : []);
  return at;
}

let busy = false;
function editing() { // somebody writes into the card, or chooses a file: what changed meanwhile waits
  const at = document.activeElement?.closest("#card form.about") ? document.activeElement : null;
  return inHand(card) || card.querySelector("form.deed:not([hidden]), form.pdeed input:focus") !== null || at?.type === "file" || Boolean(at?.value);
}

function fold() { for (const form of card.querySelectorAll("form.deed")) form.hidden = true; }

const looksAt = () => `${location.hash} ${past.at?.getTime()}`;
async function show(move = true) {
  if (!move && editing()) return later("card");
  const wanted = looksAt(), still = () => {
    if (wanted !== looksAt()) return false;
    if (move || !editing()) return true;
    later("card"); // somebody began to write meanwhile
    return false;
  };
  const what = chosen(), alert = what.get("alert"), vessel = what.get("vessel"), event = what.get("event");
  const as = past.at === null ? "" : `?at=${encodeURIComponent(past.at.toISOString())}`;
  for (const row of queue.querySelectorAll(".alert")) row.toggleAttribute("aria-current", false);
  if (alert) {
    const row = queue.querySelector(`[data-alert="${CSS.escape(alert)}"]`);
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
    await piece(`/console/alerts/${encodeURIComponent(alert)}${as}`, card, still);
  } else if (vessel) {
    await piece(`/console/vessels/${encodeURIComponent(vessel)}${as}`, card, still);
  } else if (event) {
    await piece(`/console/events/${encodeURIComponent(event)}${as}`, card, still);
  } else return;
  const at = ring();
  if (at && move && (!map.getBounds().contains(at) || map.getZoom() < 5)) map.jumpTo({ center: at, zoom: Math.max(map.getZoom(), 6) });
}

addEventListener("hashchange", () => { $("found").replaceChildren(); put(map, "track", []); fold(); show(); });
body.addEventListener("seaward:again", () => { load(); show(false); again(); });
document.addEventListener("click", async (event) => {
  const go = event.target.closest(".go");
  if (go) { event.preventDefault(); map.jumpTo({ center: [Number(go.dataset.lon), Number(go.dataset.lat)], zoom: Math.max(map.getZoom(), 8) }); }
  const opens = event.target.closest("[data-open]");
  if (opens) {
    event.preventDefault();
    await open(opens.dataset.open);
    const thread = opens.dataset.thread && panel.querySelector(`[data-thread="${CSS.escape(opens.dataset.thread)}"]`);
    thread?.scrollIntoView({ block: "nearest" });
    thread?.querySelector("details")?.setAttribute("open", "");
  }
  if (event.target.closest("#found a")) $("found").replaceChildren();
  const track = event.target.closest(".track");
  if (track) trackOf(track.dataset.vessel, track.dataset.at);
});

async function trackOf(vessel, at) {
  try {
    const told = await ask(`/api/v1/vessels/${encodeURIComponent(vessel)}/track?format=geojson&every_s=30&limit=10000${at ? `&${new URLSearchParams({ until: at, known: at })}` : ""}`);
    put(map, "track", told.features);
    if (!told.features.length) return tell(say("no_track"));
    const points = told.features.flatMap((f) => f.geometry.type === "LineString" ? f.geometry.coordinates : f.geometry.coordinates.flat());
    const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
    map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 60, maxZoom: 11, animate: false });
  } catch (refused) { tell(refused instanceof Refused ? refused.message : say("no_answer")); }
}

// -- views

for (const tab of document.querySelectorAll(".tab")) {
  tab.addEventListener("click", () => open(tab.dataset.view));
}
let current = "watch";
function open(name) {
  current = name;
  for (const tab of document.querySelectorAll(".tab")) tab.setAttribute("aria-pressed", String(tab.dataset.view === name));
  const watching = name === "watch";
  filter.hidden = queue.hidden = !watching;
  panel.hidden = watching;
  if (!watching) return reload();
}
panel.addEventListener("click", async (event) => {
  const pace = event.target.closest("[data-pace]")?.dataset.pace, held = event.target.closest("[data-release]")?.dataset.release;
  if (pace === undefined && held === undefined) return;
  try {
    const told = await (held ? ask(`/api/v1/drill/injects/${encodeURIComponent(held)}/release`, { method: "POST" }) : ask("/api/v1/drill/clock", { method: "POST", body: { speed: Number(pace) } }));
    if (told) setNow(new Date(told.now), told.speed);
  } catch (refused) { tell(refused instanceof Refused ? refused.message : say("no_answer")); }
  await again();
});
setInterval(() => { if (current === "drill") again(); }, 5_000);
const asks = (name) => (name === "record" ? `?hours=${remembered("hours", "24")}` : "");
panel.addEventListener("change", (event) => { if (event.target.id === "hours") { remember("hours", event.target.value); reload(); } });
const writes = () => inHand(panel) || (panel.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")); // what changed waits
async function reload(still = () => true) {
  const name = current;
  await piece(`/console/${name}${asks(name)}`, panel, () => name === current && still());
  if (name === "record" && name === current) drawRecord(panel);
}
async function again() { if (current !== "watch" && !writes()) await reload(() => !writes()); } // somebody may have begun to write meanwhile

// -- the stream: what changed is asked for again, at most once a second; a line that is cut is said at once

const stream = $("stream");
const CARD = new Map([["alert", ["alert", "patrol"]], ["event", ["event"]], ["vessel", ["vessel"]]]); // what each card tells of
let due = new Set(), known = new Set();
function later(what) { due.add(what); }
const MISSED = { queue: "alert", card: "card", panel: "said", chips: "chips", areas: "areas", events: "event" }, waits = new Map();
function missed(what) { // the node was busy, or the line was cut: asked again soon, then ever later; not by all pages at once
  const at = waits.get(what) ?? { ms: 1_500, timer: null };
  if (!(what in MISSED) || at.timer !== null) return;
  at.ms = Math.min(60_000, 2 * at.ms);
  at.timer = setTimeout(() => { at.timer = null; later(MISSED[what]); }, at.ms * (1 + Math.random() / 2));
  waits.set(what, at);
}
const came = (what) => { if (waits.get(what)?.timer === null) waits.delete(what); };
body.addEventListener("seaward:missed", (event) => missed(event.detail));
body.addEventListener("seaward:came", (event) => came(event.detail));
setInterval(async () => {
  if (!due.size || busy) return;
  busy = true;
  const now = due;
  due = new Set();
  try {
    if (now.has("alert")) { await load(); if (current === "record") await again(); }
    if (["link", "feed", "chips"].some((topic) => now.has(topic))) await chips();
    if (["partner", "link", "feed", "release", "said", "arrived", "withheld", "joined", "patrol"].some((topic) => now.has(topic))) { await again(); if (writes()) later("said"); }
    if (now.has("areas")) await areas();
    if (now.has("partner") || now.has("joined")) await partners();
    if (now.has("event")) { await detections(); await events(); }
    if (now.has("patrol")) await patrols.load();
    if (["card", ...CARD.get(chosen().keys().next().value) ?? []].some((topic) => now.has(topic))) await show(false);
  } finally { busy = false; }
}, 1000);

async function chips() {
  await piece("/console/chips", $("chips"));
  const at = $("node-clock")?.dataset;
  if (at) { setNow(new Date(at.now), Number(at.speed)); setWall(new Date(at.wall)); }
}
setInterval(chips, 15_000);
setInterval(() => { if (isFast()) chips(); }, 3_000); // its speed may change

function lineIs(state) {
  line.textContent = say(`line.${state}`);
  line.className = state === "up" ? "chip" : "chip down";
  body.classList.toggle("cut", state === "down");
  document.querySelector("main").dataset.cut = say("line.down");
}
let heard = Date.now(), opened = null;
stream.addEventListener("ready", (event) => { heard = Date.now(); opened = JSON.parse(event.detail.data).stream; lineIs("up"); load(); show(false); areas(); });
stream.addEventListener("reset", () => location.reload());
stream.addEventListener("positions", (event) => {
  heard = Date.now();
  const told = JSON.parse(event.detail.data);
  vessels.take(told);
  first();
  if (told.whole) reach.open(opened);
  measure.again();
  if (chosen().get("vessel")) ring();
});
function first() { // who comes for the first time sees where the vessels are
  if (localStorage.getItem("seaward.chart") !== null || !vessels.held.size) return;
  const rows = [...vessels.held.values()], [lons, lats] = [rows.map((r) => r[1]), rows.map((r) => r[2])];
  const box = [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
  if (box[1][0] - box[0][0] < 40) map.fitBounds(box, { padding: 60, maxZoom: 9, animate: false });
}
for (const topic of ["alert", "event", "link", "partner", "feed", "release", "case", "silence", "said", "arrived", "withheld", "joined", "patrol", "vessel"]) {
  stream.addEventListener(topic, (event) => {
    heard = Date.now();
    later(topic === "case" || topic === "silence" ? "alert" : topic);
    if (topic === "alert") rings(event.detail.data);
  });
}
function rings(text) {
  const said = JSON.parse(text);
  if (said.state === "new" && !known.has(`${said.id}:${said.verb}`) && ["raised", "escalated", "woken", "restored"].includes(said.verb)) {
    known.add(`${said.id}:${said.verb}`);
    sound(said.priority === "alarm");
  }
}
stream.addEventListener("htmx:sse:error", () => lineIs("down"));
stream.addEventListener("htmx:sse:close", () => lineIs("down"));
stream.addEventListener("htmx:sse:before:connection", (event) => { if (event.detail.connection.attempt > 0) lineIs("down"); });
setInterval(() => { if (Date.now() - heard > 40_000) lineIs("down"); }, 5000);

// -- keys, search, the rest

function move(by) {
  const rows = [...queue.querySelectorAll("li:not([hidden]) .alert")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.dataset.alert === chosen().get("alert"));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  location.hash = `alert=${row.dataset.alert}`;
  row.focus({ preventScroll: true });
}
listen({
  move,
  find: () => $("q").focus(),
  live: () => past.go(null),
  next: () => { const names = ["bright", "day", "dusk", "night"]; palette.value = names[(names.indexOf(palette.value) + 1) % 4]; palette.dispatchEvent(new Event("change")); },
  leave: () => { $("found").replaceChildren(); measure.start(null); fold(); },
  answer: () => patrols.answer(chosen().get("alert")),
  measure: () => measure.start(measure.mode === "measure" ? null : "measure"),
});
let typed = 0;
$("q").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => piece(`/console/search?${new URLSearchParams({ q: $("q").value })}`, $("found")), 250);
});
$("find").addEventListener("submit", (event) => { event.preventDefault(); $("found").querySelector("a")?.click(); });
$("other").addEventListener("click", (event) => { event.preventDefault(); location.href = $("other").getAttribute("href") + location.hash; });
$("sign-out").addEventListener("click", async () => { try { await ask("/api/v1/session", { method: "DELETE" }); } finally { location.reload(); } });
if (queue.firstElementChild && [...new FormData(filter).values()].join("") === "open") agree(); // it came with the page
else load();
show();
chips();
function begin() { // now that all is listened to
  stream.setAttribute("hx-sse:connect", reach.connect(stream.dataset.connect, localStorage.getItem("seaward.chart") === null));
  globalThis.htmx.process(stream);
}
if (document.readyState === "complete") begin();
else addEventListener("load", begin, { once: true });
