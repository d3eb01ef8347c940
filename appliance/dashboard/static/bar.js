// The bar of every page: a link to each page for who may go there, and the settings of who sits here. A page has the
// parts of bar.html and imports this; who sits here is known as soon as `meet()` of me.js has asked.

import { showSettings } from "./dialogs.js";
import { MET, may, person } from "./me.js";
import { make } from "./parts.js";
import { t } from "./words.js";

const WAYS = [
  ["/", () => t("Live desk"), "read"],
  ["/scans", () => t("Older scans"), "read"],
  ["/statistics", () => t("Figures"), "read"],
  ["/shift", () => t("Shift"), "judge"],
  ["/supervision", () => t("Supervision"), "supervise"],
  ["/rules", () => t("Rulebook"), "read"],
  ["/box", () => t("Box"), "administer"],
  ["/people", () => t("People"), "administer"],
  ["/record", () => t("Record"), "audit"],
];

function way([address, words]) {
  const link = make("a", { href: address }, words());
  if (location.pathname === address) link.setAttribute("aria-current", "page");
  return link;
}

const place = document.getElementById("ways-about");
place.setAttribute("aria-label", t("Pages"));

function draw() {
  place.replaceChildren(...WAYS.filter(([, , right]) => right === "read" || may(right)).map(way));
  document.getElementById("who").textContent = person.shown || person.name;
}

document.addEventListener(MET, draw);
document.getElementById("settings").addEventListener("click", showSettings);
draw();
