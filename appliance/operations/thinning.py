"""Throw clean pictures away while the disk is low: they can be made again from their originals, which stay.

Takes the oldest scans that are done with, and leaves what another scan of the same
picture still has to be judged by. What is thrown away here the reception makes again
when somebody wants to see it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable

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
        digests, last = await self._store.read(lambda db: _oldest(db, self._done))
        await asyncio.to_thread(self._throw_away, digests)
        self._done = last

    def _throw_away(self, digests: set[str]) -> None:
        for digest in digests:
            self._store.clean.path(digest).unlink(missing_ok=True)


def _oldest(db: sqlite3.Connection, after: int) -> tuple[set[str], int]:
    """The clean pictures of the next scans nobody works on, and the last of these scans."""
    done = "SELECT id, brought FROM scan WHERE id > ? AND todo = 0 AND state <> 'inspecting' ORDER BY id LIMIT ?"
    found = db.execute(done, (after, BATCH)).fetchall()
    if not found:
        return set(), after
    waiting = "SELECT brought FROM scan WHERE todo = 1 UNION ALL SELECT brought FROM scan WHERE state = 'inspecting'"
    return _pictures(found) - _pictures(db.execute(waiting)), found[-1]["id"]


def _pictures(rows: Iterable[sqlite3.Row]) -> set[str]:
    pictures = (picture["sha256"] for row in rows for picture in json.loads(row["brought"])["pictures"])
    return {sha256 for sha256 in pictures if sha256}
