"""Notices that strangers fill the memory behind a socket where no limit of libzmq reaches.

libzmq limits a frame, not a message: one that never ends is gathered out of our
sight, before anything can be received. What shows is the growth of this process.
Takes how much growth is in order, raises when there is more; what to do then is
left to the feed.
"""

from __future__ import annotations

import asyncio
import ctypes

import psutil

LOOK_SECONDS = 0.5


class FloodedError(Exception):
    """Our process grew by more than a feed may make it."""


async def watch(allowed_bytes: int) -> None:
    """Look for ever; growth is counted from the smallest size seen since the watch began."""
    process = psutil.Process()
    least = process.memory_info().rss
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = process.memory_info().rss
        least = min(least, now)
        if now - least > allowed_bytes:
            raise FloodedError(f"{(now - least) // 1_000_000} MB more than before")


def give_back() -> None:
    """Let the system have what was freed, so that the next watch begins low."""
    ctypes.CDLL(None).malloc_trim(0)
