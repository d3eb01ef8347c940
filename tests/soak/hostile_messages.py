"""Throw malformed, oversized and replayed messages at the ways in that speak over a network.

`python -m tests.soak.hostile_messages --count 2000 --seed 1` prints what became of
them as JSON and exits 1 if one was accepted or the way in died.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import zmq

from appliance.journal import open_journal
from appliance.store.database import Store
from tests.appliance.intake.endless import pour
from tests.appliance.intake.feeding import Peer, feed, header, kept, message, peers
from tests.conftest import png
from tests.waiting import until

PICTURE = png()
LIMIT_MEGABYTES = 0.5
GOOD_EVERY = 20
ENDLESS_ROUNDS = 3

Mutation = Callable[[random.Random, list[bytes]], list[bytes]]


def _cut(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return frames[: chance.choice((1, 2))]


def _more(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return frames + [chance.randbytes(chance.randrange(50)) for _ in range(chance.choice((1, 3, 40, 900)))]


def _other_kind(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return [chance.choice((b"SCAN", b"verdict", b"accepted", b"\0", chance.randbytes(30), b"s" * 100_000)), *frames[1:]]


def _noise_header(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return [frames[0], chance.randbytes(chance.choice((0, 1, 40, 5000))), frames[2]]


def _odd_json(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    odd = (b"[]", b"null", b'"x"', b"1e999", b"[" * 5000, b'{"a":' * 3000, b"{}", b'{"size": NaN}', b"9" * 5000)
    return [frames[0], chance.choice(odd), frames[2]]


def _lying_field(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    lies: tuple[dict[str, Any], ...] = (
        {"sha256": "0" * 64},
        {"sha256": "../../etc/passwd"},
        {"sha256": None},
        {"size": 0},
        {"size": -1},
        {"size": 10**30},
        {"size": str(len(PICTURE))},
        {"size": True},
        {"scan_id": ""},
        {"scan_id": "\x00"},
        {"scan_id": "x" * 100_000},
        {"scan_id": {"$ne": 1}},
        {"scan_id": "\udcff"},
        {"view": "\x1b[2J"},
        {"view": ["top"]},
        {"plane": "low"},
        {"plane": "high\0"},
    )
    return [frames[0], header(PICTURE, **({"scan_id": "H"} | chance.choice(lies))), frames[2]]


def _flipped_byte(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    content = bytearray(frames[2])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return [*frames[:2], bytes(content)]


def _two_scans(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return [*frames[:1], header(PICTURE, view="a", scan_id="A"), PICTURE, header(PICTURE, view="b", lane="B"), b"x"]


def _oversized(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    content = bytes(800_000)
    views = [(header(content, view=str(number)), content) for number in range(2)]
    return [frames[0], *(frame for view in views for frame in view)]


def _cut_connection(chance: random.Random, frames: list[bytes]) -> list[bytes]:
    return message(bytes(chance.randrange(2_000_000, 4_000_000)))


SPOKEN: tuple[Mutation, ...] = (
    _cut,
    _more,
    _other_kind,
    _noise_header,
    _odd_json,
    _lying_field,
    _flipped_byte,
    _two_scans,
    _oversized,
)


def zeromq_frames(chance: random.Random) -> list[bytes]:
    """One hostile message that libzmq itself carries."""
    return chance.choice(SPOKEN)(chance, message(PICTURE, scan_id="H"))


async def zeromq_story(store: Store, count: int, seed: int) -> dict[str, Any]:
    """Send hostile messages with good ones among them to a feed; tell what was answered."""
    chance = random.Random(seed)
    heard: Counter[str] = Counter()
    good = accepted = silent = 0
    async with (
        feed(store, max_megabytes=LIMIT_MEGABYTES, messages_per_second=100_000) as running,
        peers(running.endpoint) as connect,
    ):
        hostile, friend = connect(), connect(zmq.REQ)
        for number in range(count):
            if number % GOOD_EVERY == 0:
                good += 1
                content = png((number % 251, number // 251 % 251, 5), (8, 8))
                said, document = await friend.ask(message(content, scan_id=f"GOOD-{number}"))
                accepted += said == "accepted" and document["sha256"] == hashlib.sha256(content).hexdigest()
            if chance.random() < 0.02:
                await _beyond_the_limit(connect, chance)
                silent += 1
                continue
            said, _ = await hostile.ask(zeromq_frames(chance))
            heard[said] += 1
        replayed = await friend.ask(message(png((0, 0, 5), (8, 8)), scan_id="GOOD-0"))
        counts = running.counts()
    return {
        "hostile": sum(heard.values()) + silent,
        "hostile_refused": heard["refused"],
        "hostile_cut_off": silent,
        "hostile_accepted": heard["accepted"],
        "good_sent": good,
        "good_accepted": accepted,
        "kept": kept(store),
        "replayed_is_the_same_scan": replayed[1].get("scan_id") == "GOOD-0" and counts.repeated == 1,
        "alive": replayed[0] == "accepted",
        "failed": counts.failed,
    }


async def strangers_story(store: Store, folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Clients without a key, with a key nobody knows, or with a wrong idea of ours, and one that is enrolled."""
    chance = random.Random(seed)
    server, secret = zmq.curve_keypair()
    known, known_secret = zmq.curve_keypair()
    secret_file = folder / "feed.key"
    secret_file.touch(mode=0o600)
    secret_file.write_bytes(secret)
    settings: dict[str, Any] = {"curve": True, "secret_key_file": secret_file, "allowed_keys": (known.decode(),)}
    heard = 0
    async with feed(store, **settings) as running, peers(running.endpoint) as connect:
        friend = connect(keys=client_keys(server, known, known_secret))
        for number in range(count):
            stranger = connect(keys=_strange_keys(chance, server, known))
            await stranger.send(message(PICTURE, scan_id=f"STRANGE-{number}"))
            await until(lambda met=number: running.counts().strangers > met)
            heard += bool(await stranger.socket.poll(0))
            stranger.socket.close()
        said = await friend.ask(message(PICTURE, scan_id="FRIEND"))
    return {
        "hostile": count,
        "hostile_accepted": kept(store) - (said[0] == "accepted"),
        "hostile_answered": heard,
        "alive": said[0] == "accepted",
    }


async def endless_story(store: Store, rounds: int) -> dict[str, Any]:
    """Messages that never end: each time all are disconnected, and an honest sender comes back."""
    accepted = poured = 0
    async with feed(store, max_megabytes=LIMIT_MEGABYTES) as running, peers(running.endpoint) as connect:
        friend = connect()
        for number in range(rounds):
            poured += await asyncio.to_thread(pour, running.endpoint)
            await until(lambda number=number: running.counts().reopened > number)
            said, _ = await friend.ask(message(png((number % 251, 7, 7)), scan_id=f"AFTER-{number}"))
            accepted += said == "accepted"
        alive = accepted == rounds
    return {
        "hostile": rounds,
        "hostile_accepted": kept(store) - accepted,
        "poured_megabytes": poured // 1_000_000,
        "alive": alive,
    }


def client_keys(server: bytes, public: bytes, secret: bytes) -> dict[str, bytes]:
    return {"curve_publickey": public, "curve_secretkey": secret, "curve_serverkey": server}


def _strange_keys(chance: random.Random, server: bytes, known: bytes) -> dict[str, bytes] | None:
    public, secret = zmq.curve_keypair()
    return chance.choice(
        (
            None,
            client_keys(server, public, secret),
            client_keys(server, known, secret),  # somebody else's name without its secret
            client_keys(public, public, secret),  # another server's key
        )
    )


async def _beyond_the_limit(connect: Callable[..., Peer], chance: random.Random) -> None:
    """A frame larger than libzmq may read for us: the connection is cut, nothing is answered."""
    peer = connect()
    peer.socket.reconnect_ivl = -1
    gone = peer.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    await peer.send(_cut_connection(chance, []))
    await asyncio.wait_for(gone.recv_multipart(), 20)
    peer.socket.disable_monitor()
    gone.close()
    peer.socket.close()


def _in_a_fresh_store(story: Callable[[Store, Path], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "state")
        try:
            return asyncio.run(story(store, Path(folder)))
        finally:
            store.close()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    open_journal(readable=False)
    figures = {
        "zeromq": _in_a_fresh_store(lambda store, _: zeromq_story(store, given.count, given.seed)),
        "zeromq_strangers": _in_a_fresh_store(
            lambda store, folder: strangers_story(store, folder, given.count // 10, given.seed)
        ),
    }
    figures["zeromq_endless"] = _in_a_fresh_store(lambda store, _: endless_story(store, ENDLESS_ROUNDS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"count": given.count, "seed": given.seed, **figures, "peak_megabytes": peak}, indent=2))
    held = all(way["alive"] and not way["hostile_accepted"] for way in figures.values())
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
