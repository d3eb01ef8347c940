"""The pages in a real browser: what they promise by keyboard, in words, and at the width of a hand-held one."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from appliance.scan import Action
from appliance.store import scans
from tests.appliance.dashboard.browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

NAMES = "[...document.querySelectorAll('.card .name')].map((one) => one.textContent)"
FOCUSED = "document.activeElement.querySelector('.name')?.textContent"
SHOWN = "document.querySelector('#detail h2')?.textContent"


def _send(served: Any, scan_id: str, *views: bytes, **more: Any) -> None:
    files: dict[str, Any] = {"sheet": ("", json.dumps({"scan_id": scan_id, **more}))}
    files |= {f"view-{number}": view for number, view in enumerate(views, 1)}
    with served.client(served.scanner) as client:
        assert client.post("/api/v1/scans", files=files).status_code == 202


def _desk(served: Any, window: Browser, cards: int, width: int = 1280) -> None:
    window.shape(width)
    window.open("about:blank")
    window.open(f"{served.url}/#code={served.officer()}")
    window.wait("document.body.dataset.state === 'live'")
    window.press("l")  # all scans, not only those to look at
    window.wait(f"{NAMES}.length === {cards}")


def test_the_keys_the_page_promises_do_what_it_says(serve: Any, picture: Any, window: Browser) -> None:
    """Arrows and J K move, Enter opens, Esc goes back to where one was, by keys alone."""
    served = serve()
    for number in range(3):
        _send(served, f"scan-{number}", picture(number))
    served.judge(Action.CLEAR)
    _desk(served, window, 3)
    assert window.ask(NAMES) == ["scan-2", "scan-1", "scan-0"]
    for key, name in (("ArrowDown", "scan-2"), ("j", "scan-1"), ("ArrowDown", "scan-0"), ("j", "scan-0"),
                      ("k", "scan-1"), ("ArrowUp", "scan-2"), ("ArrowUp", "scan-2"), ("j", "scan-1")):  # fmt: skip
        window.press(key)
        assert window.ask(FOCUSED) == name, key
    window.press("Enter")
    window.wait(f"{SHOWN} === 'scan-1' && document.querySelector('#detail .badge')")
    window.press("ArrowDown")
    assert window.ask(FOCUSED) == "scan-0"
    window.press("Enter")
    window.wait(f"{SHOWN} === 'scan-0'")
    window.press("Escape")
    assert window.ask(FOCUSED) == "scan-0"
    assert window.ask("document.querySelector('#detail kbd') !== null")


def test_a_card_is_whole_from_its_first_moment(serve: Any, picture: Any, window: Browser) -> None:
    """Its lane and the view that can be seen stand there by the event alone; a reason stands there once."""
    served = serve()
    _desk(served, window, 0)
    window.ask("window.fetch = () => new Promise(() => {}), 0")  # nothing more can be asked for
    _send(served, "half", b"no picture", picture(), lane="L9")
    served.judge(reasoning="An officer must look: engine unavailable.")
    window.wait("document.querySelector('.card .badge')?.textContent.startsWith('Review')")
    assert "lane L9" in window.ask("document.querySelector('.card').innerText")
    assert window.ask("document.querySelector('.card').innerText.split('engine unavailable').length") == 2
    assert "/views/2.png" in window.ask("document.querySelector('.card img').src")
    window.wait("document.querySelector('.card img').naturalWidth > 0")


def test_a_scan_that_was_replaced_is_not_clear_any_more(serve: Any, picture: Any, window: Browser) -> None:
    """On the open desk, and on one opened later."""
    served = serve()
    _send(served, "twice", picture(1))
    served.judge(Action.CLEAR)
    _desk(served, window, 1)
    _send(served, "twice", picture(2))
    words = "[...document.querySelectorAll('.card .badge')].map((one) => one.textContent).join()"
    window.wait(f"{words} === 'Being judged,Replaced by a newer scan'")
    _desk(served, window, 2)
    assert window.ask(words) == "Being judged,Replaced by a newer scan"


def test_the_open_scan_says_it_too_when_it_is_replaced(serve: Any, picture: Any, window: Browser) -> None:
    served = serve()
    _send(served, "twice", picture(1))
    served.judge(Action.CLEAR)
    _desk(served, window, 1)
    window.click(".card")
    badge = "document.querySelector('#detail .badge')?.textContent"
    window.wait(f"{badge}.startsWith('Clear')")
    _send(served, "twice", picture(2))
    window.wait(f"{badge}.startsWith('Replaced')")


def test_a_scan_replaced_by_one_of_another_name_says_so(serve: Any, arrival: Any, window: Browser) -> None:
    """As when a sidecar comes after the verdict and names the scan."""
    served = serve()
    stem, named = arrival("stem", slot="belt:stem"), arrival("SCAN-77", slot="belt:stem")
    served.store.submit(lambda db: scans.receive(db, stem)).result()
    served.judge(Action.CLEAR)
    _desk(served, window, 1)
    served.store.submit(lambda db: scans.receive(db, named)).result()
    words = "[...document.querySelectorAll('.card .badge')].map((one) => one.textContent).join()"
    window.wait(f"{words} === 'Being judged,Replaced by a newer scan'")


@pytest.mark.parametrize("width", [1280, 480])
def test_a_silent_box_is_told_large_and_nothing_old_looks_clear(
    serve: Any, picture: Any, window: Browser, width: int
) -> None:
    """Since when, what to do; what stands there is called old, and a scan that cannot be asked for shows no other's."""
    served = serve()
    _send(served, "one", picture(1))
    _send(served, "two", picture(2))
    served.judge(Action.CLEAR)
    _desk(served, window, 2, width)
    assert window.ask("document.getElementById('clock').textContent.length") == 8
    assert not window.ask("document.getElementById('stale').checkVisibility()")
    served.stop()
    window.wait("document.getElementById('stale').checkVisibility()")
    told = window.ask("document.getElementById('stale').innerText")
    assert "Not live since" in told
    assert "look at every bag yourself" in told
    assert "lanewatch status" in told
    assert window.ask("parseFloat(getComputedStyle(document.querySelector('.stale h2')).fontSize)") >= 24
    assert "Old" in window.ask("getComputedStyle(document.querySelector('.badge'), '::before').content")
    assert "grayscale" in window.ask("getComputedStyle(document.querySelector('main')).filter")
    window.click(".card")
    window.wait("document.getElementById('detail').innerText.includes('does not answer')")
    assert window.ask("document.querySelectorAll('#detail .badge').length") == 0


def test_a_frozen_box_is_told_and_the_notice_goes_when_it_is_back(serve: Any, picture: Any, window: Browser) -> None:
    """The connection stands but nothing comes: that is not live either. The desk recovers by itself."""
    served = serve()
    _desk(served, window, 0)
    thaw = threading.Event()
    served._loop.call_soon_threadsafe(thaw.wait)
    try:
        window.wait("document.body.dataset.state === 'stale'")
    finally:
        thaw.set()
    window.wait("document.body.dataset.state === 'live'")
    assert not window.ask("document.getElementById('stale').checkVisibility()")
    assert window.ask("document.getElementById('alarm').textContent") == ""
    _send(served, "later", picture())
    window.wait(f"{NAMES}.join() === 'later'")


def test_the_routes_page_names_the_fields_of_each_body(serve: Any, window: Browser) -> None:
    """Also those inside the sheet of a form, and those of one declared item."""
    served = serve()
    _desk(served, window, 0)
    window.open(f"{served.url}/docs")
    window.wait("document.querySelectorAll('.route').length > 8")
    told = window.ask("document.body.innerText")
    for field in ("image_base64: base64, needed", "sheet.scan_id: string", "mode: vqa", "a view of the scan",
                  "declaration: list of {text, hs, quantity}"):  # fmt: skip
        assert field in told


def test_older_scans_are_found_by_what_stands_in_the_address(serve: Any, picture: Any, window: Browser) -> None:
    """Filters, pages and the open scan; a form fills in what the address says."""
    served = serve()
    for number in range(52):
        _send(served, f"ü/{number}", picture(number), lane="L1")
    served.judge(Action.CLEAR)
    _send(served, "other", picture(200), lane="L2")
    _desk(served, window, 53)
    rows = "[...document.querySelectorAll('tbody a')].map((one) => one.textContent)"
    window.open(f"{served.url}/scans?lane=L1&since=2020-01-01T00:00:00Z")
    window.wait(f"{rows}.length === 50")
    assert window.ask(f"{rows}[0]") == "ü/51"
    assert window.ask("document.querySelector('[name=lane]').value") == "L1"
    window.click("[rel=next]")
    window.wait(f"location.search.includes('cursor') && {rows}.length === 2")
    assert "lane=L1" in window.ask("location.search")
    window.click("tbody a")
    window.wait(f"{SHOWN} === 'ü/1'")
    window.open(window.ask("location.href"))
    window.wait(f"{SHOWN} === 'ü/1'")
    window.ask("document.querySelector('[name=lane]').value = 'L2'")
    window.click(".filters button")
    window.wait(f"!location.search.includes('cursor') && {rows}.join() === 'other'")
    assert window.ask("new URLSearchParams(location.search).get('since')") == "2020-01-01T00:00:00.000Z"
    window.open(f"{served.url}/scans?source=nowhere")
    window.wait("document.body.innerText.includes('There is no such scan')")


@pytest.mark.parametrize("width", [480, 768, 1280])
def test_no_page_is_wider_than_its_window(serve: Any, picture: Any, window: Browser, width: int) -> None:
    """Also with a scan open, at the door, and where something went wrong."""
    served = serve()
    _send(served, "a-name-without-any-place-to-break-it-" * 4, picture(1, (900, 300)), lane="L1")
    served.judge()
    wide = "document.documentElement.scrollWidth > innerWidth"
    window.shape(width)
    window.tell("Network.clearBrowserCookies")
    for path in ("/", "/docs", f"/#code={served.officer()}", "/docs", "/nothing", "/scans", "/scans?wrong=1"):
        window.open(served.url + path)
        window.wait("document.querySelector('h1')?.textContent")
        window.wait(f"document.documentElement && !({wide})")
    _desk(served, window, 1, width)
    assert not window.ask(wide)
    window.click(".card")
    window.wait("document.querySelector('#detail .pane canvas')")
    assert not window.ask(wide)
