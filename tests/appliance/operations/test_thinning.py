"""While the disk is low clean pictures go, originals stay, and what somebody wants to see is made again."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from datetime import UTC, datetime

from appliance.errors import StoreError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.intake.receive import Receiver
from appliance.operations.disk import Disk, Rung
from appliance.operations.thinning import Thinning
from appliance.ports import DeliveredFile, Delivery
from appliance.rules.judged import Moment
from appliance.scan import Sheet
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
            await store.write(lambda db: _conclude(db, 1))

            disk.rung = Rung.LOW
            tasks.append(rooms.create_task(thinning.run()))
            (picture,), (kept,) = scan.pictures, other.pictures
            assert picture.sha256
            async with asyncio.timeout(30):
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


def test_a_picture_that_a_scan_at_work_has_too_stays(store: Store) -> None:
    """The same picture with another sheet is another scan, and the engine still has to read it."""

    async def story() -> None:
        decoder = ChildDecoder(Operations())
        disk = Disk(Storage(root=store.root))
        disk.rung = Rung.LOW
        async with asyncio.TaskGroup() as rooms:
            tasks = [rooms.create_task(decoder.run())]
            receiver = Receiver(store, decoder, lambda: "")
            for name, picture in (("judged", "shared"), ("alone", "alone"), ("waiting", "shared")):
                await receiver.receive(_delivery(name, picture))
            await store.write(lambda db: _conclude(db, 2))
            with store.reader() as db:
                row = [scans.scan_from(row) for row in db.execute("SELECT * FROM scan ORDER BY id")]
            judged, alone, waiting = (store.clean.path(scan.pictures[0].sha256 or "") for scan in row)
            assert judged == waiting
            tasks.append(rooms.create_task(Thinning(store, disk).run()))
            async with asyncio.timeout(30):
                while alone.exists():
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)  # the rest of the same look
            assert waiting.exists()
            for task in tasks:
                task.cancel()

    asyncio.run(story())


def _conclude(db: sqlite3.Connection, count: int) -> None:
    """Give the next scans a verdict for good."""
    moment = Moment(now=0, room_on_disk=True, release="r1", app="t")
    for scan in claim(db, count):
        verdict = judge(scan, None, moment, trouble="x", final=True)
        scans.conclude(db, scan, lambda _, verdict=verdict: verdict, datetime.now(UTC).isoformat())


def _picture(name: str) -> bytes:
    return png(tuple(name.encode()[:3]))


def _delivery(name: str, picture: str = "") -> Delivery:
    return Delivery(
        source="belt-1",
        slot=f"belt-1:{name}",
        name=name,
        files=(DeliveredFile("view", _picture(picture or name)),),
        sheet=Sheet(scan_id=name),
        received_at=datetime.now(UTC),
        deadline_seconds=30,
    )
