// Small pieces the pages are built from. Everything said by the box goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

const ACTIONS = {
  CLEAR: { word: "Clear", path: "M5 13l4.500 4.500L19 7" },
  REVIEW: { word: "Review", path: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z" },
  PHYSICAL_INSPECTION: { word: "Open and search", path: "M12 3.500L22 20.500H2zM12 10v4.500M12 17.400v.1" },
  REPLACED: { word: "Replaced by a newer scan", path: "M4 9h13l-4-4M20 15H7l4 4" },
  WAITING: { word: "Being judged", path: "M7 3h10M7 21h10M8 3c0 5 8 6 8 9s-8 4-8 9M16 3c0 5-8 6-8 9s8 4 8 9" },
};

export function make(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  Object.assign(node.dataset, dataset);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function drawing(viewBox, ...shapes) {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", viewBox);
  node.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    node.append(shape);
  }
  return node;
}

function badge(action, risk) {
  const { word, path } = ACTIONS[action] ?? ACTIONS.WAITING;
  return make("span", { className: "badge" }, drawing("0 0 24 24", ["path", { d: path }]), risk ? `${word} · ${risk} risk` : word);
}

export function chips(words, kind = "chip") {
  return words.length ? make("ul", { className: "chips" }, ...words.map((word) => make("li", { className: kind }, word))) : null;
}

export function ago(moment, now) {
  const seconds = Math.max(0, Math.round((now - moment) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function addressOf(scan) {
  return `/api/v1/scans/${encodeURIComponent(scan.scan_id)}`;
}

/** What a scan asks for now; a scan that was replaced asks for nothing any more. */
export function actionOf(scan) {
  return scan.superseded ? "REPLACED" : scan.verdict?.recommended_action ?? "WAITING";
}

/** The badge of a scan. */
export function badgeOf(scan) {
  return badge(actionOf(scan), scan.superseded ? null : scan.verdict?.risk_level);
}

/** What a verdict lacks, less what its reasoning says already. */
export function lacks(verdict) {
  return (verdict?.degraded ?? []).filter((reason) => !verdict.reasoning.includes(reason));
}

/** A table whose cells know their column, so that a narrow page can show them below one another. */
export function table(columns, rows) {
  const cell = (value, at) => make("td", { dataset: { label: columns[at] } }, value instanceof Node ? value : String(value ?? ""));
  return make("table", { className: "found" },
    make("thead", {}, make("tr", {}, ...columns.map((word) => make("th", { scope: "col" }, word)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))));
}
