// The classes of things in the officer's language, and a field that finds one while its name is being typed.

import { make } from "./parts.js";
import { language, own, t } from "./words.js";

const MOST = 8;
let all = [];
let named = new Map();

export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "d").toLowerCase();

let asked = null;

/** Ask the box for its classes, once; until it answers, things are called as the models call them. */
export function learn() {
  asked ??= ask().catch((problem) => { asked = null; throw problem; });
  return asked;
}

async function ask() {
  const answer = await fetch("/api/v1/classes");
  if (!answer.ok) throw new TypeError(`classes: ${answer.status}`);
  all = await answer.json();
  named = new Map(all.map((one) => [one.id, (one.names[language] ?? one.names.en)[0]]));
}

export function called(item) {
  return named.get(item) ?? item;
}

/** The classes that answer to what was typed, best first: what is shown and begins so, then other names, then words in them. */
export function matching(typed) {
  const wanted = folded(typed.trim());
  const rated = all.map((one) => {
    const names = [one.id, ...(one.names[language] ?? []), ...one.names.en].map(folded);
    const rates = [folded(called(one.id)).startsWith(wanted), names.some((name) => name.startsWith(wanted)), names.some((name) => name.includes(` ${wanted}`)), names.some((name) => name.includes(wanted)), true];
    const rate = rates.indexOf(true);
    const weight = { prohibited: 0, restricted: 1 }[one.standing] ?? 2;
    return { one, rate, weight };
  });
  return rated.filter(({ rate }) => rate < 4).sort((a, b) => a.rate - b.rate || a.weight - b.weight).slice(0, MOST).map(({ one }) => one);
}

let fields = 0;

/** A field in which a class is picked. Calls `done(id, more)` with Enter or a click; `more` with Shift. */
export function picker(label, done) {
  const id = `classes-${++fields}`;
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: false });
  const list = make("ul", { className: "options", id });
  const told = make("p", { className: "quiet" });
  told.setAttribute("role", "status");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  let shown = [];
  let at = 0;

  function draw() {
    shown = matching(input.value);
    at = Math.min(at, Math.max(0, shown.length - 1));
    list.replaceChildren(...shown.map((one, number) => {
      const option = make("li", { id: `${id}-${number}`, onclick: (press) => done(one.id, press.shiftKey) },
        make("span", { translate: false }, called(one.id)), make("span", { className: "quiet" }, own(one.standing)));
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(number === at));
      return option;
    }));
    if (shown.length) input.setAttribute("aria-activedescendant", `${id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
    inSight();
    told.textContent = shown.length ? "" : all.length ? t("No class of that name. Escape goes back.") : t("Asking the box …");
  }

  /** On a small screen the list goes on below: what Enter would take is always seen. */
  function inSight() {
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("focus", inSight);
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("keydown", (press) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[press.key];
    if (step && shown.length) {
      press.preventDefault();
      at = (at + step + shown.length) % shown.length;
      draw();
    } else if (press.key === "Enter") {
      press.preventDefault();
      press.stopPropagation();
      if (shown[at]) done(shown[at].id, press.shiftKey);
    }
  });
  draw();
  if (!all.length) learn().then(draw, (problem) => { told.textContent = t("The box does not answer ({why}). Load this page again.", { why: problem.message }); });
  return make("div", { className: "picker" }, make("label", {}, label, input), list, told);
}
