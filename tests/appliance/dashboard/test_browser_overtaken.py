"""Answers that were overtaken, in a real browser: by a newer scan, or by another officer whose word one may replace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.desk_page import KEPT, TITLE, reviews, sit_down, wait_for
from tests.appliance.dashboard.desking import word
from tests.appliance.dashboard.rehearsing import bring, conclude

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")


def test_an_answer_that_was_overtaken_shows_the_newer_scan(serve: Any, window: Browser) -> None:
    """Not kept, and said: somebody answers what they have before them, never what came in its place."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.ask(
        "const real = window.fetch; window.fetch = async (where, how) => {"
        "if (how?.method === 'POST' && where === '/api/v1/reviews') await new Promise((go) => { window.go = go; });"
        "return real(where, how); }; 0"
    )
    window.press("a")
    window.wait("window.go")
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": "BAG-000", "declared_items": ["nothing"]})
        from_then = served.client(served.reader).get("/api/v1/scans/BAG-000/views/1.png").content
        client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": from_then})
    conclude(served, {"BAG-000": 0})
    window.ask("window.go(), 0")
    window.wait(f"{KEPT}.includes('your answer was not taken')")
    assert reviews(served) == []
    window.click(".refusals button")
    window.wait(f"{TITLE} === 'BAG-000 · 2' && document.querySelector('#detail .reason')")


def _two_answers(serve: Any, window: Browser) -> tuple[Any, Any]:
    """Somebody answers a scan that another officer has before them; then that one's answer arrives."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.ask(
        "const real = window.fetch; window.fetch = async (where, how) => {"
        "if (how?.method === 'POST' && where === '/api/v1/reviews') await new Promise((go) => { window.go = go; });"
        "return real(where, how); }; 0"
    )
    window.press("f")
    window.wait("window.go")
    other = served.signed_in("A. Other")
    given = other.post("/api/v1/reviews", json=word(other, "BAG-000", kind="cannot_tell", note="a <b>tube</b>"))
    assert given.status_code == 201
    window.ask("window.go(), window.fetch = real, 0")
    window.wait(f"{KEPT}.includes('A. Other has answered first: cannot tell — a <b>tube</b>. Yours: false alarm.')")
    return served, other


def test_who_was_overtaken_by_another_officer_may_look_and_replace_the_answer(serve: Any, window: Browser) -> None:
    """Both answers are named; nothing is replaced unless somebody wants it, and then it says which one it replaces."""
    served, _ = _two_answers(serve, window)
    assert [row["kind"] for row in reviews(served)] == ["cannot_tell"]
    window.click(".refusals button")  # the scan as it is now: the answer to be decided on stays there
    window.wait(f"{TITLE} === 'BAG-000' && document.querySelector('#detail .beside').innerText.includes('A. Other')")
    assert window.ask("document.querySelectorAll('.refusals button').length") == 3
    window.click(".refusals button:nth-of-type(2)")
    window.wait(f"{KEPT}.includes('BAG-000: false alarm · kept')")
    assert window.ask("document.querySelector('.refusals').children.length") == 0
    assert [row["kind"] for row in reviews(served)] == ["cannot_tell", "false_alarm"]
    window.wait("document.querySelector('#detail .beside').innerText.includes('T. Tan')")


def test_an_answer_that_replaces_is_overtaken_again_by_a_third(serve: Any, window: Browser) -> None:
    """It replaces the one that was seen, not whatever stands there by now."""
    served, other = _two_answers(serve, window)
    again = word(other, "BAG-000", kind="agree")
    assert other.post("/api/v1/reviews", json=again).status_code == 201
    window.click(".refusals button:nth-of-type(2)")
    window.wait(f"{KEPT}.includes('A. Other has answered first: agreed. Yours: false alarm.')")
    assert [row["kind"] for row in reviews(served)] == ["cannot_tell", "agree"]
    window.click(".refusals button:nth-of-type(3)")
    window.wait("document.querySelector('.refusals').children.length === 0")
    assert [row["kind"] for row in reviews(served)] == ["cannot_tell", "agree"]
