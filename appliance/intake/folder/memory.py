"""Remember what was taken from one folder, so that a restart does not take it again.

Takes files as they looked, and the scan they became; writes many at a time to the
store. What a stop forgets is handed over again, and is the same scan.
"""

from __future__ import annotations

import asyncio
import sqlite3

from appliance.errors import StoreFullError
from appliance.store import sightings
from appliance.store.database import Store
from appliance.store.sightings import Look

BATCHING = 0.05
"""Seconds for which what was taken is gathered before it is written."""
BREATH = 0.5
"""Seconds for which nothing is tried once the store had no room."""

Note = tuple[tuple[tuple[bytes, Look], ...], int]


class Memory:
    """What was taken from one folder."""

    def __init__(self, source: str, store: Store) -> None:
        self._source = source
        self._store = store
        self._notes: list[Note] = []
        self._news = asyncio.Event()

    def note(self, files: tuple[tuple[bytes, Look], ...], scan: int) -> None:
        self._notes.append((files, scan))
        self._news.set()

    async def run(self) -> None:
        """Write what was noted until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(BATCHING)  # and out of the way of the scan that was just taken
            self._news.clear()
            notes, self._notes = self._notes, []
            try:
                await self._store.write(lambda db, notes=notes: self._record(db, notes), lasting=False)
            except StoreFullError:
                self._notes = notes + self._notes
                await asyncio.sleep(BREATH)
                self._news.set()

    def _record(self, db: sqlite3.Connection, notes: list[Note]) -> None:
        for files, scan in notes:
            sightings.record(db, self._source, files, scan)
