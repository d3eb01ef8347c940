// What an officer can set, and all keys: two sheets over the page.

import { DEEDS, keyOfDeed, keyWord } from "./keys.js";
import { change, light, person, remember, rememberNow } from "./me.js";
import { make, said } from "./parts.js";
import { ring, wanted } from "./sound.js";
import { LANGUAGES, language, own, t } from "./words.js";

const FIXED = [
  ["↑ ↓", () => t("Move in the list; in a picture, move the picture")], ["Enter", () => t("Open; take what was chosen")],
  ["Esc", () => t("Back")], ["Tab", () => t("To the next thing on the page")],
];

/** A sheet over the page, with a way out. */
export function sheet(title, ...content) {
  const heading = make("h2", { id: "sheet-title", tabIndex: -1 }, title);
  const dialog = make("dialog", { className: "paper" }, heading, ...content);
  const close = make("button", { type: "button", className: "answer", onclick: () => dialog.close() }, t("Close"));
  dialog.append(make("p", { className: "buttons" }, close));
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  if (document.activeElement === close) heading.focus(); // a long sheet begins at its beginning
  return dialog;
}

/** All keys. */
export function showKeys() {
  const rows = [...Object.entries(DEEDS).map(([deed, [, words]]) => [keyWord(deed), words()]), ...FIXED.map(([key, words]) => [key, words()])];
  sheet(t("All keys"), make("dl", { className: "keys" }, ...rows.map(([key, words]) => make("div", {}, make("dt", {}, make("kbd", { translate: false }, key)), make("dd", {}, words)))));
}

/** Language, light, sound and keys. */
export function showSettings() {
  const tongue = choice("language", Object.entries(LANGUAGES), language, async (name) => {
    await rememberNow({ language: name });
    location.reload();
  });
  for (const option of tongue.options) Object.assign(option, { lang: option.value, translate: false });
  const lights = [["system", t("as the computer")], ["dark", t("dark")], ["dim", t("dim")], ["light", t("light")]];
  const lamp = choice("theme", lights, person.settings.theme ?? "system", (name) => { remember({ theme: name }); light(); });
  const sound = make("input", { type: "checkbox", checked: wanted(), onchange: () => { remember({ sound: sound.checked }); ring(); } });
  const leave = make("button", { type: "button", className: "answer side", onclick: signOut }, t("Sign out"));
  sheet(t("Settings"),
    make("p", { className: "quiet" }, said(person.shown || person.name), person.role ? ` · ${own(person.role)}` : ""),
    make("label", { className: "field" }, t("Language"), tongue),
    make("label", { className: "field" }, t("Light"), lamp),
    make("label", { className: "check" }, sound, " ", t("Sound when a scan is to be opened")),
    make("details", {}, make("summary", {}, t("Change keys")), keyTable()),
    make("p", { className: "buttons" }, make("a", { href: "/account" }, t("My account: password, second factor, where I am signed in"))),
    make("p", {}, make("a", { href: "/manual" }, t("Manual")), " · ", make("a", { href: "/licences" }, t("Licences")), " · ", make("a", { href: "/docs" }, t("Routes"))),
    make("p", {}, leave));
}

function choice(name, options, chosen, pick) {
  const field = make("select", { name, onchange: () => pick(field.value) }, ...options.map(([value, words]) => make("option", { value, selected: value === chosen }, words)));
  return field;
}

function keyTable() {
  const told = make("p", { className: "warnline" });
  told.setAttribute("role", "alert");
  const rows = Object.entries(DEEDS).map(([deed, [, words]]) => {
    const button = make("button", { type: "button", className: "tool", translate: false }, keyWord(deed));
    button.setAttribute("aria-label", t("{deed}: key {key}. Press to choose another.", { deed: words(), key: keyWord(deed) }));
    button.addEventListener("click", () => listenFor(deed, button, told));
    return make("div", {}, make("dt", {}, button), make("dd", {}, words()));
  });
  const reset = make("button", { type: "button", className: "answer side", onclick: async () => { await rememberNow({ keys: {} }); location.reload(); } }, t("All keys as at the start"));
  return make("div", {}, make("dl", { className: "keys" }, ...rows), told, reset);
}

function listenFor(deed, button, told) {
  button.textContent = "…";
  told.textContent = t("Press the key for: {deed}. Escape keeps the old one.", { deed: DEEDS[deed][1]() });
  const hear = (press) => {
    if (["Shift", "Control", "Alt", "Meta"].includes(press.key)) return;
    press.preventDefault();
    press.stopPropagation();
    button.removeEventListener("keydown", hear);
    button.removeEventListener("blur", forget);
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    const taken = Object.keys(DEEDS).find((other) => other !== deed && keyOfDeed(other) === key);
    const kept = ["Escape", "Tab", "Enter", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(key);
    if (taken) told.textContent = t("That key is taken: {deed}.", { deed: DEEDS[taken][1]() });
    else if (kept) told.textContent = "";
    else {
      remember({ keys: { ...person.settings.keys, [deed]: key } });
      told.textContent = t("Kept. The buttons show it after the page is loaded again.");
    }
    button.textContent = keyWord(deed);
  };
  const forget = () => { button.removeEventListener("keydown", hear); button.textContent = keyWord(deed); };
  button.addEventListener("keydown", hear);
  button.addEventListener("blur", forget, { once: true });
}

async function signOut() {
  await change("DELETE", "/api/v1/session");
  location.href = "/";
}
