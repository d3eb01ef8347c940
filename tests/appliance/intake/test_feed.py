"""Scanner software sends scans over ZeroMQ and hears what became of them."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest
import zmq

from appliance.store import scans
from appliance.store.database import Store
from tests.appliance.intake.feeding import conclude, feed, header, kept, message, peers
from tests.conftest import png

PICTURE = png()
OTHER = png((10, 20, 30))


def test_a_scan_is_acknowledged_by_name_and_digest_and_is_then_in_the_store(store: Store) -> None:
    """The reply names the scan and the picture's digest, and the picture lies in the store."""

    began = datetime.now(UTC)

    async def story() -> None:
        async with feed(store, lane="L3") as running, peers(running.endpoint) as connect:
            digest = hashlib.sha256(PICTURE).hexdigest()
            said = await connect().ask(message(PICTURE, scan_id="SCAN-1", declared_items=["shoes"], context={"age": 5}))
            assert said == ("accepted", {"scan_id": "SCAN-1", "sha256": digest})
            with store.reader() as db:
                scan = scans.find(db, "SCAN-1")
            assert scan is not None
            assert (scan.source, scan.lane, scan.context) == ("feed-1", "L3", {"age": 5})
            assert scan.declaration.items[0].text == "shoes"
            assert store.pictures.read(digest) == PICTURE
            assert running.counts().accepted == 1
            at = running.counts().accepted_at
            assert at is not None
            assert at >= began

    asyncio.run(story())


def test_a_req_client_gets_one_reply_for_each_request_and_never_a_verdict(store: Store) -> None:
    """REQ takes reply after reply, although verdicts are given in between."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            client = connect(zmq.REQ)
            for number in range(3):
                kind, document = await client.ask(message(png((number, 0, 0)), scan_id=f"SCAN-{number}"))
                assert (kind, document["scan_id"]) == ("accepted", f"SCAN-{number}")
                await conclude(store, f"SCAN-{number}")
            assert (await client.ask([b"scan"]))[0] == "refused"
            assert running.counts().verdicts == 0

    asyncio.run(story())


@pytest.mark.parametrize("delimiter", [[], [b""]], ids=["plain", "with an empty frame first"])
def test_a_dealer_is_sent_the_verdict_when_it_is_ready(store: Store, delimiter: list[bytes]) -> None:
    """A DEALER gets the verdict document, and the later one that supersedes it, framed as it framed its scan."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            client = connect()
            await client.send([*delimiter, *message(PICTURE, scan_id="SCAN-1")])
            frames = await client.socket.recv_multipart()
            assert frames[:-1] == [*delimiter, b"accepted"]
            first = await conclude(store, "SCAN-1")
            assert await client.hear() == ("verdict", first)
            later = await conclude(store, "SCAN-1", trouble="engine late")
            assert await client.hear() == ("verdict", later)

    asyncio.run(story())


def test_each_client_gets_the_verdicts_of_its_own_scans_only(store: Store) -> None:
    """Two DEALERs send one scan each and get one verdict each."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            clients = {"SCAN-1": connect(), "SCAN-2": connect()}
            for number, (name, client) in enumerate(clients.items()):
                await client.ask(message(png((number, 9, 9)), scan_id=name))
            for name in reversed(clients):
                await conclude(store, name)
            for name, client in clients.items():
                assert (await client.hear())[1]["scan_id"] == name
            assert running.counts().verdicts == 2

    asyncio.run(story())


def test_sending_again_is_the_same_scan_and_brings_the_verdict_that_stands(store: Store) -> None:
    """A client that lost its connection sends its scan again: no second scan, and the stored verdict."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            lost = connect()
            await lost.ask(message(PICTURE, scan_id="SCAN-1"))
            lost.socket.close()
            verdict = await conclude(store, "SCAN-1")
            back = connect()
            assert (await back.ask(message(PICTURE, scan_id="SCAN-1")))[1]["scan_id"] == "SCAN-1"
            assert await back.hear() == ("verdict", verdict)
            assert kept(store) == 1
            assert running.counts().repeated == 1

    asyncio.run(story())


def test_a_client_that_returns_under_its_old_name_is_heard(store: Store) -> None:
    """A scanner with a fixed routing id restarts while its old connection still stands."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            old = connect(route=b"scanner-3")
            old.socket.reconnect_ivl = -1  # a dead program does not come back by itself
            await old.ask(message(PICTURE, scan_id="SCAN-1"))
            new = connect(route=b"scanner-3")
            assert (await new.ask(message(OTHER, scan_id="SCAN-2")))[0] == "accepted"
            verdict = await conclude(store, "SCAN-2")
            assert await new.hear() == ("verdict", verdict)

    asyncio.run(story())


def test_several_views_and_planes_are_one_scan(store: Store) -> None:
    """Two views, one of them as two planes in any order, become one scan with two pictures."""

    async def story() -> None:
        high, low, side = png((1, 1, 1)), png((2, 2, 2)), png((3, 3, 3))
        frames = [b"scan", header(high, view="top", plane="high", scan_id="SCAN-1", lane="L1"), high]
        frames += [header(side, view="side"), side, header(low, view="top", plane="low", scan_id="SCAN-1"), low]
        async with feed(store) as running, peers(running.endpoint) as connect:
            assert (await connect().ask(frames))[0] == "accepted"
            with store.reader() as db:
                scan = scans.find(db, "SCAN-1")
            assert scan is not None
            assert [(picture.name, len(picture.originals)) for picture in scan.pictures] == [("top", 2), ("side", 1)]

    asyncio.run(story())


def test_a_scan_without_a_name_is_named_after_its_content(store: Store) -> None:
    """The same nameless picture twice is one scan."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            client = connect(zmq.REQ)
            names = {(await client.ask(message(PICTURE)))[1]["scan_id"] for _ in range(2)}
            other = (await client.ask(message(OTHER)))[1]["scan_id"]
            assert len(names) == 1
            assert names.pop().startswith("feed-1-")
            assert other.startswith("feed-1-")
            assert kept(store) == 2

    asyncio.run(story())


def test_new_content_under_a_known_name_is_a_new_revision(store: Store) -> None:
    """The scan_id is the place in the feed: what comes there later supersedes."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            client = connect(zmq.REQ)
            for content in (PICTURE, OTHER):
                assert (await client.ask(message(content, scan_id="SCAN-1")))[1]["scan_id"] == "SCAN-1"
            with store.reader() as db:
                scan = scans.find(db, "SCAN-1")
            assert scan is not None
            assert scan.revision == 2

    asyncio.run(story())


def test_many_clients_send_at_once_and_all_are_answered(store: Store) -> None:
    """Twenty clients with ten scans each: two hundred acknowledgements, two hundred scans."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:

            async def client(number: int) -> list[str]:
                peer = connect()
                for scan in range(10):
                    await peer.send(message(png((number, scan, 0), (4, 4)), scan_id=f"S-{number}-{scan}"))
                return [(await peer.hear())[1]["scan_id"] for _ in range(10)]

            names = await asyncio.gather(*(client(number) for number in range(20)))
            assert len({name for some in names for name in some}) == 200
            assert kept(store) == 200

    asyncio.run(story())
