"""What the rules may ask of earlier scans, counted in the store: as of one scan, bounded, by index."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from appliance.rules.history import QUESTIONS, Lookup
from appliance.scan import Action, Scan

MOST = 10_000
"""Counted no further than this."""


class Past:
    """Earlier scans as of one scan, which itself does not count; practice counts for practice only."""

    def __init__(self, db: sqlite3.Connection, scan: Scan) -> None:
        self._db = db
        self._scan = scan

    def ask(self, what: Lookup) -> float:
        match what.name:
            case "seen" | "scans":
                return self._count(what)
            case "inspected" | "alarms":
                return self._count(what, inspected=True)
            case "alarm_rate":
                scans = self._count(what)
                return self._count(what, inspected=True) / scans if scans else 0.0

    def _count(self, what: Lookup, *, inspected: bool = False) -> int:
        question = QUESTIONS[what.name]
        since = self._scan.received_at - timedelta(**{question.span: what.span})
        return self._db.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM scan WHERE {question.of} = ? AND received_at >= ? AND id < ?"
            " AND superseded_by IS NULL AND rehearsal = ? AND (? IS NULL OR action = ?) LIMIT ?)",
            (
                what.of,
                since.isoformat(),
                self._scan.id,
                self._scan.rehearsal,
                *((Action.PHYSICAL_INSPECTION,) * 2 if inspected else (None, None)),
                MOST,
            ),
        ).fetchone()[0]
