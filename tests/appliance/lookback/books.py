"""Rulebooks for tests of looking back, made from the one a box begins with, and many scans to judge by them."""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from appliance.rulebooks import Given, Rulebooks, Word
from appliance.rules import texts
from appliance.rules.judge import judge
from appliance.rules.judged import Judged, Moment
from appliance.rules.standing import Rulebook
from appliance.rules.texts import Texts
from appliance.scan import Arrival, Declaration, DeclaredItem, Picture, Scan, Sheet
from appliance.store import scans
from appliance.store.database import Store
from appliance.store.past import Past
from models.answer import Answer, Answered, Component, ExamNotPassed, ExamPassed, Finding, Identity, Silent
from models.profile import BAGGAGE

BEGINNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
HISTORY = """\
  - id: often-here
    when: has(context.consignee) && history.seen(context.consignee, 366) > 2
    risk: medium
    message: {en: Often here.}
  - id: inspected-before
    when: has(context.consignee) && history.inspected(context.consignee, 366) > 0
    risk: medium
    message: {en: Inspected before.}
  - id: loud-lane
    when: history.scans(scan.lane, 600) > 3 && history.alarm_rate(scan.lane, 600) > 0.5
    risk: medium
    message: {en: Many alarms on this lane.}

levels:
"""
"""Rules that ask of the past, in the place where the default book's levels begin."""


def book(version: int = 1, *, taxonomy: Callable[[str], str] = str, **changes: str) -> Texts:
    """The default book under another version, parts of its text replaced; `history` adds rules that ask of the past."""
    default = texts.default()
    text = default.book.replace("\nversion: 1\n", f"\nversion: {version}\n")
    if changes.pop("history", ""):
        text = text.replace("levels:\n", HISTORY, 1)
    for old, new in changes.items():
        assert old.replace("_", " ") in text, old
        text = text.replace(old.replace("_", " "), new)
    return Texts(book=text, taxonomy=taxonomy(default.taxonomy))


def sheet(version: int = 1) -> str:
    """A site's sheet that raises one rule, adds one and loosens one."""
    until = (date.today() + timedelta(days=300)).isoformat()  # noqa: DTZ011 - far from any midnight
    return (
        f"name: lane-3\nversion: {version}\nover: customs\nrisks: {{restricted: high}}\n"
        "rules:\n  - {id: bottles, when: \"items.exists(i, i.item == 'bottle')\", risk: medium,\n"
        "     message: {en: A bottle.}}\n"
        f"loosens:\n  - {{rule: declared-not-seen, until: {until}, why: the side camera is away}}\n"
    )


def finding(item: str, confidence: float = 0.9, *, occluded: bool = False, category: str | None = None) -> Finding:
    known = {thing.name: thing.category for thing in BAGGAGE.things}
    return Finding(
        item=item, category=category or known.get(item, "other"), confidence=confidence, location="center",
        occluded=occluded, box=(0.125, 0.25, 0.5, 0.75), view="top", seen_by=("detector", "vlm"),
    )  # fmt: skip


class Lane:
    """A store, its rulebooks, and scans that are judged as the loop judges them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rulebooks = Rulebooks(store, BAGGAGE.name)
        self.release, self.app = "r1", "0.1.0"
        self.standing: Callable[[sqlite3.Connection], Rulebook] = self.rulebooks.standing

    def receive(self, name: str, at: datetime = BEGINNING, **changes: Any) -> Scan:
        """Bring a scan."""
        digest = hashlib.sha256(str(changes.pop("content", name)).encode()).hexdigest()
        clean = None if changes.get("quarantine") else hashlib.sha256(digest.encode()).hexdigest()
        picture = Picture(name="top", originals=(digest,), size=9, sha256=clean, width=8, height=8)
        sheet_ = Sheet(
            lane=changes.pop("lane", None),
            declaration=changes.pop("declaration", Declaration()),
            context=changes.pop("context", {}),
        )
        values: dict[str, Any] = {
            "source": "belt-1", "slot": f"belt-1:{name}", "name": name, "sheet": sheet_, "pictures": (picture,),
            "deadline_seconds": 30.0, "received_at": at, "timings_ms": {"decode": 3.5},
        }  # fmt: skip

        def keep(db: sqlite3.Connection) -> Scan:
            kept = scans.receive(db, Arrival(**(values | changes)))
            found = scans.find(db, kept.scan_id, kept.revision)
            assert found is not None
            return found

        return self.store.submit(keep).result()

    def answer(self, scan: Scan, *seen: Finding, **changes: Any) -> Answer:
        """What an engine of the release r1 said."""
        values: dict[str, Any] = {
            "question": f"{scan.scan_id}#{scan.revision}",
            "pictures": tuple(picture.sha256 for picture in scan.pictures if picture.sha256),
            "findings": seen,
            "components": (Answered(name="detector", milliseconds=20.25), Answered(name="vlm", milliseconds=210.5)),
            "identity": Identity(engine="test 1", release="r1", exam=ExamPassed(cases=8)),
        }
        return Answer(**(values | changes))

    def conclude(self, scan: Scan, answer: Answer | None, after: float = 1.5, **more: Any) -> int:
        """Judge as the loop does, so many seconds after the scan was received; gives the verdict's row."""
        when = scan.received_at + timedelta(seconds=after)
        moment = Moment(
            now=when.timestamp(), room_on_disk=more.pop("room", True), release=self.release, app=self.app
        )  # fmt: skip

        def judged(db: sqlite3.Connection, now: Scan) -> Judged:
            found = judge(now, answer, self.standing(db), moment, Past(db, now), **more)
            return found.with_times({"engine": 230.7, "rules": 1.2} if answer else {"rules": 0.8})

        return self.store.submit(
            lambda db: scans.conclude(db, scan, lambda now: judged(db, now), when.isoformat())
        ).result()

    def activate(self, given: Texts, **word: str) -> str:
        """Put texts in force as the box's own door does; gives their digest."""
        said = Word.model_validate({"who": "chief", "why": "a test", "supervisor": "N. Lee", **word})
        whole = Given(**given.model_dump(), without_site=given.site is None)
        return asyncio.run(self.rulebooks.put(whole, said)).digest


DECLARED = ("folding knife", "scissors", "laptop", "kitchen knife", "clothing", "pisau lipat", "máy tính xách tay", "?")
ODD = ("silent", "late", "no answer", "no room", "unexamined", "quarantine", "superseded", "unreadable", "missing")


def various(lane: Lane, count: int, seed: int, at: datetime = BEGINNING) -> None:
    """Bring and judge so many scans of all kinds, two of five with something odd about them."""
    dice = random.Random(seed)
    names = [thing.name for thing in BAGGAGE.things]
    for number in range(count):
        name = f"S-{seed}-{number}"
        odd = dice.choice(ODD) if dice.random() < 0.4 else ""
        lines = [DeclaredItem(text=dice.choice(DECLARED), quantity=dice.choice((None, 1, 2))) for _ in range(3)]
        given = Declaration(state="given", items=tuple(lines)) if dice.random() < 0.6 else Declaration()
        changes: dict[str, Any] = {
            "lane": dice.choice(("1", "2", None)),
            "declaration": Declaration(state="unreadable", problem="not JSON") if odd == "unreadable" else given,
            "context": {"consignee": dice.choice(("ACME", "Công ty Ánh Dương", 7))} if dice.random() < 0.7 else {},
            "quarantine": "not a picture" if odd == "quarantine" else None,
            "missing": ("side",) if odd == "missing" else (),
        }
        scan = lane.receive(name, at + timedelta(minutes=number, milliseconds=dice.randrange(1000)), **changes)
        seen = [
            finding(dice.choice(names), round(dice.random(), 3), occluded=dice.random() < 0.2)
            for _ in range(dice.choice((0, 0, 1, 1, 2, 4)))
        ]
        seen += [finding("gizmo", category="gadget")] if dice.random() < 0.03 else []
        if odd == "superseded":
            lane.receive(name, scan.received_at, content=f"{name} again", **changes)
        _conclude(lane, scan, odd, seen)


def _conclude(lane: Lane, scan: Scan, odd: str, seen: list[Finding]) -> None:
    if odd in ("no answer", "quarantine"):
        lane.conclude(scan, None, trouble="engine unavailable")
        if odd == "quarantine":
            return
    if odd == "late":
        lane.conclude(scan, None, after=30.0, trouble="engine late")
    silent: tuple[Component, ...] = (
        Silent(state="failed", name="detector", reason="a fault"),
        Answered(name="vlm", milliseconds=99.9),
    )
    changes: dict[str, Any] = {"components": silent} if odd == "silent" else {}
    if odd == "unexamined":
        who = Identity(engine="test 1", release="r1", exam=ExamNotPassed(state="failed", reason="3 of 8"))
        changes["identity"] = who
    answer = lane.answer(scan, *seen, **changes)
    lane.conclude(scan, answer, after=33.3, room=odd != "no room", final=odd == "silent")
