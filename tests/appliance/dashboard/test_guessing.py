"""Ten thousand guesses: few are looked at, fewer are written down, and nobody is kept out by them who belongs here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from argon2 import PasswordHasher

from appliance.dashboard.access import attempts
from appliance.dashboard.access.attempts import Attempts, Guess
from appliance.dashboard.access.keys import Keyring
from appliance.dashboard.access.passwords import _NOBODYS, MOST_WAITING, Passwords
from appliance.dashboard.access.refusals import EACH, Refusals
from appliance.dashboard.app import web_app
from appliance.dashboard.house import House
from appliance.dashboard.news import News
from appliance.dashboard.problems import Problem
from appliance.dashboard.shell import Shell
from appliance.glimpses import Glimpses
from appliance.settings import Dashboard as DashboardSettings
from appliance.store import deeds, officers, sessions
from appliance.store.database import Store

WORD = "correct horse battery"


class Said(NamedTuple):
    status: int
    body: dict[str, Any]
    cookies: str


class Box:
    """The application alone, asked without a network: the address at the socket is what a test says."""

    def __init__(self, root: Path) -> None:
        self.store = Store.open(root)
        settings = DashboardSettings()
        nothing = cast("Any", None)
        news = News(self.store, Glimpses())
        self.house = House(settings, nothing, self.store, nothing, Keyring(self.store, settings), news,
                           nothing, Refusals(self.store), nothing)  # fmt: skip
        self._app = cast("Any", Shell(cast("Any", web_app(self.house))))
        self.looked = 0
        secret = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORD)

        def fill(db: sqlite3.Connection) -> None:
            officers.add(db, "victim", "officer", "a test")
            officers.set_secret(db, "victim", secret, "a test")

        self.store.submit(fill).result()

    async def sign_in(self, name: str, password: str, peer: str | None = "10.0.0.9", **headers: str) -> Said:
        body = json.dumps({"name": name, "password": password}).encode()
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin", "host": "box"} | headers
        scope = {
            "type": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "method": "POST", "scheme": "http",
            "path": "/api/v1/session", "raw_path": b"/api/v1/session", "query_string": b"", "root_path": "",
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()]
            + [(b"content-length", str(len(body)).encode())],
            "client": (peer, 1) if peer else None, "server": ("box", 80),
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        cookies = [value.decode().partition(";")[0] for key, value in sent[0]["headers"] if key == b"set-cookie"]
        return Said(sent[0]["status"], json.loads(sent[1]["body"]), "; ".join(cookies))

    def rows(self) -> int:
        with self.store.reader() as db:
            return db.execute("SELECT count(*) FROM deed").fetchone()[0]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Box]:
    made = Box(tmp_path)
    real = Passwords._verify

    def verify(self: Passwords, secret: str, password: str) -> bool:
        made.looked += 1
        if secret == _NOBODYS:  # its tenth of a second is measured elsewhere
            return False
        return real(self, secret, password)

    monkeypatch.setattr(Passwords, "_verify", verify)
    monkeypatch.setattr("appliance.dashboard.access.refusals._log", _Quiet())
    monkeypatch.setattr("appliance.dashboard.shell._log", _Quiet())
    yield made
    made.store.close()


class _Quiet:
    def info(self, *_: object, **__: object) -> None: ...

    warning = info


HEADERS = ("x-forwarded-for", "x-real-ip", "forwarded", "via", "x-forwarded-host", "cookie")


def test_ten_thousand_guesses_at_one_name(box: Box) -> None:
    """From fifty addresses, under a new mask each time: ten are looked at, and the victim's own desk stays open."""

    async def attack() -> None:
        at_home = await box.sign_in("victim", WORD)
        assert at_home.status == 201
        before, looked = box.rows(), box.looked
        statuses: dict[int, int] = {}
        for number in range(10_000):
            mask = {HEADERS[number % 6]: f"10.1.{number % 250}.{number % 99}"}
            if number % 6 == 5:
                mask = {"cookie": f"__Host-lanewatch-device=made-up-{number}"}
            said = await box.sign_in("victim", f"guess {number}", f"10.0.0.{number % 50}", **mask)
            statuses[said.status] = statuses.get(said.status, 0) + 1
        assert statuses == {401: attempts.OF_A_STRANGER, 429: 10_000 - attempts.OF_A_STRANGER}
        assert box.looked - looked == attempts.OF_A_STRANGER
        assert box.rows() - before <= EACH
        assert (await box.sign_in("victim", WORD, "10.0.0.200")).status == 429  # right, but from a stranger's browser
        again = await box.sign_in("victim", WORD, "10.0.0.9", cookie=at_home.cookies)
        assert again.status == 201
        await box.house.refusals.close_window()
        with box.store.reader() as db:
            (row,) = [deed for deed in deeds.listing(db, None, 9) if deed.what == "more refusals"]
            assert row.detail["count"] == 10_001 - EACH
            assert deeds.verify(db).broken is None

    asyncio.run(attack())


def test_ten_thousand_guesses_at_ten_thousand_names(box: Box) -> None:
    """From fifty addresses each has its sixty; memory and the chain stay small; the victim is in at a new desk too."""

    async def attack() -> None:
        before = box.rows()
        for number in range(10_000):
            await box.sign_in(f"name {number}", "guess", f"10.0.0.{number % 50}", **{HEADERS[number % 4]: "10.9.9.9"})
        assert box.looked <= 50 * attempts.OF_AN_ADDRESS
        assert len(box.house.attempts._wrong) <= attempts.MOST_KEPT
        assert box.rows() - before <= EACH
        assert (await box.sign_in("victim", WORD, "10.0.0.200")).status == 201

    asyncio.run(attack())


@pytest.mark.parametrize("peer", [None, "127.0.0.1", "::1"])
def test_behind_a_proxy_nobody_is_kept_out_for_the_proxys_address(box: Box, peer: str | None) -> None:
    """All come through one door there, so that the door itself is never shut, whatever headers say."""

    async def attack() -> None:
        at_home = await box.sign_in("victim", WORD, peer)
        for number in range(200):
            await box.sign_in(f"name {number}", "guess", peer, **{"x-forwarded-for": "10.0.0.1"})
        assert (await box.sign_in("victim", WORD, peer, **{"x-forwarded-for": "10.0.0.1"})).status == 201
        assert (await box.sign_in("victim", WORD, peer, cookie=at_home.cookies)).status == 201

    asyncio.run(attack())


def test_a_crowd_of_strangers_does_not_hold_up_who_is_known_here(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers fill their own queue; guesses nobody looked at are given back."""

    async def attack() -> None:
        at_home = await box.sign_in("victim", WORD)
        held = asyncio.Event()
        real = asyncio.to_thread

        async def slow(work: Any, *arguments: Any) -> Any:
            if box.house.passwords._strangers._turn.locked() and not held.is_set():
                await asyncio.wait_for(held.wait(), 30)
            return await real(work, *arguments)

        monkeypatch.setattr("appliance.dashboard.access.passwords.asyncio.to_thread", slow)
        crowd = [asyncio.create_task(box.sign_in(f"n{n}", "guess", f"10.0.1.{n}")) for n in range(MOST_WAITING + 5)]
        while sum(each.done() for each in crowd) < 5:
            await asyncio.sleep(0.01)
        assert {each.result().status for each in crowd if each.done()} == {503}
        kept = len(box.house.attempts._wrong)
        assert kept == 2 * MOST_WAITING  # a name and an address each; those sent away have left nothing
        monkeypatch.setattr("appliance.dashboard.access.passwords.asyncio.to_thread", real)
        assert (await box.sign_in("victim", WORD, cookie=at_home.cookies)).status == 201
        held.set()
        assert {said.status for said in await asyncio.gather(*crowd)} == {401, 503}

    asyncio.run(attack())


def test_a_known_browser_has_its_own_limit_and_only_for_names_it_knows(box: Box) -> None:
    async def attack() -> None:
        at_home = await box.sign_in("victim", WORD)
        statuses = [(await box.sign_in("victim", "x", cookie=at_home.cookies)).status for _ in range(12)]
        assert statuses == [401] * attempts.OF_A_DEVICE + [429] * 2
        assert (await box.sign_in("victim", WORD, "10.0.0.1")).status == 201  # another browser is another's business
        others = [(await box.sign_in("other", "x", "10.0.0.2", cookie=at_home.cookies)).status for _ in range(12)]
        assert others == [401] * attempts.OF_A_STRANGER + [429] * 2

    asyncio.run(attack())


def test_a_right_guess_is_given_back(box: Box) -> None:
    async def come_and_go() -> None:
        for _ in range(3 * attempts.OF_A_STRANGER):
            assert (await box.sign_in("victim", WORD)).status == 201

    asyncio.run(come_and_go())


def test_an_unknown_name_is_told_the_same_and_costs_the_same(box: Box) -> None:
    """One hash each, of the same cost: neither words nor time tell who is known here."""
    box.store.submit(lambda db: officers.add(db, "no password yet", "officer", "a test")).result()

    async def ask(name: str) -> tuple[int, dict[str, Any], int]:
        before = box.looked
        said = await box.sign_in(name, "guess")
        return said.status, {key: said.body[key] for key in said.body if key != "request_id"}, box.looked - before

    told = [asyncio.run(ask(name)) for name in ("victim", "nobody", "no password yet")]
    assert told[0] == told[1] == told[2]
    assert told[0][2] == 1
    assert not PasswordHasher().check_needs_rehash(_NOBODYS)


def test_wrong_guesses_are_forgotten_after_a_while_and_never_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    now = 0.0
    monkeypatch.setattr(attempts.time, "monotonic", lambda: now)
    kept = Attempts()
    for _ in range(attempts.OF_A_STRANGER):
        kept.let(Guess("victim", "", ""))
    monkeypatch.setattr(attempts, "MOST_KEPT", 100)
    for number in itertools.takewhile(lambda n: n < 1000, clock):  # a flood of names flushes nobody's count away
        with contextlib.suppress(Problem):
            kept.let(Guess(f"n{number}", "", ""))
    with pytest.raises(Problem):
        kept.let(Guess("victim", "", ""))
    kept.let(Guess("victim", "a browser that knows them", ""))
    assert len(kept._wrong) == 101
    now = attempts.WINDOW + 1
    kept.let(Guess("victim", "", ""))
    assert len(kept._wrong) == 1


def test_codes_are_never_shut_for_others(box: Box) -> None:
    """Nobody can guess one, so that wrong ones from elsewhere keep nobody's right one out."""
    kept = Attempts()
    for number in range(1000):
        kept.let(Guess("", "", ""))
        with contextlib.suppress(Problem):
            kept.let(Guess("", "", f"10.0.0.{number % 9}"))
    kept.let(Guess("", "", "10.0.0.200"))


def test_a_browser_is_known_only_by_what_we_gave_it(box: Box) -> None:
    def look(db: sqlite3.Connection) -> None:
        first = sessions.know_device(db, "victim", "planted by somebody")
        assert first != "planted by somebody"
        assert sessions.know_device(db, "victim", first) == first
        assert not sessions.is_known(db, "victim", "planted by somebody")

    box.store.submit(look).result()
