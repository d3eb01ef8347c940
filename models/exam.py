"""Known questions: does an engine answer them rightly, here and now?

Takes an analyst and questions with their answers, gives an `Exam`. Which
questions suit an engine is the engine's to say; what a failed exam means is the rules'.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
import zlib
from dataclasses import dataclass, field

from models.answer import Answer, Answered, Exam, ExamNotPassed, ExamPassed, Question, View
from models.ports import Analyst, EngineError

SIDE = 8
"""Pixels along each side of a plain picture."""


@dataclass(frozen=True, slots=True)
class Known:
    """A picture, and what must be found in it."""

    picture: bytes = field(repr=False)
    width: int
    height: int
    items: tuple[str, ...]


def plain(shade: int, *items: str) -> Known:
    """A small evenly grey picture, and what an engine is known to say about it."""
    return Known(picture=_png(shade), width=SIDE, height=SIDE, items=items)


async def examine(analyst: Analyst, cases: tuple[Known, ...], within: float) -> Exam:
    """Ask all known questions at once; one wrong answer fails the exam."""
    problems = await asyncio.gather(*(trouble(analyst, known, within) for known in cases))
    wrong = [problem for problem in problems if problem]
    if not cases:
        return ExamNotPassed(state="none", reason="there are no known questions")
    if wrong:
        return ExamNotPassed(state="failed", reason=f"{len(wrong)} of {len(cases)} wrong, first: {wrong[0]}")
    return ExamPassed(cases=len(cases))


async def trouble(analyst: Analyst, known: Known, within: float) -> str | None:
    """Ask one known question; say what is wrong with the answer, or nothing where it is right."""
    sha256 = hashlib.sha256(known.picture).hexdigest()
    # A file in memory: an engine has nowhere to write, and reads this one like any other.
    file = os.memfd_create("known")
    try:
        with os.fdopen(os.dup(file), "wb") as writer:
            writer.write(known.picture)
        path = f"/proc/self/fd/{file}"
        view = View(name="known", path=path, sha256=sha256, width=known.width, height=known.height)
        question = Question(id=f"known-{sha256[:12]}", views=(view,))
        answer = await analyst.answer(question, within)
    except EngineError as problem:
        return str(problem)
    finally:
        os.close(file)
    return _wrong(answer, question, known)


def _wrong(answer: Answer, question: Question, known: Known) -> str | None:
    if answer.question != question.id or answer.pictures != (question.views[0].sha256,):
        return "it answered about another picture"
    spoke = {word.name for word in answer.components if isinstance(word, Answered)}
    if spoke != {"detector", "vlm"}:
        return f"of its parts only {sorted(spoke)} spoke"
    items = tuple(finding.item for finding in answer.findings)
    return None if sorted(items) == sorted(known.items) else f"it saw {items} where {known.items} is known"


def _png(shade: int) -> bytes:
    """Built by hand and stored uncompressed, so that its digest is the same with every zlib."""
    rows = (b"\0" + bytes([shade]) * SIDE) * SIDE
    length = struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF)
    stored = b"\x78\x01\x01" + length + rows + struct.pack(">I", zlib.adler32(rows))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", stored), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
