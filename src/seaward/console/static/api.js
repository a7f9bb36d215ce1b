// Requests to the node: who asks is known by the cookie, that it is this page by the proof; refusals come as sentences.
import { language, say } from "./words.js";

const LONGEST_MS = 120_000; // nothing waits for ever on a line that is cut

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.code = problem.code;
  }
}

export async function ask(url, { method = "GET", body, revision } = {}) {
  const headers = { "Accept-Language": language };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type || "application/octet-stream" : "application/json";
  if (method !== "GET") headers["X-Seaward-CSRF"] = document.body.dataset.csrf;
  if (revision !== undefined) headers["If-Match"] = `"${revision}"`;
  const asked = { method, headers, body: body === undefined || isFile ? body : JSON.stringify(body), signal: AbortSignal.timeout(LONGEST_MS) };
  const answer = await fetch(url, asked).catch(() => { throw new Refused(0, { detail: say("no_answer") }); });
  if (answer.status === 401) return location.reload(); // the session has ended: the page asks to sign in
  const type = answer.headers.get("Content-Type") ?? "";
  const told = type.includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Refused(answer.status, typeof told === "string" ? { detail: told } : told);
  return told;
}
