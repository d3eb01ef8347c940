"""An engine of two pairs of eyes: a detector that proposes, and a reader that says by itself what it sees.

Takes questions, gives answers. Both look at every view at the same time and neither hears of the other. Then, for each
prohibited thing that the detector proposes and the reader did not name, the reader is asked once more with the
detector's hints; `fusion` puts everything together. Where one of them fails, its part says so and the findings of the
other stand; where both fail, there is no answer. A declaration is never part of what is asked.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from models import prompt
from models.answer import Answer, Answered, Component, ComponentName, Exam, ExamNotPassed, Identity, Question, Silent
from models.batches import Batches
from models.fusion import Proposed, fuse, more, place_of, unconfirmed
from models.heard import Heard, Named, heard
from models.look import Look, look
from models.ports import (
    Detection,
    Detector,
    EngineError,
    EngineLateError,
    EngineRefusedError,
    EngineUnavailableError,
    Reader,
    Reading,
    Reply,
)
from models.profile import Profile
from models.release import Release

WHOLE = 16
"""Questions whose whole pictures are in memory at once; they are let go as soon as the detector is done."""
SPARE = 0.1
"""Of the time that is given: kept to put together what there is when a part is late."""
MOST_SPARE = 0.5
"""Seconds, the same."""
UNEXAMINED = ExamNotPassed(state="none", reason="not examined yet")

Made = TypeVar("Made")


class Seen(NamedTuple):
    """The detector's part: for each view what it proposes."""

    word: Component
    proposed: list[tuple[Proposed, ...]]


@dataclass(slots=True)
class Told:
    """The reader's part: for each view what it says, and by which adapter."""

    heard: list[Heard]
    adapters: set[str | None]
    milliseconds: float
    problem: EngineError | None = None

    def word(self) -> Component:
        if self.problem:
            return _silent("vlm", self.problem)
        trouble = [each.trouble for each in self.heard if each.trouble]
        if not trouble and len(self.adapters) > 1:
            trouble = ["its adapter was changed between two views"]
        if trouble:
            return Silent(state="failed", name="vlm", reason=trouble[0])
        return Answered(name="vlm", milliseconds=self.milliseconds)


class PairedEngine:
    """An `Engine`. Lives in one event loop."""

    def __init__(self, detector: Detector, reader: Reader, profile: Profile, release: Release, stack: str) -> None:
        self._detector = Batches(detector)
        self._reader = reader
        self._profile = profile
        self._release = release
        self._whole = asyncio.Semaphore(WHOLE)
        self._schemas = {kind: json.dumps(prompt.schema(kind, profile)) for kind in ("general", "specific")}
        self._adapter: str | None = None
        self._exams: dict[str | None, Exam] = {}
        self._stack = stack

    @property
    def identity(self) -> Identity:
        return self._identity(self._adapter)

    def examined(self, exam: Exam) -> None:
        """Take the result of the exam of what answers now; what another adapter says is not covered by it."""
        self._exams = {self._adapter: exam}

    async def adapt(self, adapter: Path | None) -> str | None:
        """Read with this adapter from now on; until the next exam nothing vouches for it."""
        self._adapter = await self._reader.adapt(adapter)
        return self._adapter

    async def close(self) -> None:
        await self._reader.close()

    async def answer(self, question: Question, within: float) -> Answer:
        until = time.monotonic() + within - min(MOST_SPARE, SPARE * within)
        async with AsyncExitStack() as end:
            async with self._whole:
                looks = await asyncio.to_thread(lambda: [look(view, self._profile) for view in question.views])
                telling = await end.enter_async_context(_meanwhile(self._tell(looks, until)))
                seen = await self._see(looks, until)
                for each in looks:
                    each.let_go()
            told = await telling
        named = await self._look_again(looks, seen, told, until)
        if len(told.adapters) > 1:  # it was changed meanwhile
            told = await self._tell(looks, until)
            named = await self._look_again(looks, seen, told, until)
        word = told.word()
        if isinstance(seen.word, Silent) and isinstance(word, Silent) and not any(named):
            kind = EngineLateError if seen.word.state == word.state == "late" else EngineRefusedError
            raise kind(f"neither part answered; detector: {seen.word.reason}; vlm: {word.reason}")
        findings = (
            finding
            for view, proposed, each in zip(question.views, seen.proposed, named, strict=True)
            for finding in fuse(view.name, proposed, each, self._profile, self._release)
        )
        return Answer(
            question=question.id,
            pictures=tuple(view.sha256 for view in question.views),
            findings=tuple(findings),
            components=(seen.word, word),
            identity=self._identity(*told.adapters or {self._adapter}),
        )

    async def _see(self, looks: list[Look], until: float) -> Seen:
        """What the detector proposes for each view."""
        begun = time.monotonic()
        try:
            found = await _in_time(self._detector.detect([each.whole for each in looks]), until, "the detector")
        except EngineError as problem:
            return Seen(_silent("detector", problem), [() for _ in looks])
        word = Answered(name="detector", milliseconds=(time.monotonic() - begun) * 1000)
        return Seen(word, [self._placed(one, each) for one, each in zip(found, looks, strict=True)])

    def _placed(self, found: Sequence[Detection], seen: Look) -> tuple[Proposed, ...]:
        return tuple(Proposed(detection=one, place=place_of(one.box, seen.bag, self._profile)) for one in found)

    async def _tell(self, looks: list[Look], until: float) -> Told:
        """What the reader says of each view, without a hint."""
        asked = prompt.question("general")
        begun = time.monotonic()
        replies, problem = await self._ask([(each, "general", asked) for each in looks], until)
        said = [self._hear(reply, general=True) for reply in replies]
        return Told(said, _adapters(replies), (time.monotonic() - begun) * 1000, problem)

    async def _look_again(self, looks: list[Look], seen: Seen, told: Told, until: float) -> list[tuple[Named, ...]]:
        """What the reader names after all, with what it fails to say noted in its part."""
        named = [each.named for each in told.heard]
        asked: list[tuple[Look, prompt.Kind, str]] = []
        views: list[int] = []
        for number, proposed in enumerate(seen.proposed):
            hints = self._hints(proposed)
            for item in unconfirmed(proposed, named[number], self._profile, self._release):
                asked.append((looks[number], "specific", prompt.question("specific", item, hints)))
                views.append(number)
        if not asked or told.problem:
            return named
        begun = time.monotonic()
        replies, told.problem = await self._ask(asked, until)
        told.milliseconds += (time.monotonic() - begun) * 1000
        told.adapters |= _adapters(replies)
        for number, reply in zip(views, replies, strict=True):
            again = self._hear(reply, general=False)
            told.heard.append(again)
            named[number] = more(named[number], again.named, self._profile)
        return named

    def _hints(self, proposed: Sequence[Proposed]) -> tuple[str, ...]:
        """All that the detector proposes for a view, in the order that the reader is taught."""
        strong = [each for each in proposed if each.detection.score >= self._release.proposes]
        mentions = [prompt.Mention(item=each.detection.item, location=each.place, occluded=False) for each in strong]
        return tuple(dict.fromkeys(each.hint for each in prompt.in_order(mentions, self._profile)))

    async def _ask(
        self, asked: Sequence[tuple[Look, prompt.Kind, str]], until: float
    ) -> tuple[list[Reply | None], EngineError | None]:
        """Ask everything at once; the replies that came, and the first reason why one did not."""
        readings = [
            Reading(picture=seen.framed, question=words, schema=self._schemas[kind]) for seen, kind, words in asked
        ]
        asking = (_in_time(self._reader.read(reading), until, "the reader") for reading in readings)
        replies = await asyncio.gather(*map(_kept, asking))
        problems = [each for each in replies if isinstance(each, EngineError)]
        return [None if isinstance(each, EngineError) else each for each in replies], next(iter(problems), None)

    def _hear(self, reply: Reply | None, *, general: bool) -> Heard:
        return Heard() if reply is None else heard(reply, self._profile, self._release.reader, general=general)

    def _identity(self, *adapters: str | None) -> Identity:
        """Who answers with these adapters; two were never examined together."""
        adapter = adapters[0] if len(adapters) == 1 else None
        exam = self._exams.get(adapter, UNEXAMINED) if len(adapters) == 1 else UNEXAMINED
        return Identity(
            engine=self._stack,
            release=self._release.name,
            adapter=adapter,
            quantization=self._release.quantization,
            exam=exam,
        )


@asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, Made]) -> AsyncGenerator[asyncio.Task[Made]]:
    """Let something happen meanwhile; nothing of it goes on afterwards."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _in_time(work: Coroutine[None, None, Made], until: float, who: str) -> Made:
    try:
        async with asyncio.timeout(max(0.0, until - time.monotonic())):
            return await work
    except TimeoutError as late:
        raise EngineLateError(f"{who} did not answer in time") from late
    except (EngineError, asyncio.CancelledError):
        raise
    except Exception as bug:  # costs this part and not the other one
        raise EngineRefusedError(f"{who} broke: {bug!r}") from bug


async def _kept(work: Coroutine[None, None, Made]) -> Made | EngineError:
    """What it gives, or the reason why there is nothing."""
    try:
        return await work
    except EngineError as problem:
        return problem


def _adapters(replies: Sequence[Reply | None]) -> set[str | None]:
    return {reply.adapter for reply in replies if reply is not None}


def _silent(name: ComponentName, problem: EngineError) -> Silent:
    late, absent = isinstance(problem, EngineLateError), isinstance(problem, EngineUnavailableError)
    return Silent(state="late" if late else "absent" if absent else "failed", name=name, reason=str(problem))
