"""The pages of administrators and auditors for everybody: language, light, width, keyboard; text stays text."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from appliance.dashboard import files
from tests.appliance.dashboard import rehearsing
from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.coming_in import WORD
from tests.appliance.dashboard.desk_page import settings
from tests.appliance.dashboard.office_page import ASKED, again, button, fill, go, press_in_row, sit_down_as
from tests.appliance.dashboard.test_browser_people import AXE, FAULTS, NAMELESS, STRAY
from tests.house.catalogue import read

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

PATHS = {"Root": ("/people", "/box", "/account"), "Clerk": ("/record",)}
ROLES: dict[str, Any] = {"Root": "administrator", "Clerk": "auditor"}
WHOLE = {
    "/people": "document.querySelectorAll('#officers tbody tr, #tokens tbody tr').length > 4",
    "/box": "document.querySelectorAll('#sources tbody tr').length === 3",
    "/account": "document.querySelector('#sessions tbody tr') && document.querySelector('#factor button')",
    "/record": "document.querySelector('#rows tbody tr') && document.querySelector('#chains-told').textContent",
}
FEED = {"accepted": 7, "accepted_at": None, "refused": 2, "gaps": 1, "missing": 3, "in_hand": 0, "reopened": 2}
BELT = {"present": True, "watching": False, "waiting": 2, "refused": 0, "unreadable": 1, "taken": 7, "quarantined": 1}
BAD = "<img src=x onerror=window.pwned=1><b>x"


def _box(serve: Any) -> Any:
    """A box with somebody of every kind, and with sources that go well and not."""
    served = serve()
    rehearsing.bring(served, range(1))
    served.person("T. Tan", "officer", WORD)
    served.officer("N. Ew", "supervisor")
    gone = {**BELT, "present": False, "held": "the share is gone", "trouble": "it is"}
    served.health.sources = {"http": FEED, "belt-1": {**BELT, "trouble": "no notes"}, "belt-2": gone}
    served.health.reasons = ("engine: not there",)
    return served


def _come(served: Any, window: Browser, name: str) -> None:
    sit_down_as(served, window, name, ROLES[name], PATHS[name][0])


def _open(served: Any, window: Browser, path: str) -> None:
    go(served, window, path)
    window.wait(WHOLE[path])


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core beside the interpreter: npm pack axe-core@4.14.1")
@pytest.mark.parametrize(("theme", "language"), [*itertools.product(("dark", "dim", "light"), ("en", "ms", "vi"))])
def test_axe_finds_nothing_on_the_pages_behind_the_desk(serve: Any, window: Browser, theme: str, language: str) -> None:
    """Nor on the sheets over them."""
    served, script = _box(serve), AXE.read_text(encoding="utf-8")
    for name, paths in PATHS.items():
        _come(served, window, name)
        settings(window, theme=theme, language=language)
        for path in paths:
            _open(served, window, path)
            window.ask(f"{script}; 0")
            assert window.ask(FAULTS) == [], path
            if path == "/account":
                window.click("#factor button")
                window.wait(ASKED)
                assert window.ask(FAULTS) == [], "asked again"
                again(window)
                window.wait("document.querySelector('dialog .qr svg')")
                assert window.ask(FAULTS) == [], "second factor"
            if path == "/box":
                window.click("#count")
                window.wait("document.querySelector('#fill tbody tr')")
                assert window.ask(FAULTS) == [], "counted"
            if path == "/record":
                window.click("#check")
                window.wait("document.querySelector('#chains h3')")
                assert window.ask(FAULTS) == [], "checked"
        settings(window, theme="system", language="en")


def test_no_word_of_these_pages_escapes_the_catalogue(
    serve: Any, window: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not in the officer's language is what the box or a person said, and marked as such."""
    words = {key: f"⟦{value}⟧".replace("{", "⟧{").replace("}", "}⟦") for key, value in read("vi").items()}
    marked = files.File(json.dumps(words).encode(), "application/json", '"marked"')
    monkeypatch.setitem(files.FILES, "words/vi.json", marked)
    served = _box(serve)
    for name, paths in PATHS.items():
        _come(served, window, name)
        settings(window, language="vi")
        for path in paths:
            _open(served, window, path)
            if path == "/box":
                window.click("#count")
                window.wait("document.querySelector('#fill tbody tr')")
            if path == "/record":
                window.click("#check")
                window.wait("document.querySelector('#chains h3')")
            assert window.ask(STRAY) == [], path
        settings(window, language="en")


@pytest.mark.parametrize("width", [480, 640, 768, 1280, 2560])
def test_no_such_page_is_wider_than_its_window(serve: Any, window: Browser, width: int) -> None:
    """Also at 640, which is 1280 at 200 %."""
    served = _box(serve)
    for name, paths in PATHS.items():
        _come(served, window, name)
        window.shape(width, 500)
        for path in paths:
            _open(served, window, path)
            assert window.ask("document.documentElement.scrollWidth <= innerWidth"), path


def test_by_keyboard_everything_is_reached_and_shows_its_focus(serve: Any, window: Browser) -> None:
    served = _box(serve)
    for name, paths in PATHS.items():
        _come(served, window, name)
        for path in paths:
            _open(served, window, path)
            assert window.ask(NAMELESS) == [], path
            assert window.ask("['header', 'main', 'h1'].every((one) => document.querySelectorAll(one).length === 1)")
            wanted = window.ask(
                "[...document.querySelectorAll('main :is(button, input, select, a, pre)')]"
                ".filter((one) => one.checkVisibility() && !one.disabled).length"
            )
            reached: set[str] = set()
            for _ in range(80):
                window.press("Tab")
                if not window.ask("document.activeElement.matches('main *')"):
                    continue
                window.ask("document.activeElement.dataset.seen ??= String(Math.random()), 0")
                reached.add(window.ask("document.activeElement.dataset.seen"))
                assert window.ask("getComputedStyle(document.activeElement).outlineStyle") != "none", window.ask(
                    "document.activeElement.outerHTML"
                )
            assert len(reached) == wanted, path


def test_what_people_are_called_never_becomes_markup(serve: Any, window: Browser) -> None:
    """Names of people, sources, reasons and deeds are text, in tables and on sheets."""
    served = _box(serve)
    served.person(f"x{BAD}", "officer", WORD)
    served.health.sources[BAD], served.health.reasons = {**FEED, "held": BAD}, (BAD,)
    _come(served, window, "Root")
    window.wait(button("Disable", f"x{BAD}"))
    press_in_row(window, "Disable", f"x{BAD}")
    window.wait(ASKED)
    window.press("Escape")
    fill(window, "#add [name=name]", f"y{BAD}")
    window.click("#add button")
    again(window)
    window.wait("document.querySelector('dialog .secret')")
    go(served, window, "/box")
    window.wait("document.querySelectorAll('#sources tbody tr').length === 4")
    assert BAD in window.ask("document.getElementById('sources').innerText")
    _come(served, window, "Clerk")
    go(served, window, f"/record?what={BAD.replace('<', '%3C').replace('>', '%3E').replace(' ', '+')}")
    window.wait("document.getElementById('told').textContent.includes('There is no such deed')")
    go(served, window, "/record")
    window.wait(WHOLE["/record"])
    assert f"y{BAD}" in window.ask("document.getElementById('rows').innerText")
    assert window.ask("window.pwned === undefined && document.querySelectorAll('main img').length === 0")
