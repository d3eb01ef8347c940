// A backtest: what other rules would change on the last days' scans, with its bill; one at a time, whoever began it.

import { change } from "./me.js";
import { make, said, table } from "./parts.js";
import { trouble } from "./ruleswords.js";
import { t, when } from "./words.js";

const EVERY = 1000;
const ACTIONS = [["CLEAR", () => t("Clear")], ["REVIEW", () => t("Review")], ["PHYSICAL_INSPECTION", () => t("Open and search")]];
const word = (action) => ACTIONS.find(([name]) => name === action)?.[1]() ?? action;

export class Trial {
  constructor(place, given) {
    Object.assign(this, { given, level: null });
    this.days = make("input", { type: "number", min: 1, max: 3660, value: 30, required: true });
    this.levels = make("select", {});
    this.begin = make("button", { type: "button", className: "answer", id: "try", disabled: true, onclick: () => this.start() }, t("Try it on earlier scans"));
    this.cancel = make("button", { type: "button", className: "answer side", hidden: true, onclick: () => this.stop() }, t("Cancel"));
    this.told = make("div", { id: "bill" });
    this.told.setAttribute("aria-live", "polite");
    place.append(make("h3", {}, t("Backtest")),
      make("div", { className: "row" }, make("label", {}, t("Days back"), this.days), make("label", {}, t("Threat level"), this.levels), this.begin, this.cancel), this.told);
    this.ready(null);
  }

  within(told) {
    this.level = told.level;
  }

  /** The box has checked the texts, or they are others by now. */
  ready(checked) {
    this.begin.disabled = !checked;
    this.levels.replaceChildren(...(checked?.levels ?? ["normal"]).map((name) => make("option", { value: name, selected: name === this.level, translate: name === "normal" }, name === "normal" ? t("normal") : name)));
  }

  async start() {
    const body = { candidate: this.given(), days: Number(this.days.value), level: this.levels.value };
    this.told.replaceChildren(make("p", { className: "quiet" }, t("The box checks …")));
    const answer = await change("POST", "/api/v1/rules/backtest", body);
    const told = await answer.json();
    if (answer.ok) this.follow();
    else this.told.replaceChildren(make("p", { className: "wrong" }, trouble(told)));
  }

  async stop() {
    await change("DELETE", "/api/v1/rules/backtest");
  }

  /** Show how far it is until it has ended. */
  async follow() {
    clearTimeout(this.next);
    try {
      const told = await (await fetch("/api/v1/rules/backtest")).json();
      this.draw(told);
      if (told.state === "running") this.next = setTimeout(() => this.follow(), EVERY);
    } catch (problem) {
      console.warn(problem);
      this.next = setTimeout(() => this.follow(), 5 * EVERY);
    }
  }

  draw(told) {
    this.cancel.hidden = told.state !== "running";
    if (told.state === "none") return this.told.replaceChildren();
    const what = make("p", { className: "quiet" }, t("{rulebook} on the scans of the last {days} days, begun by {person} at {time}", { rulebook: told.rulebook, days: told.days, person: told.by, time: when(told.began_at) }));
    if (told.state === "running") {
      if (this.bar?.isConnected) this.bar.querySelector("progress").value = told.done;
      else {
        const progress = make("progress", { max: told.of || 1, value: told.done });
        progress.setAttribute("aria-label", t("How far the backtest is"));
        this.bar = make("div", {}, progress);
        this.told.replaceChildren(what, this.bar);
      }
      this.bar.querySelector("progress").max = told.of || 1;
    } else if (told.state === "cancelled") this.told.replaceChildren(what, make("p", {}, t("It was cancelled.")));
    else if (told.state === "failed") this.told.replaceChildren(what, make("p", { className: "wrong" }, t("It failed:"), " ", said(told.problem ?? "")));
    else this.told.replaceChildren(what, ...bill(told));
  }
}

/** What it comes to. */
function bill({ bill: found, words }) {
  const counts = ACTIONS.map(([action, name]) => [name(), String(found.then[action] ?? 0), String(found.before[action] ?? 0), String(found.after[action] ?? 0)]);
  const scans = found.shown.map((one) => [
    make("a", { href: one.link, translate: false }, one.scan_id), one.lane ?? "–", word(one.before), word(one.after), one.items.join(", "), one.why,
    one.lost ? make("span", { className: "loud" }, t("lost find")) : "",
  ]);
  return [
    table([t("Backtest"), t("Scans")], [
      [t("Judged again"), String(found.judged)], [t("Change"), String(found.changed)], [t("More inspections"), String(found.more_inspections)],
      [t("Fewer inspections"), String(found.fewer_inspections)], [t("Lost finds"), found.lost_finds ? make("span", { className: "loud" }, String(found.lost_finds)) : "0"],
      [t("Newly cleared"), found.newly_clear ? make("span", { className: "loud" }, String(found.newly_clear)) : "0"],
    ]),
    table([t("Asks for"), t("Then"), t("In force"), t("Candidate")], counts),
    make("details", {}, make("summary", {}, t("The bill in words")), make("ul", {}, ...words.map(([loud, sentence]) => make("li", { className: loud ? "loud" : "" }, said(sentence))))),
    scans.length ? make("details", {}, make("summary", {}, t("Scans that change: {n}", { n: found.changed })),
      make("div", { className: "scroll", tabIndex: 0 }, table([t("Scan"), t("Lane"), t("In force"), t("Candidate"), t("Seen"), t("Why"), t("Alarming")], scans))) : "",
  ];
}
