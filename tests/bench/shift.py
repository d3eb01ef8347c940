"""How quick the desk is for who sits at it: the next scan after the key, a verdict after its conclude, the tools.

    ./dev bench shift [--answers 40] [--verdicts 30]

A whole box with made-up answers and an officer in Chromium. The times are taken by the page itself: from the key's
event to the frame in which the next scan stands there whole (name, words, every view), and from the moment that the
verdict carries (begun before it is on disk) to the frame in which its card stands in the queue.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.appliance.dashboard.browser import browser
from tests.appliance.dashboard.desk_page import PANES, TITLE
from tests.box import Box
from tests.shift import PASSWORD, VIEWS, WHOLE, Shift, rehearse

LOOKS = 0.8
"""Seconds an officer looks at a scan, at least: meanwhile the next ones are asked for."""
CLOCKS = f"""(() => {{ window.nexts = []; window.seen = {{}};
  addEventListener('keydown', ({{key}}) => {{
    const from = performance.now(), before = {TITLE};
    if (key !== 'a') return;
    const look = () => {TITLE} && {TITLE} !== before && {PANES} === 2 && {WHOLE}
      ? requestAnimationFrame(() => nexts.push(performance.now() - from)) : requestAnimationFrame(look);
    look();
  }}, true);
  new MutationObserver(() => {{
    for (const {{textContent}} of document.querySelectorAll('.card .name')) {{
      if (textContent in seen) continue;
      seen[textContent] = null;
      requestAnimationFrame(() => {{ seen[textContent] = Date.now(); }});
    }}
  }}).observe(document, {{subtree: true, childList: true}}); }})()"""
TOOLS = """import('/static/develop.js').then(({develop, PLAIN}) => {
  const size = 1000, from = new Uint8ClampedArray(size * size * 4).fill(90), to = new Uint8ClampedArray(from.length);
  const all = {...PLAIN, strip: 'metal', penetration: true, edges: true, gamma: 2}, times = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const at = performance.now(); develop(from, to, size, size, all); times.push(performance.now() - at);
  }
  return times; })"""
"""All tools at once on a picture of a million points."""
SAID = "SELECT scan_id, verdict.at FROM verdict JOIN scan ON scan.id = verdict.scan WHERE verdict.action != 'CLEAR'"


def bench(folder: Path, answers: int, verdicts: int) -> dict[str, Any]:
    """The figures of one box."""
    with Box(folder, source=VIEWS) as box, browser(folder / "chromium") as window:
        box.start()
        rehearse(box.scanner, answers + 8, seed=7)
        shift = Shift(box, window)
        window.tell("Page.addScriptToEvaluateOnNewDocument", source=CLOCKS)
        shift.by_code(shift.first_start(), PASSWORD)
        wanted = box.one("SELECT count(*) FROM scan")
        box.until(lambda: box.one("SELECT count(*) FROM scan WHERE action IS NOT NULL") >= wanted, "all are judged")
        window.press("g")
        for number in range(answers):
            before = shift.whole()
            time.sleep(LOOKS)
            shift.answer("agree")
            shift.whole(other_than=before)
            window.wait(f"nexts.length === {number + 1}")
        window.press("Escape")
        for number in range(verdicts):
            rehearse(box.scanner, 1, seed=1000 + number)
        box.until(lambda: box.one("SELECT count(*) FROM scan WHERE action IS NULL") == 0, "all are judged")
        time.sleep(2)
        seen = window.ask("seen")
        said = {row["scan_id"]: datetime.fromisoformat(row["at"]).timestamp() * 1000 for row in box.ask(SAID)}
        late = [seen[name] - at for name, at in said.items() if seen.get(name) and not name.startswith("SCAN-7-")]
        return {
            "machine": {"cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)},
            "next_scan_after_the_key_ms": _told(window.ask("nexts")),
            "verdict_on_the_screen_after_conclude_ms": _told(late),
            "goal_ms": 100,
            "all_tools_on_a_million_points_ms": _told(window.ask(TOOLS)),
        }


def _told(times: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(times)
    at = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    return {
        "count": len(ordered),
        **{name: round(value, 1) for name, value in at.items()},
        "most": round(ordered[-1], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=40)
    parser.add_argument("--verdicts", type=int, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(bench(Path(folder), asked.answers, asked.verdicts), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
