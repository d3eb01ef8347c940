// All scans, page by page. What is picked out, the page and the scan that is open all stand in the address.

import "./bar.js";
import { followAddress } from "./asking.js";
import { learn } from "./classes.js";
import { KeptBar } from "./keptbar.js";
import { listen } from "./keys.js";
import { may, meet } from "./me.js";
import { askOutcome } from "./outcome.js";
import { Outbox } from "./outbox.js";
import { badgeOf, make, said, table } from "./parts.js";
import { ScanView } from "./scanview.js";
import { forget, inAddress } from "./wholes.js";
import { t, translatePage, when } from "./words.js";

translatePage();
const form = document.getElementById("filters");
const detail = document.getElementById("detail");
const hint = detail.firstElementChild;
const told = document.getElementById("told");
const asked = new URLSearchParams(location.search);
const close = () => { location.hash = ""; };
const view = new ScanView(detail, close, (whole, kind, marks, note) => {
  const { scan_id, revision, verdict_id: verdict } = whole;
  outbox.put("/api/v1/reviews", { scan_id, revision, verdict: verdict ?? null, kind, marks, note }, scan_id);
});
const outbox = new Outbox(changed, (entry) => view.refresh(entry.body), (entry) => view.refresh(entry.body));
const bar = new KeptBar(document.getElementById("kept"), outbox, undo, (scan) => { location.hash = `${encodeURIComponent(scan.scan_id)}/${scan.revision}`; });

followAddress(form, asked);

function row(scan) {
  const name = scan.scan_id + (scan.revision > 1 ? ` · ${scan.revision}` : "");
  const link = make("a", { href: `#${encodeURIComponent(scan.scan_id)}/${scan.revision}`, translate: false }, name);
  const tone = make("span", { dataset: { action: scan.superseded ? "REPLACED" : scan.recommended_action ?? "WAITING" } }, badgeOf(scan));
  const from = make("span", {}, scan.lane ? `${t("lane {name}", { name: scan.lane })} · ` : "", said(scan.source), scan.rehearsal ? ` · ${t("rehearsal")}` : "");
  return [link, tone, make("span", {}, when(scan.received_at)), from];
}

/** The address of all that is picked out, as a file. */
function file(format) {
  const wanted = new URLSearchParams(asked);
  wanted.delete("cursor");
  wanted.set("format", format);
  return `/api/v1/scans?${wanted}`;
}

async function list() {
  const answer = await fetch(`/api/v1/scans?${asked}`);
  const { scans, next, reached, detail: trouble } = await answer.json();
  if (!answer.ok) {
    told.replaceChildren(t("The list cannot be shown:"), " ", said(trouble));
    return;
  }
  told.textContent = [t("As it was at {time}; this list does not change by itself.", { time: when(Date.now()) }), reached ? t("Looked through back to {at}; go on to older ones.", { at: when(reached) }) : scans.length ? "" : t("There is no such scan.")].join(" ");
  document.getElementById("rows").replaceChildren(table([t("Scan"), t("Asks for"), t("Came"), t("From")], scans.map(row)));
  const first = new URLSearchParams(asked);
  first.delete("cursor");
  document.getElementById("ways").append(
    asked.has("cursor") ? make("a", { href: `/scans?${first}` }, t("Newest")) : "",
    next ? make("a", { href: `/scans?${next.split("?")[1]}`, rel: "next" }, t("Older")) : "",
    make("a", { href: file("csv"), download: "scans.csv" }, t("As a CSV file")), make("a", { href: file("jsonl"), download: "scans.jsonl" }, t("As a JSON file")),
  );
}

function open() {
  const wanted = inAddress();
  document.body.classList.toggle("chosen", Boolean(wanted));
  if (wanted) {
    view.show(wanted);
    detail.focus();
  } else view.leave(hint);
}

function changed() {
  bar.draw(Date.now());
}

function undo() {
  const entry = outbox.undoable(Date.now());
  if (entry) forget(entry.body), outbox.undo(entry);
}

listen((deed) => {
  if (deed === "undo") undo();
  else if (deed === "outcome" && view.whole?.verdict && may("judge")) {
    const { scan_id, revision } = view.whole;
    askOutcome(view.whole, (given) => outbox.put("/api/v1/outcomes", { scan_id, revision, ...given }, scan_id));
  } else return view.act(deed);
  return true;
});
addEventListener("hashchange", open);
document.addEventListener("keydown", (press) => { if (press.key === "Escape" && location.hash && !document.querySelector("dialog[open]") && !view.answers.back()) close(); });
setInterval(() => bar.draw(Date.now()), 1000);

try {
  if (await meet()) location.reload();
  list().catch(silent);
  learn().then(() => view.whole && view.show(view.whole), (problem) => console.warn(problem));
  outbox.pump();
  open();
} catch (problem) {
  silent(problem);
}

function silent(problem) {
  told.textContent = t("The box does not answer ({why}). Load this page again.", { why: problem.message });
}
