"""What people did at this box, chained: a row that was edited, removed, added or moved is seen.

Takes who did what about which thing, in the transaction that does it. What no chain can show stands in `ledger.py`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from appliance.scan import canonical
from appliance.store.ledger import START, Broken, Checked


class Deed(NamedTuple):
    """One thing that somebody did."""

    seq: int
    at: str
    who: str
    what: str
    about: str
    detail: dict[str, Any]


def record(db: sqlite3.Connection, at: str, who: str, what: str, about: str = "", **detail: Any) -> None:
    """Add a deed to the chain."""
    last = db.execute("SELECT seq, hash FROM deed ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last["seq"] + 1, last["hash"]) if last else (1, START)
    body = canonical(Deed(seq, at, who, what, about, detail)._asdict()).decode()
    db.execute("INSERT INTO deed VALUES (?, ?, ?, ?)", (seq, body, previous, _hash(previous, body)))


def listing(db: sqlite3.Connection, before: int | None, limit: int) -> tuple[Deed, ...]:
    """The newest deeds, or those before one."""
    rows = db.execute("SELECT body FROM deed WHERE seq < ? ORDER BY seq DESC LIMIT ?", (before or 2**62, limit))
    return tuple(Deed(**json.loads(row["body"])) for row in rows)


class Wanted(NamedTuple):
    """Which deeds are looked for; what is None does not matter."""

    who: str | None = None
    """A part of the name of who did it, or of whom it is about, folded as names are."""
    what: str | None = None
    since: str | None = None
    until: str | None = None


class Found(NamedTuple):
    """Deeds, newest first, and where to look on; None where the chain ended."""

    deeds: tuple[Deed, ...]
    next: int | None


def search(db: sqlite3.Connection, wanted: Wanted, before: int | None, limit: int, most: int = 20_000) -> Found:
    """Look through at most so many deeds before one, so that a rare thing is never a long wait."""
    top = before or db.execute("SELECT coalesce(max(seq), 0) + 1 FROM deed").fetchone()[0]
    floor = max(1, top - most)
    tests, values = ["seq < ?", "seq >= ?"], [top, floor]
    for column, test in _TESTS.items():
        if (value := getattr(wanted, column)) is not None:
            tests.append(test)
            values += [value] * test.count("?")
    rows = db.execute(
        f"SELECT body FROM deed WHERE {' AND '.join(tests)} ORDER BY seq DESC LIMIT ?",
        (*values, limit),
    )
    found = tuple(Deed(**json.loads(row["body"])) for row in rows)
    last = found[-1].seq if len(found) == limit else floor
    return Found(found, last if last > 1 else None)


_TESTS = {
    "who": "(instr(body ->> 'who', ?) OR instr(body ->> 'about', ?))",
    "what": "body ->> 'what' = ?",
    "since": "body ->> 'at' >= ?",
    "until": "body ->> 'at' < ?",
}


def verify(db: sqlite3.Connection) -> Checked:
    """Walk the chain from its first row."""
    expected, previous = 1, START
    for row in _rows(db):
        if row["seq"] != expected:
            problem = f"row {expected} is missing"
        elif row["previous"] != previous:
            problem = "does not follow the row before it"
        elif row["hash"] != _hash(previous, row["body"]):
            problem = "its body was changed"
        elif not _is_whole(row):
            problem = "its body is no deed of this row"
        else:
            expected, previous = expected + 1, row["hash"]
            continue
        return Checked(expected - 1, previous, Broken(min(row["seq"], expected), problem))
    return Checked(expected - 1, previous, None)


def are_kept(db: sqlite3.Connection) -> bool:
    """Whether this store is of a version that keeps them; one that was, and has lost their table, is broken."""
    named = "SELECT 1 FROM _sqlite_migrations WHERE name = 'm004_desk'"
    return db.execute(named).fetchone() is not None


def _is_whole(row: sqlite3.Row) -> bool:
    try:
        return Deed(**json.loads(row["body"])).seq == row["seq"]
    except (ValueError, TypeError):
        return False


def _rows(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    return iter(db.execute("SELECT seq, body, previous, hash FROM deed ORDER BY seq"))


def _hash(previous: str, body: str) -> str:
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
