// The patrol on the floor: its legs and meetings on the chart, the answer to an alert, and what an officer proposes, accepts or sends to a partner.
import { ask, Refused } from "./api.js";
import { put } from "./chart.js";
import { isBusy, locked, sending } from "./send.js";
import { tell } from "./told.js";
import { placeOf, say, shown } from "./words.js";

export class Patrols {
  constructor(map, again) {
    this.map = map;
    this.again = again; // has the card and the panel read anew
    this.busy = this.held = false;
    this.drawn = null; // the proposal that is on the chart
    setInterval(() => this.load(), 15_000);
    document.addEventListener("click", (event) => {
      const answer = event.target.closest("[data-answer]"), draw = event.target.closest("[data-drawn]");
      if (answer) this.answer(answer.dataset.answer);
      if (draw) this.draw(draw.dataset.drawn, true);
    });
    document.addEventListener("submit", (event) => {
      const form = event.target.closest("form.pdeed");
      if (!form) return;
      event.preventDefault();
      if (!isBusy(form)) this.send(form);
    });
  }

  async load() {
    try {
      const told = await ask("/api/v1/patrol?format=geojson");
      if (told && !this.held) this.show(told.features);
    } catch { /* told by the line */ }
  }

  show(features) { put(this.map, "patrols", features.map(named)); }

  hold(held) { // a moment that is over is shown: what is proposed now is not of it
    this.held = held;
    for (const layer of ["proposed-way", "proposed-symbol"]) this.map.setLayoutProperty(layer, "visibility", held || !document.querySelector('[data-layer="patrols"]').checked ? "none" : "visible");
  }

  async draw(n, whole = false) {
    try {
      const told = n === null ? { features: [] } : await ask(`/api/v1/patrol/answers/${n}?format=geojson`);
      this.drawn = n;
      put(this.map, "proposed", told.features.map(named));
      const points = told.features.flatMap((f) => f.geometry.type === "Point" ? [f.geometry.coordinates] : f.geometry.coordinates.flat(f.geometry.type === "LineString" ? 0 : 1));
      if (!whole || !points.length) return;
      const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
      this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 60, maxZoom: 9, animate: false });
    } catch (refused) { this.refused(refused); }
  }

  async answer(alert) { // with the units where they are now
    if (!alert || this.busy || document.body.dataset.role === "observer") return;
    this.busy = true;
    document.body.classList.add("answering");
    tell(say("patrols.working"), true);
    try {
      const told = await ask("/api/v1/patrol/answers", { method: "POST", body: { targets: [{ alert }] } });
      if (!told) return;
      await this.draw(told.n);
      await this.again();
      const shown = document.querySelector(`#card [data-proposal="${told.n}"]`);
      shown?.scrollIntoView({ block: "nearest" });
      shown?.querySelector("button.main")?.focus({ preventScroll: true });
    } catch (refused) { this.refused(refused); } finally {
      this.busy = false;
      document.body.classList.remove("answering");
    }
  }

  async send(form) {
    const body = {}, said = new FormData(form);
    for (const [name, value] of said) if (value !== "" && name !== "leg") body[name] = name === "minutes" ? Number(value) : value;
    if (form.dataset.revision) body.revision = form.dataset.revision; // legs are counted anew whenever they change
    if (body.do === "take_out") delete body.minutes;
    const place = body.place;
    delete body.place;
    if (body.do === "move") {
      const at = placeOf(place ?? "");
      if (!at) return tell(say("no_place"));
      [body.lon_deg, body.lat_deg] = at;
    }
    try {
      const told = await sending(form, async () => {
        if (form.dataset.share) body.plan = await ask(`/api/v1/patrol/shown/${encodeURIComponent(body.theirs)}`);
        if (form.dataset.share && form.dataset.ours) body.ours = form.dataset.ours;
        const done = await ask(form.dataset.url + (said.get("leg") ?? ""), { method: "POST", body });
        if (done?.n) await this.draw(done.state === "proposed" ? done.n : null);
        if (done) await this.load();
        return done;
      });
      if (!told) return;
      form.reset();
      left(form); // so that what changed is read anew, also here
      tell(say(form.dataset.done, { n: told.n ?? "" }), true);
      await locked(form, () => this.again()); // not pressed again before it is seen what it did
    } catch (refused) {
      this.refused(refused);
      if (refused.code === "conflict" && form.dataset.revision) await this.anew(form);
    }
  }

  async anew(form) { // its legs are others by now; what was written stays
    const written = ["do", "minutes", "place", "why"].map((name) => [name, form.elements[name].value]);
    left(form);
    await this.again();
    const fresh = document.querySelector(`form.pdeed[data-url="${CSS.escape(form.dataset.url)}"]`);
    if (!fresh) return;
    for (const [name, value] of written) fresh.elements[name].value = value;
    if (document.activeElement === document.body) fresh.elements.leg.focus();
  }

  refused(refused) { tell(refused instanceof Refused ? refused.message : say("no_answer")); }
}

const left = (form) => { if (form.contains(document.activeElement)) document.activeElement.blur(); };

const named = (feature) => {
  const p = feature.properties;
  const text = shown(p.what === "asset" ? (p.source === "stale" || p.source === "unheard" ? `${p.asset} ?` : p.asset) : p.what === "meeting" ? `${p.asset} → ${p.target} ${p.meet.slice(11, 16)}Z` : "", 60);
  return { ...feature, properties: { ...p, text } };
};
