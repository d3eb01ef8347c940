"""Known questions: does an engine answer them rightly, here and now?

Takes an analyst and questions with their answers, gives an `Exam`. Which
questions suit an engine is the engine's to say, or its release's: there they lie
as pictures beside a `known.json`, which also says how sure each stack was of each
thing when the release was made. What a failed exam means is the rules'.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from models.answer import Answer, Answered, Exam, ExamNotPassed, ExamPassed, Finding, Question, View
from models.known import BOOK, Book, Expected, difference, refused
from models.ports import Analyst, EngineError
from models.release import Opened

SIDE = 8
"""Pixels along each side of a plain picture."""


@dataclass(frozen=True, slots=True)
class Known:
    """A picture, and what must be found in it."""

    picture: bytes = field(repr=False)
    width: int
    height: int
    items: tuple[str, ...]
    found: tuple[Expected, ...] | None = None
    """What each part of this stack says, where that was recorded; it is then asked with its parts side by side."""

    def however_sure(self) -> Known:
        """The same, for an engine that may be more or less sure of it."""
        return replace(self, found=self.found and tuple(each.however_sure() for each in self.found))


def cases_of(release: Opened, stack: str) -> tuple[Known, ...]:
    """The known questions of a release; none for a stack that was never recorded. Raises `ArtifactRefusedError`."""
    files = release.parts["exam"]
    if BOOK not in files:
        raise refused("is missing")
    book = Book.read(files[BOOK].read_bytes())
    if strangers := {case.picture for case in book.cases} - files.keys():
        raise refused(f"names {min(strangers)}, which is missing")
    found = book.stacks.get(stack, {})
    return tuple(
        known(files[case.picture].read_bytes(), case.items, found[case.picture])
        for case in book.cases
        if case.picture in found
    )


def canary_of(release: Opened) -> Known:
    """One question that any stack of this release answers rightly."""
    files = release.parts["exam"]
    if BOOK not in files:
        raise refused("is missing")
    case = Book.read(files[BOOK].read_bytes()).cases[0]
    if case.picture not in files:
        raise refused(f"names {case.picture}, which is missing")
    return known(files[case.picture].read_bytes(), case.items)


def known(picture: bytes, items: tuple[str, ...], found: tuple[Expected, ...] | None = None) -> Known:
    """A known question about a picture (PNG)."""
    width, height = struct.unpack(">II", picture[16:24])
    return Known(picture, width, height, items, found)


async def recorded(
    analyst: Analyst, side_by_side: Analyst, cases: Mapping[str, Known], within: float
) -> tuple[dict[str, tuple[Expected, ...]], dict[str, str]]:
    """What the parts of a stack say of known pictures that it answers rightly; of the others, what is wrong.

    Used when a release is made, and never on a box: a box must not vouch for itself.
    """
    right: dict[str, tuple[Expected, ...]] = {}
    wrong: dict[str, str] = {}
    for name, case in cases.items():
        problem = await trouble(analyst, replace(case, found=None), within)
        answer = problem or await _asked(side_by_side, case, within)
        if isinstance(answer, str):
            wrong[name] = answer
        else:
            right[name] = tuple(Expected.of(finding) for finding in answer.findings)
    return right, wrong


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
    answer = await _asked(analyst, known, within)
    return answer if isinstance(answer, str) else _wrong(answer, known)


async def _asked(analyst: Analyst, known: Known, within: float) -> Answer | str:
    """The answer, or why there is none."""
    # A file in memory: an engine has nowhere to write, and reads this one like any other.
    file = os.memfd_create("known")
    try:
        with os.fdopen(os.dup(file), "wb") as writer:
            writer.write(known.picture)
        question = _question(known, f"/proc/self/fd/{file}")
        return await analyst.answer(question, within)
    except EngineError as problem:
        return str(problem) or type(problem).__name__
    finally:
        os.close(file)


def _question(known: Known, path: str) -> Question:
    sha256 = hashlib.sha256(known.picture).hexdigest()
    view = View(name="known", path=path, sha256=sha256, width=known.width, height=known.height)
    return Question(id=f"known-{sha256[:12]}", views=(view,))


def _wrong(answer: Answer, known: Known) -> str | None:
    asked = _question(known, "")
    if answer.question != asked.id or answer.pictures != (asked.views[0].sha256,):
        return "it answered about another picture"
    spoke = {word.name for word in answer.components if isinstance(word, Answered)}
    if spoke != {"detector", "vlm"}:
        return f"of its parts only {sorted(spoke)} spoke"
    if known.found is not None:
        return _unlike(answer.findings, known.found)
    items = tuple(finding.item for finding in answer.findings)
    return None if sorted(items) == sorted(known.items) else f"it saw {items} where {known.items} is known"


def _unlike(findings: tuple[Finding, ...], expected: tuple[Expected, ...]) -> str | None:
    """The first thing that is not as it was when it was recorded."""
    left = list(findings)
    for each in expected:
        alike = [finding for finding in left if (finding.item, finding.seen_by) == (each.item, each.seen_by)]
        differences = [difference(finding, each) for finding in alike]
        if None not in differences:
            seen = differences[0] if differences else "was not seen"
            return f"{each.item}, which the {each.seen_by[0]} knew: {seen}"
        left.remove(alike[differences.index(None)])
    return f"it saw {left[0].item}, which is not there" if left else None


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
