"""Made-up answers, for rehearsals, demonstrations and tests of everything around an engine.

Takes a question, reads its pictures as a real engine would, and picks one of a
small table of answers by their digests: the same pictures always get the same
answer, and what is in them does not matter. The answers say that they are made
up (`Identity.canned`), so that the rules take them as evidence for rehearsal
scans only.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Self

from models import pictures
from models.answer import Answer, Answered, Box, Exam, ExamNotPassed, Finding, Identity, Question
from models.exam import Known, examine, plain
from models.ports import AdapterRefusedError, Early, unheard

NAME = "canned 1"
EXAM_SECONDS = 30.0
"""For all known questions, on a machine busy with starting everything else."""


def _finding(
    item: str, category: str, confidence: float, location: str, box: Box, *, occluded: bool = False
) -> Finding:
    return Finding(
        item=item,
        category=category,
        confidence=confidence,
        location=location,
        occluded=occluded,
        box=box,
        seen_by=("detector", "vlm"),
    )


_KNIFE = _finding("folding knife", "blade", 0.89, "center-left", (0.12, 0.40, 0.31, 0.55), occluded=True)
_SCISSORS = _finding("scissors", "blade", 0.93, "top-right", (0.66, 0.08, 0.84, 0.27))
_HANDGUN = _finding("handgun", "weapon", 0.97, "center", (0.37, 0.38, 0.63, 0.61))
_CARTRIDGES = _finding("ammunition", "ammunition", 0.81, "bottom-right", (0.70, 0.72, 0.82, 0.83), occluded=True)
_CHARGE = _finding("explosive", "explosive", 0.64, "bottom-left", (0.08, 0.66, 0.30, 0.90), occluded=True)
_BOTTLE = _finding("bottle", "liquid", 0.95, "center-right", (0.71, 0.25, 0.83, 0.66))
_LAPTOP = _finding("laptop", "electronics", 0.98, "top-left", (0.05, 0.06, 0.48, 0.39))
_WRENCH = _finding("wrench", "tool", 0.90, "bottom-center", (0.41, 0.74, 0.62, 0.86))
_SPRAY = _finding("spray can", "flammable", 0.86, "center", (0.20, 0.45, 0.78, 0.58))

TABLE: tuple[tuple[Finding, ...], ...] = (
    (),
    (_KNIFE,),
    (),
    (_LAPTOP,),
    (),
    (_BOTTLE,),
    (_HANDGUN,),
    (),
    (_LAPTOP, _BOTTLE),
    (_HANDGUN, _CARTRIDGES),
    (),
    (_SCISSORS,),
    (_WRENCH,),
    (),
    (_CHARGE,),
    (_SPRAY,),
)
"""Most bags hold nothing, as at a lane; every category of the baggage profile comes up, by the profile's own names."""

KNOWN: tuple[Known, ...] = (
    plain(2),
    plain(17, "folding knife"),
    plain(0, "handgun", "ammunition"),
    plain(1, "laptop"),
    plain(4, "handgun"),
    plain(5, "laptop", "bottle"),
    plain(6, "scissors"),
    plain(11, "wrench"),
    plain(16, "bottle"),
    plain(18, "explosive"),
    plain(32, "spray can"),
)
"""One picture for each kind of answer. Whoever changes the table or how it is read fails this exam."""


class Canned:
    """An engine that makes its answers up."""

    alive = True

    def __init__(self, release: str, delay: float = 0.0) -> None:
        self._delay = delay
        self._identity = Identity(
            engine=NAME, release=release, canned=True, exam=ExamNotPassed(state="none", reason="not examined yet")
        )

    @classmethod
    async def load(cls, release: str, delay: float = 0.0) -> Self:
        """An examined one. The delay stands for thinking about a bag and is left out of the exam."""
        loaded = cls(release, delay)
        await loaded.examine()
        return loaded

    @property
    def identity(self) -> Identity:
        return self._identity

    async def examine(self) -> Exam:
        exam = await examine(Canned(self._identity.release), KNOWN, EXAM_SECONDS)
        self._identity = self._identity.model_copy(update={"exam": exam})
        return exam

    async def adapt(self, adapter: Path | None) -> Identity:
        if adapter is not None:
            raise AdapterRefusedError("made-up answers take no adapter")
        return self._identity

    async def answer(
        self,
        question: Question,
        within: float,  # noqa: ARG002  whoever waits cancels
        early: Early = unheard,
    ) -> Answer:
        begun = time.monotonic()
        looked_at = await asyncio.to_thread(_look, question)
        looked, found = time.monotonic(), _pick(question, looked_at)
        if self._delay:
            if found:
                early(tuple(finding.model_copy(update={"seen_by": ("detector",)}) for finding in found))
            await asyncio.sleep(self._delay)
        described = time.monotonic()
        return Answer(
            question=question.id,
            pictures=looked_at,
            findings=found,
            components=(
                Answered(name="detector", milliseconds=(looked - begun) * 1000),
                Answered(name="vlm", milliseconds=(described - looked) * 1000),
            ),
            identity=self._identity,
        )


def _look(question: Question) -> tuple[str, ...]:
    """Read every picture; the digests of what was read."""
    for view in question.views:
        pictures.read(view)
    return tuple(view.sha256 for view in question.views)


def _pick(question: Question, digests: tuple[str, ...]) -> tuple[Finding, ...]:
    number = int.from_bytes(hashlib.sha256("".join(digests).encode()).digest()[:8], "big")
    view = question.views[number % len(question.views)].name
    return tuple(finding.model_copy(update={"view": view}) for finding in TABLE[number % len(TABLE)])
