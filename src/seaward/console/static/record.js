// The record of the watch: alerts by hour or day in stacked bars; the table beside them says the same without colour.
import uPlot from "./uPlot.esm.js";
import { language } from "./words.js";

const ORDER = ["held", "false", "other", "withdrawn", "undecided"], HIGH = 170;
let plot = null;

export function drawRecord(panel) {
  plot?.destroy();
  plot = null;
  const place = panel.querySelector(".plot"), told = panel.querySelector("script.plotted");
  if (!place || !told) return;
  const { at_s, step_s, counts } = JSON.parse(told.textContent);
  const colour = (name) => getComputedStyle(panel.querySelector(`.v-${name} i`)).backgroundColor, ink = getComputedStyle(panel).color;
  const sums = ORDER.map((_, n) => at_s.map((__, k) => ORDER.slice(0, n + 1).reduce((all, v) => all + counts[v][k], 0)));
  const most = Math.max(4, ...sums.at(-1));
  const series = ORDER.map((name) => ({ label: name, fill: colour(name), stroke: colour(name), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.8, 60], align: 1 }) }));
  const axis = { stroke: ink, grid: { stroke: ink, width: 0.2 }, ticks: { stroke: ink, width: 0.4 }, font: "12px ui-monospace, monospace" };
  plot = new uPlot({
    width: place.clientWidth, height: HIGH, legend: { show: false }, cursor: { show: false }, select: { show: false },
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), "Etc/UTC"),
    scales: { x: { range: [at_s[0], at_s.at(-1) + step_s] }, y: { range: [0, most] } },
    series: [{}, ...series.toReversed()],
    axes: [{ ...axis, values: (_, ticks) => ticks.map((s) => written(s, step_s)) }, { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }],
  }, [at_s, ...sums.toReversed()], place);
}

const written = (s, step_s) => { const at = new Date(s * 1e3).toISOString(); return step_s < 86400 ? `${at.slice(11, 16)}Z` : language === "es" ? `${at.slice(8, 10)}/${at.slice(5, 7)}` : at.slice(5, 10); };
addEventListener("resize", () => { const place = plot?.root.parentElement; if (place?.isConnected) plot.setSize({ width: place.clientWidth, height: HIGH }); });
