"""What one officer did between two moments, and what the belt brought meanwhile: read by index, for a few days at most.

Takes a connection, an officer's name and two moments, gives numbers and the rows that are worth a second look. Who may
ask about whom is not known here.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import datetime
from statistics import median
from typing import NamedTuple

from appliance.store import browse
from appliance.store.browse import Row

MOST_ROWS = 100
"""So many of the open scans are told one by one; their number is told whole."""


class Said(NamedTuple):
    """One word of the officer."""

    scan_id: str
    revision: int
    lane: str | None
    at: str
    kind: str
    action: str | None
    """What the verdict that it answered asked for."""
    seconds: float | None
    """From that verdict to the word."""
    late: bool
    """Whether the clock of the scan had run out."""
    undone: bool
    standing: bool
    """Whether it counts: neither undone, nor followed by another word, nor overtaken by a stronger verdict."""
    note: str
    outcome: str | None
    rehearsal: bool


class Belt(NamedTuple):
    """What came between the two moments, whoever answered it; practice apart."""

    scans: int
    asked: int
    """Those that asked for an officer."""
    answered: int
    """Of those, how many have a word that stands."""
    overdue: int
    """Of those, how many had none when their clock ran out."""
    degraded: int
    open: int
    rehearsals: int


class Shift(NamedTuple):
    """The whole report."""

    said: tuple[Said, ...]
    """Oldest first."""
    outcomes: Counter[str]
    belt: Belt
    open: tuple[Row, ...]

    def kinds(self) -> Counter[str]:
        """The words that were not undone."""
        return Counter(each.kind for each in self.said if not each.undone)

    def about_verdicts(self) -> Counter[str]:
        """Those of them that answer a verdict: nobody agrees with one before it is there."""
        return Counter(each.kind for each in self.said if not each.undone and each.action is not None)

    def judged(self) -> int:
        """How many scans were answered: each once, however often."""
        return len({(each.scan_id, each.revision) for each in self.said if not each.undone})

    def median_seconds(self) -> float | None:
        """The median time from a verdict to its answer."""
        took = [each.seconds for each in self.said if each.seconds is not None and not each.undone]
        return median(took) if took else None


def report(db: sqlite3.Connection, who: str, since: datetime, until: datetime, now: datetime) -> Shift:
    """All of it, as it is at one moment."""
    span = (since.isoformat(), until.isoformat())
    db.execute("BEGIN")
    try:
        return Shift(_said(db, who, *span), _outcomes(db, who, *span), _belt(db, *span, now), _open(db, *span))
    finally:
        db.execute("COMMIT")


def officers(db: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """Who may have judged: all who could, also those who were let go."""
    rows = db.execute("SELECT name, shown FROM officer WHERE role IN ('officer', 'supervisor') ORDER BY shown, name")
    return tuple((row["name"], row["shown"]) for row in rows)


def _said(db: sqlite3.Connection, who: str, since: str, until: str) -> tuple[Said, ...]:
    rows = db.execute(
        "SELECT scan_id, revision, lane, review.at, kind, verdict.action, verdict.at AS judged_at, due_at, undone_at,"
        " scan.review IS review.id AS standing, note, rehearsal,"
        " (SELECT kind FROM outcome WHERE outcome.scan = scan.id ORDER BY id DESC LIMIT 1) AS outcome"
        " FROM review INDEXED BY review_said JOIN scan ON scan.id = review.scan"
        " LEFT JOIN verdict ON verdict.id = review.verdict"
        " WHERE who = ? AND review.at >= ? AND review.at < ? ORDER BY review.at, review.id",
        (who, since, until),
    )
    return tuple(
        Said(
            row["scan_id"], row["revision"], row["lane"], row["at"], row["kind"], row["action"], _seconds(row),
            datetime.fromisoformat(row["at"]).timestamp() > row["due_at"], row["undone_at"] is not None,
            bool(row["standing"]), row["note"], row["outcome"], bool(row["rehearsal"]),
        )
        for row in rows
    )  # fmt: skip


def _seconds(row: sqlite3.Row) -> float | None:
    if row["judged_at"] is None:
        return None
    return (datetime.fromisoformat(row["at"]) - datetime.fromisoformat(row["judged_at"])).total_seconds()


def _outcomes(db: sqlite3.Connection, who: str, since: str, until: str) -> Counter[str]:
    """What the officer told of searches: for each scan the newest."""
    rows = db.execute(
        "SELECT scan, kind FROM outcome INDEXED BY outcome_said WHERE who = ? AND at >= ? AND at < ? ORDER BY id",
        (who, since, until),
    )
    return Counter({row["scan"]: row["kind"] for row in rows}.values())


def _belt(db: sqlite3.Connection, since: str, until: str, now: datetime) -> Belt:
    asks = "action IN ('REVIEW', 'PHYSICAL_INSPECTION')"
    ended = "coalesce((julianday(review.at) - 2440587.5) * 86400, :now)"
    row = db.execute(
        f"SELECT count(*) AS scans, total({asks}) AS asked, total({asks} AND scan.review NOT NULL) AS answered,"
        f" total({asks} AND {ended} > due_at) AS overdue, total(degraded NOT NULL) AS degraded,"
        f" total({asks} AND scan.review IS NULL) AS open, total(rehearsal) AS rehearsals"
        " FROM scan INDEXED BY scan_received LEFT JOIN review ON review.id = scan.review"
        " WHERE received_at >= :since AND received_at < :until AND superseded_by IS NULL",
        {"since": since, "until": until, "now": now.timestamp()},
    ).fetchone()
    return Belt(*(int(value) for value in row))


def _open(db: sqlite3.Connection, since: str, until: str) -> tuple[Row, ...]:
    rows = db.execute(
        f"SELECT {browse.COLUMNS} FROM scan INDEXED BY scan_received {browse.JOINED}"
        f" WHERE received_at >= ? AND received_at < ? AND {browse.OPEN} ORDER BY received_at LIMIT ?",
        (since, until, MOST_ROWS),
    )
    return tuple(browse.row_from(row) for row in rows)
