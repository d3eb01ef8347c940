// The ways about: a link to each page, for who may go there. A page has <nav id="ways-about"></nav> and imports this;
// what needs a right appears as soon as `meet()` of me.js knows who sits here.

import { MET, may } from "./me.js";
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

/** Fill a place with the links of who sits here. */
export function waysAbout(place) {
  place.setAttribute("aria-label", t("Pages"));
  const draw = () => place.replaceChildren(...WAYS.filter(([, , right]) => right === "read" || may(right)).map(way));
  document.addEventListener(MET, draw);
  draw();
}

const place = document.getElementById("ways-about");
if (place) waysAbout(place);
