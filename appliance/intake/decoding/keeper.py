"""The daemon's end of the zygote: starts it, hands it jobs, reads what its children say.

Takes the bytes of one file and a function that judges a child's words, gives
what that function gives. `DecoderLostError` means that nothing is known of the
file: it may be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import appliance
from appliance.errors import DecoderError, LanewatchError, UnreadableError
from appliance.intake.decoding.reply import BrokenReplyError, most_bytes
from appliance.settings import Operations

T = TypeVar("T")

_START_SECONDS = 60.0
_GRACE_SECONDS = 5.0
"""Beyond a child's own time; after it the zygote itself is taken for frozen."""
_PIPE_BYTES = 1 << 20
_SLICE_BYTES = 4 << 20
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class DecoderLostError(LanewatchError):
    """The zygote died or froze while a file was in its hands, or somebody killed the child."""


class _Ending(NamedTuple):
    """How a child ended."""

    status: int
    overdue: bool


class Keeper:
    """One zygote, from its start to its end."""

    def __init__(self, process: Process, control: socket.socket, settings: Operations) -> None:
        self._process = process
        self._control = control
        self._settings = settings
        self._most = most_bytes(settings.max_side)
        self._numbers = itertools.count(1)
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[bool | None] = self._loop.create_future()
        self._endings: dict[int, asyncio.Future[_Ending | None]] = {}
        self.lost = False
        self.filtered = False
        """Whether the children's calls are filtered, and not only their resources limited."""
        self._loop.add_reader(control, self._hear)

    @classmethod
    async def start(cls, settings: Operations) -> Keeper:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            told = {
                "spares": settings.decoders,
                "seconds": settings.decode_seconds,
                "megabytes": settings.decode_megabytes,
                "megapixels": settings.max_megapixels,
                "max_side": settings.max_side,
            }
            program = (
                sys.executable,
                "-P",
                "-s",
                "-m",
                "appliance.intake.decoding.zygote",
                str(theirs.fileno()),
                json.dumps(told),
            )
            process = await create_subprocess_exec(
                *program,
                stdin=DEVNULL,
                stdout=DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for the daemon, which then ends it in good order
                env={"PYTHONPATH": str(Path(appliance.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"},
            )
        ours.setblocking(False)
        keeper = cls(process, ours, settings)
        try:
            async with asyncio.timeout(_START_SECONDS):
                filtered = await keeper._ready
        except BaseException as problem:
            keeper.kill()
            await keeper.close()
            if isinstance(problem, TimeoutError):
                raise DecoderError(f"the decoder does not start within {_START_SECONDS:g} s") from problem
            raise
        if filtered is None:
            await keeper.close()
            raise DecoderError("the decoder does not start", hint="the reason stands above, in the journal")
        keeper.filtered = filtered
        return keeper

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, planes: dict[str, bytes], palette: str, understand: Callable[[bytes], T]) -> T:
        """Have one child decode one file; what it says is given to `understand`, which may not believe it."""
        job = next(self._numbers)
        ending = self._endings[job] = self._loop.create_future()
        understood = False
        try:
            async with asyncio.timeout(self._settings.decode_seconds + _GRACE_SECONDS):
                reply = await self._reply(job, planes, palette)
                try:
                    found = understand(reply)
                except BrokenReplyError as problem:
                    raise UnreadableError(self._why(await ending, problem)) from problem
                understood = True
                return found
        except TimeoutError as problem:
            self.kill()
            raise DecoderLostError("the decoder froze") from problem
        finally:
            self._endings.pop(job, None)
            if not understood:
                with contextlib.suppress(DecoderLostError):
                    self._say({"kill": job})

    def kill(self) -> None:
        """End it at once. Its children die with it."""
        self._lose()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """End it in good order: it takes its children along."""
        self._lose()
        self._control.close()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    async def _reply(self, job: int, planes: dict[str, bytes], palette: str) -> bytes:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        handles = [writing]
        try:
            with contextlib.suppress(OSError):  # a wider pipe is quicker, no more
                fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            for content in planes.values():
                handles.insert(-1, await _sealed(content))
            self._say({"job": job, "planes": list(planes), "palette": palette}, handles)
            while handles:
                os.close(handles.pop())
            return await _read_to_end(reading, self._most)
        finally:
            for handle in (reading, *handles):
                os.close(handle)

    def _say(self, words: dict[str, Any], handles: list[int] | None = None) -> None:
        if self.lost:
            raise DecoderLostError("the decoder is gone")
        try:
            socket.send_fds(self._control, [json.dumps(words).encode()], handles or [])
        except (BlockingIOError, ConnectionError) as problem:  # a full socket: it does not listen any more
            self.kill()
            raise DecoderLostError("the decoder does not listen") from problem

    def _hear(self) -> None:
        try:
            message = self._control.recv(_PIPE_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            message = b""
        if not message:
            self._lose()
            return
        words = json.loads(message)
        if "ready" in words:
            self._ready.set_result(words["filtered"])
        elif (ending := self._endings.get(words["job"])) and not ending.done():
            ending.set_result(_Ending(words["status"], words["overdue"]))

    def _lose(self) -> None:
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._control)
        for waiting in (self._ready, *self._endings.values()):
            if not waiting.done():
                waiting.set_result(None)

    def _why(self, ending: _Ending | None, problem: BrokenReplyError) -> str:
        """What is said of a file whose child gave no answer, or one that cannot be believed."""
        if ending is None:
            raise DecoderLostError("the decoder died")
        if ending.overdue or ending.status == -signal.SIGXCPU:
            return f"takes longer than {self._settings.decode_seconds:g} s to decode"
        if ending.status == -signal.SIGKILL:
            raise DecoderLostError("the decoder was killed")
        if ending.status < 0:
            return f"crashes the decoder ({signal.Signals(-ending.status).name})"
        return problem.message


async def _sealed(content: bytes) -> int:
    """The content as a handle on memory that nobody can change any more."""
    handle = os.memfd_create("picture", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest[:_SLICE_BYTES]) :]
            if rest:
                await asyncio.sleep(0)  # others may go on while a large file is copied
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(handle, 0, os.SEEK_SET)
    except BaseException:
        os.close(handle)
        raise
    return handle


async def _read_to_end(handle: int, most: int) -> bytes:
    """What comes through a pipe; the first `most` bytes of it, if somebody has too much to say."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    content = bytearray()
    os.set_blocking(handle, False)

    def take() -> None:
        try:
            part = os.read(handle, _PIPE_BYTES)
        except BlockingIOError:
            return
        content.extend(part)
        if (not part or len(content) > most) and not ended.done():
            ended.set_result(None)

    loop.add_reader(handle, take)
    try:
        await ended
    finally:
        loop.remove_reader(handle)
    return bytes(content)
