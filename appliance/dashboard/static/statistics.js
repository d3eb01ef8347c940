// Figures of a time: what came, what was asked for, what officers said of it, how long it took; and how sure all that is.

import "./bar.js";
import { ask, followAddress, moment, number, percent, spread, sure, took } from "./asking.js";
import { chart, clear, interval } from "./charts.js";
import { called, learn } from "./classes.js";
import { meet } from "./me.js";
import { make, said, table } from "./parts.js";
import { own, t, translatePage } from "./words.js";

const AGAIN = { hour: 60000, day: 600000 };
const SOON = 300;
const MOST_CLASSES = 20;
const ACTIONS = [["CLEAR", "--clear", () => t("Clear")], ["REVIEW", "--review", () => t("Review")], ["PHYSICAL_INSPECTION", "--search", () => t("Open and search")]];

translatePage();
const told = document.getElementById("told");
const all = document.getElementById("all");
const asked = new URLSearchParams(location.search);
const opened = new Set();
followAddress(document.getElementById("filters"), asked);

function question() {
  const wanted = new URLSearchParams();
  for (const name of ["lane", "rehearsal", "since", "until"]) if (asked.get(name)) wanted.set(name, asked.get(name));
  if (!asked.get("since")) wanted.set("since", new Date((asked.get("until") ? Date.parse(asked.get("until")) : Date.now()) - Number(asked.get("days") ?? 1) * 86400000).toISOString());
  return wanted;
}

function tile(name, value, more = "") {
  return make("div", { className: "tile" }, make("dt", {}, name), make("dd", {}, make("strong", {}, value), more && make("span", { className: "quiet" }, more)));
}

/** Every hour or day of the time asked for; those without a scan are nought. */
function filled({ volumes, by, since, until }) {
  if (by === "day") return volumes;
  const known = new Map(volumes.map((one) => [Date.parse(one.at), one]));
  const found = [];
  for (let at = Date.parse(since); at < Math.min(Date.parse(until), Date.now()); at += 3600000) found.push(known.get(at) ?? { at: new Date(at).toISOString(), none: true });
  return found;
}

function charts(figures) {
  const rows = filled(figures);
  const times = rows.map((row) => Date.parse(row.at) / 1000);
  const pick = (read, without = null) => rows.map((row) => (row.none ? without : read(row)));
  const shared = (name, tone, key) => ({
    name, tone, values: pick((row) => row[key].rate), band: [pick((row) => row[key].low), pick((row) => row[key].high)],
    words: rows.map((row) => (row.none ? "–" : sure(row[key]))),
  });
  const by = figures.by;
  return [
    chart(t("Scans, by what they ask for"), { times, by, told: number, lines: ACTIONS.map(([action, tone, name]) => ({ name: name(), tone, values: pick((row) => row.actions[action], 0) })) }),
    chart(t("Alarms: share of scans to open"), { times, by, told: percent, most: 1, lines: [shared(t("Alarms"), "--search", "alarm")] }),
    chart(t("Agreement: share of answers that agree"), { times, by, told: percent, most: 1, lines: [shared(t("Agreement"), "--clear", "agreement")] }),
    chart(t("From receipt to verdict"), { times, by, told: took, lines: [
      { name: t("half of them within"), tone: "--accent", values: pick((row) => row.milliseconds.p50) },
      { name: t("19 of 20 within"), tone: "--review", values: pick((row) => row.milliseconds.p95) },
    ] }),
  ];
}

function withBar(rate) {
  return make("span", { className: "withbar" }, interval(rate), make("span", {}, sure(rate)));
}

function section(title, name, ...content) {
  const wanted = question();
  wanted.set("format", "csv");
  wanted.set("table", name);
  const link = make("a", { href: `/api/v1/statistics?${wanted}`, download: `${name}.csv` }, t("As a CSV file"));
  return make("section", { className: "sheet" }, make("h2", {}, title), ...content, make("p", {}, link));
}

function lanes({ lanes: rows }) {
  return section(t("Lanes"), "lanes", table([t("Lane"), t("Scans"), t("Alarms"), t("Agreement"), t("Lacks something"), t("19 of 20 within")],
    rows.map((row) => [row.lane === null ? make("span", {}, t("without a name")) : row.lane, number(row.scans), withBar(row.alarm), withBar(row.agreement), make("span", {}, sure(row.degraded)), took(row.milliseconds.p95)])));
}

function classes({ classes: rows }) {
  const told = (row) => [said(called(row.item)), number(row.scans), withBar(row.alarm), withBar(row.agreement)];
  const columns = [t("Found"), t("Scans"), t("Alarms"), t("Agreement")];
  const rest = rows.slice(MOST_CLASSES);
  const more = rest.length && make("details", {}, make("summary", {}, t("{n} more", { n: number(rest.length) })), table(columns, rest.map(told)));
  return section(t("Things that were found"), "classes", make("p", { className: "quiet" }, t("Of the scans in which a thing was found: how many were to be opened, and how many of their answers agree with the verdict.")),
    rows.length ? table(columns, rows.slice(0, MOST_CLASSES).map(told)) : make("p", {}, t("Nothing was found.")), more || null);
}

function answers({ answers: kinds, overdue, open, late_verdicts: late, replaced }) {
  const rows = Object.entries(kinds).map(([kind, n]) => [make("span", {}, own(kind)), number(n)]);
  rows.push([make("span", {}, t("still open")), number(open)], [make("span", {}, t("not answered when the clock ran out")), number(overdue)], [make("span", {}, t("verdict after the clock ran out")), number(late)], [make("span", {}, t("replaced by a newer scan, not counted")), number(replaced)]);
  return section(t("Answers and clocks"), "volumes", table([t("What"), t("Scans")], rows));
}

function show(figures) {
  const { totals } = figures;
  clear();
  for (const one of all.querySelectorAll("details")) (one.open ? opened.add : opened.delete).call(opened, one.closest("figure, section").querySelector("h2").textContent);
  all.replaceChildren(
    make("dl", { className: "tiles" },
      tile(t("Scans"), number(totals.scans)), tile(t("Alarms"), percent(totals.alarm.rate), spread(totals.alarm)), tile(t("Agreement"), percent(totals.agreement.rate), spread(totals.agreement)),
      tile(t("Lacks something"), percent(totals.degraded.rate), spread(totals.degraded)), tile(t("From receipt to verdict"), took(totals.milliseconds.p50), t("19 of 20 within {span}", { span: took(totals.milliseconds.p95) })),
      tile(t("Clocks that ran out"), number(totals.overdue), t("{n} still open", { n: number(totals.open) }))),
    ...(totals.scans ? [make("div", { className: "charts" }, ...charts(figures)), lanes(figures), classes(figures), answers(totals)] : [make("p", { className: "empty" }, t("No scan came in this time."))]),
    make("p", { className: "quiet" }, t("The bands and the bars hold the true share in 95 of 100 cases (Wilson). Times are right to 3 %.")),
  );
  for (const one of all.querySelectorAll("details")) one.open = opened.has(one.closest("figure, section").querySelector("h2").textContent);
}

async function draw() {
  const figures = await ask(`/api/v1/statistics?${question()}`);
  show(figures);
  const span = t("From {since} to {until}, as it was at {at}.", { since: moment(figures.since), until: moment(figures.until), at: moment(Date.now()) });
  const left = figures.uncounted_hours;
  told.textContent = left ? `${span} ${t("Still counting: {n} hours are missing.", { n: number(left) })}` : span;
  setTimeout(() => draw().catch(silent), left ? SOON : AGAIN[figures.by]);
}

function silent(problem) {
  told.textContent = t("The box does not answer ({why}). Load this page again.", { why: problem.message });
}

try {
  if (await meet()) location.reload();
  await learn().catch((problem) => console.warn(problem)); // things are then called as the models call them
  await draw();
} catch (problem) {
  silent(problem);
}
