"""Who is signed in. Only digests are kept: what stands in a browser stands nowhere here.

Takes secrets and moments, gives sessions. They outlive a restart, and end by themselves after a while without use.
"""

from __future__ import annotations

import secrets
import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

from appliance.store import officers
from appliance.store.officers import Officer, digest_of

MOST_EACH = 10
"""Sessions of one officer; the oldest end."""
MOST_DEVICES = 20


class Session(NamedTuple):
    """Somebody signed in at some browser."""

    digest: str
    officer: Officer
    proof: str
    began: float
    seen: float


class Sat(NamedTuple):
    """When a session began, and when it was last used."""

    digest: str
    began: float
    seen: float


def begin(db: sqlite3.Connection, name: str, now: float) -> str:
    """Open a session and give what the browser shows from now on."""
    word = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO session VALUES (?, ?, ?, ?, ?)", (digest_of(word), name, secrets.token_urlsafe(24), now, now)
    )
    db.execute(
        "DELETE FROM session WHERE officer = ? AND digest NOT IN"
        " (SELECT digest FROM session WHERE officer = ? ORDER BY rowid DESC LIMIT ?)",
        (name, name, MOST_EACH),
    )
    return word


def find(db: sqlite3.Connection, word: str, now: float, idle: float, longest: float) -> Session | None:
    """The session of a word, while it lasts and its officer may come in."""
    row = db.execute("SELECT * FROM session WHERE digest = ?", (digest_of(word),)).fetchone()
    if row is None or not (0 <= now - row["seen"] < idle and 0 <= now - row["began"] < longest):
        return None
    officer = officers.find(db, row["officer"])
    if officer is None or officer.disabled_at:
        return None
    return Session(row["digest"], officer, row["proof"], row["began"], row["seen"])


def stands(db: sqlite3.Connection, digest: str) -> bool:
    """Whether nobody has ended a session, as being disabled, a reset and signing out do."""
    return db.execute("SELECT 1 FROM session WHERE digest = ?", (digest,)).fetchone() is not None


def touch(db: sqlite3.Connection, digest: str, now: float) -> None:
    db.execute("UPDATE session SET seen = max(seen, ?) WHERE digest = ?", (now, digest))


def end(db: sqlite3.Connection, digest: str) -> None:
    db.execute("DELETE FROM session WHERE digest = ?", (digest,))


def end_all(db: sqlite3.Connection, name: str, but: str = "") -> int:
    """End all sessions of somebody but one, and say how many there were."""
    return db.execute("DELETE FROM session WHERE officer = ? AND digest <> ?", (name, but)).rowcount


def of(db: sqlite3.Connection, name: str, now: float, idle: float, longest: float) -> tuple[Sat, ...]:
    """Each session of somebody that still lasts."""
    rows = db.execute(
        "SELECT digest, began, seen FROM session WHERE officer = ? AND seen > ? AND began > ? ORDER BY rowid DESC",
        (officers.folded(name), now - idle, now - longest),
    )
    return tuple(Sat(*row) for row in rows)


def sweep(db: sqlite3.Connection, now: float, idle: float, longest: float) -> None:
    """Drop what has ended."""
    db.execute("DELETE FROM session WHERE seen < ? OR began < ?", (now - idle, now - longest))


def know_device(db: sqlite3.Connection, name: str, shown: str) -> str:
    """Remember a browser in which somebody has signed in, and give what it shows from now on.

    A shared desk keeps what it shows, so that nobody who signed in there becomes a stranger by the next one's coming.
    What we did not give out ourselves is not taken over.
    """
    ours = db.execute("SELECT 1 FROM device WHERE digest = ?", (digest_of(shown),)).fetchone() is not None
    word = shown if ours else secrets.token_urlsafe(24)
    db.execute("INSERT OR IGNORE INTO device VALUES (?, ?, ?)", (digest_of(word), name, datetime.now(UTC).isoformat()))
    db.execute(
        "DELETE FROM device WHERE officer = ? AND digest NOT IN"
        " (SELECT digest FROM device WHERE officer = ? ORDER BY rowid DESC LIMIT ?)",
        (name, name, MOST_DEVICES),
    )
    return word


def is_known(db: sqlite3.Connection, name: str, word: str) -> bool:
    found = db.execute(
        "SELECT 1 FROM device WHERE digest = ? AND officer = ?", (digest_of(word), officers.folded(name))
    )
    return found.fetchone() is not None
