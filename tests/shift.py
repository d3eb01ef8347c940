"""An officer's shift at a whole box, in a real browser and by keyboard alone: for journeys and benches.

Takes a box that is up and a window; gives what was pressed and what the page was told, to be held against the store.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.appliance.dashboard.browser import Browser
from tests.appliance.dashboard.desk_page import KEPT, PANES, TITLE
from tests.box import ROOT, Box

VIEWS = ", deadline_seconds: 600, views: '(?P<scan>.+)_(?P<view>top|side)', expected_views: 2"
"""What a folder source needs to take the rehearsal scanner's pictures in two views."""
KEYS = {"agree": "a", "false_alarm": "f", "cannot_tell": "c", "missed": "m", "wrong_item": "w"}
PASSWORD = "long enough for a whole shift"
LISTEN = """(() => { const real = window.fetch;
  window.fetch = async (where, how) => { const answer = await real(where, how);
    if (how?.method === 'POST' && /^\\/api\\/v1\\/reviews/.test(where) && answer.ok) {
      const told = JSON.parse(localStorage.getItem('told') ?? '[]');
      told.push([where, how.body]);
      localStorage.setItem('told', JSON.stringify(told)); }
    return answer; }; })()"""
"""Every acknowledgement the page gets, written down beside it: the page's own words are not asked."""
WHOLE = f"{PANES} === 2 && document.querySelector('#detail .reason')"


def rehearse(into: Path, count: int, seed: int, lane: str = "L1") -> None:
    """Simulated scans in two views, written as a scanner writes them."""
    manner = ("--size", "320", "--views", "2", "--lane", lane)
    what = ("--into", str(into), "--count", str(count), "--seed", str(seed))
    command = [sys.executable, "-m", "training", "synth", *what, *manner]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


class Shift:
    """Somebody before the screen of a box."""

    def __init__(self, box: Box, window: Browser) -> None:
        self.box, self.window = box, window
        self.pressed: list[tuple[str, str]] = []
        """What was answered, and not taken back: scan and kind."""
        window.shape(1280, 800)
        window.tell("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)

    def first_start(self) -> str:
        """Come in by the setup code as the first administrator, let an officer in, leave; gives the officer's code."""
        code = (self.box.state / "run" / "setup-code").read_text().strip()
        self.window.open(f"http://127.0.0.1:{self.box.port}/")
        self.by_code(code, "Chief Admin", PASSWORD)
        officer = {"name": "T. Tan", "role": "officer", "password": PASSWORD}
        ask = f"me.change('POST', '/api/v1/officers', {json.dumps(officer)}).then((told) => told.json())"
        made = self.window.ask(f"import('/static/me.js').then((me) => {ask})")
        self.leave()
        return made["code"]

    def by_code(self, code: str, *chosen: str) -> None:
        """At the door: *I have a code*, the code, and what it asks to be chosen."""
        window = self.window
        window.wait("document.activeElement?.matches('[name=name]') && !document.getElementById('with-code').disabled")
        window.tab_to("#with-code")
        window.press("Enter")
        window.wait("document.activeElement.matches('[name=code]')")
        window.write(code)
        window.press("Enter")
        names = ("name", "password")[-len(chosen) :]
        for name, word in zip(names, chosen, strict=True):
            window.wait(f"document.getElementById('{name}-field').checkVisibility()")
            window.tab_to(f"[name={name}]")
            window.write(word)
        window.press("Enter")
        self.live()

    def live(self) -> None:
        self.window.wait("document.body.dataset.state === 'live' && document.getElementById('who').textContent")

    def leave(self) -> None:
        """Sign out by the settings."""
        self.window.press(",")
        self.window.wait("document.querySelector('dialog[open] details')")
        self.window.tab_to("dialog details ~ p button:not(.buttons *)")
        self.window.press("Enter")
        self.window.wait("document.getElementById('with-code')")

    def title(self) -> str:
        return self.window.ask(TITLE) or ""

    def whole(self, other_than: str = "") -> str:
        """Wait until a scan stands there with its pictures and words; gives its name."""
        self.window.wait(f"{TITLE} && {TITLE} !== {json.dumps(other_than)} && {WHOLE}")
        return self.title()

    def answer(self, kind: str) -> str:
        """Answer the scan that stands there, by keys; gives its name. Waits for nothing."""
        scan = self.title()
        self.window.press(
            {"agree": "a", "false_alarm": "f", "cannot_tell": "c", "missed": "m", "wrong_item": "w"}[kind]
        )
        if kind == "missed":
            self._draw()
        if kind == "wrong_item":
            self._correct()
        self.pressed.append((scan, kind))
        return scan

    def undo(self) -> str:
        """Take the last answer back; its scan stands there again."""
        scan, _ = self.pressed.pop()
        self.window.press("z")
        self.window.wait(f"{TITLE} === {json.dumps(scan)} && {WHOLE}")
        return scan

    def settled(self) -> None:
        """Until the page says that nothing waits any more."""
        self.window.wait(f"!document.querySelector('.kept.unkept') && !{KEPT}.includes('refused')")

    def told(self) -> tuple[list[dict[str, Any]], set[str]]:
        """What the box acknowledged to the page: words, and the keys of those taken back."""
        kept = json.loads(self.window.ask("localStorage.getItem('told')") or "[]")
        undone = {where.split("/")[4] for where, _ in kept if where.endswith("/undo")}
        return [json.loads(body) for where, body in kept if not where.endswith("/undo")], undone

    def stored(self) -> list[tuple[str, str, str, bool]]:
        """What the box has on disk: key, scan, kind, taken back."""
        asked = "SELECT key, scan_id, kind, undone_at FROM review JOIN scan ON scan.id = review.scan ORDER BY review.id"
        return [(row["key"], row["scan_id"], row["kind"], row["undone_at"] is not None) for row in self.box.ask(asked)]

    def _draw(self) -> None:
        window = self.window
        window.wait("document.querySelector('.pane.drawing .overlay .seen-drawn')")
        for key, shift in (("ArrowLeft", False), ("ArrowUp", False), ("ArrowRight", True), ("ArrowDown", True)):
            window.press(key, shift=shift)
        window.press("Enter")
        self._pick("scissors")

    def _correct(self) -> None:
        window = self.window
        window.wait("document.querySelector('.asking')")
        if window.ask("!document.querySelector('.asking .picker')"):
            window.press("1")
        self._pick("hammer")

    def _pick(self, word: str) -> None:
        window = self.window
        window.wait("document.activeElement.matches('.picker input')")
        window.write(word)
        window.wait(f"document.querySelector('[aria-selected=true]')?.innerText.includes({json.dumps(word)})")
        window.press("Enter")
