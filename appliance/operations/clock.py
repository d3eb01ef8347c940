"""Keeps deadlines true when the clock of the box is set.

Takes the store, the longest deadline a scan can have, and two clocks: the one on the wall, by which deadlines are
kept because it goes on while the box is off, and one that nobody can set. What the first jumps by, the deadlines of
waiting scans jump by too, in one write; until then `now` goes on as if nothing had happened. A scan that comes in
the half second between may be judged early, without the engine's word, and is judged again. Whatever the clock
does, no scan waits for longer than the longest deadline.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable

from appliance.errors import StoreFullError
from appliance.journal import journal
from appliance.settings import Settings
from appliance.store import scans
from appliance.store.database import Store

log = journal("clock")

LOOK = 0.5
"""Seconds between two looks."""
JUMP = 1.0
"""Seconds by which the clocks have to part before it counts: a leap second does not, and small steps add up."""


def longest_deadline(settings: Settings) -> float:
    """Seconds after which every scan of this box has to have its verdict, wherever it came from."""
    return max([settings.dashboard.deadline_seconds, *(source.deadline_seconds for source in settings.sources)])


def _since_boot() -> float:
    """Unlike the monotonic clock it goes on while the machine sleeps, and an officer waits meanwhile."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """Looks at the clocks, and moves deadlines when they part."""

    def __init__(
        self,
        store: Store,
        longest: float,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = _since_boot,
    ) -> None:
        self._store = store
        self._longest = longest
        self._wall = wall
        self._steady = steady
        self._apart = wall() - steady()

    def now(self) -> float:
        """The time by which deadlines stand in the store. Asked inside a write it is right for that write."""
        return self._steady() + self._apart

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreFullError as problem:
                log.warning("cannot write, trying again", problem=str(problem))
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Look once; a step that could not be kept counts again at the next look."""
        apart, before = self._wall() - self._steady(), self._apart
        step = apart - before

        def move(db: sqlite3.Connection) -> int:
            self._apart = apart
            return scans.move_deadlines(db, step)

        if abs(step) > JUMP:
            try:
                moved = await self._store.write(move)
            except StoreFullError:
                self._apart = before
                raise
            log.warning("the clock was set, and deadlines with it", seconds=round(step, 1), scans=moved)
        latest = self.now() + self._longest + JUMP
        if await self._store.read(lambda db: scans.due_after(db, latest)):
            cut = await self._store.write(lambda db: scans.bring_forward(db, latest))
            log.warning("deadlines from a clock that went ahead were brought forward", scans=cut)
