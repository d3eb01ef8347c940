// What the pages of administrators and auditors share: who sits here, asking the box, and asking for a password again.

import "./bar.js";
import { sheet } from "./dialogs.js";
import { change, meet } from "./me.js";
import { make, said } from "./parts.js";
import { t, translatePage } from "./words.js";

export const at = (id) => document.getElementById(id);

/** Open the page for who sits here, then draw it; what goes wrong is said on top of it. */
export async function begin(draw) {
  translatePage();
  try {
    if (await meet()) location.reload();
    await draw();
  } catch (problem) {
    say(at("trouble"), why(problem));
    at("trouble").hidden = false;
  }
}

/** Ask the box for something; what it says where it refuses is the error's message. */
export async function ask(address) {
  const answer = await fetch(address);
  if (answer.status === 401) location.reload(); // the door is shown instead
  return told(answer);
}

/** Ask the box to change something. */
export async function tell(method, address, body) {
  return told(await change(method, address, body));
}

async function told(answer) {
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([content.detail ?? String(answer.status), content.hint].filter(Boolean).join(": "));
  return content;
}

/** Why something could not be done, in words. */
export function why(problem) {
  return problem instanceof TypeError ? t("The box does not answer. Try again.") : problem.message;
}

/** Put what the box said into a line of the page. */
export function say(line, ...words) {
  line.replaceChildren(...words.map((word) => (word instanceof Node ? word : said(word))));
}

/** A sheet that asks for one's own password once more before `send(password)`; it stays open while that is refused. */
export function askAgain(title, words, verb, send) {
  const word = make("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
  const alarm = make("p", { className: "alarm" });
  alarm.setAttribute("role", "alert");
  const button = make("button", { className: "answer" }, verb);
  const form = make("form", {}, make("label", { className: "field" }, t("Your own password"), word), alarm, make("p", {}, button));
  const dialog = sheet(title, ...words.map((line) => make("p", {}, line)), form);
  word.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    alarm.replaceChildren();
    try {
      const answer = await send(word.value);
      dialog.close();
      answer?.();
    } catch (problem) {
      say(alarm, why(problem));
      button.disabled = false;
      word.select();
    }
  });
}

/** A secret, shown this once. */
export function showOnce(title, lines, secret) {
  const copy = make("button", { type: "button", className: "answer side", hidden: !navigator.clipboard }, t("Copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(secret);
    copy.textContent = t("Copied");
  });
  const shown = make("pre", { tabIndex: 0, className: "secret" }, make("code", { translate: false }, secret));
  sheet(title, ...lines.map((line) => make("p", {}, line)), shown, make("p", {}, copy), make("p", { className: "quiet" }, t("It is shown this once and kept nowhere. Give it to nobody else.")));
}

/** A button of a row; who does not see the row is told whom it is about. */
export function rowButton(words, about, onclick) {
  return make("button", { type: "button", className: "tool", onclick }, words, make("span", { className: "unseen" }, " ", said(about)));
}
