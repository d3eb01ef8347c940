"""Waiting in tests: for something that must come true, and while a room lives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

GENEROUS = 60.0
"""Seconds until a test that waits gives up; on a quiet machine everything takes a small part of it."""


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(GENEROUS):
        while not true():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def living(life: Coroutine[Any, Any, None], up: Callable[[], object]) -> AsyncGenerator[None]:
    """Let a room live once it is up. One that ends before that says why."""
    task = asyncio.create_task(life)
    try:
        await until(lambda: up() or task.done())
        if task.done():
            await task
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
