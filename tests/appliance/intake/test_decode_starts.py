"""A decoder that does not start never takes the box along: it is tried again, and meanwhile nothing is kept."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from appliance.errors import DecoderError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.settings import Operations
from tests.conftest import png


def test_a_zygote_killed_while_it_starts_is_started_again() -> None:
    async def story() -> None:
        others = set(psutil.Process().children())
        decoder = ChildDecoder(Operations())
        running = asyncio.create_task(decoder.run())
        try:
            async with asyncio.timeout(300):
                while not (found := set(psutil.Process().children()) - others):
                    await asyncio.sleep(0.001)
                os.kill(found.pop().pid, signal.SIGKILL)
                assert not decoder.alive
                while not decoder.alive:
                    await asyncio.sleep(0.01)
                assert await decoder.decode({"": png()}, "standard")
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_what_comes_to_a_closed_decoder_may_come_again_later() -> None:
    async def story() -> None:
        decoder = ChildDecoder(Operations())
        await decoder.close()
        with pytest.raises(DecoderError):
            await decoder.decode({"": png()}, "standard")

    asyncio.run(story())


@pytest.mark.parametrize("call", ["recvmsg", "read", "write"])
def test_a_zygote_whose_children_lack_a_call_does_not_start(call: str) -> None:
    """It shows at once and says so, and not with the first bag."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    settings = {"spares": 1, "seconds": 10, "megabytes": 512, "megapixels": 50, "max_side": 4096}
    program = (
        f"from appliance.intake.decoding import confine, zygote\nassert confine._CALLS.pop({call!r})\nzygote.main()\n"
    )
    with ours, theirs:
        ended = subprocess.run(
            [sys.executable, "-c", program, str(theirs.fileno()), json.dumps(settings)],
            pass_fds=(theirs.fileno(),),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert ended.returncode == 1
    assert "a confined child cannot decode" in ended.stderr


@pytest.mark.parametrize(("machine", "sendmsg", "recvmsg"), [("x86_64", 46, 47), ("aarch64", 211, 212)])
def test_on_every_known_machine_a_child_may_receive_and_not_send(machine: str, sendmsg: int, recvmsg: int) -> None:
    """All machines have the same list, each under its own numbers."""
    program = f"""
import platform, struct
platform.machine = lambda: {machine!r}
from appliance.intake.decoding import confine
steps = [struct.unpack_from("=HBBI", confine._program(), at) for at in range(0, len(confine._program()), 8)]
calls = {{word for code, _, other, word in steps if code == confine._JUMP_IF_EQUAL and other == 1}}
assert len(calls) == len(confine._CALLS)
assert {recvmsg} in calls and {sendmsg} not in calls
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)
