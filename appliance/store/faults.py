"""What SQLite and the disk say, in the words of the store."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Generator
from pathlib import Path

from appliance.errors import StoreBrokenError, StoreBusyError, StoreError, StoreFullError

_FULL = 13  # SQLITE_FULL
_BUSY = {5, 6}  # BUSY, LOCKED
_BROKEN = {8, 10, 11, 14, 26}  # READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB


def spoils_all(problem: Exception) -> bool:
    """Whether a failure is of the disk or the file, and not only of the one who met it."""
    return isinstance(problem, sqlite3.Error) and _code(problem) in _BROKEN | {_FULL}


def translate(problem: sqlite3.Error) -> StoreError:
    """Tell a full disk and a busy file, which pass, from a broken one, which does not."""
    if _code(problem) == _FULL:
        return StoreFullError("the disk is full", hint="free some space under the storage root")
    if _code(problem) in _BUSY:
        return StoreBusyError("another program holds the database", hint="end it; nothing else may write to it")
    if _code(problem) in _BROKEN:
        name = getattr(problem, "sqlite_errorname", "")
        return StoreBrokenError(f"the database failed: {problem} {name}", hint="look at the disk; then restart")
    return StoreError(f"the database refused: {problem}")


@contextlib.contextmanager
def translated(root: Path) -> Generator[None]:
    """Tell what a start ran into in the words of the store."""
    try:
        yield
    except sqlite3.Error as problem:
        raise translate(problem) from problem
    except OSError as problem:
        kind = StoreFullError if problem.errno in (errno.ENOSPC, errno.EDQUOT) else StoreBrokenError
        raise kind(f"{root}: {problem.strerror}", hint="look at the disk; then restart") from problem


def _code(problem: sqlite3.Error) -> int:
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF
