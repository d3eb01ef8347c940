"""The one door behind all ways in: what it keeps, and that it keeps nothing where it must not."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance import durable
from appliance.errors import IncompleteError, StoreFullError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.receive import Receiver
from appliance.ports import DeliveredFile, Delivery
from appliance.scan import Sheet
from appliance.store import scans
from appliance.store.database import Store
from tests.appliance.intake.decoding import with_decoder
from tests.conftest import png


def delivery(*contents: bytes, **changes: Any) -> Delivery:
    files = tuple(DeliveredFile(f"view-{number}", content) for number, content in enumerate(contents))
    values: dict[str, Any] = {
        "source": "belt",
        "slot": "belt:a",
        "name": "a",
        "sheet": Sheet(),
        "deadline_seconds": 30.0,
    }
    return Delivery(files=files, received_at=datetime.now(UTC), **(values | changes))


def with_receiver(store: Store, work: Callable[[Receiver], Awaitable[None]]) -> None:
    async def whole(decoder: ChildDecoder) -> None:
        await work(Receiver(store, decoder, str))

    with_decoder(whole)


def kept(store: Store) -> set[Path]:
    return {path for path in store.pictures.folder.rglob("*") if path.is_file()}


def test_a_receipt_means_that_original_and_row_are_there(store: Store) -> None:
    async def work(receiver: Receiver) -> None:
        first, second = png(), png((1, 2, 3))
        receipt = await receiver.receive(delivery(first, second))
        assert receipt.digests == tuple(hashlib.sha256(one).hexdigest() for one in (first, second))
        assert [store.pictures.read(digest) for digest in receipt.digests] == [first, second]
        scan = await store.read(lambda db: scans.find(db, "a"))
        assert scan
        for picture in scan.pictures:
            assert await receiver.clean(picture) == store.clean.read(picture.sha256 or "")

    with_receiver(store, work)


@pytest.mark.parametrize("good_ones_before", [0, 1])
def test_of_a_picture_that_is_still_growing_nothing_is_kept(store: Store, good_ones_before: int) -> None:
    async def work(receiver: Receiver) -> None:
        growing = png(size=(320, 240))[:-40]
        with pytest.raises(IncompleteError):
            await receiver.receive(delivery(*[png()] * good_ones_before, growing, accept_incomplete=False))
        assert {path.name for path in kept(store)} <= {hashlib.sha256(png()).hexdigest()}
        assert await store.read(lambda db: scans.find(db, "a")) is None
        receipt = await receiver.receive(delivery(growing))  # its sender says that there is no more to come
        assert receipt.quarantine
        assert store.pictures.read(receipt.digests[0]) == growing

    with_receiver(store, work)


def test_where_there_is_no_room_nothing_is_touched(store: Store) -> None:
    async def work(decoder: ChildDecoder) -> None:
        with pytest.raises(StoreFullError, match="nearly full"):
            await Receiver(store, decoder, lambda: "the disk is nearly full").receive(delivery(png()))
        assert kept(store) == set()

    with_decoder(work)


def test_many_at_once_of_the_same_bytes_are_one_scan(store: Store) -> None:
    async def work(receiver: Receiver) -> None:
        receipts = await asyncio.gather(*(receiver.receive(delivery(png())) for _ in range(8)))
        assert {receipt.id for receipt in receipts} == {receipts[0].id}
        assert [receipt.fresh for receipt in receipts].count(True) == 1
        assert len(kept(store)) == 1

    with_receiver(store, work)


def test_a_cache_that_is_full_breaks_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scan is refused for now; nothing half-kept is left, and the store is not called broken."""
    keep = durable.Draft.__init__

    def full(draft: durable.Draft, path: Path, content: bytes, **how: Any) -> None:
        if store.clean.folder in path.parents:
            raise OSError(errno.ENOSPC, "No space left on device")
        keep(draft, path, content, **how)

    monkeypatch.setattr(durable.Draft, "__init__", full)

    async def work(receiver: Receiver) -> None:
        with pytest.raises(StoreFullError):
            await receiver.receive(delivery(png(), png((1, 2, 3))))
        assert store.broken is None
        assert kept(store) == set()

    with_receiver(store, work)


def test_one_that_is_cancelled_leaves_nothing_half_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, slow = os.fsync, threading.Event()
    monkeypatch.setattr("appliance.durable.os.fsync", lambda handle: (slow.wait(5), sync(handle)))

    async def work(receiver: Receiver) -> None:
        task = asyncio.create_task(receiver.receive(delivery(png())))
        async with asyncio.timeout(300):
            while not kept(store):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # the decode is done, the draft is not
        task.cancel()
        await asyncio.sleep(0.05)
        slow.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert kept(store) == set()

    with_receiver(store, work)
