"""The folder way in: a scanner writes files, and each finished scan is handed over once.

Takes a folder and a `Reception`; gives nothing but deliveries. Nothing in the
folder is touched at pick-up. What stands there is seen by `lookout`, when a
file is finished is decided in `settle`, what belongs together in `grouping`; what was
taken is kept by `memory`, and what happens to source files later is `aftercare`'s.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from appliance.errors import IncompleteError, LanewatchError, StoreBrokenError, StoreFullError
from appliance.intake.folder import listing
from appliance.intake.folder.aftercare import Aftercare, finished
from appliance.intake.folder.counts import FolderCounts
from appliance.intake.folder.lookout import Lookout, within
from appliance.intake.folder.memory import BREATH, Memory
from appliance.intake.folder.names import as_text
from appliance.intake.folder.settle import NEVER, Gathered, Take, decide
from appliance.intake.folder.taking import Load, NotYetError, load
from appliance.journal import journal
from appliance.ports import Reception
from appliance.settings import FolderSource
from appliance.store.database import Store

log = journal("folder")

AGAIN = 0.2
"""Seconds after which something that moved under our hands, or found no room, is tried again."""


class FolderIntake:
    """Takes scans from one folder, at most `in_flight` files at once."""

    def __init__(
        self,
        settings: FolderSource,
        reception: Reception,
        store: Store,
        *,
        in_flight: int = 8,
    ) -> None:
        self._settings = settings
        self._reception = reception
        self._store = store
        self._in_flight = in_flight
        self._root = os.fsencode(settings.path)
        self._aftercare = Aftercare(settings, store) if settings.after != "leave" else None
        self._lookout: Lookout | None = None
        self._due: list[tuple[float, bytes]] = []
        self._due_at: dict[bytes, float] = {}
        self._ready: list[tuple[tuple[int, bytes], bytes]] = []
        self._queued: set[bytes] = set()
        self._busy: dict[bytes, int] = {}
        self._paused_until = 0.0
        self._full = self._held = ""
        self._troubles: dict[bytes, str] = {}
        self._memory = Memory(settings.name, store)
        self._taken = self._quarantined = 0
        self._last_file_at: datetime | None = None

    def counts(self) -> FolderCounts:
        pictures = [file for scan in self._scans() for file in scan.pictures.values()]
        view = self._lookout.view if self._lookout else None
        return FolderCounts(
            present=view is not None and view.present,
            watching=view is not None and view.watching,
            listed_at=view.at if view else None,
            seen=len(pictures),
            waiting=sum(file.news for file in pictures),
            ignored=view.ignored if view else 0,
            refused=view.refused if view else 0,
            unreadable=view.unreadable if view else 0,
            taken=self._taken,
            quarantined=self._quarantined,
            last_file_at=self._last_file_at,
            held=(view.problem if view else "not started") or self._held,
            trouble=next(iter(self._troubles.values()), ""),
        )

    async def run(self) -> None:
        """Take scans until cancelled."""
        threads = ThreadPoolExecutor(self._in_flight + 2, f"folder-{self._settings.name}")
        self._lookout = lookout = Lookout(self._settings, self._store, threads, self._consider)
        tidy = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as hands:
                hands.create_task(lookout.run(tidy.set))
                hands.create_task(self._memory.run())
                if self._aftercare:
                    hands.create_task(self._tidy_for_ever(lookout, self._aftercare, tidy))
                while True:
                    await lookout.follow_hints(self._paths_due())
                    self._start(hands, lookout)
                    await within(lookout.woken, self._pause())
                    lookout.woken.clear()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _scans(self) -> tuple[Gathered, ...]:
        return self._lookout.ground.scans() if self._lookout else ()

    def _scan(self, key: bytes) -> Gathered | None:
        return self._lookout.ground.scan(key) if self._lookout else None

    def _pause(self) -> float | None:
        """How long there is nothing to do unless somebody wakes us."""
        now = time.monotonic()
        next_due = self._due[0][0] if self._due else NEVER
        retry = max(self._paused_until, now + AGAIN) if self._held else NEVER
        until = min(next_due, retry)
        return max(0.0, until - now) if until < NEVER else None

    # --- deciding -----------------------------------------------------------------------------------------------------

    def _consider(self, key: bytes) -> None:
        """Put a scan where it belongs: ready, due later, or nowhere until something changes."""
        scan = self._scan(key)
        if scan is None:
            self._troubles.pop(key, None)
            return
        if key in self._busy:
            return
        decision = decide(scan, self._settings, time.monotonic())
        if isinstance(decision, Take):
            if key not in self._queued:
                self._queued.add(key)
                heapq.heappush(self._ready, (decision.oldest, key))
        elif decision.until < self._due_at.get(key, NEVER):
            self._due_at[key] = decision.until
            heapq.heappush(self._due, (decision.until, key))

    def _paths_due(self) -> set[bytes]:
        """All files of the scans whose time has come; they are looked at once more before they are taken."""
        paths: set[bytes] = set()
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            at, key = heapq.heappop(self._due)
            if self._due_at.get(key) == at:
                del self._due_at[key]
                scan = self._scan(key)
                paths.update(file.place.path for file in (scan.files() if scan else ()))
        return paths

    def _start(self, hands: asyncio.TaskGroup, lookout: Lookout) -> None:
        """Begin to take what is ready, oldest first, as far as there are hands and room."""
        self._held = ""
        while self._ready:
            now = time.monotonic()
            if now < self._paused_until:
                self._held = self._full
                return
            key = self._ready[0][1]
            scan = self._scan(key)
            decision = decide(scan, self._settings, now) if scan and key not in self._busy else None
            weight = len(decision.pictures) if isinstance(decision, Take) else 0
            if self._busy and sum(self._busy.values()) + weight > self._in_flight:
                return
            heapq.heappop(self._ready)
            self._queued.discard(key)
            if isinstance(decision, Take):
                self._busy[key] = weight
                hands.create_task(self._deliver(decision, lookout))
            elif decision:
                self._consider(key)

    # --- taking -------------------------------------------------------------------------------------------------------

    async def _deliver(self, take: Take, lookout: Lookout) -> None:
        """Take one scan; whatever keeps it from being taken now leaves it where it stands."""
        scan = self._scan(take.scan) or Gathered(take.scan)
        trouble = ""
        try:
            await self._hand_over(take, lookout)
        except IncompleteError:
            scan.unfinished = take.looks()
        except NotYetError as problem:
            scan.not_before = problem.until
        except listing.ChangedError:
            scan.not_before = time.monotonic() + AGAIN
        except StoreBrokenError:
            raise
        except StoreFullError as problem:
            self._paused_until, self._full = time.monotonic() + BREATH, problem.message
        except (OSError, LanewatchError) as problem:
            scan.not_before = time.monotonic() + self._settings.rescan_seconds
            trouble = f"{as_text(take.scan)}: {problem}"
        except Exception:  # one scan may never end the room, whatever is in it
            scan.not_before = time.monotonic() + self._settings.rescan_seconds
            trouble = f"{as_text(take.scan)}: could not be taken: the box's journal says why"
            log.exception("a scan could not be taken", source=self._settings.name, scan=as_text(take.scan))
        finally:
            del self._busy[take.scan]
            lookout.woken.set()
        self._troubles.pop(take.scan, None)
        if trouble:
            self._troubles[take.scan] = trouble
        self._consider(take.scan)

    async def _hand_over(self, take: Take, lookout: Lookout) -> None:
        now, received_at = time.monotonic(), datetime.now(UTC)
        loaded: Load = await lookout.on_thread(lambda: load(self._root, take, self._settings, now, received_at))
        receipt = await self._reception.receive(loaded.delivery)
        lookout.ground.took(loaded.taken)
        self._memory.note(loaded.taken, receipt.id)
        self._taken += 1
        self._quarantined += receipt.quarantine is not None
        self._last_file_at = received_at

    async def _tidy_for_ever(self, lookout: Lookout, aftercare: Aftercare, listed: asyncio.Event) -> None:
        """After each listing, let source files go whose scans have their verdict."""
        while True:
            await listed.wait()
            listed.clear()
            idle = [scan for scan in lookout.ground.scans() if scan.scan not in self._busy]
            scans = [found for scan in idle if (found := finished(scan))]
            done = await lookout.on_thread(lambda scans=scans: aftercare.tidy(scans))
            for path in done.gone:
                if scan := lookout.ground.lose(path, time.monotonic()):
                    self._consider(scan)
            self._troubles.pop(b"", None)
            if done.problem:
                self._troubles[b""] = done.problem
