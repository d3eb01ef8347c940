"""A program that commits rows one by one and says each number once SQLite has taken it.

Takes a database path, a `synchronous` mode and a number of rows on its command line (0:
until killed). A row that fails is not said; the failure goes to standard error and ends
the program with status 1, because after a failed sync nothing it still holds can be trusted.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

CHECKPOINT_PAGES = 50  # small, so that cuts and faults meet checkpoints too


def payload(number: int) -> str:
    """What row `number` must hold, for whoever looks at what is left."""
    return f"{number}:" * 40


def connect(path: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("CREATE TABLE IF NOT EXISTS line (number INTEGER PRIMARY KEY, payload TEXT NOT NULL) STRICT")
    return connection


def write(path: Path, synchronous: str, rows: int) -> None:
    with closing(connect(path, synchronous)) as connection:
        number = first = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM line").fetchone()[0]
        while not rows or number < first + rows:
            connection.execute("INSERT INTO line VALUES (?, ?)", (number, payload(number)))
            print(number, flush=True)
            number += 1


def numbers_left(path: Path) -> set[int]:
    """The rows that are there and whole, in a database that is sound; AssertionError if it is not."""
    with closing(connect(path, "FULL")) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchall()
        rows: dict[int, str] = dict(connection.execute("SELECT number, payload FROM line"))
    if verdict != [("ok",)]:
        raise AssertionError(f"{path} is damaged: {verdict[:3]}")
    return {number for number, text in rows.items() if text == payload(number)}


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    except sqlite3.Error as error:
        sys.exit(f"{type(error).__name__}: {error}")
