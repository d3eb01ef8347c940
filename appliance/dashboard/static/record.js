// What people did, picked out by what stands in the address; whether the chains hold; evidence to take away.

import { followAddress } from "./asking.js";
import { ask, at, begin, say, tell, why } from "./office.js";
import { make, list, said, table } from "./parts.js";
import { own, t, when } from "./words.js";

const PAGE = 50;
const DEEDS = {
  "signed in": () => t("signed in"), "signed out": () => t("signed out"), "wrong password": () => t("wrong password"), "wrong code": () => t("wrong code"),
  "wrong second factor": () => t("wrong second factor"), "sign-in refused unheard": () => t("sign-in refused unheard"), "more refusals": () => t("more refusals"),
  "password set": () => t("password set"), "second factor begun": () => t("second factor begun"), "second factor ended": () => t("second factor ended"),
  "officer added": () => t("officer added"), "officer disabled": () => t("officer disabled"), "code made": () => t("code made"), "sessions ended": () => t("sessions ended"),
  "token made": () => t("token made"), "token revoked": () => t("token revoked"),
  reviewed: () => t("answered a scan"), "review undone": () => t("took an answer back"), "outcome told": () => t("told what a search found"), "evidence taken": () => t("took evidence"),
  "rulebook activated": () => t("put a rulebook in force"), "rulebook rolled back": () => t("rolled the rulebook back"), "threat level switched": () => t("switched the threat level"),
};
const DETAILS = {
  revision: () => t("revision"), id: () => t("number"), kind: () => t("answer"), over: () => t("replaces the answer"), digest: () => t("digest"), address: () => t("address"),
  how: () => t("by"), role: () => t("role"), purpose: () => t("for"), again: () => t("let in again"), count: () => t("how many"), seconds: () => t("within seconds"),
  scopes: () => t("may"), zip: () => t("sha256 of the zip"), level: () => t("threat level"), why: () => t("why"), word_of: () => t("on the word of"), supervisor: () => t("and of"),
};
const asked = new URLSearchParams(location.search);
const form = at("filters");
let next = null;
let rows = [];

form.elements.what.append(...Object.entries(DEEDS).map(([name, words]) => make("option", { value: name }, words())));
const what = asked.get("what");
if (what && !(what in DEEDS)) form.elements.what.append(make("option", { value: what, translate: false }, what));
followAddress(form, asked);

const OURS = new Set(["kind", "role"]); // the box's own words; all others are names, or what people wrote
const plain = (name, value) => {
  if (Array.isArray(value)) return value.join(", ");
  if (value === true) return t("yes");
  return typeof value === "string" ? (OURS.has(name) ? own(value) : value) : JSON.stringify(value);
};
const more = ({ digest, ...rest }) => Object.entries({ ...rest, digest: digest ?? "" }).filter(([, value]) => value !== "" && value !== null).map(([name, value]) => `${DETAILS[name]?.() ?? name}: ${plain(name, value)}`).join(" · ");

function row({ seq, at: moment, who, what, about, detail }) {
  const words = DEEDS[what] ? make("span", {}, DEEDS[what]()) : said(what);
  return [said(String(seq)), make("span", {}, when(moment)), who ? said(who, "name") : make("span", { className: "quiet" }, t("nobody known")), words, said(about), said(more(detail), "quiet")];
}

/** Look on until there is something to show, or no more of the chain. */
async function look() {
  at("older").disabled = true;
  const query = new URLSearchParams({ ...Object.fromEntries(asked), limit: PAGE });
  try {
    for (let found = 0; found < PAGE;) {
      if (next) query.set("before", next);
      const page = await ask(`/api/v1/deeds?${query}`);
      rows = [...rows, ...page.deeds];
      found += page.deeds.length;
      next = page.next;
      if (!next) break;
      at("told").replaceChildren(t("Looked back to row {n} …", { n: next }));
    }
    const columns = [t("Row"), t("When"), t("Who"), t("What"), t("About"), t("More")];
    at("rows").replaceChildren(rows.length ? table(columns, rows.map(row)) : "");
    at("told").replaceChildren(rows.length ? t("As it was at {time}; this list does not change by itself.", { time: when(Date.now()) }) : t("There is no such deed."));
  } finally {
    at("older").hidden = !next;
    at("older").disabled = false;
  }
}

at("older").addEventListener("click", () => look().catch((problem) => say(at("told"), why(problem))));

const CHAINS = { verdicts: () => t("Verdicts"), deeds: () => t("Deeds") };

function held(name, { rows: count, last, broken }) {
  const state = broken
    ? make("p", { className: "bad" }, t("✕ BROKEN at row {n}:", { n: broken.seq }), " ", said(broken.problem))
    : make("p", { className: "well" }, t("✓ whole: {n} rows", { n: count }));
  return make("div", {}, make("h3", {}, CHAINS[name]?.() ?? name), state, make("p", { className: "quiet" }, t("Last hash:"), " ", make("code", { className: "hash", translate: false }, last)));
}

async function chains(begun) {
  const { running, began_at: began, trouble, found } = begun ?? await ask("/api/v1/record/chains");
  at("check").disabled = running;
  const line = at("chains-told");
  if (running) line.replaceChildren(t("Being checked since {time} …", { time: when(began) }));
  else if (trouble) say(line, make("span", {}, t("The check came to no end:")), " ", trouble);
  else if (found && !found.ok) line.replaceChildren(t("Keep the box's folder as it is, and tell the centre."));
  else line.replaceChildren(found ? t("Note both hashes where nobody of this box can change them.") : t("Not checked since the box started."));
  if (found) at("chains").replaceChildren(make("p", { className: "quiet" }, t("As at {time}.", { time: when(found.began_at) })), ...Object.entries(found.chains).map(([name, chain]) => held(name, chain)));
  if (running) setTimeout(() => chains().catch((problem) => say(line, why(problem))), 1000);
}

at("check").addEventListener("click", async () => {
  try {
    await chains(await tell("POST", "/api/v1/record/chains"));
  } catch (problem) {
    say(at("chains-told"), why(problem));
  }
});

at("evidence").addEventListener("submit", async (event) => {
  event.preventDefault();
  const line = at("evidence-told");
  at("taken").replaceChildren();
  line.replaceChildren(t("Being written …"));
  const wanted = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
  try {
    const answer = await fetch(`/api/v1/record/evidence?${wanted}`);
    if (!answer.ok) {
      const { detail, hint } = await answer.json();
      throw new Error([detail, hint].filter(Boolean).join(": "));
    }
    take(await answer.blob(), answer.headers);
    line.replaceChildren(t("Taken. Note these down where nobody of this box can change them."));
  } catch (problem) {
    say(line, why(problem));
  }
});

function take(content, headers) {
  const file = URL.createObjectURL(content);
  const name = /filename="([^"]*)"/.exec(headers.get("content-disposition"))?.[1] ?? "evidence.zip";
  make("a", { href: file, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(file), 60000);
  const hash = (name) => make("code", { className: "hash", translate: false }, headers.get(name));
  const [missing, wrong] = ["x-lanewatch-missing", "x-lanewatch-wrong"].map((header) => Number(headers.get(header)));
  at("taken").replaceChildren(
    list([[t("File"), name], [t("sha256 of the zip"), hash("x-lanewatch-zip")], [t("sha256 of its manifest"), hash("x-lanewatch-manifest")]]),
    missing ? make("p", { className: "warn" }, t("Pieces that are gone: {n}; missing.json in it names them.", { n: missing })) : "",
    wrong ? make("p", { className: "bad" }, t("✕ The store contradicts itself: {n} times; check.py in it says where.", { n: wrong })) : "",
  );
}

begin(() => Promise.all([look(), chains()]));
