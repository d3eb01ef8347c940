// The rulebook: what is in force and what follows from it; for supervisors also what may take its place.

import "./bar.js";
import { may, meet } from "./me.js";
import { chips, list, make, said, table } from "./parts.js";
import { Candidate } from "./rulesnext.js";
import { askWord } from "./ruleswords.js";
import { own, t, translatePage, when } from "./words.js";

translatePage();
const at = (id) => document.getElementById(id);
const ACTIONS = { CLEAR: () => t("Clear"), REVIEW: () => t("Review"), PHYSICAL_INSPECTION: () => t("Open and search") };
const FLOORS = {
  incomplete: () => t("the evidence is incomplete"), erring_rule: () => t("a rule cannot be judged"),
  prohibited: () => t("something prohibited is seen"), unknown: () => t("something unknown is seen"),
};
let candidate = null;

const digest = (long) => make("code", { translate: false, title: long }, long.slice(0, 12));
const level = (name) => (name === "normal" ? t("normal") : said(name));
const whoOf = (one) => make("span", {}, said(one.who), one.supervisor ? make("span", {}, ` · ${t("with")} `, said(one.supervisor)) : "");
const ofBox = (words) => make("ul", {}, ...words.map((each) => make("li", {}, said(each))));

function present(told) {
  const now = told.in_force;
  const { follows } = told;
  const buttons = may("supervise")
    ? make("p", { className: "buttons" }, make("button", {
      type: "button", className: "answer", id: "back", disabled: !told.earlier,
      onclick: () => askWord(t("Go back to {rulebook}", { rulebook: told.earlier.name }), "/api/v1/rules/rollback", {}, changed),
    }, t("Roll back")), make("span", { className: "quiet" }, told.earlier ? t("to {rulebook}", { rulebook: told.earlier.name }) : t("There is no earlier rulebook to go back to.")))
    : null;
  at("now").replaceChildren(...[
    make("p", { className: "great", translate: false }, now?.name ?? "–"),
    told.warnings.length ? make("div", { className: "warnline" }, t("Somebody should look at this:"), ofBox(told.warnings)) : null,
    now && list([
      [t("Since"), when(told.since)], [t("By"), whoOf(now)], [t("Why"), now.why], [t("Digest"), digest(now.digest)],
      [t("Good until"), follows.until ? when(follows.until) : t("no end")],
      [t("Rules"), make("span", {}, String(follows.rules), follows.ended.length ? make("span", {}, ` · ${t("ended:")} `, said(follows.ended.join(", "))) : "")],
      [t("Classes"), t("{prohibited} prohibited, {restricted} restricted, {allowed} allowed", follows.classes)],
    ]),
    make("h3", {}, t("What a scan is told")),
    make("ul", {}, ...Object.entries(follows.actions).map(([risk, action]) => make("li", {}, `${own(risk)} → ${ACTIONS[action]()}`)),
      ...Object.entries(follows.floors).map(([what, risk]) => make("li", {}, t("at least {risk} where {what}", { risk: own(risk), what: FLOORS[what]() })))),
    told.notes.length ? make("details", {}, make("summary", {}, t("Notes: {n}", { n: told.notes.length })), ofBox(told.notes)) : null,
    buttons,
  ].filter(Boolean));
}

function profile(told) {
  at("profile").replaceChildren(
    make("p", {}, t("Threat level")), make("p", { className: "great" }, level(told.level)),
    ...told.levels.map((each) => make("div", { className: "row" },
      make("div", {}, make("h3", {}, level(each.name), each.name === told.level ? ` · ${t("in force")}` : ""),
        each.changes.length ? ofBox(each.changes) : make("p", { className: "quiet" }, t("The rulebook as it is written."))),
      may("supervise") && each.name !== told.level
        ? make("button", { type: "button", className: "answer", dataset: { level: each.name }, onclick: () => askWord(t("Switch the threat level to {level}", { level: each.name }), "/api/v1/rules/level", { level: each.name }, changed) }, t("Switch to {level}", { level: each.name }))
        : "")),
    make("h3", {}, t("What the models look for")),
    make("p", {}, said(told.profile.name), " · ", t("{n} kinds of things", { n: told.profile.things.length })),
    make("details", {}, make("summary", {}, t("All of them")), chips(told.profile.things.map((each) => said(each)))),
    make("p", { className: "quiet" }, t("This comes with the release of the models (engine.release in the configuration) and changes when the box starts with another one.")),
  );
}

function past(told) {
  const shown = told.activations.map((one) => {
    const deeds = make("p", { className: "buttons" },
      make("button", { type: "button", className: "tool", onclick: () => version(one) }, t("What differs")),
      may("supervise") ? make("button", { type: "button", className: "tool", onclick: () => { candidate.take(one); at("candidate").scrollIntoView(); } }, t("Take up again")) : "");
    const what = one.what === "level" ? t("threat level") : t("rulebook");
    return [when(one.at), make("span", {}, said(one.name), " ", digest(one.digest)), make("span", {}, level(one.level)), what, whoOf(one), one.why, deeds];
  });
  at("past").replaceChildren(
    table([t("Since"), t("Rulebook"), t("Level"), t("Changed"), t("By"), t("Why"), t("Look")], shown),
    told.activations_in_all > shown.length ? make("p", { className: "quiet" }, t("The newest {n} of {all}; all of them: lanewatch rules list.", { n: shown.length, all: told.activations_in_all })) : "");
}

async function version(one) {
  const place = at("version");
  place.replaceChildren(make("p", { className: "quiet" }, t("Asking the box …")));
  const answer = await fetch(`/api/v1/rules/texts/${one.digest}`);
  const found = await answer.json();
  if (!answer.ok) return place.replaceChildren(make("p", { className: "wrong" }, said(found.detail)));
  const words = [["book", t("rulebook")], ["taxonomy", t("taxonomy")], ["site", t("site's sheet")]];
  place.replaceChildren(
    make("h3", {}, t("How {rulebook} differs from what is in force", { rulebook: one.name })),
    found.differences === null ? make("p", { className: "wrong" }, said(found.trouble))
      : found.differences.length ? ofBox(found.differences) : make("p", {}, t("It says the same.")),
    ...words.filter(([key]) => found[key]).map(([key, word]) => make("details", {}, make("summary", {}, t("Its text: {what}", { what: word })), make("pre", { className: "scroll", tabIndex: 0 }, make("code", { translate: false }, found[key])))));
}

async function look() {
  const answer = await fetch("/api/v1/rules");
  const told = await answer.json();
  if (!answer.ok) return at("told").replaceChildren(t("The rulebook cannot be shown:"), " ", said(told.detail ?? String(answer.status)));
  at("told").textContent = t("As it was at {time}.", { time: when(Date.now()) });
  at("whole").hidden = false;
  present(told);
  profile(told);
  past(told);
  candidate?.within(told);
}

async function changed(done) {
  candidate?.clear();
  await look();
  at("told").textContent = t("In force now: {rulebook}, threat level {level}.", { rulebook: done.name, level: done.level });
  scrollTo(0, 0);
}

try {
  if (await meet()) location.reload();
  if (may("supervise")) {
    at("candidate").hidden = false;
    candidate = new Candidate(at("texts"), at("verdict"), at("trial"), changed);
  }
  await look();
} catch (problem) {
  at("told").textContent = t("The box does not answer ({why}). Load this page again.", { why: problem.message });
}
