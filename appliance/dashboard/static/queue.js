// The list of scans as cards: each is made once and then only changed, so that nothing flickers and no place is lost.

import { called } from "./classes.js";
import { foundIn, percent, reasonOf } from "./beside.js";
import { actionOf, badgeOf, chips, lacks, make, said } from "./parts.js";
import { ago, left, t } from "./words.js";
import { keyOf } from "./wholes.js";

/** The moment an officer must have answered by, in milliseconds. */
export const dueOf = (scan) => (scan.due_at === null || scan.due_at === undefined ? NaN : Date.parse(scan.due_at));

export class Queue {
  /** Fills the list `place`; `choose(scan)` is called when a card is pressed. */
  constructor(place, choose) {
    this.place = place;
    this.choose = choose;
    this.cards = new Map();
    this.chosen = null;
    this.pending = new Set();
  }

  /** Show these scans in this order. */
  show(scans, open) {
    const focused = document.activeElement;
    const wanted = scans.map((scan) => this.#card(scan, open));
    for (const [key, item] of this.cards) if (!wanted.includes(item)) this.cards.delete(key), item.remove();
    wanted.forEach((item, at) => { if (this.place.children[at] !== item) this.place.insertBefore(item, this.place.children[at] ?? null); });
    if (focused !== document.activeElement && this.place.contains(focused)) focused.focus();
  }

  /** Words have changed: write every card anew. */
  forget() {
    for (const item of this.cards.values()) item.state = "";
  }

  /** Say which scan is open. */
  mark(key) {
    this.chosen = key;
    for (const [name, item] of this.cards) item.firstElementChild.setAttribute("aria-pressed", String(name === key));
  }

  focus(key) {
    const item = this.cards.get(key) ?? this.place.firstElementChild;
    item?.firstElementChild.focus();
  }

  move(step) {
    const cards = [...this.place.children].map((item) => item.firstElementChild);
    const at = cards.indexOf(document.activeElement);
    const from = at < 0 ? cards.findIndex((card) => card.getAttribute("aria-pressed") === "true") : at;
    cards[Math.min(Math.max(from + step, 0), cards.length - 1)]?.focus();
  }

  /** Ages and clocks go on. */
  tick(now) {
    for (const item of this.cards.values()) this.#tick(item, now);
  }

  #card(scan, open) {
    const key = keyOf(scan);
    const item = this.cards.get(key) ?? this.#made(key, scan);
    const state = JSON.stringify([open, this.pending.has(key), scan.verdict?.recommended_action, reasonOf(scan.verdict ?? {}), scan.superseded, scan.glimpse, scan.with, scan.why_first, scan.due_at, scan.lane, scan.picture]);
    item.scan = scan;
    if (item.state !== state) {
      item.state = state;
      this.#fill(item, open);
    }
    return item;
  }

  #made(key, scan) {
    const item = make("li", {});
    item.stage = make("span", { className: "stage" });
    item.words = make("span", { className: "said" });
    item.top = make("span", { className: "line" });
    item.more = make("span", { className: "said more" });
    const card = make("button", { className: "card", type: "button", onclick: () => this.choose(item.scan) }, item.top, item.stage, item.words, item.more);
    card.setAttribute("aria-pressed", String(this.chosen === key));
    item.append(card);
    this.cards.set(key, item);
    if (scan.picture) {
      const image = make("img", { src: scan.picture, alt: "", loading: "lazy", decoding: "async" });
      image.onerror = () => item.stage.replaceChildren(t("picture not shown"));
      item.stage.append(image);
    } else item.stage.append(t("no picture"));
    return item;
  }

  #fill(item, open) {
    const { scan } = item;
    const { verdict } = scan;
    item.dataset.action = actionOf(scan);
    const pending = this.pending.has(keyOf(scan));
    item.classList.toggle("answered", pending);
    item.age = make("span", {});
    item.due = make("span", { className: "due" });
    const best = new Map();
    for (const thing of foundIn(scan)) best.set(thing.item, Math.max(thing.confidence, best.get(thing.item) ?? 0));
    const found = [...best].map(([thing, confidence]) => said(`${called(thing)} ${percent(confidence)}`));
    const warn = [...(pending ? [t("answered, not yet kept by the box")] : []), ...(scan.with?.length ? [make("span", {}, t("looked at by"), " ", said(scan.with.join(", ")))] : []), ...lacks(verdict), ...(scan.rehearsal ? [t("rehearsal")] : [])];
    item.top.replaceChildren(badgeOf(scan, !open), item.due);
    item.words.replaceChildren(...[
      said(scan.scan_id + (scan.revision > 1 ? ` · ${scan.revision}` : ""), "name"),
      make("span", { className: "quiet" }, item.age, " · ", scan.lane ? t("lane {name}", { name: scan.lane }) : "", scan.lane ? " · " : "", said(scan.source)),
    ]);
    item.more.replaceChildren(...[
      open ? whyFirst(scan.why_first) : null,
      verdict ? make("span", { className: "why", translate: false }, reasonOf(verdict)) : scan.glimpse ? make("span", { className: "why" }, t("Seen by the detector so far")) : null,
      open && verdict ? null : chips(found), chips(warn, "chip warn"),
    ].filter(Boolean));
    this.#tick(item, this.now ?? Date.now());
  }

  #tick(item, now) {
    this.now = now;
    say(item.age, ago(Date.parse(item.scan.received_at), now));
    const due = dueOf(item.scan);
    say(item.due, Number.isNaN(due) ? "" : left(due, now));
    item.due.classList.toggle("over", due < now);
  }
}

/** Why a scan stands where it stands, in words. */
function whyFirst(why) {
  if (!why) return null;
  const reasons = [why.overdue && t("overdue"), why.action === "PHYSICAL_INSPECTION" && t("to be opened"), why.risk === "high" && t("high risk"), why.disagreement && t("detector and model disagree")].filter(Boolean);
  return reasons.length ? make("span", { className: "first" }, t("First because: {reasons}", { reasons: reasons.join(", ") })) : null;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
