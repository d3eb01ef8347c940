// The pages in the officer's language. English texts are the keys; a text that has no translation stays English.

import { person } from "./me.js";

export const LANGUAGES = { en: "English", ms: "Bahasa Melayu", vi: "Tiếng Việt" };

function chosen() {
  const wanted = [person.settings.language, ...navigator.languages.map((name) => name.slice(0, 2))];
  return wanted.find((name) => Object.hasOwn(LANGUAGES, name)) ?? "en";
}

async function fetched(name) {
  if (name === "en") return {};
  const answer = await fetch(`/static/words/${name}.json`);
  return answer.ok ? answer.json() : {};
}

export const language = chosen();
const catalogue = await fetched(language).catch(() => ({}));
document.documentElement.lang = language;

/** A text in the officer's language, its blanks filled in. */
export function t(text, values = {}) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (blank, name) => String((Object.hasOwn(values, name) ? values[name] : null) ?? blank));
}

/** Put the texts that stand in the page itself into the officer's language. */
export function translatePage() {
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.textContent.trim());
}

/** A moment of today by the clock, of another day with its date. */
export function when(moment) {
  const at = new Date(moment);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString(language, { ...(today ? {} : { dateStyle: "medium" }), timeStyle: "medium", hourCycle: "h23" });
}

/** The time of a moment, to the second. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

export function ago(moment, now) {
  const seconds = Math.max(0, Math.round((now - moment) / 1000));
  if (seconds < 60) return t("{n} s ago", { n: seconds });
  if (seconds < 3600) return t("{n} min ago", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("{n} h ago", { n: Math.floor(seconds / 3600) });
  return t("{n} d ago", { n: Math.floor(seconds / 86400) });
}

/** What is left until a moment, or that it has passed. */
export function left(moment, now) {
  const seconds = Math.round((moment - now) / 1000);
  const span = Math.abs(seconds) < 100 * 60
    ? `${Math.floor(Math.abs(seconds) / 60)}:${String(Math.abs(seconds) % 60).padStart(2, "0")}`
    : t("{n} h", { n: Math.floor(Math.abs(seconds) / 3600) });
  return seconds >= 0 ? t("{time} left", { time: span }) : t("overdue by {time}", { time: span });
}

const BOX = {
  low: () => t("low risk"), medium: () => t("medium risk"), high: () => t("high risk"),
  detector: () => t("detector"), vlm: () => t("vision-language model"),
  "top-left": () => t("top left"), top: () => t("top"), side: () => t("side"), "top-center": () => t("top"), "top-right": () => t("top right"),
  "center-left": () => t("left"), "left": () => t("left"), "center": () => t("middle"), "center-right": () => t("right"), "right": () => t("right"),
  "bottom-left": () => t("bottom left"), "bottom-center": () => t("bottom"), "bottom": () => t("bottom"), "bottom-right": () => t("bottom right"),
  agree: () => t("agreed"), false_alarm: () => t("false alarm"), missed: () => t("missed something"), wrong_item: () => t("wrong item"), cannot_tell: () => t("cannot tell"),
  found: () => t("something found"), nothing: () => t("nothing found"), not_opened: () => t("not opened"),
  prohibited: () => t("prohibited"), restricted: () => t("restricted"), allowed: () => t("allowed"),
  officer: () => t("officer"), supervisor: () => t("supervisor"), administrator: () => t("administrator"), auditor: () => t("auditor"),
};

/** One of the words the box uses for itself, in the officer's language; any other stays as it is. */
export function own(word) {
  return Object.hasOwn(BOX, word) ? BOX[word]() : word;
}
