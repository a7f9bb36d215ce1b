// What a person decides about an alert: the forms of its card, sent to the API on the revision that was looked at.
import { ask } from "./api.js";
import { nodeNow } from "./clock.js";
import { isBusy, sending } from "./send.js";
import { say } from "./words.js";
import { tell } from "./told.js";

const card = document.getElementById("card");
const drafts = new Map(); // what was written for a deed that was refused, so that it need not be written again

const alertOf = (form) => form.dataset.url.split("/").at(-2);
const siblings = (one, other) => alertOf(one) === alertOf(other); // the next deed on the same alert is on what this one left

export function open(verb) {
  const form = card.querySelector(`form.deed[data-verb="${verb}"]`);
  if (!form || !card.querySelector(`[data-do="${verb}"]`)) return false;
  for (const other of card.querySelectorAll("form.deed")) other.hidden = other !== form;
  form.hidden = false;
  if (form.elements.why && drafts.has(form.dataset.url)) form.elements.why.value = drafts.get(form.dataset.url);
  if (verb === "acknowledge") form.requestSubmit(); // needs no words
  else form.querySelector("select, textarea, button").focus();
  return true;
}

card.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) open(button.dataset.do);
  if (event.target.closest(".undo")) event.target.closest("form").hidden = true;
});

card.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.deed[data-url]"); // the others are said to partners
  if (!form) return;
  event.preventDefault();
  if (isBusy(form)) return;
  const said = new FormData(form), body = {};
  const why = said.get("why")?.trim();
  if (why) body.why = why;
  if (said.has("dismissal")) body.dismissal = said.get("dismissal");
  if (said.has("person")) body.person = said.get("person") || null;
  if (said.get("until")) body.until = new Date(nodeNow().getTime() + 3.6e6 * Number(said.get("until"))).toISOString();
  try {
    const done = await sending(form, () => ask(form.dataset.url, { method: "POST", body, revision: form.dataset.revision }));
    if (done) for (const other of card.querySelectorAll("form.deed[data-url]")) if (siblings(other, form)) other.dataset.revision = done.alert.revision;
    drafts.delete(form.dataset.url);
    form.hidden = true;
    tell(say("done." + form.dataset.verb), true);
  } catch (refused) {
    tell(refused.code ? refused.message : say("no_answer"));
    if (why) drafts.set(form.dataset.url, why);
    form.hidden = refused.code === "changed"; // it must be looked at anew
  }
  document.body.dispatchEvent(new CustomEvent("seaward:again"));
});
