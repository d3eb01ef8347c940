// One scan, whole: its pictures with what was found in them, the reasons, and where they come from.

import { actionOf, addressOf, badgeOf, chips, drawing, lacks, make, table } from "./parts.js";

const COLUMNS = [["matched", "Declared and seen"], ["undeclared", "Seen, not declared"], ["not_seen", "Declared, not seen"], ["not_verifiable", "Cannot be seen by X-ray"]];

let wanted = 0;

/** Show a scan in a place; what was there before is gone at once, and an answer that comes too late is dropped. */
export async function show(place, scan, close) {
  const turn = ++wanted;
  const back = make("button", { className: "close", type: "button", onclick: close }, "Back to the list");
  const say = (text) => place.replaceChildren(make("div", { className: "line" }, make("h2", { id: "detail-title" }, scan.scan_id), back), make("p", {}, text));
  if (place.dataset.scan !== `${scan.scan_id}\n${scan.revision}`) {
    delete place.dataset.action;
    say("Asking the box …");
  }
  place.dataset.scan = `${scan.scan_id}\n${scan.revision}`;
  const whole = await ask(`${addressOf(scan)}?revision=${scan.revision}`);
  if (turn !== wanted) return;
  if (whole.trouble) {
    delete place.dataset.action;
    say(`This scan cannot be shown now: ${whole.trouble}`);
    return;
  }
  place.dataset.action = actionOf(whole);
  place.replaceChildren(
    make("div", { className: "line" }, badgeOf(whole), back),
    make("h2", { id: "detail-title" }, whole.scan_id),
    make("p", {}, whole.verdict?.reasoning ?? "No verdict yet."),
    ...[warnings(whole), pictures(whole), findings(whole.verdict), declaration(whole), facts(whole), earlier(whole)].filter(Boolean),
  );
}

/** Forget what was asked for, so that nothing comes late. */
export function leave(place) {
  wanted += 1;
  delete place.dataset.action;
  delete place.dataset.scan;
}

async function ask(address) {
  try {
    const answer = await fetch(address);
    const told = await answer.json();
    return answer.ok ? told : { trouble: told.detail };
  } catch (problem) {
    if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError)) throw problem;
    return { trouble: "the box does not answer." };
  }
}

function warnings(whole) {
  const words = [...lacks(whole.verdict), ...whole.missing.map((view) => `view missing: ${view}`)];
  const told = words.concat(whole.verdict?.reasoning ?? "").some((text) => text.includes(whole.quarantine));
  if (whole.quarantine) words.push(told ? "in quarantine" : `in quarantine: ${whole.quarantine}`);
  if (whole.rehearsal) words.push("rehearsal, not a traveller's");
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
    [index + 1, item.item, item.category, `${Math.round(item.confidence * 100)} %`, item.location + (item.occluded ? ", covered" : ""), item.seen_by.join(" + ")],
  );
  return make("div", {}, make("h3", {}, "Found"), table(["#", "Item", "Category", "Confidence", "Where", "Seen by"], rows));
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
    ["Revision", `${whole.revision}, the newest is ${Math.max(...whole.revisions)}`],
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
