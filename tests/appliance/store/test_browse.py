"""Pages, filters and what stands for a scan."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

import pytest

from appliance.rules.judged import Judged, Moment
from appliance.scan import Arrival, Scan
from appliance.store import browse, scans
from appliance.store.database import Store
from tests.conftest import claim
from tests.judging import judge

T = TypeVar("T")
Make = Callable[..., Arrival]
AT = "2026-01-01T00:00:00+00:00"


def write(store: Store, do: Callable[[sqlite3.Connection], T]) -> T:
    return asyncio.run(store.write(do))


def judged(scan: Scan, *, owed: bool = False) -> Judged:
    found = judge(scan, None, Moment(now=0, room_on_disk=True, release="r1", app="test"), trouble="engine unavailable")
    return found.model_copy(update={"owed": owed})


def test_the_newest_verdict_on_the_newest_revision_stands(store: Store, arrival: Make) -> None:
    """An old revision that is judged late never takes the place of the new one."""
    write(store, lambda db: scans.receive(db, arrival(picture="old")))
    (old,) = write(store, lambda db: claim(db, 1))
    with store.reader() as db:
        assert browse.standing(db, "scan-1") is None
    write(store, lambda db: scans.receive(db, arrival(picture="new")))
    (new,) = write(store, lambda db: claim(db, 1))
    for scan, stands in ((new, 2), (old, 2)):
        write(store, lambda db, scan=scan: scans.conclude(db, scan, judged, AT))
        with store.reader() as db:
            document = browse.standing(db, "scan-1")
            assert document is not None
            assert document["provenance"]["revision"] == stands
            assert browse.revisions(db, "scan-1") == (1, 2)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (browse.Query(), ["c", "b", "a"]),
        (browse.Query(action="REVIEW"), ["b"]),
        (browse.Query(action="CLEAR"), []),
        (browse.Query(state="received"), ["c", "a"]),
        (browse.Query(source="belt-2"), ["c"]),
        (browse.Query(degraded=True), ["b"]),
        (browse.Query(degraded=False), ["c", "a"]),
        (browse.Query(since="2999"), []),
        (browse.Query(until="2999"), ["c", "b", "a"]),
        (browse.Query(state="received", source="belt-1"), ["a"]),
    ],
)
def test_filters_hold_alone_and_together(store: Store, arrival: Make, query: browse.Query, names: list[str]) -> None:
    for name, source in (("a", "belt-1"), ("b", "belt-1"), ("c", "belt-2")):
        write(store, lambda db, name=name, source=source: scans.receive(db, arrival(name, source=source)))
    claimed = {scan.scan_id: scan for scan in write(store, lambda db: claim(db, 3))}
    write(store, lambda db: scans.conclude(db, claimed["b"], judged, AT))
    write(store, scans.give_all_back)
    with store.reader() as db:
        assert [row.scan_id for row in browse.page(db, query)] == names
