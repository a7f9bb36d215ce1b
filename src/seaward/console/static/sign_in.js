// Signing in: a name and a password to the API, then the floor.
const form = document.getElementById("sign-in"), refused = document.getElementById("refused");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  refused.textContent = "";
  const body = JSON.stringify({ person: form.person.value.trim(), password: form.password.value });
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST", body, headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    });
    if (answer.ok) return location.reload();
    refused.textContent = (await answer.json()).detail;
  } catch {
    refused.textContent = form.dataset.failed;
  }
  form.password.value = "";
  form.password.focus();
});
