// The image tools as buttons, their state remembered for the officer.

import { PLAIN } from "./develop.js";
import { person, remember } from "./me.js";
import { make } from "./parts.js";
import { keyWord } from "./keys.js";
import { t } from "./words.js";

const GAMMA_ENDS = 5;
const STRIPS = ["organic", "inorganic", "metal"];
const PALETTES = ["", "grey", "fire"];

export const tools = { ...PLAIN, boxes: true, ...person.settings.tools };

const NAMES = {
  invert: () => t("Invert"), organic: () => t("Only organic"), inorganic: () => t("Only inorganic"), metal: () => t("Only metal"),
  penetration: () => t("High penetration"), edges: () => t("Edges"), palette: () => t("Palette"),
  darker: () => t("Darker"), lighter: () => t("Lighter"), boxes: () => t("Boxes"), plain: () => t("As it came"),
};
const SHORT = { organic: () => t("Organic"), inorganic: () => t("Inorganic"), metal: () => t("Metal"), penetration: () => t("Penetrate") };

/** Use one tool. */
export function use(name) {
  if (STRIPS.includes(name)) tools.strip = tools.strip === name ? "" : name;
  else if (name === "palette") tools.palette = PALETTES[(PALETTES.indexOf(tools.palette) + 1) % PALETTES.length];
  else if (name === "darker" || name === "lighter") tools.gamma = Math.max(-GAMMA_ENDS, Math.min(GAMMA_ENDS, tools.gamma + (name === "lighter" ? 1 : -1)));
  else if (name === "plain") Object.assign(tools, PLAIN);
  else tools[name] = !tools[name];
  remember({ tools: { ...tools } });
}

const pressed = (name) => (STRIPS.includes(name) ? tools.strip === name : name === "palette" ? Boolean(tools.palette) : tools[name]);

/** The bar of the tools; `changed` is called when one was used. Gives the bar with `.draw()`. */
export function toolbar(changed) {
  const bar = make("div", { className: "tools" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", t("Image tools"));
  const buttons = new Map(Object.keys(NAMES).map((name) => {
    const word = make("span", {}, (SHORT[name] ?? NAMES[name])());
    const button = make("button", { type: "button", className: "tool", title: NAMES[name](), onclick: () => { use(name); bar.draw(); changed(); } }, make("kbd", { translate: false }, keyWord(name)), word);
    button.word = word;
    return [name, button];
  }));
  bar.draw = () => {
    for (const [name, button] of buttons) {
      if (!["darker", "lighter", "plain"].includes(name)) button.setAttribute("aria-pressed", String(Boolean(pressed(name))));
    }
    buttons.get("palette").word.textContent = { "": t("Palette"), grey: t("Palette: grey"), fire: t("Palette: fire") }[tools.palette];
    const level = tools.gamma ? ` ${tools.gamma > 0 ? "+" : "−"}${Math.abs(tools.gamma)}` : "";
    buttons.get("lighter").word.textContent = t("Lighter") + (tools.gamma > 0 ? level : "");
    buttons.get("darker").word.textContent = t("Darker") + (tools.gamma < 0 ? level : "");
  };
  bar.append(...buttons.values());
  bar.draw();
  return bar;
}
