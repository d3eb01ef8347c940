"""The pictures of a scan in a real browser: boxes with who saw them, deep zoom, tools at once and remembered."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.desk_page import settings, sit_down, wait_for
from tests.appliance.dashboard.rehearsing import bring

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

LINES = "[...document.querySelectorAll('.overlay g:has(.over)')].map((one) => one.getAttribute('class'))"
SIGNS = "[...document.querySelectorAll('.overlay text')].map((one) => one.textContent)"
MIDDLE = """(() => { const one = document.querySelector('.pane canvas');
  return [...one.getContext('2d').getImageData(one.width / 2, one.height / 2, 1, 1).data].slice(0, 3); })()"""
DEVELOPED = """import('/static/develop.js').then(({develop, PLAIN}) => {
  const from = new Uint8ClampedArray(%s.flatMap((one) => [...one, 255])), to = new Uint8ClampedArray(from.length);
  develop(from, to, from.length / 4, 1, {...PLAIN, ...%s});
  return Array.from({length: from.length / 4}, (_, at) => [...to.slice(at * 4, at * 4 + 3)]); })"""
ORGANIC, INORGANIC, METAL, DENSE = [230, 150, 60], [70, 190, 80], [60, 110, 210], [8, 6, 10]


def _open(served: Any, window: Browser) -> None:
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    window.wait(f"{SIGNS}.length > 0 && document.querySelector('.overlay rect').getAttribute('width')")


def test_a_box_says_who_saw_it_by_line_and_by_letters(serve: Any, window: Browser) -> None:
    """Detector, model, both; numbered as in the list beside, in the view where it was seen."""
    served = serve(deadline_seconds=300)
    bring(served, range(4))
    _open(served, window)
    assert sorted(window.ask(LINES)) == ["seen-both", "seen-both", "seen-detector", "seen-detector"]
    assert window.ask(SIGNS) == ["1 battery · D+V", "3 scissors · D", "2 battery · D+V", "4 scissors · D"]
    dashes = "[...document.querySelectorAll('.over')].map((one) => getComputedStyle(one).strokeDasharray)"
    assert window.ask(f"new Set({dashes}).size") == 2
    legend = window.ask("document.querySelector('.legend').innerText")
    assert "D detector" in legend
    assert "V vision-language model" in legend
    window.press("8")
    window.wait("getComputedStyle(document.querySelector('.overlay g')).display === 'none'")


def test_signs_give_way_to_one_another(serve: Any, window: Browser) -> None:
    """Where two would lie over one another the number stands for the name, and none covers another."""
    served = serve(deadline_seconds=300)
    bring(served, range(8))
    sit_down(served, window)
    signs = """[...document.querySelectorAll('.pane')].map((pane) => [...pane.querySelectorAll('.back')].map((one) =>
      ['x', 'y', 'width', 'height'].map((name) => Number(one.getAttribute(name)))))"""
    words = set()
    window.wait("document.querySelectorAll('.card').length >= 6")
    for number in range(6):
        window.ask(f"document.querySelectorAll('.card')[{number}].click(), 0")
        name = window.ask(f"document.querySelectorAll('.card .name')[{number}].textContent")
        wait_for(window, name)
        window.wait("document.querySelector('.overlay rect')?.getAttribute('width')")
        words |= {bool(re.fullmatch(r"\d+ · [DV+]+", sign)) for sign in window.ask(SIGNS)}
        for placed in window.ask(signs):
            for one, other in itertools.combinations(placed, 2):
                apart = abs(one[0] - other[0]) >= (one if one[0] < other[0] else other)[2] - 0.5
                assert apart or abs(one[1] - other[1]) >= 19, (name, one, other)
    assert words == {True, False}, "some have their name, some only their number"


def test_the_box_stays_on_its_thing_when_the_picture_is_zoomed(serve: Any, window: Browser) -> None:
    """Keys zoom all views, or the one that has the focus; 0 shows all again."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    _open(served, window)
    wide = (
        "[...document.querySelectorAll('.pane')].map((one) => Number(one.querySelector('.over').getAttribute('width')))"
    )
    before = window.ask(wide)
    window.press("+")
    window.wait(f"{wide}[0] > {before[0]} * 1.35 && {wide}[1] > {before[1]} * 1.35")
    window.press("0")
    window.wait(f"Math.abs({wide}[0] - {before[0]}) < 0.5")
    window.ask("document.querySelectorAll('.pane')[1].focus(), 0")
    window.press("+")
    window.wait(f"{wide}[1] > {before[1]} * 1.35")
    assert abs(window.ask(wide)[0] - before[0]) < 0.5
    place = "Number(document.querySelectorAll('.pane')[1].querySelector('.over').getAttribute('x'))"
    at = window.ask(place)
    window.press("ArrowRight")
    window.wait(f"Math.abs({place} - {at}) > 20")


def test_strips_keep_one_material_and_fade_the_rest(serve: Any, window: Browser) -> None:
    """By the hue of the pseudo-colours; what lets nothing through counts as metal, never as organic."""
    served = serve()
    sit_down(served, window)
    colours = [ORGANIC, INORGANIC, METAL, DENSE]
    for strip, kept in (("organic", {0}), ("inorganic", {1}), ("metal", {2, 3})):
        seen = window.ask(DEVELOPED % (json.dumps(colours), json.dumps({"strip": strip})))
        assert {at for at, colour in enumerate(colours) if seen[at] == colour} == kept
        assert all(min(seen[at]) >= 230 for at in set(range(4)) - kept)


def test_each_tool_does_what_it_says(serve: Any, window: Browser) -> None:
    served = serve()
    sit_down(served, window)

    def seen(**tools: Any) -> list[list[int]]:
        return window.ask(DEVELOPED % (json.dumps([ORGANIC, DENSE, [100, 100, 100]]), json.dumps(tools)))

    assert seen() == [ORGANIC, DENSE, [100, 100, 100]]
    assert seen(invert=True)[0] == [25, 105, 195]
    assert len(set(seen(palette="grey")[0])) == 1
    assert seen(penetration=True)[2][0] > 220
    assert seen(gamma=3)[2][0] > 150
    assert seen(gamma=-3)[2][0] < 50
    assert seen(palette="fire")[2] != [100, 100, 100]


def test_a_tool_works_by_one_key_and_is_remembered(serve: Any, window: Browser) -> None:
    """And again on another computer of the same officer."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    _open(served, window)
    window.wait(f"{MIDDLE}.join() !== '0,0,0'")
    before = window.ask(MIDDLE)
    window.press("1")
    window.wait(f"{MIDDLE}.join() !== {json.dumps(','.join(map(str, before)))}")
    after = window.ask(MIDDLE)
    assert all(abs(a + b - 255) <= 2 for a, b in zip(before, after, strict=True))
    window.ask("new Promise((resolve) => setTimeout(resolve, 700))")  # it is sent a moment later
    window.ask("localStorage.clear()")
    _open(served, window)
    window.wait(f"{MIDDLE}.join() === {json.dumps(','.join(map(str, after)))}")
    assert window.ask("document.querySelector('.tools [aria-pressed=true]').innerText.includes('Invert')")


def test_nothing_on_the_page_breaks_its_own_policy(serve: Any, window: Browser) -> None:
    """Zoom, tools, boxes and dialogs under the strict policy: no violation, and nothing is asked of any other host."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    watch = """window.broken = []; addEventListener('securitypolicyviolation',
      (one) => broken.push(`${one.violatedDirective} ${one.sourceFile}:${one.lineNumber}:${one.columnNumber}`));"""
    window.tell("Page.addScriptToEvaluateOnNewDocument", source=watch)
    _open(served, window)
    settings(window, sound=True)
    for key in ("+", "1", "6", "m", "Enter", "Escape", "?", "Escape", ",", "Escape", "s", "s"):
        window.press(key)
    assert window.ask("broken") == []
    hosts = "[...new Set(performance.getEntriesByType('resource').map((one) => new URL(one.name).origin))]"
    assert window.ask(f"{hosts}.join() === location.origin")
