"""Only enrolled scanners send, whatever else they know."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import zmq
import zmq.asyncio

from appliance.errors import ConfigError
from appliance.intake.zeromq.auth import read_secret_key
from appliance.store.database import Store
from tests.appliance.intake.feeding import Peer, feed, kept, message, peers
from tests.conftest import png
from tests.soak.hostile_messages import client_keys, strangers_story
from tests.waiting import until

PICTURE = png()


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Any]:
    """Our pair with its file, and an enrolled client's pair."""
    server, secret = zmq.curve_keypair()
    known, known_secret = zmq.curve_keypair()
    file = tmp_path / "feed.key"
    file.touch(mode=0o600)
    file.write_bytes(secret + b"\n")
    settings = {"curve": True, "secret_key_file": file, "allowed_keys": (known.decode(),)}
    return {"settings": settings, "server": server, "client": client_keys(server, known, known_secret)}


def test_the_enrolled_client_sends_and_hears(store: Store, keys: dict[str, Any]) -> None:
    """A client whose key is on the list is served, and is known by its key."""

    async def story() -> None:
        async with feed(store, **keys["settings"]) as running, peers(running.endpoint) as connect:
            assert (await connect(keys=keys["client"]).ask(message(PICTURE)))[0] == "accepted"
            assert running.counts().strangers == 0

    asyncio.run(story())


def test_the_rate_of_an_enrolled_client_counts_for_its_key(store: Store, keys: dict[str, Any]) -> None:
    """Opening more connections brings no more messages a second."""

    async def story() -> None:
        settings = keys["settings"] | {"messages_per_second": 1}
        async with feed(store, **settings) as running, peers(running.endpoint) as connect:
            said = [(await connect(keys=keys["client"]).ask(message(PICTURE)))[0] for _ in range(5)]
            assert "refused" in said

    asyncio.run(story())


@pytest.mark.parametrize("who", ["anonymous", "random key", "stolen public key", "wrong server key"])
def test_a_stranger_gets_nothing_in_and_hears_nothing(store: Store, keys: dict[str, Any], who: str) -> None:
    """Knowing the server's public key, or an enrolled client's, is not enough."""
    public, secret = zmq.curve_keypair()
    known = keys["client"]["curve_publickey"]
    strange = {
        "anonymous": None,
        "random key": client_keys(keys["server"], public, secret),
        "stolen public key": client_keys(keys["server"], known, secret),
        "wrong server key": client_keys(public, public, secret),
    }

    async def story() -> None:
        async with feed(store, **keys["settings"]) as running, peers(running.endpoint) as connect:
            stranger = connect(keys=strange[who])
            await stranger.send(message(PICTURE, scan_id="STRANGE"))
            await until(lambda: running.counts().strangers > 0)
            assert not await stranger.socket.poll(200)
            assert (await connect(keys=keys["client"]).ask(message(PICTURE, scan_id="FRIEND")))[0] == "accepted"
            assert kept(store) == 1

    asyncio.run(story())


def test_a_crowd_of_strangers_does_not_keep_the_scanner_out(store: Store, tmp_path: Path) -> None:
    """Twenty strangers come and go; the enrolled client is served all the same."""
    figures = asyncio.run(strangers_story(store, tmp_path, count=20, seed=1))
    assert figures == {"hostile": 20, "hostile_accepted": 0, "hostile_answered": 0, "alive": True}


def test_a_keyed_publisher_is_known_by_its_key(store: Store, keys: dict[str, Any]) -> None:
    """Where we connect, the publisher must hold the key we were given, and only lets in whom it knows."""

    async def story() -> None:
        context = zmq.asyncio.Context()
        publisher = Peer(context, zmq.PUSH, {"curve_secretkey": keys["client"]["curve_secretkey"]})
        publisher.socket.curve_server = True
        port = publisher.socket.bind_to_random_port("tcp://127.0.0.1")
        settings = {
            "mode": "pull",
            "bind": None,
            "connect": f"tcp://127.0.0.1:{port}",
            "curve": True,
            "secret_key_file": keys["settings"]["secret_key_file"],
            "server_key": keys["client"]["curve_publickey"].decode(),
        }
        try:
            async with feed(store, **settings) as running:
                await publisher.send(message(PICTURE, sequence=1))
                await until(lambda: running.counts().accepted == 1)
        finally:
            context.destroy(linger=0)

    asyncio.run(story())


@pytest.mark.parametrize("content", ["", "short", "x" * 39 + "~", "é" * 40])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, content: str) -> None:
    """The error names the file and tells how to make a key."""
    file = tmp_path / "feed.key"
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(ConfigError, match=r"feed\.key"):
        read_secret_key(file)


def test_a_missing_key_file_and_one_open_to_others_are_refused(tmp_path: Path) -> None:
    """A secret that others can read is none."""
    with pytest.raises(ConfigError, match=r"curve_keypair"):
        read_secret_key(tmp_path / "none.key")
    file = tmp_path / "feed.key"
    file.write_bytes(zmq.curve_keypair()[1])
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="open to others"):
        read_secret_key(file)


def test_a_bad_key_on_the_list_stops_the_feed_at_its_start(store: Store, keys: dict[str, Any]) -> None:
    """A list with a typing error is an error of the configuration, not a client locked out in silence."""

    async def story() -> None:
        with pytest.raises(ConfigError, match="allowed_keys"):
            async with feed(store, **(keys["settings"] | {"allowed_keys": ("#" * 40,)})):
                pass

    asyncio.run(story())


def test_a_port_in_use_is_named(store: Store) -> None:
    """The second feed on one port says which source and address."""

    async def story() -> None:
        async with feed(store) as running:
            with pytest.raises(ConfigError, match="feed-1: tcp://"):
                async with feed(store, bind=running.endpoint):
                    pass

    asyncio.run(story())
