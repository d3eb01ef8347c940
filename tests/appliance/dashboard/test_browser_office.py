"""The pages of administrators and auditors, and everybody's own account, in a real browser."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest

from appliance.store import deeds, officers
from tests.appliance.dashboard import rehearsing
from tests.appliance.dashboard.browser import CHROMIUM, Browser
from tests.appliance.dashboard.coming_in import WORD, come_in, deeds_of
from tests.appliance.dashboard.desk_page import begin_again
from tests.appliance.dashboard.office_page import (
    SHEET,
    again,
    button,
    do,
    fill,
    go,
    press_in_row,
    row,
    secret,
    sit_down_as,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

NEW = "quite another one"
ROWS = "[...document.querySelectorAll('#rows tbody tr')]"


def test_an_administrator_adds_an_officer_who_comes_in_with_the_code(serve: Any, window: Browser) -> None:
    """By the page from end to end: a wrong password is refused where it is typed, the code is shown once."""
    served = serve()
    sit_down_as(served, window, "Root", "administrator", "/people")
    window.wait("document.querySelectorAll('#officers tbody tr').length === 1")
    fill(window, "#add [name=name]", "A. Lim")
    window.click("#add button")
    again(window, "not my password")
    window.wait(f"{SHEET}?.includes('the password is wrong')")
    assert row(window, "officers", "A. Lim") == ""
    again(window)
    code = secret(window)
    assert "shown this once" in window.ask(SHEET)
    assert "the code was not used yet" in row(window, "officers", "A. Lim")
    window.press("Escape")
    window.wait("!document.querySelector('dialog')")
    assert code not in window.ask("document.documentElement.outerHTML")
    window.tell("Network.clearBrowserCookies")
    window.open("about:blank")
    window.open(f"{served.url}/#code={code}")
    window.wait("document.querySelector('#password-field:not([hidden])') && document.querySelector('#say').textContent")
    fill(window, "[name=password]", NEW)
    window.press("Enter")
    window.wait("document.body.dataset.state === 'live' && document.getElementById('who').textContent === 'A. Lim'")
    assert window.ask("fetch('/api/v1/officers').then((answer) => answer.status)") == 403
    assert deeds_of(served, "officer added")[0].about == "a. lim"


def test_an_administrator_sees_ends_disables_and_lets_in_again(serve: Any, window: Browser) -> None:
    served = serve()
    served.person("T. Tan", "officer", WORD)
    tan = come_in(served)
    sit_down_as(served, window, "Root", "administrator", "/people")
    window.wait("document.querySelectorAll('#officers tbody tr').length === 2")
    assert not window.ask(f"Boolean({button('Disable', 'Root')})")
    press_in_row(window, "Sessions", "T. Tan")
    window.wait("document.querySelectorAll('dialog tbody tr').length === 1")
    window.click("dialog .answer.side")
    again(window)
    window.wait("!document.querySelector('dialog')")
    assert tan.get("/api/v1/me").status_code == 401
    press_in_row(window, "Disable", "T. Tan")
    again(window)
    window.wait(button("Let in again", "T. Tan"))
    assert "disabled" in row(window, "officers", "T. Tan")
    press_in_row(window, "Let in again", "T. Tan")
    again(window)
    code = secret(window)
    fresh = served.at_the_door()
    assert fresh.post("/api/v1/session/code", json={"code": code, "password": NEW}).status_code == 201


def test_a_token_is_made_shown_once_and_revoked_by_the_page(serve: Any, window: Browser) -> None:
    served = serve()
    sit_down_as(served, window, "Root", "administrator", "/people")
    window.wait("document.querySelectorAll('#tokens tbody tr').length === 2")
    fill(window, "#token [name=name]", "lane-9")
    window.click("#token button")
    again(window)
    shown = secret(window)
    with served.client(shown.rpartition(" ")[2]) as machine:
        assert machine.get("/api/v1/scans").status_code == 200
        assert machine.post("/api/v1/inspect").status_code == 403
        window.press("Escape")
        press_in_row(window, "Revoke", "lane-9")
        again(window)
        window.wait(f"!document.querySelector('dialog') && !{button('Revoke', 'lane-9')}")
        assert "revoked" in row(window, "tokens", "lane-9")
        assert machine.get("/api/v1/scans").status_code == 401


@pytest.mark.parametrize("name", ["T. Tan", "Nguyễn Thị Hồng Nhung của ca đêm ở làn số chín mươi chín"])
def test_a_second_factor_is_begun_by_its_picture_and_ended(
    serve: Any, window: Browser, tmp_path: Path, name: str
) -> None:
    """What the page draws is read by a stranger's eye: the camera of OpenCV."""
    cv2 = pytest.importorskip("cv2", reason="needs OpenCV to read the picture")
    served = serve()
    sit_down_as(served, window, name, "officer", "/account")
    window.wait("document.querySelector('#factor button')")
    window.click("#factor button")
    again(window)
    window.wait("document.querySelector('dialog .qr svg')")
    window.take(tmp_path / "qr.png")
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(tmp_path / "qr.png")))
    shown = window.ask("document.querySelector('dialog .secret').textContent").replace(" ", "")
    assert read == window.ask("document.querySelector('dialog a').getAttribute('href')")
    factor: Any = pyotp.parse_uri(read)
    assert factor.secret == shown
    fill(window, "dialog [name=otp]", "000000" if factor.now() != "000000" else "111111")
    window.press("Enter")
    window.wait(f"{SHEET}?.includes('not the number of now')")
    fill(window, "dialog [name=otp]", factor.now())
    window.press("Enter")
    window.wait("document.querySelector('#factor').innerText.includes('In force')")
    with served.store.reader() as db:
        assert officers.known(db, name).totp == shown
    window.click("#factor button")
    again(window)
    window.wait("document.querySelector('#factor').innerText.includes('You have none')")


def test_ones_own_password_and_sessions(serve: Any, window: Browser) -> None:
    """The password twice alike, the old one right; another desk that was left open is shut from here."""
    served = serve()
    sit_down_as(served, window, "T. Tan", "officer", "/account")
    window.wait("document.querySelectorAll('#sessions tbody tr').length === 1")
    assert not window.ask("document.getElementById('end').checkVisibility()")
    other = come_in(served)
    go(served, window, "/account")
    window.wait("document.querySelectorAll('#sessions tbody tr').length === 2")
    window.click("#end")
    window.wait("document.querySelectorAll('#sessions tbody tr').length === 1")
    assert other.get("/api/v1/me").status_code == 401
    told = "document.getElementById('password-told').textContent"
    for old, new, twice, words in (
        (WORD, NEW, "something else", "not typed twice alike"),
        ("not my password", NEW, NEW, "the password is wrong"),
        (WORD, "short", "short", "10"),
        (WORD, NEW, NEW, "another now"),
    ):
        for field, text in (("old", old), ("new", new), ("again", twice)):
            fill(window, f"#password [name={field}]", text)
        window.press("Enter")
        window.wait(f"{told}.includes('{words}')")
    assert come_in_with(served, NEW) == 201
    assert come_in_with(served, WORD) == 401
    window.click("#settings")  # the page goes on with its new session
    window.wait("document.querySelector('dialog a[href=\"/account\"]')")
    assert window.ask("fetch('/api/v1/me').then((answer) => answer.status)") == 200


def come_in_with(served: Any, password: str) -> int:
    return served.at_the_door().post("/api/v1/session", json={"name": "T. Tan", "password": password}).status_code


def test_an_auditor_picks_out_of_the_record_and_looks_on(serve: Any, window: Browser) -> None:
    """What is picked out stands in the address; older rows come when asked for; nothing there can be changed."""
    served = serve()

    def many(db: sqlite3.Connection) -> None:
        for number in range(130):
            at = datetime(2026, 1, 1 + number % 28, tzinfo=UTC).isoformat()
            deeds.record(db, at, "o. ther" if number % 2 else "t. tan", "reviewed", f"BAG-{number}", kind="agree")

    served.store.submit(many).result()
    sit_down_as(served, window, "Clerk", "auditor", "/record")
    window.wait(f"{ROWS}.length === 50")
    window.click("#older")
    window.wait(f"{ROWS}.length === 100")
    fill(window, "#filters [name=who]", "T. Tan")
    window.ask("document.querySelector('#filters [name=what]').value = 'reviewed', 0")
    window.click("#filters button")
    window.wait(f"location.search.includes('what=reviewed') && {ROWS}.length === 50")
    assert "answered a scan" in window.ask(f"{ROWS}[0].innerText")
    window.click("#older")
    window.wait(f"{ROWS}.length === 65")
    assert window.ask(f"{ROWS}.every((one) => one.cells[2].textContent === 't. tan')")
    assert not window.ask("document.getElementById('older').checkVisibility()")
    assert window.ask("document.querySelector('#filters [name=who]').value") == "T. Tan"
    go(served, window, "/record?who=nobody-at-all")
    window.wait("document.getElementById('told').textContent.includes('There is no such deed')")
    assert window.ask("document.querySelector('nav a[aria-current]').getAttribute('href')") == "/record"
    assert window.ask("document.querySelector('nav a[href=\"/people\"]')") is None


def test_an_auditor_has_the_chains_checked_and_takes_evidence(serve: Any, window: Browser) -> None:
    served = serve()
    rehearsing.bring(served, range(1))
    sit_down_as(served, window, "Clerk", "auditor", "/record")
    told = "document.getElementById('chains').innerText"
    window.wait("document.getElementById('chains-told').textContent.includes('Not checked')")
    window.click("#check")
    window.wait(f"{told}.split('✓ whole').length === 3")
    fill(window, "#evidence [name=scan_id]", "BAG-000")
    window.click("#evidence button")
    window.wait("document.getElementById('evidence-told').textContent.includes('Taken')")
    (deed,) = deeds_of(served, "evidence taken")
    assert deed.detail["zip"] in window.ask("document.getElementById('taken').innerText")
    fill(window, "#evidence [name=scan_id]", "BAG-999")
    window.click("#evidence button")
    window.wait("document.getElementById('evidence-told').textContent.includes('no such scan')")
    assert window.ask("document.getElementById('taken').innerText") == ""
    do(served, "UPDATE verdict SET risk = 'low'")
    window.click("#check")
    window.wait(f"{told}.includes('BROKEN at row')")
    window.wait("document.getElementById('chains-told').textContent.includes('tell the centre')")


def test_the_box_keeps_itself_up_to_date_and_says_when_it_is_silent(serve: Any, window: Browser) -> None:
    """What is not known is said so; a source that comes to grief shows without a hand."""
    served = serve()
    feed: dict[str, Any] = {
        "accepted": 7,
        "accepted_at": None,
        "refused": 2,
        "gaps": 1,
        "missing": 3,
        "in_hand": 0,
        "reopened": 0,
    }
    served.health.sources = {"lane <b>1</b>": feed}
    sit_down_as(served, window, "Root", "administrator", "/box")
    window.wait("document.querySelectorAll('#sources tbody tr').length === 1")
    told = window.ask("document.querySelector('main').innerText")
    for words in ("lane <b>1</b>", "1, with 3 messages missing", "not known", "✓ ready", "None is made", "Not set up"):
        assert words in told, words
    assert str(served.store.root) in told
    window.click("#count")
    window.wait("document.querySelector('#fill tbody tr')")
    card = {"name": "Card <1>", "memory_bytes": 24_000_000_000, "memory_used_bytes": 6_000_000_000, "celsius": 71}
    assert "none: no driver answers" in told
    served.health.gpus = [{**card, "busy_percent": None}]
    window.wait("document.querySelector('main').innerText.includes('Card <1>')")
    assert "71 °C · 6 GB / 24 GB" in window.ask("document.querySelector('main').innerText")
    served.health.reasons = ("engine: not there",)
    served.health.sources["lane <b>1</b>"] = {**feed, "held": "the share is gone"}
    window.wait("document.querySelector('main').innerText.includes('the share is gone')")
    window.wait("document.querySelector('main').innerText.includes('NOT READY')")
    assert window.ask("document.querySelector('#fill tbody tr') !== null")
    served.stop()
    window.wait("document.body.dataset.state === 'stale'")
    window.wait("document.getElementById('pulse').textContent.includes('Not live since')")
    begin_again(served)
    window.wait("document.body.dataset.state === 'live'")


@pytest.mark.parametrize(
    ("path", "role"), [("/people", "officer"), ("/box", "supervisor"), ("/record", "administrator")]
)
def test_who_lacks_the_right_is_told_which_one(serve: Any, path: str, role: officers.Role) -> None:
    page = serve().signed_in("A. Nyone", role).get(path, headers={"Accept": "text/html"})
    assert page.status_code == 403
    assert "right" in page.text
