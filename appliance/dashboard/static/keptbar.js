// What became of the officer's last words: kept, not yet kept, refused, and how long they can be taken back.

import { keyWord } from "./keys.js";
import { keyed, make, said } from "./parts.js";
import { say } from "./queue.js";
import { own, t } from "./words.js";

export class KeptBar {
  /** Fills `place` from the outbox; `undo()` takes back, `look(scan)` shows the scan of an answer as it is now. */
  constructor(place, outbox, undo, look) {
    Object.assign(this, { place, outbox, look });
    this.told = make("p", {});
    this.told.setAttribute("role", "status");
    this.count = make("span", { className: "count" });
    this.undo = keyed("answer side", keyWord("undo"), t("Undo"), undo);
    this.undo.append(this.count);
    this.refused = make("div", { className: "refusals" });
    this.refused.setAttribute("role", "alert");
    place.append(this.told, this.undo, this.refused);
    this.state = "";
  }

  /** Show how things stand. */
  draw(now) {
    const { outbox } = this;
    const last = outbox.undoable(now);
    const waiting = outbox.waiting.length;
    const others = outbox.ofOthers.length;
    this.undo.hidden = !last;
    say(this.count, last?.undoUntil ? `${Math.max(0, Math.ceil((last.undoUntil - now) / 1000))} s` : "");
    const state = JSON.stringify([waiting, others, last?.key, last?.state, outbox.refused.map((entry) => entry.key)]);
    this.place.hidden = !waiting && !others && !last && !outbox.refused.length;
    if (state === this.state) return;
    this.state = state;
    this.place.classList.toggle("unkept", waiting > 0);
    const lines = [];
    if (waiting) lines.push(make("strong", {}, t("Not yet kept by the box: {n}. It is sent again until it is.", { n: waiting })));
    if (last) lines.push(make("span", {}, said(last.named), ": ", own(last.body.kind), last.state === "kept" ? ` · ${t("kept")}` : ""));
    if (others) lines.push(make("span", {}, t("Of other officers, still to be sent when they sign in here: {n}", { n: others })));
    this.told.replaceChildren(...lines.flatMap((line) => [line, " "]));
    this.refused.replaceChildren(...outbox.refused.map((entry) => this.#refusal(entry)));
  }

  /** An answer that was not taken; where another officer's stands in its way, both are named, and one may insist. */
  #refusal(entry) {
    const { outbox } = this;
    const { standing } = entry;
    const button = (words, onclick) => make("button", { type: "button", className: "answer side", onclick }, words);
    const why = standing
      ? make("span", {}, t("{who} has answered first:", { who: standing.who }), " ", make("strong", {}, own(standing.kind)), standing.note ? make("span", {}, " — ", said(standing.note)) : "", ". ", t("Yours:"), " ", make("strong", {}, own(entry.body.kind)), ".")
      : said(entry.trouble ?? "");
    return make("p", {}, make("span", {}, said(entry.named, "name"), ": ", t("your answer was not taken.")), why,
      button(t("Show the scan as it is now"), () => { if (!standing) outbox.drop(entry); this.look(entry.now); }),
      standing ? button(t("Replace it by mine"), () => outbox.insist(entry)) : null,
      button(t("Dismiss"), () => outbox.drop(entry)));
  }
}
