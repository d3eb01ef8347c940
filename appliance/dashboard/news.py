"""Follow what happens in the store once, for everybody who waits for it here.

One tail reads the events; streams and waiting requests are served from it. A
stream that falls behind reads from the store instead: nothing piles up for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Generator
from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

from litestar.response import ServerSentEventMessage

from appliance.dashboard.addresses import picture_address
from appliance.dashboard.looking import Looking
from appliance.dashboard.problems import Problem
from appliance.glimpses import Glimpse, Glimpses
from appliance.store import events, scans
from appliance.store.database import Store
from appliance.store.events import Event

RECENT = 500
"""So many happenings are kept at hand."""
BATCH = 200
MAX_STREAMS = 200
MAX_STREAMS_EACH = 20
"""Of those, so many of one officer or token: nobody takes the places of all others."""
BEAT_SECONDS = 3.0
"""A stream without news says so this often."""
BEAT = b": here\n\n"
REST_SECONDS = 0.05
"""News wakes the streams at once, and then not again for so long: in a flood, they tell many happenings in one go."""


class Told(NamedTuple):
    """One happening, ready to be sent."""

    id: int
    message: bytes


class News:
    """The tail of the store's events."""

    def __init__(self, store: Store, glimpses: Glimpses) -> None:
        self._store = store
        self.glimpses = glimpses
        glimpses.ring = self._ring
        self._recent: deque[Told] = deque()
        self._floor = 0
        """All happenings after this one are at hand."""
        self._last = 0
        self._stopped = False
        self._turn = asyncio.Event()
        """Set, and replaced, when there is something to tell."""
        self._told_of = 0
        """The last happening that streams were woken for."""
        self._rest: asyncio.TimerHandle | None = None
        self._rung = False
        """Whether something happened while they rest."""
        self._joined = (0, 0), b""
        """The messages after one happening up to another, as streams that keep pace ask for them, one after another."""
        self.looking = Looking(self._ring)
        self._awaited: defaultdict[int, set[asyncio.Future[dict[str, Any]]]] = defaultdict(set)
        self._seats: Counter[str] = Counter()

    @property
    def streams(self) -> int:
        return self._seats.total()

    async def run(self) -> None:
        """Follow the events until cancelled."""
        self._floor = self._last = await self._store.read(events.last_id)
        while True:
            seen = self._store.bell.count
            batch = await self._store.read(lambda db: events.after(db, self._last, BATCH))
            if batch:
                self._tell(batch)
            else:
                await self._store.bell.wait(seen)

    def stop(self) -> None:
        """End all streams and send away all who wait."""
        self._stopped = True
        self._turn.set()
        for waiting in self._awaited.values():
            for future in waiting:
                if not future.done():
                    future.set_exception(_stopping())

    async def verdict(self, scan: int) -> dict[str, Any]:
        """The verdict document of a scan, as soon as there is one."""
        if self._stopped:
            raise _stopping()
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._awaited[scan].add(future)
        try:
            found = await self._store.read(lambda db: scans.verdict_of(db, scan))
            return found or await future
        finally:
            if future.done() and not future.cancelled():
                future.exception()  # looked at, so that nobody complains that nobody did
            self._awaited[scan].discard(future)
            if not self._awaited[scan]:
                del self._awaited[scan]

    def room_for_one(self, who: str) -> None:
        """Refuse a stream while there are too many, of all or of one."""
        if self.streams >= MAX_STREAMS:
            raise Problem(503, f"{MAX_STREAMS} streams are open already", headers={"Retry-After": "10"})
        if self._seats[who] >= MAX_STREAMS_EACH:
            raise Problem(503, f"{MAX_STREAMS_EACH} streams of yours are open already", headers={"Retry-After": "10"})

    @contextlib.contextmanager
    def seat(self, who: str) -> Generator[None]:
        """A place among those who stream."""
        self._seats[who] += 1
        try:
            yield
        finally:
            self._seats[who] -= 1
            if not self._seats[who]:
                del self._seats[who]

    async def follow(self, after: int | None) -> AsyncIterator[bytes]:
        """Tell all that happened after an event, and then what happens, with a beat when nothing does.

        Who looks where, and what the detector sees, is told besides: as it is at first, and then as it changes.
        """
        came = self._last if after is None else min(after, self._last)
        seen: int | None = None
        glimpsed = 0
        while not self._stopped:
            turn = self._turn
            seen, looks = self.looking.since(seen)
            glimpsed, glimpses = self.glimpses.since(glimpsed)
            messages = [*looks, *map(_glimpse, glimpses)]
            if came < self._last:
                came, told = await self._after(came)
                messages.append(told)
            if messages:
                yield b"".join(messages)
            if came < self._told_of or self._stopped:
                continue
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await turn.wait()
            except TimeoutError:
                yield BEAT

    async def _after(self, came: int) -> tuple[int, bytes]:
        """The last of what happened after an event, and the messages about all of it that is at hand."""
        if came < self._floor:
            batch = await self._store.read(lambda db: events.after(db, came, BATCH))
            return batch[-1].id if batch else self._floor, b"".join(_told(event).message for event in batch)
        span = came, self._last
        if self._joined[0] != span:
            after = [*takewhile(lambda told: told.id > came, reversed(self._recent))]
            self._joined = span, b"".join(told.message for told in reversed(after))
        return self._last, self._joined[1]

    def _tell(self, batch: tuple[Event, ...]) -> None:
        for event in batch:
            self._recent.append(_told(event))
            self._last = event.id
            if event.document is not None:
                for future in self._awaited.get(event.scan, ()):
                    if not future.done():
                        future.set_result(event.document)
        while len(self._recent) > RECENT:
            self._floor = self._recent.popleft().id
        self._ring()

    def _ring(self) -> None:
        """Wake all streams, but not before they had their rest."""
        if self._rest:
            self._rung = True
            return
        self._rest = asyncio.get_running_loop().call_later(REST_SECONDS, self._rested)
        self._told_of = self._last
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def _rested(self) -> None:
        self._rest = None
        if self._rung:
            self._rung = False
            self._ring()


def _told(event: Event) -> Told:
    data: dict[str, Any] = {
        "at": event.at,
        "scan_id": event.scan_id,
        "revision": event.revision,
        "source": event.source,
        "lane": event.lane,
        "received_at": event.received_at,
        "rehearsal": event.rehearsal,
        "superseded": event.superseded,
        "open": event.open,
        "picture": picture_address(event.scan_id, event.revision, event.first_view),
    }
    if event.document is not None:
        data["document"] = event.document
    if event.review is not None:
        data["review"] = event.review
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Told(event.id, ServerSentEventMessage(data=text, event=event.kind, id=event.id, sep="\n").encode())


@lru_cache(100)  # put into bytes once, however many streams it goes to
def _glimpse(glimpse: Glimpse) -> bytes:
    told = {**glimpse._asdict(), "findings": [finding.model_dump() for finding in glimpse.findings]}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEventMessage(data=text, event="glimpse", sep="\n").encode()


def _stopping() -> Problem:
    return Problem(503, "the box is stopping; what it received is safe", headers={"Retry-After": "5"})
