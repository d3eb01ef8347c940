"""A box with something in it, and everybody who may ask: what `./dev soak api` asks about.

Scans with verdicts and words on them, people of every role, tokens of every scope; all of it is put back after a case.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager

from argon2 import PasswordHasher

from appliance.dashboard.access import passwords
from appliance.dashboard.access.attempts import Attempts
from appliance.store import officers, sessions
from tests.appliance.dashboard.conftest import Served, png
from tests.appliance.dashboard.desking import bring, word

ROLES: tuple[officers.Role, ...] = ("officer", "supervisor", "administrator", "auditor")
WORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class World:
    """A box with something in it, and everybody who may ask."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.tokens = {f"token {scope}": served.token(f"a {scope}", scope) for scope in ("read", "inspect")}
        for role in ROLES:
            served.person(role, role, WORD)
        asyncio.run_coroutine_threadsafe(served.dashboard._house.rulebooks.begin(), served._loop).result()
        served.judging = True
        for number in range(6):
            bring(
                served, png(number), f"scan/{number}", lane="L1", declared_items=["laptop"], context={"consignee": "x"}
            )
        page = served.signed_in("T. Tan")
        while len(page.get("/api/v1/queue").json()["scans"]) < 6:
            time.sleep(0.05)
        said = [word(page, f"scan%2F{number}") | {"scan_id": f"scan/{number}"} for number in range(6)]
        for each in said[:3]:
            assert page.post("/api/v1/reviews", json=each).status_code == 201
        self.scans = [{"scan_id": each["scan_id"], "revision": 1, "verdict": each["verdict"]} for each in said]
        self.keys = [each["key"] for each in said]
        self.names = [*ROLES, "t. tan", "a read", "a inspect"]
        self._headers: dict[str, dict[str, str]] = {}

    def headers(self, who: str) -> dict[str, str]:
        """What somebody shows who may come in now."""
        if who not in self._headers:
            self._headers[who] = self._shown(who)
        return self._headers[who]

    def mend(self, who: str) -> None:
        """Everybody may come in again, by the password and without a second factor; somebody's session begins anew."""

        def put_back(db: sqlite3.Connection) -> None:
            secret = QUICK.hash(WORD)
            db.execute(
                "UPDATE officer SET disabled_at = NULL, totp = NULL, secret = ? WHERE name != 't. tan'", (secret,)
            )
            db.execute("UPDATE token SET revoked_at = NULL")

        self.served.store.submit(put_back).result()
        house = self.served.dashboard._house
        house.keys.forget()
        object.__setattr__(house, "attempts", Attempts())
        self._headers.pop(who, None)

    def _shown(self, who: str) -> dict[str, str]:
        if who in self.tokens:
            return {"Authorization": f"Bearer {self.tokens[who]}"}
        if who not in ROLES:
            return {"Sec-Fetch-Site": "same-origin"}

        def begin(db: sqlite3.Connection) -> tuple[str, str]:
            mine = sessions.begin(db, who, time.time())
            return mine, db.execute("SELECT proof FROM session ORDER BY rowid DESC").fetchone()[0]

        mine, proof = self.served.store.submit(begin).result()
        cookie = f"__Host-lanewatch={mine}"
        return {"Sec-Fetch-Site": "same-origin", "Cookie": cookie, "X-Lanewatch-Proof": proof}


@contextmanager
def quick_hashes() -> Generator[None]:
    """Nobody's password is weighed as quickly as everybody's."""
    before, passwords._NOBODYS = passwords._NOBODYS, QUICK.hash("nobody's")
    try:
        yield
    finally:
        passwords._NOBODYS = before
