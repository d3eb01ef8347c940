"""Hear of verdicts as the desk does: the box's event stream, read from a bare socket."""

from __future__ import annotations

import json
import socket
from typing import Any, Self


class Stream:
    """GET /api/v1/events of one box."""

    def __init__(self, port: int, token: str) -> None:
        self._address = ("127.0.0.1", port)
        self._request = f"GET /api/v1/events HTTP/1.1\r\nHost: box\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        self._rest = b""

    def __enter__(self) -> Self:
        self._line = socket.create_connection(self._address, timeout=60)
        self._line.sendall(self._request)
        head = b""
        while b": here" not in head:  # the box's first word: from now on it tells
            part = self._line.recv(65536)
            if not part:
                raise ConnectionError(head.decode(errors="replace"))
            head += part
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def fileno(self) -> int:
        return self._line.fileno()

    def heard(self) -> set[str]:
        """Whose verdicts came with what stands in the socket now."""
        return {one["scan_id"] for one in self.verdicts()}

    def verdicts(self) -> list[dict[str, Any]]:
        """The verdicts that came with it."""
        part = self._line.recv(1 << 20)
        if not part:
            raise ConnectionError("the box ended the stream")
        *lines, self._rest = (self._rest + part).split(b"\n")
        told = [json.loads(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: ")]
        return [one for one in told if "document" in one]
