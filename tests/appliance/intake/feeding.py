"""What the feed's stories share: a feed on a real socket before the real store, and clients that speak to it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Any

import zmq
import zmq.asyncio
from PIL import Image, UnidentifiedImageError

from appliance.errors import UnreadableError
from appliance.intake.receive import Receiver
from appliance.intake.zeromq.feed import Feed
from appliance.ports import DecodedView, Reception
from appliance.rules.judged import Moment
from appliance.settings import ZeromqSource
from appliance.store import scans
from appliance.store.database import Store
from tests.judging import judge
from tests.waiting import living

PATIENCE = 300.0
"""Seconds until something that must come is given up."""


class PlainDecoder:
    """A decoder without a child process, for pictures these stories made themselves."""

    async def decode(self, planes: dict[str, bytes], palette: str) -> tuple[DecodedView, ...]:
        del palette  # these pictures come as one plane
        try:
            picture = Image.open(io.BytesIO(next(iter(planes.values()))), formats=("PNG",)).convert("RGB")
        except (UnidentifiedImageError, OSError) as problem:
            raise UnreadableError("not a picture") from problem
        out = io.BytesIO()
        picture.save(out, "PNG")
        return (DecodedView("", out.getvalue(), *picture.size),)


def receiver(store: Store) -> Receiver:
    return Receiver(store, PlainDecoder(), str)


def header(content: bytes, **fields: Any) -> bytes:
    return json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} | fields).encode()


def message(content: bytes, **fields: Any) -> list[bytes]:
    return [b"scan", header(content, **fields), content]


@contextlib.asynccontextmanager
async def feed(store: Store, reception: Reception | None = None, **settings: Any) -> AsyncGenerator[Feed]:
    """A running feed on a free port."""
    chosen: dict[str, Any] = {"name": "feed-1", "bind": "tcp://127.0.0.1:*", "curve": False} | settings
    running = Feed(ZeromqSource(**chosen), reception or receiver(store), store)
    async with living(running.run(), lambda: running.endpoint):
        yield running


class Peer:
    """One client's end: sends frames, reads `(kind, document)`."""

    def __init__(self, context: zmq.asyncio.Context, kind: int, keys: dict[str, bytes] | None = None) -> None:
        self.socket = context.socket(kind)
        self.socket.linger = 0
        for name, key in (keys or {}).items():
            setattr(self.socket, name, key)

    async def send(self, frames: list[bytes]) -> None:
        await asyncio.wait_for(self.socket.send_multipart(frames), PATIENCE)

    async def hear(self, patience: float = PATIENCE) -> tuple[str, dict[str, Any]]:
        frames = await asyncio.wait_for(self.socket.recv_multipart(), patience)
        return frames[-2].decode(), json.loads(frames[-1])

    async def ask(self, frames: list[bytes]) -> tuple[str, dict[str, Any]]:
        await self.send(frames)
        return await self.hear()


@contextlib.asynccontextmanager
async def peers(endpoint: str) -> AsyncGenerator[Callable[..., Peer]]:
    """Make clients that connect to an endpoint, and close them all at the end."""
    context = zmq.asyncio.Context()
    made: list[Peer] = []

    def connect(kind: int = zmq.DEALER, keys: dict[str, bytes] | None = None, route: bytes = b"") -> Peer:
        peer = Peer(context, kind, keys)
        if route:
            peer.socket.routing_id = route
        peer.socket.connect(endpoint)
        made.append(peer)
        return peer

    try:
        yield connect
    finally:
        context.destroy(linger=0)


async def conclude(store: Store, scan_id: str, trouble: str = "engine unavailable") -> dict[str, Any]:
    """Give a scan a verdict as the loop would without an engine."""

    def work(db: Any) -> dict[str, Any]:
        scan = scans.find(db, scan_id)
        assert scan is not None
        judged = judge(
            scan, None, Moment(now=time.time(), room_on_disk=True, release="r1", app="test"), trouble=trouble
        )
        scans.conclude(db, scan, lambda _: judged, datetime.now(UTC).isoformat())
        return json.loads(judged.verdict.model_dump_json())

    return await store.write(work)


def kept(store: Store) -> int:
    """How many scans the store holds."""
    with store.reader() as db:
        return db.execute("SELECT count(*) FROM scan").fetchone()[0]
