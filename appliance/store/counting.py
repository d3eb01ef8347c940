"""What the scans of an hour come to: counted from their rows, kept until one of them changes, never added to.

Takes a connection and whole hours, gives counts per hour, lane and practice. What was counted is kept in `tally` under
the turn at which it was read; every change of a scan in that hour takes the counts away (triggers of the table `scan`)
and grows the turn, so that a late word, an undone one or a newer revision is never missed, and all of it can be thrown
away at any time. Scans in whose place something newer came count as replaced, and as nothing else.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from appliance.scan import Action

ROWS = 5_000
"""One asking counts about so many scans anew; those who ask again find the rest further on."""
STEP = math.log(1.05)
"""Times are kept in steps of 5 %, so that they can be put together without keeping each."""
ASKS = (Action.REVIEW, Action.PHYSICAL_INSPECTION)
AGAINST = ("false_alarm", "missed", "wrong_item")
"""Words against a verdict; "cannot_tell" is neither for nor against it, nor is what was said before there was one."""
_HOURS = """
WITH RECURSIVE seen(at) AS (
  SELECT (SELECT received_at FROM scan WHERE received_at >= :since AND received_at < :until ORDER BY 1 LIMIT 1)
  UNION ALL
  SELECT (SELECT received_at FROM scan WHERE received_at >= substr(seen.at, 1, 13) || ';' AND received_at < :until
    ORDER BY 1 LIMIT 1) FROM seen WHERE at IS NOT NULL)
SELECT substr(at, 1, 13) AS hour, turn, counts FROM seen LEFT JOIN tally ON hour = substr(at, 1, 13)
WHERE at IS NOT NULL ORDER BY 1 DESC"""
"""From hour to hour by the index of `received_at`, never from scan to scan; ";" comes after every minute of an hour."""
_SCANS = """
SELECT lane, rehearsal, received_at, due_at, superseded_by, scan.action, scan.risk, degraded, review.kind AS word,
  review.verdict AS about, review.at AS said_at,
  (SELECT at FROM verdict WHERE verdict.scan = scan.id ORDER BY verdict.id LIMIT 1) AS judged_at,
  (SELECT json_group_array(DISTINCT value ->> '$.item') FROM json_each((SELECT json_extract(document,
   '$.detected_items') FROM verdict WHERE verdict.scan = scan.id ORDER BY verdict.id DESC LIMIT 1))) AS items
FROM scan INDEXED BY scan_received LEFT JOIN review ON review.id = scan.review
WHERE received_at >= ? AND received_at < ?"""


@dataclass(slots=True)
class Counts:
    """What some scans come to."""

    plain: Counter[str] = field(default_factory=Counter[str])
    """scans, replaced, judged, each action, `risk high` and so on, degraded, late, overdue, open, each kind of word;
    and how many words are for and against the verdict that they answer."""
    steps: Counter[int] = field(default_factory=Counter[int])
    """How many took how long from their receipt to their first verdict, in steps of 5 % of a millisecond."""
    classes: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """For each thing found: in how many scans, and how many of those were alarms, agreed with, spoken against."""

    def add(self, other: Counts, *, classes: bool = True) -> None:
        self.plain.update(other.plain)
        self.steps.update(other.steps)
        if not classes:
            return
        for item, (scans, alarms, agree, against) in other.classes.items():
            mine = self.classes.setdefault(item, [0, 0, 0, 0])
            mine[0] += scans
            mine[1] += alarms
            mine[2] += agree
            mine[3] += against

    def quantile(self, share: float) -> float | None:
        """The time that so many took at the most, in milliseconds, to 2.5 %."""
        rank, seen = math.ceil(share * self.steps.total()), 0
        for step in sorted(self.steps):
            seen += self.steps[step]
            if seen >= rank:
                return math.exp((step + 0.5) * STEP)
        return None


class Part(NamedTuple):
    """One lane's part of an hour, practice apart."""

    lane: str | None
    rehearsal: bool
    counts: Counts


class Hour(NamedTuple):
    """One hour, counted."""

    hour: str
    """2026-11-22T08, in UTC."""
    turn: int | None
    """The turn at which it was counted anew and may be kept; None where there is nothing to keep."""
    parts: tuple[Part, ...]


class Counted(NamedTuple):
    """The hours that were asked for, oldest first, as far as they are counted."""

    hours: tuple[Hour, ...]
    left: int
    """So many hours were not counted this time."""


def hours(db: sqlite3.Connection, since: datetime, until: datetime, now: datetime, rows: int = ROWS) -> Counted:
    """Count all whole hours in which scans came; those that changed anew, the newest first, until enough was read."""
    db.execute("BEGIN")  # turns and rows as they are at one moment
    try:
        found: list[Hour] = []
        read = left = 0
        asked = {"since": _spelt(since), "until": _spelt(until)}
        for row in db.execute(_HOURS, asked).fetchall():
            if row["counts"] is not None:
                found.append(Hour(row["hour"], None, _parts_from(row["counts"])))
            elif read < rows:
                hour, seen = _count(db, row["hour"], row["turn"] or 0, now)
                found.append(hour)
                read += seen
            else:
                left += 1
    finally:
        db.execute("COMMIT")
    return Counted(tuple(reversed(found)), left)


def keep(db: sqlite3.Connection, counted: Iterable[Hour]) -> None:
    """Keep what was counted, unless something has changed since."""
    for hour in counted:
        if hour.turn is not None:
            db.execute(
                "INSERT INTO tally VALUES (?, 0, ?) ON CONFLICT (hour) DO UPDATE SET counts = excluded.counts"
                " WHERE turn = ?",
                (hour.hour, _spelt_parts(hour.parts), hour.turn),
            )


def count(rows: Iterable[sqlite3.Row], now: datetime) -> tuple[tuple[Part, ...], bool, int]:
    """What scans come to, whether that stays so until one of them changes, and how many they were."""
    parts: dict[tuple[str | None, bool], Counts] = {}
    stays, seen = True, 0
    for row in rows:
        seen += 1
        counts = parts.setdefault((row["lane"], bool(row["rehearsal"])), Counts())
        if row["superseded_by"] is not None:
            counts.plain["replaced"] += 1
            continue
        _add(counts, row, now.timestamp())
        stays = stays and not (_is_open(row) and row["due_at"] > now.timestamp())
    return tuple(Part(*key, counts) for key, counts in parts.items()), stays, seen


def _add(counts: Counts, row: sqlite3.Row, now: float) -> None:
    plain, word = counts.plain, row["word"]
    plain["scans"] += 1
    if word:
        plain[word] += 1
    if row["action"] is None:
        return
    plain.update(("judged", row["action"], f"risk {row['risk']}"))
    plain["degraded"] += row["degraded"] is not None
    judged_at, said_at = datetime.fromisoformat(row["judged_at"]), row["said_at"]
    took = (judged_at - datetime.fromisoformat(row["received_at"])).total_seconds() * 1000
    counts.steps[math.floor(math.log(max(took, 1)) / STEP)] += 1
    plain["late"] += judged_at.timestamp() > row["due_at"]
    if row["action"] in ASKS:
        plain["open"] += word is None
        ended = datetime.fromisoformat(said_at).timestamp() if said_at else now
        plain["overdue"] += ended > row["due_at"]
    weighed = None if row["about"] is None else word
    agreed, against = weighed == "agree", weighed in AGAINST
    plain["for"] += agreed
    plain["against"] += against
    for item in json.loads(row["items"]):
        thing = counts.classes.setdefault(item, [0, 0, 0, 0])
        thing[0] += 1
        thing[1] += row["action"] == Action.PHYSICAL_INSPECTION
        thing[2] += agreed
        thing[3] += against


def _is_open(row: sqlite3.Row) -> bool:
    return row["word"] is None and row["action"] in ASKS


def _count(db: sqlite3.Connection, hour: str, turn: int, now: datetime) -> tuple[Hour, int]:
    parts, stays, seen = count(db.execute(_SCANS, (hour, f"{hour};")), now)
    return Hour(hour, turn if stays else None, parts), seen


def _spelt(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()[:13]


def _spelt_parts(parts: tuple[Part, ...]) -> str:
    told = [
        {"lane": lane, "rehearsal": rehearsal, "plain": +counts.plain, "steps": counts.steps, "classes": counts.classes}
        for lane, rehearsal, counts in parts
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _parts_from(text: str) -> tuple[Part, ...]:
    return tuple(_part_from(told) for told in json.loads(text))


def _part_from(told: dict[str, Any]) -> Part:
    steps = Counter({int(step): n for step, n in told["steps"].items()})
    return Part(told["lane"], told["rehearsal"], Counts(Counter(told["plain"]), steps, told["classes"]))
