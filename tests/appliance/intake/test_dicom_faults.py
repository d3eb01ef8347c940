"""What a sender is told while the store is slow, full or broken."""

from __future__ import annotations

import asyncio

import pytest

from appliance.errors import RefusedError, StoreBrokenError, StoreFullError
from appliance.intake.dicom.door import DicomDoor
from appliance.ports import Delivery, Receipt
from appliance.settings import DicomSource
from appliance.store.database import Store
from tests.appliance.intake.feeding import kept, receiver
from tests.appliance.intake.sending import door, made_object, stored
from tests.waiting import until


class Slow:
    """The real reception behind a gate, or a trouble instead of it."""

    def __init__(self, store: Store, trouble: Exception | None = None) -> None:
        self.real = receiver(store)
        self.go = asyncio.Event()
        self.asked = 0
        self.trouble = trouble

    async def receive(self, delivery: Delivery) -> Receipt:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        await self.go.wait()
        return await self.real.receive(delivery)


def test_success_is_said_only_after_the_scan_is_on_disk(store: Store) -> None:
    """While the reception works there is no answer."""

    async def story() -> None:
        slow = Slow(store)
        async with door(store, slow) as running:
            sending = asyncio.create_task(asyncio.to_thread(stored, running, made_object()))
            await until(lambda: slow.asked == 1)
            assert not (await asyncio.wait([sending], timeout=0.3))[0]
            slow.go.set()
            assert (await sending)[0].Status == 0
            assert kept(store) == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("trouble", "status", "comment"),
    [
        (StoreFullError("the disk is full"), 0xA700, "no room"),
        (RefusedError("not this one"), 0xC000, "not this one"),
        (ValueError("unforeseen"), 0xC000, "journal"),
    ],
)
def test_what_is_not_kept_is_answered_with_a_failure(
    store: Store, trouble: Exception, status: int, comment: str
) -> None:
    """The status tells whether sending again helps, the comment why."""

    async def story() -> None:
        async with door(store, Slow(store, trouble)) as running:
            (answer,) = await asyncio.to_thread(stored, running, made_object())
            assert answer.Status == status
            assert comment in answer.ErrorComment
            assert running.counts().refused == 1

    asyncio.run(story())


def test_a_broken_store_ends_the_door(store: Store) -> None:
    """The sender hears a failure or nothing, and the room raises what happened."""

    async def story() -> None:
        broken = Slow(store, StoreBrokenError("the disk died"))
        running = DicomDoor(DicomSource(name="dicom-1", bind="127.0.0.1:0"), broken)
        task = asyncio.create_task(running.run())
        await until(lambda: bool(running.address[1]))
        (answer,) = await asyncio.to_thread(stored, running, made_object())
        assert answer.get("Status") != 0
        with pytest.raises(StoreBrokenError):
            await asyncio.wait_for(task, 20)

    asyncio.run(story())
