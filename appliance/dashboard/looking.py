"""Who looks at which scan at this moment, so that no two officers work on one without knowing. In memory only.

Takes who looks where, gives it to every stream. It ends with the stream of who looks, when they look elsewhere, or when
nothing was heard of them for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Generator
from typing import NamedTuple

from litestar.response import ServerSentEventMessage

RENEW_SECONDS = 60.0
"""Who was not heard of for so long looks no more."""
MOST_LOOKING = 1000
"""So many at once; whoever was there longest without a word is forgotten first."""
MOST_CHANGES = 2000
"""So many changes are kept for streams that have not told them yet."""


class Place(NamedTuple):
    """One scan as it is looked at."""

    scan_id: str
    revision: int


class _Look(NamedTuple):
    place: Place
    shown: str
    end: asyncio.TimerHandle


class Looking:
    """Who looks where. Lives on one event loop."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._looks: OrderedDict[str, _Look] = OrderedDict()
        self._at: defaultdict[Place, dict[str, str]] = defaultdict(dict)
        self._changes: OrderedDict[Place, int] = OrderedDict()
        self._count = 0
        self._streams: Counter[str] = Counter()

    def look(self, session: str, shown: str, place: Place | None) -> None:
        """Somebody looks at a scan, still does, or looks at none."""
        before = self._looks.pop(session, None)
        if before:
            before.end.cancel()
            if before.place != place:
                self._leave(session, before.place)
        if place is None:
            return
        end = asyncio.get_running_loop().call_later(RENEW_SECONDS, self.look, session, shown, None)
        self._looks[session] = _Look(place, shown, end)
        if self._at[place].get(session) != shown:
            self._at[place][session] = shown
            self._changed(place)
        while len(self._looks) > MOST_LOOKING:
            self.look(next(iter(self._looks)), "", None)

    def who(self, place: Place) -> list[str]:
        """The names of those who look at a scan."""
        return sorted(set(self._at[place].values())) if place in self._at else []

    @contextlib.contextmanager
    def stream(self, session: str | None) -> Generator[None]:
        """As long as one of somebody's streams is open; when the last one ends, they look no more."""
        if session is None:
            yield
            return
        self._streams[session] += 1
        try:
            yield
        finally:
            self._streams[session] -= 1
            if not self._streams[session]:
                del self._streams[session]
                self.look(session, "", None)

    def since(self, count: int | None) -> tuple[int, list[bytes]]:
        """What changed since a count, or all there is, and the count by now."""
        if count is None:
            return self._count, [self._told(place) for place in self._at]
        changed: list[Place] = []
        for place in reversed(self._changes):
            if self._changes[place] <= count:
                break
            changed.append(place)
        return self._count, [self._told(place) for place in reversed(changed)]

    def _leave(self, session: str, place: Place) -> None:
        self._at[place].pop(session, None)
        if not self._at[place]:
            del self._at[place]
        self._changed(place)

    def _changed(self, place: Place) -> None:
        self._count += 1
        self._changes[place] = self._count
        self._changes.move_to_end(place)
        while len(self._changes) > MOST_CHANGES:
            self._changes.popitem(last=False)
        self._ring()

    def _told(self, place: Place) -> bytes:
        told = {**place._asdict(), "who": self.who(place)}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return ServerSentEventMessage(data=text, event="looking", sep="\n").encode()
