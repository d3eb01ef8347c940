"""The door in a real browser: by password, by code, with a second factor, and where a browser would forget."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator
from typing import Any

import pyotp
import pytest
from pyotp.totp import TOTP

from appliance.dashboard.access import passwords
from appliance.dashboard.app import ROUTES
from appliance.store import officers
from tests.appliance.dashboard.browser import CHROMIUM, Browser, browser
from tests.appliance.dashboard.coming_in import WORD
from tests.appliance.dashboard.desk_page import pages
from tests.house.tree import ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

DESK = "document.getElementById('queue')"
LATER = """window.asked = []; window.late = 0; const real = window.fetch, now = Date.now.bind(Date);
Date.now = () => now() + window.late;
window.fetch = async (...all) => {
  const told = await real(...all); window.asked.push(all[0] + told.status); return told; };
"""
WRONG = {
    "K": "Nama atau kata laluan salah.", "M": "Tên hoặc mật khẩu sai.", "P": "The name or the password is wrong.",
}  # fmt: skip
NOTHING = {
    "K": "Tiada apa-apa di alamat ini.", "M": "Không có gì ở địa chỉ này.", "P": "There is nothing at this address.",
}  # fmt: skip
SAYS = "document.getElementById('say').textContent"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    """One browser for all these tests; each opens its own box."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def served(serve: Any, window: Browser) -> Any:
    box = serve()
    box.person("T. Tan", "officer", WORD)
    window.tell("Network.clearBrowserCookies")
    window.open("about:blank")
    return box


def fill(window: Browser, **fields: str) -> None:
    """Type into the fields that can be seen, and press Enter."""
    for name, text in fields.items():
        window.ask(f"document.querySelector('#form [name={name}]').focus(), 0")
        window.tell("Input.insertText", text=text)
    window.press("Enter")


def cookies(window: Browser) -> dict[str, Any]:
    return {each["name"]: each for each in window.tell("Network.getAllCookies")["cookies"]}


def test_by_password_in_and_out_again(served: Any, window: Browser) -> None:
    """A wrong one is said; the cookies are out of every script's reach; signing out takes the session away here."""
    window.open(f"{served.url}/")
    fill(window, name="t. tan", password="wrong")
    window.wait(f"{SAYS}.includes('The name or the password is wrong')")
    window.ask("document.querySelector('[name=password]').value = '', 0")
    fill(window, password=WORD)
    window.wait(DESK)
    kept = cookies(window)
    assert set(kept) == {"__Host-lanewatch", "__Host-lanewatch-device"}
    assert all(each["httpOnly"] and each["secure"] and each["sameSite"] == "Strict" for each in kept.values())
    assert window.ask("document.cookie") == ""
    signed_out = """(async () => {
      const { proof } = await (await fetch("/api/v1/me")).json();
      return (await fetch("/api/v1/session", { method: "DELETE", headers: { "X-Lanewatch-Proof": proof } })).status;
    })()"""
    assert window.ask(signed_out) == 200
    assert set(cookies(window)) == {"__Host-lanewatch-device"}
    window.open(f"{served.url}/scans")
    assert window.ask("document.getElementById('form') !== null")  # the door, wherever one comes


def test_by_a_code_that_asks_for_a_password_and_leaves_the_address(served: Any, window: Browser) -> None:
    code = served.store.submit(lambda db: officers.invite(db, "T. Tan", "password", "a test")).result()
    window.open(f"{served.url}/#code={code}")
    window.wait(f"{SAYS}.startsWith('Welcome')")
    assert window.ask("location.hash") == ""
    fill(window, password="quite another one")
    window.wait(DESK)


def test_the_second_factor_is_asked_for(served: Any, window: Browser) -> None:
    secret = pyotp.random_base32()
    served.store.submit(lambda db: officers.set_factor(db, "t. tan", secret, 0)).result()
    window.open(f"{served.url}/")
    fill(window, name="T. Tan", password=WORD)
    window.wait("!document.getElementById('otp-field').hidden")
    fill(window, otp=TOTP(secret).at(int(time.time())))
    window.wait(DESK)


def test_where_a_browser_would_forget_the_sign_in_the_door_says_so(served: Any, window: Browser) -> None:
    """At an address that is neither https nor this machine by name no such cookie is kept: told, not silent."""
    port = served.url.rpartition(":")[2]
    window.open(f"http://0.0.0.0:{port}/")
    assert window.ask("isSecureContext") is False
    assert window.ask("document.getElementById('form').hidden")
    assert "begins with https" in window.ask("document.getElementById('plain').innerText")
    window.open(f"{served.url}/")
    assert window.ask("document.getElementById('plain').hidden")


@pytest.mark.parametrize("path", pages())
def test_every_page_tells_when_somebody_moves(served: Any, window: Browser, path: str) -> None:
    """Once a minute at the most, by what a person does: who only reads is not signed out."""
    handler = next(each for each in ROUTES if path in each.paths)
    role = next(role for role, rights in officers.RIGHTS.items() if handler.opt["scope"] in (*rights, "open"))
    window.tell("Page.addScriptToEvaluateOnNewDocument", source=LATER)
    window.open(f"{served.url}/#code={served.officer('A. Nyone', role)}")
    window.wait(DESK)
    window.open("about:blank")
    window.open(served.url + path)
    window.wait("(import('/static/me.js').then((me) => { window.met = me; }), window.met?.person.proof)")
    window.press("F2")
    assert not window.ask("asked.includes('/api/v1/me/here200')")
    window.ask("window.late = 61000, 0")
    for _ in range(3):
        window.press("F2")
    window.wait("asked.includes('/api/v1/me/here200')")
    assert window.ask("asked.filter((one) => one.includes('/me/here')).length") == 1


@pytest.mark.parametrize(("languages", "kept", "word"), [
    ("ms-MY,en", "{}", "Kata laluan"), ("vi,en", "{}", "Mật khẩu"), ("fr,de", "{}", "Password"),
    ("ms", '{"language": "vi"}', "Mật khẩu"), ("vi", '{"language": "toString", "theme": "light"}', "Mật khẩu"),
])  # fmt: skip
def test_the_door_speaks_what_is_remembered_else_what_the_browser_asks_for(
    served: Any, window: Browser, languages: str, kept: str, word: str
) -> None:
    """Also what the box says of a wrong password, and a problem's page; the light is the remembered one too."""
    agent = window.ask("navigator.userAgent")
    window.open(f"{served.url}/")
    window.ask(f"localStorage.setItem('lanewatch-settings', {json.dumps(kept)}), 0")
    window.tell("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)
    try:
        window.open(f"{served.url}/")
        window.wait("!document.getElementById('with-code').disabled")
        told = window.ask("document.body.innerText")
        assert word in told
        assert ("Come in" in told) == (word == "Password")
        assert window.ask("document.documentElement.lang") == {"K": "ms", "M": "vi", "P": "en"}[word[0]]
        assert window.ask("document.documentElement.dataset.theme ?? ''") == ("light" if "light" in kept else "")
        fill(window, name="t. tan", password="wrong")
        window.wait(f"{SAYS} === {json.dumps(WRONG[word[0]])}")
        window.ask("document.querySelector('[name=password]').value = '', 0")
        fill(window, password=WORD)
        window.wait(DESK)
        window.open(f"{served.url}/nowhere")
        window.wait(f"document.getElementById('means').textContent === {json.dumps(NOTHING[word[0]])}")
        assert window.ask("document.getElementById('found').hidden")
        window.open(f"{served.url}/scans?lain=7")
        window.wait("document.body.innerText.includes('Did you mean lane?')")
    finally:
        window.tell("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="en-US")
        window.ask("localStorage.clear()")


def test_a_wrong_code_is_told_in_sentences_and_a_right_one_is_no_alarm(served: Any, window: Browser) -> None:
    """Two sentences with a space between; the welcome has not the colour of a refusal."""
    window.open(f"{served.url}/")
    window.wait("!document.getElementById('with-code').disabled")
    window.click("#with-code")
    window.wait("document.activeElement.matches('[name=code]')")
    fill(window, code="mistyped")
    window.wait(f"{SAYS} === 'This code is spent, too old or mistyped. Ask for another one.'")
    alarm = window.ask("getComputedStyle(document.getElementById('say')).color")
    window.ask("document.querySelector('[name=code]').value = '', 0")
    fill(window, code=served.store.submit(lambda db: officers.invite(db, "T. Tan", "password", "a test")).result())
    window.wait(f"{SAYS} === 'Welcome. Choose, then come in.'")
    assert window.ask("getComputedStyle(document.getElementById('say')).color") != alarm


def test_what_the_door_translates_is_what_the_box_says() -> None:
    """A text that the box says no more, or says otherwise, would be English for everybody."""
    rooms = [path.read_text() for path in (ROOT / "appliance" / "dashboard").rglob("*.py")]
    text = (ROOT / "appliance" / "dashboard" / "static" / "boxsays.js").read_text()
    filled = {"10": "{LEAST}", "256": "{MOST}"}
    for key in re.findall(r'^  \["([^"]+)", ', text, re.MULTILINE):
        said = re.sub(r"\b(10|256)\b", lambda found: filled[found[0]], key)
        assert any(said in room for room in rooms), key
    assert (passwords.LEAST, passwords.MOST) == (10, 256)
