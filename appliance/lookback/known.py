"""Everything the store knows about one scan, read at one moment.

Takes a connection, gives a value with the stored texts letter by letter, because the ledger hashes them. Bytes on
disk (pictures, rulebooks) and how a pack is written are left to `pack.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Generator
from typing import Any, NamedTuple, cast

from appliance.lookback.checker import FOLLOWING
from appliance.names import escape
from appliance.store import deeds, rulebooks
from appliance.store.rulebooks import Activation

Fields = dict[str, Any]

_SCAN = (
    "SELECT id, scan_id, revision, slot, content, state, source, lane, scanned_at, received_at, due_at, attempts,"
    " rehearsal, quarantine, risk, action, degraded, owed, supersedes, superseded_by, brought FROM scan"
    " WHERE scan_id = ? AND (? IS NULL OR revision = ?) ORDER BY revision DESC LIMIT 1"
)


class Given(NamedTuple):
    """One verdict as it is stored."""

    id: int
    at: str
    risk: str
    action: str
    document: str
    answer: str | None
    circumstances: str | None
    """None on verdicts from before they were kept."""

    @property
    def said(self) -> Fields:
        """The document as a value; empty where somebody made it unreadable, which the ledger then shows."""
        try:
            return _fields(json.loads(self.document))
        except ValueError:
            return {}

    @property
    def provenance(self) -> Fields:
        return _fields(self.said.get("provenance"))

    @property
    def rulebook(self) -> str:
        """The digest of the rules it followed, by its own word."""
        return str(self.provenance.get("rulebook")).rpartition("sha256:")[2]


class Known(NamedTuple):
    """One scan with all that belongs to it."""

    scan: Fields
    brought: str
    verdicts: tuple[Given, ...]
    """Oldest first."""
    rows: tuple[Fields, ...]
    """Of the ledger: those of this scan, each with the rows that follow it, and before the first those since the scan
    came in, up to a bound."""
    newest: Fields | None
    """The last row of the whole ledger at this moment, by number and hash."""
    sightings: tuple[Fields, ...]
    events: tuple[Fields, ...]
    words: tuple[Fields, ...]
    """What officers said of it, and of its search: each row as it is stored, with the deeds that recorded it."""
    activations: tuple[Activation, ...]
    """Every rulebook that ever was in force, newest first."""


def read(db: sqlite3.Connection, scan_id: str, revision: int | None = None) -> Known | None:
    """All about a scan, its newest revision unless told otherwise; None where there is no such scan."""
    with _one_moment(db):
        row = db.execute(_SCAN, (scan_id, revision, revision)).fetchone()
        if row is None:
            return None
        scan = dict(row)
        brought = scan.pop("brought")
        scan |= {key: bool(scan[key]) for key in ("rehearsal", "owed")}
        scan |= {key: _name(db, scan[key]) for key in ("supersedes", "superseded_by")}
        verdicts = db.execute(
            "SELECT id, at, risk, action, document, answer, circumstances FROM verdict WHERE scan = ? ORDER BY id",
            (scan["id"],),
        )
        given = tuple(Given(**verdict) for verdict in verdicts)
        newest = db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        return Known(
            scan=scan,
            brought=brought,
            verdicts=given,
            rows=_rows(db, given),
            newest=dict(newest) if newest else None,
            sightings=_sightings(db, scan["id"]),
            events=tuple(
                dict(event)
                for event in db.execute(
                    "SELECT id, at, kind, verdict FROM event WHERE scan = ? ORDER BY id", (scan["id"],)
                )
            ),
            words=_words(db, scan["id"], scan["scan_id"]),
            activations=rulebooks.listing(db),
        )


def _fields(value: Any) -> Fields:
    return cast("Fields", value) if isinstance(value, dict) else {}


@contextlib.contextmanager
def _one_moment(db: sqlite3.Connection) -> Generator[None]:
    """See one state of the store throughout, whatever the daemon writes meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def _name(db: sqlite3.Connection, scan: int | None) -> Fields | None:
    row = db.execute("SELECT scan_id, revision FROM scan WHERE id = ?", (scan,)).fetchone()
    return dict(row) if row else None


def _rows(db: sqlite3.Connection, verdicts: tuple[Given, ...]) -> tuple[Fields, ...]:
    named = ", ".join("?" * len(verdicts))
    own = db.execute(f"SELECT seq FROM ledger WHERE verdict IN ({named}) ORDER BY seq", [one.id for one in verdicts])
    seqs = [seq for (seq,) in own]
    rows = db.execute(
        "SELECT seq, verdict, body, previous, hash FROM ledger"
        f" WHERE seq IN ({', '.join('?' * len(seqs))}) OR seq BETWEEN ? AND ? ORDER BY seq",
        [*seqs, seqs[-1], seqs[-1] + FOLLOWING] if seqs else [0, -1],
    )
    return tuple(dict(row) for row in rows)


def _words(db: sqlite3.Connection, scan: int, scan_id: str) -> tuple[Fields, ...]:
    """Reviews, then outcomes, oldest first; none in a store from before they were kept."""
    if not deeds.are_kept(db):
        return ()
    told = "SELECT seq, body, previous, hash FROM deed WHERE json_valid(body) AND json_extract(body, '$.about') = ?"
    recorded = [dict(row) for row in db.execute(f"{told} ORDER BY seq", (scan_id,))]
    found: list[Fields] = []
    for table, whats in (("review", ("reviewed", "review undone")), ("outcome", ("outcome told",))):
        for row in db.execute(f"SELECT * FROM {table} WHERE scan = ? ORDER BY id", (scan,)):
            own = [deed for deed in recorded if _is_of(json.loads(deed["body"]), row["id"], whats)]
            found.append({"what": table, "row": dict(row), "deeds": own})
    return tuple(found)


def _is_of(body: Fields, row: int, whats: tuple[str, ...]) -> bool:
    return body["what"] in whats and _fields(body["detail"]).get("id") == row


def _sightings(db: sqlite3.Connection, scan: int) -> tuple[Fields, ...]:
    """Where files were seen: paths as the store has them, which count from the source's folder."""
    rows = db.execute(
        "SELECT source, path, size, mtime_ns, ctime_ns, inode FROM sighting WHERE scan = ? ORDER BY source, path",
        (scan,),
    )
    return tuple(dict(row) | {"path": escape(os.fsdecode(row["path"]))} for row in rows)
