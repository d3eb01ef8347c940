"""A bell wakes whoever waits, from any thread, and forgets who gave up."""

from __future__ import annotations

import asyncio
import threading

from appliance.store.bell import Bell


def test_a_ring_wakes_all_who_wait() -> None:
    async def story() -> list[int]:
        bell = Bell()
        waiting = [asyncio.create_task(bell.wait(0)) for _ in range(5)]
        await asyncio.sleep(0)
        threading.Thread(target=bell.ring).start()
        return await asyncio.gather(*waiting)

    assert asyncio.run(story()) == [1] * 5


def test_a_ring_that_came_before_is_not_waited_for() -> None:
    async def story() -> int:
        bell = Bell()
        seen = bell.count
        bell.ring()
        return await bell.wait(seen)

    assert asyncio.run(story()) == 1


def test_who_gave_up_is_forgotten() -> None:
    """A night without a scan must not fill the memory with those who stopped waiting."""

    async def story() -> int:
        bell = Bell()
        for _ in range(100):
            waiting = asyncio.create_task(bell.wait(0))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return len(bell._waiting)

    assert asyncio.run(story()) == 0


def test_a_ring_after_the_loop_was_closed_hurts_nobody() -> None:
    """The writer rings from its own thread, whatever became of those who wait."""
    bell = Bell()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(bell.wait(0))
    loop.run_until_complete(asyncio.sleep(0))
    future = bell._waiting[0][1]
    loop.close()
    bell.ring()
    assert bell.count == 1
    assert not future.done()
    waiting._log_destroy_pending = False
    waiting.get_coro().close()
