"""The reader's part in an answer: what it says of each view, first by itself and then at a second look.

Takes looks at views, gives what was said of them, and why that cannot be relied on, if so. The first question is put
without any hint. A second look comes with all that the detector proposes, in the words that the reader was taught.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from models import prompt
from models.answer import Answered, Component, ComponentName, Silent
from models.fusion import Proposed, more, unconfirmed
from models.heard import Heard, Named, heard
from models.look import Look
from models.ports import (
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

Made = TypeVar("Made")


@dataclass(slots=True)
class Told:
    """What the reader says."""

    named: list[tuple[Named, ...]]
    """For each view."""
    adapters: set[str | None]
    """By which it spoke; more than one where it was changed meanwhile."""
    milliseconds: float
    problem: EngineError | None = None
    """Why there is no reply, if one is missing."""
    trouble: str | None = None
    """What is wrong with a reply that came."""

    @property
    def word(self) -> Component:
        if self.problem:
            return silent("vlm", self.problem)
        trouble = self.trouble
        if len(self.adapters) > 1:
            trouble = "its adapter was changed between two questions, again and again"
        if trouble:
            return Silent(state="failed", name="vlm", reason=trouble)
        return Answered(name="vlm", milliseconds=self.milliseconds)


class _Asked(NamedTuple):
    view: int
    kind: prompt.Kind
    words: str


class Telling:
    """Asks a reader, in the words of a profile."""

    def __init__(self, reader: Reader, profile: Profile, release: Release) -> None:
        self._reader = reader
        self._profile = profile
        self._release = release
        self._schemas = {kind: json.dumps(prompt.schema(kind, profile)) for kind in ("general", "specific")}

    async def tell(self, looks: Sequence[Look], until: float) -> Told:
        """What is in each view, without a hint."""
        told = Told([() for _ in looks], set(), 0.0)
        words = prompt.question("general")
        await self._ask(looks, [_Asked(view, "general", words) for view in range(len(looks))], told, until)
        return told

    async def look_again(
        self, looks: Sequence[Look], seen: Sequence[Sequence[Proposed]], told: Told, until: float
    ) -> None:
        """Ask for each prohibited thing that was proposed and not named; what is named after all is added."""
        if told.problem:
            return
        asked: list[_Asked] = []
        for view, proposed in enumerate(seen):
            hints = self._hints(proposed)
            items = unconfirmed(proposed, told.named[view], self._profile, self._release)
            asked += [_Asked(view, "specific", prompt.question("specific", item, hints)) for item in items]
        if asked:
            await self._ask(looks, asked, told, until)

    async def _ask(self, looks: Sequence[Look], asked: Sequence[_Asked], told: Told, until: float) -> None:
        """Ask everything at once."""
        begun = time.monotonic()
        readings = [
            Reading(picture=looks[one.view].framed, question=one.words, schema=self._schemas[one.kind]) for one in asked
        ]
        asking = (in_time(self._reader.read(reading), until, "the reader") for reading in readings)
        replies = await asyncio.gather(*map(_kept, asking))
        told.milliseconds += (time.monotonic() - begun) * 1000
        for one, reply in zip(asked, replies, strict=True):
            if isinstance(reply, EngineError):
                told.problem = told.problem or reply
                continue
            told.adapters.add(reply.adapter)
            said = self._hear(reply, one.kind)
            told.trouble = told.trouble or said.trouble
            told.named[one.view] = more(told.named[one.view], said.named, self._profile)

    def _hear(self, reply: Reply, kind: prompt.Kind) -> Heard:
        return heard(reply, self._profile, self._release.reader, general=kind == "general")

    def _hints(self, proposed: Sequence[Proposed]) -> tuple[str, ...]:
        """All that the detector proposes for a view, in the order that the reader is taught."""
        strong = [each for each in proposed if each.detection.score >= self._release.proposes]
        mentions = [prompt.Mention(item=each.detection.item, location=each.place, occluded=False) for each in strong]
        return tuple(dict.fromkeys(each.hint for each in prompt.in_order(mentions, self._profile)))


async def in_time(work: Coroutine[None, None, Made], until: float, who: str) -> Made:
    """What it gives, or `EngineError`, whatever else goes wrong: one part's bug costs its own word only."""
    try:
        async with asyncio.timeout(max(0.0, until - time.monotonic())):
            return await work
    except TimeoutError as late:
        raise EngineLateError(f"{who} did not answer in time") from late
    except (EngineError, asyncio.CancelledError):
        raise
    except Exception as bug:
        raise EngineRefusedError(f"{who} broke: {bug!r}") from bug


async def _kept(work: Coroutine[None, None, Made]) -> Made | EngineError:
    """What it gives, or the reason why there is nothing."""
    try:
        return await work
    except EngineError as problem:
        return problem


def silent(name: ComponentName, problem: EngineError) -> Silent:
    """The word of a part that has none."""
    late, absent = isinstance(problem, EngineLateError), isinstance(problem, EngineUnavailableError)
    return Silent(state="late" if late else "absent" if absent else "failed", name=name, reason=str(problem))
