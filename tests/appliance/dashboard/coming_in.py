"""What tests of coming in share: somebody with a password, and time that passes."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from appliance.store import deeds

WORD = "correct horse battery"
SIGN_IN = {"name": "T. Tan", "password": WORD}


def come_in(served: Any, name: str = "T. Tan", **more: str) -> Any:
    """A browser of somebody who signed in by their password."""
    browser = served.at_the_door()
    told = browser.post("/api/v1/session", json={"name": name, "password": WORD, **more})
    assert told.status_code == 201, told.text
    browser.headers["X-Lanewatch-Proof"] = told.json()["proof"]
    return browser


def word_of(browser: Any) -> str:
    return re.search(r"__Host-lanewatch=([^;]+)", browser.headers["Cookie"])[1]


def age(served: Any, **seconds: float) -> None:
    """Let time pass for all sessions, and ask the store again."""

    def pass_by(db: sqlite3.Connection) -> None:
        for column, much in seconds.items():
            db.execute(f"UPDATE session SET {column} = {column} - ?", (much,))

    served.store.submit(pass_by).result()
    served.dashboard._house.keys.forget()


def deeds_of(served: Any, what: str) -> list[deeds.Deed]:
    with served.store.reader() as db:
        return [deed for deed in deeds.listing(db, None, 1000) if deed.what == what]
