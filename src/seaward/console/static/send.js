// A form on its way to the node: it is sent once, and its view stays as it is until the answer has come.
export async function sending(form, deed) {
  form.setAttribute("aria-busy", "true");
  try { return await locked(form, deed); } finally { form.removeAttribute("aria-busy"); }
}

export async function locked(form, work) { // its buttons cannot be pressed meanwhile
  const buttons = [...form.querySelectorAll("button:enabled")], pressed = buttons.find((button) => button === document.activeElement);
  for (const button of buttons) button.disabled = true;
  try { return await work(); } finally {
    for (const button of buttons) button.disabled = false;
    if (document.activeElement === document.body) pressed?.focus({ preventScroll: true }); // a button that could not be pressed had lost it
  }
}

// A button held down or a form on its way: what changed waits until it is let go and answered.
export const isBusy = (form) => form.hasAttribute("aria-busy");
export const inHand = (view) => view.matches(":active") || view.querySelector(":active, form[aria-busy]") !== null;
