"""Put verdict documents into the results folder, one <scan_id>.json each, the newest verdict standing.

Takes verdicts from the store in their order and remembers how far it has come.
A folder or a document that cannot be written is tried again; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import errno
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.durable import durable_write, make_folder, sync_folder
from appliance.errors import StoreFullError
from appliance.journal import journal
from appliance.names import as_file_name
from appliance.store import browse, events
from appliance.store.database import Store

log = journal("results")

OUTLET = "results"
PAUSE = 2.0
"""Seconds until a folder that could not be written to is tried again."""

OF_ONE_NAME = {errno.EISDIR, errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY, errno.ENAMETOOLONG, errno.EINVAL}
"""Troubles that one name may have while the folder is well: a folder stands there, or somebody holds the file."""


class ResultsFolder:
    """Follows the verdicts and writes each as a file."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store
        self.written = 0
        self.trouble = ""
        """What cannot be written and why, while it cannot."""
        self._stuck: dict[str, str] = {}
        """Scans whose document could not be written while others could, and why."""

    async def run(self) -> None:
        """Follow the verdicts until cancelled."""
        done = await self._store.read(lambda db: events.cursor(db, OUTLET))
        while True:
            seen = self._store.bell.count
            try:
                last, written = await asyncio.to_thread(self._catch_up, done)
                if written and not self._stuck:  # or a restart would forget those
                    await self._store.write(lambda db, last=last: events.set_cursor(db, OUTLET, last), lasting=False)
            except (OSError, StoreFullError) as problem:  # however often it takes
                self._troubled(str(problem))
                await asyncio.sleep(PAUSE)
                continue
            self.written += written
            self._troubled("; ".join(self._stuck.values()))
            if self._stuck:
                await asyncio.sleep(PAUSE)
            elif last == done:
                await self._store.bell.wait(seen)
            done = last

    def _troubled(self, why: str) -> None:
        if why and why != self.trouble:
            log.warning("cannot write results, trying again", folder=str(self._folder), problem=why)
        self.trouble = why

    def _catch_up(self, done: int) -> tuple[int, int]:
        """Write what stands now for the scans of the next events, and what is stuck; how far that is, and how many."""
        with self._store.reader() as db:
            last, documents = _news(db, done)
            documents |= {name: browse.standing(db, name) for name in self._stuck}
        return last, self._write(documents) if documents else 0

    def _write(self, documents: Mapping[str, Any]) -> int:
        """Show each document once its content is safe, so that nobody ever reads a part; then make the names safe.

        One whose name is in trouble is stuck and keeps back no other; where all are, it is the folder.
        """
        make_folder(self._folder)
        stuck: dict[str, OSError] = {}
        for scan_id, document in documents.items():
            try:
                self._put(self._folder / f"{as_file_name(scan_id)}.json", document)
            except OSError as problem:
                if problem.errno not in OF_ONE_NAME:  # a disk in trouble may have forgotten the names before as well
                    raise
                stuck[scan_id] = problem
        if len(stuck) == len(documents):
            raise next(iter(stuck.values()))
        sync_folder(self._folder)
        self._stuck = {scan_id: f"{as_file_name(scan_id)}.json: {each.strerror}" for scan_id, each in stuck.items()}
        return len(documents) - len(stuck)

    def _put(self, path: Path, document: Any) -> None:
        if document is None:  # superseded, and what came in its place has no verdict yet
            path.unlink(missing_ok=True)
            return
        content = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
        durable_write(path, content, sync_name=False, mode=0o644)


def _news(db: sqlite3.Connection, after: int) -> tuple[int, dict[str, Any]]:
    """How far the events have come, and what stands now under each name that got a verdict or lost its scan since."""
    batch = events.after(db, after)
    judged = {event.scan_id for event in batch if event.kind == "verdict"}
    replaced = {name for event in batch if event.kind == "received" for name in browse.superseded_names(db, event.scan)}
    return batch[-1].id if batch else after, {name: browse.standing(db, name) for name in sorted(judged | replaced)}
