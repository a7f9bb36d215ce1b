// Notes and photos of a vessel: the forms of its card, sent to the API; a photo goes as the bytes of its file.
import { ask } from "./api.js";
import { isBusy, sending } from "./send.js";
import { say } from "./words.js";
import { tell } from "./told.js";

const card = document.getElementById("card");

card.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.about");
  if (!form) return;
  event.preventDefault();
  if (isBusy(form)) return;
  const file = form.elements.file?.files[0];
  if (file && file.size > Number(form.dataset.most)) return tell(say("photo_large"));
  const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "file"));
  try {
    await sending(form, () => file ? ask(`${form.dataset.about}?${new URLSearchParams(fields)}`, { method: "POST", body: file }) : ask(form.dataset.about, { method: "POST", body: fields }));
    form.reset();
    form.closest("details").open = false;
    form.closest("details").querySelector("summary").focus();
    tell(say(form.dataset.done), true);
    document.body.dispatchEvent(new CustomEvent("seaward:again"));
  } catch (refused) {
    tell(refused.code ? refused.message : say("no_answer"));
  }
});
