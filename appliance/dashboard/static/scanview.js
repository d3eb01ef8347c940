// One scan, whole: its views side by side with their tools, the answers below, all that is known beside.

import { Answers, KINDS } from "./answers.js";
import { beside, foundIn } from "./beside.js";
import { actionOf, badgeOf, keyed, make, said } from "./parts.js";
import { Pane } from "./pane.js";
import { toolbar, tools, use } from "./tools.js";
import { t } from "./words.js";
import { forget, keyOf, load, picture } from "./wholes.js";

export class ScanView {
  /** Fills `place`. `close()` goes back to the list; `give(whole, kind, marks, note)` takes an answer. */
  constructor(place, close, give) {
    this.place = place;
    this.panes = [];
    this.whole = null;
    this.troubled = null; // the scan that could not be shown
    this.turn = 0;
    this.title = make("h2", { id: "detail-title", translate: false });
    this.badge = make("span", {});
    this.clock = make("span", { className: "due" });
    this.expiry = make("p", { className: "quiet expiry" });
    this.others = make("p", { className: "others" });
    this.others.setAttribute("role", "status");
    this.back = keyed("close", "Esc", t("Back"), close);
    this.views = make("div", { className: "views" });
    this.bar = toolbar(() => this.repaint());
    this.answers = new Answers(this, (kind, marks, note) => give(this.whole, kind, marks, note));
    this.aside = make("div", { className: "beside" });
    this.trouble = make("p", { className: "trouble" });
    this.trouble.setAttribute("role", "alert");
    const head = make("div", { className: "head" }, this.title, this.badge, this.clock, this.others, this.back);
    this.node = make("div", { className: "work" }, make("div", { className: "bench" }, head, this.expiry, this.trouble, this.views, this.bar, this.answers.node), this.aside);
  }

  /** Show a scan; what was there before is gone at once, and an answer that comes too late is dropped. */
  async show(scan) {
    const turn = ++this.turn;
    const key = keyOf(scan);
    if (this.node.parentNode !== this.place) this.place.replaceChildren(this.node);
    if (this.place.dataset.scan !== key) this.#empty(scan);
    this.troubled = null;
    this.place.dataset.scan = key;
    const whole = await load(scan);
    if (turn !== this.turn) return;
    if (whole.trouble) {
      this.#empty(scan);
      this.troubled = scan;
      this.trouble.replaceChildren(t("This scan cannot be shown now:"), " ", said(whole.trouble));
      return;
    }
    this.trouble.replaceChildren();
    this.#fill(whole);
  }

  /** The scan that is shown has changed: ask for it again and keep what is on the screen until it is there. */
  refresh(scan) {
    forget(scan);
    if (this.place.dataset.scan === keyOf(scan)) this.show(scan);
  }

  /** The box can be heard again: what could not be shown is asked for once more. */
  again() {
    if (this.troubled) this.show(this.troubled);
    for (const pane of this.panes.filter((one) => one.failed)) this.#ask(pane);
  }

  leave(hint) {
    this.turn += 1;
    this.troubled = null;
    this.#clear();
    delete this.place.dataset.action;
    delete this.place.dataset.scan;
    this.place.replaceChildren(hint);
  }

  /** Do what a key says; true when it was for here. */
  act(deed) {
    if (!this.whole) {
      if (deed in KINDS && this.node.isConnected && !this.troubled) this.trouble.replaceChildren(t("The scan is not here yet: that key answered nothing."));
      return false;
    }
    if (deed === "nearer" || deed === "farther") for (const pane of this.#meant()) pane.zoom(deed === "nearer" ? 1 : -1);
    else if (deed === "whole") for (const pane of this.panes) pane.whole();
    else if (["invert", "organic", "inorganic", "metal", "penetration", "edges", "palette", "boxes", "plain", "darker", "lighter"].includes(deed)) {
      use(deed);
      this.bar.draw();
      this.repaint();
    } else return this.answers.act(deed);
    return true;
  }

  repaint() {
    for (const pane of this.panes) pane.paint(tools);
  }

  #meant() {
    const focused = this.panes.find((pane) => pane.node.contains(document.activeElement) || pane.node.matches(":hover"));
    return focused ? [focused] : this.panes;
  }

  #empty(scan) {
    this.#clear();
    this.title.textContent = scan.scan_id;
    this.badge.replaceChildren();
    this.clock.textContent = "";
    this.expiry.textContent = "";
    this.others.replaceChildren();
    this.aside.replaceChildren(make("p", { className: "quiet" }, t("Asking the box …")));
    this.trouble.replaceChildren();
    delete this.place.dataset.action;
  }

  #clear() {
    for (const pane of this.panes) pane.destroy();
    this.panes = [];
    this.whole = null;
    this.views.replaceChildren();
    this.aside.replaceChildren();
    this.answers.offer();
  }

  #fill(whole) {
    const same = this.whole && keyOf(this.whole) === keyOf(whole);
    const begun = same && this.answers.task;
    this.whole = whole;
    this.place.dataset.action = actionOf(whole);
    this.title.textContent = whole.scan_id + (whole.revision > 1 ? ` · ${whole.revision}` : "");
    this.badge.replaceChildren(badgeOf(whole));
    this.expiry.textContent = whatExpiryDoes(whole);
    const open = this.aside.querySelector("#provenance")?.open && same;
    this.aside.replaceChildren(...beside(whole));
    if (open) this.aside.querySelector("#provenance").open = true;
    if (!same) this.#hang(whole);
    const found = foundIn(whole).map((item, index) => ({ ...item, number: index + 1 }));
    for (const pane of this.panes) pane.mark(found.filter((item) => item.box && (item.view === pane.view.name || (whole.views.length === 1 && !item.view))));
    if (!begun) this.answers.offer();
  }

  #hang(whole) {
    this.panes = whole.views.filter((view) => view.address).map((view) => new Pane(view));
    this.views.dataset.count = Math.min(this.panes.length, 4);
    this.views.replaceChildren(...(this.panes.length ? this.panes.map((pane) => pane.node) : [make("p", { className: "wait" }, t("No picture can be shown."))]));
    for (const pane of this.panes) this.#ask(pane);
  }

  async #ask(pane) {
    const bitmap = await picture(pane.view);
    if (!this.panes.includes(pane)) return;
    pane.put(bitmap, tools);
    if (bitmap) pane.mark(pane.found);
  }
}

/** What happens when the clock runs out, by the rules that judged the scan; nothing where no clock runs. */
function whatExpiryDoes(whole) {
  const action = actionOf(whole);
  if (action === "WAITING") return t("If there is no verdict when the clock runs out, the rules make it a review by an officer; never clear.");
  if (whole.reviews.some((review) => review.standing)) return "";
  if (action === "REVIEW") return t("When the clock runs out nothing is let go by itself: by the rules it stays to be reviewed until an officer answers.");
  if (action === "PHYSICAL_INSPECTION") return t("When the clock runs out nothing is let go by itself: by the rules it stays to be opened until an officer answers.");
  return "";
}
