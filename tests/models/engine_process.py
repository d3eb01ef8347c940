"""A real engine process, a real client and real pictures, for the tests of this folder."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket as sockets
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from models.answer import Question, View
from models.client import EngineClient
from models.exam import plain
from tests.waiting import until

GENEROUS = 60.0
"""Seconds until a test that waits gives up; on a quiet machine everything takes a small part of it."""


class EngineProcess:
    """`lanewatch-models serve` with made-up answers, as its own process."""

    def __init__(self, socket: Path, *options: str, **environment: str) -> None:
        command = [sys.executable, "-m", "models", "serve", "--socket", str(socket), "--backend", "canned", *options]
        self.process = subprocess.Popen(command, env=os.environ | environment)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(GENEROUS)

    def end(self) -> int:
        """Told to end the polite way; its exit status."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        return self.process.wait(GENEROUS)


@contextmanager
def engine(socket: Path, *options: str, **environment: str) -> Generator[EngineProcess]:
    started = EngineProcess(socket, *options, **environment)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGCONT)
            started.kill()


@asynccontextmanager
async def connected(socket: Path) -> AsyncGenerator[EngineClient]:
    """A client that has found its engine."""
    client = EngineClient(socket)
    running = asyncio.create_task(client.run())
    try:
        await until(lambda: client.alive)
        yield client
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def question(folder: Path, shade: int = 2, name: str = "SCAN-1#1") -> Question:
    """A question about a picture that is really there."""
    known = plain(shade)
    path = folder / f"{shade}.png"
    path.write_bytes(known.picture)
    sha256 = hashlib.sha256(known.picture).hexdigest()
    view = View(name="top", path=str(path), sha256=sha256, width=known.width, height=known.height)
    return Question(id=name, views=(view,))


@contextmanager
def service_manager(path: Path) -> Generator[Callable[[], list[str]]]:
    """The ear of a service manager; gives what was said since it was last asked."""
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM | sockets.SOCK_NONBLOCK) as ear:
        ear.bind(str(path))

        def said() -> list[str]:
            words: list[str] = []
            while True:
                try:
                    words += ear.recv(4096).decode().split("\n")
                except BlockingIOError:
                    return words

        yield said
