// Back in time: what the watch knew at a moment, and played from there; the floor shows plainly that it is not now.
import { ask, Refused } from "./api.js";
import { nodeNow } from "./clock.js";
import { say, zulu } from "./words.js";
import { tell } from "./told.js";

const slider = document.getElementById("slider"), when = document.getElementById("when"), live = document.getElementById("live"), play = document.getElementById("play"), speed = document.getElementById("speed");

export class Past {
  constructor(vessels, changed) { // `changed` is told of all that was known then; of nothing, when it is now again
    Object.assign(this, { vessels, changed, at: null, timer: null, asking: false });
    slider.addEventListener("input", () => this.go(Number(slider.value) === 0 ? null : new Date(nodeNow().getTime() + 1000 * Number(slider.value))));
    live.addEventListener("click", () => this.go(null));
    play.addEventListener("click", () => this.run(this.timer === null));
  }

  run(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.step(), 1000) : null;
    play.textContent = on ? "❚❚" : "▶";
    if (on && this.at === null) this.go(new Date(nodeNow().getTime() - 3.6e6));
  }

  step() {
    if (this.at === null || this.asking) return;
    const next = new Date(this.at.getTime() + 1000 * Number(speed.value));
    this.go(next >= nodeNow() ? null : next);
  }

  async go(at) {
    this.at = at;
    document.body.classList.toggle("past", at !== null);
    live.setAttribute("aria-pressed", String(at === null));
    if (at === null) {
      if (this.timer !== null) this.run(false);
      slider.value = 0;
      when.textContent = say("live_now");
      this.vessels.show(null);
      return this.changed(null);
    }
    slider.value = Math.round((at - nodeNow()) / 1000);
    when.textContent = say("then", { at: `${at.toISOString().slice(0, 10)} ${zulu(at)}` });
    if (this.asking) return;
    this.asking = true;
    try {
      const told = await ask(`/console/past?at=${encodeURIComponent(at.toISOString())}`);
      if (this.at !== null) {
        this.vessels.show(told.rows);
        await this.changed(told);
      }
    } catch (refused) {
      tell(refused instanceof Refused ? refused.message : say("no_answer"));
    }
    this.asking = false;
    if (this.at !== null && this.at !== at) this.go(this.at);
  }
}
