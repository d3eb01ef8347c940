// Everybody's own account: password, second factor, and where one is signed in.

import { ask, askAgain, at, begin, say, tell, why } from "./office.js";
import { may, person } from "./me.js";
import { list, make, table } from "./parts.js";
import { drawQr } from "./qr.js";
import { sheet } from "./dialogs.js";
import { own, t, when } from "./words.js";

const RIGHTS = {
  read: () => t("look at scans"), judge: () => t("judge scans"), supervise: () => t("overrule, change rules"),
  administer: () => t("accounts, tokens, the box"), audit: () => t("read the record"),
};

function self() {
  const rights = Object.keys(RIGHTS).filter(may).map((right) => RIGHTS[right]());
  at("self").replaceChildren(list([[t("Name"), person.shown || person.name], [t("Role"), make("span", {}, own(person.role))], [t("May"), make("span", {}, rights.join(" · "))]]));
}

at("password").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const line = at("password-told");
  if (form.elements.new.value !== form.elements.again.value) {
    line.replaceChildren(t("The new password was not typed twice alike."));
    return;
  }
  try {
    Object.assign(person, await tell("POST", "/api/v1/me/password", { old: form.elements.old.value, new: form.elements.new.value }));
    form.reset();
    line.replaceChildren(t("Your password is another now."));
    await sessions();
  } catch (problem) {
    say(line, why(problem));
  }
});

function factor() {
  const on = person.second_factor;
  const state = make("p", { className: on ? "well" : "" }, on ? t("✓ In force.") : t("You have none."));
  const button = make("button", { type: "button", className: "answer side", onclick: on ? end : start }, on ? t("Do without it") : t("Begin"));
  at("factor").replaceChildren(state, make("p", {}, button));
}

function start() {
  askAgain(t("Second factor"), [t("With a second factor a stolen password alone opens nothing.")], t("Begin"), async (password) => {
    const begun = await tell("POST", "/api/v1/me/second-factor", { password });
    return () => confirm(begun);
  });
}

function confirm({ secret, uri }) {
  const number = make("input", { name: "otp", className: "wide", inputMode: "numeric", autocomplete: "one-time-code", maxLength: 8, required: true });
  const alarm = make("p", { className: "alarm" });
  alarm.setAttribute("role", "alert");
  const form = make("form", {}, make("label", { className: "field" }, t("The number the app shows now"), number), alarm, make("p", {}, make("button", { className: "answer" }, t("Put it in force"))));
  const picture = drawQr(uri, t("QR code for the app"));
  const typed = make("pre", { tabIndex: 0, className: "secret" }, make("code", { translate: false }, secret.replace(/(.{4})(?=.)/g, "$1 ")));
  const beside = make("div", {}, make("p", {}, t("Or type this secret into the app:")), typed, make("p", {}, make("a", { href: uri }, t("Open it in an app on this device"))), form);
  const dialog = sheet(t("Second factor"), make("p", {}, t("Take the picture with an authenticator app on your phone, then type the number it shows.")), make("div", { className: "factor" }, picture ? make("div", { className: "qr" }, picture) : "", beside));
  number.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      Object.assign(person, await tell("PUT", "/api/v1/me/second-factor", { otp: number.value }));
      dialog.close();
      factor();
      await sessions();
    } catch (problem) {
      say(alarm, why(problem));
      number.select();
    }
  });
}

function end() {
  askAgain(t("Do without the second factor"), [t("Your password alone opens the door again.")], t("Do without it"), async (password) => {
    Object.assign(person, await tell("DELETE", "/api/v1/me/second-factor", { password }));
    return factor;
  });
}

async function sessions() {
  const { sessions: found } = await ask("/api/v1/me/sessions");
  const rows = found.map(({ began_at: began, seen_at: seen, here }) => [make("span", {}, when(began)), make("span", {}, when(seen)), make("span", {}, here ? t("this one") : "")]);
  at("sessions").replaceChildren(table([t("Since"), t("Last did something"), t("Which")], rows));
  at("end").hidden = found.length < 2;
}

at("end").addEventListener("click", async () => {
  try {
    const { ended } = await tell("DELETE", "/api/v1/me/sessions");
    at("sessions-told").replaceChildren(t("Ended: {n}.", { n: ended }));
    await sessions();
  } catch (problem) {
    say(at("sessions-told"), why(problem));
  }
});

begin(async () => {
  self();
  factor();
  await sessions();
});
