"""The engine at the other end of the socket, as an `Analyst`.

Takes the socket's path. Gives answers that are about what was asked, or raises an
`EngineError`; knows by a heartbeat and by the connection itself whether the
engine is there, and finds it again by itself. What to do without it is the box's business.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import zmq
import zmq.asyncio
from pydantic import ValidationError

from models import wire
from models.answer import Answer, Identity, Question, Value
from models.ports import (
    Early,
    EngineError,
    EngineLateError,
    EnginePictureError,
    EngineRefusedError,
    EngineUnavailableError,
    unheard,
)

HEARTBEAT = 0.5
"""Seconds between two calls to the engine."""
MISSED = 4
"""After so many calls without a reply it is taken for gone: two seconds."""
RECONNECT = 50
"""Milliseconds between two tries at a socket where nobody listens."""
LAST_WORDS = 100
"""Milliseconds that cancellations get to leave when a line is given up."""


class EngineClient:
    """Answers questions while `run` runs and an engine is there."""

    def __init__(self, socket: Path) -> None:
        self._address = wire.address(socket)
        self._line: _Line | None = None

    @property
    def alive(self) -> bool:
        """Would a question be answered now?"""
        return self._line is not None and self._line.ready

    @property
    def health(self) -> wire.Health | None:
        """What the engine last said of itself; none once it is gone."""
        return self._line.health if self._line else None

    @property
    def identity(self) -> Identity | None:
        """Who is at the other end now."""
        return self.health.identity if self.health else None

    async def run(self) -> None:
        """Keep a line to the engine for as long as this runs; after each loss a fresh one."""
        context = zmq.asyncio.Context()
        try:
            while True:
                self._line = _Line(context, self._address)
                try:
                    await self._line.hold()
                finally:
                    self._line.close()
                    self._line = None
                await asyncio.sleep(RECONNECT / 1000)
        finally:
            context.term()

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:
        if self._line is None or not self._line.ready:
            raise EngineUnavailableError("the engine is not there")
        return await self._line.ask(question, within, early)

    async def adapt(self, adapter: Path | None, within: float) -> Identity:
        """Have the engine answer with this adapter from now on, or with none; who it is then."""
        if self._line is None or not self._line.ready:
            raise EngineUnavailableError("the engine is not there")
        return await self._line.adapt(adapter, within)


@dataclass(frozen=True, slots=True)
class _Asked:
    read: Callable[[bytes], Value]
    answer: asyncio.Future[Value]
    early: Early


Reply = TypeVar("Reply", bound=Value)


class _Line:
    """One connection, from its first call to its loss. No question and no reply outlives it."""

    def __init__(self, context: zmq.asyncio.Context, address: str) -> None:
        self._asked: dict[bytes, _Asked] = {}
        self._names = count(1)
        self._missed = 0
        self.health: wire.Health | None = None
        self._socket = context.socket(zmq.DEALER)
        self._socket.set(zmq.LINGER, LAST_WORDS)
        self._socket.set(zmq.RECONNECT_IVL, RECONNECT)
        self._socket.set(zmq.MAXMSGSIZE, wire.LARGEST_FRAME)
        self._losses = self._socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._socket.connect(address)

    @property
    def ready(self) -> bool:
        return self.health is not None and self.health.state == "ready"

    async def hold(self) -> None:
        """Return when the engine is gone: cut off, or silent for too long."""
        jobs = [asyncio.ensure_future(job) for job in (self._listen(), self._call(), self._losses.recv_multipart())]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    def close(self) -> None:
        """Let go of everything that still waits here."""
        self.health = None
        for name, asked in self._asked.items():
            wire.send(self._socket, wire.CANCEL, name)
            if not asked.answer.done():
                asked.answer.set_exception(EngineUnavailableError("the engine went away before it answered"))
        self._asked.clear()
        self._socket.disable_monitor()
        self._losses.close(linger=0)
        self._socket.close()

    async def ask(self, question: Question, within: float, early: Early) -> Answer:
        within = min(within, wire.LONGEST_WAIT)
        if within <= 0:
            raise EngineLateError("no time was left to ask")
        ask = wire.Ask(question=question, within=within)
        return await self._send(wire.ASK, ask, partial(_answer, question), within, early)

    async def adapt(self, adapter: Path | None, within: float) -> Identity:
        wanted = wire.Adapt(adapter=adapter and str(adapter))
        return await self._send(wire.ADAPT, wanted, _identity, within)

    async def _send(
        self, kind: bytes, asking: Value, read: Callable[[bytes], Reply], within: float, early: Early = unheard
    ) -> Reply:
        name = b"%d" % next(self._names)
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[name] = _Asked(read, reply, early)
        try:
            if not wire.send(self._socket, kind, name, asking.model_dump_json().encode()):
                raise EngineUnavailableError("the engine takes no more questions")
            async with asyncio.timeout(within):
                return await reply
        except TimeoutError as late:
            raise EngineLateError(f"no answer within {within:g} s") from late
        finally:
            if self._asked.pop(name, None):  # neither answered nor lost: nobody waits any more
                wire.send(self._socket, wire.CANCEL, name)

    async def _call(self) -> None:
        """Counted in calls and not in time: while this process itself is held up, nobody is missed."""
        while self._missed < MISSED:
            wire.send(self._socket, wire.HEALTH, b"")
            self._missed += 1
            await asyncio.sleep(HEARTBEAT)

    async def _listen(self) -> None:
        while True:
            match await self._socket.recv_multipart():
                case [wire.HEALTH, _, body]:
                    self._hear(body)
                case [wire.ANSWER | wire.ADAPTED, name, body] if asked := self._asked.pop(name, None):
                    _settle(asked, body, asked.read)
                case [wire.SEEN, name, body] if asked := self._asked.get(name):
                    with contextlib.suppress(ValidationError):  # the answer will be looked at more closely
                        asked.early(wire.Seen.model_validate_json(body, strict=True).findings)
                case [wire.FAILED, name, body] if asked := self._asked.pop(name, None):
                    _settle(asked, body, _failure)
                case _:  # late, or senseless: it answers nothing
                    pass

    def _hear(self, body: bytes) -> None:
        try:
            self.health = wire.Health.model_validate_json(body, strict=True)
        except ValidationError:
            return  # as good as silence, and counted as that
        self._missed = 0


_ERRORS = {"engine": EngineUnavailableError, "picture": EnginePictureError, "question": EngineRefusedError}


def _settle(asked: _Asked, body: bytes, read: Callable[[bytes], Value]) -> None:
    if asked.answer.done():
        return
    try:
        asked.answer.set_result(read(body))
    except EngineError as problem:
        asked.answer.set_exception(problem)
    except ValidationError as problem:
        asked.answer.set_exception(EngineRefusedError(f"the engine's reply makes no sense: {wire.fault(problem)}"))


def _answer(question: Question, body: bytes) -> Answer:
    answer = Answer.model_validate_json(body, strict=True)
    if answer.question != question.id:
        raise EngineRefusedError(f"the engine answered {answer.question[:80]!r}, which was not asked")
    if answer.pictures != tuple(view.sha256 for view in question.views):
        raise EngineRefusedError("the engine looked at other pictures than it was asked about")
    return answer


def _identity(body: bytes) -> Identity:
    return Identity.model_validate_json(body, strict=True)


def _failure(body: bytes) -> Value:
    failed = wire.Failed.model_validate_json(body, strict=True)
    raise _ERRORS[failed.fault](failed.reason[: wire.LONGEST_REASON])
