"""One detector, shared by everybody who asks at the same time.

Takes the pictures of many questions, gives each its own answer: while one call runs in a thread, the next questions
gather, and all of them go into the next call. A question whose asker has left is not asked. Where a shared call
fails, each question is asked alone, so that one picture costs no other question its answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from models.ports import Detection, Detector, EngineError

if TYPE_CHECKING:
    from models.ports import Pixels

MOST = 32
"""Pictures in one call, unless one question alone has more."""

Found = list[tuple[Detection, ...]]


class _Asked(NamedTuple):
    pictures: list[Pixels]
    answer: asyncio.Future[Found]


class Batches:
    """Lives in one event loop."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._waiting: deque[_Asked] = deque()
        self._work: asyncio.Task[None] | None = None

    async def detect(self, pictures: list[Pixels]) -> Found:
        """What is in each of the pictures. Raises what the detector raises."""
        asked = _Asked(pictures, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._call())
        return await asked.answer

    async def _call(self) -> None:
        while together := self._next():
            try:
                await self._ask(together)
            except EngineError as problem:
                if len(together) == 1:
                    _fail(together[0], problem)
                    continue
                for one in together:
                    await self._alone(one)
            except Exception as bug:  # noqa: BLE001  every one of them must hear of it
                for one in together:
                    _fail(one, bug)

    def _next(self) -> list[_Asked]:
        """Whoever waits and still wants to know, as many as go into one call."""
        taken: list[_Asked] = []
        pictures = 0
        while self._waiting:
            if self._waiting[0].answer.done():
                self._waiting.popleft()
                continue
            pictures += len(self._waiting[0].pictures)
            if taken and pictures > MOST:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _ask(self, together: list[_Asked]) -> None:
        found = await asyncio.to_thread(self._detector.detect, [each for one in together for each in one.pictures])
        place = 0
        for one in together:
            if not one.answer.done():
                one.answer.set_result(found[place : place + len(one.pictures)])
            place += len(one.pictures)

    async def _alone(self, one: _Asked) -> None:
        if one.answer.done():
            return
        try:
            await self._ask([one])
        except Exception as problem:  # noqa: BLE001  it is the asker's to handle
            _fail(one, problem)


def _fail(one: _Asked, problem: Exception) -> None:
    if not one.answer.done():
        one.answer.set_exception(problem)
