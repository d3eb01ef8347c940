"""What happened, in order: the thread that every way out follows from where it left off."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from appliance.store import browse


class Event(NamedTuple):
    """One happening to one scan."""

    id: int
    at: str
    kind: str
    """"received", "verdict" or "review"."""
    scan: int
    scan_id: str
    revision: int
    source: str
    lane: str | None
    received_at: str
    rehearsal: bool
    first_view: int | None
    superseded: bool
    """Whether something newer has come in the scan's place by now."""
    open: bool
    """Whether it waits for an officer by now."""
    document: dict[str, Any] | None
    """The verdict document, where the kind is "verdict"."""
    review: dict[str, Any] | None
    """An officer's word as it stands on record by now, where the kind is "review"."""


def record(
    db: sqlite3.Connection, kind: str, scan: int, at: str, verdict: int | None = None, review: int | None = None
) -> None:
    db.execute(
        "INSERT INTO event (at, kind, scan, verdict, review) VALUES (?, ?, ?, ?, ?)", (at, kind, scan, verdict, review)
    )


def after(db: sqlite3.Connection, event_id: int, limit: int = 200) -> tuple[Event, ...]:
    """The next happenings after one."""
    rows = db.execute(
        "SELECT event.id, event.at, event.kind, scan.id AS scan, scan_id, revision, source, lane, received_at,"
        f" rehearsal, brought, superseded_by, {browse.OPEN} AS open, document, review.key, coalesce(shown, who) AS who,"
        " review.kind AS word, review.at AS said_at, undone_at"
        " FROM event JOIN scan ON scan.id = event.scan LEFT JOIN verdict ON verdict.id = event.verdict"
        " LEFT JOIN review ON review.id = event.review LEFT JOIN officer ON officer.name = review.who"
        " WHERE event.id > ? ORDER BY event.id LIMIT ?",
        (event_id, limit),
    )
    return tuple(_event(row) for row in rows)


def last_id(db: sqlite3.Connection) -> int:
    return db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]


def cursor(db: sqlite3.Connection, outlet: str) -> int:
    """How far an outlet has come."""
    row = db.execute("SELECT event FROM cursor WHERE outlet = ?", (outlet,)).fetchone()
    return row[0] if row else 0


def set_cursor(db: sqlite3.Connection, outlet: str, event_id: int) -> None:
    db.execute(
        "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (outlet) DO UPDATE SET event = excluded.event", (outlet, event_id)
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        scan=row["scan"],
        scan_id=row["scan_id"],
        revision=row["revision"],
        source=row["source"],
        lane=row["lane"],
        received_at=row["received_at"],
        rehearsal=bool(row["rehearsal"]),
        first_view=browse.first_view(json.loads(row["brought"])["pictures"]),
        superseded=row["superseded_by"] is not None,
        open=bool(row["open"]),
        document=json.loads(row["document"]) if row["document"] else None,
        review={
            "key": row["key"],
            "who": row["who"],
            "kind": row["word"],
            "at": row["said_at"],
            "undone_at": row["undone_at"],
        }
        if row["key"]
        else None,
    )
