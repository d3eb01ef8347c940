// Other rules on their way: texts from files or pasted, checked, held against what is in force, tried, put in force.

import { change } from "./me.js";
import { make, said } from "./parts.js";
import { Trial } from "./rulestrial.js";
import { askWord, trouble } from "./ruleswords.js";
import { t } from "./words.js";

const PARTS = [["book", "rulebook", () => t("Rulebook (YAML)")], ["taxonomy", "taxonomy", () => t("Taxonomy (YAML)")], ["site", "sheet", () => t("The site's sheet (YAML)")]];
const MOST = 300000;

export class Candidate {
  /** Fills the places for the texts, for what the box says of them, and for a backtest; `done` is told what is in force. */
  constructor(place, verdict, trial, done) {
    Object.assign(this, { verdict, done, earlier: null, checked: null });
    this.fields = Object.fromEntries(PARTS.map(([key]) => [key, make("textarea", { id: `text-${key}`, spellcheck: false, translate: false, rows: 12, oninput: () => this.forget() })]));
    this.without = make("input", { type: "checkbox", onchange: () => this.forget() });
    this.from = make("p", { hidden: true });
    this.check = make("button", { type: "button", className: "answer main", id: "check", onclick: () => this.ask() }, t("Check"));
    place.append(this.from, make("div", { className: "given" }, ...PARTS.map(([key, , words]) => this.part(key, words()))),
      make("div", { className: "row" }, make("label", { className: "check" }, this.without, " ", t("Lay the site's sheet aside")),
        this.check, make("button", { type: "button", className: "answer side", onclick: () => this.clear() }, t("Empty all"))));
    this.trial = new Trial(trial, () => this.given());
    this.trial.follow();
  }

  part(key, words) {
    const area = this.fields[key];
    const file = make("input", { type: "file", accept: ".yaml,.yml,text/*", onchange: async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      area.value = chosen.size > MOST ? "" : await chosen.text();
      this.forget();
      if (chosen.size > MOST) this.verdict.replaceChildren(make("p", { className: "wrong" }, t("This file is too large for a text of rules.")));
    } });
    file.setAttribute("aria-label", t("File: {what}", { what: words }));
    return make("div", {}, make("label", { htmlFor: area.id }, words), file, area);
  }

  /** What stands here, as the box is told. */
  given() {
    const texts = Object.fromEntries(PARTS.filter(([key]) => this.fields[key].value.trim()).map(([key]) => [key, this.fields[key].value]));
    return { ...texts, ...(this.earlier ? { digest: this.earlier.digest } : {}), without_site: this.without.checked };
  }

  /** Begin with an earlier version. */
  take(one) {
    this.clear();
    this.earlier = one;
    this.from.hidden = false;
    this.from.replaceChildren(t("The texts of {rulebook}; what is written below replaces them.", { rulebook: one.name }));
    this.ask();
  }

  clear() {
    this.earlier = null;
    this.from.hidden = true;
    this.without.checked = false;
    for (const area of Object.values(this.fields)) area.value = "";
    for (const file of document.querySelectorAll("#texts input[type=file]")) file.value = "";
    this.forget();
  }

  within(told) {
    this.trial.within(told);
  }

  forget() {
    this.checked = null;
    this.verdict.replaceChildren();
    this.trial.ready(null);
  }

  async ask() {
    this.forget();
    this.check.disabled = true;
    this.verdict.replaceChildren(make("p", { className: "quiet" }, t("The box checks …")));
    try {
      const answer = await change("POST", "/api/v1/rules/check", this.given());
      const told = await answer.json();
      this.verdict.replaceChildren(...(answer.ok ? (told.ok ? this.well(told) : this.faulty(told)) : [make("p", { className: "wrong" }, trouble(told))]));
    } catch (problem) {
      this.verdict.replaceChildren(make("p", { className: "wrong" }, t("The box does not answer ({why}).", { why: problem.message })));
    } finally {
      this.check.disabled = false;
    }
  }

  well(told) {
    this.checked = told;
    this.trial.ready(told);
    const activate = make("button", { type: "button", className: "answer main", id: "activate", onclick: () => askWord(t("Put {rulebook} in force", { rulebook: told.name }), "/api/v1/rules/activate", { candidate: this.given() }, this.done, told.two) }, t("Put in force …"));
    return [
      make("p", { className: "well" }, t("{rulebook} can be put in force.", { rulebook: told.name })),
      make("h3", {}, t("What it changes against what is in force")),
      told.differences === null ? make("p", { className: "wrong" }, said(told.trouble))
        : told.differences.length ? make("ul", { id: "differences" }, ...told.differences.map((each) => make("li", {}, said(each)))) : make("p", {}, t("Nothing: it says the same.")),
      told.notes.length ? make("details", {}, make("summary", {}, t("Notes: {n}", { n: told.notes.length })), make("ul", {}, ...told.notes.map((each) => make("li", {}, said(each))))) : "",
      make("p", { className: "buttons" }, activate),
    ];
  }

  faulty(told) {
    return [
      make("p", { className: "wrong" }, t("It is refused. Faults: {n}. What is in force stays.", { n: told.faults.length })),
      make("ul", { className: "faults" }, ...told.faults.map((fault) => make("li", {}, make("button", { type: "button", translate: false, onclick: () => this.go(fault) }, fault)))),
    ];
  }

  /** Show the place of a fault in its text. */
  go(fault) {
    const [, file, line] = /^(\w+):(\d+):/.exec(fault) ?? [];
    const key = PARTS.find(([, name]) => name === file)?.[0];
    if (!key) return;
    const area = this.fields[key];
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    area.scrollTop = ((line - 4) / lines.length) * area.scrollHeight;
  }
}
