"""A word to the service manager, where there is one: the engine's and the daemon's.

Takes systemd's environment variables. When a word is due is the speaker's business.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def tell(*words: str) -> None:
    """Say READY=1, WATCHDOG=1, STATUS=... or STOPPING=1. An unheard word is silence; on that the manager acts."""
    ear = os.environ.get("NOTIFY_SOCKET")
    if not ear:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door, suppress(OSError):
        address = f"\0{ear[1:]}" if ear.startswith("@") else ear
        door.sendto("\n".join(words).encode(), socket.MSG_DONTWAIT, address)


def watchdog_seconds() -> float | None:
    """How long we may be silent before we are killed, where somebody watches this process."""
    watched = os.environ.get("WATCHDOG_USEC")
    if not watched or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(watched) / 1e6
