// Who may come in, and which machines; everything that changes something asks for one's own password once more.

import { sheet } from "./dialogs.js";
import { ask, askAgain, at, begin, rowButton, say, showOnce, tell, why } from "./office.js";
import { person } from "./me.js";
import { make, said, table } from "./parts.js";
import { own, t, when } from "./words.js";

const ROLES = {
  officer: () => t("An officer looks at scans and judges them."),
  supervisor: () => t("A supervisor also overrules, and changes the rules."),
  administrator: () => t("An administrator looks after accounts, tokens and the box, and never judges."),
  auditor: () => t("An auditor looks at scans and at the record, and changes nothing."),
};
const SCOPES = { read: () => t("look at scans"), inspect: () => t("hand in scans") };
const people = "/api/v1/officers";
const tokens = "/api/v1/tokens";
const addressOf = (list, name) => `${list}/${encodeURIComponent(name)}`;

function role() {
  const field = at("add").elements.role;
  field.replaceChildren(...Object.keys(ROLES).map((name) => make("option", { value: name }, own(name))));
  const explain = () => { at("role-told").textContent = ROLES[field.value](); };
  field.addEventListener("change", explain);
  explain();
}

function stateOf({ disabled_at: gone, has_password: ready, second_factor: two }) {
  if (gone) return make("span", {}, t("✕ disabled {time}", { time: when(gone) }));
  if (!ready) return make("span", { className: "warn" }, t("waits: the code was not used yet"));
  return make("span", { className: "well" }, two ? t("✓ with a second factor") : t("✓ by password"));
}

async function listPeople() {
  const { officers } = await ask(people);
  const rows = officers.map((officer) => {
    const { shown, disabled_at: gone, made_at: since, made_by: by } = officer;
    const deeds = [
      rowButton(gone ? t("Let in again") : t("New code"), shown, () => newCode(officer)),
      gone ? "" : rowButton(t("Sessions"), shown, () => showSessions(officer)),
      gone || officer.name === person.name ? "" : rowButton(t("Disable"), shown, () => disable(officer)),
    ];
    return [said(shown, "name"), make("span", {}, own(officer.role)), stateOf(officer), make("span", {}, when(since), " · ", said(by)), make("span", { className: "buttons" }, ...deeds)];
  });
  at("officers").replaceChildren(table([t("Name"), t("Role"), t("State"), t("Added"), t("Do")], rows));
  mark(at("officers"), officers.map(({ disabled_at: gone }) => gone));
}

/** Grey the rows of who or what is out of use. */
function mark(place, gone) {
  place.querySelectorAll("tbody tr").forEach((row, number) => row.classList.toggle("gone", Boolean(gone[number])));
}

at("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const wanted = { name: form.elements.name.value, role: form.elements.role.value };
  askAgain(t("Add {name}", wanted), [ROLES[wanted.role]()], t("Add and make a code"), async (password) => {
    const { code } = await tell("POST", people, { ...wanted, password });
    form.elements.name.value = "";
    await listPeople();
    return () => showCode(wanted.name, code);
  });
});

function showCode(name, code) {
  showOnce(t("The code for {name}", { name }), [t("{name} opens this box's page, chooses “I have a code”, types it and then chooses a password. It works once, within 24 hours.", { name })], code);
}

function newCode({ name, shown, disabled_at: gone }) {
  const words = gone
    ? [t("{name} may come in again, with a new password.", { name: shown })]
    : [t("The old password, the second factor and all sessions of {name} end now.", { name: shown })];
  askAgain(gone ? t("Let {name} in again", { name: shown }) : t("A new code for {name}", { name: shown }), words, t("Make a code"), async (password) => {
    const { code } = await tell("POST", `${addressOf(people, name)}/code`, { password });
    await listPeople();
    return () => showCode(shown, code);
  });
}

function disable({ name, shown }) {
  askAgain(t("Disable {name}", { name: shown }), [t("{name} is sent away at once and everywhere, and cannot come in until you make a new code. What they did stays in the record.", { name: shown })], t("Disable"), async (password) => {
    await tell("DELETE", addressOf(people, name), { password });
    await listPeople();
  });
}

async function showSessions({ name, shown }) {
  const place = make("div", {}, t("Asking the box …"));
  const end = make("button", { type: "button", className: "answer side" }, t("Sign {name} out everywhere", { name: shown }));
  const dialog = sheet(t("Sessions of {name}", { name: shown }), place, make("p", {}, end));
  end.addEventListener("click", () => {
    dialog.close();
    askAgain(t("Sign {name} out everywhere", { name: shown }), [t("They may sign in again.")], t("Sign out"), async (password) => {
      await tell("DELETE", `${addressOf(people, name)}/sessions`, { password });
    });
  });
  try {
    const { sessions } = await ask(`${addressOf(people, name)}/sessions`);
    end.hidden = !sessions.length;
    const rows = sessions.map(({ began_at: began, seen_at: seen }) => [make("span", {}, when(began)), make("span", {}, when(seen))]);
    place.replaceChildren(rows.length ? table([t("Since"), t("Last did something")], rows) : t("Signed in nowhere."));
  } catch (problem) {
    say(place, why(problem));
  }
}

async function listTokens() {
  const { tokens: found } = await ask(tokens);
  const rows = found.map(({ name, scopes, made_at: since, revoked_at: gone }) => [
    said(name, "name"), make("span", {}, scopes.map((scope) => SCOPES[scope]?.() ?? scope).join(" · ")), make("span", {}, when(since)),
    gone ? make("span", {}, t("✕ revoked {time}", { time: when(gone) })) : make("span", { className: "well" }, t("✓ in use")),
    gone ? "" : make("span", { className: "buttons" }, rowButton(t("Revoke"), name, () => revoke(name))),
  ]);
  at("tokens").replaceChildren(rows.length ? table([t("Name"), t("May"), t("Made"), t("State"), t("Do")], rows) : make("p", { className: "quiet" }, t("No program has a token.")));
  mark(at("tokens"), found.map(({ revoked_at: gone }) => gone));
}

at("token").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const wanted = { name: form.elements.name.value.trim(), scopes: new FormData(form).getAll("scope") };
  askAgain(t("Make the token {name}", wanted), [t("It may: {what}.", { what: wanted.scopes.map((scope) => SCOPES[scope]()).join(", ") || t("nothing yet; choose what") })], t("Make a token"), async (password) => {
    const { token } = await tell("POST", tokens, { ...wanted, password });
    form.elements.name.value = "";
    await listTokens();
    return () => showOnce(t("The token {name}", wanted), [t("The program sends it with every request:")], `Authorization: Bearer ${token}`);
  });
});

function revoke(name) {
  askAgain(t("Revoke {name}", { name }), [t("The program with this token is shut out at once, for good. Its name is not given again.")], t("Revoke"), async (password) => {
    await tell("DELETE", addressOf(tokens, name), { password });
    await listTokens();
  });
}

begin(async () => {
  role();
  await Promise.all([listPeople(), listTokens()]);
});
