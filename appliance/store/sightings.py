"""Which file of which source has been taken, and as which scan.

A file that looks the same as when it was taken is not read again; one that
looks different is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class Look(NamedTuple):
    """How a file looks from outside."""

    size: int
    mtime_ns: int
    ctime_ns: int
    """The one time a writer cannot set back: it tells of a rewrite in place that kept size and mtime."""
    inode: int


def look_up(db: sqlite3.Connection, source: str, path: bytes) -> Look | None:
    """How a file looked when it was taken; None if it never was."""
    row = db.execute(
        "SELECT size, mtime_ns, ctime_ns, inode FROM sighting WHERE source = ? AND path = ?", (source, path)
    ).fetchone()
    return Look(*row) if row else None


def record(db: sqlite3.Connection, source: str, files: Iterable[tuple[bytes, Look]], scan: int) -> None:
    """Remember files as taken."""
    db.executemany(
        "INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, path) DO UPDATE SET"
        " size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode,"
        " scan = excluded.scan",
        [(source, path, *look, scan) for path, look in files],
    )


def judged_as(db: sqlite3.Connection, source: str, path: bytes, look: Look) -> str | None:
    """The scan_id under which a file was taken, looking like this, if that scan has a verdict."""
    row = db.execute(
        "SELECT scan_id FROM sighting JOIN scan ON scan.id = sighting.scan WHERE sighting.source = ? AND path = ?"
        " AND (size, mtime_ns, ctime_ns, inode) = (?, ?, ?, ?)"
        " AND EXISTS (SELECT 1 FROM verdict WHERE verdict.scan = scan.id)",
        (source, path, *look),
    ).fetchone()
    return row["scan_id"] if row else None
