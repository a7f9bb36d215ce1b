// Every verb by a key; keys that are typed into a field stay there.
import { open } from "./deeds.js";

const VERBS = { a: "acknowledge", v: "validate", d: "dismiss", s: "silence", g: "assign", c: "comment", x: "share" };

export function listen({ move, find, live, next, leave, measure, answer }) {
  const help = document.getElementById("help");
  document.getElementById("keys-shown").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) return send(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input:not([type=checkbox], [type=range]), textarea, select");
    if (event.key === "Escape") { event.target.blur?.(); return leave(); }
    if (typing || help.open) return;
    const key = event.key.toLowerCase();
    if (key === "j" || event.key === "ArrowDown" && event.target.closest(".alerts")) move(1);
    else if (key === "k" || event.key === "ArrowUp" && event.target.closest(".alerts")) move(-1);
    else if (event.key === "/") find();
    else if (key === "l") live();
    else if (key === "n") next();
    else if (key === "m") measure();
    else if (key === "p") answer();
    else if (event.key === "?") help.showModal();
    else if (!(key in VERBS) || !open(VERBS[key])) return;
    event.preventDefault();
  });
}

function send(event) { // from any field, also of several lines; not while it is being sent
  const form = event.target.form, button = form.querySelector("button.main") ?? form.querySelector("button:not([type=button])");
  event.preventDefault();
  if (!event.repeat && !button?.disabled) form.requestSubmit();
}
