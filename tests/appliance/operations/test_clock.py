"""The clock of the box is set: deadlines go along, and no scan waits for longer than it may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from appliance.operations.clock import JUMP, Clock, longest_deadline
from appliance.rules.judged import Judged
from appliance.scan import Action, Arrival, Scan
from appliance.settings import FolderSource, Settings
from appliance.store import scans
from appliance.store.database import Store
from tests.appliance.dashboard.conftest import verdict
from tests.conftest import claim
from tests.judging import CIRCUMSTANCES

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = 3600.0


class Hands:
    """Two clocks that show what the test wants, and a box that lives by them."""

    def __init__(self, store: Store, arrival: Callable[..., Arrival]) -> None:
        self.store = store
        self._arrival = arrival
        self.wall = NOON.timestamp()
        self.steady = 100.0
        self.clock = Clock(store, 30.0, lambda: self.wall, lambda: self.steady)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def look(self) -> None:
        asyncio.run(self.clock.look())

    def bring(self, name: str, deadline: float = 30.0) -> None:
        made = self._arrival(name, received_at=datetime.fromtimestamp(self.wall, UTC), deadline_seconds=deadline)
        self.store.submit(lambda db: scans.receive(db, made)).result()

    def overdue(self) -> list[str]:
        """What would be judged now because its time is up; it stays as it was."""

        def look(db: object) -> list[str]:
            taken = scans.claim_overdue(db, self.clock.now(), 100)  # pyright: ignore[reportArgumentType]
            for scan in taken:
                scans.give_back(db, scan.id)  # pyright: ignore[reportArgumentType]
            return [scan.scan_id for scan in taken]

        return self.store.submit(look).result()

    def claim(self, number: int = 1) -> tuple[Scan, ...]:
        return self.store.submit(lambda db: claim(db, number)).result()


@pytest.fixture
def hands(store: Store, arrival: Callable[..., Arrival]) -> Hands:
    return Hands(store, arrival)


@pytest.mark.parametrize("step", [-HOUR, -10.0, 10.0, HOUR, 56 * 365 * 24 * HOUR])
def test_a_scan_is_due_after_its_time_whatever_the_clock_is_set_to(hands: Hands, step: float) -> None:
    """Neither at once, nor an hour later."""
    hands.bring("a")
    hands.pass_by(20)
    hands.wall += step
    hands.look()
    hands.pass_by(9.9)
    hands.look()
    assert hands.overdue() == []
    hands.pass_by(0.2)
    assert hands.overdue() == ["a"]


def test_until_the_step_is_noticed_nothing_is_late(hands: Hands) -> None:
    """Time goes on as it did."""
    hands.bring("a")
    hands.wall += HOUR
    assert hands.overdue() == []
    hands.pass_by(29)
    assert hands.overdue() == []
    hands.pass_by(2)
    assert hands.overdue() == ["a"]


def test_what_came_before_the_step_still_comes_first(hands: Hands) -> None:
    """The order of work is kept by the same clock."""
    hands.bring("before")
    hands.wall -= HOUR
    hands.look()
    hands.pass_by(1)
    hands.bring("after")
    assert [scan.scan_id for scan in hands.claim(2)] == ["before", "after"]


def test_what_an_engine_holds_meanwhile_has_its_deadline_when_it_comes_back(hands: Hands) -> None:
    """Claimed before the step, given back after it."""
    hands.bring("held")
    (held,) = hands.claim()
    hands.wall -= HOUR
    hands.look()
    hands.store.submit(lambda db: scans.give_back(db, held.id)).result()
    hands.pass_by(29.5)
    assert hands.overdue() == []
    hands.pass_by(1)
    assert hands.overdue() == ["held"]


def test_small_steps_count_once_they_are_a_jump_together(hands: Hands) -> None:
    """A leap second and the like change nothing by themselves."""
    hands.bring("a")
    for _ in range(3):
        hands.wall -= 0.9 * JUMP
        hands.look()
    hands.pass_by(29)
    hands.look()
    assert hands.overdue() == []
    hands.pass_by(2)
    assert hands.overdue() == ["a"]


def test_a_clock_that_was_set_back_while_the_box_was_off_lets_nobody_wait_for_long(hands: Hands) -> None:
    """As after an empty clock battery: the longest deadline holds from the start on; later the clock is set right."""
    hands.bring("old")
    hands.wall -= 56 * 365 * 24 * HOUR
    hands.clock = Clock(hands.store, 30.0, lambda: hands.wall, lambda: hands.steady)
    hands.look()
    hands.pass_by(20)
    hands.bring("new")
    hands.wall += 56 * 365 * 24 * HOUR
    hands.look()
    hands.pass_by(12)
    assert hands.overdue() == ["old"]
    hands.pass_by(19)
    assert hands.overdue() == ["old", "new"]


def test_a_scan_stamped_by_the_old_clock_and_kept_after_the_step_is_not_forgotten(hands: Hands) -> None:
    """Its picture was being decoded when the clock was set back."""
    now = hands.wall
    hands.wall -= HOUR
    hands.look()
    hands.wall, behind = now, hands.wall
    hands.bring("decoded meanwhile")
    hands.wall = behind
    hands.look()
    hands.pass_by(30 + JUMP)
    assert hands.overdue() == ["decoded meanwhile"]


def test_nothing_moves_while_the_clocks_agree(hands: Hands) -> None:
    """Also not over a night in which the machine slept: the officer waited all the while."""
    hands.bring("a", deadline=30.0)
    hands.pass_by(8 * HOUR)
    hands.look()
    assert hands.overdue() == ["a"]


def test_what_is_judged_keeps_the_deadline_it_had(hands: Hands) -> None:
    """It is a record."""
    hands.bring("done")
    (scan,) = hands.claim()
    judged = Judged(
        verdict=verdict(scan, Action.REVIEW, "told by a test"), answer=None, owed=False, circumstances=CIRCUMSTANCES
    )
    hands.store.submit(lambda db: scans.conclude(db, scan, lambda _: judged, NOON.isoformat())).result()
    hands.wall -= HOUR
    hands.look()
    with hands.store.reader() as db:
        found = scans.find(db, "done")
    assert found
    assert found.due_at == NOON.timestamp() + 30


def test_the_longest_deadline_is_that_of_all_ways_in() -> None:
    """The dashboard has one too."""
    sources = tuple(
        FolderSource.model_validate({"name": f"s{n}", "path": f"/in-{n}", "deadline_seconds": n}) for n in (9, 40)
    )
    assert longest_deadline(Settings(sources=sources)) == 40
    assert longest_deadline(Settings(sources=sources[:1])) == 30
