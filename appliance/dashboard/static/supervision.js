// For supervisors: what is in quarantine and why, and where officers said something else than the verdict.

import "./bar.js";
import { followAddress } from "./asking.js";
import { called, learn } from "./classes.js";
import { meet } from "./me.js";
import { badgeOf, make, said, table } from "./parts.js";
import { own, t, translatePage, when } from "./words.js";

const HELD = 20;

translatePage();
const at = (id) => document.getElementById(id);
const form = at("filters");
const asked = new URLSearchParams(location.search);

function link(scan) {
  const name = scan.scan_id + (scan.revision > 1 ? ` · ${scan.revision}` : "");
  return make("a", { href: `/scans#${encodeURIComponent(scan.scan_id)}/${scan.revision}`, translate: false }, name);
}

function toned(scan) {
  const action = scan.superseded ? "REPLACED" : scan.verdict?.recommended_action ?? scan.recommended_action ?? "WAITING";
  return make("span", { dataset: { action } }, badgeOf(scan));
}

async function asking(address, place) {
  const answer = await fetch(address);
  const told = await answer.json();
  if (answer.ok) return told;
  place.replaceChildren(make("p", { className: "wrong" }, t("The list cannot be shown:"), " ", said(told.detail ?? String(answer.status))));
  return null;
}

async function quarantine() {
  const told = await asking(`/api/v1/scans?state=quarantined&limit=${HELD}`, at("held"));
  if (!told) return;
  const rows = told.scans.map((scan) => [
    link(scan), when(scan.received_at), make("span", {}, said(scan.source), scan.lane ? ` · ${t("lane {name}", { name: scan.lane })}` : ""), scan.quarantine ?? "",
    toned(scan), scan.review ? make("span", {}, own(scan.review.kind), " · ", said(scan.review.who)) : t("not answered yet"),
  ]);
  at("held").replaceChildren(rows.length
    ? table([t("Scan"), t("Came"), t("From"), t("Why"), t("Asks for"), t("Answer")], rows)
    : make("p", {}, t("Nothing is in quarantine.")));
  if (told.next) at("held").append(make("p", { className: "quiet" }, t("The newest {n}.", { n: rows.length })));
}

const named = (items) => make("span", {}, ...items.flatMap((item, n) => [n ? ", " : "", said(called(item))]));

function row(one) {
  const verdict = one.verdict ? make("span", {}, toned({ verdict: one.verdict }), " ", one.verdict.items.length ? named(one.verdict.items) : "") : "–";
  const word = make("span", {}, make("strong", {}, own(one.kind)), one.items.length ? make("span", {}, ": ", named(one.items)) : "",
    one.note ? make("span", {}, " · ", said(one.note)) : "", one.standing ? "" : ` · ${t("replaced by a later word or verdict")}`);
  return [link(one), when(one.at), said(one.who), make("span", {}, one.lane ? said(one.lane) : "–", one.rehearsal ? ` · ${t("rehearsal")}` : ""), verdict, word, one.outcome ? own(one.outcome) : "–"];
}

async function overrides() {
  const place = at("overrides");
  const told = await asking(`/api/v1/overrides?${asked}`, place);
  if (!told) return;
  form.elements.who.append(...told.officers.map((each) => make("option", { value: each.name, translate: false, selected: asked.get("who") === each.name }, each.shown)));
  place.replaceChildren(told.overrides.length
    ? table([t("Scan"), t("Said at"), t("Officer"), t("Lane"), t("Verdict"), t("Said"), t("Search")], told.overrides.map(row))
    : make("p", {}, t("No such word.")));
  const first = new URLSearchParams(asked);
  first.delete("cursor");
  at("ways").replaceChildren(
    asked.has("cursor") ? make("a", { href: `/supervision?${first}` }, t("Newest")) : "",
    told.next ? make("a", { href: `/supervision?${told.next.split("?")[1]}`, rel: "next" }, t("Older")) : "");
}

followAddress(form, asked);

try {
  if (await meet()) location.reload();
  await learn().catch((problem) => console.warn(problem)); // without them, things are called as the models call them
  await Promise.all([quarantine(), overrides()]);
  at("told").textContent = t("As it was at {time}; this list does not change by itself.", { time: when(Date.now()) });
} catch (problem) {
  at("told").textContent = t("The box does not answer ({why}). Load this page again.", { why: problem.message });
}
