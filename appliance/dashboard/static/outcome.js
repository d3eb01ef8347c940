// What came of the search: found, nothing, or not opened; what and how many, and a note.

import { called, picker } from "./classes.js";
import { make, said } from "./parts.js";
import { t } from "./words.js";

/** Open the form for a scan; `give({kind, found, note})` takes what was filled in. */
export function askOutcome(whole, give) {
  const found = [];
  const things = make("ul", { className: "plainlist" });
  const dialog = make("dialog", { className: "paper" });
  const note = make("textarea", { rows: 2, maxLength: 1000 });
  const trouble = make("p", { className: "warnline" });
  trouble.setAttribute("role", "alert");
  const kinds = [["found", t("Something was found")], ["nothing", t("Nothing was found")], ["not_opened", t("It was not opened")]];
  const radios = kinds.map(([value, words], index) => make("label", {}, make("input", { type: "radio", name: "kind", value, checked: index === 0 }), " ", words));
  const field = picker(t("What was found? Enter adds it."), (item) => {
    const known = found.find((one) => one.item === item);
    if (known) known.quantity += 1;
    else found.push({ item, quantity: 1 });
    draw();
    field.querySelector("input").value = "";
    field.querySelector("input").dispatchEvent(new Event("input"));
  });
  const whatFound = make("div", { className: "whatfound" }, field, things);
  const send = make("button", { type: "submit", className: "answer" }, t("Send"));
  const away = make("button", { type: "button", className: "answer side", onclick: () => dialog.close() }, t("Cancel"));
  const title = make("h2", { id: "outcome-title" }, t("Result of the search"));
  const form = make("form", {}, title, make("p", {}, said(whole.scan_id, "name")), make("fieldset", { className: "radios" }, make("legend", { className: "unseen" }, t("Result")), ...radios),
    whatFound, make("label", {}, t("Note"), note), trouble, make("p", { className: "buttons" }, send, away));

  function draw() {
    things.replaceChildren(...found.map((one, index) => {
      const many = make("input", { type: "number", min: 1, max: 999, value: one.quantity, onchange: () => { one.quantity = Math.min(999, Math.max(1, Number(many.value) || 1)); many.value = one.quantity; } });
      many.setAttribute("aria-label", t("How many: {item}", { item: called(one.item) }));
      return make("li", {}, many, " × ", said(called(one.item)), " ", make("button", { type: "button", className: "tool", onclick: () => { found.splice(index, 1); draw(); } }, t("Remove")));
    }));
  }

  form.addEventListener("change", () => { whatFound.hidden = form.elements.kind.value !== "found"; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = form.elements.kind.value;
    trouble.textContent = kind === "found" && !found.length ? t("Say what was found.") : "";
    if (trouble.textContent) return;
    dialog.close();
    give({ kind, found: kind === "found" ? found : [], note: note.value.trim() });
  });
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
