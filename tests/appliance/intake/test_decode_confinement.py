"""What a decoding child cannot do, even where an enemy's code runs in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

BEGIN = """
import os, resource, signal, socket, sys
from appliance.intake.decoding.confine import confine, keep_only
pid = os.getppid()
assert confine(memory_bytes=1 << 30, cpu_seconds=1, parent=pid)
"""


def confined(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize(
    "deed",
    [
        "os.open('/etc/passwd', os.O_RDONLY)",
        "os.open('/tmp/lanewatch-written', os.O_WRONLY | os.O_CREAT)",
        "socket.socket()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(pid, signal.SIGTERM)",
        "os.unlink('/tmp/lanewatch-written')",
        "os.listdir('/')",
        "os.memfd_create('more')",
        "resource.prlimit(pid, resource.RLIMIT_CPU)",
        "os.setuid(0)",
    ],
)
def test_a_confined_child_may_not(deed: str) -> None:
    """The kernel says no."""
    ended = confined(f"try:\n    {deed}\nexcept PermissionError:\n    os._exit(7)\nos._exit(0)")
    assert ended.returncode == 7, ended.stderr


def test_a_confined_child_may_think_and_speak() -> None:
    """That is all it is for."""
    ended = confined("os.write(1, str(sum(bytearray(1 << 20))).encode())\nos._exit(0)")
    assert (ended.returncode, ended.stdout) == (0, "0"), ended.stderr


def test_a_confined_child_has_no_more_memory_than_told() -> None:
    """More is refused, and that can be said."""
    ended = confined("try:\n    bytearray(2 << 30)\nexcept MemoryError:\n    os._exit(7)\nos._exit(0)")
    assert ended.returncode == 7, ended.stderr


def test_a_confined_child_has_no_more_time_than_told() -> None:
    """The kernel ends it."""
    assert confined("while True:\n    pass").returncode == -signal.SIGXCPU


def test_nothing_else_stays_open() -> None:
    """Only the handles named, wherever they stand."""
    reading, writing = os.pipe()
    program = """
import os
from appliance.intake.decoding.confine import keep_only
for handle in (5, 9, 40):
    os.dup2(1, handle)
keep_only((1, 9))
still = []
for handle in range(64):
    try:
        os.fstat(handle)
        still.append(handle)
    except OSError:
        pass
os.write(1, repr(still).encode())
os._exit(0)
"""
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False, pass_fds=(reading, writing)
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert ended.stdout == "[1, 9]", ended.stderr
