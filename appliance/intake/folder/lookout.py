"""Keep the gathering true to the folder: list it all again and again, and look at once where a hint points.

Takes a folder, gives changed scans to a callback. A folder that is away, or
hangs, is waited for. What is to be done about a scan is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from appliance.intake.folder import listing
from appliance.intake.folder.gathering import Difference, Gathering, compare
from appliance.intake.folder.grouping import Kind, Sorter
from appliance.intake.folder.watch import Hints, Watch
from appliance.journal import journal
from appliance.settings import FolderSource
from appliance.store import sightings
from appliance.store.database import Store
from appliance.store.sightings import Look

R = TypeVar("R")
log = journal("folder")

CHUNK = 500
"""So many changes are noted before others get their turn."""


@dataclass(frozen=True, slots=True)
class View:
    """What the last listing showed besides files of ours."""

    present: bool = False
    watching: bool = False
    ignored: int = 0
    refused: int = 0
    unreadable: int = 0
    at: datetime | None = None
    problem: str = ""


class Lookout:
    """The eyes on one folder."""

    def __init__(
        self, settings: FolderSource, store: Store, threads: ThreadPoolExecutor, changed: Callable[[bytes], None]
    ) -> None:
        self.ground = Gathering(Sorter(settings))
        self.view = View(problem="not listed yet")
        self.woken = asyncio.Event()
        """Set when there is something to take in, or to do."""
        self._settings = settings
        self._store = store
        self._threads = threads
        self._changed = changed
        self._root = os.fsencode(settings.path)
        self._sorter = Sorter(settings)
        self._list_now = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._hints = Hints(self._wake)
        self._watch = Watch(self._root, self._hints)

    async def run(self, afterwards: Callable[[], object]) -> None:
        """List the whole folder until cancelled. What a listing shows is the truth."""
        try:
            while True:
                self._list_now.clear()
                started = time.monotonic()
                try:
                    await self._list(started)
                except OSError as problem:
                    self._absent(problem, started)
                afterwards()
                self.woken.set()
                # A tree that takes long to list is listed less often.
                await within(self._list_now, max(self._settings.rescan_seconds, time.monotonic() - started))
        finally:
            await asyncio.to_thread(self._watch.close)

    async def follow_hints(self, also: Iterable[bytes]) -> None:
        """Look at the files that were hinted at, at what belongs to them, and at some others."""
        hinted, overflowed = self._hints.take()
        if overflowed:
            self._list_now.set()
        paths = dict.fromkeys(also, False)
        for path in hinted:
            paths |= dict.fromkeys(self._company(path), False)
        paths |= {path: done for path, done in hinted.items() if self._sorter.place(path)}
        if paths:
            await self._look(paths)

    async def on_thread(self, do: Callable[[], R]) -> R:
        """Do something that waits for the folder. A share that hangs must not hold up the rest of the house."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, do)

    async def _list(self, started: float) -> None:
        known = self.ground.looks()
        listed, difference, taken = await self.on_thread(lambda: self._list_on_thread(known))
        now = time.monotonic()
        for number, (path, look) in enumerate(difference.changed.items(), 1):
            self._tell(self.ground.see(path, look, started, now, taken=taken.get(path)))
            if number % CHUNK == 0:
                self.woken.set()
                await asyncio.sleep(0)
        for path in difference.gone:
            self._tell(self.ground.lose(path, started))
        if await self.on_thread(lambda: self._watch.ensure(listed.identity)):
            self._list_now.set()  # something may have come before the watch stood
        if not self.view.present and self.view.at:
            log.info("folder is back", source=self._settings.name, path=str(self._settings.path))
        self.view = View(
            present=True,
            watching=self._watch.alive,
            ignored=difference.ignored,
            refused=listed.refused,
            unreadable=listed.unreadable,
            at=datetime.now(UTC),
        )

    def _list_on_thread(self, known: dict[bytes, Look]) -> tuple[listing.Listing, Difference, dict[bytes, Look]]:
        listed = listing.walk(self._root)
        difference = compare(listed.files, known, self._sorter)
        return listed, difference, self._remembered(path for path in difference.changed if path not in known)

    def _absent(self, problem: OSError, started: float) -> None:
        """The folder is away or does not answer: forget what stood in it, and wait for it to come back."""
        for path in self.ground.looks():
            self._tell(self.ground.lose(path, started))
        why = f"{self._settings.path}: {problem.strerror}"
        if self.view.problem != why:
            log.warning("folder is away", source=self._settings.name, why=why)
        self.view = View(at=self.view.at, problem=why)

    def _company(self, path: bytes) -> Iterable[bytes]:
        """What is to be looked at together with a file: its scan's other files, and where its sidecar would stand."""
        place = self._sorter.place(path)
        if place is None:
            return ()
        scan = self.ground.scan(place.scan)
        known = [file.place.path for file in scan.files()] if scan else []
        wanted = self._sorter.sidecars_of(path, place.scan) if place.kind is Kind.PICTURE else ()
        return (*known, *wanted)

    async def _look(self, paths: dict[bytes, bool]) -> None:
        """Look at some files alone; True where the system said that its writer is done."""
        looked, unknown = time.monotonic(), self.ground.unknown(paths)
        try:
            looks, taken = await self.on_thread(lambda: (listing.look_at(self._root, paths), self._remembered(unknown)))
        except OSError:
            self._list_now.set()  # the listing finds out what is wrong with the folder
            return
        now = time.monotonic()
        for path, look in looks.items():
            if look is None:
                self._tell(self.ground.lose(path, looked))
            else:
                self._tell(self.ground.see(path, look, looked, now, finished=paths[path], taken=taken.get(path)))

    def _remembered(self, paths: Iterable[bytes]) -> dict[bytes, Look]:
        """How files looked when they were taken, from before we started or before they were away."""
        with self._store.reader() as db:
            found = ((path, sightings.look_up(db, self._settings.name, path)) for path in paths)
            return {path: look for path, look in found if look}

    def _wake(self) -> None:
        """Called on the observer's thread."""
        with contextlib.suppress(RuntimeError):  # an event after our end: the loop is closed
            self._loop.call_soon_threadsafe(self.woken.set)

    def _tell(self, scan: bytes | None) -> None:
        if scan is not None:
            self._changed(scan)


async def within(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for an event, but not longer."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
