"""While the disk is low clean pictures go, originals stay, and what somebody wants to see is made again."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

from appliance.errors import StoreError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.receive import Receiver
from appliance.operations.disk import Disk, Rung
from appliance.operations.thinning import Thinning
from appliance.ports import DeliveredFile, Delivery
from appliance.rules.judged import Moment
from appliance.scan import Scan, Sheet
from appliance.settings import Operations, Storage
from appliance.store import scans
from appliance.store.database import Store
from tests.conftest import claim, png
from tests.judging import judge


def test_clean_pictures_go_and_come_back_and_originals_stay(store: Store) -> None:
    async def story() -> None:
        decoder = ChildDecoder(Operations())
        disk = Disk(Storage(root=store.root))
        thinning = Thinning(store, disk)
        async with asyncio.TaskGroup() as rooms:
            tasks = [rooms.create_task(decoder.run())]
            receiver = Receiver(store, decoder, lambda: "")
            for name in ("judged", "waiting"):
                await receiver.receive(_delivery(name))
            scan = await store.read(lambda db: scans.find(db, "judged"))
            other = await store.read(lambda db: scans.find(db, "waiting"))
            assert scan is not None
            assert other is not None
            await store.write(lambda db: claim(db, 1))
            await _conclude(store, scan)

            disk.rung = Rung.LOW
            tasks.append(rooms.create_task(thinning.run()))
            (picture,), (kept,) = scan.pictures, other.pictures
            assert picture.sha256
            async with asyncio.timeout(300):
                while store.clean.path(picture.sha256).exists():
                    await asyncio.sleep(0.01)
            assert store.pictures.read(picture.originals[0]) == _picture("judged")
            assert store.clean.read(kept.sha256 or "")
            assert (await receiver.clean(picture)).startswith(b"\x89PNG")
            assert store.clean.path(picture.sha256).exists()

            store.pictures.path(picture.originals[0]).unlink()
            store.clean.path(picture.sha256).unlink()
            with contextlib.suppress(StoreError):
                await receiver.clean(picture)
                raise AssertionError("a picture without its original was shown")
            for task in tasks:
                task.cancel()

    asyncio.run(story())


def test_a_picture_that_another_scan_waits_with_stays(store: Store) -> None:
    """A rescan brings the picture of one that is done with: an engine has to find it until both are."""

    async def story() -> None:
        decoder = ChildDecoder(Operations())
        disk = Disk(Storage(root=store.root))
        disk.rung = Rung.LOW
        try:
            receiver = Receiver(store, decoder, lambda: "")
            for name in ("same, judged", "same, waiting", "other"):
                await receiver.receive(_delivery(name))
        finally:
            await decoder.close()
        judged, waiting, other = await store.write(lambda db: claim(db, 3))
        same = judged.pictures[0].sha256 or ""
        assert same == waiting.pictures[0].sha256
        for scan in (judged, other):
            await _conclude(store, scan)
        await _thinned(store, disk, other)
        assert store.clean.read(same), "it is in somebody's hands"
        await store.write(lambda db: scans.give_back(db, waiting.id))
        await _thinned(store, disk, other)
        assert store.clean.read(same), "it waits"
        await store.write(lambda db: claim(db, 1))
        await _conclude(store, waiting)
        await _thinned(store, disk, waiting)

    asyncio.run(story())


async def _thinned(store: Store, disk: Disk, scan: Scan) -> None:
    """Look anew from the oldest scan on, until the picture of this one, which may have gone before, is gone."""
    path = store.clean.path(scan.pictures[0].sha256 or "")
    path.touch()
    room = asyncio.create_task(Thinning(store, disk).run())
    async with asyncio.timeout(300):
        while path.exists():
            await asyncio.sleep(0.01)
    room.cancel()


async def _conclude(store: Store, scan: Scan) -> None:
    verdict = judge(scan, None, Moment(now=0, room_on_disk=True, release="r1", app="t"), trouble="x", final=True)
    await store.write(lambda db: scans.conclude(db, scan, lambda _: verdict, datetime.now(UTC).isoformat()))


def _picture(name: str) -> bytes:
    """Of one colour for each first word; what follows its end makes other bytes of it, and shows nowhere."""
    return png(tuple(name.encode()[:3])) + name.encode()


def _delivery(name: str) -> Delivery:
    return Delivery(
        source="belt-1",
        slot=f"belt-1:{name}",
        name=name,
        files=(DeliveredFile("view", _picture(name)),),
        sheet=Sheet(),
        received_at=datetime.now(UTC),
        deadline_seconds=30,
    )
