// Scans with all that is told of them and their pictures, asked for before they are needed.

import { addressOf } from "./parts.js";
import { t } from "./words.js";

const MOST = 12;
const wholes = new Map();
const pictures = new Map();

export const keyOf = (scan) => `${scan.scan_id}\n${scan.revision}`;

/** The scan that stands in the address, if one does. */
export function inAddress() {
  const [name, revision] = location.hash.slice(1).split("/");
  try {
    return revision ? { scan_id: decodeURIComponent(name), revision: Number(revision) } : null;
  } catch {
    return null; // typed by hand, or cut off on its way
  }
}

/** A scan as the box has it now, or `{trouble}` in words. Its pictures come along as `bitmaps`, a promise for each view. */
export async function load(scan) {
  const key = keyOf(scan);
  if (!wholes.has(key)) wholes.set(key, ask(scan));
  trim(wholes);
  const whole = await wholes.get(key);
  if (whole.trouble) wholes.delete(key);
  else for (const view of whole.views) picture(view);
  return whole;
}

/** Something happened to a scan: what is known of it is old. Its pictures never change. */
export function forget(scan) {
  wholes.delete(keyOf(scan));
}

/** The pixels of one view; null when they cannot be shown. */
export function picture(view) {
  if (!view.address) return Promise.resolve(null);
  if (!pictures.has(view.sha256)) pictures.set(view.sha256, fetched(view));
  trim(pictures);
  return pictures.get(view.sha256);
}

function trim(map) {
  for (const key of [...map.keys()].slice(0, -MOST)) map.delete(key);
}

async function fetched(view) {
  try {
    const answer = await fetch(view.address);
    if (!answer.ok) throw new TypeError(`picture: ${answer.status}`);
    return await createImageBitmap(await answer.blob());
  } catch (problem) {
    if (!(problem instanceof TypeError) && problem.name !== "InvalidStateError") throw problem;
    pictures.delete(view.sha256);
    return null;
  }
}

async function ask(scan) {
  try {
    const answer = await fetch(`${addressOf(scan)}?revision=${scan.revision}`);
    const told = await answer.json();
    return answer.ok ? told : { trouble: told.detail };
  } catch (problem) {
    if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError)) throw problem;
    return { trouble: t("the box does not answer.") };
  }
}
