"""Officers' words that differ from the verdicts they answered: who, when, of which scan, what was said.

Reads only, by key and never by offset. A word that was taken back is none.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from models.answer import Value

KINDS = ("false_alarm", "missed", "wrong_item", "cannot_tell")


class Query(Value):
    """What somebody wants to see. None means all."""

    who: str | None = None
    kind: str | None = None
    lane: str | None = None
    since: str | None = None
    until: str | None = None


def page(db: sqlite3.Connection, query: Query, before: int | None, limit: int) -> tuple[dict[str, Any], ...]:
    """The newest of them older than a cursor (the id of the last one seen)."""
    tests, values = ["review.undone_at IS NULL"], list[Any]()
    if query.kind is None:
        tests.append("review.kind <> 'agree'")
    for test, value in (
        ("review.kind = ?", query.kind),
        ("review.who = ?", query.who),
        ("scan.lane = ?", query.lane),
        ("review.at >= ?", query.since),
        ("review.at < ?", query.until),
        ("review.id < ?", before),
    ):
        if value is not None:
            tests.append(test)
            values.append(value)
    rows = db.execute(
        "SELECT review.id, review.at, review.kind, review.note, review.marks, coalesce(shown, who) AS who, scan_id,"
        " revision, lane, rehearsal, scan.review IS review.id AS standing, verdict.action, verdict.risk,"
        " (SELECT json_group_array(json_extract(value, '$.item')) FROM"
        " json_each(verdict.document, '$.detected_items')) AS items,"
        " (SELECT kind FROM outcome WHERE outcome.scan = scan.id ORDER BY outcome.id DESC LIMIT 1) AS outcome"
        " FROM review JOIN scan ON scan.id = review.scan LEFT JOIN verdict ON verdict.id = review.verdict"
        " LEFT JOIN officer ON officer.name = review.who"
        f" WHERE {' AND '.join(tests)} ORDER BY review.id DESC LIMIT ?",
        (*values, limit),
    )
    return tuple(_told(row) for row in rows)


def _told(row: sqlite3.Row) -> dict[str, Any]:
    marks = json.loads(row["marks"])
    return {
        **{key: row[key] for key in ("id", "at", "who", "kind", "note", "scan_id", "revision", "lane", "outcome")},
        "items": list(dict.fromkeys(mark["item"] for mark in marks if mark["item"])),
        "drawn": sum(mark["box"] is not None for mark in marks),
        "rehearsal": bool(row["rehearsal"]),
        "standing": bool(row["standing"]),
        "verdict": {
            "recommended_action": row["action"],
            "risk_level": row["risk"],
            "items": list(dict.fromkeys(json.loads(row["items"]))),
        }
        if row["action"]
        else None,
    }
