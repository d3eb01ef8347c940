"""Sessions: how they begin, what they are worth, and how they end."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from typing import Any

import pytest

from appliance.dashboard.access.keys import Keyring
from appliance.settings import Dashboard as DashboardSettings
from appliance.store import sessions
from tests.appliance.dashboard.coming_in import SIGN_IN, WORD, age, come_in, deeds_of, word_of
from tests.appliance.dashboard.desking import bring, waiting


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("T. Tan", "officer", WORD)
    return box


def test_the_cookies_are_such_that_no_script_no_other_site_and_no_plain_wire_gets_them(served: Any) -> None:
    with served.client(headers={"Sec-Fetch-Site": "same-origin"}) as client:
        told = client.post("/api/v1/session", json=SIGN_IN)
    given = {value.partition("=")[0]: value for key, value in told.headers.multi_items() if key == "set-cookie"}
    assert set(given) == {"__Host-lanewatch", "__Host-lanewatch-device"}
    for name, value in given.items():
        flags = {flag.strip().lower() for flag in value.split(";")[1:]}
        assert {"secure", "httponly", "samesite=strict", "path=/"} <= flags, name
        assert not any(flag.startswith("domain") for flag in flags), name
    flags = given["__Host-lanewatch"].lower()
    assert "max-age" not in flags  # gone when the browser is closed
    assert "expires" not in flags


def test_a_session_somebody_brought_along_is_never_the_one_that_is_signed_in(served: Any) -> None:
    """Fixation: neither a made-up word nor somebody else's real session outlives a sign-in."""
    theirs = come_in(served)
    for word in ("ATTACKERCHOSEN", word_of(theirs)):
        victim = served.at_the_door()
        victim.headers["Cookie"] = f"__Host-lanewatch={word}; __Host-lanewatch-device=CHOSENTOO"
        assert victim.post("/api/v1/session", json=SIGN_IN).status_code == 201
        assert word not in victim.headers["Cookie"]
        assert "CHOSENTOO" not in victim.headers["Cookie"]
        with served.client(headers={"Cookie": f"__Host-lanewatch={word}"}) as attacker:
            assert attacker.get("/api/v1/me").status_code == 401
    assert theirs.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("before", ["\xa0", "\x85", "\x1c", "\x1f"])
def test_a_cookie_of_almost_the_name_is_none_of_ours(served: Any, before: str) -> None:
    """Another page of this host could set one; a parser that strips more than spaces would take it for the true one."""
    ours, theirs = word_of(come_in(served)), word_of(come_in(served))
    name = "__Host-lanewatch"
    for cookie, status in (
        (f"{name}={ours}; {before}{name}={theirs}", 200),
        (f"{before}{name}={theirs}; {name}={ours}", 200),
        (f"{before}{name}={theirs}", 401),
        (f"{name}={ours}; {name}={theirs}", 401),
    ):
        head = f"GET /api/v1/me HTTP/1.1\r\nHost: {served.url[7:]}\r\nConnection: close\r\n"
        with socket.create_connection(served.url[7:].split(":")) as line:
            line.sendall(f"{head}Cookie: {cookie}\r\n\r\n".encode("latin-1"))
            told = b"".join(iter(lambda line=line: line.recv(65536), b"")).decode()
        assert told.split()[1] in (str(status), "400"), (cookie, told)
        if status == 200 and told.split()[1] == "200":
            assert "T. Tan" in told


def test_each_sign_in_has_a_word_and_a_proof_of_its_own(served: Any) -> None:
    browsers = [come_in(served) for _ in range(5)]
    assert len({word_of(each) for each in browsers}) == 5
    assert len({each.headers["X-Lanewatch-Proof"] for each in browsers}) == 5
    assert all(len(word_of(each)) >= 40 for each in browsers)


def test_no_secret_stands_in_the_store(served: Any) -> None:
    browser = come_in(served)
    code = served.officer("T. Tan")
    device = re.search(r"-device=([^;]+)", browser.headers["Cookie"])[1]
    kept = b"".join(path.read_bytes() for path in served.store.root.glob("lanewatch.db*"))
    for secret in (word_of(browser), code, device, WORD, served.reader):
        assert secret.encode() not in kept


def test_the_oldest_of_many_sessions_ends(served: Any) -> None:
    browsers = [come_in(served) for _ in range(sessions.MOST_EACH + 1)]
    assert [each.get("/api/v1/me").status_code for each in browsers] == [401] + [200] * sessions.MOST_EACH


def test_a_session_outlives_a_restart_and_ends_with_its_box(serve: Any, served: Any) -> None:
    browser = come_in(served)
    other = serve()
    with other.client(headers={"Cookie": browser.headers["Cookie"]}) as client:
        assert client.get("/api/v1/me").status_code == 401
    fresh = Keyring(served.store, DashboardSettings())  # a process that knows nothing by heart
    found = asyncio.run(fresh.visitor(word_of(browser)))
    assert (found.name, found.session.proof) == ("t. tan", browser.headers["X-Lanewatch-Proof"])


@pytest.mark.parametrize(
    "body",
    ["{}", '{"name": "T. Tan"}', '{"name": "", "password": "x"}', '{"name": 1, "password": "x"}', "[]", "{", "null",
     '{"name": "\\ud800", "password": "x"}', '{"name": "x", "password": "y", "role": "administrator"}',
     '{"name": "a", "name": "b", "password": "x"}', '{"name": "x", "password": {"$ne": 1}}'],
)  # fmt: skip
def test_nonsense_at_the_door_is_refused_and_never_a_fault(served: Any, body: str) -> None:
    browser = served.at_the_door()
    for path in ("/api/v1/session", "/api/v1/session/code"):
        answer = browser.post(path, content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("name", ["t. tan", "T.  TAN ", "Ｔ. Tan", "T. Tan"])  # noqa: RUF001 - another keyboard's
def test_a_name_is_the_same_however_it_is_typed(served: Any, name: str) -> None:
    assert come_in(served, name).get("/api/v1/me").json()["shown"] == "T. Tan"


def test_signing_out_ends_the_session_here_and_in_the_browser(served: Any) -> None:
    browser, other = come_in(served), come_in(served)
    stolen = browser.headers["Cookie"]
    gone = browser.delete("/api/v1/session")
    assert gone.status_code == 200
    taken = next(value for key, value in gone.headers.multi_items() if key == "set-cookie").lower()
    assert taken.startswith(('__host-lanewatch=""', "__host-lanewatch=;"))
    assert "max-age=0" in taken
    assert "secure" in taken  # else a browser does not take it for this cookie
    with served.client(headers={"Cookie": stolen}) as thief:
        assert thief.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200
    assert len(deeds_of(served, "signed out")) == 1


def test_who_does_nothing_for_half_an_hour_signs_in_again(served: Any) -> None:
    browser = come_in(served)
    age(served, seen=29 * 60)
    assert browser.get("/api/v1/me").status_code == 200
    age(served, seen=60)
    assert browser.get("/api/v1/me").status_code == 401


def test_everybody_signs_in_again_after_a_shift_however_busy(served: Any) -> None:
    browser = come_in(served)
    age(served, began=12 * 3600 - 60)
    assert browser.post("/api/v1/me/here").status_code == 200
    age(served, began=60)
    assert browser.post("/api/v1/me/here").status_code == 401


@pytest.mark.parametrize(
    ("what", "lasts"),
    [
        (("GET", "/api/v1/me", {}), False),
        (("GET", "/api/v1/scans", {}), False),
        (("GET", "/api/v1/scans", {"Sec-Fetch-Dest": "empty"}), False),
        (("GET", "/static/desk.js", {"Sec-Fetch-Dest": "script"}), False),
        (("GET", "/api/v1/scans/x/views/1.png", {"Sec-Fetch-Dest": "image"}), False),
        (("GET", "/", {"Sec-Fetch-Dest": "document"}), True),
        (("GET", "/scans", {"Sec-Fetch-Dest": "document"}), True),
        (("POST", "/api/v1/me/here", {}), True),
        (("PUT", "/api/v1/me/settings", {}), True),
    ],
)
def test_only_what_a_person_does_keeps_them_signed_in(served: Any, what: Any, lasts: bool) -> None:
    """A queue that polls by itself all night keeps nobody's desk open."""
    browser = come_in(served)
    age(served, seen=25 * 60)
    method, path, headers = what
    browser.request(method, path, headers=headers, **({"json": {}} if method == "PUT" else {}))
    age(served, seen=10 * 60)
    assert browser.get("/api/v1/me").status_code == (200 if lasts else 401)


def test_an_open_stream_keeps_nobody_signed_in_and_ends_with_the_session(served: Any, until: Any) -> None:
    browser = come_in(served)
    with browser.stream("GET", "/api/v1/events", timeout=300) as stream:
        heard = stream.iter_raw()
        next(heard)
        time.sleep(3.5)  # it was asked again who listens
        with served.store.reader() as db:
            (row,) = db.execute("SELECT began, seen FROM session").fetchall()
        assert row["seen"] == row["began"]
        age(served, seen=31 * 60)
        for _ in heard:  # it comes to its end
            pass
    assert browser.get("/api/v1/me").status_code == 401


def test_a_restless_person_costs_one_write_a_minute(served: Any) -> None:
    browser = come_in(served)
    age(served, seen=90)
    for _ in range(20):
        assert browser.post("/api/v1/me/here").status_code == 200
    house = served.dashboard._house
    house.keys.forget()
    with served.store.reader() as db:
        first = db.execute("SELECT seen FROM session").fetchone()[0]
    browser.post("/api/v1/me/here")
    with served.store.reader() as db:
        assert db.execute("SELECT seen FROM session").fetchone()[0] == first


def test_disabling_somebody_ends_everything_of_theirs_at_once(served: Any) -> None:
    """No second is left: sessions, codes, the password, and the browser that knew them."""
    browser, code = come_in(served), served.officer("T. Tan")
    assert browser.get("/api/v1/me").status_code == 200
    with served.control() as control:
        assert control.delete("/control/officers/T.%20Tan").status_code == 204
        assert browser.get("/api/v1/me").status_code == 401
        again = served.at_the_door()
        assert again.post("/api/v1/session", json=SIGN_IN).status_code == 401
        assert again.post("/api/v1/session/code", json={"code": code}).status_code == 401
        assert control.post("/control/officers/T.%20Tan/code", json={"purpose": "enter"}).status_code == 409


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("POST", "/api/v1/reviews",
         {"key": "said-late", "scan_id": "one", "revision": 1, "verdict": 1, "kind": "false_alarm"}),
        ("POST", "/api/v1/outcomes", {"key": "told-late", "scan_id": "one", "revision": 1, "kind": "nothing"}),
        ("PUT", "/api/v1/me/settings", {"theme": "dark"}),
    ],
)  # fmt: skip
def test_who_is_disabled_while_still_asking_has_said_nothing(
    served: Any, picture: Any, method: str, address: str, body: dict[str, Any]
) -> None:
    """A body may take its time on the way; what counts is who may when it is written down."""
    bring(served, picture(), "one")
    served.judge()
    browser = come_in(served)
    content = json.dumps(body).encode()
    host, port = served.url.removeprefix("http://").split(":")
    shown = "".join(
        f"{name}: {browser.headers[name]}\r\n" for name in ("Cookie", "Sec-Fetch-Site", "X-Lanewatch-Proof")
    )
    with socket.create_connection((host, int(port)), timeout=300) as line, served.control() as control:
        line.sendall(
            f"{method} {address} HTTP/1.1\r\nHost: box\r\n{shown}Content-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 100 ")  # it was let in, and its body is waited for
        assert control.delete("/control/officers/T.%20Tan").status_code == 204
        line.sendall(content)
        assert line.recv(4096).startswith(b"HTTP/1.1 401 ")
    assert waiting(served.client(served.reader)) == ["one"]
    with served.store.reader() as db:
        assert db.execute("SELECT count(*) FROM outcome").fetchone()[0] == 0
        assert db.execute("SELECT settings FROM officer").fetchone()[0] == "{}"


def test_a_reset_ends_everything_too_and_lets_in_again_who_was_disabled(served: Any) -> None:
    browser = come_in(served)
    with served.control() as control:
        control.delete("/control/officers/T.%20Tan")
        code = control.post("/control/officers/T.%20Tan/code", json={"purpose": "password"}).json()["code"]
    assert browser.get("/api/v1/me").status_code == 401
    fresh = served.at_the_door()
    told = fresh.post("/api/v1/session/code", json={"code": code})
    assert (told.status_code, told.json()["needs"]) == (422, ["password"])
    assert fresh.post("/api/v1/session/code", json={"code": code, "password": "T. Tan 12345"}).status_code == 422
    told = fresh.post("/api/v1/session/code", json={"code": code, "password": "quite another one"})
    assert told.status_code == 201
    assert fresh.get("/api/v1/me").status_code == 200
    assert served.at_the_door().post("/api/v1/session", json=SIGN_IN).status_code == 401
    assert deeds_of(served, "code made")[0].detail == {"purpose": "password", "again": True}


def test_another_password_ends_all_other_sessions_and_renews_this_one(served: Any) -> None:
    browser, other = come_in(served), come_in(served)
    before = word_of(browser)
    wrong = browser.post("/api/v1/me/password", json={"old": "x", "new": "quite another one"})
    assert (wrong.status_code, wrong.json()["field"]) == (403, "password")
    assert browser.post("/api/v1/me/password", json={"old": WORD, "new": "short"}).status_code == 422
    told = browser.post("/api/v1/me/password", json={"old": WORD, "new": "quite another one"})
    assert told.status_code == 201
    assert word_of(browser) != before
    browser.headers["X-Lanewatch-Proof"] = told.json()["proof"]
    assert browser.post("/api/v1/me/here").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
