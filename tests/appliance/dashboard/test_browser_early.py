"""What stands at the desk early: what the detector sees, the next scan, and a key that is pressed too soon."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image

from models.answer import Finding
from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.conftest import png_of
from tests.appliance.dashboard.desk_page import (
    CARDS,
    KEPT,
    PANES,
    TITLE,
    reviews,
    sit_down,
    wait_for,
)
from tests.appliance.dashboard.rehearsing import bag, bring, conclude

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")


def test_what_the_detector_sees_is_shown_before_the_verdict(serve: Any, window: Browser) -> None:
    """A card and boxes at once, said to be the detector's alone; then the whole verdict in their place."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    with served.client(served.scanner) as scanner:
        views = {view.name: png_of(Image.fromarray(view.colour)) for view in bag(3).views}
        told = scanner.post("/api/v1/scans", files={"sheet": ("", json.dumps({"scan_id": "NEW"})), **views})
        assert told.status_code == 202
    sit_down(served, window)
    window.wait(f"{CARDS}.join() === 'BAG-000'")
    (view, *_) = bag(3).views
    knife = Finding(item="folding knife", category="blade", confidence=0.91, location="center", occluded=False,
                    box=(0.2, 0.2, 0.6, 0.5), view=view.name, seen_by=("detector",))  # fmt: skip
    served.glimpse("NEW", knife)
    window.wait(f"{CARDS}.join() === 'BAG-000,NEW'")
    card = window.ask("document.querySelectorAll('.card')[1].innerText")
    assert "Seen by the detector so far" in card
    assert "91 %" in card
    window.ask("document.querySelectorAll('.card')[1].click()")
    window.wait("document.querySelectorAll('.overlay .seen-detector .over').length === 1")
    beside = window.ask("document.querySelector('.beside').innerText")
    assert "No verdict yet." in beside
    assert "Seen by the detector so far" in beside
    served.glimpse("NEW")
    conclude(served, {"NEW": 3})
    window.wait("document.querySelector('.beside').innerText.includes('Rules that fired')")
    assert "so far" not in window.ask("document.body.innerText")


def test_an_address_that_was_cut_off_holds_nothing_up(serve: Any, window: Browser) -> None:
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    for path in ("/", "/scans"):
        window.open("about:blank")
        window.open(f"{served.url}{path}#%E0%A4%A/1")
        window.wait("document.body.innerText.includes('BAG-000')")
    window.open(f"{served.url}/#%E0%A4%A/1")
    window.wait("document.body.dataset.state === 'live'")


def test_the_next_scan_is_there_before_it_is_asked_for(serve: Any, window: Browser) -> None:
    """Name, words and pictures stand there though nothing comes over the network; how quickly tells `bench shift`."""
    served = serve(deadline_seconds=300)
    bring(served, range(9))
    sit_down(served, window)
    window.wait(f"{CARDS}.length > 4")
    first, second, *_ = window.ask(CARDS)
    window.press("g")
    wait_for(window, first)
    window.ask("new Promise((resolve) => setTimeout(resolve, 1500))")  # an officer looks; the next ones are asked for
    window.tell("Network.enable")
    cut = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    window.tell("Network.emulateNetworkConditions", offline=True, **cut)
    window.press("a")
    wait_for(window, second)
    window.wait(f"{PANES} === 2 && document.querySelector('#detail .reason')")
    assert reviews(served) == []
    window.tell("Network.emulateNetworkConditions", offline=False, **cut)
    window.wait(f"/{first}: agree[^·]*· kept/.test({KEPT})")
    assert [each["scan_id"] for each in reviews(served)] == [first]


def test_a_key_that_comes_before_its_scan_answers_nothing_and_says_so(serve: Any, window: Browser) -> None:
    """It counts neither for the scan before nor for the one that comes."""
    served = serve(deadline_seconds=300)
    bring(served, range(5))
    sit_down(served, window)
    window.wait(f"{CARDS}.length === 3")
    hold = "String(at).includes('/api/v1/scans/') ? new Promise((go) => { held.push(() => go(asked(at, ...more))); })"
    window.ask(
        f"window.asked = fetch, window.held = [], window.fetch = (at, ...more) => {hold} : asked(at, ...more), 0"
    )
    window.press("g")
    window.wait(f"{TITLE} === 'BAG-000'")
    window.press("a")
    window.wait("document.querySelector('.trouble').textContent.includes('answered nothing')")
    window.ask("window.fetch = asked, held.forEach((go) => go()), 0")
    wait_for(window, "BAG-000")
    window.wait("document.querySelector('.trouble').textContent === ''")
    assert reviews(served) == []
