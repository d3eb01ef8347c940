// Which key does what. Keys can be changed by the officer; what a key does is said by whoever listens.

import { person } from "./me.js";
import { t } from "./words.js";

/** Every deed with its first key and its words. */
export const DEEDS = {
  agree: ["a", () => t("Agree with the verdict")],
  false_alarm: ["f", () => t("False alarm")],
  missed: ["m", () => t("Missed something: draw it")],
  wrong_item: ["w", () => t("Wrong item: say what it is")],
  cannot_tell: ["c", () => t("Cannot tell")],
  undo: ["z", () => t("Undo the last answer")],
  note: ["n", () => t("Write a note")],
  outcome: ["r", () => t("Result of the search")],
  first: ["g", () => t("Open the most urgent scan")],
  down: ["j", () => t("Down the list")],
  up: ["k", () => t("Up the list")],
  lists: ["l", () => t("Switch between all scans and those to look at")],
  nearer: ["+", () => t("Zoom in")],
  farther: ["-", () => t("Zoom out")],
  whole: ["0", () => t("Whole picture")],
  invert: ["1", () => t("Invert")],
  organic: ["2", () => t("Only organic")],
  inorganic: ["3", () => t("Only inorganic")],
  metal: ["4", () => t("Only metal")],
  penetration: ["5", () => t("High penetration")],
  edges: ["6", () => t("Edges")],
  palette: ["7", () => t("Palette")],
  boxes: ["8", () => t("Show or hide the boxes")],
  plain: ["9", () => t("Picture as it came")],
  darker: ["[", () => t("Darker")],
  lighter: ["]", () => t("Lighter")],
  sound: ["s", () => t("Sound on or off")],
  settings: [",", () => t("Settings")],
  help: ["?", () => t("All keys")],
};

export function keyOfDeed(deed) {
  return person.settings.keys?.[deed] ?? DEEDS[deed][0];
}

/** How a key is written on the page. */
export function keyWord(deed) {
  const key = keyOfDeed(deed);
  return key.length === 1 ? key.toUpperCase() : key;
}

export function deedOf(key) {
  const folded = key.length === 1 ? key.toLowerCase() : key;
  const wanted = folded === "=" ? "+" : folded; // plus needs no Shift
  return Object.keys(DEEDS).find((deed) => keyOfDeed(deed) === wanted) ?? null;
}

const typing = (node) => node?.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");

/** Call `act(deed, press)` for every key that does something; true from it means the key was taken. */
export function listen(act) {
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey || press.defaultPrevented) return;
    if (typing(document.activeElement) || document.querySelector("dialog[open]")) return;
    const deed = deedOf(press.key);
    if (deed && act(deed, press)) press.preventDefault();
  });
}
