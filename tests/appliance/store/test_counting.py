"""What is counted is what is there: held against a plain walk over everything, after any history."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from appliance.scan import Action, Arrival, Scan
from appliance.store import counting, reviews, scans, shift
from appliance.store.counting import Counted
from appliance.store.database import Store
from tests.appliance.store.reviewing import NOW, Desk

HOURS = 5
UNTIL = NOW + timedelta(hours=HOURS)
ITEMS = ("knife", "laptop", "lighter", "súng")
KINDS = ("agree", "false_alarm", "missed", "wrong_item", "cannot_tell")


@pytest.fixture
def desk(store: Store, arrival: Callable[..., Arrival]) -> Desk:
    return Desk(store, arrival)


def counted(desk: Desk, now: datetime = UNTIL, rows: int = counting.ROWS) -> Counted:
    """As the route does: counted by a reader, kept by the writer."""
    with desk.store.reader() as db:
        found = counting.hours(db, NOW, UNTIL, now, rows)
    desk.do(lambda db: counting.keep(db, found.hours))
    return found


def summed(found: Counted) -> dict[Any, Any]:
    """Plain counts by hour, lane and practice, and things by what was said of them."""
    told: dict[Any, Any] = {}
    for hour in found.hours:
        for lane, rehearsal, counts in hour.parts:
            told[hour.hour, lane, rehearsal] = +counts.plain, counts.steps.total()
            for item, counts_of_item in counts.classes.items():
                told[hour.hour, lane, rehearsal, item] = counts_of_item
    return told


def by_hand(db: sqlite3.Connection, now: datetime) -> dict[Any, Any]:
    """The same from every scan, verdict and word, one after the other, trusting no column that is kept beside them."""
    plain: dict[Any, Counter[str]] = {}
    times: Counter[Any] = Counter()
    things: dict[Any, list[int]] = {}
    for scan in db.execute("SELECT * FROM scan").fetchall():
        key = (scan["received_at"][:13], scan["lane"], bool(scan["rehearsal"]))
        here = plain.setdefault(key, Counter())
        if scan["superseded_by"]:
            here["replaced"] += 1
            continue
        here["scans"] += 1
        standing = reviews.standing(db, scan["id"])
        word = db.execute("SELECT * FROM review WHERE id = ?", (standing,)).fetchone()
        if word:
            here[word["kind"]] += 1
        said = db.execute("SELECT * FROM verdict WHERE scan = ? ORDER BY id", (scan["id"],)).fetchall()
        if not said:
            continue
        last = said[-1]
        here.update(["judged", last["action"], f"risk {last['risk']}"])
        times[key] += 1
        if datetime.fromisoformat(said[0]["at"]).timestamp() > scan["due_at"]:
            here["late"] += 1
        if last["action"] != "CLEAR":
            if not word:
                here["open"] += 1
            ended = datetime.fromisoformat(word["at"]) if word else now
            if ended.timestamp() > scan["due_at"]:
                here["overdue"] += 1
        kind = word["kind"] if word and word["verdict"] is not None else None
        agreed, against = kind == "agree", kind in ("false_alarm", "missed", "wrong_item")
        here.update({"for": agreed, "against": against})
        for item in {each["item"] for each in json.loads(last["document"])["detected_items"]}:
            thing = things.setdefault((*key, item), [0, 0, 0, 0])
            thing[0] += 1
            thing[1] += last["action"] == "PHYSICAL_INSPECTION"
            thing[2] += agreed
            thing[3] += against
    return {key: (here, times[key]) for key, here in plain.items()} | things


class History:
    """Scans come, are judged, answered, taken back and replaced, as the dice fall."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice = desk, random.Random(seed)
        self.scans: list[Scan] = []
        self.words: list[tuple[str, datetime]] = []

    def step(self) -> None:
        self.dice.choice([self.come, self.come, self.judge, self.say, self.say, self.undo, self.replace])()

    def come(self, name: str = "", received_at: datetime | None = None) -> None:
        at = received_at or NOW + timedelta(minutes=self.dice.randrange(60 * HOURS))
        lane = self.dice.choice([None, "L1", "L2"])
        arrival = self.desk.arrival(
            name or f"scan-{len(self.scans)}", picture=str(self.dice.random()), received_at=at,
            deadline_seconds=self.dice.choice([10.0, 100.0, 20_000.0]), rehearsal=self.dice.random() < 0.2,
        )  # fmt: skip
        arrival = arrival.model_copy(update={"sheet": arrival.sheet.model_copy(update={"lane": lane})})
        receipt = self.desk.do(lambda db: scans.receive(db, arrival))
        scan = self.desk.do(lambda db: scans.find(db, receipt.scan_id, receipt.revision))
        assert scan
        self.scans.append(scan)
        if self.dice.random() < 0.8:
            self.judge(scan)

    def judge(self, scan: Scan | None = None) -> None:
        if scan or self.scans:
            one = scan or self.dice.choice(self.scans)
            items = tuple(self.dice.sample(ITEMS, self.dice.randrange(3)) * 2)
            at = one.received_at + timedelta(seconds=self.dice.randrange(200))
            self.desk.judge(one, self.dice.choice(list(Action)), items=items, at=at)

    def say(self) -> None:
        if self.scans:
            scan = self.dice.choice(self.scans)
            at = scan.received_at + timedelta(seconds=self.dice.randrange(300))
            kept = self.desk.say(scan, at=at, kind=self.dice.choice(KINDS), note="x")
            if isinstance(kept, reviews.Kept):
                self.words.append((kept.key, at))

    def undo(self) -> None:
        if self.words:
            key, at = self.words.pop(self.dice.randrange(len(self.words)))
            self.desk.do(lambda db: reviews.undo(db, key, "t. tan", at + timedelta(seconds=5)))

    def replace(self) -> None:
        if self.scans:
            self.come(self.dice.choice(self.scans).scan_id)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_counted_is_what_a_walk_over_everything_finds(desk: Desk, seed: int) -> None:
    """Asked again and again in between, so that whatever is kept would be seen where it should have been forgotten."""
    history = History(desk, seed)
    for number in range(90):
        history.step()
        if number % 6 == 0:
            now = NOW + timedelta(seconds=number * 300)
            assert summed(counted(desk, now)) == desk.do(lambda db, now=now: by_hand(db, now))
    assert summed(counted(desk)) == desk.do(lambda db: by_hand(db, UNTIL))
    desk.do(lambda db: db.execute("DELETE FROM tally").rowcount)  # it can all be made anew
    assert summed(counted(desk)) == desk.do(lambda db: by_hand(db, UNTIL))


def test_an_hour_is_counted_once_and_again_after_any_change(desk: Desk) -> None:
    scan = desk.bring("a", received_at=NOW)
    first, second = counted(desk), counted(desk)
    assert [hour.turn is None for hour in (*first.hours, *second.hours)] == [False, True]
    key = desk.say(scan).key
    third = counted(desk)
    assert third.hours[0].turn is not None
    assert third.hours[0].parts[0].counts.plain["agree"] == 1
    desk.do(lambda db: reviews.undo(db, key, "t. tan", NOW))
    assert counted(desk).hours[0].parts[0].counts.plain["agree"] == 0


def test_a_clock_that_still_runs_is_counted_anew_until_it_ran_out(desk: Desk) -> None:
    """Nothing changes in the store when a clock runs out, and the count does all the same."""
    desk.bring("a", received_at=NOW, deadline_seconds=100.0)
    before, after = NOW + timedelta(seconds=50), NOW + timedelta(seconds=150)
    for now, overdue in ((before, 0), (before, 0), (after, 1), (after, 1)):
        assert counted(desk, now).hours[0].parts[0].counts.plain["overdue"] == overdue


def test_what_was_read_before_a_change_is_not_kept_after_it(desk: Desk) -> None:
    """A word that comes between counting and keeping is not lost."""
    scan = desk.bring("a", received_at=NOW)
    with desk.store.reader() as db:
        stale = counting.hours(db, NOW, UNTIL, UNTIL)
    desk.say(scan)
    desk.do(lambda db: counting.keep(db, stale.hours))
    assert counted(desk).hours[0].parts[0].counts.plain["agree"] == 1


def test_one_asking_counts_so_much_and_the_next_goes_on(desk: Desk) -> None:
    for hour in range(HOURS):
        for number in range(3):
            desk.bring(f"{hour} {number}", received_at=NOW + timedelta(hours=hour))
    left = [counted(desk, rows=4).left for _ in range(4)]
    assert left == [3, 1, 0, 0]
    assert len(counted(desk).hours) == HOURS


def test_times_are_told_to_three_percent(desk: Desk) -> None:
    for number in range(1, 101):
        scan = desk.bring(f"{number}", None, received_at=NOW)
        desk.judge(scan, at=NOW + timedelta(milliseconds=number * 37))
    counts = counted(desk).hours[0].parts[0].counts
    for share, exact in ((0.5, 50 * 37), (0.95, 95 * 37), (1.0, 100 * 37)):
        assert counts.quantile(share) == pytest.approx(exact, rel=0.03)


def test_no_counting_walks_through_all_scans(store: Store) -> None:
    asked: list[str] = []
    with store.reader() as db:
        db.set_trace_callback(asked.append)
        counting.hours(db, NOW, UNTIL, UNTIL)
        list(db.execute(counting._SCANS, ("2026", "2027")))
        shift.report(db, "t. tan", NOW, UNTIL, UNTIL)
        db.set_trace_callback(None)
        for statement in asked:
            if statement.lstrip().startswith(("SELECT", "WITH")):
                plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
                assert not [step for step in plan if step.startswith(("SCAN scan", "SCAN review", "SCAN verdict"))], (
                    plan
                )


def test_a_shift_is_what_one_officer_did_and_what_came_meanwhile(desk: Desk) -> None:
    """Words that were undone or replaced stay in the list and count for nothing."""
    brought = [desk.bring(f"s{n}", received_at=NOW, at=NOW, deadline_seconds=30.0) for n in range(5)]
    desk.bring("clear", Action.CLEAR, received_at=NOW)
    desk.bring("practice", received_at=NOW, rehearsal=True)
    desk.bring("later", received_at=UNTIL)
    desk.say(brought[0], at=NOW + timedelta(seconds=10))
    taken = desk.say(brought[1], at=NOW + timedelta(seconds=20), kind="missed")
    desk.do(lambda db: reviews.undo(db, taken.key, "t. tan", NOW + timedelta(seconds=25)))
    desk.say(brought[2], at=NOW + timedelta(seconds=40), kind="false_alarm")
    desk.say(brought[2], at=NOW + timedelta(seconds=50), kind="agree")
    desk.say(brought[3], "a. lim", at=NOW + timedelta(seconds=60))
    with desk.store.reader() as db:
        told = shift.report(db, "t. tan", NOW, UNTIL, UNTIL)
    assert [(one.scan_id, one.kind, one.undone, one.standing, one.late) for one in told.said] == [
        ("s0", "agree", False, True, False),
        ("s1", "missed", True, False, False),
        ("s2", "false_alarm", False, False, True),
        ("s2", "agree", False, True, True),
    ]
    assert (told.judged(), told.kinds(), told.median_seconds()) == (2, {"agree": 2, "false_alarm": 1}, 40.0)
    assert told.belt == shift.Belt(scans=7, asked=6, answered=3, overdue=5, degraded=0, open=3, rehearsals=1)
    assert [row.scan_id for row in told.open] == ["s1", "s4", "practice"]
