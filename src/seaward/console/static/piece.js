// Pieces of the page, read anew from the node: what is folded, scrolled, focused or being written there stays. What a busy node does not answer is said
// to be missed (`seaward:missed`), and asked for again.
import { ask } from "./api.js";

// What somebody wrote to a partner and has not sent stays written when its view is read anew.
const saying = (into) => [...into.querySelectorAll("form.say [name]")].filter((field) => field.type !== "hidden");
const nameOf = (field) => [field.form.closest("[data-key]")?.dataset.key, field.form.dataset.post, field.form.elements.verb?.value, field.name].join(" ");
const isWritten = (f) => (f.type === "checkbox" ? f.checked !== f.defaultChecked : f.options ? f.selectedIndex !== Math.max(0, [...f.options].findIndex((o) => o.defaultSelected)) : f.value !== f.defaultValue);
const draftsOf = (into) => new Map(saying(into).filter(isWritten).map((f) => [nameOf(f), f.type === "checkbox" ? f.checked : f.value]));

// A note or photo that somebody began stays the same form, with its file: other elements could not have it.
const begun = (into) => [...into.querySelectorAll("details[data-key]")].filter((d) => { const form = d.querySelector("form.about"); return form && (d.open || [...form.elements].some((f) => f.name && f.value)); });
const sameForm = (a, b) => a?.dataset.key === b.dataset.key && a.querySelector("form.about").dataset.about === b.querySelector("form.about").dataset.about;

const said = (what, into) => document.body.dispatchEvent(new CustomEvent(`seaward:${what}`, { detail: into.id }));

const turns = new WeakMap(); // answers may overtake each other: one that was asked for earlier undoes nothing

export async function piece(url, into, still = () => true) {
  const turn = turns.get(into) ?? { asked: 0, came: 0 }, mine = ++turn.asked;
  turns.set(into, turn);
  try {
    const text = await ask(url);
    said("came", into);
    if (text === undefined || mine < turn.came || !still()) return; // something else is wanted by now
    turn.came = mine;
    const at = into.contains(document.activeElement) ? document.activeElement : null, forms = begun(into);
    const focused = at?.dataset.alert ?? at?.dataset.keep, fold = at?.closest("summary")?.parentElement.dataset.key;
    const written = draftsOf(into), top = into.scrollTop, folds = new Map([...into.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]));
    into.innerHTML = text; // the node has escaped all that is foreign, and the policy runs nothing inline
    for (const d of into.querySelectorAll("details[data-key]")) if (folds.has(d.dataset.key)) d.open = folds.get(d.dataset.key);
    for (const d of into.querySelectorAll("details[data-key]:has(form.about)")) { const old = forms.find((f) => sameForm(f, d)); if (old) d.replaceWith(old); }
    if (at?.isConnected) at.focus({ preventScroll: true });
    for (const field of saying(into)) if (written.has(nameOf(field))) field[field.type === "checkbox" ? "checked" : "value"] = written.get(nameOf(field));
    into.scrollTop = top;
    if (focused) into.querySelector(`[data-alert="${CSS.escape(focused)}"], [data-keep="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (fold) into.querySelector(`details[data-key="${CSS.escape(fold)}"] > summary`)?.focus({ preventScroll: true });
  } catch (refused) {
    if (refused.isPassing) said("missed", into);
    else if (refused.status === 404 && mine >= turn.came && still()) into.textContent = refused.message;
  }
}
