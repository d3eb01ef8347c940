// The routes as the box itself describes them.

import { chips, make } from "./parts.js";

const { paths } = await (await fetch("/docs/openapi.json")).json();
const place = document.getElementById("routes");
for (const [path, verbs] of Object.entries(paths)) {
  for (const [verb, about] of Object.entries(verbs)) {
    const asked = (about.parameters ?? []).map(({ name, in: where, schema }) => `${name} (${where}${schema.enum ? `: ${schema.enum.join(" | ")}` : ""})`);
    const bodies = Object.keys(about.requestBody?.content ?? {});
    const answers = Object.entries(about.responses).map(([code, { description }]) => `${code} ${description}`);
    place.append(make("section", { className: "route" },
      make("h2", {}, make("span", { className: "verb" }, verb.toUpperCase()), make("code", {}, path)),
      make("p", {}, about.summary),
      make("p", { className: "quiet" }, about["x-scope"] === "open" ? "open to all" : `scope ${about["x-scope"]}`, bodies.length ? ` · body ${bodies.join(", ")}` : ""),
      chips(asked),
      make("details", {}, make("summary", {}, "Answers"), chips(answers))));
  }
}
