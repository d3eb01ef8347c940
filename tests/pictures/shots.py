"""What is photographed: each page by its name, who looks at it, and what they did before.

Takes a box, before or after its afternoon, and a window; leaves the page standing as it is to be seen.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.appliance.dashboard.browser import Browser
from tests.appliance.dashboard.conftest import Served
from tests.appliance.dashboard.desk_page import CARDS, PANES, TITLE, settings
from tests.appliance.dashboard.test_rules import NEXT
from tests.pictures.lane import PEOPLE

SETTLED = """new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 700))"""
"""Pictures are drawn and nothing moves any more."""


class Photographer:
    """Sits down as whom a page is for, and opens it."""

    def __init__(self, box: Served, window: Browser, theme: str, language: str) -> None:
        self.box, self.window = box, window
        self._look = {"theme": theme, "language": language}
        self._sits: str | None = None
        self._speaks = threading.Event()

    def show(self, shot: Shot) -> None:
        if self._sits != shot.who:
            self._sit(shot.who)
        self.window.open("about:blank")
        self.window.open(self.box.url + shot.path)
        self.window.wait(shot.ready)
        shot.deed(self.window)
        if shot.silent:
            self._silence()
        self.window.ask(f"{SETTLED}.then(() => 0)")

    def done(self) -> None:
        """The picture is taken: a box that fell silent speaks again."""
        self._speaks.set()

    def _silence(self) -> None:
        """Answer a scan of a box that says nothing any more, until the desk calls itself old."""
        self._speaks.clear()
        self.box._loop.call_soon_threadsafe(self._speaks.wait)
        self.window.press("a")
        self.window.wait("document.getElementById('stale').checkVisibility()")

    def _sit(self, who: str) -> None:
        served, window = self.box, self.window
        window.tell("Network.clearBrowserCookies")
        window.open("about:blank")
        self._sits = who
        if not who:
            window.open(served.url)
            window.ask(f"localStorage.setItem('lanewatch-settings', {json.dumps(json.dumps(self._look))})")
            return
        window.open(f"{served.url}/#code={served.officer(who, dict(PEOPLE)[who])}")
        window.wait("document.body.dataset.state === 'live' && document.getElementById('who').textContent")
        settings(window, **self._look)


def _nothing(window: Browser) -> None:
    """As it stands there."""


def _click(*selectors: str, ready: str = "true") -> Callable[[Browser], None]:
    def deed(window: Browser) -> None:
        for selector in selectors:
            window.click(selector)
        window.wait(ready)

    return deed


def _first(window: Browser) -> None:
    """Open the most urgent scan."""
    window.press("g")
    window.wait(f"{TITLE} && {PANES} === 2 && document.querySelector('#detail .reason')")
    window.wait("document.querySelector('.overlay rect')?.getAttribute('width')")


def _draw(window: Browser) -> None:
    """Draw something that was missed, as far as its name."""
    _first(window)
    window.press("m")
    window.wait("document.querySelector('.pane.drawing .overlay .seen-drawn')")
    for key, shift in (("ArrowLeft", False), ("ArrowUp", False), ("ArrowRight", True), ("ArrowDown", True)):
        window.press(key, shift=shift)
    window.press("Enter")
    window.wait("document.activeElement.matches('.picker input')")
    window.write("bat")
    window.wait("document.querySelector('[aria-selected=true]')")


def _sheet(key: str) -> Callable[[Browser], None]:
    def deed(window: Browser) -> None:
        window.press(key)
        window.wait("document.querySelector('dialog[open]')")

    return deed


def _candidate(text: str, shown: str, *more: str) -> Callable[[Browser], None]:
    """Give another rulebook, have it checked, and see what the box says."""

    def deed(window: Browser) -> None:
        put = f"(one) => {{ one.value = {json.dumps(text)}; one.dispatchEvent(new Event('input')); }}"
        window.ask(f"({put})(document.querySelector('#text-book')), 0")
        window.click("#check")
        for step in more:
            window.wait(f"document.querySelector('{step}') && !document.querySelector('{step}').disabled")
            window.click(step)
        window.wait(f"document.querySelector('{shown}')")
        place = "#bill" if more else "#candidate"
        window.ask(f"document.querySelector('{place}').scrollIntoView(), 0")

    return deed


class Shot(NamedTuple):
    """One picture."""

    name: str
    words: str
    who: str
    path: str
    ready: str
    deed: Callable[[Browser], None] = _nothing
    empty: bool = False
    silent: bool = False


OFFICER, SUPERVISOR, ADMINISTRATOR, AUDITOR = "T. Tan", "N. Lee", "R. Root", "C. Clerk"
LIVE = "document.body.dataset.state === 'live'"
DESK = f"{LIVE} && {CARDS}.length > 1"
DOOR = "document.getElementById('with-code')?.disabled === false"
NONE = "!document.getElementById('empty').hidden"
SOURCES = "document.querySelectorAll('#sources tbody tr').length === 2"
DEEDS = "document.querySelector('#rows tbody tr')"
ROWS = "document.querySelector('tbody td')"
RULES: dict[str, Any] = {"who": SUPERVISOR, "path": "/rules", "ready": ROWS}

SHOTS = (
    Shot("door", "the door", "", "/", DOOR),
    Shot("door-code", "the door, with a code for a new officer", "", "/", DOOR, _click("#with-code")),
    Shot("desk", "the live desk", OFFICER, "/", DESK),
    Shot("desk-scan", "a scan with its views, tools and reasons", OFFICER, "/", DESK, _first),
    Shot("desk-missed", "something that was missed is drawn and named", OFFICER, "/", DESK, _draw),
    Shot("desk-keys", "all keys", OFFICER, "/", DESK, _sheet("?")),
    Shot("desk-settings", "the settings", OFFICER, "/", DESK, _sheet(",")),
    Shot("desk-stale", "a desk whose box is silent, and an answer that is not kept yet", OFFICER, "/", DESK, _first,
         silent=True),
    Shot("desk-empty", "the desk of a new box", OFFICER, "/", f"{LIVE} && {NONE}", empty=True),
    Shot("scans", "older scans", OFFICER, "/scans", ROWS),
    Shot("scans-one", "an older scan", OFFICER, "/scans?lane=L1", ROWS,
         _click("tbody a", ready=f"{PANES} === 2 && document.querySelector('.overlay rect')?.getAttribute('width')")),
    Shot("statistics", "figures", OFFICER, "/statistics", "document.querySelectorAll('.chart canvas').length === 4"),
    Shot("shift", "the report of a shift", OFFICER, "/shift", "document.querySelectorAll('.sheet').length === 5"),
    Shot("account", "one's own account", OFFICER, "/account", "document.querySelector('#factor button')"),
    Shot("docs", "the routes", OFFICER, "/docs", "document.querySelectorAll('.route').length > 10"),
    Shot("manual", "the manual", OFFICER, "/manual", "document.getElementById('who').textContent"),
    Shot("licences", "the licences", OFFICER, "/licences", "document.getElementById('who').textContent"),
    Shot("problem", "what is not there", OFFICER, "/nothing-here", "document.getElementById('means')"),
    Shot("rules", "the rulebook in force", **RULES),
    Shot("rules-faults", "faults of another rulebook, each with its line", **RULES,
         deed=_candidate(NEXT.book.replace("risk: high", "risk: huge", 1), ".faults button")),
    Shot("rules-differences", "how another rulebook differs, in words", **RULES,
         deed=_candidate(NEXT.book, "#differences")),
    Shot("rules-backtest", "what another rulebook would have said of the last scans", **RULES,
         deed=_candidate(NEXT.book, "#bill table", "#try")),
    Shot("supervision", "quarantine, and words against verdicts", SUPERVISOR, "/supervision", ROWS),
    Shot("box", "how the box is", ADMINISTRATOR, "/box", SOURCES),
    Shot("people", "who may come in", ADMINISTRATOR, "/people", "document.querySelector('#tokens tbody tr')"),
    Shot("record", "what people did, and whether the chains hold", AUDITOR, "/record", DEEDS,
         _click("#check", ready="document.querySelector('#chains h3')")),
)  # fmt: skip
"""Every page; with more than one state, each that an officer comes to see."""
