"""Messages that are no scans: refused with a reason, counted, and never fatal."""

from __future__ import annotations

import asyncio
import json
import random

import pytest
import zmq

from appliance.errors import RefusedError
from appliance.intake.zeromq.limits import MAX_CLIENTS, Rates
from appliance.intake.zeromq.wire import read_scan
from appliance.store.database import Store
from tests.appliance.intake.feeding import feed, header, kept, message, peers
from tests.conftest import png
from tests.soak.hostile_messages import zeromq_frames, zeromq_story

PICTURE = png()
LIMIT = 1_000_000


def scan_of(**fields: object) -> list[bytes]:
    return message(PICTURE, **fields)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([], "unknown kind"),
        ([b"hello"], "unknown kind"),
        ([b"scan"], "1 frames"),
        ([b"scan", header(PICTURE)], "2 frames"),
        ([*scan_of(), header(PICTURE)], "4 frames"),
        ([b"scan", *[header(PICTURE, view="top"), PICTURE] * 17], "35 frames"),
        ([b"scan", b"{", PICTURE], "header 1: not JSON"),
        ([b"scan", b"[]", PICTURE], "header 1: not a JSON object"),
        ([b"scan", b'{"size": 1, "size": 1}', PICTURE], "twice"),
        ([b"scan", b"\xff\xfe", PICTURE], "not UTF-8"),
        ([b"scan", b"[" * 100_000, PICTURE], "header 1: "),
        ([b"scan", b'{"size": 1}', PICTURE], "needs `size`"),
        (scan_of(size=True), "needs `size`"),
        (scan_of(size=len(PICTURE) - 1), "bytes came"),
        ([b"scan", header(b""), b""], "bytes came"),
        (scan_of(sha256="0" * 64), "not those of the header's sha256"),
        (scan_of(sha256=7), "needs `size`"),
        (scan_of(scan_id="x" * 201), "scan_id"),
        (scan_of(scan_id="a\nb"), "scan_id"),
        (scan_of(scan_id="\ud800"), "scan_id"),
        (scan_of(view="\ud800"), "view"),
        (scan_of(view=""), "view"),
        (scan_of(plane="middle"), "plane"),
        (scan_of(plane="high"), "one plane high and one plane low"),
        ([b"scan", *[header(PICTURE, view="top"), PICTURE] * 2], "one picture"),
        ([b"scan", *[header(PICTURE), PICTURE] * 2], "view: needs a name"),
        (scan_of(view="a", scan_id="A") + scan_of(view="b", scan_id="B")[1:], "scan_id: differs"),
        ([b"scan", header(b"x" * 2_000_001), b"x" * 2_000_001], "larger than"),
    ],
)
def test_a_malformed_message_is_refused_with_its_reason(frames: list[bytes], reason: str) -> None:
    """Each fault is named in the words its sender hears."""
    with pytest.raises(RefusedError, match=reason):
        read_scan(frames, LIMIT)


def test_the_refusal_names_the_scan_it_speaks_of(store: Store) -> None:
    """A client with many scans on the way knows which one was refused."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            kind, document = await connect().ask(scan_of(scan_id="SCAN-1", sha256="0" * 64))
            assert (kind, document["scan_id"]) == ("refused", "SCAN-1")
            assert "sha256" in document["reason"]
            assert kept(store) == 0

    asyncio.run(story())


def test_a_picture_over_the_limit_is_refused_and_a_huge_one_costs_its_sender_the_connection(store: Store) -> None:
    """A little too large is told; far too large is not even read. The feed goes on."""

    async def story() -> None:
        async with feed(store, max_megabytes=0.5) as running, peers(running.endpoint) as connect:
            large = bytes(1_600_000)
            client = connect()
            half = [b"scan", header(large[:800_000], view="a"), large[:800_000]]
            half += [header(large[800_000:], view="b"), large[800_000:]]
            assert (await client.ask(half))[0] == "refused"
            huge = connect()
            huge.socket.reconnect_ivl = -1
            await huge.send(message(bytes(5_000_000)))
            with pytest.raises(TimeoutError):
                await huge.hear(patience=0.5)
            assert (await client.ask(scan_of()))[0] == "accepted"
            assert kept(store) == 1

    asyncio.run(story())


def test_a_client_above_its_rate_is_refused_and_others_are_not(store: Store) -> None:
    """Of a burst only the allowed number is taken; the neighbour is served at once."""

    async def story() -> None:
        async with feed(store, messages_per_second=2) as running, peers(running.endpoint) as connect:
            eager, calm = connect(), connect()
            for _ in range(60):  # a slow machine takes its time over them
                await eager.send(scan_of(scan_id="SCAN-1"))
            kinds = [(await eager.hear())[0] for _ in range(60)]
            assert kinds.count("refused") >= 10
            assert kinds.count("accepted") >= 2
            assert running.counts().too_fast == kinds.count("refused")
            assert (await calm.ask(scan_of(scan_id="SCAN-1")))[0] == "accepted"

    asyncio.run(story())


def test_the_number_of_clients_told_apart_is_bounded() -> None:
    """Somebody who takes a new name for each message costs no memory."""
    rates = Rates(1)
    for number in range(MAX_CLIENTS * 3):
        rates.take(str(number), float(number))
    assert len(rates._buckets) == MAX_CLIENTS


def test_a_bucket_fills_up_again_with_time() -> None:
    """One second's worth at once, then one for each interval."""
    rates = Rates(2)
    assert [rates.take("a", 0.0) for _ in range(3)] == [0, 0, 0.5]
    assert rates.take("a", 0.5) == 0
    assert rates.take("a", 0.6) > 0
    assert [rates.take("a", 100.0) > 0 for _ in range(3)] == [False, False, True]


def test_three_hundred_hostile_messages_are_refused_and_the_feed_lives(store: Store) -> None:
    """None is accepted, none is fatal, each good one in between is taken."""

    async def story() -> None:
        figures = await zeromq_story(store, count=300, seed=1)
        assert figures["hostile_accepted"] == 0
        assert figures["alive"]
        assert figures["failed"] == 0
        assert figures["good_sent"] == figures["good_accepted"] == figures["kept"]

    asyncio.run(story())


def test_no_frames_whatever_raise_anything_but_a_refusal() -> None:
    """Random mutations of a good message are read, or refused; nothing else happens."""
    chance = random.Random(7)
    for _ in range(500):
        frames = zeromq_frames(chance)
        try:
            read_scan(frames, LIMIT)
        except RefusedError as refusal:
            json.dumps(str(refusal)).encode()


def test_plain_tcp_noise_does_not_disturb_the_feed(store: Store) -> None:
    """Somebody speaks another protocol at the port: counted as a stranger, nothing else."""

    async def story() -> None:
        async with feed(store) as running, peers(running.endpoint) as connect:
            port = int(running.endpoint.rpartition(":")[2])
            for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 500, b"\x00", random.Random(3).randbytes(5000)):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(noise)
                await writer.drain()
                writer.close()
            assert (await connect(zmq.REQ).ask(scan_of()))[0] == "accepted"

    asyncio.run(story())
