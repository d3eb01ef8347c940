"""The one SQLite file: one connection writes and checkpoints, all others only read.

Takes pieces of work as functions on a connection. What `write` returned is on
disk for good: WAL with synchronous=FULL, many works in one commit. A failure
below SQLite (a sync that failed, a page that cannot be read) is never retried
in place: the store says it is broken and the process has to start again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from appliance.durable import make_folder, sync_folder
from appliance.errors import StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from appliance.journal import journal
from appliance.store.bell import Bell
from appliance.store.host import refuse_network_folder
from appliance.store.migrations import migrate
from appliance.store.pictures import Pictures

log = journal("store")
T = TypeVar("T")

BATCH = 256
"""At most this many works share one commit."""
_FULL = 13  # SQLITE_FULL
_BUSY = {5, 6}  # BUSY, LOCKED
_BROKEN = {8, 10, 11, 14, 26}  # READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB


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
        with _translated(root):
            make_folder(root)
            refuse_network_folder(root)
            lock = _hold(root / "lanewatch.lock")
            try:
                writer = _open_writer(root / "lanewatch.db")
                _sync_names(root)
                for name in ("pictures", "clean"):
                    Pictures(root / name).prepare()
            except BaseException:
                os.close(lock)
                raise
        return cls(root, writer, lock)

    async def write(self, do: Callable[[sqlite3.Connection], T], *, lasting: bool = True) -> T:
        """Do a piece of work in a transaction and return once it is durable.

        With lasting=False a power cut may undo it, though nothing before it: for what is found out again.
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
            raise _translate(problem) from problem
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
        before = self._connection.total_changes
        try:
            if self.broken:
                raise self.broken
            self._sync_at_commit(any(work.lasting for work in batch))
            self._connection.execute("BEGIN IMMEDIATE")
            kept = [work for work in batch if self._run(work)]
            self._connection.execute("COMMIT")
        except (sqlite3.Error, StoreError) as problem:
            error = _translate(problem) if isinstance(problem, sqlite3.Error) else problem
            self._give_up(batch, error)
            return
        for work in kept:
            work.promise.set_result(work.outcome)
        if self._connection.total_changes != before:
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
            if isinstance(problem, sqlite3.Error) and _code(problem) in _BROKEN | {_FULL}:
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


def _open_writer(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))  # declarations are not for everybody
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "busy_timeout = 5000",
        "cache_size = -65536",
    ):
        connection.execute(f"PRAGMA {pragma}")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        connection.close()
        raise StoreBrokenError(
            f"{path}: damaged: {found}", hint="keep the folder aside, then put a copy of your own in its place"
        )
    migrate(connection)
    _rewrite_log(connection, path)
    return connection


def _rewrite_log(connection: sqlite3.Connection, path: Path) -> None:
    """Bring all of the WAL into the database file, as fresh writes.

    After a failed sync in a former life we may read from the machine's memory what
    is not on the disk, and the kernel will not write it by itself: the next sync
    says that all is well, and a power cut then takes every commit behind it. While
    another program reads, the WAL has to stay: then the same bytes are written into it
    anew, which no reader notices.
    """
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if not busy:
        return
    log.warning("another program reads the database: its log is written anew in place", path=str(path))
    connection.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile
    handle = os.open(f"{path}-wal", os.O_RDWR | os.O_CLOEXEC)
    try:
        place = 0
        while piece := os.pread(handle, 1 << 20, place):
            place += os.pwrite(handle, piece, place)
        os.fsync(handle)
    finally:
        os.close(handle)
        connection.execute("ROLLBACK")


def _hold(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StoreError(f"{path.parent}: another lanewatch runs on this folder", hint="stop it first") from None
    return handle


@contextlib.contextmanager
def _translated(root: Path) -> Generator[None]:
    """Tell what a start ran into in the words of the store."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _translate(problem) from problem
    except OSError as problem:
        kind = StoreFullError if problem.errno in (errno.ENOSPC, errno.EDQUOT) else StoreBrokenError
        raise kind(f"{root}: {problem.strerror}", hint="look at the disk; then restart") from problem


def _sync_names(root: Path) -> None:
    """Make sure of the root's own name, and of what stands in it: SQLite does not tell when its WAL's name got lost."""
    sync_folder(root)
    with contextlib.suppress(PermissionError):  # where we may not even look, somebody else made the root, long ago
        sync_folder(root.parent)


def _code(problem: sqlite3.Error) -> int:
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF


def _translate(problem: sqlite3.Error) -> StoreError:
    if _code(problem) == _FULL:
        return StoreFullError("the disk is full", hint="free some space under the storage root")
    if _code(problem) in _BUSY:
        return StoreBusyError("another program holds the database", hint="end it; nothing else may write to it")
    if _code(problem) in _BROKEN:
        name = getattr(problem, "sqlite_errorname", "")
        return StoreBrokenError(f"the database failed: {problem} {name}", hint="look at the disk; then restart")
    return StoreError(f"the database refused: {problem}")
