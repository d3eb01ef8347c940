"""Who was refused at the door, in the chain of deeds: the first ones each, a crowd as a number.

Takes refusals as they come. Ten thousand guesses are a handful of rows, and none of them is left out of the count.
What was typed as a name is kept only where somebody is called so: people type their password there.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime

from appliance.journal import journal
from appliance.store import deeds
from appliance.store.database import Store

EACH = 20
"""So many refusals have a row each, within one window."""
WINDOW = 900.0
"""Seconds. At its end the others have one row together."""
_log = journal("dashboard")


class Refusals:
    """Refusals on their way into the chain."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began = time.monotonic()
        self._told = 0
        self._untold = 0

    async def note(self, what: str, name: str, address: str) -> None:
        """Somebody was sent away at the door; the name is one that is known here, or empty."""
        _log.warning(what, name=name, peer=address)
        if self._told >= EACH:
            self._untold += 1
            return
        self._told += 1
        more = {"more": "are counted from here on"} if self._told == EACH else {}
        await self._store.write(lambda db: deeds.record(db, _now(), "", what, name, address=address, **more))

    async def run(self) -> None:
        """Write down what was only counted, once in a while and at the end."""
        try:
            while True:
                await asyncio.sleep(WINDOW)
                await self.close_window()
        finally:
            await self.close_window()

    async def close_window(self) -> None:
        """Write down what was only counted, and begin anew."""
        count, seconds = self._untold, round(time.monotonic() - self._began)
        self._told, self._untold, self._began = 0, 0, time.monotonic()
        if not count:
            return

        def write(db: sqlite3.Connection) -> None:
            deeds.record(db, _now(), "", "more refusals", count=count, seconds=seconds)

        await self._store.write(write)


def _now() -> str:
    return datetime.now(UTC).isoformat()
