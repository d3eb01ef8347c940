"""Connections that mean no good do not keep the sender out."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Generator

import pytest

from appliance.intake.dicom import door as dicom
from appliance.intake.dicom import wire
from appliance.intake.dicom.door import DicomDoor
from appliance.store.database import Store
from tests.appliance.intake.feeding import kept
from tests.appliance.intake.sending import SECONDARY_CAPTURE, call, door, made_object, stored
from tests.waiting import until


def noise(chance: random.Random) -> bytes:
    """Something that is not DICOM, or is nearly."""
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: chance.randbytes(chance.randrange(1, 400)),
        lambda: struct.pack(">BBL", chance.randrange(10), 0, 0xFFFFFFFF) + b"x" * 100,
        lambda: struct.pack(">BBL", 1, 0, 68) + chance.randbytes(68),
        lambda: struct.pack(">BBL", 4, 0, 20) + chance.randbytes(20),
        lambda: b"GET / HTTP/1.1\r\n\r\n",
    )
    return chance.choice(kinds)()


def disturb(address: tuple[str, int], words: bytes, home: str) -> None:
    """Say something, and stay until the other end has had enough; blocking."""
    with socket.create_connection(address, 30, (home, 0)) as stranger, contextlib.suppress(ConnectionError):
        stranger.sendall(words)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(4096):
            pass


BEGUN = struct.pack(">BBL", 1, 0, 60_000)
"""The beginning of an association request that will not come to its end."""


def strangers(address: tuple[str, int], count: int, homes: int) -> list[socket.socket]:
    """Connections from so many addresses of this machine, each in the middle of asking to be let in."""
    made: list[socket.socket] = []
    for number in range(count):
        made.append(socket.create_connection(address, 30, (f"127.0.0.{2 + number % homes}", 0)))
        with contextlib.suppress(OSError):  # it may have been turned away already
            made[-1].sendall(BEGUN)
    return made


def drip(crowd: list[socket.socket], done: threading.Event) -> None:
    """Let each of them say one more byte, again and again, as long as it is listened to; blocking."""
    while not done.wait(0.05):
        for stranger in crowd:
            with contextlib.suppress(OSError):
                stranger.send(b"x")


@contextlib.contextmanager
def dripping(address: tuple[str, int], count: int, homes: int) -> Generator[None]:
    """A crowd that asks slowly, for as long as this lasts."""
    crowd, done = strangers(address, count, homes), threading.Event()
    thread = threading.Thread(target=drip, args=(crowd, done))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        for stranger in crowd:
            stranger.close()


def test_one_slow_machine_does_not_take_all_places(store: Store) -> None:
    """More connections than there are places, all from one address and all open: the sender next to them is heard."""

    async def story() -> None:
        async with door(store) as running:
            with dripping(running.address, dicom.MAX_CONNECTIONS, homes=1):
                await until(lambda: running.counts().connections == dicom.MAX_PER_PEER)
                await until(lambda: running.counts().strangers == dicom.MAX_CONNECTIONS - dicom.MAX_PER_PEER)
                (answer,) = await asyncio.to_thread(stored, running, made_object())
                assert answer.Status == 0
                assert running.counts().connections >= dicom.MAX_PER_PEER

    asyncio.run(story())


def test_who_asks_one_byte_at_a_time_loses_the_place(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place taken from many addresses: each is cut when negotiation ends, however often it says a byte."""
    monkeypatch.setattr(dicom, "NEGOTIATION_SECONDS", 2.0)

    async def story() -> None:
        async with door(store) as running:
            with dripping(running.address, dicom.MAX_CONNECTIONS, homes=8):
                await until(lambda: running.counts().connections == dicom.MAX_CONNECTIONS)
                await until(lambda: running.counts().connections == 0)
                (answer,) = await asyncio.to_thread(stored, running, made_object())
                assert answer.Status == 0

    asyncio.run(story())


def test_a_piece_has_one_deadline_once_let_in_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An association that says one piece byte by byte is cut as well."""
    monkeypatch.setattr(wire, "PIECE_SECONDS", 0.5)

    async def story() -> None:
        async with door(store) as running:
            association = await asyncio.to_thread(call, running, SECONDARY_CAPTURE)
            assert association.is_established
            assert association.dul.socket is not None
            raw = association.dul.socket.socket
            assert raw is not None
            done = threading.Event()
            raw.sendall(struct.pack(">BBL", 4, 0, 60_000))
            thread = threading.Thread(target=drip, args=([raw], done))
            thread.start()
            try:
                await until(lambda: running.counts().connections == 0)
            finally:
                done.set()
                thread.join()
                await asyncio.to_thread(association.abort)
                raw.close()

    asyncio.run(story())


def test_hostile_connections_do_not_keep_the_sender_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise, impossible lengths and torn-off connections all the while: no thread dies loudly, each object is taken."""
    fallen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", fallen.append)
    monkeypatch.setattr(dicom, "NEGOTIATION_SECONDS", 5.0)

    async def story() -> None:
        chance = random.Random(11)
        async with door(store) as running:
            for sent in range(1, 7):
                crowd = asyncio.gather(
                    *(
                        asyncio.to_thread(disturb, running.address, noise(chance), f"127.0.0.{2 + each}")
                        for each in range(4)
                    )
                )
                (answer,) = await asyncio.to_thread(stored, running, made_object())
                assert answer.Status == 0
                assert kept(store) == sent
                await crowd

    asyncio.run(story())
    assert not fallen


def test_hostile_words_inside_an_association_cost_only_that_association(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once let in: commands of noise, commands without end, empty pieces."""
    fallen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", fallen.append)
    monkeypatch.setattr(dicom, "NEGOTIATION_SECONDS", 0.5)

    def piece(control: int, content: bytes) -> bytes:
        value = struct.pack(">LBB", len(content) + 2, 1, control) + content
        return struct.pack(">BBL", 4, 0, len(value)) + value

    def attack(running: DicomDoor) -> None:
        chance = random.Random(5)
        endless = piece(1, bytes(60_000)) * 10
        words = [piece(3, chance.randbytes(80)), endless, piece(0, b"early"), struct.pack(">BBL", 4, 0, 0)]
        words += [struct.pack(">BBLLB", 4, 0, 5, 1, 1), piece(3, b""), piece(2, chance.randbytes(300)) * 3]
        words += [struct.pack(">BBL", 4, 0, 0xFFFFFFF0) + b"x", piece(3, bytes(8)) * 20]
        for word in words:
            association = call(running, SECONDARY_CAPTURE)
            assert association.is_established
            connection = association.dul.socket
            assert connection is not None
            assert connection.socket is not None
            with contextlib.closing(connection.socket) as raw:
                with contextlib.suppress(OSError):
                    raw.sendall(word)
                association.abort()

    async def story() -> None:
        async with door(store) as running:
            await asyncio.to_thread(attack, running)
            await until(lambda: running.counts().connections == 0)
            (answer,) = await asyncio.to_thread(stored, running, made_object())
            assert answer.Status == 0
            assert kept(store) == 1

    asyncio.run(story())
    assert not fallen
