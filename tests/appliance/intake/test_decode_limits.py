"""Whatever a file does to its decoder, it costs that one file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import LanewatchError, UnreadableError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.ports import DecodedView
from appliance.settings import Operations
from tests.appliance.intake.decoding import children, decoded, with_decoder
from tests.faults.mutate import hogs, png
from tests.faults.samples import good_files

GOOD = good_files()
SLOW = png(8000, 7900, zlib.compress(bytes(8001 * 7900), 1))
"""A good picture of 63 megapixels, all black: about a second of work."""
PATIENCE = 300


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)


async def in_flight(decoder: ChildDecoder) -> tuple[asyncio.Task[tuple[DecodedView, ...]], int]:
    """A slow file in a child's hands, and the pid of the zygote."""
    pid = decoder._keeper.pid
    await until(lambda: len(children(pid)) == decoder._settings.decoders)
    task = asyncio.create_task(decoder.decode({"": SLOW}, "standard"))
    await until(lambda: has_a_file(pid))
    return task, pid


def has_a_file(zygote: int) -> bool:
    """Whether one of its children holds a picture."""
    with contextlib.suppress(OSError):  # one that has just ended
        handles = (handle for child in children(zygote) for handle in Path(f"/proc/{child}/fd").iterdir())
        return any("memfd:picture" in str(handle.readlink()) for handle in handles)
    return False


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_file_that_needs_too_much_memory_costs_only_itself() -> None:
    """The others beside it come through."""

    async def work(decoder: ChildDecoder) -> list[tuple[DecodedView, ...] | BaseException]:
        good = [decoder.decode({"": content}, "standard") for content in GOOD.values()]
        return await asyncio.gather(decoder.decode({"": SLOW}, "standard"), *good, return_exceptions=True)

    hungry, *others = with_decoder(work, decode_megabytes=48)
    assert isinstance(hungry, UnreadableError)
    assert "needs more than 48 MB" in str(hungry)
    assert not any(isinstance(other, BaseException) for other in others)


def test_a_file_that_takes_too_long_costs_only_itself() -> None:
    """The zygote ends its child on time; here a child that is frozen."""

    async def work(decoder: ChildDecoder) -> None:
        await until(lambda: len(children(decoder._keeper.pid)) == 1)
        (child,) = children(decoder._keeper.pid)
        task, _ = await in_flight(decoder)
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(UnreadableError, match="takes longer than 4 s"):
            await task
        assert await decoder.decode({"": GOOD["jpeg"]}, "standard")
        assert decoder.counts().restarts == 0

    with_decoder(work, decoders=1, decode_seconds=4)


@pytest.mark.parametrize(
    ("hog", "limits", "why"),
    [
        ("png of 63 megapixels", {"decode_megabytes": 48}, "needs more than 48 MB"),
        ("jpeg of 20,000 scans", {"decode_seconds": 1}, "takes longer than 1 s"),
    ],
)
def test_a_hog_is_refused_with_the_reason(hog: str, limits: dict[str, float], why: str) -> None:
    """Nothing in it is wrong; it only asks for too much."""
    with pytest.raises(UnreadableError, match=why):
        decoded(hogs()[hog], **limits)


def test_a_killed_child_takes_no_file_along() -> None:
    """The kernel may kill anybody when memory runs out: the file is tried again, and spares are replaced."""

    async def work(decoder: ChildDecoder) -> None:
        task, pid = await in_flight(decoder)
        for child in children(pid):
            os.kill(child, signal.SIGKILL)
        assert (await task)[0].width == 1792
        assert await decoder.decode({"": GOOD["png-8"]}, "standard")
        assert decoder.counts().restarts == 0

    with_decoder(work)


def test_a_zygote_that_is_killed_takes_no_file_along() -> None:
    """It is started anew, and what it held is tried again."""

    async def work(decoder: ChildDecoder) -> None:
        task, pid = await in_flight(decoder)
        orphans = children(pid)
        os.kill(pid, signal.SIGKILL)
        assert (await task)[0].width == 1792
        assert decoder.counts().restarts == 1
        await until(lambda: all(gone(orphan) for orphan in orphans))

    with_decoder(work)


def test_a_frozen_zygote_takes_no_file_along() -> None:
    """It is ended and started anew."""

    async def work(decoder: ChildDecoder) -> None:
        os.kill(decoder._keeper.pid, signal.SIGSTOP)
        assert await decoder.decode({"": GOOD["jpeg"]}, "standard")
        assert decoder.counts().restarts == 1

    with_decoder(work, decode_seconds=1)


def test_a_file_on_which_every_zygote_dies_is_given_up() -> None:
    """After three tries, the last with a zygote of its own."""

    async def work(decoder: ChildDecoder) -> None:
        task, _ = await in_flight(decoder)
        while not task.done():
            for zygote in children(os.getpid()):
                if has_a_file(zygote):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(zygote, signal.SIGKILL)
            await asyncio.sleep(0.01)
        with pytest.raises(UnreadableError, match="died on this file, 3 times"):
            await task
        assert await decoder.decode({"": GOOD["jpeg"]}, "standard")

    with_decoder(work)


def test_a_cancelled_decode_ends_its_child() -> None:
    """Nobody works for nobody."""

    async def work(decoder: ChildDecoder) -> None:
        task, pid = await in_flight(decoder)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not has_a_file(pid))
        assert await decoder.decode({"": GOOD["jpeg"]}, "standard")

    with_decoder(work)


def test_no_process_is_left_after_the_end() -> None:
    """Neither the zygote, nor a spare, nor one at work, nor a handle."""

    async def work(decoder: ChildDecoder) -> None:
        task, pid = await in_flight(decoder)
        found = [pid, *children(pid)]
        await decoder.close()
        with pytest.raises(LanewatchError):
            await task
        await until(lambda: all(gone(one) for one in found))
        with pytest.raises(LanewatchError, match="closed"):
            await decoder.decode({"": GOOD["jpeg"]}, "standard")

    with_decoder(work)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with_decoder(work)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_zygote_ends_when_its_daemon_is_killed() -> None:
    """It holds one end of a socket, and needs no other sign."""
    program = (
        "import asyncio, sys\n"
        "from appliance.settings import Operations\n"
        "from appliance.intake.decoding.decoder import ChildDecoder\n"
        "async def work() -> None:\n"
        "    decoder = ChildDecoder(Operations())\n"
        "    await decoder.start()\n"
        "    print(decoder._keeper.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(work())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as daemon:
        pid = int(daemon.stdout.readline())
        family = [pid, *children(pid)]
        daemon.kill()
    asyncio.run(until(lambda: all(gone(one) for one in family)))


def test_run_lives_until_it_is_cancelled() -> None:
    """And cleans up then."""

    async def work() -> None:
        decoder = ChildDecoder(Operations())
        running = asyncio.create_task(decoder.run())
        assert await decoder.decode({"": GOOD["jpeg"]}, "standard")
        pid = decoder._keeper.pid
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert gone(pid)

    asyncio.run(work())
