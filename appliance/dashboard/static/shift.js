// The report at the end of a shift, to be looked at, printed, and kept as a file.

import "./bar.js";
import { ask, followAddress, moment, number, percent, sure, took } from "./asking.js";
import { may, meet } from "./me.js";
import { badgeOf, make, said, table } from "./parts.js";
import { own, t, translatePage } from "./words.js";

translatePage();
const told = document.getElementById("told");
const all = document.getElementById("all");
const form = document.getElementById("filters");
const asked = new URLSearchParams(location.search);
followAddress(form, asked);

const time = (at) => make("time", { dateTime: at }, moment(at));
const words = (text) => make("span", {}, text);
const rows = (given) => given.map(([name, value]) => [words(name), typeof value === "string" ? words(value) : number(value)]);
const sheet = (title, ...content) => make("section", { className: "sheet" }, make("h2", {}, title), ...content);

function link(scan) {
  const name = scan.scan_id + (scan.revision > 1 ? ` · ${scan.revision}` : "");
  return make("a", { href: `/scans#${encodeURIComponent(scan.scan_id)}/${scan.revision}`, translate: false }, name);
}

function mine(shift) {
  return sheet(t("Answers"), table([t("What"), t("Scans")], rows([
    [t("scans answered"), shift.judged], ...Object.entries(shift.answers).map(([kind, n]) => [own(kind), n]),
    [t("corrections of a verdict"), shift.corrections], [t("taken back"), shift.undone],
    [t("answered after the clock ran out"), shift.late],
    [t("agreement with the verdicts"), sure(shift.agreement)],
    [t("time to answer (median)"), shift.median_seconds === null ? "–" : took(shift.median_seconds * 1000)],
  ])));
}

function searches({ outcomes }) {
  return sheet(t("Results of searches"), table([t("What"), t("Scans")], rows(Object.entries(outcomes).map(([kind, n]) => [own(kind), n]))));
}

function belt({ belt: came }) {
  return sheet(t("What came meanwhile, for all"), table([t("What"), t("Scans")], rows([
    [t("scans"), came.scans], [t("asked for an officer"), came.asked], [t("of those answered"), came.answered], [t("still open"), came.open],
    [t("not answered when the clock ran out"), came.overdue], [t("lack something"), `${number(came.degraded.k)} (${percent(came.degraded.rate)})`], [t("for practice"), came.rehearsals],
  ])));
}

function open({ open: scans, belt: { open: count } }) {
  const listed = scans.map((scan) => [link(scan), make("span", { dataset: { action: scan.recommended_action } }, badgeOf(scan)), scan.lane ?? "–", time(scan.received_at)]);
  const rest = count > scans.length ? make("p", {}, t("{n} more", { n: number(count - scans.length) })) : null;
  return sheet(t("Still open"), listed.length ? table([t("Scan"), t("Asks for"), t("Lane"), t("Came")], listed) : make("p", {}, t("Nothing is left open.")), rest);
}

function each({ words: given }) {
  const flags = (word) => [word.undone && t("taken back"), word.late && t("after the clock ran out"), !word.undone && !word.standing && t("replaced since"), word.rehearsal && t("rehearsal")].filter(Boolean).join(", ");
  const listed = given.map((word) => [time(word.at), link(word), word.lane ?? "–", words(own(word.kind)), words(word.seconds === null ? "–" : took(word.seconds * 1000)), words(word.outcome ? own(word.outcome) : "–"), words(flags(word) || "–"), said(word.note)]);
  return sheet(t("Every answer"), listed.length ? table([t("Time"), t("Scan"), t("Lane"), t("Answer"), t("Time to answer"), t("Result of the search"), t("Remarks"), t("Note")], listed) : make("p", {}, t("No answer was given.")));
}

function ways(wanted) {
  const file = new URLSearchParams(wanted);
  file.set("format", "csv");
  return make("p", { className: "line unprinted" },
    make("button", { type: "button", className: "tool", onclick: () => print() }, t("Print")),
    make("a", { href: `/api/v1/shift?${file}`, download: "shift.csv" }, t("As a CSV file")),
    make("a", { href: `/api/v1/shift?${wanted}`, download: "shift.json" }, t("As a JSON file")));
}

function signatures() {
  return make("div", { className: "signatures" }, make("p", {}, t("Officer")), make("p", {}, t("Supervisor")));
}

function choose({ officers, officer }) {
  if (!may("supervise")) return;
  form.elements.officer.replaceChildren(...officers.map(({ name, shown }) => make("option", { value: name, selected: name === officer.name, translate: false }, shown)));
  document.getElementById("whose").hidden = false;
}

async function show() {
  const wanted = new URLSearchParams([...asked].filter(([name, value]) => value && ["officer", "since", "until"].includes(name)));
  const shift = await ask(`/api/v1/shift?${wanted}`);
  for (const name of ["since", "until"]) wanted.set(name, shift[name]);
  choose(shift);
  all.replaceChildren(
    make("p", { className: "head" }, make("strong", { translate: false }, shift.officer.shown), " ", words(t("{since} to {until}", { since: moment(shift.since), until: moment(shift.until) }))),
    ways(wanted), make("div", { className: "halves" }, mine(shift), make("div", {}, searches(shift), belt(shift))), open(shift), each(shift), signatures());
  told.textContent = t("As it was at {at}.", { at: moment(shift.made_at) });
}

try {
  if (await meet()) location.reload();
  await show();
} catch (problem) {
  told.textContent = t("The report cannot be shown: {why}", { why: problem.message });
}
