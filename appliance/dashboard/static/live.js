// Is what stands on the page of now? The pulse in the bar, and the large notice when the box is silent.

import { Feed } from "./feed.js";
import { make } from "./parts.js";
import { say } from "./queue.js";
import { clock, t } from "./words.js";

const STALE_SECONDS = 8; // the box lets hear from itself every 3 s
const LOST_SECONDS = 3; // a broken connection gets one more try before everybody is told
const READY_EVERY = 10000;
const at = (id) => document.getElementById(id);

/** Follow the box; `hear(kind, data)` is told what happens, `back()` that the box can be heard, `beat()` comes every second. Gives `follow(after)`. */
export function live(hear, back, beat) {
  const feed = new Feed("/api/v1/events", hear, back);

  function tick() {
    const stale = feed.silence > (feed.open ? STALE_SECONDS : LOST_SECONDS);
    const state = stale ? "stale" : feed.open ? "live" : "starting";
    document.body.dataset.state = state;
    say(at("pulse"), { stale: t("Not live"), live: t("Live"), starting: t("Connecting …") }[state]);
    say(at("clock"), clock(Date.now()));
    if (at("stale").hidden === stale) alarm(stale);
    const seconds = Math.floor(feed.silence);
    const span = `${seconds < 60 ? "" : `${Math.floor(seconds / 60)} min `}${seconds % 60} s`;
    say(at("silence"), stale ? t("Nothing heard for {time}. Trying again.", { time: span }) : "");
    beat();
  }

  function alarm(stale) {
    at("stale").hidden = !stale;
    at("alarm").replaceChildren(...(stale ? [
      make("h2", {}, t("Not live since {time}", { time: clock(feed.since) })),
      make("p", {}, t("What stands below is old. Let nothing pass because of it: look at every bag yourself until this notice is gone.")),
      make("p", {}, t("If it stays, is the box switched on and its network plugged in? Who looks after it asks:"), " ", make("code", { translate: false }, "lanewatch status --config FILE")),
    ] : []));
  }

  async function askReady() {
    const notice = at("unready");
    try {
      const { ready, reasons } = await (await fetch("/readyz")).json();
      notice.hidden = ready;
      notice.replaceChildren(...(ready ? [] : [t("A scan would not be judged by the machine now:"), " ", make("span", { translate: false }, reasons.join("; "))]));
    } catch (problem) {
      if (!(problem instanceof TypeError) && !(problem instanceof SyntaxError)) throw problem;
      notice.hidden = true; // not reachable: the other notice says so
    }
  }

  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick); // nobody ticks while the page lies under another
  setInterval(askReady, READY_EVERY);
  askReady();
  return (after) => feed.follow(after);
}
