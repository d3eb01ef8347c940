"""Throw clean pictures away while the disk is low: they can be made again from their originals, which stay.

Takes the oldest scans that are done with, less the pictures that a scan at work
has too. What is thrown away here the reception makes again when somebody wants to
see it.
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
        self._done, digests = await self._store.read(lambda db: _oldest(db, self._done))
        for digest in digests:
            await asyncio.to_thread(self._store.clean.path(digest).unlink, missing_ok=True)


def _oldest(db: sqlite3.Connection, after: int) -> tuple[int, set[str]]:
    """The last of the next scans nobody works on, and the clean pictures that no scan at work shares with them."""
    done = db.execute(
        "SELECT id, brought FROM scan WHERE id > ? AND todo = 0 AND state <> 'inspecting' ORDER BY id LIMIT ?",
        (after, BATCH),
    ).fetchall()
    at_work = db.execute("SELECT brought FROM scan WHERE todo = 1 OR state = 'inspecting'").fetchall()
    return max((row["id"] for row in done), default=after), _clean(done) - _clean(at_work)


def _clean(rows: list[sqlite3.Row]) -> set[str]:
    """The digests of clean pictures."""
    pictures = (picture for row in rows for picture in json.loads(row["brought"])["pictures"])
    return {picture["sha256"] for picture in pictures if picture["sha256"]}
