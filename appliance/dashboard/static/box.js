// How the box is, asked again every few seconds. What it does not know is said as not known; nothing is changed here.

import { ask, at, begin, say, why } from "./office.js";
import { drawing, list, make, said, table } from "./parts.js";
import { clock, t, when } from "./words.js";

const EVERY = 3000;
const SILENT = 10000;
const RUNGS = { fine: () => t("✓ room enough"), low: () => t("! low: clean pictures are thrown away and made again when looked at"), stop: () => t("✕ full: sources are left waiting, and no verdict is better than Review") };
const PARTS = { originals: () => t("originals, as they came"), clean: () => t("clean pictures"), rulebooks: () => t("rulebooks"), reserve: () => t("reserve for a full disk"), database: () => t("database"), rest: () => t("the rest") };
let heard = 0;

const unknown = () => make("span", { className: "quiet" }, t("not known"));
const known = (value) => (value === null || value === undefined || value === "" ? unknown() : said(String(value)));
const moment = (value) => (value ? make("span", {}, when(value)) : unknown());
const words = (text) => make("span", {}, text);
const good = (text) => make("span", { className: "well" }, text);
const bad = (...text) => make("span", { className: "bad" }, ...text);
const warn = (...text) => make("span", { className: "warn" }, ...text);

const size = (bytes) => said(sized(bytes));

function sized(bytes) {
  const [much, unit] = bytes >= 1e12 ? [bytes / 1e12, "TB"] : bytes >= 1e9 ? [bytes / 1e9, "GB"] : [bytes / 1e6, "MB"];
  return `${much.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${unit}`;
}

function card(title, ...content) {
  return make("section", { className: "sheet" }, make("h2", {}, title), ...content);
}

function lines(found, paint) {
  return found.length ? make("ul", { className: "plainlist" }, ...found.map((line) => make("li", {}, paint(said(line))))) : "";
}

function state({ ready, reasons, warnings, waiting, owed }) {
  const word = make("p", { className: "bigfact" }, ready ? good(t("✓ ready")) : bad(t("✕ NOT READY: a scan would not be judged now")));
  return card(t("State"), word, lines(reasons, bad), lines(warnings, warn), list([[t("Scans without a verdict"), waiting], [t("Verdicts without the engine's full word"), owed]]));
}

function engine({ engine: { alive, identity: who }, gpus }) {
  const exams = { passed: () => good(t("✓ passed")), failed: () => bad(t("✕ failed: nothing is CLEAR")), none: () => warn(t("! not taken: nothing is CLEAR")) };
  const facts = who ? [
    [t("Release"), known(who.release)], [t("Engine"), known(who.engine)], [t("Adapter"), who.adapter ? known(who.adapter) : words(t("none"))],
    [t("Quantization"), who.quantization ? known(who.quantization) : words(t("none"))], [t("Exam"), exams[who.exam]?.() ?? known(who.exam)],
    ...(who.canned ? [[t("Answers"), warn(t("! made up, for rehearsals only"))]] : []), ...(who.rehearsal ? [[t("Answers"), warn(t("! for rehearsals only"))]] : []),
  ] : [[t("Release"), unknown()]];
  return card(t("Engine"), make("p", { className: "bigfact" }, alive ? good(t("✓ answers")) : bad(t("✕ does not answer"))), list([...facts, ...(gpus.length ? gpus.map(graphics) : [[said("GPU"), words(t("none: no driver answers"))]])]));
}

function graphics({ name, memory_bytes: memory, memory_used_bytes: used, celsius, busy_percent: busy }) {
  const told = [celsius !== null && `${celsius} °C`, used !== null && `${sized(used)} / ${sized(memory)}`, busy !== null && t("{n} % busy", { n: busy })].filter(Boolean);
  return [said(name), words(told.join(" · "))];
}

function rules({ rulebook: { name, digest, level, troubles, in_force: since } }) {
  const by = since ? [[t("In force since"), moment(since.at)], [t("By the word of"), known(since.who)], [t("Because"), known(since.why)]] : [[t("In force since"), unknown()]];
  const grade = level === "normal" ? words(t("normal")) : warn(said(level));
  return card(t("Rulebook"), make("p", { className: "bigfact" }, said(name)), lines(troubles, bad), list([[t("Threat level"), grade], ...by, [said("sha256"), make("code", { className: "hash", translate: false }, digest)]]));
}

function disk({ rung, free_percent: free, warn_free_percent: low, stop_free_percent: stop, free_bytes: left, total_bytes: total, root }) {
  const bar = drawing("0 0 100 1", ["rect", { width: 100 - free, height: 1 }]);
  bar.setAttribute("preserveAspectRatio", "none");
  const paint = { fine: good, low: warn, stop: bad }[rung] ?? words;
  return card(t("Disk"), make("p", { className: "bigfact" }, t("{n} % free", { n: free })), make("div", { className: `meter ${rung}` }, bar), make("p", {}, paint(RUNGS[rung]?.() ?? rung)),
    list([[t("Free of all"), make("span", {}, size(left), " / ", size(total))], [t("Warns below"), said(`${low} %`)], [t("Stops below"), said(`${stop} %`)], [t("Folder"), known(root)]]),
    make("p", { className: "quiet" }, t("Originals, verdicts and the record are kept for good: nothing is deleted by age. Only clean pictures go, and only while the disk is low.")));
}

function store({ store: { bytes, checked_at: checked, chains } }) {
  const walked = chains ? make("span", {}, chains.ok ? good(t("✓ whole")) : bad(t("✕ BROKEN")), " · ", when(chains.at)) : words(t("not since the start; an auditor has them checked at Record"));
  return card(t("Store"), list([[t("Size of the database"), size(bytes)], [t("Last found undamaged"), moment(checked)], [t("Chains"), walked]]),
    make("p", { className: "quiet" }, t("The database is looked through at each start; a damaged one is not opened.")));
}

function backup(root) {
  return card(t("Backup"), make("p", { className: "warn" }, t("! None is made by this version.")),
    make("p", {}, t("Copy the box's folder yourself while the box is stopped, to another disk:")), make("pre", { tabIndex: 0 }, make("code", { translate: false }, `systemctl stop lanewatch\nrsync -a ${root}/ /backup/lanewatch/\nsystemctl start lanewatch`)),
    make("p", { className: "quiet" }, t("Scans wait at their sources meanwhile. One scan with all its proofs is taken out at Record.")));
}

function centre(link) {
  return card(t("Link to the centre"), link === null ? make("p", {}, t("Not set up: this version has no link. Releases and rulebooks are brought to the box by hand.")) : "");
}

function about(version) {
  const names = { site: t("Site"), app: said("Lanewatch"), release: t("Release"), engine: t("Engine"), sqlite: said("SQLite"), python: said("Python") };
  return card(t("Version"), list(Object.entries(names).map(([name, words]) => [words, known(version[name])])));
}

/** How a source is, in a word, and why. */
function sourceState(counts) {
  if (counts.held) return bad(t("✕ nothing is taken:"), " ", said(counts.held));
  if (counts.present === false) return bad(t("✕ the folder is not there"));
  if (counts.trouble) return warn(t("! tried again:"), " ", said(counts.trouble));
  if (counts.watching === false) return warn(t("! only listed: scans come later, none is lost"));
  if (counts.reopened) return warn(t("! opened anew {n} times: its memory was full", { n: counts.reopened }));
  return good(t("✓ well"));
}

function source([name, counts]) {
  const last = counts.last_scan;
  const scan = last ? make("span", {}, said(last.scan_id, "name"), " ", make("span", { className: "quiet" }, when(last.received_at))) : words(t("none yet"));
  const gaps = counts.gaps === undefined ? make("span", { className: "quiet" }, t("not numbered")) : counts.gaps ? bad(t("{n}, with {m} messages missing", { n: counts.gaps, m: counts.missing })) : words("0");
  const refused = (counts.refused ?? 0) + (counts.unreadable ?? 0) + (counts.strangers ?? 0);
  const waits = counts.waiting ?? counts.in_hand;
  return [said(name, "name"), sourceState(counts), scan, known(counts.taken ?? counts.accepted), known(waits), refused ? warn(String(refused)) : words("0"), known(counts.quarantined), gaps];
}

/** Exchange only what is another now: what somebody reads or marks stays. */
function exchange(place, ...fresh) {
  fresh.forEach((node, number) => {
    const there = place.children[number];
    if (!there) place.append(node);
    else if (!there.isEqualNode(node)) there.replaceWith(node);
  });
}

function draw(box) {
  exchange(at("cards"), state(box.state), engine(box), rules(box), disk(box.disk));
  const columns = [t("Source"), t("State"), t("Last scan"), t("Taken since the start"), t("Waiting"), t("Refused"), t("In quarantine"), t("Gaps")];
  exchange(at("sources"), table(columns, Object.entries(box.sources).map(source)));
  exchange(at("more"), store(box), backup(box.disk.root), centre(box.centre), about(box.version));
}

function pulse() {
  const stale = Date.now() - heard > SILENT;
  document.body.dataset.state = stale ? "stale" : "live";
  const told = stale ? t("Not live since {time}: the box does not answer", { time: clock(heard) }) : t("As at {time}", { time: clock(heard) });
  if (at("pulse").textContent !== told) at("pulse").textContent = told;
}

async function again() {
  try {
    draw(await ask("/api/v1/box"));
    heard = Date.now();
  } catch (problem) {
    console.warn(problem);
  }
  pulse();
  setTimeout(again, EVERY);
}

at("count").addEventListener("click", async () => {
  at("count").disabled = true;
  at("fill-told").replaceChildren(t("Being counted …"));
  try {
    const { at: counted, parts } = await ask("/api/v1/box/fill");
    const rows = parts.map(({ part, files, bytes }) => [words(PARTS[part]?.() ?? part), said(String(files)), size(bytes)]);
    at("fill").replaceChildren(table([t("Part"), t("Files"), t("Size")], rows));
    at("fill-told").replaceChildren(t("As at {time}.", { time: when(counted) }));
  } catch (problem) {
    say(at("fill-told"), why(problem));
  }
  at("count").disabled = false;
});

begin(async () => {
  heard = Date.now();
  setInterval(pulse, 1000);
  await again();
});
