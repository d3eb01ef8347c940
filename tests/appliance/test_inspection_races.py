"""Who holds a scan when engine, clock and disk all move at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from appliance.scan import Action, Arrival
from appliance.store.database import Store
from models.ports import EngineLateError, EngineUnavailableError
from tests.appliance.inspecting import House


@pytest.fixture
def house(store: Store, arrival: Callable[..., Arrival]) -> House:
    return House(store, arrival)


def _slow_commit(house: House, seconds: float) -> None:
    """What is queued from now on waits behind a slow disk."""
    house.store.submit(lambda _: time.sleep(seconds))


def test_a_scan_that_was_taken_as_overdue_is_not_judged_by_a_hand_too(house: House) -> None:
    """Both looked before either had written; the row says whose it is."""

    async def story() -> None:
        house.engine.alive = False
        long_ago = datetime.now(UTC) - timedelta(seconds=60)
        async with house.running():
            await house.bring("first", quarantine="broken", received_at=long_ago)
            await house.until("first", 1)
            for name in ("b", "c", "d"):
                _slow_commit(house, 0.4)  # the next look for overdue scans is queued behind it
                bringing = asyncio.create_task(house.bring(name, received_at=long_ago))
                await asyncio.sleep(0.35)
                house.engine.alive = True
                await bringing
                await asyncio.sleep(0.3)
                house.engine.alive = False
                verdicts = await house.until(name, 1)
                assert verdicts in ([Action.CLEAR], [Action.REVIEW], [Action.REVIEW, Action.CLEAR])
            row = "SELECT count(*) FROM scan WHERE state = 'inspecting' AND todo = 0"
            async with asyncio.timeout(300):
                while await house.store.read(lambda db: db.execute(row).fetchone()[0]):
                    await asyncio.sleep(0.05)

    asyncio.run(story())


def test_a_scan_given_back_when_it_is_due_has_its_verdict_all_the_same(house: House) -> None:
    """The engine goes while it has the scan, the disk is slow, and the loop is busy with something else."""

    async def story() -> None:
        go = asyncio.Event()

        async def gone(_: float) -> None:
            await go.wait()
            raise EngineUnavailableError("gone")

        house.engine.script["a"] = gone
        await house.bring("a", deadline_seconds=0.5)
        async with house.running(attempts=3):
            await asyncio.sleep(0.7)  # due while it is in a hand
            house.engine.alive = False
            _slow_commit(house, 0.4)
            go.set()
            await asyncio.sleep(0.3)  # giving back and looking for overdue ones are queued
            time.sleep(0.3)  # noqa: ASYNC251 - this is the loop that is busy
            assert await house.until("a", 1) == [Action.REVIEW]

    asyncio.run(story())


def test_scans_that_hang_the_engine_take_one_hand_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.inspection.PATIENCE", 3.0)

    async def hang(within: float) -> None:
        await asyncio.sleep(within)
        raise EngineLateError("slow")

    async def story() -> None:
        poison = [f"p{number}" for number in range(4)]
        house.engine.script |= dict.fromkeys(poison, hang)
        async with house.running(in_flight=4):
            await house.bring(*poison, deadline_seconds=0.3)
            for name in poison:
                await house.until(name, 1)
            await house.bring("new", deadline_seconds=20)
            assert await house.until("new", 1) == [Action.CLEAR]

    asyncio.run(story())
