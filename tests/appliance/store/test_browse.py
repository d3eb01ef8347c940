"""Pages, filters and what stands for a scan."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from appliance.rules.judged import Judged, Moment
from appliance.scan import Arrival, Declaration, Scan, Sheet
from appliance.store import browse, scans, search
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
        assert [row.scan_id for row in search.page(db, query).rows] == names


@pytest.mark.parametrize("filtered", [1, 2, 5, 4000])
def test_several_filters_are_walked_page_by_page_and_miss_nothing(
    store: Store, arrival: Make, monkeypatch: pytest.MonkeyPatch, filtered: int
) -> None:
    """By whichever filter comes furthest back; a page may be short and says where to go on, to the very end."""
    monkeypatch.setattr(search, "FILTERED", filtered)
    for number in range(30):
        moment = datetime(2026, 11, 22, 8, 10 * number % 60, tzinfo=UTC) + timedelta(hours=number // 6)
        made = arrival(
            f"s{number:02}",
            source=f"belt-{number % 2}",
            received_at=moment,
            sheet=Sheet(declaration=Declaration(), lane=f"L{number % 3}"),
        )
        write(store, lambda db, made=made: scans.receive(db, made))
    filters: tuple[dict[str, Any], ...] = (
        {"source": "belt-1", "lane": "L2"}, {"source": "belt-1", "lane": "L9"}, {"state": "received", "lane": "L1"},
        {"lane": "L1", "degraded": False, "since": "2026-11-22T09:20:00+00:00", "until": "2026-11-22T11:30:00+00:00"},
        {"source": "belt-0", "lane": "L0", "state": "concluded"}, {"source": "belt-0", "lane": "L0", "until": "2026"},
    )  # fmt: skip
    for asked in filters:
        query, seen, before, rounds = browse.Query(**asked), [], None, 0
        with store.reader() as db:
            while rounds == 0 or before is not None:
                page = search.page(db, query, before, 2)
                seen += [row.scan_id for row in page.rows]
                before, rounds = page.before, rounds + 1
            assert seen == [row.scan_id for row in browse.page(db, query)], asked


def test_a_time_is_found_whatever_the_clock_did(store: Store, arrival: Make) -> None:
    """Set back for a while, or years ahead: nothing that came in a time is left out of it."""
    hours = (8, 8, 9, 3, 3, 9, 99, 10, 4, 11, 11)
    for number, hour in enumerate(hours):
        made = arrival(f"s{number}", received_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour))
        write(store, lambda db, made=made: scans.receive(db, made))
    with store.reader() as db:
        assert db.execute("SELECT count(*) FROM run").fetchone()[0] == 8
        for first, last in ((0, 200), (3, 5), (4, 9), (9, 10), (10, 50), (99, 100), (12, 99), (100, 101)):
            since, until = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in (first, last))
            query = browse.Query(since=since.isoformat(), until=until.isoformat())
            expected = [f"s{number}" for number in range(len(hours) - 1, -1, -1) if first <= hours[number] < last]
            assert [row.scan_id for row in browse.page(db, query)] == expected, (first, last)
