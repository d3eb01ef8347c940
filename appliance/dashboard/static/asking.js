// A form whose answers stand in the address: times as people type them, and as the box reads them.

import { language, t } from "./words.js";

const timed = (form, name) => form.elements[name]?.type === "datetime-local";

/** Show in a form what stands in the address, and let it write there only what was given. */
export function followAddress(form, asked) {
  for (const [name, value] of asked) {
    const moment = new Date(value);
    if (timed(form, name) && !Number.isNaN(moment.valueOf())) form.elements[name].value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    else if (form.elements[name]) form.elements[name].value = value;
  }
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) {
      if (!value) formData.delete(name);
      else if (timed(form, name)) formData.set(name, new Date(value).toISOString());
    }
  });
}

/** What the box says to a question; throws what is wrong in its words. */
export async function ask(address) {
  const answer = await fetch(address);
  if (answer.status === 401) location.reload(); // the door is shown instead
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });

export const number = (value) => whole.format(value);
export const percent = (value) => (value === null ? "–" : share.format(value));

/** How sure a share is. */
export function spread({ rate, low, high, n }) {
  return rate === null ? t("none yet") : t("between {low} and {high}; {n} in all", { low: percent(low), high: percent(high), n: number(n) });
}

/** A share with how sure it is. */
export function sure(share) {
  return share.rate === null ? spread(share) : `${percent(share.rate)} (${spread(share)})`;
}

export function took(milliseconds) {
  if (milliseconds === null) return "–";
  const n = (value) => ({ n: new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value) });
  if (milliseconds < 1000) return t("{n} ms", n(milliseconds));
  return milliseconds < 600000 ? t("{n} s", n(milliseconds / 1000)) : t("{n} min", n(milliseconds / 60000));
}

/** A moment with its day, for what may be printed. */
export function moment(at) {
  return new Date(at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}
