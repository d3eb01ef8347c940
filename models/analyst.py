"""An engine of two pairs of eyes: a detector that proposes, and a reader that says by itself what it sees.

Takes questions, gives answers. Both look at every view at the same time and neither hears of the other. Then, for each
prohibited thing that the detector proposes and the reader did not name, the reader is asked once more with the
detector's hints; `fusion` puts everything together. Where one of them fails, its part says so and the findings of the
other stand; where both fail, there is no answer. A declaration is never part of what is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from models.answer import (
    Answer,
    Answered,
    Component,
    Exam,
    ExamNotPassed,
    ExamPassed,
    Finding,
    Identity,
    Question,
    Silent,
)
from models.batches import Batches
from models.exam import Known, examine
from models.fusion import Proposed, fuse, place_of, side_by_side
from models.heard import Named
from models.look import Look, look
from models.ports import (
    AdapterRefusedError,
    Detector,
    Early,
    EngineError,
    EngineLateError,
    EngineRefusedError,
    Reader,
    unheard,
)
from models.profile import Profile
from models.release import Release
from models.telling import Telling, Told, in_time, silent

WHOLE = 16
"""Questions whose whole pictures are in memory at once; they are let go as soon as the detector is done."""
SPARE = 0.1
"""Of the time that is given: kept to put together what there is when a part is late."""
MOST_SPARE = 0.5
"""Seconds, the same."""
EXAM_SECONDS = 60.0
"""For all known questions together, between those of a busy lane."""
UNEXAMINED = ExamNotPassed(state="none", reason="not examined yet")

Made = TypeVar("Made")


class Seen(NamedTuple):
    """The detector's part: for each view what it proposes."""

    word: Component
    proposed: list[tuple[Proposed, ...]]


class Way(Protocol):
    """How the words of the two about one view become findings."""

    def __call__(
        self, view: str, proposed: Sequence[Proposed], named: Sequence[Named], profile: Profile, about: Release, /
    ) -> tuple[Finding, ...]: ...


class PairedEngine:
    """An `Engine`. Lives in one event loop."""

    def __init__(
        self, detector: Detector, reader: Reader, profile: Profile, release: Release, stack: str, cases: Sequence[Known]
    ) -> None:
        self._detector = Batches(detector)
        self._reader = reader
        self._telling = Telling(reader, profile, release)
        self._profile = profile
        self._release = release
        self._stack = stack
        self._cases = tuple(cases)
        self._whole = asyncio.Semaphore(WHOLE)
        self._one_change = asyncio.Lock()
        self._adapter: tuple[Path | None, str | None] = None, None
        self._exams: dict[str | None, Exam] = {}

    @property
    def identity(self) -> Identity:
        return self._identity(self._adapter[1])

    @property
    def alive(self) -> bool:
        return self._reader.alive

    async def examine(self) -> Exam:
        async with self._one_change:
            exam = await self._examine()
            self._exams = {self._adapter[1]: exam}
            return exam

    async def adapt(self, adapter: Path | None) -> Identity:
        async with self._one_change:
            before = self._adapter
            self._adapter = adapter, await self._reader.adapt(adapter)
            exam = await self._examine()  # meanwhile nothing vouches for what it says
            if adapter is None or isinstance(exam, ExamPassed):
                self._exams[self._adapter[1]] = exam  # the one before still has questions in flight
                return self.identity
            self._adapter = before[0], await self._reader.adapt(before[0])
            raise AdapterRefusedError(f"with it the exam is not passed: {exam.reason}")

    async def close(self) -> None:
        await self._reader.close()

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:
        until = _until(within)
        looks, seen, told = await self.look(question, until, early)
        await self._telling.look_again(looks, seen.proposed, told, until)
        if len(told.adapters) > 1:  # it was changed meanwhile
            told = await self._telling.tell(looks, until)
            await self._telling.look_again(looks, seen.proposed, told, until)
        return self.put_together(question, seen, told, fuse)

    async def look(self, question: Question, until: float, early: Early = unheard) -> tuple[list[Look], Seen, Told]:
        """What each of the two says of the pictures, for itself."""
        async with AsyncExitStack() as end:
            async with self._whole:
                looks = await asyncio.to_thread(lambda: [look(view, self._profile) for view in question.views])
                telling = await end.enter_async_context(_meanwhile(self._telling.tell(looks, until)))
                seen = await self._see(looks, until)
                for each in looks:
                    each.let_go()
            if first := self._findings(question, seen.proposed, [()] * len(looks), side_by_side):
                early(first)
            return looks, seen, await telling

    def put_together(self, question: Question, seen: Seen, told: Told, way: Way) -> Answer:
        """The answer, or an error where neither of the two has a word."""
        if isinstance(seen.word, Silent) and isinstance(told.word, Silent) and not any(told.named):
            kind = EngineLateError if seen.word.state == told.word.state == "late" else EngineRefusedError
            raise kind(f"neither part answered; detector: {seen.word.reason}; vlm: {told.word.reason}")
        return Answer(
            question=question.id,
            pictures=tuple(view.sha256 for view in question.views),
            findings=self._findings(question, seen.proposed, told.named, way),
            components=(seen.word, told.word),
            identity=self._identity(*told.adapters or {self._adapter[1]}),
        )

    def _findings(
        self,
        question: Question,
        proposed: Sequence[Sequence[Proposed]],
        named: Sequence[Sequence[Named]],
        way: Way,
    ) -> tuple[Finding, ...]:
        """What was said of all views, as findings."""
        return tuple(
            finding
            for view, seen, told in zip(question.views, proposed, named, strict=True)
            for finding in way(view.name, seen, told, self._profile, self._release)
        )

    async def _see(self, looks: list[Look], until: float) -> Seen:
        """What the detector proposes for each view."""
        begun = time.monotonic()
        try:
            found = await in_time(self._detector.detect([each.whole for each in looks]), until, "the detector")
        except EngineError as problem:
            return Seen(silent("detector", problem), [() for _ in looks])
        word = Answered(name="detector", milliseconds=(time.monotonic() - begun) * 1000)
        proposed = [
            tuple(Proposed(detection=one, place=place_of(one.box, each.bag, self._profile)) for one in detections)
            for detections, each in zip(found, looks, strict=True)
        ]
        return Seen(word, proposed)

    async def _examine(self) -> Exam:
        """How sure the reader is was recorded without an adapter; with one, it only has to see the same."""
        cases = self._cases if self._adapter[1] is None else tuple(case.however_sure() for case in self._cases)
        return await examine(SideBySide(self), cases, EXAM_SECONDS)

    def _identity(self, *adapters: str | None) -> Identity:
        """Who answers with these adapters; two were never examined together."""
        adapter = adapters[0] if len(adapters) == 1 else None
        exam = self._exams.get(adapter, UNEXAMINED) if len(adapters) == 1 else UNEXAMINED
        return Identity(
            engine=self._stack,
            release=self._release.name,
            adapter=adapter,
            quantization=self._release.quantization,
            rehearsal=self._release.rehearsal,
            exam=exam,
        )


class SideBySide:
    """The same engine as an exam sees it: an `Analyst` whose two parts each answer for themselves.

    Nothing is put together and there is no second look, so a sound part cannot cover for one that is not.
    """

    def __init__(self, engine: PairedEngine) -> None:
        self._engine = engine

    async def answer(self, question: Question, within: float) -> Answer:
        _, seen, told = await self._engine.look(question, _until(within))
        return self._engine.put_together(question, seen, told, side_by_side)


def _until(within: float) -> float:
    """When the parts have to be done."""
    return time.monotonic() + within - min(MOST_SPARE, SPARE * within)


@asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, Made]) -> AsyncGenerator[asyncio.Task[Made]]:
    """Let something happen meanwhile; nothing of it goes on afterwards."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
