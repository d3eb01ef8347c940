"""The pages for every officer: in their language, by keyboard, in dark and light, for those who see little."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from appliance.dashboard import files
from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.desk_page import CARDS, TITLE, reviews, settings, sit_down, wait_for
from tests.appliance.dashboard.rehearsing import bring
from tests.house.catalogue import read

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

AXE = Path(sys.prefix) / "axe-core" / "axe.min.js"
"""Not part of the box: `npm pack axe-core@4.14.1` and its axe.min.js put there."""
PAGES = ("/scans", "/docs", "/manual", "/licences", "/nothing-here")
STRAY = """(() => { const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const own = (node) => node.closest('[translate=no], script, noscript, time, kbd');
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const rest = node.data.replace(/⟦[^⟧]*⟧/g, '');
    if (/\\p{L}{2,}/u.test(rest) && !own(node.parentElement)) found.push(node.data.trim());
  }
  for (const node of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'title', 'placeholder']) {
      const rest = (node.getAttribute(name) ?? '').replace(/⟦[^⟧]*⟧/g, '');
      if (/\\p{L}{2,}/u.test(rest) && !own(node)) found.push(`${name}: ${node.getAttribute(name)}`);
    }
  }
  return found; })()"""
FAULTS = """axe.run(document, {runOnly:
  ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
  (told) => told.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`))"""
NAMELESS = """[...document.querySelectorAll('button, a[href], input, select, textarea, [tabindex="0"]')].filter((one) =>
  one.checkVisibility() && !(one.innerText || one.getAttribute('aria-label') || one.labels?.length
    || one.title))
  .map((one) => one.outerHTML.slice(0, 100))"""


def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vietnamese with every text in brackets, so that a text from elsewhere is seen."""
    words = {key: f"⟦{value}⟧" for key, value in read("vi").items()}
    for text in list(words):
        for blank in ("{time}", "{n}", "{reasons}", "{who}", "{item}", "{name}", "{deed}", "{why}", "{risk}", "{what}"):
            words[text] = words[text].replace(blank, f"⟧{blank}⟦")
    content = json.dumps(words).encode()
    monkeypatch.setitem(files.FILES, "words/vi.json", files.File(content, "application/json", '"marked"'))


def test_no_word_of_the_pages_escapes_the_catalogue(
    serve: Any, window: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not in the officer's language is what the box or a person said, and marked as such."""
    _marked(monkeypatch)
    served = serve(deadline_seconds=300)
    bring(served, range(4))
    sit_down(served, window)
    settings(window, language="vi")
    window.open(f"{served.url}/docs")
    window.wait("document.querySelector('.route')")
    assert window.ask(STRAY) == []
    window.open(f"{served.url}/scans")
    window.wait("document.querySelector('tbody a')")
    assert window.ask(STRAY) == []
    window.open(served.url)
    window.wait(f"document.body.dataset.state === 'live' && {CARDS}.length > 1")
    assert window.ask(STRAY) == []
    window.press("g")
    wait_for(window, "BAG-000")
    window.ask("for (const one of document.querySelectorAll('details')) one.open = true; 0")
    assert window.ask(STRAY) == []
    for key in ("m", "Enter", "Escape", "w", "Escape", "n", "Escape", "?", "Escape", ",", "Escape", "r", "Escape", "c"):
        window.press(key)
        assert window.ask(STRAY) == [], key
    window.wait("!document.getElementById('kept').hidden")
    assert window.ask(STRAY) == []
    assert window.ask("document.documentElement.lang") == "vi"
    window.open(f"{served.url}/nothing-here")
    window.wait("document.body.innerText.includes('⟦')")
    assert window.ask(STRAY) == []
    _at_the_door(served, window)
    assert window.ask(STRAY) == []


def _at_the_door(served: Any, window: Browser) -> None:
    """Everything the door can show, in the language and the light that are remembered here."""
    window.tell("Network.clearBrowserCookies")
    window.open("about:blank")
    window.open(served.url)
    window.wait("document.getElementById('with-code')?.disabled === false")
    window.ask("for (const one of document.querySelectorAll('main [hidden]')) one.hidden = false; 0")


def test_a_language_is_chosen_in_the_settings_and_kept_for_the_officer(serve: Any, window: Browser) -> None:
    """Also what the rules say and how things are called; another computer speaks it from the start."""
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    window.press(",")
    window.wait("document.querySelector('dialog select[name=language]')")
    choose = "(one) => { one.value = 'ms'; one.dispatchEvent(new Event('change')); }"
    window.ask(f"({choose})(document.querySelector('dialog select[name=language]')), 0")
    window.wait("document.documentElement.lang === 'ms' && document.body.dataset.state === 'live'")
    window.ask("localStorage.clear()")
    sit_down(served, window)
    window.wait("document.documentElement.lang === 'ms' && document.body.dataset.state === 'live'")
    window.press("g")
    wait_for(window, "BAG-000")
    window.wait("document.querySelector('.items').innerText.includes('gunting')")
    told = window.ask("document.getElementById('detail').innerText")
    for word in ("Buka dan periksa", "Tembus", "Amaran palsu", "gunting"):
        assert word in told
    settings(window, language="en")


def test_a_key_can_be_changed_and_is_shown_where_keys_are_shown(serve: Any, window: Browser) -> None:
    served = serve(deadline_seconds=300)
    bring(served, range(1))
    sit_down(served, window)
    window.press(",")
    window.wait("document.querySelector('dialog details')")
    window.ask("document.querySelector('dialog details').open = true, 0")
    row = "[...document.querySelectorAll('dialog .keys div')].find((one) => one.innerText.includes('False alarm'))"
    button = f"{row}.querySelector('button')"
    window.ask(f"{button}.focus(), {button}.click()")
    window.press("z")
    window.wait("document.querySelector('dialog').innerText.includes('That key is taken')")
    window.ask(f"{button}.click()")
    window.press("x")
    window.wait("document.querySelector('dialog').innerText.includes('Kept.')")
    window.press("Escape")
    window.press("?")
    window.wait("/X\\s+False alarm/.test(document.querySelector('dialog .keys').innerText)")
    window.press("Escape")
    window.press("g")
    wait_for(window, "BAG-000")
    window.press("f")
    window.press("x")
    window.wait("document.getElementById('kept').innerText.includes('false alarm · kept')")
    assert [row["kind"] for row in reviews(served)] == ["false_alarm"]
    settings(window, keys={})


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core beside the interpreter: npm pack axe-core@4.14.1")
@pytest.mark.parametrize(("theme", "language"), [*itertools.product(("dark", "dim", "light"), ("en", "ms", "vi"))])
def test_axe_finds_nothing_on_any_page(serve: Any, window: Browser, theme: str, language: str) -> None:
    """Every page and every sheet over it, in every light and language."""
    served = serve(deadline_seconds=300)
    bring(served, range(4))
    sit_down(served, window)
    settings(window, theme=theme, language=language)
    script = AXE.read_text(encoding="utf-8")
    for path in PAGES:
        window.open(served.url + path)
        window.wait("document.readyState === 'complete' && document.body.innerText.length > 40")
        window.ask(f"{script}; 0")
        assert window.ask(FAULTS) == [], path
    window.open(served.url)
    window.wait(f"document.body.dataset.state === 'live' && {CARDS}.length > 1")
    window.ask(f"{script}; 0")
    assert window.ask(FAULTS) == []
    window.press("g")
    wait_for(window, "BAG-000")
    for key in ("", "m", "Enter", "Escape", "?", "Escape", ",", "Escape", "r", "Escape", "c"):
        if key:
            window.press(key)
        if key != "Escape":
            assert window.ask(FAULTS) == [], key
    _at_the_door(served, window)
    window.ask(f"{script}; 0")
    assert window.ask(FAULTS) == []
    window.ask("localStorage.clear()")


def test_every_control_has_a_name_and_shows_its_focus(serve: Any, window: Browser) -> None:
    """By hand, where axe is not: names, landmarks, language; Tab reaches the pictures and every answer."""
    served = serve(deadline_seconds=300)
    bring(served, range(2))
    sit_down(served, window)
    window.press("g")
    wait_for(window, "BAG-000")
    assert window.ask(NAMELESS) == []
    assert window.ask("document.documentElement.lang") == "en"
    assert window.ask("['header', 'main', 'h1'].every((one) => document.querySelectorAll(one).length === 1)")
    reached: set[str] = set()
    for _ in range(40):
        window.press("Tab")
        reached.add(window.ask("document.activeElement.className.split(' ')[0]"))
        assert window.ask(
            "document.activeElement === document.body"
            " || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " || document.activeElement.matches('input[type=radio], .detail')"
        ), window.ask("document.activeElement.outerHTML.slice(0, 200)")
    assert {"card", "close", "pane", "tool", "answer"} <= reached


@pytest.mark.parametrize(("width", "height"), [(640, 400), (1280, 360)])
def test_twice_as_large_everything_is_still_there(serve: Any, window: Browser, width: int, height: int) -> None:
    """1280 by 800 at 200 %: nothing is cut off, the answers can be reached."""
    served = serve(deadline_seconds=300)
    bring(served, range(2))
    sit_down(served, window, width=width, height=height)
    window.press("g")
    wait_for(window, "BAG-000")
    assert window.ask("document.documentElement.scrollWidth <= innerWidth")
    window.ask("document.querySelector('.answer.cannot_tell').scrollIntoView({block: 'center'}), 0")
    place = window.ask(
        "(({top, bottom}) => [top, bottom])(document.querySelector('.answer.cannot_tell').getBoundingClientRect())"
    )
    assert 0 <= place[0] < place[1] <= height


def test_what_people_and_scanners_say_never_becomes_markup(serve: Any, window: Browser) -> None:
    """A name, a lane, a declared line and a note of script are shown as they are, and run nowhere."""
    served = serve(deadline_seconds=300)
    bad = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
    bring(served, range(1), lane=bad[:60], prefix=bad)
    sit_down(served, window, f"T. {bad}"[:60])
    window.press("g")
    window.wait(f"{TITLE}?.includes('<img') && document.querySelector('#detail .reason')")
    window.press("n")
    window.tell("Input.insertText", text=bad)
    window.press("Enter")
    window.press("c")
    window.wait("document.getElementById('kept').innerText.includes('kept')")
    assert window.ask(
        "window.pwned === undefined && document.querySelectorAll('img[src=x], script:not([src])').length === 0"
    )
