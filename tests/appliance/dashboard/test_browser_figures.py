"""Figures, the shift report and the search as people see them, in a real browser."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.desk_page import settings, sit_down
from tests.appliance.dashboard.desking import word
from tests.appliance.dashboard.rehearsing import bring
from tests.appliance.dashboard.test_browser_people import AXE, FAULTS, NAMELESS, STRAY, _marked

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

BAD = "<img src=x onerror=window.pwned=1>"
TEXT = "document.querySelector('main').innerText"
DRAWN = "document.querySelectorAll('.chart canvas').length === 4 && document.querySelector('.sheet')"
REPORT = "document.querySelectorAll('.sheet').length === 5"
WATCH = (
    "window.broken = []; addEventListener('securitypolicyviolation', (one) => broken.push(one.violatedDirective));"
    " addEventListener('error', (one) => broken.push(one.message));"
)


def lane(served: Any) -> None:
    """Some scans, half of them answered."""
    bring(served, range(4))
    bring(served, range(2), lane="L2", prefix="Đà", consignee="Công ty Đà Nẵng")
    page = served.signed_in("S. Lim", "supervisor")
    for name, kind in (("BAG-000", "agree"), ("BAG-001", "false_alarm"), ("Đà-000", "agree")):
        assert page.post("/api/v1/reviews", json=word(page, name, kind=kind, note=BAD)).status_code == 201


def go(served: Any, window: Browser, path: str, ready: str) -> None:
    window.open(served.url + path)
    window.wait(ready)


@pytest.fixture
def box(serve: Any, window: Browser) -> Any:
    served = serve(deadline_seconds=300)
    lane(served)
    sit_down(served, window, "S. Lim")
    return served


def test_the_figures_are_drawn_and_told(box: Any, window: Browser) -> None:
    """Four drawings, each also as a table; rates with their intervals; nothing the policy refuses."""
    window.tell("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    go(box, window, "/statistics", DRAWN)
    told = window.ask(TEXT)
    for said in ("Scans\n6", "Alarms", "between", "Lanes", "L2", "Things that were found", "false alarm"):
        assert said in told, said
    assert window.ask("document.querySelectorAll('.chart details table').length") == 4
    ink = "[...document.querySelectorAll('.chart canvas')].every((one) => one.getContext('2d')"
    ink += ".getImageData(0, 0, one.width, one.height).data.some((value) => value))"
    assert window.ask(ink), "every drawing has something on it"
    assert window.ask("document.querySelectorAll('.interval circle').length") >= 4
    assert window.ask("broken") == []
    link = window.ask("document.querySelector('a[download=\"lanes.csv\"]').getAttribute('href')")
    assert window.ask(f"fetch({json.dumps(link)}).then((one) => one.text())").startswith('"lane"')
    go(box, window, "/statistics?lane=L2&days=7", DRAWN)
    assert "Scans\n2" in window.ask(TEXT)
    assert window.ask("[...new FormData(document.getElementById('filters'))].join(';')") == "days,7;lane,L2"
    go(box, window, "/statistics?lane=nowhere", f"{TEXT}.includes('No scan came in this time')")


def test_drawings_follow_the_light(box: Any, window: Browser) -> None:
    colours = set()
    for theme in ("dark", "light", "dim"):
        settings(window, theme=theme)
        go(box, window, "/statistics", DRAWN)
        colours.add(window.ask("document.querySelector('.chart canvas').toDataURL()"))
    assert len(colours) == 3
    before = window.ask("document.querySelector('.chart canvas').toDataURL()")
    window.ask("document.documentElement.dataset.theme = 'light', 0")
    window.wait(f"document.querySelector('.chart canvas').toDataURL() !== {json.dumps(before)}")
    settings(window, theme="system")


def test_the_shift_is_told_and_can_be_printed(box: Any, window: Browser) -> None:
    """On paper there is neither navigation nor button, and black on white, whatever light is on."""
    settings(window, theme="dark")
    go(box, window, "/shift", REPORT)
    told = window.ask(TEXT)
    for said in ("S. Lim", "scans answered\t3", "false alarm\t1", "Every answer", "BAG-001", BAD):
        assert said in told, said
    assert window.ask("document.querySelectorAll('img[src=x]').length") == 0
    assert window.ask("document.querySelector('select[name=officer]').value") == "s. lim"
    window.tell("Emulation.setEmulatedMedia", media="print")
    seen = "(one) => document.querySelector(one).checkVisibility()"
    assert window.ask(f"['.bar', '.filters', '.unprinted', '.signatures', '.sheet'].map({seen})") == [
        False, False, False, True, True,
    ]  # fmt: skip
    assert window.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    paper = window.tell("Page.printToPDF", preferCSSPageSize=True)["data"]
    assert len(paper) > 5000
    window.shape(700, 1000)
    assert window.ask("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off at the width of A4"
    window.tell("Emulation.setEmulatedMedia", media="")
    settings(window, theme="system")
    window.tell("Network.clearBrowserCookies")
    sit_down(box, window, "T. Tan")
    go(box, window, "/shift?officer=S.+Lim", f"{TEXT}.includes('an officer sees their own shift')")
    go(box, window, "/shift", f"{REPORT} && {TEXT}.includes('No answer was given')")
    assert not window.ask("document.getElementById('whose').checkVisibility()")


def test_scans_are_found_by_their_words(box: Any, window: Browser) -> None:
    """Typed without diacritics; the words stand in the address and go along into the files."""
    go(box, window, "/scans", "document.querySelector('tbody a')")
    window.ask("document.querySelector('input[name=q]').focus()")
    window.tell("Input.insertText", text="da nang")
    window.press("Enter")
    window.wait("location.search === '?q=da+nang' && document.querySelector('tbody a')")
    names = "[...document.querySelectorAll('tbody a')].map((one) => one.innerText)"
    assert window.ask(names) == ["Đà-001", "Đà-000"]
    assert window.ask("document.querySelector('input[name=q]').value") == "da nang"
    assert "q=da+nang" in window.ask("document.querySelector('a[download=\"scans.csv\"]').href")
    go(box, window, "/scans?q=%22+OR+%2A", f"{TEXT}.includes('There is no such scan')")


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core beside the interpreter: npm pack axe-core@4.14.1")
@pytest.mark.parametrize(("theme", "language"), [*itertools.product(("dark", "dim", "light"), ("en", "ms", "vi"))])
def test_axe_finds_nothing_on_the_figures_and_the_shift(box: Any, window: Browser, theme: str, language: str) -> None:
    settings(window, theme=theme, language=language)
    script = AXE.read_text(encoding="utf-8")
    for path, ready in (
        ("/statistics", DRAWN),
        ("/shift", REPORT),
        ("/scans?q=bag", "document.querySelector('tbody a')"),
    ):
        go(box, window, path, ready)
        window.ask("for (const one of document.querySelectorAll('details')) one.open = true; 0")
        window.ask(f"{script}; 0")
        assert window.ask(FAULTS) == [], path
        assert window.ask(NAMELESS) == [], path
    settings(window, theme="system", language="en")


def test_no_word_of_the_figures_escapes_the_catalogue(
    box: Any, window: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _marked(monkeypatch)
    settings(window, language="vi")
    for path, ready in (
        ("/statistics", DRAWN),
        ("/shift", REPORT),
        ("/scans?q=bag", "document.querySelector('tbody a')"),
    ):
        go(box, window, path, ready)
        window.ask("for (const one of document.querySelectorAll('details')) one.open = true; 0")
        assert window.ask(STRAY) == [], path
    settings(window, language="en")


@pytest.mark.parametrize(("width", "height"), [(640, 400), (1280, 720), (2560, 1440)])
def test_nothing_is_cut_off(box: Any, window: Browser, width: int, height: int) -> None:
    """At 200 % of a small screen, and on the wall."""
    window.shape(width, height)
    for path, ready in (("/statistics", DRAWN), ("/shift", REPORT)):
        go(box, window, path, ready)
        assert window.ask("document.documentElement.scrollWidth <= innerWidth"), path
