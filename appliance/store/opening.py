"""Opening the store's file: one process alone, checked, migrated, and with nothing left that only memory knows.

Takes the folder, gives the connection that writes and the lock that keeps others out.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from pathlib import Path

from appliance.durable import make_folder, sync_folder
from appliance.errors import StoreBrokenError, StoreError
from appliance.journal import journal
from appliance.store.faults import translated
from appliance.store.host import refuse_network_folder
from appliance.store.migrations import migrate
from appliance.store.pictures import Pictures

log = journal("store")


def open_all(root: Path) -> tuple[sqlite3.Connection, int]:
    """Open or make the store under a folder."""
    with translated(root):
        make_folder(root)
        refuse_network_folder(root)
        lock = _hold(root / "lanewatch.lock")
        try:
            writer = open_writer(root / "lanewatch.db")
            _sync_names(root)
            for name in ("pictures", "clean"):
                Pictures(root / name).prepare()
        except BaseException:
            os.close(lock)
            raise
    return writer, lock


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that may write."""
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


def _sync_names(root: Path) -> None:
    """Make sure of the root's own name, and of what stands in it: SQLite does not tell when its WAL's name got lost."""
    sync_folder(root)
    with contextlib.suppress(PermissionError):  # where we may not even look, somebody else made the root, long ago
        sync_folder(root.parent)
