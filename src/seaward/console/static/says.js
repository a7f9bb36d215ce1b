// What a person says to a partner or lets it have: forms whose fields become the body of a request to the API.
import { ask } from "./api.js";
import { wallNow } from "./clock.js";
import { placeOf, say } from "./words.js";
import { isBusy, sending } from "./send.js";
import { tell } from "./told.js";

const wanting = { number: Number, list: (text) => text.split(/[\s,]+/).filter(Boolean), flag: (text) => text !== "", hours: (text) => new Date(wallNow().getTime() + 3.6e6 * Number(text)).toISOString() };

function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const as = field.dataset.as, value = field.type === "checkbox" ? (field.checked ? "yes" : "") : field.value.trim();
    if (as === "flag") body[field.name] = wanting.flag(value);
    else if (value === "") continue;
    else if (as === "place") {
      const at = placeOf(value);
      if (!at) throw new Error(say("no_place"));
      [body.lon_deg, body.lat_deg] = at;
    } else body[field.name] = as ? wanting[as](value) : value;
    if (field.dataset.with) { const [name, other] = field.dataset.with.split("="); body[name] = other; }
    if (field.name === "to" && form.dataset.many) body.to = [value];
  }
  return body;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.say");
  if (!form) return;
  event.preventDefault();
  if (isBusy(form)) return;
  try {
    const done = await sending(form, async () => ask(form.dataset.post, { method: "POST", body: bodyOf(form) }));
    const withheld = (done?.decisions ?? []).find((d) => !d.allowed);
    tell(withheld ? `${say("withheld")}: ${withheld.words}` : say("said"), !withheld);
    form.reset();
    form.closest("details")?.removeAttribute("open");
    if (form.classList.contains("deed")) form.hidden = true;
    document.activeElement?.blur?.();
    document.body.dispatchEvent(new CustomEvent("seaward:again"));
  } catch (refused) {
    tell(refused.message || say("no_answer"));
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-explain]");
  if (!button) return;
  const form = button.closest("form"), out = form.querySelector("output");
  try {
    const told = await ask(`/api/v1/exchange/explain?kind=event&id=${encodeURIComponent(button.dataset.explain)}&to=${encodeURIComponent(form.elements.to.value)}`);
    out.textContent = told.words.join("\n");
  } catch (refused) { out.textContent = refused.message || say("no_answer"); }
});
