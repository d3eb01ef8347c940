"""The loop: claim a scan, ask the engine, judge, conclude.

Takes scans from the store and leaves verdicts there. Every scan gets a verdict
by the time it is due, whatever the engine does; where the engine's word was
missing the scan is judged again once it can be had.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from appliance.errors import LanewatchError, StoreBrokenError, StoreBusyError, StoreError, StoreFullError
from appliance.glimpses import Glimpses
from appliance.journal import journal
from appliance.rules.declared.matching import FEW, meant
from appliance.rules.judge import judge
from appliance.rules.judged import Judged, Moment
from appliance.rules.standing import Rulebook
from appliance.scan import Picture, Scan
from appliance.settings import EngineSettings
from appliance.store import scans
from appliance.store.database import Store
from appliance.store.past import Past
from models.answer import Answer, Question, View
from models.ports import Early, EngineError, EngineLateError, EnginePictureError, EngineUnavailableError

log = journal("inspection")
T = TypeVar("T")

LOOK = 0.25
"""Seconds between two looks for scans whose time is up, and for an engine that came back."""
PATIENCE = 30.0
"""Seconds the engine gets for a scan whose officer already has a first verdict."""
SHORTEST = 0.05
"""Seconds the engine gets at the least."""


class Engine(Protocol):
    """The engine as the loop sees it: an `Analyst` of whom one knows whether it is there."""

    @property
    def alive(self) -> bool: ...

    async def answer(self, question: Question, within: float, early: Early) -> Answer: ...


class Rules(Protocol):
    """The rulebooks as the loop sees them."""

    def standing(self, db: sqlite3.Connection) -> Rulebook: ...

    def alarm(self, erred: tuple[str, ...]) -> None: ...


class Inspection:
    """Keeps up to `in_flight` scans with the engine at once."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        settings: EngineSettings,
        moment: Callable[[], Moment],
        rulebooks: Rules,
        clean: Callable[[Picture], Awaitable[bytes]],
        glimpses: Glimpses,
    ) -> None:
        self._store = store
        self._engine = engine
        self._settings = settings
        self._moment = moment
        self._rulebooks = rulebooks
        self._clean = clean
        self._glimpses = glimpses
        self._hands: dict[int, asyncio.Task[None]] = {}
        """Who is at work, by the row of the scan."""
        self._again: int | None = None
        """The scan that is asked about once more: one at a time, because what took the engine down is never in flight
        with another that may only have been near it."""
        self.concluded = 0
        """Verdicts kept since the start. The watchdog is fed by its growth."""

    async def run(self) -> None:
        await self._keep(scans.give_all_back)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._conclude_overdue())
            while True:
                seen = self._store.bell.count
                if not self._take_some(group):
                    await self._news(seen)

    def _take_some(self, group: asyncio.TaskGroup) -> bool:
        """Claim what there are hands for; False when there was nothing to do."""
        free = self._settings.in_flight - len(self._hands)
        if free <= 0 or not self._engine.alive:
            return False
        try:
            with self._store.reader() as db:  # here and not on a thread: a look into an index that a scan waits for
                line = scans.next_in_line(db, self._settings.in_flight, again=1 if self._again is None else 0)
        except StoreBusyError:
            return False
        taken = [scan for scan in line if scan.id not in self._hands][:free]
        for scan in taken:
            claimed = self._store.submit(lambda db, scan=scan: scans.claim(db, scan.id), lasting=False)
            self._hands[scan.id] = group.create_task(self._inspect(scan, claimed))
            self._hands[scan.id].add_done_callback(lambda _, scan=scan: self._let_go(scan))
            if scan.attempts:
                self._again = scan.id
        return bool(taken)

    def _let_go(self, scan: Scan) -> None:
        del self._hands[scan.id]
        if self._again == scan.id:
            self._again = None

    async def _news(self, seen: int) -> None:
        """Wait for a commit, a free hand, or a short while."""
        bell = asyncio.create_task(self._store.bell.wait(seen))
        try:
            await asyncio.wait({bell, *self._hands.values()}, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()

    async def _conclude_overdue(self) -> None:
        """Give a verdict to every scan whose time is up or that no engine can judge."""
        while True:
            overdue = await self._keep(lambda db: scans.claim_overdue(db, self._moment().now, 100))
            for scan in overdue:
                await self._conclude(scan, None, "engine late" if self._engine.alive else "engine unavailable")
            await asyncio.sleep(LOOK)

    async def _inspect(self, scan: Scan, claimed: Future[bool]) -> None:
        """Ask about one scan and keep what follows. Without an answer in time it is judged without."""
        last = scan.attempts + 1 >= self._settings.attempts
        within = PATIENCE if scan.owed else max(SHORTEST, scan.due_at - self._moment().now)
        started = time.monotonic()
        trouble, answer, again = "", None, False
        try:
            answer = await self._answer(scan, started + within)
        except EngineUnavailableError:
            trouble, again = "engine unavailable", not last
        except (EngineLateError, TimeoutError) as problem:
            trouble = "engine late" if isinstance(problem, EngineLateError) else "its picture was not ready in time"
            again = scan.owed and not last
        except StoreBrokenError:
            raise
        except (EngineError, LanewatchError) as problem:
            trouble, last = f"engine could not judge: {problem}", True
        self._glimpses.take_away(scan)
        if not await self._ours(scan, claimed):
            return None
        if again:
            return await self._keep(lambda db: scans.give_back(db, scan.id))
        return await self._conclude(scan, answer, trouble, took=_since(started), final=last)

    async def _ours(self, scan: Scan, claimed: Future[bool]) -> bool:
        """Whether the claim holds; one that found no room is made now."""
        try:
            return await asyncio.wrap_future(claimed)
        except StoreFullError:
            return await self._keep(lambda db: scans.claim(db, scan.id))

    async def _answer(self, scan: Scan, until: float) -> Answer:
        """The engine's word. Its pictures are a cache: what of them is gone or damaged is made again."""
        pictures = [picture for picture in scan.pictures if picture.sha256]
        question = Question(id=f"{scan.scan_id}#{scan.revision}", views=tuple(map(self._view, pictures)))
        early = partial(self._glimpses.show, scan)
        try:
            return await self._engine.answer(question, _left(until), early)
        except EnginePictureError:
            async with asyncio.timeout(_left(until)):
                for picture in pictures:
                    await self._have_room(lambda picture=picture: self._clean(picture))
        return await self._engine.answer(question, _left(until), early)

    def _view(self, picture: Picture) -> View:
        sha256 = picture.sha256 or ""
        path = str(self._store.clean.path(sha256))
        return View(name=picture.name, path=path, sha256=sha256, width=picture.width, height=picture.height)

    async def _conclude(
        self, scan: Scan, answer: Answer | None, trouble: str, *, took: float = 0.0, final: bool = False
    ) -> None:
        """Judge inside the transaction that keeps the verdict, so that nothing newer can slip in between."""
        await self._understand(scan)
        at = datetime.now(UTC).isoformat()

        def judged(db: sqlite3.Connection, now: Scan) -> Judged:
            started = time.monotonic()
            past = Past(db, now)
            standing = self._rulebooks.standing(db)
            found = judge(now, answer, standing, self._moment(), past, trouble=trouble, final=final)
            self._rulebooks.alarm(found.circumstances.erred)
            engine = {"engine": took} if answer else {}
            return found.with_times(engine | {"rules": _since(started)})

        await self._keep(lambda db: scans.conclude(db, scan, lambda now: judged(db, now), at))
        self.concluded += 1

    async def _understand(self, scan: Scan) -> None:
        """Read a long declaration beforehand and on a thread: judging takes what is kept of it, so nobody waits."""
        lines = scan.declaration.items
        if len(lines) > FEW:
            with contextlib.suppress(StoreError):  # then it is read while judging
                standing = await self._store.read(self._rulebooks.standing)
                await asyncio.to_thread(meant, lines, standing.taxonomy)

    async def _keep(self, do: Callable[[sqlite3.Connection], T]) -> T:
        return await self._have_room(lambda: self._store.write(do))

    async def _have_room(self, do: Callable[[], Awaitable[T]]) -> T:
        """Do what needs room, and while the disk is full wait for the reserve to be given up."""
        while True:
            try:
                return await do()
            except StoreFullError as problem:
                log.warning("cannot write, trying again", problem=str(problem))
                await asyncio.sleep(LOOK)


def _since(started: float) -> float:
    """Milliseconds since a moment."""
    return round((time.monotonic() - started) * 1000, 1)


def _left(until: float) -> float:
    """Seconds until a moment; never none at all."""
    return max(SHORTEST, until - time.monotonic())
