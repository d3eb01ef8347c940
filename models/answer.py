"""The values on the wire between the box and its engine.

Takes nothing, gives frozen values that travel as JSON. What an answer means for
a bag is the rules' business; how it was found is the engine's.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
"""A number from 0 to 1: a confidence, or a place along a picture's edge."""

Box = tuple[Share, Share, Share, Share]
"""Left, top, right, bottom as shares of the picture's width and height."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A sha256 in lower-case hex."""

ComponentName = Literal["detector", "vlm"]
"""The parts of an engine whose word a verdict needs."""


class Value(BaseModel):
    """One kind of value everywhere: frozen, and no field that was not foreseen."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class View(Value):
    """One re-encoded picture of a scan. The engine reads the path and checks the digest."""

    name: str
    path: str
    sha256: Digest
    width: int = Field(gt=0)
    height: int = Field(gt=0)


class Question(Value):
    """What the box asks of the engine about one scan. The declaration is never part of it."""

    id: str
    views: tuple[View, ...] = Field(min_length=1)


class Finding(Value):
    """One thing the engine says it sees."""

    item: str
    category: str
    confidence: Share
    location: str
    occluded: bool
    box: Box | None = None
    view: str | None = None
    seen_by: tuple[ComponentName, ...] = Field(min_length=1)


class Answered(Value):
    """A component that looked at the pictures and spoke."""

    state: Literal["answered"] = "answered"
    name: ComponentName
    milliseconds: float = Field(ge=0)


class Silent(Value):
    """A component that did not speak, and why. It can never stand where `Answered` is asked for."""

    state: Literal["failed", "late", "absent"]
    name: ComponentName
    reason: str


Component = Annotated[Answered | Silent, Field(discriminator="state")]


class ExamPassed(Value):
    """The release answered its known questions rightly on this box's own stack."""

    state: Literal["passed"] = "passed"
    cases: int = Field(gt=0)


class ExamNotPassed(Value):
    """The release was not examined, or failed."""

    state: Literal["failed", "none"]
    reason: str


Exam = Annotated[ExamPassed | ExamNotPassed, Field(discriminator="state")]


class Identity(Value):
    """Who answered: everything needed to say later which weights and which code spoke."""

    engine: str
    release: str
    adapter: str | None = None
    quantization: str | None = None
    canned: bool = False
    """True for made-up answers, which count as evidence for rehearsal scans only."""
    rehearsal: bool = False
    """True for models that know simulated scans only: their word counts for rehearsal scans only, too."""
    exam: Exam


class Answer(Value):
    """What the engine said about one question."""

    question: str
    pictures: tuple[Digest, ...]
    """The digests of the pictures that were really looked at, in the order of the views."""
    findings: tuple[Finding, ...] = ()
    components: tuple[Component, ...]
    identity: Identity
