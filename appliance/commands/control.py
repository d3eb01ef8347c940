"""The commands' end of the control socket: HTTP to the running daemon, for its own user alone."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

LOOKING = 10.0
"""Seconds after which a daemon that does not say how it is hangs."""
CHANGING = 120.0
"""Seconds for what changes something: a rulebook is read first, and on a busy box that takes a while. Who was told too
early that nobody answered would not know that the change is made all the same."""


def ask(door: Path, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
    """Ask the daemon something; its status and what it said. Raises OSError or ValueError where nobody answers so."""
    line = _UnixConnection(door, LOOKING if method == "GET" else CHANGING)
    content = json.dumps(body, ensure_ascii=False).encode(errors="surrogatepass") if body else None
    try:
        line.request(method, path, content, {"Content-Type": "application/json"})
        reply = line.getresponse()
        said = reply.read()
    except http.client.HTTPException as problem:
        raise ValueError(f"not our daemon: {problem!r}") from problem
    finally:
        line.close()
    return reply.status, json.loads(said) if said else {}


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, door: Path, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._door = door

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._door))
