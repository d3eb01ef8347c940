// Who sits here, what they may do, and what the pages remember for them: on the box, with a copy in this browser.

import { tellWhoMoves } from "./here.js";

const KEPT = "lanewatch-settings";
const SAVE_AFTER = 400;
const TRY_AGAIN = 5000;
/** What the page is told once it is known who sits here. */
export const MET = "lanewatch-met";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

export const person = { name: "", shown: "", role: "", rights: [], proof: "", settings: kept() };
let saving = null;

/** Ask the box who sits here. Gives true when the page has to be built anew, with what is remembered for them. */
export async function meet() {
  const answer = await fetch("/api/v1/me");
  if (answer.status === 401) location.reload(); // the door is shown instead
  if (!answer.ok) throw new Error(`who sits here: ${answer.status}`);
  const before = JSON.stringify(person.settings);
  Object.assign(person, await answer.json());
  if (person.proof) tellWhoMoves(person.proof);
  person.settings ??= {};
  keep();
  light();
  document.dispatchEvent(new Event(MET));
  return JSON.stringify(person.settings) !== before;
}

/** Remember something for this officer. */
export function remember(change) {
  Object.assign(person.settings, change);
  keep();
  clearTimeout(saving);
  saving = setTimeout(save, SAVE_AFTER);
}

/** Remember and wait until the box has it. */
export function rememberNow(change) {
  Object.assign(person.settings, change);
  keep();
  clearTimeout(saving);
  return save();
}

/** Ask the box to change something. */
export function change(method, address, body, more = {}) {
  const headers = { "X-Lanewatch-Proof": person.proof, "Content-Type": "application/json" };
  return fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), ...more });
}

export function may(right) {
  return person.rights.includes(right);
}

/** Put on the light that was chosen. */
export function light() {
  const { theme } = person.settings;
  if (theme && theme !== "system") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function keep() {
  localStorage.setItem(KEPT, JSON.stringify(person.settings));
}

async function save() {
  try {
    const answer = await change("PUT", "/api/v1/me/settings", person.settings);
    if (answer.status >= 500) throw new TypeError(`settings: ${answer.status}`);
  } catch (problem) {
    if (!(problem instanceof TypeError)) throw problem;
    saving = setTimeout(save, TRY_AGAIN);
  }
}
