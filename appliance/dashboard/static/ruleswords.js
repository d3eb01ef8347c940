// Asks for the words by which rules change: why, one's own password once more, and where needed a second person's.

import { change } from "./me.js";
import { make, said } from "./parts.js";
import { t } from "./words.js";

function field(words, name, more = {}) {
  const { required = true, ...rest } = more;
  return make("label", { className: "field" }, words, make("input", { name, required, ...rest }));
}

/** What the box says against it, as text. */
export function trouble(told) {
  const lines = [told.detail, told.hint, ...(told.faults ?? [])].filter(Boolean);
  return make("span", {}, ...[...new Set(lines)].flatMap((line) => [said(line), make("br")]));
}

/** Ask, and do it; `two` says why two people have to stand for it, or null; `done(answer)` is told what is in force then. */
export function askWord(title, address, body, done, two = null) {
  const told = make("p", {});
  told.setAttribute("role", "alert");
  const go = make("button", { className: "answer main" }, t("Put in force"));
  const pair = two ? make("fieldset", { className: "pair" },
    make("legend", {}, t("A second supervisor")),
    make("p", { className: "quiet" }, t("Two people stand for this:"), " ", said(two)),
    field(t("Their name"), "name", { autocomplete: "off" }),
    field(t("Their password"), "second", { type: "password", autocomplete: "off" }),
    field(t("Number of their second factor, if they have one"), "otp", { required: false, inputMode: "numeric", autocomplete: "off" })) : null;
  const form = make("form", {},
    make("h2", { id: "word-title" }, title),
    make("p", { className: "quiet" }, t("It counts from the next verdict on, and is recorded with your name.")),
    field(t("Why"), "why", { maxLength: 500, autocomplete: "off" }),
    field(t("Your own password, once more"), "password", { type: "password", autocomplete: "current-password" }),
    pair, told,
    make("p", { className: "buttons" }, go, make("button", { type: "button", className: "answer side", onclick: () => dialog.close() }, t("Cancel"))));
  const dialog = make("dialog", { className: "paper" }, form);
  dialog.setAttribute("aria-labelledby", "word-title");
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { why, password, name, second, otp } = Object.fromEntries(new FormData(form));
    go.disabled = true;
    told.textContent = t("The box checks …");
    try {
      const answer = await change("POST", address, { ...body, why, password, ...(two ? { second: { name, password: second, otp } } : {}) });
      const found = await answer.json();
      if (!answer.ok) return told.replaceChildren(trouble(found));
      dialog.close();
      await done(found);
    } catch (problem) {
      told.textContent = t("The box does not answer ({why}).", { why: problem.message });
    } finally {
      go.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}
