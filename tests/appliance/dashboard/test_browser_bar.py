"""The bar of links: for who may go there, on every page, with the present page marked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.office_page import go, sit_down_as

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

LINKS = "[...document.querySelectorAll('#ways-about a')].map((one) => one.getAttribute('href'))"
HERE = "[...document.querySelectorAll('#ways-about [aria-current=page]')].map((one) => one.getAttribute('href'))"
ALL = ["/", "/scans", "/statistics", "/shift", "/rules"]


@pytest.mark.parametrize(
    ("role", "links"),
    [
        ("officer", ALL),
        ("supervisor", [*ALL[:4], "/supervision", "/rules"]),
        ("administrator", [*ALL[:3], "/rules", "/box", "/people"]),
        ("auditor", [*ALL[:3], "/rules", "/record"]),
    ],
)
def test_everybody_has_the_links_they_may_follow(serve: Any, window: Browser, role: Any, links: list[str]) -> None:
    served = serve()
    window.shape(1280, 720)
    window.open("about:blank")
    window.open(f"{served.url}/#code={served.officer('T. Tan', role)}")
    for path in ("/", "/scans", "/docs", "/rules"):
        window.wait("document.getElementById('ways-about')")
        window.open(served.url + path)
        window.wait(f"{LINKS}.length === {len(links)}")
        assert window.ask(LINKS) == links
        assert window.ask(HERE) == [path] * (path != "/docs")


def test_every_page_says_who_sits_there_and_has_their_settings(serve: Any, window: Browser) -> None:
    """On each page the same sheet, from which one may leave."""
    served = serve()
    for role in ("supervisor", "administrator", "auditor"):
        sit_down_as(served, window, f"One {role}", role, "/account")
        for path in ("/manual", "/licences", "/docs", *window.ask(LINKS)):
            go(served, window, path)
            assert window.ask("document.getElementById('who').textContent") == f"One {role}", path
            window.click("#settings")
            window.wait("document.querySelectorAll('dialog[open]').length === 1")
            assert "Sign out" in window.ask("document.querySelector('dialog').innerText"), path
