"""Hands on the pages of administrators and auditors, for tests: sit down as somebody with a password, type, answer."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from appliance.store import officers
from tests.appliance.dashboard.browser import Browser
from tests.appliance.dashboard.coming_in import WORD

ASKED = "document.querySelector('dialog[open] input[name=password]')"
SHEET = "document.querySelector('dialog')?.innerText"


def sit_down_as(served: Any, window: Browser, name: str, role: officers.Role, path: str, width: int = 1280) -> None:
    """Come in as somebody who has a password, and open a page."""
    with served.store.reader() as db:
        there = officers.find(db, name)
    if there is None:
        served.person(name, role, WORD)
    window.shape(width, 800)
    window.tell("Network.clearBrowserCookies")
    window.open("about:blank")
    window.open(f"{served.url}/#code={served.officer(name)}")
    window.wait("document.body.dataset.state === 'live'")
    go(served, window, path)


def go(served: Any, window: Browser, path: str) -> None:
    """Open a page and wait until it knows who sits there."""
    window.open(served.url + path)
    window.wait("document.getElementById('who').textContent")


def fill(window: Browser, selector: str, text: str) -> None:
    """Type into a field, over what stands in it."""
    window.ask(f"document.querySelector({json.dumps(selector)}).focus()")
    window.ask("document.activeElement.select?.()")
    window.tell("Input.insertText", text=text)


def again(window: Browser, password: str = WORD) -> None:
    """Say one's own password where a sheet asks for it, and send it off by Enter."""
    window.wait(ASKED)
    window.ask(f"{ASKED}.focus(), {ASKED}.select()")
    window.tell("Input.insertText", text=password)
    window.press("Enter")


def secret(window: Browser) -> str:
    """What a sheet shows this once."""
    window.wait("document.querySelector('dialog .secret')")
    return window.ask("document.querySelector('dialog .secret').textContent")


def row(window: Browser, place: str, name: str) -> str:
    """The words of somebody's row, or nothing."""
    rows = f"[...document.querySelectorAll('#{place} tbody tr')]"
    return window.ask(f"{rows}.find((one) => one.cells[0].textContent === {json.dumps(name)})?.innerText ?? ''")


def button(words: str, name: str) -> str:
    """A button of somebody's row, by the name it has for those who do not see the row."""
    return f"[...document.querySelectorAll('td button')].find((one) => one.textContent === '{words} {name}')"


def press_in_row(window: Browser, words: str, name: str) -> None:
    window.wait(button(words, name))
    window.ask(f"setTimeout(() => {button(words, name)}.click()), 0")


def do(served: Any, sql: str, *values: Any) -> None:
    """Change the store behind everybody's back."""

    def run(db: sqlite3.Connection) -> None:
        db.execute(sql, values)

    served.store.submit(run).result()
