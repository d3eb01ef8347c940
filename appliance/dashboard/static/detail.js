// One scan, whole: its pictures with what was found in them, the reasons, and where they come from.

import { addressOf, badge, chips, drawing, make } from "./parts.js";

const COLUMNS = [["matched", "Declared and seen"], ["undeclared", "Seen, not declared"], ["not_seen", "Declared, not seen"], ["not_verifiable", "Cannot be seen by X-ray"]];

export async function show(place, scan, close) {
  const answer = await fetch(`${addressOf(scan)}?revision=${scan.revision}`);
  if (!answer.ok) {
    place.replaceChildren(make("p", { className: "hint" }, `This scan cannot be shown now (${answer.status}).`));
    return;
  }
  const whole = await answer.json();
  const verdict = whole.verdict;
  place.dataset.action = verdict?.recommended_action ?? "WAITING";
  const back = make("button", { className: "close", type: "button", onclick: close }, "Back to the queue");
  place.replaceChildren(
    make("div", { className: "line" }, badge(verdict?.recommended_action, verdict?.risk_level), back),
    make("h2", { id: "detail-title" }, whole.scan_id),
    make("p", {}, verdict?.reasoning ?? "No verdict yet."),
    ...[warnings(whole), pictures(whole), findings(verdict), declaration(whole), facts(whole), earlier(whole)].filter(Boolean),
  );
}

function warnings(whole) {
  const words = [...(whole.verdict?.degraded ?? []), ...whole.missing.map((view) => `view missing: ${view}`)];
  if (whole.quarantine) words.push(`in quarantine: ${whole.quarantine}`);
  if (whole.rehearsal) words.push("rehearsal, not a traveller's");
  if (whole.revision < Math.max(...whole.revisions)) words.push("a newer revision exists");
  return chips(words, "chip warn");
}

function pictures(whole) {
  const found = (whole.verdict?.detected_items ?? []).map((item, index) => ({ ...item, number: index + 1 }));
  const shown = whole.views.filter((view) => view.address);
  if (!shown.length) return make("p", { className: "quiet" }, "No picture can be shown.");
  return make("div", { className: "views" }, ...shown.map((view) => picture(view, found, shown.length)));
}

function picture(view, found, count) {
  const here = found.filter((item) => item.box && (item.view === view.name || (count === 1 && !item.view)));
  const rects = here.flatMap(({ box: [left, top, right, bottom] }) => {
    const place = { x: left, y: top, width: right - left, height: bottom - top, rx: 0.004 };
    return [["rect", { ...place, class: "under" }], ["rect", place]];
  });
  const overlay = drawing("0 0 1 1", ...rects);
  overlay.setAttribute("preserveAspectRatio", "none");
  const frame = make("div", { className: "view" }, make("img", { src: view.address, alt: `View ${view.name}`, width: view.width, height: view.height }), overlay);
  for (const item of here) {
    const mark = make("span", { className: "mark" }, String(item.number));
    mark.style.left = `${item.box[0] * 100}%`;
    mark.style.top = `${Math.max(item.box[1] * 100, 4)}%`;
    frame.append(mark);
  }
  return make("figure", {}, frame, make("figcaption", {}, `${view.name} · ${view.width} × ${view.height}`));
}

function findings(verdict) {
  if (!verdict?.detected_items.length) return null;
  const rows = verdict.detected_items.map((item, index) =>
    make("tr", {}, ...[index + 1, item.item, item.category, `${Math.round(item.confidence * 100)} %`, item.location + (item.occluded ? ", covered" : ""), item.seen_by.join(" + ")].map((cell) => make("td", {}, String(cell)))),
  );
  const head = make("tr", {}, ...["#", "Item", "Category", "Confidence", "Where", "Seen by"].map((word) => make("th", { scope: "col" }, word)));
  return make("div", {}, make("h3", {}, "Found"), make("table", { className: "found" }, make("thead", {}, head), make("tbody", {}, ...rows)));
}

function declaration(whole) {
  const rows = COLUMNS.map(([key, title]) => [title, whole.verdict?.declaration[key] ?? []]).filter(([, items]) => items.length);
  if (whole.declaration.state === "unreadable") rows.unshift(["Unreadable", [whole.declaration.problem]]);
  if (!rows.length) return whole.declaration.state === "absent" ? make("p", { className: "quiet" }, "No declaration came with this scan.") : null;
  return make("div", {}, make("h3", {}, "Declaration"), list(rows.map(([title, items]) => [title, items.join(", ")])));
}

function facts(whole) {
  const from = whole.verdict?.provenance ?? {};
  const rows = [
    ["Came", `${new Date(whole.received_at).toLocaleString()} from ${whole.source}${whole.lane ? `, lane ${whole.lane}` : ""}`],
    ["Revision", `${whole.revision} of ${whole.revisions.length}`],
    ["Judged in", whole.verdict && `${whole.verdict.processing_time_ms} ms`],
    ["Rules that fired", whole.verdict?.rules_fired.map((rule) => `${rule.id} (${rule.risk})`).join(", ")],
    ...["release", "adapter", "quantization", "engine", "rulebook", "picture"].map((key) => [key[0].toUpperCase() + key.slice(1), from[key]]),
  ];
  return make("details", {}, make("summary", {}, "Where this verdict comes from"), list(rows.filter(([, value]) => value)));
}

function earlier(whole) {
  if (!whole.earlier_verdicts.length) return null;
  const rows = whole.earlier_verdicts.map(({ at, document }) => [new Date(at).toLocaleString(), `${document.recommended_action}: ${document.reasoning}`]);
  return make("details", {}, make("summary", {}, `Earlier verdicts (${rows.length})`), list(rows));
}

function list(rows) {
  return make("dl", { className: "facts" }, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}
