// Texts of the page's language, and the way values are written: degrees and decimal minutes, Z and local times.
const known = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;
export const say = (code, values = {}) => (known[code] ?? code).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
// Foreign text as a person may see it: marks that are not seen or turn text round become a sign, and it has an end.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;
export const shown = (text, limit = 200) => { const seen = String(text).replace(HIDDEN, "\ufffd"); return seen.length > limit ? `${seen.slice(0, limit)}…` : seen; };
const mark = (text) => (language === "es" ? text.replace(".", ",") : text);
const letters = language === "es" ? ["N", "S", "E", "O"] : ["N", "S", "E", "W"];

export function position(lon, lat) {
  const east = ((((lon + 180) % 360) + 360) % 360) - 180;
  const part = (value, width, [plus, minus]) => {
    const tenths = Math.round(Math.abs(value) * 600);
    return `${String(Math.floor(tenths / 600)).padStart(width, "0")}°${mark(((tenths % 600) / 10).toFixed(1).padStart(4, "0"))}'${value < 0 ? minus : plus}`;
  };
  return `${part(lat, 2, letters.slice(0, 2))} ${part(east, 3, letters.slice(2))}`;
}

const part = String.raw`(\d{1,3})(?:[°\s]+(\d{1,2}(?:[.,]\d+)?)?['’\s]*)?`;
const written = new RegExp(`^${part}([NS])[,;\\s]*${part}([EWO])$`, "i");
export function placeOf(text) { // 12 18.4S 077 44.9W, or degrees with decimals, latitude first
  const said = text.trim(), dm = written.exec(said), plain = /^(-?\d+(?:\.\d+)?)[,;\s]+(-?\d+(?:\.\d+)?)$/.exec(said);
  const value = (d, m, letter) => (Number(d) + Number((m ?? "0").replace(",", ".")) / 60) * (/[SWO]/i.test(letter) ? -1 : 1);
  const at = dm ? [value(dm[4], dm[5], dm[6]), value(dm[1], dm[2], dm[3])] : plain ? [Number(plain[2]), Number(plain[1])] : null;
  return at && Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90 ? at : null;
}

export const zulu = (at, seconds = false) => `${at.toISOString().slice(11, seconds ? 19 : 16)}Z`;
const local = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" });
export const here = (at) => local.format(at);
export const tenths = (value) => mark(value.toFixed(1));
