// What the box says in English of who wants to come in, and what is wrong with an address, in the reader's language.

import { t } from "./words.js";

const KNOWN = new Map([
  ["the name or the password is wrong", () => t("The name or the password is wrong.")],
  ["the second factor is needed", () => t("Type the number that your second factor shows now.")],
  ["this number of the second factor is wrong or was used already", () => t("This number of the second factor is wrong or was used already.")],
  ["this number was used already; wait for the next one", () => t("This number was used already; wait for the next one.")],
  ["this code is spent, too old or mistyped", () => t("This code is spent, too old or mistyped.")],
  ["this code is spent", () => t("This code is spent.")],
  ["ask for another one", () => t("Ask for another one.")],
  ["this officer may not come in", () => t("You may not come in any more; an administrator knows why.")],
  ["a password has 10 to 256 characters; several words make a good one", () => t("A password has 10 to 256 characters; several words make a good one.")],
  ["this password is among the first that anybody tries; several words make a good one", () => t("This password is among the first that anybody tries; several words make a good one.")],
  ["too many people are signing in at once", () => t("Too many people are signing in at once; try again in a moment.")],
  ["too many wrong passwords; wait, or sign in at a computer where you have before", () => t("Too many wrong passwords; wait, or sign in at a computer where you have before.")],
  ["an administrator can give a new code: lanewatch officers reset", () => t("An administrator can give you a new code.")],
]);

const STATUS = {
  400: () => t("Something in this address is wrong."),
  403: () => t("You may not open this page."),
  404: () => t("There is nothing at this address."),
  405: () => t("This address is not for pages."),
  429: () => t("Too often. Wait a while."),
  500: () => t("A fault of the box; its journal has it."),
  503: () => t("The box cannot answer now. Try again in a moment."),
  507: () => t("The disk of the box is full."),
};

/** A text of the box in the reader's language; one that is not known here stays as it is. */
function boxSays(text) {
  return KNOWN.get(text)?.() ?? text;
}

/** A refusal in the reader's language, with what may help. */
export function refused({ detail, hint }) {
  const [first, ...more] = [detail, hint].filter(Boolean).map(boxSays);
  return [first, ...more].join(/[.!?]$/.test(first) ? " " : ": ");
}

/** What a problem means for who opened a page. */
export function problemSays(status) {
  return Object.hasOwn(STATUS, status) ? STATUS[status]() : t("This cannot be shown.");
}
