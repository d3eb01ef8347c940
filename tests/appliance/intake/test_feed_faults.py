"""What the feed says when things go wrong behind it: a slow, full or broken store, a picture that is none."""

from __future__ import annotations

import asyncio

import pytest
import zmq

from appliance.errors import StoreBrokenError, StoreFullError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.receive import Receiver
from appliance.intake.zeromq.feed import Feed
from appliance.ports import Delivery, Receipt
from appliance.settings import Operations, ZeromqSource
from appliance.store import scans
from appliance.store.database import Store
from tests.appliance.intake.feeding import feed, kept, message, peers, receiver
from tests.conftest import png
from tests.waiting import until

PICTURE = png()


class Held:
    """A reception whose store takes its time, or is full, or broken: then the real one."""

    def __init__(self, store: Store) -> None:
        self._real = receiver(store)
        self.go = asyncio.Event()
        self.asked = 0
        self.troubles: list[Exception] = []

    async def receive(self, delivery: Delivery) -> Receipt:
        self.asked += 1
        if self.troubles:
            raise self.troubles.pop(0)
        await self.go.wait()
        return await self._real.receive(delivery)


def test_nothing_is_acknowledged_before_it_is_on_disk(store: Store) -> None:
    """While the reception works the client hears nothing; when it returns, the client hears `accepted`."""

    async def story() -> None:
        held = Held(store)
        async with feed(store, held) as running, peers(running.endpoint) as connect:
            client = connect()
            await client.send(message(PICTURE, scan_id="SCAN-1"))
            await until(lambda: held.asked == 1)
            with pytest.raises(TimeoutError):
                await client.hear(patience=0.3)
            held.go.set()
            assert (await client.hear())[0] == "accepted"
            assert kept(store) == 1

    asyncio.run(story())


def test_what_cannot_be_decoded_is_accepted_into_quarantine(store: Store) -> None:
    """The bag is on the belt: bytes that are no picture are kept for an officer, through the real decoder."""

    async def story() -> None:
        decoder = ChildDecoder(Operations())
        await decoder.start()
        try:
            async with feed(store, Receiver(store, decoder, str)) as running, peers(running.endpoint) as connect:
                assert (await connect().ask(message(b"no picture", scan_id="BAD")))[0] == "accepted"
                assert (await connect().ask(message(PICTURE, scan_id="GOOD")))[0] == "accepted"
        finally:
            await decoder.close()
        with store.reader() as db:
            bad, good = scans.find(db, "BAD"), scans.find(db, "GOOD")
        assert bad is not None
        assert bad.quarantine
        assert good is not None
        assert good.quarantine is None

    asyncio.run(story())


def test_a_broken_declaration_never_holds_back_its_picture(store: Store) -> None:
    """The scan is taken with its declaration unreadable."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            assert (await connect().ask(message(PICTURE, scan_id="SCAN-1", declared_items="shoes")))[0] == "accepted"
            with store.reader() as db:
                scan = scans.find(db, "SCAN-1")
            assert scan is not None
            assert scan.declaration.state == "unreadable"

    asyncio.run(story())


def test_a_full_disk_refuses_and_the_same_scan_is_taken_later(store: Store) -> None:
    """The client is told that there is no room; when it sends again, there is."""

    async def story() -> None:
        held = Held(store)
        held.go.set()
        held.troubles = [StoreFullError("the disk is full")]
        async with feed(store, held) as running, peers(running.endpoint) as connect:
            client = connect(zmq.REQ)
            kind, document = await client.ask(message(PICTURE, scan_id="SCAN-1"))
            assert (kind, document["scan_id"]) == ("refused", "SCAN-1")
            assert "no room, send again later" in document["reason"]
            assert (await client.ask(message(PICTURE, scan_id="SCAN-1")))[0] == "accepted"

    asyncio.run(story())


def test_a_fault_of_ours_costs_one_message_and_is_counted(store: Store) -> None:
    """Whatever a reception raises, the client hears `refused` and the feed goes on."""

    async def story() -> None:
        held = Held(store)
        held.go.set()
        held.troubles = [ValueError("unforeseen")]
        async with feed(store, held) as running, peers(running.endpoint) as connect:
            client = connect(zmq.REQ)
            assert (await client.ask(message(PICTURE)))[0] == "refused"
            assert (await client.ask(message(PICTURE)))[0] == "accepted"
            assert running.counts().failed == 1

    asyncio.run(story())


def test_a_broken_store_ends_the_feed_without_an_acknowledgement(store: Store) -> None:
    """Only a new start tells what is on disk: the room ends, and the client heard nothing."""

    async def story() -> None:
        held = Held(store)
        held.troubles = [StoreBrokenError("the disk died")]
        running = Feed(ZeromqSource(name="feed-1", bind="tcp://127.0.0.1:*", curve=False), held, store)
        task = asyncio.create_task(running.run())
        await until(lambda: bool(running.endpoint))
        async with peers(running.endpoint) as connect:
            client = connect()
            await client.send(message(PICTURE))
            with pytest.raises(ExceptionGroup) as ended:
                await asyncio.wait_for(task, 20)
            assert ended.group_contains(StoreBrokenError)
            assert not await client.socket.poll(200)

    asyncio.run(story())
