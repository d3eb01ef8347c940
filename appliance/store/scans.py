"""The scans on their way: received -> inspecting -> concluded, or quarantined.

Plain functions on a connection, each one step of the way. Those that change
something run inside `Store.write`. What a verdict should be is not known here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from appliance.ports import Receipt
from appliance.rules.history import MOST_TEXT, one_name
from appliance.rules.judged import Judged
from appliance.scan import Action, Arrival, Declaration, Picture, Scan, ScanState
from appliance.store import events, ledger, queue, reviews, words

OWED_WAIT = 60.0
"""A scan with a first verdict, owed the engine's full word, stands where a fresh one due in so many seconds would."""
URGENT = 15.0
"""A scan that already worries us stands before others by so many seconds."""


def receive(db: sqlite3.Connection, arrival: Arrival) -> Receipt:
    """Keep a scan. The same content again is the same scan; new content in a slot supersedes what was there."""
    content = arrival.content_key()
    known = db.execute("SELECT * FROM scan WHERE content = ? AND superseded_by IS NULL", (content,)).fetchone()
    before = db.execute(
        "SELECT id, scan_id, revision FROM scan WHERE slot = ? AND superseded_by IS NULL ORDER BY id DESC LIMIT 1",
        (arrival.slot,),
    ).fetchone()
    if known:
        if before and before["id"] != known["id"]:  # the slot now holds what another slot held already
            _supersede(db, before["id"], known["id"], arrival.received_at.isoformat())
        return _receipt(known, fresh=False)
    scan_id, revision = _name(db, arrival, before, content)
    due_at = arrival.received_at.timestamp() + arrival.deadline_seconds
    quarantined = arrival.quarantine is not None
    row = db.execute(
        "INSERT INTO scan (scan_id, revision, slot, content, supersedes, state, todo, rank, due_at, source,"
        " lane, scanned_at, received_at, rehearsal, quarantine, consignee, brought)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            scan_id,
            revision,
            arrival.slot,
            content,
            before["id"] if before else None,
            ScanState.QUARANTINED if quarantined else ScanState.RECEIVED,
            1,
            due_at - URGENT if quarantined else due_at,
            due_at,
            arrival.source,
            arrival.sheet.lane,
            arrival.sheet.scanned_at.isoformat() if arrival.sheet.scanned_at else None,
            arrival.received_at.isoformat(),
            arrival.rehearsal,
            arrival.quarantine,
            _consignee(arrival),
            _brought(arrival),
        ),
    ).fetchone()
    words.keep(db, row["id"])
    if before:
        _supersede(db, before["id"], row["id"], row["received_at"])
    else:
        events.record(db, "received", row["id"], row["received_at"])
    return _receipt(row, fresh=True)


def next_in_line(db: sqlite3.Connection, limit: int, again: int = 1) -> tuple[Scan, ...]:
    """The next scans to ask an engine about: the most pressing first, none for ever last.

    Of those an engine was asked about before, and gave no answer to, at most `again`.
    """
    waits = "SELECT * FROM scan WHERE todo = 1 AND quarantine IS NULL AND attempts"
    rows = db.execute(
        f"SELECT * FROM (SELECT * FROM ({waits} = 0 ORDER BY rank LIMIT ?)"
        f" UNION ALL SELECT * FROM ({waits} > 0 ORDER BY rank LIMIT ?)) ORDER BY rank LIMIT ?",
        (limit, again, limit),
    )
    return tuple(scan_from(row) for row in rows)


def claim(db: sqlite3.Connection, scan: int) -> bool:
    """Take a scan to ask an engine about it; False where somebody else took it first."""
    sql = "UPDATE scan SET todo = 0, state = 'inspecting', attempts = attempts + 1 WHERE id = ? AND todo = 1"
    return db.execute(sql, (scan,)).rowcount == 1


def claim_overdue(db: sqlite3.Connection, now: float, limit: int) -> tuple[Scan, ...]:
    """Take scans that need a verdict without an engine: their time is up, or they cannot be judged at all."""
    overdue = "todo = 1 AND (state = 'quarantined' OR (state = 'received' AND due_at <= ?)) ORDER BY rank"
    rows = db.execute(
        "UPDATE scan SET todo = 0, state = 'inspecting' WHERE id IN"
        f" (SELECT id FROM scan WHERE {overdue} LIMIT ?) RETURNING *",
        (now, limit),
    ).fetchall()
    return tuple(scan_from(row) for row in sorted(rows, key=lambda row: row["rank"]))


def give_back(db: sqlite3.Connection, scan: int) -> None:
    """Put a claimed scan back to be asked about again. The attempt counts."""
    db.execute(f"UPDATE scan SET todo = 1, state = {_RESTING} WHERE id = ? AND state = 'inspecting'", (scan,))


def give_all_back(db: sqlite3.Connection) -> int:
    """At start: whatever was in somebody's hands when the process ended goes back, as if never taken."""
    return db.execute(
        f"UPDATE scan SET todo = 1, attempts = max(0, attempts - 1), state = {_RESTING} WHERE state = 'inspecting'"
    ).rowcount


def move_deadlines(db: sqlite3.Connection, seconds: float) -> int:
    """Move what waits or is in somebody's hands along with the clock that was set, and its place in the order too."""
    return db.execute(
        "UPDATE scan SET due_at = due_at + ?, rank = rank + ? WHERE todo = 1 OR state = 'inspecting'",
        (seconds, seconds),
    ).rowcount


def due_after(db: sqlite3.Connection, latest: float) -> bool:
    """Whether a scan waits for a moment later than this."""
    return db.execute(f"SELECT EXISTS (SELECT 1 FROM scan WHERE {_WAITS} AND due_at > ?)", (latest,)).fetchone()[0] == 1


def bring_forward(db: sqlite3.Connection, latest: float) -> int:
    """Let no scan wait for longer than until this moment."""
    return db.execute(
        f"UPDATE scan SET rank = rank - due_at + ?, due_at = ? WHERE {_WAITS} AND due_at > ?", (latest, latest, latest)
    ).rowcount


def conclude(db: sqlite3.Connection, scan: Scan, judge: Callable[[Scan], Judged], at: str) -> int:
    """Judge a scan as it stands at this moment, and keep the verdict with its answer, ledger row and event."""
    row = db.execute("SELECT * FROM scan WHERE id = ?", (scan.id,)).fetchone()
    judged = judge(scan_from(row))
    verdict = judged.verdict
    document = verdict.model_dump_json()
    answer = judged.answer.model_dump_json() if judged.answer else None
    circumstances = judged.circumstances.model_dump_json()
    kept = db.execute(
        "INSERT INTO verdict (scan, at, risk, action, document, answer, circumstances)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (scan.id, at, verdict.risk_level, verdict.recommended_action, document, answer, circumstances),
    ).fetchone()["id"]
    ledger.append(db, kept, at)
    urgent = URGENT if verdict.recommended_action is Action.PHYSICAL_INSPECTION else 0.0
    db.execute(
        "UPDATE scan SET state = ?, todo = ?, owed = ?, risk = ?, action = ?, degraded = ?, disagrees = ?, rank = ?"
        " WHERE id = ?",
        (
            ScanState.QUARANTINED if scan.quarantine else ScanState.CONCLUDED,
            judged.owed,
            judged.owed,
            verdict.risk_level,
            verdict.recommended_action,
            "; ".join(verdict.degraded) or None,
            queue.disagrees(judged.answer),
            datetime.fromisoformat(at).timestamp() + OWED_WAIT - urgent,
            scan.id,
        ),
    )
    if row["review"] is not None:  # an officer has answered an earlier verdict
        reviews.settle(db, scan.id)
    words.keep(db, scan.id)
    events.record(db, "verdict", scan.id, at, kept)
    return kept


def find(db: sqlite3.Connection, scan_id: str, revision: int | None = None) -> Scan | None:
    """One scan by its name; the newest revision unless told otherwise."""
    row = db.execute(
        "SELECT * FROM scan WHERE scan_id = ? AND (? IS NULL OR revision = ?) ORDER BY revision DESC LIMIT 1",
        (scan_id, revision, revision),
    ).fetchone()
    return scan_from(row) if row else None


def verdict_of(db: sqlite3.Connection, scan: int) -> dict[str, Any] | None:
    """The newest verdict document of a scan."""
    row = db.execute("SELECT document FROM verdict WHERE scan = ? ORDER BY id DESC LIMIT 1", (scan,)).fetchone()
    return json.loads(row["document"]) if row else None


def waiting(db: sqlite3.Connection) -> int:
    """How many scans have no verdict yet."""
    return db.execute("SELECT count(*) FROM scan WHERE todo = 1 AND owed = 0").fetchone()[0]


def owing(db: sqlite3.Connection) -> int:
    """How many scans have a verdict that lacks the engine's full word."""
    return db.execute("SELECT count(*) FROM scan WHERE todo = 1 AND owed = 1").fetchone()[0]


def scan_from(row: sqlite3.Row) -> Scan:
    """Make the value from its row."""
    brought = json.loads(row["brought"])
    return Scan(
        id=row["id"],
        scan_id=row["scan_id"],
        revision=row["revision"],
        state=ScanState(row["state"]),
        source=row["source"],
        lane=row["lane"],
        scanned_at=row["scanned_at"],
        received_at=row["received_at"],
        due_at=row["due_at"],
        attempts=row["attempts"],
        superseded=row["superseded_by"] is not None,
        owed=bool(row["owed"]),
        pictures=tuple(Picture.model_validate(picture) for picture in brought["pictures"]),
        missing=tuple(brought["missing"]),
        declaration=Declaration.model_validate(brought["declaration"]),
        context=brought["context"],
        rehearsal=bool(row["rehearsal"]),
        quarantine=row["quarantine"],
        timings_ms=brought["timings_ms"],
    )


_WAITS = "todo = 1 AND state IN ('received', 'quarantined')"
"""Scans that nobody holds and that may have no verdict yet; in the words of the index `scan_due`."""
_RESTING = (
    "CASE WHEN quarantine IS NOT NULL THEN 'quarantined' WHEN action IS NOT NULL THEN 'concluded' ELSE 'received' END"
)
"""The state of a scan that nobody holds."""


def _supersede(db: sqlite3.Connection, old: int, new: int, at: str) -> None:
    """Let one scan stand in the place of another, and tell those who show the old one, whatever it is called."""
    db.execute("UPDATE scan SET superseded_by = ? WHERE id = ?", (new, old))
    events.record(db, "received", old, at)
    events.record(db, "received", new, at)


def _name(db: sqlite3.Connection, arrival: Arrival, before: sqlite3.Row | None, content: str) -> tuple[str, int]:
    """Find the scan_id and revision: one name never stands for two slots."""
    if before and before["scan_id"] == arrival.name:
        return arrival.name, before["revision"] + 1
    holder = db.execute("SELECT slot FROM scan WHERE scan_id = ? LIMIT 1", (arrival.name,)).fetchone()
    if holder is None:
        return arrival.name, 1
    name, length = arrival.name, 8
    while holder and holder["slot"] != arrival.slot:
        name, length = f"{arrival.name}~{content[:length]}", length * 2
        holder = db.execute("SELECT slot FROM scan WHERE scan_id = ? LIMIT 1", (name,)).fetchone()
    last = db.execute("SELECT coalesce(max(revision), 0) FROM scan WHERE scan_id = ?", (name,)).fetchone()[0]
    return name, last + 1


def _consignee(arrival: Arrival) -> str | None:
    """Whose goods they are, as far as rules may ask after them."""
    given = arrival.sheet.context.get("consignee")
    return (one_name(given) or None) if isinstance(given, str) and len(given) <= MOST_TEXT else None


def _brought(arrival: Arrival) -> str:
    return json.dumps(
        {
            "pictures": [picture.model_dump(mode="json") for picture in arrival.pictures],
            "missing": arrival.missing,
            "declaration": arrival.sheet.declaration.model_dump(mode="json"),
            "context": arrival.sheet.context,
            "timings_ms": arrival.timings_ms,
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def _receipt(row: sqlite3.Row, *, fresh: bool) -> Receipt:
    pictures = json.loads(row["brought"])["pictures"]
    return Receipt(
        id=row["id"],
        scan_id=row["scan_id"],
        revision=row["revision"],
        fresh=fresh,
        quarantine=row["quarantine"],
        digests=tuple(digest for picture in pictures for digest in picture["originals"]),
    )
