"""A shift in a real browser: first start, fifty scans judged by keyboard alone, a pulled plug in the middle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.store import reviews
from tests.appliance.dashboard.browser import CHROMIUM, browser
from tests.appliance.dashboard.desk_page import CARDS, KEPT
from tests.box import Box
from tests.shift import PASSWORD, VIEWS, Shift, rehearse

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

WORDS = ("agree", "false_alarm", "cannot_tell", "agree", "agree")
SCANS = 50
OPEN = "SELECT count(*) FROM scan WHERE action IN ('REVIEW', 'PHYSICAL_INSPECTION') AND owed = 0"


def test_a_shift_by_keyboard_alone_loses_no_click(tmp_path: Path) -> None:
    """What was pressed, what the page was told, and what is on disk are the same, through two kill -9."""
    with Box(tmp_path, source=VIEWS) as box, browser(tmp_path / "chromium") as window:
        box.start()
        rehearse(box.scanner, SCANS + 10, seed=7)
        rehearse(box.scanner, 4, seed=8, lane="L2")
        shift = Shift(box, window)
        code = shift.first_start()
        assert not (box.state / "run" / "setup-code").exists()
        shift.by_code(code, PASSWORD)
        box.until(lambda: box.one(OPEN) >= SCANS, "enough scans ask for an officer")
        window.wait(f"Number(document.getElementById('number').textContent) >= {SCANS}")
        window.press("g")
        _judge(shift, 20)
        _draw_and_undo(shift)
        _pull_the_plug(shift)
        _speak_malay(shift)
        _judge(shift, SCANS - len(shift.pressed))
        shift.settled()
        _hold_against_the_store(shift)
        _search(shift)


def _judge(shift: Shift, count: int) -> None:
    for number in range(count):
        shift.whole()
        before = shift.answer(WORDS[number % len(WORDS)])
        shift.whole(other_than=before)


def _draw_and_undo(shift: Shift) -> None:
    """A thing that was missed, a wrong item, and an answer that is taken back and given anew."""
    before = shift.answer("missed")
    shift.whole(other_than=before)
    before = shift.answer("false_alarm")
    shift.whole(other_than=before)
    assert shift.undo() == before
    before = shift.answer("agree")
    shift.whole(other_than=before)


def _pull_the_plug(shift: Shift) -> None:
    """Answers given while the box is dead are said not to be kept, and are once it is back; nothing is typed twice."""
    window, box = shift.window, shift.box
    shift.settled()
    window.ask("new Promise((resolve) => setTimeout(resolve, 700))")  # the next ones are asked for meanwhile
    box.kill()
    before = shift.answer("agree")
    shift.whole(other_than=before)
    shift.answer("cannot_tell")
    window.wait(f"{KEPT}.includes('Not yet kept by the box: 2')")
    window.wait("document.body.dataset.state === 'stale'")
    box.start(with_engine=False)
    shift.live()
    shift.settled()
    window.press("g")
    before = shift.whole()
    shift.answer("agree")
    box.kill()  # the very moment a word is on its way
    box.start(with_engine=False)
    shift.live()
    shift.settled()
    shift.whole(other_than=before)


def _speak_malay(shift: Shift) -> None:
    window = shift.window
    window.press(",")
    window.wait("document.querySelector('dialog[open] select[name=language]')")
    window.tab_to("select[name=language]")
    window.press("b")
    window.wait("document.documentElement.lang === 'ms'")
    shift.live()
    window.wait(f"{CARDS}.length > 1")
    window.press("g")
    shift.whole()
    assert "Tembus" in window.ask("document.getElementById('detail').innerText")


def _hold_against_the_store(shift: Shift) -> None:
    told, undone = shift.told()
    stored = shift.stored()
    assert len(told) > SCANS
    assert {word["key"] for word in told} == {key for key, *_ in stored}, "what was acknowledged and what is on disk"
    assert {key for key, *_, taken_back in stored if taken_back} == undone
    assert [(scan, kind) for _, scan, kind, taken_back in stored if not taken_back] == shift.pressed
    assert len(shift.pressed) == SCANS
    with shift.box.db() as db:
        assert reviews.verify(db).broken is None
    marks = [json.loads(row["marks"]) for row in shift.box.ask("SELECT marks FROM review WHERE kind = 'missed'")]
    assert marks == [[{"view": "side", "box": [0.38, 0.38, 0.6, 0.6], "item": "scissors"}]]


def _search(shift: Shift) -> None:
    """All scans of one lane, found by keys and standing in the address."""
    window = shift.window
    window.press("Escape")
    window.tab_to("a[href='/scans']")
    window.press("Enter")
    window.wait("document.querySelectorAll('tbody tr').length > 4")
    window.tab_to("input[name=lane]")
    window.write("L2")
    window.press("Enter")
    window.wait("location.search.includes('lane=L2') && document.querySelectorAll('tbody tr').length === 4")
    window.tab_to("tbody a")
    window.press("Enter")
    assert shift.whole().startswith("SCAN-8-")
