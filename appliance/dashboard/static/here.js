// Tells the box that somebody moves at the desk, so that reading alone does not sign anybody out:
// when a key or a pointer moves, once a minute at the most. What the page asks for by itself tells nothing.

const EVERY = 60000;
let telling = "";

/** Begin to tell; `meet()` of me.js does it for every page. */
export function tellWhoMoves(proof) {
  const begun = Boolean(telling);
  telling = proof;
  if (begun) return;
  let told = Date.now();
  function move() {
    if (Date.now() - told < EVERY) return;
    told = Date.now();
    fetch("/api/v1/me/here", { method: "POST", headers: { "X-Lanewatch-Proof": telling } }).catch(() => {}); // the stream says when the box is gone
  }
  for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, move, { capture: true, passive: true });
}
