"""Has a detector and a reader look at simulated scans they never saw, and keeps what they said beside the truth.

Takes any `Detector` (with the curve `RAW`) and any `Reader`; draws the scans of a pool anew, whole, so that framing and
doors are those of serving. Gives a `Looked` that can be kept as JSON, for `figures.py` to read.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from models import prompt
from models.answer import Box
from models.frame import framed
from models.ports import Detector, Reader, Reading, Reply
from models.profile import BAGGAGE
from models.prompt import Kind, Mention
from training.embedded.marks import Claim, Mark, claims_of_detector, claims_of_reader, marks_of, mentioned
from training.embedded.recipe import Scans
from training.synth.lessons import Fact, Lesson, answer, fact_of, hints, lesson
from training.synth.simulator import simulate
from training.synth.values import Picture

TOGETHER = 40  # scans
ABOUT_THINGS: tuple[Kind, ...] = ("specific", "location", "occlusion", "presence", "detailed")
SWAPPED = frozenset({"specific", "presence"})
"""Kinds that are also asked about the next scan's picture."""
SCHEMAS: dict[Kind, str] = {kind: prompt.said(prompt.schema(kind, BAGGAGE)) for kind in prompt.ASKED}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    picture: Picture
    small: Picture
    """As the reader sees it."""
    facts: tuple[Fact, ...]
    boxes: tuple[Box, ...]
    lessons: tuple[Lesson, ...]
    hinted: str
    """The general question with hints."""


@dataclass(slots=True)
class Looked:
    """Each list has one entry for each scan."""

    facts: list[list[Fact]] = field(default_factory=list[list[Fact]])
    detected: list[list[Claim]] = field(default_factory=list[list[Claim]])
    read: list[list[Claim]] = field(default_factory=list[list[Claim]])
    said: list[list[Mention]] = field(default_factory=list[list[Mention]])
    marks: list[dict[str, Mark]] = field(default_factory=list[dict[str, Mark]])


def case_of(scans: Scans, number: int) -> Case:
    scan = simulate(scans.seed, number, split=scans.split, scanner=scans.scanner)
    picture, rng = scan.views[0].colour, np.random.default_rng((scans.seed, number, 9))
    facts = tuple(fact_of(item) for item in scan.targets)
    return Case(
        picture=picture,
        small=framed(picture, *BAGGAGE.reader_frame).pixels,
        facts=facts,
        boxes=tuple(_shares(item.box, scan.size) for item in scan.targets),
        lessons=tuple(lesson(kind, facts, rng) for kind in ABOUT_THINGS),
        hinted=prompt.question("general", hints=hints(facts, rng)),
    )


def look(detector: Detector, reader: Reader, scans: Scans) -> Looked:
    return asyncio.run(_look(detector, reader, scans))


async def _look(detector: Detector, reader: Reader, scans: Scans) -> Looked:
    looked = Looked()
    for first in range(0, scans.count, TOGETHER):
        cases = [case_of(scans, number) for number in range(first, min(first + TOGETHER, scans.count))]
        found = await asyncio.to_thread(detector.detect, [case.picture for case in cases])
        looked.facts += [list(case.facts) for case in cases]
        looked.detected += [
            claims_of_detector(each, case.facts, case.boxes) for each, case in zip(found, cases, strict=True)
        ]
        for case, other, replies in await _asked(reader, cases):
            _mark(looked, case, other, replies)
        sys.stderr.write(f"{scans.split}: {len(looked.facts)} of {scans.count} scans looked at\n")
    return looked


async def _asked(reader: Reader, cases: Sequence[Case]) -> Iterator[tuple[Case, Case, dict[str, Reply]]]:
    """For each case with the one after it, the replies by what was asked."""
    others = [*cases[1:], cases[0]]
    asked = [_readings(case, other) for case, other in zip(cases, others, strict=True)]
    replies = iter(await asyncio.gather(*(reader.read(each) for one in asked for each in one.values())))
    answers = [{name: next(replies) for name in one} for one in asked]
    for number, each in enumerate(answers):
        each["general, other"] = answers[(number + 1) % len(answers)]["general"]
    return zip(cases, others, answers, strict=True)


def _readings(case: Case, other: Case) -> dict[str, Reading]:
    general = SCHEMAS["general"]
    readings = {
        "general": Reading(case.small, prompt.question("general"), general),
        "general, hinted": Reading(case.small, case.hinted, general),
    }
    for kind, each in zip(ABOUT_THINGS, case.lessons, strict=True):
        readings[kind] = Reading(case.small, each.question, SCHEMAS[each.kind])
        if kind in SWAPPED:
            readings[f"{kind}, other"] = Reading(other.small, each.question, SCHEMAS[each.kind])
    return readings


def _mark(looked: Looked, case: Case, other: Case, replies: dict[str, Reply]) -> None:
    said = mentioned("general", replies["general"])
    hinted = mentioned("general", replies["general, hinted"])
    valid = [said is not None, hinted is not None]
    marks = marks_of(said or (), case.facts)
    marks |= {f"{name}, hinted": mark for name, mark in marks_of(hinted or (), case.facts).items()}
    marks["follows the picture: general"] = _follows(replies, "general", case, other, "general", "")
    for asked, each in zip(ABOUT_THINGS, case.lessons, strict=True):
        valid.append(mentioned(each.kind, replies[asked]) is not None)
        if asked == each.kind:  # else there was nothing to ask this about
            marks[asked] = int(replies[asked].text == each.answer), 1
        if asked in SWAPPED:
            marks[f"follows the picture: {asked}"] = _follows(replies, asked, case, other, each.kind, each.about)
    marks["valid"] = sum(valid), len(valid)
    looked.marks.append(marks)
    looked.said.append(list(said or ()))
    looked.read.append(claims_of_reader(replies["general"], case.facts))


def _follows(replies: dict[str, Reply], asked: str, case: Case, other: Case, kind: Kind, about: str) -> Mark:
    """Where another picture asks for another answer: is it another one?"""
    if answer(kind, case.facts, about) == answer(kind, other.facts, about):
        return 0, 0
    return int(replies[asked].text != replies[f"{asked}, other"].text), 1


def _shares(box: tuple[int, int, int, int], size: int) -> Box:
    left, top, right, bottom = box
    return left / size, top / size, right / size, bottom / size


def keep(looked: Looked, file: Path) -> None:
    """For a later comparison."""
    file.write_bytes(_FORM.dump_json(looked))


def kept(file: Path) -> Looked:
    return _FORM.validate_json(file.read_bytes())


_FORM = TypeAdapter(Looked)
