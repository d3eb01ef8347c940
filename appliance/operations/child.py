"""Keep a child process running: start it, start it again when it ends, end it with us.

For laptops and tests. On a box systemd does this, and better.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import time
from collections.abc import Callable, Sequence

from appliance.journal import journal

log = journal("child")

PAUSE = 1.0
"""Seconds between the end of a child and its next start."""
LONGEST_PAUSE = 30.0
"""The pause doubles up to this for a child that ends as soon as it starts."""
SETTLED = 5.0
"""Seconds after which a child counts as having started well."""
MUTE = 30.0
"""Seconds without an answer after which a child is taken for frozen. Loading must be done by then."""
GRACE = 8.0
"""Seconds a child gets to end by itself."""

_libc = ctypes.CDLL(None)  # loaded here: between fork and exec nothing may be loaded any more


async def keep_running(name: str, command: Sequence[str], answers: Callable[[], bool] = lambda: True) -> None:
    """Run until cancelled. A child that does not answer for long is killed; one that ends at once is let rest."""
    pause = PAUSE
    while True:
        child = await asyncio.create_subprocess_exec(*command, preexec_fn=die_with_parent)
        log.info("started", child=name, pid=child.pid)
        started = time.monotonic()
        watch = asyncio.create_task(_kill_when_mute(name, child, answers))
        try:
            code = await child.wait()
        finally:
            watch.cancel()
            await end(child)
        pause = PAUSE if time.monotonic() - started > SETTLED else min(pause * 2, LONGEST_PAUSE)
        log.warning("ended, starting it again", child=name, code=code, seconds=pause)
        await asyncio.sleep(pause)


async def _kill_when_mute(name: str, child: asyncio.subprocess.Process, answers: Callable[[], bool]) -> None:
    heard = time.monotonic()
    while time.monotonic() - heard < MUTE:
        await asyncio.sleep(PAUSE)
        if answers():
            heard = time.monotonic()
    log.error("does not answer, killing it", child=name, pid=child.pid)
    child.kill()


async def end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(GRACE):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed, however suddenly (PR_SET_PDEATHSIG)."""
    _libc.prctl(1, signal.SIGKILL)  # a frozen one would never hear SIGTERM
