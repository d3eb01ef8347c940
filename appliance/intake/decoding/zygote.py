"""The mother of the decoders: a small process that has imported all it needs, and forks one confined child per file.

Speaks with `keeper.py` over a socket: takes jobs (JSON, with the sealed bytes
and the writing end of a pipe as handles), tells how each child ended. Children
past their time are killed here. It ends when the daemon's end of the socket
does, and takes its children along. Run as a program.
"""

from __future__ import annotations

import codecs
import contextlib
import gc
import json
import math
import os
import select
import signal
import socket
import sys
import time
import warnings
from collections import deque
from dataclasses import dataclass
from typing import Any, NoReturn

import pydicom.charset
from PIL import Image, MpoImagePlugin
from pydicom.pixels.decoders import rle

from appliance.errors import DecoderError, IncompleteError, UnreadableError
from appliance.intake.decoding import picture
from appliance.intake.decoding.confine import MOST_HANDLES, confine, keep_only
from appliance.intake.decoding.memory import TOUCHED_BYTES, keep_touched, own_address_space
from appliance.intake.decoding.samples import ordinary_pictures, tiny_pictures

_LAZY = (MpoImagePlugin, rle)
"""What the libraries would import on demand, which a confined child cannot."""
_LONGEST_JOB = 4096
_LONGEST_WORDS = 300
_REST = 15
"""Milliseconds for which nobody works before a spare is born: a birth takes time from what follows on a decode."""


@dataclass(frozen=True)
class Settings:
    """What the daemon gives once, for all children."""

    spares: int
    """So many children wait ready for a file, as being born takes longer than a small picture may."""
    seconds: float
    megabytes: int
    megapixels: float
    max_side: int


@dataclass(eq=False)
class _Child:
    pid: int
    door: socket.socket
    job: int = 0
    deadline: float = math.inf
    overdue: bool = False


class Zygote:
    """Forks, hands over, watches the clock, and buries."""

    def __init__(self, control: socket.socket, settings: Settings) -> None:
        self._control = control
        self._settings = settings
        self._limits = picture.Limits(settings.megapixels, settings.max_side)
        self._memory = own_address_space() + TOUCHED_BYTES + settings.megabytes * 2**20
        self._samples = tiny_pictures()
        self._rehearsal = ordinary_pictures()
        self._pid = os.getpid()
        self._poller = select.poll()
        self._children: dict[int, _Child] = {}  # by the handle that tells their end
        self._spares: deque[_Child] = deque()

    def warm_up(self) -> None:
        """Decode one picture of each kind, so that what the libraries do only once is done before the first fork."""
        for name in {*pydicom.charset.python_encoding.values(), "ascii", "latin-1", "utf-8"}:
            codecs.lookup(name)
        for sample in self._samples:
            picture.clean(sample, "standard", self._limits)

    def serve(self) -> None:
        """Work until the daemon is gone."""
        self._poller.register(self._control, select.POLLIN)
        try:
            while True:
                short = len(self._children) == len(self._spares) < self._settings.spares
                events = self._poller.poll(_REST if short else self._patience())
                for handle, _ in events:
                    if handle in self._children:
                        self._bury(handle)
                    else:
                        self._listen()
                if short and not events:
                    self._spares.append(self._birth(rehearse=True))
        except EOFError:
            for child in self._children.values():
                os.kill(child.pid, signal.SIGKILL)
            for child in self._children.values():
                os.waitpid(child.pid, 0)

    def tell(self, **words: Any) -> None:
        try:
            self._control.send(json.dumps(words).encode())
        except ConnectionError as problem:
            raise EOFError from problem

    def proof(self) -> bool:
        """Have children live for trial, or raise; True if a confined one cannot even open the root folder."""
        for sample in self._samples:
            self._try_a_life(sample)
        pid = os.fork()
        if pid == 0:
            status = 1
            with contextlib.suppress(BaseException):
                held = self._confine()
                try:
                    os.open("/", os.O_RDONLY)
                except PermissionError:
                    status = 0 if held else 1
            os._exit(status)
        return os.waitpid(pid, 0)[1] == 0

    def _try_a_life(self, planes: dict[str, bytes]) -> None:
        """Have a child take, decode and answer as if for a scan: what confinement keeps from it must show now."""
        reading, writing = os.pipe()
        handles = [*map(_in_memory, planes.values()), writing]
        pid, door = self._fork(rehearse=True)
        with door, contextlib.suppress(ConnectionError):
            socket.send_fds(door, [json.dumps({"planes": list(planes), "palette": "standard"}).encode()], handles)
        for handle in handles:
            os.close(handle)
        answer = _read(reading)
        os.close(reading)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status or not answer.startswith(b'{"views"'):
            why = f"ended with {status} after saying {answer[:_LONGEST_WORDS]!r}"
            raise DecoderError(
                f"a confined child cannot decode: {why}", hint="does confine.py lack a call of this system?"
            )

    def _listen(self) -> None:
        """Take one message: a job, or the wish that a job's child be killed."""
        try:
            message, handles, _, _ = socket.recv_fds(self._control, _LONGEST_JOB, MOST_HANDLES)
        except ConnectionError as problem:
            raise EOFError from problem
        if not message:
            raise EOFError
        words = json.loads(message)
        if "kill" in words:
            for child in self._children.values():
                if child.job == words["kill"]:
                    os.kill(child.pid, signal.SIGKILL)
            return
        child = self._hand_over(message, handles)
        child.job, child.deadline = words["job"], time.monotonic() + self._settings.seconds
        for handle in handles:
            os.close(handle)

    def _hand_over(self, message: bytes, handles: list[int]) -> _Child:
        while True:
            child = self._spares.popleft() if self._spares else self._birth(rehearse=False)
            with child.door, contextlib.suppress(ConnectionError):  # one that died while it waited
                socket.send_fds(child.door, [message], handles)
                return child

    def _fork(self, *, rehearse: bool) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            self._live(theirs, rehearse=rehearse)
        theirs.close()
        return pid, ours

    def _birth(self, *, rehearse: bool) -> _Child:
        pid, ours = self._fork(rehearse=rehearse)
        watch = os.pidfd_open(pid)
        self._poller.register(watch, select.POLLIN)
        self._children[watch] = child = _Child(pid, ours)
        return child

    def _bury(self, watch: int) -> None:
        child = self._children.pop(watch)
        self._poller.unregister(watch)
        os.close(watch)
        _, status = os.waitpid(child.pid, 0)
        if child in self._spares:
            self._spares.remove(child)
            child.door.close()
        else:
            self.tell(job=child.job, status=os.waitstatus_to_exitcode(status), overdue=child.overdue)

    def _patience(self) -> float | None:
        """Milliseconds until the next child is overdue; kills those that are."""
        now = time.monotonic()
        for child in self._children.values():
            if child.deadline <= now:
                child.overdue, child.deadline = True, math.inf
                os.kill(child.pid, signal.SIGKILL)
        nearest = min((child.deadline for child in self._children.values()), default=math.inf)
        return None if nearest == math.inf else math.ceil((nearest - now) * 1000)

    def _live(self, door: socket.socket, *, rehearse: bool) -> NoReturn:
        """The child's whole life: lock itself in, get its hand in, wait for a file, answer, end.

        The rehearsal makes the pages its own that it will write to, so that the file does not wait for that.
        """
        status = 1
        with contextlib.suppress(BaseException):
            os.dup2(1, 2)  # what a library complains of in passing is nobody's business
            keep_only((0, 1, 2, door.fileno()))
            self._confine()
            for sample in self._rehearsal if rehearse else ():
                with contextlib.suppress(UnreadableError, MemoryError):  # beyond the limits of this box
                    picture.clean(sample, "standard", self._limits)
            message, handles, _, _ = socket.recv_fds(door, _LONGEST_JOB, MOST_HANDLES)
            door.close()
            if message:
                *inputs, result = handles
                _write(result, self._answer(json.loads(message), inputs))
                os.close(result)
            status = 0
        os._exit(status)

    def _confine(self) -> bool:
        seconds = math.ceil(self._settings.seconds)
        return confine(memory_bytes=self._memory, cpu_seconds=seconds, parent=self._pid)

    def _answer(self, job: dict[str, Any], inputs: list[int]) -> bytes:
        try:
            planes = {name: _read(handle) for name, handle in zip(job["planes"], inputs, strict=True)}
            views = picture.clean(planes, job["palette"], self._limits)
        except IncompleteError as problem:
            return _line(error="incomplete", message=problem.message[:_LONGEST_WORDS], hint=problem.hint)
        except UnreadableError as problem:
            return _line(error="unreadable", message=problem.message[:_LONGEST_WORDS], hint=problem.hint)
        except MemoryError:
            return _line(
                error="unreadable", message=f"needs more than {self._settings.megabytes} MB to decode", hint=""
            )
        told = [{"suffix": one.suffix, "width": one.width, "height": one.height, "size": len(one.png)} for one in views]
        return b"".join((_line(views=told), *(one.png for one in views)))


def _line(**words: Any) -> bytes:
    return json.dumps(words).encode() + b"\n"


def _read(handle: int) -> bytes:
    parts: list[bytes] = []
    while part := os.read(handle, 1 << 24):
        parts.append(part)
    return b"".join(parts)


def _write(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _in_memory(content: bytes) -> int:
    handle = os.memfd_create("sample", os.MFD_CLOEXEC)
    _write(handle, content)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def main() -> None:
    """Get everything ready, say so, and serve."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # the end of the socket is the end
    settings = Settings(**json.loads(sys.argv[2]))
    warnings.simplefilter("ignore")  # of the libraries: what matters is asked in picture.py
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = int(settings.megapixels * 1e6)
    zygote = Zygote(socket.socket(fileno=int(sys.argv[1])), settings)
    zygote.warm_up()
    keep_touched()
    gc.collect()
    gc.freeze()  # so that a child's collector does not touch, and thereby copy, what it shares
    with contextlib.suppress(EOFError):
        zygote.tell(ready=True, filtered=zygote.proof())
        zygote.serve()


if __name__ == "__main__":
    main()
