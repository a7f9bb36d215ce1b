// Texts of the page's language, and the way values are written: degrees and decimal minutes, Z and local times.
const known = JSON.parse(document.getElementById("words").textContent);
export const language = document.documentElement.lang;
export const say = (code, values = {}) => (known[code] ?? code).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
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

export const zulu = (at, seconds = false) => `${at.toISOString().slice(11, seconds ? 19 : 16)}Z`;
const local = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" });
export const here = (at) => local.format(at);
export const tenths = (value) => mark(value.toFixed(1));
