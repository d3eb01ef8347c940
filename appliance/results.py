"""Put verdict documents into the results folder, one <scan_id>.json each, the newest verdict standing.

Takes verdicts from the store in their order and remembers how far it has come.
A folder that cannot be written to is tried again; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
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


class ResultsFolder:
    """Follows the verdicts and writes each as a file."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store
        self.written = 0
        self.trouble = ""
        """Why the folder cannot be written to, while it cannot."""

    async def run(self) -> None:
        """Follow the verdicts until cancelled."""
        done = await self._store.read(lambda db: events.cursor(db, OUTLET))
        while True:
            seen = self._store.bell.count
            try:
                last, written = await asyncio.to_thread(self._catch_up, done)
                if written:
                    await self._store.write(lambda db, last=last: events.set_cursor(db, OUTLET, last), lasting=False)
            except (OSError, StoreFullError) as problem:  # however often it takes
                self.trouble = str(problem)
                log.warning("cannot write results, trying again", folder=str(self._folder), problem=self.trouble)
                await asyncio.sleep(PAUSE)
                continue
            self.written += written
            self.trouble = ""
            if last == done:
                await self._store.bell.wait(seen)
            done = last

    def _catch_up(self, done: int) -> tuple[int, int]:
        """Write what stands now for the scans of the next events; how far that is, and how many documents."""
        with self._store.reader() as db:
            last, documents = _news(db, done)
        if documents:
            self._write(documents)
        return last, len(documents)

    def _write(self, documents: Mapping[str, Any]) -> None:
        """Show each document once its content is safe, so that nobody ever reads a part; then make the names safe."""
        make_folder(self._folder)
        for scan_id, document in documents.items():
            path = self._folder / f"{as_file_name(scan_id)}.json"
            if document is None:  # superseded, and what came in its place has no verdict yet
                path.unlink(missing_ok=True)
                continue
            content = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
            durable_write(path, content, sync_name=False, mode=0o644)
        sync_folder(self._folder)


def _news(db: sqlite3.Connection, after: int) -> tuple[int, dict[str, Any]]:
    """How far the events have come, and what stands now under each name that got a verdict or lost its scan since."""
    batch = events.after(db, after)
    judged = {event.scan_id for event in batch if event.kind == "verdict"}
    replaced = {name for event in batch if event.kind == "received" for name in browse.superseded_names(db, event.scan)}
    return batch[-1].id if batch else after, {name: browse.standing(db, name) for name in sorted(judged | replaced)}
