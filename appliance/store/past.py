"""What the rules may ask of earlier scans, counted in the store: as of one scan, bounded, by index."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from appliance.rules.history import QUESTIONS, Lookup, one_name
from appliance.scan import Action, Scan

MOST = 10_000
"""Of so many of the newest is told; those before are not looked at."""


class Past:
    """Earlier scans as of one scan, which itself does not count; practice counts for practice only."""

    def __init__(self, db: sqlite3.Connection, scan: Scan) -> None:
        self._db = db
        self._scan = scan

    def ask(self, what: Lookup) -> float:
        scans, alarms = self._counted(what)
        match what.name:
            case "seen" | "scans":
                return scans
            case "inspected" | "alarms":
                return alarms
            case "alarm_rate":
                return min(1.0, alarms / scans) if scans else float(alarms > 0)

    def _counted(self, what: Lookup) -> tuple[int, int]:
        """How many there were, and how many were inspected, also where something newer came in their place since.

        Otherwise whoever sends a scan again under its name would wipe out what was found in it.
        """
        question = QUESTIONS[what.name]
        since = self._scan.received_at - timedelta(**{question.span: what.span})
        found = self._db.execute(
            f"SELECT coalesce(sum(superseded_by IS NULL), 0), coalesce(sum(action IS ?), 0)"
            f" FROM (SELECT action, superseded_by FROM scan WHERE {question.of} = ?"
            " AND rehearsal = ? AND received_at >= ? AND id < ?"
            " ORDER BY received_at DESC LIMIT ?)",
            (
                Action.PHYSICAL_INSPECTION,
                one_name(what.of) if question.of == "consignee" else what.of,
                self._scan.rehearsal,
                since.isoformat(),
                self._scan.id,
                MOST,
            ),
        ).fetchone()
        return found[0], found[1]
