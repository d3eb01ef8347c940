"""The book of an exam: known pictures, what is in them, and what each stack said of them when the release was made.

Takes and gives JSON (`known.json`) and plain values. A stack is the way in which a release runs, such as
`onnxruntime+transformers-none`: each rounds in its own way, so each has its own bands of confidence.
"""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import ValidationError

from models.answer import Box, ComponentName, Finding, Share, Value
from models.artifacts.refusal import ArtifactRefusedError
from models.artifacts.words import parse

BOOK = "known.json"
BAND = 1.0
"""Log-odds by which a confidence may differ from the recorded one: 0.50 is 0.27 to 0.73, 0.97 is 0.92 to 0.99."""
EDGE = 1e-6
"""A confidence is taken to be at least so far from 0 and 1."""
SHIFT = 0.05
"""Of a picture's edge, by which a box may differ from the recorded one."""

Kind = Literal["threat", "clean", "blank", "text"]
"""With `text`, words are drawn across a bag with a threat that tell the reader to see nothing."""
KINDS: tuple[Kind, ...] = ("threat", "clean", "blank", "text")


class Expected(Value):
    """What one part of a stack says of one thing."""

    item: str
    location: str
    seen_by: tuple[ComponentName, ...]
    box: Box | None
    least: Share
    most: Share

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """With the band that its confidence may move in."""
        odds = _log_odds(finding.confidence)
        return cls(
            item=finding.item,
            location=finding.location,
            seen_by=finding.seen_by,
            box=finding.box,
            least=1 / (1 + math.exp(BAND - odds)),
            most=1 / (1 + math.exp(-BAND - odds)),
        )

    def however_sure(self) -> Self:
        return self.model_copy(update={"least": 0.0, "most": 1.0})


class Case(Value):
    """One known picture."""

    picture: str
    kind: Kind
    items: tuple[str, ...]
    """What is in it, exactly."""


class Book(Value):
    """All known pictures of a release."""

    cases: tuple[Case, ...]
    stacks: dict[str, dict[str, tuple[Expected, ...]]]
    """For each stack and each picture, what it says."""

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read `known.json`, or raise `ArtifactRefusedError`: a stack knows all of the pictures or is not in it."""
        try:
            book = cls.model_validate(parse(BOOK, content))
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            raise refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from problem
        items = {case.picture: set(case.items) for case in book.cases}
        if missing := set(KINDS) - {case.kind for case in book.cases}:
            raise refused(f"has no picture of the kind {min(missing)}")
        for stack, found in book.stacks.items():
            said = {name: {each.item for each in things} for name, things in found.items()}
            if said.keys() != items.keys() or any(not items[name] <= said[name] for name in items):
                raise refused(f"does not say for {stack} what is in its pictures")
        return book


def difference(finding: Finding, expected: Expected) -> str | None:
    """What is not as it was, or nothing."""
    if finding.location != expected.location:
        return f"lies at {finding.location}, not {expected.location}"
    if not expected.least <= _inside(finding.confidence) <= expected.most:
        return f"has confidence {finding.confidence:.3f}, not {expected.least:.3f} to {expected.most:.3f}"
    if (finding.box is None) != (expected.box is None):
        return "has a box where it had none, or none where it had one"
    if finding.box and expected.box:
        shift = max(abs(one - other) for one, other in zip(finding.box, expected.box, strict=True))
        if shift > SHIFT:
            return f"has its box {shift:.2f} away from where it was"
    return None


def refused(why: str) -> ArtifactRefusedError:
    return ArtifactRefusedError(BOOK, why)


def _inside(share: float) -> float:
    return min(max(share, EDGE), 1 - EDGE)


def _log_odds(share: float) -> float:
    return math.log(_inside(share) / (1 - _inside(share)))
