// All scans, page by page. What is picked out, the page and the scan that is open all stand in the address.

import { leave, show } from "./detail.js";
import { badgeOf, make, table } from "./parts.js";

const form = document.getElementById("filters");
const detail = document.getElementById("detail");
const hint = detail.firstElementChild;
const asked = new URLSearchParams(location.search);

const timed = (name) => form.elements[name]?.type === "datetime-local";

for (const [name, value] of asked) {
  const moment = new Date(value);
  if (timed(name) && !Number.isNaN(moment.valueOf())) form.elements[name].value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  else if (form.elements[name]) form.elements[name].value = value;
}
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (!value) formData.delete(name);
    else if (timed(name)) formData.set(name, new Date(value).toISOString());
  }
});

function row(scan) {
  const link = make("a", { href: `#${encodeURIComponent(scan.scan_id)}/${scan.revision}` }, scan.scan_id + (scan.revision > 1 ? ` · revision ${scan.revision}` : ""));
  const tone = make("span", { dataset: { action: scan.superseded ? "REPLACED" : scan.recommended_action ?? "WAITING" } }, badgeOf(scan));
  return [link, tone, new Date(scan.received_at).toLocaleString(), [scan.lane && `lane ${scan.lane}`, scan.source, scan.rehearsal && "rehearsal"].filter(Boolean).join(" · ")];
}

async function list() {
  const answer = await fetch(`/api/v1/scans?${asked}`);
  const { scans, next, detail: trouble } = await answer.json();
  const told = document.getElementById("told");
  if (!answer.ok) {
    told.textContent = `The list cannot be shown: ${trouble}`;
    return;
  }
  told.textContent = `As it was at ${new Date().toLocaleString()}; this list does not change by itself.${scans.length ? "" : " There is no such scan."}`;
  document.getElementById("rows").replaceChildren(table(["Scan", "Asks for", "Came", "From"], scans.map(row)));
  const first = new URLSearchParams(asked);
  first.delete("cursor");
  document.getElementById("ways").append(
    asked.has("cursor") ? make("a", { href: `/scans?${first}` }, "Newest") : "",
    next ? make("a", { href: `/scans?${next.split("?")[1]}`, rel: "next" }, "Older") : "",
  );
}

function open() {
  const [name, revision] = location.hash.slice(1).split("/");
  document.body.classList.toggle("chosen", Boolean(revision));
  if (revision) {
    show(detail, { scan_id: decodeURIComponent(name), revision }, () => { location.hash = ""; });
    detail.focus();
  } else {
    leave(detail);
    detail.replaceChildren(hint);
  }
}

addEventListener("hashchange", open);
document.addEventListener("keydown", (press) => { if (press.key === "Escape" && location.hash) location.hash = ""; });
open();
list().catch((problem) => { document.getElementById("told").textContent = `The box does not answer (${problem.message}). Load this page again.`; });
