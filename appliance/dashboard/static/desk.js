// The live queue: the last scans, newest first, kept up to date by the box's events.

import { show } from "./detail.js";
import { Feed } from "./feed.js";
import { addressOf, ago, badge, chips, make } from "./parts.js";

const MOST = 60;
const STALE_SECONDS = 12;
const READY_EVERY = 10000;

const queue = document.getElementById("queue");
const detail = document.getElementById("detail");
const hint = detail.firstElementChild;
const cards = new Map();
let chosen = null;
let asking = null;
let clockAhead = 0; // the box's clock may differ from this computer's

const keyOf = (scan) => `${scan.scan_id}\n${scan.revision}`;

function put(scan, first) {
  const key = keyOf(scan);
  let item = cards.get(key);
  if (!item) {
    item = make("li", {});
    item.picture = picture(scan);
    item.scan = scan;
    cards.set(key, item);
    if (first) queue.prepend(item);
    else queue.append(item);
    for (const old of [...queue.children].slice(MOST)) {
      cards.delete(keyOf(old.scan));
      old.remove();
    }
  }
  item.scan = { ...item.scan, ...scan, verdict: scan.verdict ?? item.scan.verdict };
  render(item);
}

function picture(scan) {
  const stage = make("span", { className: "stage" });
  const image = make("img", { src: `${addressOf(scan)}/views/1.png?revision=${scan.revision}`, alt: "", loading: "lazy", decoding: "async" });
  image.onerror = () => stage.replaceChildren("no picture");
  stage.append(image);
  return stage;
}

function render(item) {
  const { scan } = item;
  const verdict = scan.verdict;
  const action = verdict?.recommended_action;
  item.dataset.action = action ?? "WAITING";
  const had = item.firstElementChild === document.activeElement;
  const found = (verdict?.detected_items ?? []).map((thing) => `${thing.item} ${Math.round(thing.confidence * 100)} %`);
  const warn = [...(verdict?.degraded ?? []), ...(scan.rehearsal ? ["rehearsal"] : [])];
  item.age = make("span", { className: "quiet" });
  const said = make("span", { className: "said" },
    make("span", { className: "line" }, badge(action, verdict?.risk_level), item.age),
    make("span", { className: "name" }, scan.scan_id + (scan.revision > 1 ? ` · revision ${scan.revision}` : "")),
    make("span", { className: "quiet" }, [scan.lane && `lane ${scan.lane}`, scan.source].filter(Boolean).join(" · ")),
    verdict ? make("span", { className: "why" }, verdict.reasoning) : null,
    chips(found), chips(warn, "chip warn"));
  const card = make("button", { className: "card", type: "button", onclick: () => choose(item) }, item.picture, said);
  card.setAttribute("aria-pressed", String(chosen === keyOf(scan)));
  item.replaceChildren(card);
  if (had) card.focus();
  tickOne(item);
}

function choose(item) {
  const before = cards.get(chosen);
  chosen = item ? keyOf(item.scan) : null;
  before?.firstElementChild.setAttribute("aria-pressed", "false");
  if (!item) {
    delete detail.dataset.action;
    detail.replaceChildren(hint);
    before?.firstElementChild.focus();
    return;
  }
  item.firstElementChild.setAttribute("aria-pressed", "true");
  show(detail, item.scan, () => choose(null)).then(() => {
    if (matchMedia("(max-width: 63.99em)").matches) detail.scrollIntoView();
  });
}

function hear(kind, told) {
  const scan = { scan_id: told.scan_id, revision: told.revision, source: told.source };
  if (kind === "received") {
    put({ ...scan, received_at: told.at }, true);
    askList();
  }
  else if (kind === "verdict" && (cards.has(keyOf(scan)) || told.document)) {
    put({ ...scan, verdict: told.document, ...(cards.has(keyOf(scan)) ? {} : { received_at: told.at }) }, true);
    if (chosen === keyOf(scan)) show(detail, scan, () => choose(null));
  }
  settle();
}

/** What an event does not tell of a new scan, its lane for one, the list does; asked for once a second at most. */
function askList() {
  asking ??= setTimeout(async () => {
    asking = null;
    try {
      const answer = await fetch(`/api/v1/scans?limit=${MOST}`);
      if (answer.ok) (await answer.json()).scans.filter((scan) => cards.has(keyOf(scan))).forEach((scan) => put(scan, false));
    } catch (problem) {
      if (!(problem instanceof TypeError)) throw problem; // not reachable: the notice says so
    }
    settle();
  }, 1000);
}

function settle() {
  const wanted = document.querySelector("input[name=show]:checked").value;
  let visible = 0;
  for (const item of queue.children) {
    item.hidden = wanted === "open" && item.dataset.action === "CLEAR";
    visible += !item.hidden;
  }
  document.getElementById("empty").hidden = cards.size > 0;
  document.getElementById("nothing-open").hidden = !cards.size || visible > 0;
}

function tickOne(item) {
  item.age.textContent = ago(Date.parse(item.scan.received_at), Date.now() + clockAhead);
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function tick() {
  for (const item of queue.children) tickOne(item);
  const stale = feed.silence > STALE_SECONDS;
  const state = stale ? "stale" : feed.open ? "live" : "starting";
  document.querySelector(".pulse").dataset.state = state;
  say(document.getElementById("pulse"), { stale: "Not live", live: "Live", starting: "Connecting …" }[state]);
  const notice = document.getElementById("stale");
  notice.hidden = !stale;
  say(notice, stale ? `No news for ${Math.floor(feed.silence)} s. What is shown may be old; trying again.` : "");
}

async function askReady() {
  const notice = document.getElementById("unready");
  try {
    const { ready, reasons } = await (await fetch("/readyz")).json();
    notice.hidden = ready;
    say(notice, ready ? "" : `A scan would not be judged by the machine now: ${reasons.join("; ")}`);
  } catch (problem) {
    if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError)) throw problem;
    notice.hidden = true; // not reachable: the other notice says so
  }
}

function move(step) {
  const open = [...queue.children].filter((item) => !item.hidden).map((item) => item.firstElementChild);
  const at = open.indexOf(document.activeElement);
  open[Math.min(Math.max(at + step, 0), open.length - 1)]?.focus();
}

document.addEventListener("keydown", (press) => {
  if (press.ctrlKey || press.metaKey || press.altKey || document.activeElement?.matches("input")) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[press.key];
  if (step && !detail.contains(document.activeElement)) {
    press.preventDefault();
    move(step);
  } else if (press.key === "Escape" && chosen) choose(null);
});
document.querySelector(".choice").addEventListener("change", settle);
document.getElementById("example").textContent =
  `curl ${location.origin}/api/v1/scans \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -F top=@picture.png`;

const feed = new Feed("/api/v1/events", hear);

async function start() {
  const answer = await fetch(`/api/v1/scans?limit=${MOST}`);
  if (!answer.ok) throw new Error(`the list of scans: ${answer.status}`);
  clockAhead = Date.parse(answer.headers.get("date")) - Date.now();
  if (Math.abs(clockAhead) < 2000) clockAhead = 0;
  const { scans, last_event: last } = await answer.json();
  for (const scan of scans) put(scan, false);
  settle();
  feed.follow(last);
}

async function startForGood() {
  for (;;) {
    try {
      return await start();
    } catch (problem) {
      console.warn(problem);
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

setInterval(tick, 1000);
setInterval(askReady, READY_EVERY);
askReady();
startForGood();
