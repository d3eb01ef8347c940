"""Wait for a name to appear in a folder by the kernel's own word, with nothing in between."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import time
from pathlib import Path
from typing import Self

MOVED_TO = 0x80
PATIENCE = 60.0
_libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Raw inotify on one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = -1

    def __enter__(self) -> Self:
        self._handle = _libc.inotify_init1(os.O_CLOEXEC)
        if _libc.inotify_add_watch(self._handle, os.fsencode(self._folder), MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {self._folder}")
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def fileno(self) -> int:
        return self._handle

    def names(self) -> set[str]:
        """What was moved into place since the last look. Waits for the first."""
        return _names(os.read(self._handle, 65536))

    def until(self, name: str) -> None:
        """Return as soon as a file of that name is moved into place."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([self], [], [], 1.0)[0] and name in self.names():
                return
        raise TimeoutError(f"{self._folder / name} did not appear")


def _names(raw: bytes) -> set[str]:
    found: set[str] = set()
    place = 0
    while place < len(raw):
        length = struct.unpack_from("iIII", raw, place)[3]
        found.add(os.fsdecode(raw[place + 16 : place + 16 + length].rstrip(b"\0")))
        place += 16 + length
    return found
