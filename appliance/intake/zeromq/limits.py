"""What one sender may ask of us: how often, how much at once, and whether its numbering shows a loss.

Takes times and numbers as they come, gives decisions. Nothing is received or sent here.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

MAX_CLIENTS = 1024
"""So many clients are told apart; the one that was silent longest is forgotten first."""


class Rates:
    """A bucket of tokens for each client: one second's worth at most, one for each message."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._full = max(1.0, per_second)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Take a token and give 0, or give the seconds until there is one."""
        tokens, at = self._buckets.pop(client, (self._full, now))
        tokens = min(self._full, tokens + (now - at) * self._per_second)
        short = tokens < 1
        self._buckets[client] = (tokens if short else tokens - 1, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return (1 - tokens) / self._per_second if short else 0.0

    async def wait(self, client: str) -> None:
        """Take a token, and return once it is there."""
        short = self.take(client, time.monotonic())
        if short:
            await asyncio.sleep(short)
            self.take(client, time.monotonic())


class Room:
    """How many messages, and how many bytes of them, are in hand at once."""

    def __init__(self, messages: int, size: int) -> None:
        self._messages = messages
        self._size = size
        self.held = 0
        self._held_bytes = 0
        self._left = asyncio.Event()

    async def wait(self) -> None:
        """Return once another message may be read."""
        while self.held >= self._messages or self._held_bytes >= self._size:
            self._left.clear()
            await self._left.wait()

    def enter(self, size: int) -> None:
        self.held += 1
        self._held_bytes += size

    def leave(self, size: int) -> None:
        self.held -= 1
        self._held_bytes -= size
        self._left.set()


@dataclass(slots=True)
class Numbering:
    """The numbers of one stream that cannot be answered: what is missing there was lost on the way."""

    last: int | None = None
    gaps: int = 0
    missing: int = 0
    restarts: int = 0
    unnumbered: int = 0

    def note(self, number: int | None) -> str | None:
        """Take the next message's number; say what is wrong with it, if anything."""
        if number is None:
            self.unnumbered += 1
            return "a message without `sequence`: a loss would not be seen"
        last, self.last = self.last, number
        if last is None or number == last + 1:
            return None
        if number <= last:
            self.restarts += 1
            return f"the numbering went from {last} back to {number}: the sender restarted or sent again"
        self.gaps += 1
        self.missing += number - last - 1
        return f"{number - last - 1} scans were lost between {last} and {number}"
