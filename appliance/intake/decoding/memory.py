"""How a process of the decoder sees to its memory: how much it has, and that it keeps what it touched.

Measures and asks only; the limit itself is set in `confine.py`.
"""

from __future__ import annotations

import ctypes
import os

TOUCHED_BYTES = 6 << 20
"""Memory a child makes its own in its rehearsal, before it has a file: about what a small picture needs."""
_KEEP_FREED, _MAP_FROM = -1, -3  # of mallopt


def keep_touched() -> None:
    """Ask the allocator to keep what is freed, instead of giving it back to the kernel. Only glibc has this wish."""
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust:
        adjust(_KEEP_FREED, 2 * TOUCHED_BYTES)
        adjust(_MAP_FROM, 2 * TOUCHED_BYTES)


def own_address_space() -> int:
    """Bytes of address space this process has."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
