// Requests to the node: who asks is known by the cookie, that it is this page by the proof; refusals come as sentences.
import { language, say } from "./words.js";

const LONGEST_MS = 120_000; // nothing waits for ever on a line that is cut

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.code = problem.code;
  }

  get isPassing() { return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500; } // the same asked later may be answered
}

export async function ask(url, { method = "GET", body, revision } = {}) {
  const headers = { "Accept-Language": language };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type || "application/octet-stream" : "application/json";
  if (method !== "GET") headers["X-Seaward-CSRF"] = document.body.dataset.csrf;
  if (revision !== undefined) headers["If-Match"] = `"${revision}"`;
  const asked = { method, headers, body: body === undefined || isFile ? body : JSON.stringify(body), signal: AbortSignal.timeout(LONGEST_MS) };
  const cut = (status) => () => { throw new Refused(status, { detail: say("no_answer") }); };
  const answer = await fetch(url, asked).catch(cut(0));
  if (answer.status === 401) return location.reload(); // the session has ended: the page asks to sign in
  const type = answer.headers.get("Content-Type") ?? "";
  const told = await (type.includes("json") ? answer.json() : answer.text()).catch(cut(answer.ok ? 0 : answer.status));
  if (!answer.ok) throw new Refused(answer.status, typeof told === "string" ? { detail: told } : told);
  return told;
}
