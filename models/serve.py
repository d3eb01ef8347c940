"""The engine process, from its start to its end.

Takes a socket's path and a way to load an engine. The order: become the only
engine at that path, load and examine, tell the service manager, answer, and keep
telling it for as long as work gets finished. Questions are the `desk`'s business.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import zmq

from models.answer import ExamPassed
from models.desk import Desk
from models.engines.shelf import Load, Shelved
from models.exam import trouble
from models.notify import tell, watchdog_seconds
from models.ports import CannotLoadError, Engine, EngineDiedError

PATIENCE = 5.0
"""Seconds that questions in flight get when the process is told to end."""
QUIET = 0.2
"""As a share of the watchdog's time: after so long without an answer the engine is asked a known question."""
EXAM_EVERY = 3600.0
"""Seconds from one exam to the next; besides, there is one at the start and one after every change."""
THINKING = 0.4
"""As a share of the watchdog's time: how long it may think about that one."""
LISTEN = 1.0
"""Seconds between looks at whether the engine lives."""
OFTEN = 0.1
"""As a share of the watchdog's time: under a full load the manager hears of finished work no more often than this.

Two times QUIET, THINKING and OFTEN together stay below one, so that a sound engine is never killed."""


class DoorError(Exception):
    """The engine cannot listen at its socket. The message says why and what to do."""


def serve(socket: Path, load: Load) -> None:
    """Run until SIGTERM or SIGINT. Raises `DoorError`, `CannotLoadError` or `EngineDiedError`."""
    with only_engine(socket):
        try:
            asyncio.run(_live(socket, load))
        except* CannotLoadError as problems:
            raise problems.exceptions[0] from problems


@contextmanager
def only_engine(socket: Path) -> Generator[None]:
    """Be the only engine at a path. The kernel gives the place back, however its owner ends."""
    _look_at(socket)
    lock = os.open(f"{socket}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise DoorError(
                f"{socket}: another engine is alive there; stop it first, or choose another path"
            ) from taken
        try:
            yield
        finally:
            socket.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _look_at(socket: Path) -> None:
    """Nothing but an old socket may stand at the path: ZeroMQ would remove it without asking."""
    length = len(os.fsencode(socket))
    if length > zmq.IPC_PATH_MAX_LEN:
        raise DoorError(f"{socket}: {length} bytes are too long for a socket's path (at most {zmq.IPC_PATH_MAX_LEN})")
    if not os.access(socket.parent, os.W_OK | os.X_OK):
        why = "cannot be written by this user" if socket.parent.exists() else "is not there"
        raise DoorError(f"{socket}: its folder {why}; make it, or choose another path")
    if (socket.exists() or socket.is_symlink()) and not stat.S_ISSOCK(socket.lstat().st_mode):
        raise DoorError(f"{socket}: something that is no socket stands there; remove it, or choose another path")


async def _live(socket: Path, load: Load) -> None:
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    pulse = Pulse()
    with _private():
        desk = Desk(socket, pulse.beat)
    with desk:
        async with asyncio.TaskGroup() as work:
            working = work.create_task(_work(desk, load, pulse))
            working.add_done_callback(lambda _: stop.set())  # it ends by itself only when its engine has died
            jobs = (work.create_task(desk.receive()), working)
            await stop.wait()
            tell("STOPPING=1")
            await desk.close(PATIENCE)
            for job in jobs:
                job.cancel()
    if not working.cancelled():
        raise EngineDiedError("the engine has died, and this process ends with it: start it again")


@contextmanager
def _private() -> Generator[None]:
    """What is made here belongs to this user and its group: the socket gets mode 0660."""
    before = os.umask(0o117)
    try:
        yield
    finally:
        os.umask(before)


async def _work(desk: Desk, load: Load, pulse: Pulse) -> None:
    tell("STATUS=loading")
    shelved = await load()
    desk.open(shelved.engine)
    tell("READY=1", f"STATUS={_who(shelved)}")
    sys.stderr.write(f"lanewatch-models: ready: {_who(shelved)}\n")
    async with asyncio.TaskGroup() as work:
        besides = (work.create_task(pulse.keep(desk, shelved)), work.create_task(_examine_again(shelved.engine)))
        while shelved.engine.alive:  # noqa: ASYNC110  a process that dies tells nobody
            await asyncio.sleep(LISTEN)
        for each in besides:
            each.cancel()


async def _examine_again(engine: Engine) -> None:
    """A release that was sound at its start may not stay so: memory ages, cards overheat."""
    while True:
        await asyncio.sleep(EXAM_EVERY)
        exam = await engine.examine()
        if not isinstance(exam, ExamPassed):
            sys.stderr.write(f"lanewatch-models: the release no longer passes its exam: {exam.reason}\n")


def _who(shelved: Shelved) -> str:
    identity = shelved.engine.identity
    exam = identity.exam
    passed = f"exam passed ({exam.cases})" if isinstance(exam, ExamPassed) else f"exam {exam.state}: {exam.reason}"
    return f"{identity.engine}, release {identity.release}, {passed}"


class Pulse:
    """Feeds the service manager's watchdog with finished work, and with nothing else."""

    def __init__(self) -> None:
        self._watchdog = watchdog_seconds()
        self._fed = self._finished = 0.0

    def beat(self) -> None:
        """Some work was finished just now."""
        self._finished = time.monotonic()
        if self._watchdog is not None and self._finished - self._fed >= self._watchdog * OFTEN:
            self._fed = self._finished
            tell("WATCHDOG=1")

    async def keep(self, desk: Desk, shelved: Shelved) -> None:
        """While no work comes, make some: ask a question the engine is known to answer."""
        if self._watchdog is None:
            return
        while True:
            await asyncio.sleep(self._watchdog * QUIET)
            if time.monotonic() - self._finished < self._watchdog * QUIET:
                continue
            if problem := await trouble(desk, shelved.canary, self._watchdog * THINKING):
                tell(f"STATUS=known question: {problem}")
            else:
                self.beat()
