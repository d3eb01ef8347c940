"""The second factor: begun with the password, asked for at the door, and no number twice."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyotp.totp import TOTP

from appliance.dashboard.access import attempts
from appliance.dashboard.people import entrance
from appliance.store import deeds, officers
from tests.appliance.dashboard.coming_in import SIGN_IN, WORD, come_in

FACTOR = "/api/v1/me/second-factor"


@pytest.fixture
def served(serve: Any) -> Any:
    box = serve()
    box.person("T. Tan", "officer", WORD)
    return box


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A time that stands still, and moves when a test says so."""
    now = [time.time()]
    monkeypatch.setattr(entrance.time, "time", lambda: now[0])
    return now


def begun(browser: Any) -> TOTP:
    told = browser.post(FACTOR, json={"password": WORD})
    assert told.status_code == 201, told.text
    return TOTP(told.json()["secret"])


def in_force(browser: Any, clock: list[float]) -> TOTP:
    factor = begun(browser)
    assert browser.put(FACTOR, json={"otp": factor.at(int(clock[0]))}).status_code == 200
    return factor


def test_it_is_begun_with_the_password_and_shown_as_an_app_takes_it_in(served: Any) -> None:
    browser = come_in(served)
    assert browser.post(FACTOR, json={"password": "wrong"}).status_code == 403
    told = browser.post(FACTOR, json={"password": WORD}).json()
    parts = urlsplit(told["uri"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [told["secret"]]
    assert "T.%20Tan" in parts.path
    assert browser.get("/api/v1/me").json()["second_factor"] is False  # nothing has changed yet
    assert served.at_the_door().post("/api/v1/session", json=SIGN_IN).status_code == 201


def test_a_number_puts_it_in_force_and_ends_other_sessions(served: Any, clock: list[float]) -> None:
    browser, other = come_in(served), come_in(served)
    assert browser.put(FACTOR, json={"otp": "123456"}).status_code == 409  # nothing was begun
    factor = begun(browser)
    assert other.put(FACTOR, json={"otp": factor.at(int(clock[0]))}).status_code == 409  # not there
    assert browser.put(FACTOR, json={"otp": "000000"}).status_code == 422
    assert browser.put(FACTOR, json={"otp": factor.at(int(clock[0]))}).status_code == 200
    assert browser.get("/api/v1/me").json()["second_factor"] is True
    assert other.get("/api/v1/me").status_code == 401
    assert browser.post(FACTOR, json={"password": WORD}).status_code == 409


def test_the_door_asks_for_it_and_takes_no_number_twice(served: Any, clock: list[float]) -> None:
    factor = in_force(come_in(served), clock)
    asked = served.at_the_door().post("/api/v1/session", json=SIGN_IN)
    assert (asked.status_code, asked.json()["needs"]) == (401, ["otp"])
    assert served.at_the_door().post("/api/v1/session", json=SIGN_IN | {"password": "x"}).json().get("needs") is None
    now = factor.at(int(clock[0]))
    assert served.at_the_door().post("/api/v1/session", json=SIGN_IN | {"otp": now}).status_code == 401  # it confirmed
    clock[0] += 30
    later = SIGN_IN | {"otp": factor.at(int(clock[0]))}
    assert served.at_the_door().post("/api/v1/session", json=later).status_code == 201
    assert served.at_the_door().post("/api/v1/session", json=later).status_code == 401
    clock[0] += 300
    assert served.at_the_door().post("/api/v1/session", json=later).status_code == 401
    clock[0] += 30
    slow = SIGN_IN | {"otp": factor.at(int(clock[0]) - 30)}
    assert served.at_the_door().post("/api/v1/session", json=slow).status_code == 201  # a slow typist, or clock


def test_ten_at_once_with_the_same_number_are_one(served: Any, clock: list[float]) -> None:
    factor = in_force(come_in(served), clock)
    clock[0] += 30
    body = SIGN_IN | {"otp": factor.at(int(clock[0]))}
    statuses: list[int] = []

    def enter() -> None:
        with served.client(headers={"Sec-Fetch-Site": "same-origin"}) as client:
            statuses.append(client.post("/api/v1/session", json=body).status_code)

    crowd = [threading.Thread(target=enter) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(statuses) == [201] + [401] * 7


def test_numbers_are_guessed_no_oftener_than_passwords(served: Any, clock: list[float]) -> None:
    in_force(come_in(served), clock)
    clock[0] += 300
    door = served.at_the_door()
    statuses = [door.post("/api/v1/session", json=SIGN_IN | {"otp": f"{n:06}"}).status_code for n in range(12)]
    assert statuses[attempts.OF_A_STRANGER :] == [429, 429]
    with served.store.reader() as db:
        assert "wrong second factor" in {deed.what for deed in deeds.listing(db, None, 50)}


def test_it_is_ended_with_the_password_or_by_a_reset(served: Any, clock: list[float]) -> None:
    browser = come_in(served)
    in_force(browser, clock)
    assert browser.request("DELETE", FACTOR, json={"password": "x"}).status_code == 403
    assert browser.request("DELETE", FACTOR, json={"password": WORD}).status_code == 200
    assert browser.request("DELETE", FACTOR, json={"password": WORD}).status_code == 409
    assert served.at_the_door().post("/api/v1/session", json=SIGN_IN).status_code == 201
    in_force(come_in(served), clock)

    def reset(db: sqlite3.Connection) -> None:
        officers.invite(db, "T. Tan", "password", "a test")
        found = officers.known(db, "T. Tan")
        assert (found.secret, found.totp) == (None, None)

    served.store.submit(reset).result()


def test_what_was_begun_is_over_after_ten_minutes(served: Any, clock: list[float]) -> None:
    browser = come_in(served)
    factor = begun(browser)
    house = served.dashboard._house
    (digest,) = house.factors
    house.factors[digest] = house.factors[digest]._replace(until=0)
    assert browser.put(FACTOR, json={"otp": factor.at(int(clock[0]))}).status_code == 409
