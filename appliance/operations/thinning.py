"""Throw clean pictures away while the disk is low: they can be made again from their originals, which stay.

Takes the oldest scans that are done with. What is thrown away here the
reception makes again when somebody wants to see it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3

from appliance.operations.disk import Disk, Rung
from appliance.store.database import Store

LOOK = 2.0
"""Seconds between two looks."""
BATCH = 200
"""Scans thinned at one look."""


class Thinning:
    """Works only while the disk is not fine."""

    def __init__(self, store: Store, disk: Disk) -> None:
        self._store = store
        self._disk = disk
        self._done = 0

    async def run(self) -> None:
        while True:
            if self._disk.rung is Rung.FINE:
                self._done = 0  # what was made again since may go the next time
            else:
                await self._thin()
            await asyncio.sleep(LOOK)

    async def _thin(self) -> None:
        found = await self._store.read(lambda db: _oldest(db, self._done))
        for scan, digests in found:
            await asyncio.to_thread(self._throw_away, digests)
            self._done = scan

    def _throw_away(self, digests: list[str]) -> None:
        for digest in digests:
            self._store.clean.path(digest).unlink(missing_ok=True)


def _oldest(db: sqlite3.Connection, after: int) -> list[tuple[int, list[str]]]:
    """The next scans nobody works on, with the digests of their clean pictures."""
    rows = db.execute(
        "SELECT id, brought FROM scan WHERE id > ? AND todo = 0 AND state <> 'inspecting' ORDER BY id LIMIT ?",
        (after, BATCH),
    )
    found: list[tuple[int, list[str]]] = []
    for row in rows:
        clean = [picture["sha256"] for picture in json.loads(row["brought"])["pictures"] if picture["sha256"]]
        found.append((row["id"], clean))
    return found
