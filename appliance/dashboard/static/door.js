// The door: a name with its password, or a code that works once. In the language that is remembered here, or the browser's.

import { refused } from "./boxsays.js";
import { t, translatePage } from "./words.js";

translatePage();
const form = document.getElementById("form");
const say = document.getElementById("say");
const field = (name) => document.getElementById(`${name}-field`);
let byCode = false;

function show(names, needed = names) {
  for (const name of ["code", "name", "password", "otp"]) {
    field(name).hidden = !names.includes(name);
    form.elements[name].required = needed.includes(name);
  }
  const first = names.find((name) => !form.elements[name].value) ?? names[0];
  form.elements[first].focus();
}

function withCode() {
  byCode = true;
  document.getElementById("with-code").hidden = true;
  document.getElementById("with-password").hidden = false;
  show(["code"]);
}

async function send() {
  const typed = Object.fromEntries(new FormData(form));
  const [address, body] = byCode
    ? ["/api/v1/session/code", { code: typed.code.trim(), name: typed.name, password: typed.password }]
    : ["/api/v1/session", { name: typed.name, password: typed.password, otp: typed.otp.trim() }];
  say.textContent = "";
  say.classList.remove("welcome");
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (answer.ok) {
    location.reload();
    return;
  }
  const told = await answer.json();
  const chosen = byCode && told.needs?.every((name) => typed[name] === "");
  if (byCode && told.needs) {
    document.getElementById("password-word").textContent = t("New password");
    form.elements.password.autocomplete = "new-password";
    if (told.name) form.elements.name.value = told.name;
    show(["code", ...told.needs]);
  } else if (told.needs?.includes("otp")) show(["name", "password", "otp"]);
  say.classList.toggle("welcome", Boolean(chosen));
  say.textContent = chosen ? t("Welcome. Choose, then come in.") : refused(told);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await send();
  } catch (problem) {
    if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError)) throw problem;
    say.textContent = t("The box does not answer. Is it switched on and its network plugged in?");
  }
});
document.getElementById("with-code").addEventListener("click", withCode);
document.getElementById("with-password").addEventListener("click", () => location.reload());

function byAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code || form.hidden) return;
  history.replaceState(null, "", location.pathname + location.search); // nobody who comes after finds it in the address
  withCode();
  form.elements.code.value = code;
  form.requestSubmit();
}

for (const button of form.querySelectorAll("button")) button.disabled = false; // before, nobody would have heard

if (!isSecureContext) {
  form.hidden = true;
  document.getElementById("plain").hidden = false;
}
addEventListener("hashchange", byAddress);
byAddress();
