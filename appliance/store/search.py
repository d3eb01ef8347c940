"""Find scans by what stands in them, together with all filters: page by page, the newest first, never a long walk.

Takes what somebody typed, gives rows and where to go on. Of a word that stands in very many scans, or a filter that
very many pass, only the next few thousand are held against the other filters at once; a page may then be short, or
empty, and still say where to go on.
"""

from __future__ import annotations

import heapq
import sqlite3
from itertools import islice
from typing import NamedTuple

from appliance.store import browse, words
from appliance.store.browse import Query, Row

WALK = 2_000
"""So many scans that hold the words are held against the filters for one page."""
PIECE = 100
FILTERED = 4_000
"""So many scans that pass one filter are held against the others for one page."""


class Page(NamedTuple):
    """Some scans, and where the next page begins."""

    rows: tuple[Row, ...]
    before: int | None
    """The id before which to go on; None where there are no more."""
    reached: str | None
    """Where the walk ended early: when the last scan that was looked at came in."""


def page(db: sqlite3.Connection, query: Query, before: int | None = None, limit: int = 50) -> Page:
    """The newest scans older than a cursor that hold all words and pass all filters."""
    if query.q is None:
        lead, floor = _furthest(db, query, before)
        rows = browse.page(db, query, before, limit + 1, lead, floor)
        if len(rows) <= limit and floor is not None:
            return Page(rows, floor, _came(db, floor))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None, None)
    db.execute("BEGIN")  # which scans are behind, and what the table says of all others, at one moment
    try:
        return _holding(db, query, query.q, before, limit)
    finally:
        db.execute("COMMIT")


def _furthest(db: sqlite3.Connection, query: Query, before: int | None) -> tuple[str | None, int | None]:
    """Of several filters, the one by which a walk comes furthest back, and how far; None where it comes to the end."""
    reached = {lead: browse.reach(db, query, lead, before, FILTERED) for lead in browse.leads_of(query)}
    lead = min(reached, key=lambda lead: reached[lead] or 0, default=None)
    return lead, reached[lead] if lead else None


def _holding(db: sqlite3.Connection, query: Query, text: str, before: int | None, limit: int) -> Page:
    late = words.behind(db)
    asked = words.asked(db, text, late)
    if asked is None:
        return Page((), None, None)
    first, last = _span(db, query)
    last = last if before is None else min(last, before - 1)
    hits = db.execute(
        f"{words.HITS} AND rowid >= ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?", (asked.match, first, last, WALK)
    )
    fresh = sorted(
        (scan for scan, held in late.items() if first <= scan <= last and asked.stands_in(held)), reverse=True
    )
    ids = islice(heapq.merge(fresh, (row[0] for row in hits), reverse=True), WALK)
    found: list[Row] = []
    walked = 0
    while piece := list(islice(ids, PIECE)):
        walked += len(piece)
        found += _passing(db, query, piece, limit + 1 - len(found))
        if len(found) > limit:
            return Page(tuple(found[:limit]), found[limit - 1].id, None)
        if walked == WALK:
            return Page(tuple(found), piece[-1], _came(db, piece[-1]))
    return Page(tuple(found), None, None)


def _passing(db: sqlite3.Connection, query: Query, ids: list[int], limit: int) -> list[Row]:
    tests, values = browse.conditions_of(query)
    asked = " AND ".join([f"scan.id IN ({', '.join('?' * len(ids))})", *tests])
    rows = db.execute(
        f"SELECT {browse.COLUMNS} FROM scan NOT INDEXED {browse.JOINED} WHERE {asked} ORDER BY scan.id DESC LIMIT ?",
        (*ids, *values, limit),
    )
    return [browse.row_from(row) for row in rows]


def _span(db: sqlite3.Connection, query: Query) -> tuple[int, int]:
    """The rows of the time asked for, so that the words of other times are not walked through."""
    first, last = 0, 2**63 - 1
    if query.since is not None:
        first = db.execute(browse.FIRST_SINCE, (query.since,)).fetchone()[0]
    if query.until is not None:
        last = db.execute(browse.LAST_BEFORE, (query.until,)).fetchone()[0]
    return first, last


def _came(db: sqlite3.Connection, scan: int) -> str:
    return db.execute("SELECT received_at FROM scan WHERE id = ?", (scan,)).fetchone()[0]
