// The officer's desk: what is to be looked at, most urgent first; one scan whole; one key, and the next one is there.

import "./bar.js";
import { learn } from "./classes.js";
import { showKeys, showSettings } from "./dialogs.js";
import { KeptBar } from "./keptbar.js";
import { keyWord, listen } from "./keys.js";
import { live } from "./live.js";
import { change, may, meet, person } from "./me.js";
import { askOutcome } from "./outcome.js";
import { Outbox } from "./outbox.js";
import { make } from "./parts.js";
import { Queue, dueOf, say } from "./queue.js";
import { ScanView } from "./scanview.js";
import { Scans } from "./scans-now.js";
import { ring, switchSound, wanted as soundWanted } from "./sound.js";
import { forget, inAddress, keyOf, load } from "./wholes.js";
import { left, t, translatePage } from "./words.js";

const LOOK_AGAIN = 25000;
const PRELOADED = 2;
const SHOWN = 50; // by then what was chosen stands on the screen, and what goes over the network takes no time from it

translatePage();
const at = (id) => document.getElementById(id);
const place = at("detail");
const hint = place.firstElementChild;
const scans = new Scans(draw);
const queue = new Queue(at("queue"), choose);
const view = new ScanView(place, () => choose(null), answer);
const outbox = new Outbox(changed, kept, replaced);
const bar = new KeptBar(at("kept"), outbox, undo, choose);
let chosen = null;

const isOpen = () => document.querySelector("input[name=show]:checked").value === "open";

function draw() {
  const open = isOpen();
  const shown = open ? scans.toLookAt : scans.all;
  queue.pending = new Set(outbox.waiting.filter((entry) => !entry.undo && entry.address === "/api/v1/reviews").map((entry) => keyOf(entry.body)));
  queue.show(shown, open);
  say(at("number"), scans.openCount === null ? "" : ` ${scans.openCount}`);
  at("empty").hidden = !scans.known || scans.all.length > 0;
  at("nothing-open").hidden = !scans.known || !open || !scans.all.length || shown.length > 0;
  say(at("queue-title"), open ? t("Scans to look at, most urgent first") : t("Last scans, newest first"));
  others();
}

function choose(scan) {
  const before = chosen;
  chosen = scan ? keyOf(scan) : null;
  document.body.classList.toggle("chosen", Boolean(scan));
  queue.mark(chosen);
  history.replaceState(null, "", scan ? `#${encodeURIComponent(scan.scan_id)}/${scan.revision}` : location.pathname);
  setTimeout(() => {
    if (chosen !== (scan && keyOf(scan))) return;
    looking(scan);
    if (scan) for (const next of following().slice(0, PRELOADED)) load(next);
  }, SHOWN);
  if (!scan) {
    view.leave(hint);
    queue.focus(before);
    return;
  }
  view.show(scan);
  clockOf();
  others();
  if (matchMedia("(max-width: 63.99em)").matches) {
    place.focus();
    scrollTo(0, 0);
  }
}

/** What comes next: not what is answered already, and rather what nobody else looks at. */
function following() {
  const rest = scans.open.filter((scan) => keyOf(scan) !== chosen && !queue.pending.has(keyOf(scan)));
  return [...rest.filter((scan) => !scan.with?.length), ...rest.filter((scan) => scan.with?.length)];
}

function answer(whole, kind, marks, note) {
  const verdict = whole.verdict_id ?? null;
  outbox.put("/api/v1/reviews", { scan_id: whole.scan_id, revision: whole.revision, verdict, kind, marks, note }, whole.scan_id);
  draw();
  const [next] = following();
  if (next) {
    choose(next);
    queue.focus(chosen);
  } else choose(null);
}

function undo() {
  const entry = outbox.undoable(Date.now());
  if (!entry) return;
  outbox.undo(entry);
  scans.answered(keyOf(entry.body), false);
  forget(entry.body);
  choose(entry.body);
  view.node.querySelector(".close").focus();
}

function changed() {
  draw();
  bar.draw(Date.now());
  scans.askSoon();
}

function kept({ address, body }) {
  if (address === "/api/v1/reviews") scans.answered(keyOf(body), true);
  forget(body);
  if (keyOf(body) === chosen) view.refresh(body);
}

function replaced(entry) {
  forget(entry.body);
  scans.askSoon();
}

function looking(scan) {
  if (!person.proof) return;
  change("POST", "/api/v1/looking", scan ? { scan_id: scan.scan_id, revision: scan.revision } : {}).catch(() => {}); // told again soon
}

function others() {
  const scan = chosen && scans.find(chosen);
  const names = scan?.with ?? [];
  if (view.others.dataset.names === names.join("\n")) return;
  view.others.dataset.names = names.join("\n");
  view.others.replaceChildren(...(names.length ? [t("Also looked at by"), " ", make("strong", { translate: false }, names.join(", "))] : []));
}

function clockOf() {
  const due = dueOf((chosen && scans.find(chosen)) || {});
  const now = Date.now() + scans.ahead;
  say(view.clock, Number.isNaN(due) ? "" : left(due, now));
  view.clock.classList.toggle("over", due < now);
}

function hear(kind, told) {
  const scan = scans.hear(kind, told);
  if (kind === "looking") return;
  forget(told);
  if (kind === "verdict" && scan && !scan.superseded && scan.verdict?.recommended_action === "PHYSICAL_INSPECTION") ring();
  if (keyOf(told) === chosen) view.refresh(told);
}

function act(deed) {
  if (deed === "help") showKeys();
  else if (deed === "settings") showSettings();
  else if (deed === "sound") switchSound(), soundButton();
  else if (deed === "undo") undo();
  else if (deed === "first") choose(following()[0] ?? null);
  else if (deed === "down" || deed === "up") queue.move(deed === "down" ? 1 : -1);
  else if (deed === "lists") {
    document.querySelector(`input[name=show][value=${isOpen() ? "all" : "open"}]`).checked = true;
    draw();
  } else if (deed === "outcome" && view.whole?.verdict && may("judge")) {
    const { scan_id, revision } = view.whole;
    askOutcome(view.whole, (told) => outbox.put("/api/v1/outcomes", { scan_id, revision, ...told }, scan_id));
  } else return view.act(deed);
  return true;
}

function soundButton() {
  at("sound").setAttribute("aria-pressed", String(soundWanted()));
  say(at("sound"), soundWanted() ? t("Sound on") : t("Sound off"));
}

listen(act);
document.addEventListener("keydown", (press) => {
  if (document.querySelector("dialog[open]") || press.defaultPrevented) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[press.key];
  if (step && !place.contains(document.activeElement) && !document.activeElement.matches("input, select")) {
    press.preventDefault();
    queue.move(step);
  } else if (press.key === "Escape" && chosen && !view.answers.back()) choose(null);
});
document.querySelector(".choice").addEventListener("change", draw);
for (const [id, deed] of [["keys", "help"], ["sound", "sound"]]) at(id).addEventListener("click", () => act(deed));
at("example").textContent = `curl ${location.origin}/api/v1/scans \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -F top=@picture.png`;
for (const key of hint.querySelectorAll("kbd[data-deed]")) key.textContent = keyWord(key.dataset.deed);
soundButton();
setInterval(() => chosen && looking(view.whole), LOOK_AGAIN);

const follow = live(hear, () => view.again(), () => {
  queue.tick(Date.now() + scans.ahead);
  bar.draw(Date.now() + scans.ahead);
  clockOf();
});

function nameThings() {
  queue.forget();
  draw();
  if (view.whole) view.show(view.whole);
}

async function start() {
  if (await meet()) location.reload();
  learn().then(nameThings, (problem) => console.warn(problem)); // until then, things are called as the models call them
  const last = await scans.ask();
  outbox.pump();
  const wanted = inAddress();
  if (wanted) choose(wanted);
  follow(last);
}

for (;;) {
  try {
    await start();
    break;
  } catch (problem) {
    console.warn(problem);
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}
