"""Wake whoever waits for news in the store.

A commit rings; a room remembers the count it has seen and waits for a higher
one. Nothing is carried but "look again": the truth stays in the tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading


class Bell:
    """Counts rings, and wakes those who wait for one. May be rung from any thread."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def ring(self) -> None:
        with self._lock:
            self.count += 1
            waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            with contextlib.suppress(RuntimeError):  # its loop was closed: nobody is waiting there any more
                loop.call_soon_threadsafe(_wake, future)

    async def wait(self, seen: int) -> int:
        """Return the count as soon as it is higher than the one seen."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self.count > seen:
                return self.count
            self._waiting.append((loop, future))
        try:
            await future
        finally:
            self._forget(future)
        return self.count

    def _forget(self, future: asyncio.Future[None]) -> None:
        """Whoever gave up waiting is not kept, or a quiet night would fill the memory."""
        if future.done() and not future.cancelled():
            return
        with self._lock:
            self._waiting = [one for one in self._waiting if one[1] is not future]


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
