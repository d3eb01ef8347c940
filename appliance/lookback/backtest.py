"""What another rulebook would make of the last days' scans: judged again from the stored answers, side by side.

Takes the store's file and a candidate that was checked, gives a bill: what the candidate changes against the rules in
force, as if both were in force from now on, and apart from that what had changed since the verdicts. Each process
reads a part of the scans; nothing is kept.
"""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from appliance.errors import LanewatchError
from appliance.lookback.bill import Bill, Changed, Known, Move, Part, bill
from appliance.lookback.record import COLUMNS, Record, record_of, rulebook_then
from appliance.rules import reading
from appliance.rules.history import Remembered
from appliance.rules.standing import ACTIONS, Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Action, Verdict
from appliance.store.past import Past
from appliance.store.rulebooks import Activation, Shelf, in_force
from models.profile import names_of

PORTION = 2_000
"""Scans that one process judges at a time."""
_MEANT = "received_at >= ? AND superseded_by IS NULL"
"""The scans that are looked at: those that nothing newer stands in the place of."""


class Asked(NamedTuple):
    """What a backtest is asked."""

    texts: Texts
    """The candidate's."""
    level: str
    since: datetime
    days: int
    now: datetime
    """When it would come into force: what has ended by then counts no more."""
    address: str
    """Where the dashboard is."""
    profile: str
    """What the release in force can name."""


def backtest(database: Path, asked: Asked, told: Callable[[int, int], None]) -> Bill:
    """Judge the newest verdict of every scan since then by a candidate. Tells how many of how many are done."""
    since = asked.since.isoformat()
    with _opened(database) as db:
        first, last = db.execute(
            "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM scan WHERE received_at >= ?", (since,)
        ).fetchone()
        practice = db.execute(
            f"SELECT count(*) FROM scan WHERE {_MEANT} AND rehearsal AND action NOT NULL", (since,)
        ).fetchone()[0]
        now = in_force(db)
    standing, trouble = _standing(database, now, asked.profile)
    candidate = reading.parse(asked.texts).at(asked.level)
    portions = [(low, min(low + PORTION - 1, last)) for low in range(first, last + 1, PORTION)]
    parts: list[Part] = []
    workers = max(1, min(len(portions), len(os.sched_getaffinity(0))))
    context = multiprocessing.get_context("spawn")  # the caller may have threads
    with ProcessPoolExecutor(workers, context, _begin, (database, asked, now)) as pool:
        for part in pool.map(_judge, portions):
            parts.append(part)
            told(min(len(parts) * PORTION, last - first + 1), last - first + 1)
    against = f"{standing.label}, threat level {standing.level}" if standing else "nothing"
    return bill(Known(candidate.label, candidate.level, against, trouble, asked.days, practice), parts)


def _standing(database: Path, now: Activation | None, profile: str) -> tuple[Rulebook | None, str]:
    """The rulebook that is in force now, or why nobody knows."""
    if now is None:
        return None, "no rules are in force"
    try:
        parts = reading.parse(Shelf(database.parent / "rulebooks").read(now.digest))
        return parts.fitted(now.level, names_of(profile)), ""
    except (LanewatchError, KeyError) as problem:
        return None, f"the rules in force cannot be read: {problem}"


class _Worker(NamedTuple):
    """What a process keeps between portions."""

    db: sqlite3.Connection
    shelf: Shelf
    candidate: Rulebook
    standing: Rulebook | None
    """What is in force now."""
    ends: tuple[float, ...]
    """When something of that ends."""
    asked: Asked

    def again(self, record: Record, rulebook: Rulebook) -> Verdict:
        """Judge as if it happened now, of the past as it was."""
        past = Remembered(Past(self.db, record.scan), record.circumstances.history)
        return record.again(rulebook, past, now=self.asked.now.timestamp()).verdict

    def before(self, record: Record, then: Action, after: Action) -> tuple[Action, Verdict | None]:
        """What the rules in force make of it; only where they can differ from its verdict it is judged for that."""
        if self.standing is None or (after is then and self._by_the_same(record)):
            return then, None
        found = self.again(record, self.standing)
        return found.recommended_action, found

    def _by_the_same(self, record: Record) -> bool:
        """Whether it was judged by the rules in force, of which nothing has ended since."""
        standing, was = self.standing, record.circumstances
        same = standing is not None and (was.rulebook, was.level, was.misfits) == (
            standing.digest,
            standing.level,
            standing.misfits,
        )
        return same and not any(was.moment.now < end <= self.asked.now.timestamp() for end in self.ends)

    def prohibited(self, record: Record, found: Verdict) -> bool:
        """Whether something prohibited was seen: by the candidate's taxonomy, that in force, or that of then."""
        books = [self.candidate, *([self.standing] if self.standing else [])]
        try:
            books.append(rulebook_then(self.shelf, record))
        except LanewatchError:  # nobody knows any more what it was then
            return bool(found.detected_items)
        return any(
            book.taxonomy.standing_of(item.item, item.category) == "prohibited"
            for book in books
            for item in found.detected_items
        )


_worker: list[_Worker] = []


def _begin(database: Path, asked: Asked, now: Activation | None) -> None:
    standing, _ = _standing(database, now, asked.profile)
    ends = [standing.until, *(ready.until for ready in standing.rules)] if standing else []
    ends += [ready.loose.until for ready in (standing.rules if standing else ()) if ready.loose]
    candidate = reading.parse(asked.texts).fitted(asked.level, names_of(asked.profile))
    shelf = Shelf(database.parent / "rulebooks")
    _worker[:] = [_Worker(_opened(database), shelf, candidate, standing, tuple(ends), asked)]


def _judge(portion: tuple[int, int]) -> Part:
    worker, part = _worker[0], Part(Counter(), Counter(), [])
    for row in _rows(worker, portion):
        try:
            record = record_of(row)
            if record is None:
                part.left_out["kept before circumstances were"] += 1
                continue
            found = worker.again(record, worker.candidate)
            then, after = Action(row["verdict_action"]), found.recommended_action
            before, verdict = worker.before(record, then, after)
        except LanewatchError as problem:
            part.left_out[str(problem)] += 1
            continue
        part.moves[then, before, after] += 1
        if after is not before:
            part.changed.append(_changed(worker, record, (then, before, after), verdict, found))
    return part


def _rows(worker: _Worker, portion: tuple[int, int]) -> Iterator[sqlite3.Row]:
    return iter(
        worker.db.execute(
            f"SELECT {COLUMNS}, verdict.action AS verdict_action FROM scan JOIN verdict ON verdict.id ="
            " (SELECT max(id) FROM verdict WHERE verdict.scan = scan.id)"
            f" WHERE {_MEANT} AND NOT rehearsal AND scan.id BETWEEN ? AND ? ORDER BY scan.id",
            (worker.asked.since.isoformat(), *portion),
        )
    )


def _changed(worker: _Worker, record: Record, actions: Move, before: Verdict | None, found: Verdict) -> Changed:
    less = ACTIONS.index(actions[2]) < ACTIONS.index(actions[1])
    scan = record.scan
    return Changed(
        scan_id=scan.scan_id,
        revision=scan.revision,
        lane=scan.lane,
        at=record.at,
        then=actions[0],
        before=actions[1],
        after=actions[2],
        items=tuple(dict.fromkeys(item.item for item in found.detected_items)),
        rules=tuple(rule.id for rule in found.rules_fired),
        why=_why(before, found) if before else found.reasoning,
        lost=less and worker.prohibited(record, found),
        link=f"{worker.asked.address}/scans#{quote(scan.scan_id, safe='')}/{scan.revision}",
    )


def _why(before: Verdict, after: Verdict) -> str:
    """What the candidate says that the rules in force do not, and what it does not say any more."""
    old = {(rule.id, rule.risk) for rule in before.rules_fired}
    new = {rule.id for rule in after.rules_fired}
    told = [
        f"{rule.message} (rule {rule.id}, {rule.risk})" for rule in after.rules_fired if (rule.id, rule.risk) not in old
    ]
    told += [f"no longer: rule {rule.id} ({rule.risk})" for rule in before.rules_fired if rule.id not in new]
    told += [f"no longer: {lack}" for lack in before.degraded if lack not in after.degraded]
    told += [lack for lack in after.degraded if lack not in before.degraded]
    return "; ".join(told) or after.reasoning


def _opened(database: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db
