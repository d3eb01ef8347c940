// The officer's word by one key: agree, false alarm, missed, wrong item, cannot tell. Nothing here waits for the network.

import { called, picker } from "./classes.js";
import { keyWord } from "./keys.js";
import { may } from "./me.js";
import { keyed, make, said } from "./parts.js";
import { t } from "./words.js";

export const KINDS = {
  agree: () => t("Agree"), false_alarm: () => t("False alarm"), missed: () => t("Missed"),
  wrong_item: () => t("Wrong item"), cannot_tell: () => t("Cannot tell"),
};

export class Answers {
  /** `view` holds the scan and its panes; `give(kind, marks, note)` takes the finished answer. */
  constructor(view, give) {
    this.view = view;
    this.give = give;
    this.node = make("div", { className: "answers" });
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", t("Your answer"));
    this.task = null;
  }

  /** Offer the answers for the scan that is shown. */
  offer() {
    this.#endDrawing();
    this.task = null;
    this.marks = [];
    const { whole } = this.view;
    if (this.about !== whole?.scan_id) this.note = null; // a note belongs to one scan
    this.about = whole?.scan_id;
    if (!may("judge") || !whole) {
      this.node.replaceChildren(whole ? make("p", { className: "quiet" }, t("You may look at scans, but not answer.")) : "");
      return;
    }
    if (whole.superseded) {
      this.node.replaceChildren(make("p", { className: "quiet" }, t("A newer scan took the place of this one; answer there.")));
      return;
    }
    const buttons = Object.entries(KINDS).map(([kind, word]) => keyed(`answer ${kind}`, keyWord(kind), word(), () => this.act(kind)));
    const note = keyed("answer side", keyWord("note"), t("Note"), () => this.act("note"));
    this.node.replaceChildren(...buttons, note);
    if (this.note) this.node.append(make("p", { className: "quiet" }, t("Note:"), " ", said(this.note)));
  }

  /** Do what a key or a button says; true when it was for here. */
  act(deed) {
    const { whole } = this.view;
    if (!whole || whole.superseded || !may("judge")) return false;
    if (deed === "note") this.#writeNote();
    else if (deed === "missed") this.#draw();
    else if (deed === "wrong_item") this.#choose();
    else if (deed in KINDS) this.#send(deed);
    else return false;
    return true;
  }

  /** Leave what was begun; true when something was. */
  back() {
    if (!this.task) return false;
    this.offer();
    this.view.panes[0]?.node.focus();
    return true;
  }

  #send(kind) {
    const { marks, note } = this;
    this.note = null;
    this.#endDrawing();
    this.task = null;
    this.give(kind, marks, note ?? "");
  }

  #ask(task, ...nodes) {
    this.task = task;
    const back = keyed("answer side", "Esc", t("Back"), () => this.back());
    this.node.replaceChildren(make("div", { className: "asking" }, ...nodes, back));
  }

  #writeNote() {
    const input = make("input", { type: "text", maxLength: 1000, value: this.note ?? "" });
    const form = make("form", {}, make("label", {}, t("Note, sent with your answer"), input), make("button", { type: "submit", className: "answer side" }, t("Keep")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.note = input.value.trim();
      this.offer();
      this.view.panes[0]?.node.focus();
    });
    this.#ask("note", form);
    input.focus();
  }

  #draw() {
    const { panes } = this.view;
    const ready = panes.filter((pane) => pane.viewer);
    if (!ready.length) return;
    this.#ask("missed", make("p", {}, t("Draw a box around it with the mouse. By keys: arrows move it, Shift and arrows size it, Tab goes to the other view, Enter takes it.")));
    const begin = (chosen) => { for (const pane of ready) pane.offer(pane === chosen); };
    for (const pane of ready) {
      pane.draw((box) => this.#name(pane, box));
      pane.node.onfocus = () => begin(pane);
    }
    begin(ready[0]);
    ready[0].node.focus();
  }

  #name(pane, box) {
    for (const other of this.view.panes) other.node.onfocus = null;
    const mark = { view: pane.view.name, box: box.map((share) => Math.round(share * 10000) / 10000), item: null };
    for (const other of this.view.panes) if (other !== pane && other.viewer) other.draw(null);
    const field = picker(t("What is it? Enter sends; Shift and Enter adds one more box."), (item, more) => {
      this.marks.push({ ...mark, item });
      if (more) this.#draw();
      else this.#send("missed");
    });
    this.#ask("missed", field);
    field.querySelector("input").focus();
  }

  #choose() {
    const found = this.view.whole.verdict?.detected_items ?? [];
    if (!found.length) {
      this.#ask("wrong_item", make("p", {}, t("The box found nothing here. If something is there, say that it was missed.")));
      this.node.querySelector("button").focus();
      return;
    }
    if (found.length === 1) {
      this.#correct(found[0]);
      return;
    }
    const buttons = found.map((item, index) => keyed("answer side", String(index + 1), said(called(item.item)), () => this.#correct(item)));
    this.#ask("wrong_item", make("p", {}, t("Which one is wrong?")), ...buttons);
    this.node.onkeydown = (press) => {
      const item = found[Number(press.key) - 1];
      if (this.task !== "wrong_item" || !item || press.target.matches("input")) return;
      press.preventDefault();
      press.stopPropagation();
      this.#correct(item);
    };
    buttons[0].focus();
  }

  #correct(item) {
    const field = picker(t("What is it really, instead of “{item}”?", { item: called(item.item) }), (right) => {
      this.marks.push({ view: item.view ?? this.view.whole.views[0]?.name ?? "", box: item.box ?? null, item: right });
      this.#send("wrong_item");
    });
    this.#ask("wrong_item", field);
    field.querySelector("input").focus();
  }

  #endDrawing() {
    for (const pane of this.view.panes) {
      pane.node.onfocus = null;
      if (pane.viewer) pane.draw(null);
    }
  }
}
