"""The desk: where questions arrive, wait their turn and are answered.

Takes the engine's socket and, once there is one, an engine. Gives every question
an answer or a reason, unless nobody waits for it any more. When the engine is
loaded, and when the process ends, is `serve`'s business.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Self

import zmq
import zmq.asyncio
from pydantic import ValidationError

from models import wire
from models.answer import Answer, Finding, Identity, Question, Value
from models.ports import (
    Early,
    Engine,
    EngineError,
    EngineLateError,
    EnginePictureError,
    EngineRefusedError,
    EngineUnavailableError,
    unheard,
)

AT_ONCE = 64
"""Questions an engine thinks about at once; more wait in the order they came."""
MOST_WAITING = 1024
"""Questions at the desk. With frames of at most a megabyte this bounds its memory too."""
LAST_WORDS = 500
"""Milliseconds that replies get to leave when the desk closes."""

Key = tuple[bytes, bytes]
"""Who asked, and what they call their question."""


class Desk:
    """Answers at a socket; an `Analyst` itself, so that a canary goes the way every question goes."""

    def __init__(self, socket: Path, finished: Callable[[], None] = lambda: None) -> None:
        self._finished = finished
        self._engine: Engine | None = None
        self._state: wire.State = "loading"
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._asked: dict[Key, asyncio.Task[None]] = {}
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.set(zmq.MAXMSGSIZE, wire.LARGEST_FRAME)
        self._socket.set(zmq.LINGER, LAST_WORDS)
        self._socket.bind(wire.address(socket))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._context.term()

    def open(self, engine: Engine) -> None:
        """From now on questions are answered."""
        self._engine = engine
        self._state = "ready"

    async def receive(self) -> None:
        """Take messages for as long as this runs."""
        while True:
            frames: list[bytes] = await self._socket.recv_multipart()
            self._sort(frames)

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:
        """Wait for a turn, then let the engine think."""
        if self._engine is None or self._state != "ready":
            raise EngineUnavailableError(f"the engine is {self._state}")
        until = time.monotonic() + within
        try:
            async with asyncio.timeout(within), self._slots:
                return await self._engine.answer(question, until - time.monotonic(), early)
        except (EngineError, asyncio.CancelledError):
            raise
        except TimeoutError as late:
            if time.monotonic() >= until:
                raise EngineLateError(f"no answer within {within:g} s") from late
            raise _broken(late) from late
        except Exception as bug:  # a fault of the engine costs this question and no other
            raise _broken(bug) from bug

    async def close(self, patience: float) -> None:
        """Take no more questions; give those in flight a while to be answered, then fail them."""
        self._state = "stopping"
        asked = set(self._asked.values())
        if asked:
            await asyncio.wait(asked, timeout=patience)
        for key in tuple(self._asked):
            self._drop(key)
            self._fail(key, "the engine is stopping", "engine")

    def _sort(self, frames: list[bytes]) -> None:
        match frames:
            case [peer, wire.ASK, name, body] if len(name) <= wire.LONGEST_ID:
                self._take((peer, name), body)
            case [peer, wire.ADAPT, name, body] if len(name) <= wire.LONGEST_ID:
                self._change((peer, name), body)
            case [peer, wire.CANCEL, name]:
                self._drop((peer, name))
            case [peer, wire.HEALTH, name] if len(name) <= wire.LONGEST_ID:
                wire.send(self._socket, peer, wire.HEALTH, name, _json(self.health()))
            case _:  # senseless: it asks nothing
                pass

    def health(self) -> wire.Health:
        identity = self._engine.identity if self._engine else None
        return wire.Health(state=self._state, identity=identity, in_flight=len(self._asked))

    def _take(self, key: Key, body: bytes) -> None:
        if key in self._asked:  # failing it would fail the first one of that name
            return
        if len(self._asked) >= MOST_WAITING:
            self._fail(key, f"the engine has {MOST_WAITING} questions waiting already", "engine")
            return
        try:
            ask = wire.Ask.model_validate_json(body, strict=True)
        except ValidationError as problem:
            self._fail(key, f"not a question: {wire.fault(problem)}")
            return
        self._begin(key, wire.ANSWER, self.answer(ask.question, ask.within, partial(self._tell, key)))

    def _change(self, key: Key, body: bytes) -> None:
        try:
            wanted = wire.Adapt.model_validate_json(body, strict=True).adapter
        except ValidationError as problem:
            self._fail(key, f"not an adapter: {wire.fault(problem)}")
            return
        if key not in self._asked:
            self._begin(key, wire.ADAPTED, self._adapted(None if wanted is None else Path(wanted)))

    async def _adapted(self, adapter: Path | None) -> Identity:
        if self._engine is None or self._state != "ready":
            raise EngineUnavailableError(f"the engine is {self._state}")
        try:
            return await self._engine.adapt(adapter)
        except (EngineError, asyncio.CancelledError):
            raise
        except Exception as bug:
            raise _broken(bug) from bug

    def _begin(self, key: Key, kind: bytes, work: Coroutine[None, None, Value]) -> None:
        task = asyncio.create_task(self._reply(key, kind, work))
        self._asked[key] = task
        task.add_done_callback(partial(self._forget, key))

    async def _reply(self, key: Key, kind: bytes, work: Coroutine[None, None, Value]) -> None:
        try:
            answer = await work
        except EngineLateError:
            pass  # its asker has stopped waiting
        except EngineUnavailableError as problem:
            self._fail(key, str(problem), "engine")
        except EnginePictureError as problem:
            self._fail(key, str(problem), "picture")
        except EngineError as problem:
            self._fail(key, str(problem))
        else:
            peer, name = key
            wire.send(self._socket, peer, kind, name, _json(answer))
            self._finished()

    def _tell(self, key: Key, findings: tuple[Finding, ...]) -> None:
        """Pass on what the detector sees. Lost where the pipe is full: the answer has it too."""
        peer, name = key
        wire.send(self._socket, peer, wire.SEEN, name, _json(wire.Seen(findings=findings)))

    def _fail(self, key: Key, reason: str, fault: wire.Fault = "question") -> None:
        peer, name = key
        failed = wire.Failed(reason=reason[: wire.LONGEST_REASON], fault=fault)
        wire.send(self._socket, peer, wire.FAILED, name, _json(failed))

    def _drop(self, key: Key) -> None:
        if task := self._asked.pop(key, None):
            task.cancel()

    def _forget(self, key: Key, task: asyncio.Task[None]) -> None:
        if self._asked.get(key) is task:
            del self._asked[key]


def _broken(bug: Exception) -> EngineRefusedError:
    """Say where it broke: the one line an operator can pass on."""
    place = traceback.extract_tb(bug.__traceback__)[-1]
    return EngineRefusedError(f"the engine broke at {Path(place.filename).name}:{place.lineno}: {bug!r}")


def _json(value: Value) -> bytes:
    return value.model_dump_json().encode()
