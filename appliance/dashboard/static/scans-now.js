// The scans as the box tells of them: those to look at, most urgent first, and the last ones, newest first.

import { person } from "./me.js";
import { keyOf } from "./wholes.js";

const MOST = 60;
const SOON = 250;
const AGAIN = 20000;
const ASKS = new Set(["REVIEW", "PHYSICAL_INSPECTION"]);

const notMe = (name) => name !== person.shown;

export class Scans {
  /** `changed()` is called whenever a list is another. */
  constructor(changed) {
    this.changed = changed;
    this.open = [];
    this.all = [];
    this.openCount = null;
    this.known = false;
    this.done = new Map(); // answered since the queue was last asked for, and when: an older answer does not bring it back
    this.turn = 0;
    this.landed = 0;
    this.ahead = 0; // the box's clock may differ from this computer's
    setInterval(() => this.known && this.askSoon(), AGAIN);
  }

  find(key) {
    return this.open.find((scan) => keyOf(scan) === key) ?? this.all.find((scan) => keyOf(scan) === key) ?? null;
  }

  /** The open scans, and after them those that are still judged while the detector sees something in them already. */
  get toLookAt() {
    return [...this.open, ...this.all.filter((scan) => scan.glimpse && !scan.verdict && !scan.superseded)];
  }

  /** Ask for both lists; gives the event up to which they tell. */
  async ask() {
    const [last, lastOfQueue] = await Promise.all([this.#askAll(), this.#askOpen()]);
    this.known = true;
    this.changed();
    return Math.min(last, lastOfQueue);
  }

  /** Ask for the queue again, once for several reasons. */
  askSoon() {
    this.timer ??= setTimeout(async () => {
      this.timer = null;
      try {
        await this.#askOpen();
        this.changed();
      } catch (problem) {
        if (!(problem instanceof TypeError)) throw problem; // the notice says that the box is silent
      }
    }, SOON);
  }

  /** Take in what happened; gives the scan as it stands now, if it stands anywhere. */
  hear(kind, { document: verdict, ...told }) {
    const key = keyOf(told);
    if (kind === "looking") {
      const scan = this.open.find((one) => keyOf(one) === key);
      if (scan) scan.with = told.who.filter(notMe);
      this.changed();
      return scan;
    }
    const before = this.find(key);
    if (kind === "glimpse") {
      if (before) before.glimpse = told.findings;
      this.changed();
      return before;
    }
    if (told.superseded && !before) return null; // it was replaced, and stands nowhere here
    const { review, ...fields } = told;
    const scan = { ...before, ...fields, verdict: verdict ?? before?.verdict ?? null };
    if (this.all.some((one) => keyOf(one) === key)) this.all = this.all.map((one) => (keyOf(one) === key ? { ...one, ...scan } : one));
    else if (kind !== "review") this.all = [scan, ...this.all].slice(0, MOST);
    this.#place(scan, key, kind, review);
    this.askSoon();
    this.changed();
    return scan;
  }

  /** Put a scan where it belongs until the box is asked: at the end of its kind, never hidden. */
  #place(scan, key, kind, review) {
    const here = this.open.findIndex((one) => keyOf(one) === key);
    const asks = !scan.superseded && ASKS.has(scan.verdict?.recommended_action);
    if (kind === "review") this.answered(key, !review.undone_at);
    else if (kind === "verdict") this.done.delete(key);
    if (kind === "review" && !review.undone_at) return;
    if (here >= 0 && !asks) this.open = this.open.toSpliced(here, 1);
    else if (here >= 0) this.open = this.open.with(here, scan);
    else if (kind === "verdict" && asks) {
      const opened = scan.verdict.recommended_action === "PHYSICAL_INSPECTION";
      const end = this.open.findIndex((one) => opened && one.verdict?.recommended_action !== "PHYSICAL_INSPECTION");
      this.open = this.open.toSpliced(end < 0 ? this.open.length : end, 0, scan);
    }
  }

  /** A scan was answered, or its answer was taken back. */
  answered(key, isAnswered) {
    if (!isAnswered) this.done.delete(key);
    else {
      this.done.set(key, performance.now());
      this.open = this.open.filter((scan) => keyOf(scan) !== key);
    }
  }

  async #askOpen() {
    const turn = ++this.turn;
    const begun = performance.now();
    const { scans, open, last_event: last } = await this.#get("/api/v1/queue?limit=200");
    if (turn < this.landed) return last;
    this.landed = turn;
    for (const [key, at] of this.done) if (at < begun) this.done.delete(key);
    this.open = scans.filter((scan) => !this.done.has(keyOf(scan))).map((scan) => ({ ...scan, with: scan.with.filter(notMe) }));
    this.openCount = open;
    return last;
  }

  async #askAll() {
    const { scans, last_event: last } = await this.#get(`/api/v1/scans?limit=${MOST}`);
    this.all = scans;
    return last;
  }

  async #get(address) {
    const answer = await fetch(address);
    if (answer.status === 401 || answer.status === 403) location.reload(); // what is shown instead says how to get in
    if (!answer.ok) throw new TypeError(`${address}: ${answer.status}`);
    this.ahead = Date.parse(answer.headers.get("date")) - Date.now();
    if (Math.abs(this.ahead) < 2000) this.ahead = 0;
    return answer.json();
  }
}
