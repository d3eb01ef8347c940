"""The officer's desk in a real browser: answers by keys alone, taken back, kept through a restart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.desk_page import (
    CARDS,
    KEPT,
    PANES,
    TITLE,
    begin_again,
    reviews,
    sit_down,
    type_in,
    wait_for,
)
from tests.appliance.dashboard.rehearsing import bring

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

FOCUSED = "document.activeElement.className"
OPEN_FIVE = ["BAG-000", "BAG-003", "BAG-002"]
"""Of the first five bags those that ask for an officer, the most urgent first; the others are clear."""


def test_the_queue_says_what_is_first_and_why(serve: Any, window: Browser) -> None:
    """Two to be opened before one to be reviewed; lane, clock and reason in words; clear ones only under all."""
    served = serve(deadline_seconds=300)
    bring(served, range(5), lane="L7")
    sit_down(served, window)
    window.wait(f"{CARDS}.join() === {json.dumps(','.join(OPEN_FIVE))}")
    told = window.ask("document.querySelector('.card').innerText")
    for each in ("Open and search", "lane L7", "First because:", "to be opened", "high risk", "left"):
        assert each in told
    assert window.ask("document.getElementById('number').textContent.trim()") == "3"
    window.press("l")
    window.wait(f"{CARDS}.length === 5")


def test_a_scan_that_is_overdue_says_so_in_words(serve: Any, window: Browser) -> None:
    served = serve(deadline_seconds=0.5)
    bring(served, range(1))
    sit_down(served, window)
    window.wait("document.querySelector('.card .due.over')?.textContent.startsWith('overdue by')")


def test_a_card_is_changed_and_not_made_anew(serve: Any, window: Browser) -> None:
    """News moves no focus and loads no picture again."""
    served = serve()
    bring(served, range(3))
    sit_down(served, window)
    window.wait(f"{CARDS}.length === 2")
    window.press("j")
    window.press("j")
    window.ask("window.before = document.activeElement, window.image = before.querySelector('img'), 0")
    bring(served, range(3, 4))
    window.wait(f"{CARDS}.length === 3")
    assert window.ask("document.activeElement === before && before.querySelector('img') === image")


def test_every_answer_is_given_by_keys_alone(serve: Any, window: Browser) -> None:
    """Agree, missed with a box drawn and named, wrong item, cannot tell; the next scan stands there each time."""
    served = serve(deadline_seconds=300)
    bring(served, range(9))
    sit_down(served, window)
    window.wait(f"{CARDS}.length > 4")
    order = window.ask(CARDS)
    window.press("g")
    wait_for(window, order[0])
    window.press("a")
    wait_for(window, order[1])
    window.press("m")
    for _ in range(3):
        window.press("ArrowLeft")
    window.press("Enter")
    type_in(window, "fold")
    window.wait("document.querySelector('[aria-selected=true]')?.innerText.includes('folding knife')")
    window.press("Enter")
    wait_for(window, order[2])
    window.press("w")
    if window.ask("document.querySelectorAll('.asking button').length") > 1:
        window.press("1")
    window.wait(f"{FOCUSED} === '' && document.activeElement.matches('.picker input')")
    type_in(window, "hamm")
    window.wait("document.querySelector('[aria-selected=true]')?.innerText.includes('hammer')")
    window.press("Enter")
    wait_for(window, order[3])
    window.press("c")
    wait_for(window, order[4])
    window.press("f")
    window.wait(f"{KEPT}.includes({json.dumps(order[4] + ': false alarm · kept')})")
    said = reviews(served)
    kinds = [(row["scan_id"], row["kind"]) for row in said]
    assert kinds == list(zip(order, ("agree", "missed", "wrong_item", "cannot_tell", "false_alarm"), strict=False))
    assert said[1]["marks"] == [{"view": "top", "box": [0.34, 0.4, 0.54, 0.6], "item": "folding knife"}]
    assert said[2]["marks"][0]["item"] == "hammer"
    assert said[2]["marks"][0]["box"]


def test_an_answer_can_be_taken_back_while_its_clock_runs(serve: Any, window: Browser) -> None:
    """The page counts down; the scan is open again, on the page and on the box."""
    served = serve(deadline_seconds=300)
    bring(served, range(3))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.press("f")
    wait_for(window, "BAG-002")
    window.wait(f"/BAG-000: false alarm · kept/.test({KEPT}) && /Undo\\s*[1-5]\\d s/.test({KEPT})")
    window.press("z")
    wait_for(window, "BAG-000")
    window.wait(f"{CARDS}.includes('BAG-000')")
    assert reviews(served)[0]["undone_at"]
    assert window.ask("document.getElementById('kept').hidden")


def test_a_click_outlives_a_restart_of_the_box_and_a_reload(serve: Any, window: Browser) -> None:
    """While the box is away the page says that an answer is not kept yet; it is sent once, when the box is back."""
    served = serve(deadline_seconds=300)
    bring(served, range(5))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.ask("new Promise((resolve) => setTimeout(resolve, 500))")  # the next ones are asked for
    served.stop()
    window.press("a")
    window.wait(f"{KEPT}.includes('Not yet kept by the box: 1')")
    wait_for(window, "BAG-003")
    window.press("c")
    window.wait(f"{KEPT}.includes('Not yet kept by the box: 2')")
    assert window.ask("[...document.querySelectorAll('.answered')].length") == 2, "hidden before the box has it"
    assert reviews(served) == []
    begin_again(served)
    window.tell("Page.reload")
    window.wait(f"document.body.dataset.state === 'live' && {CARDS}.join() === 'BAG-002'")
    assert [(row["scan_id"], row["kind"]) for row in reviews(served)] == [
        ("BAG-000", "agree"),
        ("BAG-003", "cannot_tell"),
    ]
    assert not window.ask("document.querySelector('.kept.unkept')")


def test_a_scan_that_could_not_be_shown_is_there_when_the_box_is_back(serve: Any, window: Browser) -> None:
    """Its words and pictures come by themselves, without a reload, and it can be answered."""
    served = serve(deadline_seconds=300)
    bring(served, range(5))
    sit_down(served, window)
    window.wait(f"{CARDS}.length === 3")
    served.stop()
    window.press("g")
    window.wait("document.querySelector('#detail .trouble').textContent.includes('does not answer')")
    begin_again(served)
    wait_for(window, "BAG-000")
    assert not window.ask("document.querySelector('#detail .trouble').textContent")
    window.press("a")
    window.wait(f"{KEPT}.includes('BAG-000: agreed · kept')")


def test_the_class_that_is_chosen_stands_in_sight(serve: Any, window: Browser) -> None:
    """However far down the list the arrows go on a small screen: nobody sends what they do not see."""
    served = serve(deadline_seconds=300)
    bring(served, range(5))
    sit_down(served, window, height=600)
    window.press("g")
    wait_for(window, "BAG-000")
    window.press("a")
    wait_for(window, "BAG-003")
    window.press("m")
    window.press("Enter")
    type_in(window, "gun")
    chosen = "document.querySelector('.picker [aria-selected=true]')"
    window.wait(f"{chosen}?.innerText.includes('gun')")
    seen = f"(at => [at.y + 1, at.bottom - 2].map((y) => document.elementFromPoint(at.x + 20, y)?.closest('li')))\
({chosen}.getBoundingClientRect()).every((found) => found === {chosen})"
    for number in range(8):
        assert window.ask(seen), f"option {number} is out of sight"
        window.press("ArrowDown")


def test_what_happens_when_the_clock_runs_out_is_said(serve: Any, window: Browser) -> None:
    """Of a scan without a verdict, of one to be opened, and no more of one that was answered or is clear."""
    served = serve(deadline_seconds=300)
    bring(served, range(2))
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": "WAITING"})
        seen = served.client(served.reader).get("/api/v1/scans/BAG-000/views/1.png").content
        assert client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": seen}).status_code == 202
    sit_down(served, window)
    said = "document.querySelector('.expiry')?.textContent"
    window.press("g")
    wait_for(window, "BAG-000")
    window.wait(f"{said}.includes('nothing is let go by itself: by the rules it stays to be opened')")
    window.press("a")
    window.wait(f"{KEPT}.includes('kept')")
    window.open("about:blank")
    for scan_id, words in (("BAG-000", ""), ("BAG-001", ""), ("WAITING", "the rules make it a review")):
        window.open(f"{served.url}/scans#{scan_id}/1")
        window.wait(f"{TITLE} === '{scan_id}' && {PANES} > 0")
        assert words in window.ask(said)
        assert bool(words) == bool(window.ask(said)), scan_id


def test_two_officers_never_work_on_one_scan_unknowingly(serve: Any, window: Browser) -> None:
    """Who else looks is named at once, on the card and over the pictures; the next one is one nobody looks at."""
    served = serve(deadline_seconds=300)
    bring(served, range(5))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    other = served.signed_in("A. Other")
    stream = other.stream("GET", "/api/v1/events")
    with stream:
        assert other.post("/api/v1/looking", json={"scan_id": "BAG-000", "revision": 1}).status_code == 200
        window.wait("document.querySelector('.others').textContent === 'Also looked at by A. Other'")
        other.post("/api/v1/looking", json={"scan_id": "BAG-003", "revision": 1})
        window.wait("document.querySelectorAll('.card')[1].innerText.includes('looked at by A. Other')")
        window.press("a")
        wait_for(window, "BAG-002")


def test_the_result_of_a_search_is_told_with_what_and_how_many(serve: Any, window: Browser) -> None:
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.press("r")
    window.wait("document.querySelector('dialog[open] .picker')")
    window.ask("document.querySelector('dialog .picker input').focus(), 0")
    for _ in range(2):
        type_in(window, "sciss")
        window.wait("document.querySelector('dialog [aria-selected=true]')?.innerText.includes('scissors')")
        window.press("Enter")
    window.click("dialog [type=submit]")
    window.wait("document.querySelector('#detail .beside').innerText.includes('2 \u00d7 scissors')")
    assert window.ask("document.querySelector('#detail .beside').innerText.includes('something found')")
