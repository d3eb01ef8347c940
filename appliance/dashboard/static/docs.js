// The routes as the box itself describes them.

import "./bar.js";
import { meet } from "./me.js";
import { chips, make, said } from "./parts.js";
import { t, translatePage } from "./words.js";

translatePage();
meet().catch((problem) => console.warn(problem));

/** The fields of a body, those inside an object after a dot. */
function fields({ properties = {}, required = [], additionalProperties: others }, before = "") {
  const named = Object.entries(properties).flatMap(([name, schema]) => schema.properties
    ? fields(schema, `${before}${name}.`)
    : [`${before}${name}: ${kind(schema)}${required.includes(name) ? ", needed" : ""}`]);
  return others ? [...named, `any other name: ${kind(others)}, a view of the scan`] : named;
}

function kind({ type, enum: words, items, contentEncoding, contentMediaType, format }) {
  if (words) return words.join(" | ");
  if (items?.properties) return `list of {${Object.keys(items.properties).join(", ")}}`;
  return items ? `list of ${kind(items)}` : contentEncoding ?? (contentMediaType ? "file" : format ?? type);
}

const { paths } = await (await fetch("/docs/openapi.json")).json();
const place = document.getElementById("routes");
for (const [path, verbs] of Object.entries(paths)) {
  for (const [verb, about] of Object.entries(verbs)) {
    const asked = (about.parameters ?? []).map(({ name, in: where, schema }) => `${name} (${where}${schema.enum ? `: ${schema.enum.join(" | ")}` : ""})`);
    const bodies = Object.entries(about.requestBody?.content ?? {});
    const answers = Object.entries(about.responses).map(([code, { description }]) => `${code} ${description}`);
    place.append(make("section", { className: "route" },
      make("h2", {}, make("span", { className: "verb", translate: false }, verb.toUpperCase()), make("code", { translate: false }, path)),
      make("p", { translate: false, lang: "en" }, about.summary),
      make("p", { className: "quiet" }, about["x-scope"] === "open" ? t("open to all") : t("needs the right {right}", { right: about["x-scope"] }), bodies.length ? make("span", {}, " · ", t("body:"), " ", said(bodies.map(([type]) => type).join(", "))) : ""),
      chips(asked.map((one) => said(one))),
      ...bodies.map(([, { schema }]) => chips(fields(schema).map((one) => said(one)))),
      make("details", {}, make("summary", {}, t("Answers")), chips(answers.map((one) => said(one))))));
  }
}
