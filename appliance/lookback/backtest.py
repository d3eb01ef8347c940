"""What another rulebook would have made of the last days: judged again from the stored answers, side by side.

Takes the store's file and a candidate that was checked, gives a bill: what changes, where, and what it costs. Each
process reads a part of the scans; nothing is kept.
"""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from appliance.errors import LanewatchError
from appliance.lookback.record import COLUMNS, Record, record_of, rulebook_then
from appliance.rules import reading
from appliance.rules.history import Remembered
from appliance.rules.standing import ACTIONS, Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Action, Verdict
from appliance.store.past import Past
from appliance.store.rulebooks import Shelf
from models.answer import Value

PORTION = 2_000
"""Scans that one process judges at a time."""
MOST_SHOWN = 500
"""Changed scans told one by one; all are counted."""


class Changed(Value):
    """One scan that another rulebook judges otherwise."""

    scan_id: str
    revision: int
    lane: str | None
    at: str
    before: Action
    after: Action
    items: tuple[str, ...]
    rules: tuple[str, ...]
    """What fires by the candidate."""
    why: str
    """The paragraph by the candidate."""
    lost: bool
    """Something prohibited was seen, and less would be done about it."""


class Bill(Value):
    """What a candidate would have changed."""

    rulebook: str
    level: str
    days: int
    judged: int
    left_out: dict[str, int]
    """Scans that could not be judged again, by the reason."""
    before: dict[str, int]
    after: dict[str, int]
    """How many of each action, before and after."""
    changed: int
    more_inspections: int
    fewer_inspections: int
    lost_finds: int
    newly_clear: int
    by_lane: dict[str, int]
    by_class: dict[str, int]
    """Changed scans by what was seen in them."""
    shown: tuple[Changed, ...]
    """The first of them: lost finds, then what would be cleared, then the rest."""


class _Part(NamedTuple):
    """What one process found."""

    judged: int
    left_out: Counter[str]
    before: Counter[str]
    after: Counter[str]
    changed: list[Changed]


def backtest(
    database: Path, texts: Texts, level: str, since: datetime, days: int, told: Callable[[int, int], None]
) -> Bill:
    """Judge the newest verdict of every scan since then by a candidate. Tells how many of how many are done."""
    with _opened(database) as db:
        first, last = db.execute(
            "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM scan WHERE received_at >= ?", (since.isoformat(),)
        ).fetchone()
    portions = [(low, min(low + PORTION - 1, last)) for low in range(first, last + 1, PORTION)]
    parts: list[_Part] = []
    workers = max(1, min(len(portions), len(os.sched_getaffinity(0))))
    context = multiprocessing.get_context("spawn")  # the caller may have threads
    with ProcessPoolExecutor(workers, context, _begin, (database, texts, level, since.isoformat())) as pool:
        for part in pool.map(_judge, portions):
            parts.append(part)
            told(min(len(parts) * PORTION, last - first + 1), last - first + 1)
    return _bill(parts, reading.parse(texts).at(level), days)


class _Worker(NamedTuple):
    """What a process keeps between portions."""

    db: sqlite3.Connection
    shelf: Shelf
    rulebook: Rulebook
    since: str


_worker: list[_Worker] = []


def _begin(database: Path, texts: Texts, level: str, since: str) -> None:
    _worker[:] = [
        _Worker(_opened(database), Shelf(database.parent / "rulebooks"), reading.parse(texts).at(level), since)
    ]


def _judge(portion: tuple[int, int]) -> _Part:
    db, shelf, rulebook, since = _worker[0]
    part = _Part(0, Counter(), Counter(), Counter(), [])
    judged = 0
    for row in _rows(db, portion, since):
        try:
            record = record_of(row)
            if record is None:
                part.left_out["kept before circumstances were"] += 1
                continue
            found = record.again(rulebook, Remembered(Past(db, record.scan), record.circumstances.history)).verdict
        except LanewatchError as problem:
            part.left_out[str(problem)] += 1
            continue
        judged += 1
        before = Action(row["verdict_action"])
        part.before[before] += 1
        part.after[found.recommended_action] += 1
        if found.recommended_action is not before:
            less = ACTIONS.index(found.recommended_action) < ACTIONS.index(before)
            lost = less and _prohibited(record, found, rulebook, shelf)
            part.changed.append(_changed(record, before, found, lost=lost))
    return part._replace(judged=judged)


def _rows(db: sqlite3.Connection, portion: tuple[int, int], since: str) -> Iterator[sqlite3.Row]:
    return iter(
        db.execute(
            f"SELECT {COLUMNS}, verdict.action AS verdict_action FROM scan JOIN verdict ON verdict.id ="
            " (SELECT max(id) FROM verdict WHERE verdict.scan = scan.id)"
            " WHERE scan.id BETWEEN ? AND ? AND received_at >= ? AND superseded_by IS NULL ORDER BY scan.id",
            (*portion, since),
        )
    )


def _prohibited(record: Record, found: Verdict, rulebook: Rulebook, shelf: Shelf) -> bool:
    """Whether something prohibited was seen: by the candidate's taxonomy, or by the one that the candidate replaces."""
    seen = found.detected_items
    try:
        before = rulebook_then(shelf, record)
    except LanewatchError:  # nobody knows any more what it was then
        return bool(seen)
    return any(
        book.taxonomy.standing_of(item.item, item.category) == "prohibited"
        for book in (rulebook, before)
        for item in seen
    )


def _changed(record: Record, before: Action, found: Verdict, *, lost: bool) -> Changed:
    return Changed(
        scan_id=record.scan.scan_id,
        revision=record.scan.revision,
        lane=record.scan.lane,
        at=record.at,
        before=before,
        after=found.recommended_action,
        items=tuple(dict.fromkeys(item.item for item in found.detected_items)),
        rules=tuple(rule.id for rule in found.rules_fired),
        why=found.reasoning,
        lost=lost,
    )


def _bill(parts: list[_Part], rulebook: Rulebook, days: int) -> Bill:
    changed = [one for part in parts for one in part.changed]
    inspect = Action.PHYSICAL_INSPECTION
    order = sorted(changed, key=lambda one: (not one.lost, one.after is not Action.CLEAR, one.at))
    return Bill(
        rulebook=rulebook.label,
        level=rulebook.level,
        days=days,
        judged=sum(part.judged for part in parts),
        left_out=_together(part.left_out for part in parts),
        before=_together(part.before for part in parts),
        after=_together(part.after for part in parts),
        changed=len(changed),
        more_inspections=sum(one.after is inspect for one in changed),
        fewer_inspections=sum(one.before is inspect for one in changed),
        lost_finds=sum(one.lost for one in changed),
        newly_clear=sum(one.after is Action.CLEAR for one in changed),
        by_lane=dict(Counter(one.lane or "no lane" for one in changed).most_common()),
        by_class=dict(Counter(item for one in changed for item in one.items or ("nothing seen",)).most_common()),
        shown=tuple(order[:MOST_SHOWN]),
    )


def _together(counts: Iterable[Counter[str]]) -> dict[str, int]:
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return dict(total)


def _opened(database: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db
