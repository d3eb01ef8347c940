"""The doors of the models: what any analyst promises, wherever it runs."""

from __future__ import annotations

from typing import Protocol

from models.answer import Answer, Identity, Question


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


class Analyst(Protocol):
    """Whoever answers questions about scans. Raises `EngineError` and nothing else."""

    async def answer(self, question: Question, within: float) -> Answer:
        """Answer within so many seconds, or raise."""
        ...


class Engine(Protocol):
    """An analyst that is loaded in this process and can say who it is."""

    @property
    def identity(self) -> Identity: ...

    async def answer(self, question: Question, within: float) -> Answer: ...
