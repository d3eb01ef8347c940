"""A lane with an afternoon behind it, for pictures: simulated bags, made-up answers, people who do not exist.

Takes a folder, gives a box that is up. What came earlier is put back in time before it is judged, so that figures have
hours to tell of; what is still open came just now.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from appliance.health import Health
from appliance.intake.folder.counts import FolderCounts
from appliance.intake.zeromq.tally import FeedCounts
from appliance.operations.disk import Disk
from appliance.settings import Storage
from appliance.store import reviews, scans
from models.answer import ExamPassed, Identity
from tests.appliance.dashboard.coming_in import WORD
from tests.appliance.dashboard.conftest import Served, png_of
from tests.appliance.dashboard.rehearsing import answer_of
from tests.conftest import claim
from tests.judging import MOMENT, judge
from training.synth.simulator import simulate

EARLIER, OPEN = 42, 9
CONSIGNEES = ("Harbour Trading", "Công ty Sông Hồng", "Kedai Laut", "North Pier Freight")
SAID: tuple[reviews.Kind, ...] = ("agree", "agree", "agree", "false_alarm", "agree", "agree", "cannot_tell")
PEOPLE: tuple[tuple[str, Any], ...] = (
    ("T. Tan", "officer"), ("A. Lim", "officer"), ("N. Lee", "supervisor"), ("R. Root", "administrator"),
    ("C. Clerk", "auditor"),
)  # fmt: skip


class _Way:
    """A way in, of which only the counts are asked."""

    def __init__(self, counts: FeedCounts | FolderCounts) -> None:
        self._counts = counts

    def counts(self) -> Any:
        return self._counts


class _Part:
    """An engine or a decoder, of which only this is asked."""

    alive = True
    identity = Identity(engine="scripted 1", release="r1", exam=ExamPassed(cases=8))


@contextlib.contextmanager
def opened(root: Path) -> Generator[Served]:
    """A box that is up, with people and no scan; stopped at the end."""
    served = Served(root, deadline_seconds=300.0, max_megabytes=8.0)
    try:
        _begin(served)
        yield served
    finally:
        served.stop()
        served.store.close()


def _begin(served: Served) -> None:
    asyncio.run(served.rulebooks.begin())
    for name, role in PEOPLE:
        served.person(name, role, WORD)
    belt = FolderCounts(
        present=True, watching=True, listed_at=datetime.now(UTC), seen=34, waiting=0, ignored=1, refused=0,
        unreadable=0, taken=34, quarantined=0, last_file_at=datetime.now(UTC), held="", trouble="",
    )  # fmt: skip
    ways = {"belt-1": _Way(belt), "feed-1": _Way(FeedCounts(accepted=18, refused=1, gaps=1, missing=2))}
    served.health = _health(served, ways)  # pyright: ignore[reportAttributeAccessIssue] - the real one is as good
    object.__setattr__(served.dashboard._house, "health", served.health)


def fill(served: Served) -> None:
    """An afternoon of scans, some of them open, and one that could not be read."""
    now = datetime.now(UTC)
    for number in range(EARLIER):
        at = now - timedelta(minutes=11 * (EARLIER - number) + number % 5)
        name = _bring(served, number, at, 320)
        if number < EARLIER - 1:
            _say(served, name, SAID[number % len(SAID)], at + timedelta(seconds=14 + 5 * (number % 6)), number)
    with served.client(served.scanner) as client:
        sheet = json.dumps({"scan_id": "L2-0460", "lane": "L2"})
        client.post("/api/v1/scans", files={"sheet": ("", sheet), "top": b"\x89PNG, and then the line broke"})
    _conclude(served, {}, now)
    for number in range(EARLIER, EARLIER + OPEN):
        _bring(
            served, number, datetime.now(UTC), 640, lambda at, left=number: at + timedelta(seconds=95 + 70 * (left % 7))
        )


def _health(served: Served, ways: dict[str, Any]) -> Health:
    store, part = served.store, _Part()
    disk = Disk(Storage(root=store.root, reserve_megabytes=1, warn_free_percent=0.5, stop_free_percent=0.2))
    disk.look()
    return Health("lane-3", store, disk, part, part, None, served.rulebooks, lambda: (0, 0), ways)


def _bring(
    served: Served, number: int, at: datetime, size: int, due: Callable[[datetime], datetime] | None = None
) -> str:
    """A bag came and was judged at that moment; gives its name."""
    made, lane = simulate(7, number, size=size, views=2), f"L{1 + number % 3 // 2}"
    name = f"{lane}-{400 + number:04}"
    sheet = {
        "scan_id": name, "lane": lane, "declared_items": list(made.declaration.texts),
        "context": {"consignee": CONSIGNEES[number % len(CONSIGNEES)]},
    }  # fmt: skip
    pictures = {view.name: png_of(Image.fromarray(view.colour)) for view in made.views}
    with served.client(served.scanner) as client:
        told = client.post("/api/v1/scans", files={"sheet": ("", json.dumps(sheet)), **pictures})
        assert told.status_code == 202, told.text
    ends = due(at) if due else at + timedelta(minutes=5)
    moved = (at.isoformat(), ends.timestamp(), "belt-1" if lane == "L1" else "feed-1", name)
    put = "UPDATE scan SET received_at = ?, due_at = ?, source = ? WHERE scan_id = ?"
    served.store.submit(lambda db: db.execute(put, moved).rowcount).result()
    _conclude(served, {name: (made, number)}, at + timedelta(milliseconds=640 + 37 * (number % 11)))
    return name


def _conclude(served: Served, known: dict[str, Any], at: datetime) -> None:
    """Judge what waits by what is really in it; what could not be read has no answer."""
    for scan in served.store.submit(lambda db: claim(db, 100) + scans.claim_overdue(db, 1e12, 100)).result():
        found = known.get(scan.scan_id)
        judged = judge(scan, answer_of(scan, *found) if found else None, MOMENT)
        served.store.submit(
            lambda db, scan=scan, judged=judged: scans.conclude(db, scan, lambda _: judged, at.isoformat())
        ).result()


def _say(served: Served, name: str, kind: reviews.Kind, at: datetime, number: int) -> None:
    """An officer's word at that moment."""
    with served.store.reader() as db:
        asked = "SELECT id FROM verdict WHERE scan = (SELECT id FROM scan WHERE scan_id = ?) ORDER BY id DESC"
        verdict = db.execute(asked, (name,)).fetchone()["id"]
    note = "a toy, shown at the desk" if kind == "false_alarm" else ""
    word = reviews.Word(key=str(uuid.uuid4()), scan_id=name, revision=1, verdict=verdict, kind=kind, note=note)
    who = PEOPLE[number % 3 // 2][0].casefold()
    served.store.submit(lambda db: reviews.add(db, word, who, at)).result()
