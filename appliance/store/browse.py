"""Look through the scans: pages, filters, earlier verdicts. Reads only, by key and never by offset."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from appliance.scan import ScanState
from models.answer import Value


class Query(Value):
    """What somebody wants to see. None means all."""

    action: str | None = None
    risk: str | None = None
    state: str | None = None
    source: str | None = None
    lane: str | None = None
    since: str | None = None
    until: str | None = None
    degraded: bool | None = None
    q: str | None = None
    """Words that the scan holds somewhere; see `search`, which passes them on."""


class Row(NamedTuple):
    """One scan in a list, with its newest verdict document if it has one."""

    id: int
    scan_id: str
    revision: int
    state: str
    source: str
    lane: str | None
    received_at: str
    due_at: float
    rehearsal: bool
    superseded: bool
    quarantine: str | None
    risk_level: str | None
    recommended_action: str | None
    degraded: str | None
    views: tuple[str, ...]
    first_view: int | None
    """The number of the first view that can be shown, if one can."""
    document: str | None
    """That document as it is stored: lists tell it as it is, and reading two hundred takes a while."""
    verdict_id: int | None
    open: bool
    """Whether it waits for an officer."""
    review: str | None
    """What kind of word of an officer stands, and whose and since when."""
    review_key: str | None
    reviewed_by: str | None
    reviewed_at: str | None
    outcome: str | None
    """What came of the search, by the newest word on it."""


OPEN = "scan.review IS NULL AND scan.superseded_by IS NULL AND scan.action IN ('REVIEW', 'PHYSICAL_INSPECTION')"
"""What waits for an officer, in the words of the index `scan_open`."""
COLUMNS = (
    f"scan.*, {OPEN} AS open, verdict.id AS verdict_id, verdict.document, review.kind AS review_kind, review.key,"
    " coalesce(shown, who) AS reviewed_by, review.at AS reviewed_at,"
    " (SELECT kind FROM outcome WHERE outcome.scan = scan.id ORDER BY id DESC LIMIT 1) AS outcome"
)
JOINED = (
    "LEFT JOIN verdict ON verdict.id = (SELECT max(id) FROM verdict WHERE verdict.scan = scan.id)"
    " LEFT JOIN review ON review.id = scan.review LEFT JOIN officer ON officer.name = review.who"
)
"""A scan with its newest verdict and the word on it that stands: what `row_from` takes."""
FIRST_SINCE = "SELECT coalesce((SELECT first FROM run WHERE hour >= substr(?, 1, 13) ORDER BY first LIMIT 1), 1 << 62)"
LAST_BEFORE = (
    "SELECT coalesce((SELECT min(first) - 1 FROM run WHERE first > last), 1 << 62) FROM (SELECT coalesce("
    "(SELECT first FROM run WHERE hour <= substr(?, 1, 13) ORDER BY first DESC LIMIT 1), -1) AS last)"
)
"""No id of a time is smaller or larger: so a time long ago or to come is not walked to through all scans.

The table `run` has the first id of each run of scans of one hour, so this holds whatever the clock did.
"""
LEADS = {"action": "of_action", "risk": "of_risk", "source": "of_source", "lane": "of_lane", "state": "not_concluded"}
"""The filters that have an index, and which."""


def page(
    db: sqlite3.Connection,
    query: Query,
    before: int | None = None,
    limit: int = 50,
    lead: str | None = None,
    floor: int | None = None,
) -> tuple[Row, ...]:
    """The newest scans older than a cursor (the id of the last row seen), and none older than a floor."""
    tests, values = conditions_of(query, lead)
    bounds, ids = _bounds(query, before, floor)
    tests, values = [*tests, *bounds], [*values, *ids]
    rows = db.execute(
        f"SELECT {COLUMNS} FROM scan {JOINED} WHERE {' AND '.join(tests) or '1'} ORDER BY scan.id DESC LIMIT ?",
        (*values, limit),
    )
    return tuple(row_from(row) for row in rows)


def earlier_of_consignee(db: sqlite3.Connection, scan: int, limit: int = 10) -> tuple[Row, ...]:
    """What came before for the same consignee, newest first; practice for practice only."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM scan {JOINED} JOIN scan AS this ON this.id = ? WHERE scan.consignee = this.consignee"
        " AND scan.rehearsal = this.rehearsal AND scan.received_at <= this.received_at AND scan.id < this.id"
        " AND scan.superseded_by IS NULL ORDER BY scan.received_at DESC LIMIT ?",
        (scan, limit),
    )
    return tuple(row_from(row) for row in rows)


def verdicts(db: sqlite3.Connection, scan: int) -> tuple[dict[str, Any], ...]:
    """All verdict documents of one scan, oldest first, each with the time it was given."""
    rows = db.execute("SELECT id, at, document FROM verdict WHERE scan = ? ORDER BY id", (scan,))
    return tuple({"id": row["id"], "at": row["at"], "document": json.loads(row["document"])} for row in rows)


def revisions(db: sqlite3.Connection, scan_id: str) -> tuple[int, ...]:
    """Which revisions of a scan there are."""
    return tuple(row[0] for row in db.execute("SELECT revision FROM scan WHERE scan_id = ? ORDER BY 1", (scan_id,)))


def standing(db: sqlite3.Connection, scan_id: str) -> dict[str, Any] | None:
    """The document that stands under a name: the newest verdict on what is in force, never on what was superseded."""
    row = db.execute(
        "SELECT document FROM verdict WHERE scan = (SELECT id FROM scan WHERE scan_id = ? AND superseded_by IS NULL"
        " ORDER BY revision DESC LIMIT 1) ORDER BY id DESC LIMIT 1",
        (scan_id,),
    ).fetchone()
    return json.loads(row["document"]) if row else None


def superseded_names(db: sqlite3.Connection, scan: int) -> tuple[str, ...]:
    """The names of all scans in whose place one stands."""
    return tuple(row[0] for row in db.execute("SELECT scan_id FROM scan WHERE superseded_by = ?", (scan,)))


def actions(db: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    """How many verdicts there are of each action."""
    return tuple((row[0], row[1]) for row in db.execute("SELECT action, count(*) FROM verdict GROUP BY action"))


def leads_of(query: Query) -> tuple[str, ...]:
    """The filters by whose index the scans can be walked, where there are several filters."""
    given = [key for key in (*LEADS, "degraded") if getattr(query, key) is not None]
    concluded = query.state == ScanState.CONCLUDED  # nearly all are
    return tuple(key for key in given if key in LEADS and not (key == "state" and concluded)) if len(given) > 1 else ()


def reach(db: sqlite3.Connection, query: Query, lead: str, before: int | None, walk: int) -> int | None:
    """The id of the last of so many scans that pass one filter; None where there are not so many."""
    tests, values = conditions_of(Query(**{lead: getattr(query, lead)}))
    bounds, ids = _bounds(query, before, None)
    row = db.execute(
        f"SELECT id FROM scan INDEXED BY scan_{LEADS[lead]} WHERE {' AND '.join([*tests, *bounds])}"
        " ORDER BY id DESC LIMIT 1 OFFSET ?",
        (*values, *ids, walk - 1),
    ).fetchone()
    return row[0] if row else None


def _bounds(query: Query, before: int | None, floor: int | None) -> tuple[list[str], list[object]]:
    """Between which ids to look: of the time asked for, older than a cursor, not older than a floor."""
    known: tuple[tuple[str, object], ...] = (
        (f"scan.id >= ({FIRST_SINCE})", query.since),
        (f"scan.id <= ({LAST_BEFORE})", query.until),
        ("scan.id < ?", before),
        ("scan.id >= ?", floor),
    )
    given = [(test, value) for test, value in known if value is not None]
    return [test for test, _ in given], [value for _, value in given]


def conditions_of(query: Query, lead: str | None = None) -> tuple[list[str], list[object]]:
    """The conditions of a statement with their values, for rows between the right ids; with a lead, by its index."""
    tests: list[str] = []
    values: list[object] = []
    for key in ("action", "risk", "state", "source", "lane"):
        wanted = getattr(query, key)
        if wanted is not None:
            tests.append(f"{'+' if lead not in (None, key) else ''}scan.{key} = ?")
            values.append(wanted)
    if query.state is not None and query.state != ScanState.CONCLUDED and lead in (None, "state"):
        tests.append("scan.state <> 'concluded'")  # so that the index of those few is used
    if query.since is not None:
        tests.append("+scan.received_at >= ?")
        values.append(query.since)
    if query.until is not None:
        tests.append("+scan.received_at < ?")
        values.append(query.until)
    if query.degraded is not None:
        tests.append(f"scan.degraded IS {'NOT ' if query.degraded else ''}NULL")
    return tests, values


def first_view(pictures: list[dict[str, Any]]) -> int | None:
    """The number, from 1, of the first of a scan's pictures that can be shown."""
    return next((number for number, picture in enumerate(pictures, 1) if picture["sha256"]), None)


def row_from(row: sqlite3.Row) -> Row:
    """Make the value from what `COLUMNS` name."""
    pictures = json.loads(row["brought"])["pictures"]
    return Row(
        id=row["id"],
        scan_id=row["scan_id"],
        revision=row["revision"],
        state=row["state"],
        source=row["source"],
        lane=row["lane"],
        received_at=row["received_at"],
        due_at=row["due_at"],
        rehearsal=bool(row["rehearsal"]),
        superseded=row["superseded_by"] is not None,
        quarantine=row["quarantine"],
        risk_level=row["risk"],
        recommended_action=row["action"],
        degraded=row["degraded"],
        views=tuple(picture["name"] for picture in pictures if picture["sha256"]),
        first_view=first_view(pictures),
        document=row["document"],
        verdict_id=row["verdict_id"],
        open=bool(row["open"]),
        review=row["review_kind"],
        review_key=row["key"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=row["reviewed_at"],
        outcome=row["outcome"],
    )
