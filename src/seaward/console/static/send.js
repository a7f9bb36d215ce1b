// A form on its way to the node: it is sent once, and its view stays as it is until the answer has come.
export async function sending(form, deed) {
  const buttons = [...form.querySelectorAll("button:enabled")];
  form.setAttribute("aria-busy", "true");
  for (const button of buttons) button.disabled = true;
  try { return await deed(); } finally {
    for (const button of buttons) button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

// A button held down or a form on its way: what changed waits until it is let go and answered.
export const isBusy = (form) => form.hasAttribute("aria-busy");
export const inHand = (view) => view.matches(":active") || view.querySelector(":active, form[aria-busy]") !== null;
