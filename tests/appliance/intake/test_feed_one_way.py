"""Software that can only push or publish: nothing is answered, so losses are watched for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import zmq
import zmq.asyncio

from appliance.errors import StoreFullError
from appliance.intake.zeromq import feed as feed_module
from appliance.intake.zeromq.feed import Feed
from appliance.intake.zeromq.limits import Numbering
from appliance.ports import Delivery, Receipt
from appliance.store.database import Store
from tests.appliance.intake.feeding import Peer, feed, kept, message, peers, receiver
from tests.conftest import png
from tests.waiting import until


def numbered(number: int | None, **fields: Any) -> list[bytes]:
    extra = {} if number is None else {"sequence": number}
    return message(png((number or 0, 1, 1)), scan_id=f"SCAN-{number}", **extra, **fields)


@contextlib.asynccontextmanager
async def published(store: Store, **settings: Any) -> AsyncGenerator[tuple[Peer, Feed]]:
    """A publisher with a feed that follows it."""
    context = zmq.asyncio.Context()
    publisher = Peer(context, zmq.XPUB)
    port = publisher.socket.bind_to_random_port("tcp://127.0.0.1")
    connect = f"tcp://127.0.0.1:{port}"
    try:
        async with feed(store, mode="subscribe", bind=None, connect=connect, **settings) as running:
            await publisher.socket.recv()  # the subscription has arrived
            yield publisher, running
    finally:
        context.destroy(linger=0)


def test_what_is_pushed_is_taken(store: Store) -> None:
    """A pusher's scans are in the store, with no gap."""

    async def story() -> None:
        async with feed(store, mode="pull") as running, peers(running.endpoint) as connect:
            pusher = connect(zmq.PUSH)
            for number in range(5):
                await pusher.send(numbered(number))
            await until(lambda: running.counts().accepted == 5)
            assert running.counts().gaps == 0

    asyncio.run(story())


def test_a_gap_a_restart_and_a_missing_number_are_counted_and_the_scans_still_taken(store: Store) -> None:
    """Whatever the numbering says, what came is kept; what did not come is known."""

    async def story() -> None:
        async with feed(store, mode="pull") as running, peers(running.endpoint) as connect:
            pusher = connect(zmq.PUSH)
            for number in (7, 8, 12, 0, 1, None):
                await pusher.send(numbered(number))
            await until(lambda: running.counts().accepted == 6)
            counts = running.counts()
            assert (counts.gaps, counts.missing, counts.restarts, counts.unnumbered) == (1, 3, 1, 1)
            assert kept(store) == 6

    asyncio.run(story())


def test_a_gap_is_told_in_the_journal(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The warning names the source and how many scans were lost between which numbers."""

    async def story() -> None:
        async with feed(store, mode="pull") as running, peers(running.endpoint) as connect:
            pusher = connect(zmq.PUSH)
            for number in (1, 5):
                await pusher.send(numbered(number))
            await until(lambda: running.counts().accepted == 2)

    asyncio.run(story())
    said = capsys.readouterr()
    assert "3 scans were lost between 1 and 5" in said.out + said.err


def test_a_malformed_push_is_counted_and_shows_as_a_gap(store: Store) -> None:
    """Its sender cannot be told, so the journal and the counts are."""

    async def story() -> None:
        async with feed(store, mode="pull") as running, peers(running.endpoint) as connect:
            pusher = connect(zmq.PUSH)
            await pusher.send(numbered(1))
            await pusher.send([b"scan"])
            await pusher.send(numbered(2, sha256="0" * 64))
            await pusher.send(numbered(3))
            await until(lambda: running.counts().accepted == 2)
            assert (running.counts().refused, running.counts().missing) == (2, 1)

    asyncio.run(story())


def test_a_pushed_scan_waits_until_there_is_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to refuse it to: it is tried again until the disk takes it."""

    class Full:
        def __init__(self) -> None:
            self.times = 3
            self.real = receiver(store)

        async def receive(self, delivery: Delivery) -> Receipt:
            if self.times:
                self.times -= 1
                raise StoreFullError("the disk is full")
            return await self.real.receive(delivery)

    async def story() -> None:
        async with feed(store, Full(), mode="pull") as running, peers(running.endpoint) as connect:
            await connect(zmq.PUSH).send(numbered(1))
            await until(lambda: running.counts().accepted == 1)
            assert running.counts().refused == 0

    monkeypatch.setattr(feed_module, "PAUSE", 0.01)
    asyncio.run(story())


def test_pushing_too_fast_slows_down_and_loses_nothing(store: Store) -> None:
    """Above the rate a pusher is made to wait."""

    async def story() -> None:
        async with (
            feed(store, mode="pull", messages_per_second=50) as running,
            peers(running.endpoint) as connect,
        ):
            pusher = connect(zmq.PUSH)
            for number in range(70):
                await pusher.send(numbered(number))
            await until(lambda: running.counts().accepted == 70)
            assert running.counts().refused == 0

    asyncio.run(story())


def test_what_is_published_under_the_topic_is_taken(store: Store) -> None:
    """The topic stands before the frames; other topics are not ours."""

    async def story() -> None:
        async with published(store, topic="lane-3") as (publisher, running):
            await publisher.send([b"lane-3", *numbered(1)])
            await publisher.send([b"lane-4", *numbered(2)])
            await publisher.send([b"lane-3", *numbered(3)])
            await until(lambda: running.counts().accepted == 2)
            assert (running.counts().gaps, running.counts().missing) == (1, 1)

    asyncio.run(story())


@pytest.mark.parametrize("frames", [[b""], [b"", b""], [b"scan"], [b"t", b"scan", b"{}", b""]])
def test_published_noise_is_refused(store: Store, frames: list[bytes]) -> None:
    """Messages of any shape on an open topic cost nothing but a count."""

    async def story() -> None:
        async with published(store) as (publisher, running):
            await publisher.send(frames)
            await publisher.send([b"t", *numbered(1)])
            await until(lambda: running.counts().accepted == 1)
            assert running.counts().refused == 1

    asyncio.run(story())


def test_the_first_number_is_where_counting_starts() -> None:
    """A box that starts late does not report what came before it."""
    numbers = Numbering()
    assert numbers.note(500) is None
    assert numbers.note(501) is None
    assert numbers.note(501) is not None
    assert (numbers.gaps, numbers.missing, numbers.restarts) == (0, 0, 1)
