"""The doors of the models: what any analyst promises, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.answer import Answer, Box, Exam, Finding, Identity, Question, Share, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    """Height, width and the three colours red, green, blue."""


class EngineError(Exception):
    """The engine did not answer. The one family of errors an `Analyst` may raise."""


class EngineUnavailableError(EngineError):
    """Nobody is at the other end, or it went away before answering."""


class EngineLateError(EngineError):
    """The engine is there but did not answer in time."""


class EngineRefusedError(EngineError):
    """The engine looked at the question and could not answer it."""


class EnginePictureError(EngineRefusedError):
    """The engine could not read a picture of the question: it is gone, or not the one that was meant."""


class AdapterRefusedError(EngineRefusedError):
    """An adapter was not taken; the one before stays in force. The message says why."""


class CannotLoadError(Exception):
    """An engine cannot be loaded here. The message says why and what to do."""


class EngineDiedError(Exception):
    """The engine died inside a process that still runs. The message says what to do."""


Early = Callable[[tuple[Finding, ...]], None]
"""Hears what the detector alone sees, as soon as it has looked: for officers' eyes, and no verdict comes of it."""


def unheard(findings: tuple[Finding, ...]) -> None:
    """Nobody listens."""


class Analyst(Protocol):
    """Whoever answers questions about scans. Raises `EngineError` and nothing else."""

    async def answer(self, question: Question, within: float) -> Answer:
        """Answer within so many seconds, or raise."""
        ...


class Engine(Protocol):
    """An analyst that is loaded in this process and can say who it is."""

    @property
    def identity(self) -> Identity:
        """Who answers now, and how its last exam went."""
        ...

    @property
    def alive(self) -> bool:
        """False once it can never answer fully again in this process."""
        ...

    async def answer(self, question: Question, within: float, early: Early = unheard) -> Answer:
        """As an analyst does; what the detector sees is told before where there is something."""
        ...

    async def examine(self) -> Exam:
        """Ask the known questions; from now on the identity tells how that went."""
        ...

    async def adapt(self, adapter: Path | None) -> Identity:
        """Answer with this adapter from now on, or with none, once it has passed the exam; else nothing changes.

        Raises `AdapterRefusedError` for an adapter that is not taken. Questions in flight are answered all the same.
        """
        ...


class Detection(Value):
    """One thing a detector proposes. The score is calibrated: of a hundred at 0.8, eighty are there."""

    item: str
    score: Share
    box: Box


class Detector(Protocol):
    """Proposes things with boxes, many pictures at a time. Raises `EngineError` and nothing else."""

    def detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        """Whole pictures in, for each what is in it; the frame and the batch are the detector's own business."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One question to a vision-language model about one picture, already framed."""

    picture: Pixels
    question: str
    schema: str
    """The JSON schema its answer keeps to, as text: equal texts are compiled once."""


class Piece(Value):
    """A token of an answer, and how sure the model was of it."""

    text: str
    logprob: float


class Reply(Value):
    """What a model answered, whole and in pieces, and the adapter that was in force when it began."""

    text: str
    pieces: tuple[Piece, ...]
    adapter: str | None = None


class Reader(Protocol):
    """A vision-language model. Raises `EngineError` and nothing else.

    Any number of questions may be asked at once; how they share the machine is the reader's own business.
    """

    @property
    def alive(self) -> bool:
        """False once it will never answer again."""
        ...

    async def read(self, reading: Reading) -> Reply: ...

    async def adapt(self, adapter: Path | None) -> str | None:
        """Answer with this adapter from now on, or with none; questions in flight end with what they began with.

        Gives the adapter's digest. An adapter that does not fit the model, or changes nothing, is refused
        (`AdapterRefusedError`) and the one before stays.
        """
        ...

    async def close(self) -> None: ...
