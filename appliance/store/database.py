"""The one SQLite file: one connection writes and checkpoints, all others only read.

Takes pieces of work as functions on a connection. What `write` returned is on
disk for good: WAL with synchronous=FULL, many works in one commit. A failure
below SQLite (a sync that failed, a page that cannot be read) is never retried
in place: the store says it is broken and the process has to start again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from appliance.errors import StoreBrokenError, StoreError
from appliance.store.bell import Bell
from appliance.store.faults import spoils_all, translate
from appliance.store.opening import open_all
from appliance.store.pictures import Pictures

T = TypeVar("T")

BATCH = 256
"""At most this many works share one commit."""


@dataclass(slots=True)
class _Work:
    do: Callable[[sqlite3.Connection], Any]
    lasting: bool
    promise: Future[Any] = field(default_factory=Future[Any])
    outcome: Any = None


class Store:
    """The box's memory. `open` it once per process; only one process may."""

    def __init__(self, root: Path, writer: sqlite3.Connection, lock: int) -> None:
        self.root = root
        self.pictures = Pictures(root / "pictures")
        """What came, bit for bit, and for good."""
        self.clean = Pictures(root / "clean")
        """What was made of it: a cache."""
        self.bell = Bell()
        self.broken: StoreBrokenError | None = None
        self.opened_at = datetime.now(UTC).isoformat()
        """When it was opened, which it is only once SQLite has found all of it in order."""
        self._path = root / "lanewatch.db"
        self._lock = lock
        self._connection = writer
        self._syncs = True
        """Whether a commit is durable once it returns, as it is from the start."""
        self._works: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._thread = threading.Thread(target=self._write_for_ever, name="store-writer", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open or make the store under a folder, checked and migrated."""
        return cls(root, *open_all(root))

    async def write(self, do: Callable[[sqlite3.Connection], T], *, lasting: bool = True) -> T:
        """Do a piece of work in a transaction and return once it is durable.

        With lasting=False a power cut may undo it, though nothing before it, and nobody is woken: for what is
        found out again, and is nobody's news.
        """
        return await asyncio.wrap_future(self.submit(do, lasting=lasting))

    def submit(self, do: Callable[[sqlite3.Connection], T], *, lasting: bool = True) -> Future[T]:
        """Queue a piece of work from any thread."""
        if self.broken:
            raise self.broken
        work = _Work(do, lasting)
        self._works.put(work)
        return work.promise

    @contextlib.contextmanager
    def reader(self) -> Generator[sqlite3.Connection]:
        """Lend a connection that can only read."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(
                f"file:{quote(str(self._path))}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
            )
            connection.row_factory = sqlite3.Row
        try:
            yield connection
        except sqlite3.Error as problem:
            connection.close()
            raise translate(problem) from problem
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)

    async def read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Look something up on a thread."""

        def run() -> T:
            with self.reader() as connection:
                return look(connection)

        return await asyncio.to_thread(run)

    def fail(self, error: StoreBrokenError) -> None:
        """Take nothing more: something below the store failed, and only a new start tells what is on disk."""
        self.broken = self.broken or error
        self.bell.ring()

    def close(self) -> None:
        """Finish what was queued, then let go of the file."""
        self._works.put(None)
        self._thread.join()
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._connection.close()
        os.close(self._lock)

    def _write_for_ever(self) -> None:
        while (first := self._works.get()) is not None:
            batch, last = [first], False
            while len(batch) < BATCH and not self._works.empty():
                work = self._works.get()
                if work is None:
                    last = True
                    break
                batch.append(work)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[_Work]) -> None:
        """Run works in one transaction; each has its own savepoint, so that one can fail alone."""
        kept: list[_Work] = []
        lasting = any(work.lasting for work in batch)
        before = self._connection.total_changes
        try:
            if self.broken:
                raise self.broken
            self._sync_at_commit(lasting)
            self._connection.execute("BEGIN IMMEDIATE")
            kept = [work for work in batch if self._run(work)]
            self._connection.execute("COMMIT")
        except (sqlite3.Error, StoreError) as problem:
            error = translate(problem) if isinstance(problem, sqlite3.Error) else problem
            self._give_up(batch, error)
            return
        for work in kept:
            work.promise.set_result(work.outcome)
        if lasting and self._connection.total_changes != before:
            self.bell.ring()

    def _sync_at_commit(self, wanted: bool) -> None:
        if wanted != self._syncs:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")
            self._syncs = wanted

    def _run(self, work: _Work) -> bool:
        if not work.promise.set_running_or_notify_cancel():
            return False
        self._connection.execute("SAVEPOINT work")
        try:
            work.outcome = work.do(self._connection)
        except Exception as problem:
            if spoils_all(problem):
                raise
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            work.promise.set_exception(problem)
            return False
        self._connection.execute("RELEASE work")
        return True

    def _give_up(self, batch: list[_Work], error: StoreError) -> None:
        if isinstance(error, StoreBrokenError):
            self.broken = self.broken or error
        else:
            with contextlib.suppress(sqlite3.Error):  # it may have been rolled back already
                self._connection.execute("ROLLBACK")
        for work in batch:
            if not work.promise.done():
                work.promise.set_exception(error)
        self.bell.ring()
