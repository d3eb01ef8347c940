"""A scan on its way through the store: once, in order, and never lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from appliance.rules.judged import Judged, Moment
from appliance.scan import Action, Arrival, Scan, Sheet
from appliance.store import browse, events, scans, sightings
from appliance.store.database import Store
from tests.conftest import claim
from tests.judging import judge

T = TypeVar("T")
Make = Callable[..., Arrival]


def write(store: Store, do: Callable[[sqlite3.Connection], T]) -> T:
    return asyncio.run(store.write(do))


def no_answer(scan: Scan) -> Judged:
    return judge(scan, None, Moment(now=0, room_on_disk=True, release="r1", app="test"), trouble="engine unavailable")


def test_the_same_content_twice_is_one_scan(store: Store, arrival: Make) -> None:
    first = write(store, lambda db: scans.receive(db, arrival()))
    again = write(store, lambda db: scans.receive(db, arrival(slot="belt-1:b", name="b", picture="scan-1")))
    other = write(store, lambda db: scans.receive(db, arrival(picture="other", name="other")))
    assert (first.fresh, again.id, again.fresh) == (True, first.id, False)
    assert other.id != first.id


def test_new_content_in_a_slot_supersedes(store: Store, arrival: Make) -> None:
    """A file that changes is a new revision; going back to the old bytes is one more."""
    names = [write(store, lambda db, p=p: scans.receive(db, arrival(picture=p))) for p in ("a", "b", "a")]
    assert [(n.scan_id, n.revision, n.fresh) for n in names] == [
        ("scan-1", 1, True),
        ("scan-1", 2, True),
        ("scan-1", 3, True),
    ]
    with store.reader() as db:
        assert [row[0] for row in db.execute("SELECT superseded_by FROM scan ORDER BY id")] == [
            names[1].id,
            names[2].id,
            None,
        ]


def test_one_name_never_stands_for_two_slots(store: Store, arrival: Make) -> None:
    """Two folders may hold files of one name: both scans are kept, under two names."""
    first = write(store, lambda db: scans.receive(db, arrival(slot="belt-1:a/x", name="x", picture="1")))
    second = write(store, lambda db: scans.receive(db, arrival(slot="belt-1:b/x", name="x", picture="2")))
    changed = write(store, lambda db: scans.receive(db, arrival(slot="belt-1:b/x", name="x", picture="3")))
    assert first.scan_id == "x"
    assert second.scan_id.startswith("x~")
    assert changed.scan_id.startswith("x~")
    assert len({first.scan_id, second.scan_id, changed.scan_id}) == 3


def test_another_declaration_for_the_same_picture_is_another_scan(store: Store, arrival: Make) -> None:
    first = write(store, lambda db: scans.receive(db, arrival()))
    later = write(store, lambda db: scans.receive(db, arrival(sheet=Sheet(scan_id="SCAN-1", lane="L3"))))
    assert later.fresh
    assert later.id != first.id


def test_the_most_pressing_scan_is_claimed_first_and_none_starves(store: Store, arrival: Make) -> None:
    now = datetime.now(UTC)
    for name, deadline, age in (
        ("slow-old", 60.0, 50),
        ("fast-new", 5.0, 0),
        ("fast-old", 5.0, 4),
        ("slow-new", 60.0, 0),
    ):
        made = arrival(name, deadline_seconds=deadline, received_at=now - timedelta(seconds=age))
        write(store, lambda db, made=made: scans.receive(db, made))
    taken = write(store, lambda db: claim(db, 10))
    assert [scan.scan_id for scan in taken] == ["fast-old", "fast-new", "slow-old", "slow-new"]
    assert write(store, lambda db: claim(db, 10)) == ()


def test_claimed_scans_go_back_when_the_process_starts_again(store: Store, arrival: Make) -> None:
    write(store, lambda db: scans.receive(db, arrival()))
    assert [scan.attempts for scan in write(store, lambda db: claim(db, 1))] == [1]
    assert write(store, scans.give_all_back) == 1
    assert [scan.attempts for scan in write(store, lambda db: claim(db, 1))] == [1]


def test_a_scan_without_the_engines_word_is_judged_again_and_both_verdicts_are_kept(
    store: Store, arrival: Make
) -> None:
    write(store, lambda db: scans.receive(db, arrival()))
    (scan,) = write(store, lambda db: claim(db, 1))
    write(store, lambda db: scans.conclude(db, scan, no_answer, "2026-01-01T00:00:00+00:00"))
    with store.reader() as db:
        assert (scans.waiting(db), scans.owing(db)) == (0, 1)
    (again,) = write(store, lambda db: claim(db, 1))
    assert (again.id, again.owed, again.attempts) == (scan.id, True, 2)
    write(
        store,
        lambda db: scans.conclude(
            db, again, lambda now: no_answer(now).model_copy(update={"owed": False}), "2026-01-01T00:00:01+00:00"
        ),
    )
    with store.reader() as db:
        assert (scans.waiting(db), scans.owing(db)) == (0, 0)
        assert len(browse.verdicts(db, scan.id)) == 2
    assert write(store, lambda db: claim(db, 1)) == ()


def test_overdue_and_quarantined_scans_get_a_verdict_without_an_engine(store: Store, arrival: Make) -> None:
    now = datetime.now(UTC)
    write(store, lambda db: scans.receive(db, arrival("late", received_at=now - timedelta(seconds=31))))
    write(store, lambda db: scans.receive(db, arrival("broken", quarantine="not a picture")))
    write(store, lambda db: scans.receive(db, arrival("fresh")))
    taken = write(store, lambda db: scans.claim_overdue(db, now.timestamp(), 10))
    assert {scan.scan_id for scan in taken} == {"late", "broken"}
    for scan in taken:
        write(store, lambda db, scan=scan: scans.conclude(db, scan, no_answer, now.isoformat()))
    with store.reader() as db:
        states = {row.scan_id: (row.state, row.recommended_action) for row in browse.page(db, browse.Query())}
    assert states == {
        "late": ("concluded", Action.REVIEW),
        "broken": ("quarantined", Action.REVIEW),
        "fresh": ("received", None),
    }
    assert [scan.scan_id for scan in write(store, lambda db: claim(db, 10))] == ["fresh", "late"]


def test_events_tell_the_story_in_order(store: Store, arrival: Make) -> None:
    write(store, lambda db: scans.receive(db, arrival()))
    (scan,) = write(store, lambda db: claim(db, 1))
    write(store, lambda db: scans.conclude(db, scan, no_answer, "2026-01-01T00:00:00+00:00"))
    with store.reader() as db:
        told = events.after(db, 0)
        assert events.after(db, told[0].id) == told[1:]
    assert [(event.kind, event.scan_id) for event in told] == [("received", "scan-1"), ("verdict", "scan-1")]
    assert told[1].document is not None
    assert told[1].document["recommended_action"] == "REVIEW"


def test_a_sighting_is_remembered_and_replaced(store: Store, arrival: Make) -> None:
    kept = write(store, lambda db: scans.receive(db, arrival()))
    for look in (sightings.Look(1, 2, 3, 4), sightings.Look(5, 6, 7, 8)):
        write(store, lambda db, look=look: sightings.record(db, "belt-1", [(b"\xff.png", look)], kept.id))
    with store.reader() as db:
        assert sightings.look_up(db, "belt-1", b"\xff.png") == sightings.Look(5, 6, 7, 8)
        assert sightings.look_up(db, "belt-2", b"\xff.png") is None
        assert sightings.judged_as(db, "belt-1", b"\xff.png", sightings.Look(5, 6, 7, 8)) is None


def test_pages_go_backwards_by_key_and_filters_hold(store: Store, arrival: Make) -> None:
    for number in range(7):
        write(
            store, lambda db, n=number: scans.receive(db, arrival(f"s{n}", sheet=Sheet(lane="L1" if n % 2 else "L2")))
        )
    with store.reader() as db:
        first = browse.page(db, browse.Query(), None, 4)
        rest = browse.page(db, browse.Query(), first[-1].id, 4)
        lane = browse.page(db, browse.Query(lane="L1"))
    assert [row.scan_id for row in (*first, *rest)] == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    assert [row.scan_id for row in lane] == ["s5", "s3", "s1"]


def test_a_slot_that_takes_over_content_known_elsewhere_gives_its_own_scan_up(store: Store, arrival: Make) -> None:
    """Overwritten with the bytes of another file, it does not go on showing what it was."""
    one = write(store, lambda db: scans.receive(db, arrival("one")))
    two = write(store, lambda db: scans.receive(db, arrival("two")))
    again = write(store, lambda db: scans.receive(db, arrival("two", picture="one")))
    assert (again.id, again.fresh) == (one.id, False)
    with store.reader() as db:
        assert [tuple(r) for r in db.execute("SELECT id, superseded_by FROM scan")] == [
            (one.id, None),
            (two.id, one.id),
        ]
        assert browse.superseded_names(db, one.id) == ("two",)


def test_a_verdict_given_while_something_newer_came_is_judged_as_superseded(store: Store, arrival: Make) -> None:
    write(store, lambda db: scans.receive(db, arrival(picture="a")))
    (scan,) = write(store, lambda db: claim(db, 1))
    write(store, lambda db: scans.receive(db, arrival(picture="b")))
    seen: list[bool] = []

    def judged(now: Scan) -> Judged:
        seen.append(now.superseded)
        return no_answer(now)

    write(store, lambda db: scans.conclude(db, scan, judged, "2026-01-01T00:00:00+00:00"))
    assert seen == [True]
    with store.reader() as db:
        assert browse.standing(db, "scan-1") is None
        assert [event.superseded for event in events.after(db, 0)] == [True, True, False, True]


def test_a_name_made_distinct_is_held_by_one_slot_too(store: Store, arrival: Make) -> None:
    second = arrival("x", slot="feed:b", picture="2")
    taken = f"x~{second.content_key()[:8]}"
    write(store, lambda db: scans.receive(db, arrival("x", slot="feed:a", picture="1")))
    write(store, lambda db: scans.receive(db, arrival(taken, slot="feed:c", picture="3")))
    kept = write(store, lambda db: scans.receive(db, second))
    assert kept.revision == 1
    assert kept.scan_id not in {"x", taken}
