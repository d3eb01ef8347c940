"""A ZeroMQ client that speaks the wire protocol by hand and never ends its message."""

from __future__ import annotations

import contextlib
import socket
import struct

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
KINDS = {"router": b"DEALER", "pull": b"PUSH"}
FRAME = b"\x03" + struct.pack(">Q", 100_000) + bytes(100_000)
"""A long frame with another one to follow."""


def pour(endpoint: str, mode: str = "router") -> int:
    """Send frames of one message until the other end hangs up; say how many bytes it took. Blocking."""
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">L", len(KINDS[mode])) + KINDS[mode]
    poured = 0
    with socket.create_connection((host, int(port)), timeout=300) as line, contextlib.suppress(ConnectionError):
        line.sendall(GREETING + b"\x04" + bytes([len(ready)]) + ready)
        heard = b""
        while b"Socket-Type" not in heard:  # what comes before they are ready is against the protocol
            heard += line.recv(4096)
        while True:
            line.sendall(FRAME)
            poured += len(FRAME)
    return poured
