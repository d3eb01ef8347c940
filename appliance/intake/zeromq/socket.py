"""The ZeroMQ socket of one source: every limit set before anybody can connect, and who speaks at the other end.

Gives an open socket with what belongs to it, parts a router's message into its sender and its words, and
sends without waiting. What the words mean is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import zmq
import zmq.asyncio

from appliance.errors import ConfigError
from appliance.intake.zeromq.auth import Keeper, lock
from appliance.intake.zeromq.wire import HEADER_ROOM
from appliance.settings import ZeromqSource

QUEUES = {"router": 2, "pull": 8, "subscribe": 8}
"""Messages that libzmq holds for one sender before it is made to wait; a message may be as large as a scan."""
LINGER_MS = 200
REPLIES = 1000
"""Replies and verdicts held for one client that does not read. After that it is not told; sending again asks anew."""
HANDSHAKE_MS = 5_000
HEARTBEAT_MS = 5_000
SILENT_MS = 15_000
"""A connection that answers no heartbeat for so long is closed."""
NOT_LET_IN = (
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
_KINDS = {"router": zmq.ROUTER, "pull": zmq.PULL, "subscribe": zmq.SUB}


@dataclass(frozen=True, slots=True)
class Client:
    """One sender behind a router: where to send, and how it is framed."""

    route: bytes
    envelope: tuple[bytes, ...]
    """The empty frame that a client put before its words, given back before ours."""
    takes_verdicts: bool
    """False for REQ, which takes one reply to one request and nothing else."""
    name: str
    """The key it proved to hold, else its route: whose rate is counted."""


class Line:
    """An open socket and what lives and ends with it: a keeper serves one context, so each line has its own."""

    def __init__(self, settings: ZeromqSource, max_bytes: int) -> None:
        self._context = zmq.asyncio.Context()
        try:
            self.keeper = Keeper(self._context, settings) if settings.curve and settings.bind else None
            self.socket = open_socket(self._context, settings, max_bytes)
            self.strangers = self.socket.get_monitor_socket(NOT_LET_IN)
            self.endpoint = self.socket.get_string(zmq.LAST_ENDPOINT)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all of it. Messages that were not whole yet are dropped, and the address is free again."""
        self._context.destroy(linger=LINGER_MS)


def open_socket(context: zmq.asyncio.Context, settings: ZeromqSource, max_bytes: int) -> zmq.asyncio.Socket:
    """Bind or connect with all limits set."""
    address = settings.bind or settings.connect or ""
    socket = context.socket(_KINDS[settings.mode])
    socket.set(zmq.MAXMSGSIZE, max_bytes + HEADER_ROOM)
    socket.set(zmq.RCVHWM, QUEUES[settings.mode])
    socket.set(zmq.SNDHWM, REPLIES)
    socket.set(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
    socket.set(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.set(zmq.HEARTBEAT_TIMEOUT, SILENT_MS)
    socket.set(zmq.IPV6, int("[" in address))
    if settings.mode == "router":
        socket.set(zmq.ROUTER_MANDATORY, 1)  # a reply that cannot be sent is counted, not swallowed
        socket.set(zmq.ROUTER_HANDOVER, 1)  # a scanner that comes back under its old name is heard
    if settings.mode == "subscribe":
        socket.subscribe(settings.topic)
    if settings.curve:
        lock(socket, settings)
    try:
        if settings.bind:
            socket.bind(address)
        else:
            socket.connect(address)
    except zmq.ZMQError as problem:
        hint = "another program may listen there already, or this box has no such address"
        raise ConfigError(f"source {settings.name}: {address}: {problem.strerror}", hint=hint) from problem
    return socket


def open_envelope(frames: list[zmq.Frame]) -> tuple[Client, list[bytes]]:
    """Part a router's message into its sender and its words."""
    route, *body = [frame.bytes for frame in frames]
    envelope = (b"",) if body and not body[0] else ()
    peer = said_of_itself(frames[-1], "Socket-Type")
    client = Client(
        route=route,
        envelope=envelope,
        takes_verdicts=peer == "DEALER" if peer else not envelope,
        name=said_of_itself(frames[-1], "User-Id") or route.hex(),
    )
    return client, body[len(envelope) :]


def said_of_itself(frame: zmq.Frame, name: str) -> str:
    """A property of the connection a frame came by, or an empty text where it has none."""
    try:
        return str(frame.get(name))
    except zmq.ZMQError:
        return ""


async def send_now(socket: zmq.asyncio.Socket, client: Client, kind: bytes, content: bytes) -> bool:
    """Send without waiting for anybody; False when the client is gone or its queue is full."""
    frames = [client.route, *client.envelope, kind, content]
    try:
        await socket.send_multipart(frames, flags=zmq.NOBLOCK)  # pyright: ignore[reportUnknownMemberType]
    except zmq.ZMQError as problem:
        if problem.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
            raise
        return False
    return True
