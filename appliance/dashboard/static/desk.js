// The live queue: the last scans, newest first, kept up to date by the box's events.

import { leave, show } from "./detail.js";
import { Feed } from "./feed.js";
import { actionOf, ago, badgeOf, chips, lacks, make } from "./parts.js";

const MOST = 60;
const STALE_SECONDS = 8; // the box lets hear from itself every 3 s
const LOST_SECONDS = 3; // a broken connection gets one more try before everybody is told
const READY_EVERY = 10000;

const queue = document.getElementById("queue");
const detail = document.getElementById("detail");
const hint = detail.firstElementChild;
const cards = new Map();
let chosen = null;
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
  if (!scan.picture) return make("span", { className: "stage" }, "no picture");
  const stage = make("span", { className: "stage" });
  const image = make("img", { src: scan.picture, alt: "", loading: "lazy", decoding: "async" });
  image.onerror = () => stage.replaceChildren("picture not shown");
  stage.append(image);
  return stage;
}

function render(item) {
  const { scan } = item;
  const verdict = scan.verdict;
  item.dataset.action = actionOf(scan);
  const had = item.firstElementChild === document.activeElement;
  const found = (verdict?.detected_items ?? []).map((thing) => `${thing.item} ${Math.round(thing.confidence * 100)} %`);
  const warn = [...lacks(verdict), ...(scan.rehearsal ? ["rehearsal"] : [])];
  item.age = make("span", { className: "quiet" });
  const said = make("span", { className: "said" },
    make("span", { className: "line" }, badgeOf(scan), item.age),
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
  document.body.classList.toggle("chosen", Boolean(item));
  before?.firstElementChild.setAttribute("aria-pressed", "false");
  if (!item) {
    leave(detail);
    detail.replaceChildren(hint);
    before?.firstElementChild.focus();
    return;
  }
  item.firstElementChild.setAttribute("aria-pressed", "true");
  show(detail, item.scan, () => choose(null));
  if (matchMedia("(max-width: 63.99em)").matches) {
    detail.focus();
    scrollTo(0, 0);
  }
}

function hear(kind, { document: verdict, ...told }) {
  const key = keyOf(told);
  if (told.superseded && !cards.has(key)) return; // it was replaced, and stands nowhere here
  put({ ...told, verdict }, true);
  if (chosen === key) show(detail, cards.get(key).scan, () => choose(null));
  settle();
}

function settle() {
  const wanted = document.querySelector("input[name=show]:checked").value;
  let visible = 0;
  for (const item of queue.children) {
    item.hidden = wanted === "open" && ["CLEAR", "REPLACED"].includes(item.dataset.action);
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

function clock(moment) {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

function tick() {
  for (const item of queue.children) tickOne(item);
  const stale = feed.silence > (feed.open ? STALE_SECONDS : LOST_SECONDS);
  const state = stale ? "stale" : feed.open ? "live" : "starting";
  document.body.dataset.state = state;
  say(document.getElementById("pulse"), { stale: "Not live", live: "Live", starting: "Connecting …" }[state]);
  say(document.getElementById("clock"), clock(Date.now()));
  if (document.getElementById("stale").hidden === stale) alarm(stale);
  const seconds = Math.floor(feed.silence);
  say(document.getElementById("silence"), stale ? `Nothing heard for ${seconds < 60 ? "" : `${Math.floor(seconds / 60)} min `}${seconds % 60} s. Trying again.` : "");
}

function alarm(stale) {
  document.getElementById("stale").hidden = !stale;
  document.getElementById("alarm").replaceChildren(...(stale ? [
    make("h2", {}, `Not live since ${clock(feed.since)}`),
    make("p", {}, "What stands below is old. Let nothing pass because of it: look at every bag yourself until this notice is gone."),
    make("p", {}, "If it stays, is the box switched on and its network plugged in? Who looks after it asks: ", make("code", {}, "lanewatch status --config FILE")),
  ] : []));
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
  if (answer.status === 401 || answer.status === 403) location.reload(); // what is shown instead says how to get in
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

tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick); // nobody ticks while the page lies under another
setInterval(askReady, READY_EVERY);
askReady();
startForGood();
