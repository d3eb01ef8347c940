// What an officer said goes to the box from here, again and again with the same key, until the box has it on disk.
// It outlives a reload of the page and a restart of the box; an officer's words are only ever sent by that officer.

import { change, person } from "./me.js";
import { t } from "./words.js";

const KEPT = "lanewatch-outbox";
const PATIENCE = 10000;
const WAITS = [500, 1000, 2000, 4000];

export class Outbox {
  /** `changed()` is called whenever something here is another; `kept(entry)` when the box has it on disk, `replaced(entry)` when something newer stands in its way. */
  constructor(changed, kept, replaced) {
    this.kept = kept;
    this.changed = changed;
    this.replaced = replaced;
    this.entries = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    this.failures = 0;
    this.sending = false;
    addEventListener("storage", ({ key }) => { if (key === KEPT) this.#reread(); });
  }

  get mine() {
    return this.entries.filter((entry) => entry.who === person.name);
  }

  /** What the box has not acknowledged yet. */
  get waiting() {
    return this.mine.filter((entry) => entry.state === "waiting" || (entry.undo && !entry.undone && entry.state === "kept"));
  }

  get refused() {
    return this.mine.filter((entry) => entry.state === "refused");
  }

  get ofOthers() {
    return this.entries.filter((entry) => entry.who !== person.name && entry.state === "waiting");
  }

  /** The last answer that may still be undone. */
  undoable(now) {
    return this.mine.findLast((entry) => entry.address === "/api/v1/reviews" && entry.state !== "refused" && !entry.undo && (!entry.undoUntil || entry.undoUntil > now)) ?? null;
  }

  /** Keep something in this browser and send it; gives at once. */
  put(address, body, named) {
    const entry = { key: crypto.randomUUID?.() ?? randomKey(), who: person.name, at: Date.now(), address, body, named, state: "waiting", undo: false };
    entry.body = { key: entry.key, ...body };
    this.entries.push(entry);
    this.#keep();
    this.pump();
    return entry;
  }

  /** Take an answer back: what was sent is undone on the box as soon as the box has it. */
  undo(entry) {
    entry.undo = true;
    this.#keep();
    this.pump();
  }

  /** Give a refused answer again, on purpose in the place of the one that stood in its way. */
  insist(entry) {
    const { key, over, ...body } = entry.body;
    this.drop(entry);
    this.put(entry.address, { ...body, over: entry.standing.key }, entry.named);
  }

  drop(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.#keep();
  }

  /** Send what waits, one after the other. */
  async pump() {
    if (this.sending || !person.name) return;
    this.sending = true;
    try {
      for (let next = this.waiting[0]; next; next = this.waiting[0]) {
        if (await this.#send(next)) this.failures = 0;
        else {
          setTimeout(() => this.pump(), WAITS[Math.min(this.failures, WAITS.length - 1)]);
          this.failures += 1;
          return;
        }
      }
    } finally {
      this.sending = false;
      this.changed();
    }
  }

  async #send(entry) {
    const undoing = entry.state === "kept";
    try {
      const address = undoing ? `/api/v1/reviews/${encodeURIComponent(entry.key)}/undo` : entry.address;
      const answer = await change("POST", address, undoing ? {} : entry.body, { signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status === 401) location.reload(); // the door is shown; what waits here waits on
      if (answer.status === 401 || answer.status === 429 || answer.status >= 500) return false;
      const told = await answer.json();
      if (answer.ok && undoing) Object.assign(entry, { undone: true });
      else if (answer.ok) {
        Object.assign(entry, { state: "kept", undoUntil: Date.parse(told.undo_until ?? 0) });
        this.kept(entry);
      }
      else this.#refuse(entry, answer.status, told, undoing);
    } catch (problem) {
      if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError) && !["AbortError", "TimeoutError"].includes(problem.name)) throw problem;
      return false;
    }
    this.#keep();
    return true;
  }

  #refuse(entry, status, told, undoing) {
    entry.state = "refused";
    entry.trouble = undoing ? t("It can no longer be undone: {why}", { why: told.detail }) : told.detail;
    entry.now = { scan_id: told.scan_id ?? entry.body.scan_id, revision: told.revision ?? entry.body.revision };
    entry.standing = told.review ?? null;
    if (status === 409 && !undoing) this.replaced(entry);
  }

  #keep() {
    const now = Date.now();
    this.entries = this.entries.filter((entry) => entry.state !== "kept" || (!entry.undone && entry.undoUntil > now) || (entry.undo && !entry.undone));
    localStorage.setItem(KEPT, JSON.stringify(this.entries));
    this.changed();
  }

  #reread() {
    const known = new Map(this.entries.map((entry) => [entry.key, entry]));
    this.entries = JSON.parse(localStorage.getItem(KEPT) ?? "[]").map((entry) => Object.assign(known.get(entry.key) ?? {}, entry));
    this.changed();
  }
}

function randomKey() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
