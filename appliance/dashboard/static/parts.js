// Small pieces the pages are built from. Everything said by the box goes in as text, never as markup.

import { own, t } from "./words.js";

/** So many letters stand on one line of a table; a word that is longer may be broken anywhere. */
const SHORT = 14;
const SVG = "http://www.w3.org/2000/svg";

const ACTIONS = {
  CLEAR: { word: () => t("Clear"), path: "M5 13l4.500 4.500L19 7" },
  REVIEW: { word: () => t("Review"), path: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z" },
  PHYSICAL_INSPECTION: { word: () => t("Open and search"), path: "M12 3.500L22 20.500H2zM12 10v4.500M12 17.400v.1" },
  REPLACED: { word: () => t("Replaced by a newer scan"), path: "M4 9h13l-4-4M20 15H7l4 4" },
  WAITING: { word: () => t("Being judged"), path: "M7 3h10M7 21h10M8 3c0 5 8 6 8 9s-8 4-8 9M16 3c0 5-8 6-8 9s8 4 8 9" },
};

/** An element with its properties and children; empty children are left out. */
export function make(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  Object.assign(node.dataset, dataset);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return node;
}

/** What the box or a person said: text that no language of the pages owns. */
export function said(text, className = "") {
  return make("span", { className, translate: false }, text);
}

/** An SVG element with its attributes. */
export function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function drawing(viewBox, ...shapes) {
  const node = shape("svg", { viewBox, "aria-hidden": "true" });
  node.append(...shapes.map(([tag, attributes]) => shape(tag, attributes)));
  return node;
}

function badge(action, risk) {
  const { word, path } = ACTIONS[action] ?? ACTIONS.WAITING;
  return make("span", { className: "badge" }, drawing("0 0 24 24", ["path", { d: path }]), risk ? `${word()} · ${own(risk)}` : word());
}

/** A button with the key that does the same. */
export function keyed(className, key, words, onclick) {
  return make("button", { className, type: "button", onclick }, make("kbd", { translate: false }, key), make("span", {}, words));
}

export function chips(words, kind = "chip") {
  return words.length ? make("ul", { className: "chips" }, ...words.map((word) => make("li", { className: kind }, word))) : null;
}

export function addressOf(scan) {
  return `/api/v1/scans/${encodeURIComponent(scan.scan_id)}`;
}

/** What a scan asks for now; a scan that was replaced asks for nothing any more. */
export function actionOf(scan) {
  return scan.superseded ? "REPLACED" : scan.verdict?.recommended_action ?? "WAITING";
}

/** The badge of a scan, with its risk unless that is said elsewhere. */
export function badgeOf(scan, withRisk = true) {
  return badge(actionOf(scan), scan.superseded || !withRisk ? null : scan.verdict?.risk_level);
}

/** What a verdict lacks, less what its reasoning says already. */
export function lacks(verdict) {
  return (verdict?.degraded ?? []).filter((reason) => !verdict.reasoning.includes(reason)).map((reason) => said(reason));
}

/** A table whose cells know their column, so that a narrow page can show them below one another. */
export function table(columns, rows) {
  const cell = (value, at) => {
    const node = make("td", { dataset: { label: columns[at] } }, value instanceof Node ? value : said(String(value ?? "")));
    const text = node.textContent;
    if (text.length <= SHORT) node.className = "short"; // such as a time or a name
    else if (text.split(/\s/).some((word) => word.length > SHORT)) node.className = "long"; // such as a digest
    return node;
  };
  return make("table", { className: "found" },
    make("thead", {}, make("tr", {}, ...columns.map((word) => make("th", { scope: "col" }, word)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))));
}

/** Names with their values, below one another. */
export function list(rows) {
  return make("dl", { className: "facts" }, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value instanceof Node ? value : said(String(value)))]));
}
