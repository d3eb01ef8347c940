// Lines over time, drawn by uPlot in the colours of the page. Lines differ by their strokes, too; what is not sure is
// drawn as a band; the same figures stand below as a table, and the drawing itself is hidden from screen readers.

import { drawing, make, table } from "./parts.js";
import { language, t } from "./words.js";

const DASHES = [[], [9, 5], [2, 4], [12, 4, 2, 4]];
const HEIGHT = 230;
const FEW = 50;
const drawn = new Set();

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function timeWord(by) {
  const kind = by === "hour" ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short" };
  return (seconds) => new Date(seconds * 1000).toLocaleString(language, kind);
}

/** A line as the legend shows it. */
function sample(place, tone) {
  const line = drawing("0 0 36 8", ["line", { x1: 1, x2: 35, y1: 4, y2: 4, "stroke-dasharray": DASHES[place].join(" ") }]);
  return make("span", { className: `sample ${tone.slice(2)}` }, line);
}

/** One drawing with its legend and its table. `lines`: {name, tone, values, band: [lows, highs]}; `told` says a value in words. */
export function chart(title, { times, by, lines, told, most }) {
  const stage = make("div", { className: "plot" });
  stage.setAttribute("aria-hidden", "true");
  const reading = make("p", { className: "quiet reading" }, " ");
  reading.setAttribute("aria-hidden", "true");
  const legend = make("p", { className: "strokes" }, ...lines.map(({ name, tone, band }, at) => make("span", {}, sample(at, tone), " ", name, band ? ` ${t("(with the band in which it lies for 95 of 100)")}` : "")));
  const word = timeWord(by);
  const rows = times.map((time, at) => [when(time), ...lines.map(({ values, words }) => (words ? words[at] : values[at] === null ? "–" : told(values[at])))]);
  const figure = make("figure", { className: "chart" }, make("figcaption", {}, make("h2", {}, title)), legend, stage, reading, asTable(title, [t("Time"), ...lines.map(({ name }) => name)], rows));
  const plot = { draw, made: null };

  function draw() {
    plot.made?.destroy();
    const width = stage.clientWidth;
    if (!width || !times.length) return;
    const series = [{}];
    const data = [times];
    const bands = [];
    lines.forEach(({ values, tone, band }, at) => {
      data.push(values);
      series.push({ stroke: colour(tone), width: 2, dash: DASHES[at], points: { show: times.length < FEW, size: 6, fill: colour(tone) } });
      if (!band) return;
      const first = data.length;
      for (const edge of band) {
        data.push(edge);
        series.push({ stroke: colour(tone), width: 0.5, points: { show: false } });
      }
      bands.push({ series: [first + 1, first], fill: `${colour(tone)}33` });
    });
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--edge"), width: 1 }, ticks: { stroke: colour("--edge"), width: 1 }, font: "13px system-ui, sans-serif" };
    plot.made = new uPlot({
      width, height: HEIGHT, series, bands,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: true, range: (_, low, high) => (low === high ? [low - 1800, high + 1800] : [low, high]) }, y: { range: (_, low, high) => [0, most ?? Math.max(1, (high ?? 1) * 1.08)] } },
      axes: [{ ...axis, space: 70, values: (_, ticks) => ticks.map(word) }, { ...axis, size: 62, values: (_, ticks) => ticks.map(told) }],
      hooks: { draw: [(made) => times.length < FEW && whiskers(made, lines)], setCursor: [({ cursor }) => { reading.textContent = cursor.idx === null || cursor.idx === undefined ? " " : rows[cursor.idx].map((value, at) => (at ? `${lines[at - 1].name} ${value}` : value)).join(" · "); }] },
    }, data, stage);
  }

  drawn.add(plot);
  new ResizeObserver(draw).observe(stage);
  return figure;
}

/** Where points are few, each has a line as long as it is unsure: a band needs neighbours. */
function whiskers(made, lines) {
  const { ctx, data: [times] } = made;
  const line = (...ends) => { ctx.beginPath(); for (const [at, end] of ends.entries()) ctx[at ? "lineTo" : "moveTo"](...end); ctx.stroke(); };
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const { tone, band } of lines.filter((one) => one.band)) {
    ctx.strokeStyle = colour(tone);
    times.forEach((time, at) => {
      if (band[0][at] === null) return;
      const x = made.valToPos(time, "x", true);
      const [low, high] = band.map((edge) => made.valToPos(edge[at], "y", true));
      const half = 4 * devicePixelRatio;
      line([x, low], [x, high]);
      for (const end of [low, high]) line([x - half, end], [x + half, end]);
    });
  }
  ctx.restore();
}

function when(seconds) {
  return new Date(seconds * 1000).toLocaleString(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

/** The same as a table, folded away. */
export function asTable(title, columns, rows) {
  const region = make("div", { className: "scroll", tabIndex: 0 }, table(columns, rows));
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", title);
  return make("details", {}, make("summary", {}, t("As a table")), region);
}

/** Forget what was drawn before. */
export function clear() {
  for (const plot of drawn) plot.made?.destroy();
  drawn.clear();
}

/** Draw all again in the colours that are in force now. */
export function repaint() {
  for (const plot of drawn) plot.draw();
}

new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

/** A share as a dot on a line from 0 to 100 %, with a bar as long as it is unsure. */
export function interval({ rate, low, high }) {
  if (rate === null) return null;
  const at = (value) => 4 + 152 * value;
  const node = drawing("0 0 160 16", ["line", { x1: 4, x2: 156, y1: 8, y2: 8, class: "rail" }], ["line", { x1: at(low), x2: at(high), y1: 8, y2: 8, class: "span" }],
    ["line", { x1: at(low), x2: at(low), y1: 4, y2: 12, class: "end" }], ["line", { x1: at(high), x2: at(high), y1: 4, y2: 12, class: "end" }], ["circle", { cx: at(rate), cy: 8, r: 3.5 }]);
  node.classList.add("interval");
  return node;
}
