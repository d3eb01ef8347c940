"""How much of what a reader knew its quantized twin still knows, task by task.

Takes questions with right answers and what both readers answered; gives for each task the share that was kept, with the
bound above which it lies with 95 % confidence. The questions are a file with one JSON object a line:

    {"task": "location", "picture": "scan-1.png", "question": "...", "schema": {...}, "answer": "..."}

or a conversation, as `lanewatch-training synth-dataset --layout sft` writes them. Pictures are named beside the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field, ValidationError

from models.answer import Value
from models.profile import BAGGAGE
from models.prompt import Kind, schema

FLOOR = 0.95
"""Of each task, not of their mean."""
DRAWS = 2000
TAIL = 5  # percent
PICTURE = "<image>"
"""Stands for it in a conversation."""

Score = Callable[["Case", str], float]
"""How right an answer is, from 0 to 1."""


class CasesError(Exception):
    """The file of questions cannot be used. The message says where."""


class Case(Value):
    """A question whose answer is known."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    task: str
    picture: str
    question: str
    answer: str
    json_schema: dict[str, Any] = Field(alias="schema")


class Message(Value):
    role: str
    content: str


class Conversation(Value):
    """The same, as a reader is taught."""

    messages: tuple[Message, Message, Message]
    images: tuple[str]
    kind: Kind

    def case(self) -> Case:
        _, asked, answered = self.messages
        return Case(
            task=self.kind,
            picture=self.images[0],
            question=asked.content.removeprefix(PICTURE),
            answer=answered.content,
            schema=schema(self.kind, BAGGAGE),
        )


class Kept(Value):
    """One task: how right both were, and the share that was kept."""

    task: str
    questions: int
    before: float
    after: float
    kept: float
    at_least: float
    """The lower bound with 95 % confidence."""

    @property
    def well(self) -> bool:
        return self.kept >= FLOOR


def cases_of(file: Path) -> tuple[Case, ...]:
    try:
        lines = [line for line in file.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise CasesError(f"{file}: {problem}") from problem
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        try:
            talk = '"messages"' in line
            case = Conversation.model_validate_json(line).case() if talk else Case.model_validate_json(line)
            cases.append(case.model_copy(update={"picture": str(file.parent / case.picture)}))
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            raise CasesError(f"{file}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from problem
    if not cases:
        raise CasesError(f"{file}: holds no question")
    return tuple(cases)


def exact(case: Case, said: str) -> float:
    """Right or wrong, whatever the order of the fields."""
    try:
        return float(json.loads(said) == json.loads(case.answer))
    except ValueError:
        return 0.0


def retention(
    cases: Sequence[Case], before: Sequence[str], after: Sequence[str], score: Score = exact
) -> tuple[Kept, ...]:
    """Task by task, in the order in which they first come."""
    told = list(zip(cases, before, after, strict=True))
    return tuple(
        _kept(task, [(score(case, one), score(case, other)) for case, one, other in told if case.task == task])
        for task in dict.fromkeys(case.task for case in cases)
    )


def _kept(task: str, scores: list[tuple[float, float]]) -> Kept:
    """Both readers had the same questions, so they are drawn together. Where nothing was known, nothing is kept."""
    both = np.array(scores)
    before, after = both.mean(axis=0)
    drawn = both[np.random.default_rng(1).integers(len(both), size=(DRAWS, len(both)))].mean(axis=1)
    ratios = np.divide(drawn[:, 1], drawn[:, 0], out=np.zeros(DRAWS), where=drawn[:, 0] > 0)
    return Kept(
        task=task,
        questions=len(both),
        before=round(float(before), 4),
        after=round(float(after), 4),
        kept=round(float(after / before), 4) if before else 0.0,
        at_least=round(float(np.percentile(ratios, TAIL)), 4),
    )
