"""The scans that wait for an officer, the most urgent first: read in the order of their index, however many there are.

Takes a connection, gives rows and why each stands where it stands. What is open: an action that asks for an officer, no
word of one that stands, and nothing newer in its place.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from appliance.scan import Risk
from appliance.store import browse
from models.answer import Answer


class Waiting(NamedTuple):
    """One open scan, and why it stands where it stands."""

    row: browse.Row
    disagreement: bool
    """Whether detector and VLM both looked and did not see the same."""


def open_scans(db: sqlite3.Connection, limit: int) -> tuple[Waiting, ...]:
    """The most urgent: to open before to look at, then high risk, then disagreement, then the earliest due."""
    rows = db.execute(
        f"SELECT {browse.COLUMNS}, disagrees FROM scan INDEXED BY scan_open {browse.JOINED} WHERE {browse.OPEN}"
        f" ORDER BY scan.action, scan.risk <> '{Risk.HIGH}', scan.disagrees DESC, scan.due_at LIMIT ?",
        (limit,),
    )
    return tuple(Waiting(browse.row_from(row), bool(row["disagrees"])) for row in rows)


def count(db: sqlite3.Connection) -> int:
    """How many scans are open."""
    return db.execute(f"SELECT count(*) FROM scan INDEXED BY scan_open WHERE {browse.OPEN}").fetchone()[0]


def disagrees(answer: Answer | None) -> bool:
    """Whether both parts of the engine spoke, and one of them saw what the other did not."""
    if answer is None:
        return False
    spoke = {part.name for part in answer.components if part.state == "answered"}
    return len(spoke) > 1 and any(len(set(finding.seen_by)) == 1 for finding in answer.findings)
