"""The door: questions from many tasks, answered by one thread, a batch at a time.

Takes a reader's folder whose files were checked (`models.release`), gives a `Reader`. Whatever waits goes as one batch
and the rest stands in line; a question that nobody waits for any more is dropped unless it was begun. A change of
adapter stands in the same line, so it comes between batches. Out of memory, the batch is halved, and stays so.
"""

# torch and transformers do not say their types
# pyright: basic

import asyncio
import sys
import traceback
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any, Self

import torch
from transformers import Qwen2_5_VLProcessor

from models.engines.qwen_transformers import weights
from models.engines.qwen_transformers.adapter import Adapters
from models.engines.qwen_transformers.decode import Voice
from models.ports import EngineError, EngineRefusedError, EngineUnavailableError, Reading, Reply
from models.release import Quantization

AT_ONCE = 16
"""Questions in a batch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    reading: Reading
    reply: Future[Reply] = field(default_factory=Future)


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    adapter: Path | None
    reply: Future[str | None] = field(default_factory=Future)


class QwenTransformers:
    """A `Reader`."""

    def __init__(self, voice: Voice, adapters: Adapters, at_once: int = AT_ONCE) -> None:
        self._voice = voice
        self._adapters = adapters
        self._at_once = at_once
        self._line: deque[_Asked | _Change] = deque()
        self._news = Condition()
        self._closed = False
        self._thread = Thread(target=self._work, name="reader", daemon=True)
        self._thread.start()

    @classmethod
    async def load(
        cls, folder: Path, quantization: Quantization = "none", device: str | None = None, at_once: int = AT_ONCE
    ) -> Self:
        """On the graphics card where there is one. Raises `ArtifactRefusedError`."""
        return await asyncio.to_thread(cls._load, folder, quantization, device, at_once)

    @classmethod
    def _load(cls, folder: Path, quantization: Quantization, device: str | None, at_once: int) -> Self:
        model = weights.load(folder, quantization, device or ("cuda" if torch.cuda.is_available() else "cpu"))
        voice = Voice(model, Qwen2_5_VLProcessor.from_pretrained(folder, local_files_only=True))
        return cls(voice, Adapters(model, voice), at_once)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def read(self, reading: Reading) -> Reply:
        return await self._ask(_Asked(reading))

    async def adapt(self, adapter: Path | None) -> str | None:
        return await self._ask(_Change(adapter))

    async def close(self) -> None:
        """What was begun is answered, what was not is failed."""
        with self._news:
            self._closed = True
            self._news.notify()
        await asyncio.to_thread(self._thread.join)
        for job in self._line:
            if job.reply.set_running_or_notify_cancel():
                job.reply.set_exception(EngineUnavailableError("the engine is stopping"))
        self._line.clear()

    async def _ask(self, job: _Asked | _Change) -> Any:
        with self._news:
            if self._closed:
                raise EngineUnavailableError("the engine is stopping")
            self._line.append(job)
            self._news.notify()
        return await asyncio.wrap_future(job.reply)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if isinstance(job, _Change):
                self._change(job)
            else:
                self._answer(job)

    def _next(self) -> list[_Asked] | _Change | None:
        with self._news:
            self._news.wait_for(lambda: self._line or self._closed)
            if self._closed:
                return None
            first = self._line[0]
            if isinstance(first, _Change):
                self._line.popleft()
                return first
            batch: list[_Asked] = []
            while self._line and len(batch) < self._at_once and isinstance(job := self._line[0], _Asked):
                self._line.popleft()
                if job.reply.set_running_or_notify_cancel():
                    batch.append(job)
            return batch

    def _change(self, job: _Change) -> None:
        if not job.reply.set_running_or_notify_cancel():
            return
        try:
            job.reply.set_result(self._adapters.take(job.adapter))
        except Exception as problem:  # noqa: BLE001  handed on to whoever asked
            job.reply.set_exception(_told(problem))

    def _answer(self, batch: list[_Asked]) -> None:
        while batch:
            some = batch[: self._at_once]
            if self._out_of_memory(some):
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
                self._fewer([each for each in some if not each.reply.done()])
            batch = [each for each in batch if not each.reply.done()]

    def _out_of_memory(self, batch: list[_Asked]) -> bool:
        """Answer all of these, or find that they are too many at once."""
        try:
            for number, said in self._voice.say([each.reading for each in batch]):
                reply = batch[number].reply
                if isinstance(said, EngineError):
                    reply.set_exception(said)
                else:
                    text = "".join(piece.text for piece in said)
                    reply.set_result(Reply(text=text, pieces=said, adapter=self._adapters.digest))
        except Exception as problem:  # noqa: BLE001  handed on to whoever asked
            if _is_memory(problem):
                return True
            for each in batch:
                if not each.reply.done():
                    each.reply.set_exception(_told(problem))
        return False

    def _fewer(self, begun: list[_Asked]) -> None:
        if len(begun) == 1:
            begun[0].reply.set_exception(EngineRefusedError("there is not enough memory for this one question"))
            return
        self._at_once = max(1, len(begun) // 2)
        sys.stderr.write(f"lanewatch-models: out of memory, at most {self._at_once} questions at once from now on\n")


def _is_memory(problem: Exception) -> bool:
    """On a processor torch has no error of its own for this."""
    return isinstance(problem, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(problem)


def _told(problem: Exception) -> EngineError:
    if isinstance(problem, EngineError):
        return problem
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return EngineRefusedError(f"the reader broke at {Path(place.filename).name}:{place.lineno}: {problem!r}")
