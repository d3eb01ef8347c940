// What stands beside the pictures: risk and action, why, declared against found, what lacked, and where it all comes from.

import { called } from "./classes.js";
import { actionOf, badgeOf, chips, lacks, list, make, said, table } from "./parts.js";
import { language, own, t, when } from "./words.js";

const COLUMNS = [
  ["matched", () => t("Declared and seen")], ["undeclared", () => t("Seen, not declared")],
  ["not_seen", () => t("Declared, not seen")], ["not_verifiable", () => t("Cannot be seen by X-ray")],
];

/** A verdict's paragraph in the officer's language. */
export const reasonOf = (verdict) => verdict.reasonings?.[language] ?? verdict.reasoning;

/** What was found in a scan; until there is a verdict, what the detector alone sees. */
export const foundIn = (scan) => scan.verdict?.detected_items ?? scan.glimpse ?? [];

export const percent = (share) => `${Math.round(share * 100)} %`;

/** All of it for a scan, top to bottom. */
export function beside(whole) {
  const { verdict } = whole;
  return [
    verdict ? make("p", { className: "reason", translate: false }, reasonOf(verdict)) : make("p", {}, t("No verdict yet.")),
    warnings(whole), answered(whole), findings(whole), declaration(whole), rules(verdict), outcomes(whole), consignee(whole), provenance(whole), earlier(whole),
  ].filter(Boolean);
}

function part(title, ...children) {
  return make("section", {}, make("h3", {}, title), ...children);
}

function warnings(whole) {
  const words = [...lacks(whole.verdict), ...whole.missing.map((view) => make("span", {}, t("view missing:"), " ", said(view)))];
  const reasons = (whole.verdict?.degraded ?? []).concat(whole.verdict?.reasoning ?? "");
  if (whole.quarantine && reasons.some((text) => text.includes(whole.quarantine))) words.push(t("in quarantine"));
  else if (whole.quarantine) words.push(make("span", {}, t("in quarantine:"), " ", said(whole.quarantine)));
  for (const loosened of whole.verdict?.loosened ?? []) words.push(make("span", {}, t("loosened at this site:"), " ", said(loosened)));
  if (whole.rehearsal) words.push(t("rehearsal, not a traveller's"));
  return chips(words, "chip warn");
}

function answered(whole) {
  if (!whole.reviews.length) return null;
  const rows = whole.reviews.map((review) => {
    const marks = review.marks.map(({ item, view }) => [item && called(item), view].filter(Boolean).join(" · ")).filter(Boolean).join("; ");
    const word = make("span", {}, own(review.kind), review.undone_at ? ` (${t("undone")})` : "", marks ? ": " : "", said([marks, review.note].filter(Boolean).join(" — ")));
    return [make("span", {}, said(review.who), " ", make("span", { className: "quiet" }, when(review.at))), word];
  });
  return part(t("Said by officers"), list(rows));
}

function findings(whole) {
  const items = foundIn(whole);
  if (!items.length) return null;
  const rows = items.map((item, index) => make("li", {},
    make("span", { className: "number", translate: false }, String(index + 1)),
    make("span", {}, said(called(item.item), "name"), " ", said(percent(item.confidence)), item.confidence < 0.5 ? ` (${t("unsure")})` : ""),
    make("span", { className: "quiet" }, [own(item.location), item.occluded && t("covered by something")].filter(Boolean).join(" · "), " · ", t("seen by {who}", { who: item.seen_by.map(own).join(" + ") }))));
  const key = make("p", { className: "quiet legend" },
    make("span", { className: "line-detector" }, said("D "), own("detector")), make("span", { className: "line-vlm" }, said("V "), own("vlm")), make("span", { className: "line-both" }, said("D+V "), t("both")));
  return part(whole.verdict ? t("Found") : t("Seen by the detector so far"), make("ol", { className: "items" }, ...rows), key);
}

function declaration(whole) {
  const match = whole.verdict?.declaration;
  const parts = [];
  if (whole.declaration.state === "unreadable") parts.push(make("p", { className: "warnline" }, t("The declaration cannot be read:"), " ", said(whole.declaration.problem)));
  if (whole.declaration.state === "absent") parts.push(make("p", { className: "quiet" }, t("No declaration came with this scan.")));
  if (match && COLUMNS.some(([key]) => match[key].length)) {
    const cells = COLUMNS.map(([key, title]) => make("div", { dataset: { column: key } }, make("h4", {}, title()),
      match[key].length ? make("ul", {}, ...match[key].map((word) => make("li", { translate: false }, key === "undeclared" ? called(word) : word))) : make("p", { className: "quiet" }, "—")));
    parts.push(make("div", { className: "four" }, ...cells));
  }
  return parts.length ? part(t("Declared against found"), ...parts) : null;
}

function rules(verdict) {
  if (!verdict?.rules_fired.length) return null;
  const rows = verdict.rules_fired.map((rule) => make("li", {}, said(rule.messages?.[language] ?? rule.message), " ", make("span", { className: "quiet" }, said(rule.id), ` · ${own(rule.risk)}`)));
  return part(t("Rules that fired"), make("ul", { className: "plainlist" }, ...rows));
}

function outcomes(whole) {
  if (!whole.outcomes.length) return null;
  const rows = whole.outcomes.map((one) => {
    const things = one.found.map(({ item, quantity }) => `${quantity} × ${called(item)}`).join(", ");
    return [make("span", {}, said(one.who), " ", make("span", { className: "quiet" }, when(one.at))), make("span", {}, own(one.kind), things || one.note ? ": " : "", said([things, one.note].filter(Boolean).join(" — ")))];
  });
  return part(t("Result of the search"), list(rows));
}

function consignee(whole) {
  if (!whole.earlier_of_consignee.length) return null;
  const rows = whole.earlier_of_consignee.map((scan) => make("li", { dataset: { action: actionOf(scan) } },
    make("a", { href: `/scans#${encodeURIComponent(scan.scan_id)}/${scan.revision}`, translate: false }, scan.scan_id), badgeOf(scan), make("span", { className: "quiet" }, when(scan.received_at))));
  return part(t("Earlier scans of the same consignee"), make("ul", { className: "plainlist before" }, ...rows));
}

function provenance(whole) {
  const { verdict } = whole;
  const from = verdict?.provenance ?? {};
  const rows = [
    [t("Came"), make("span", {}, when(whole.received_at), ", ", said(whole.source), whole.lane ? make("span", {}, ", ", t("lane {name}", { name: whole.lane })) : "")],
    [t("Revision"), t("{n}, the newest is {newest}", { n: whole.revision, newest: Math.max(...whole.revisions) })],
    [t("Judged in"), verdict && `${verdict.processing_time_ms} ms`],
    [t("Threat level"), from.level], [t("Release"), from.release], [t("Adapter"), from.adapter], [t("Quantization"), from.quantization],
    [t("Engine"), from.engine], [t("Rulebook"), from.rulebook], [t("Picture"), from.picture], [t("Box software"), from.app],
    ...Object.entries(verdict?.timings_ms ?? {}).map(([name, ms]) => [t("Time for {step}", { step: name }), `${Math.round(ms)} ms`]),
  ];
  const lines = (verdict?.declaration.lines ?? []).map((line) => [line.text, line.understood.map((one) => called(one.item)).join(", ") || "?", line.quantity ?? "", line.seen]);
  const understood = lines.length ? make("div", {}, make("h4", {}, t("How the declaration was understood")), table([t("Line"), t("Understood as"), t("Declared"), t("Seen")], lines)) : null;
  return make("details", { id: "provenance" }, make("summary", {}, t("Where this verdict comes from")), list(rows.filter(([, value]) => value)), understood);
}

function earlier(whole) {
  if (!whole.earlier_verdicts.length) return null;
  const rows = whole.earlier_verdicts.map(({ at, document }) => [when(at), make("span", {}, badgeOf({ verdict: document }), " ", said(reasonOf(document)))]);
  return make("details", {}, make("summary", {}, t("Earlier verdicts: {n}", { n: rows.length })), list(rows));
}
