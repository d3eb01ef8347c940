"""One detector for many questions: shared calls, own answers, and no question pays for another one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.batches import MOST, Batches
from models.ports import Detection, EngineError, EngineRefusedError

if TYPE_CHECKING:
    from models.ports import Pixels


class Counter:
    """Says of each picture how bright it is; holds its first call until it is let go. Black makes it fail."""

    def __init__(self, *, held: bool = False) -> None:
        self.calls: list[list[int]] = []
        self.go = threading.Event()
        self.held = held

    def detect(self, pictures: Sequence[Pixels]) -> list[tuple[Detection, ...]]:
        shades = [int(picture[0, 0, 0]) for picture in pictures]
        self.calls.append(shades)
        if self.held and len(self.calls) == 1:
            self.go.wait(60)
        if 0 in shades:
            raise EngineRefusedError("black")
        if 1 in shades:
            raise ZeroDivisionError
        return [(Detection(item="laptop", score=shade / 255, box=(0, 0, 1, 1)),) for shade in shades]


def grey(shade: int) -> Pixels:
    return np.full((2, 2, 3), shade, np.uint8)


def shades_of(found: list[tuple[Detection, ...]]) -> list[int]:
    return [round(each[0].score * 255) for each in found]


async def while_busy(counter: Counter, *asked: list[int], leave: Sequence[int] = ()) -> list[object]:
    """Ask while a first call is being held; those in `leave` do not wait for their answer."""
    shared = Batches(counter)
    first = asyncio.create_task(shared.detect([grey(99)]))
    while not counter.calls:
        await asyncio.sleep(0.001)
    tasks = [asyncio.create_task(shared.detect([grey(shade) for shade in shades])) for shades in asked]
    await asyncio.sleep(0)
    for number in leave:
        tasks[number].cancel()
    await asyncio.sleep(0)
    counter.go.set()
    answers = await asyncio.gather(first, *tasks, return_exceptions=True)
    return [shades_of(each) if isinstance(each, list) else each for each in answers]


def test_questions_gather_while_a_call_runs() -> None:
    """All that came meanwhile goes into the next call, and each gets its own."""
    counter = Counter(held=True)
    answers = asyncio.run(while_busy(counter, [10], [20, 21], [30]))
    assert answers == [[99], [10], [20, 21], [30]]
    assert counter.calls == [[99], [10, 20, 21, 30]]


def test_a_call_has_a_largest_size() -> None:
    counter = Counter(held=True)
    asked = [[10 + number] * 5 for number in range(10)]
    assert asyncio.run(while_busy(counter, *asked))[1:] == asked
    assert max(map(len, counter.calls)) <= MOST
    assert len(counter.calls) == 3


def test_a_question_larger_than_a_call_is_asked_all_the_same() -> None:
    assert asyncio.run(while_busy(Counter(held=True), [7] * (MOST + 3)))[1] == [7] * (MOST + 3)


def test_nobody_is_asked_about_for_whom_nobody_waits() -> None:
    counter = Counter(held=True)
    answers = asyncio.run(while_busy(counter, [10], [20], leave=[0]))
    assert isinstance(answers[1], asyncio.CancelledError)
    assert answers[2] == [20]
    assert counter.calls == [[99], [20]]


@pytest.mark.parametrize(("shade", "kind"), [(0, EngineError), (1, ZeroDivisionError)])
def test_trouble_is_heard_by_its_asker_and_the_next_call_works(shade: int, kind: type[Exception]) -> None:
    async def story() -> list[int]:
        shared = Batches(Counter())
        with pytest.raises(kind):
            await shared.detect([grey(shade)])
        return shades_of(await shared.detect([grey(40)]))

    assert asyncio.run(story()) == [40]


def test_one_bad_picture_costs_no_other_question_its_answer() -> None:
    """A shared call that fails is made once more for each question alone."""
    answers = asyncio.run(while_busy(Counter(held=True), [10], [0], [30]))
    assert answers[1] == [10]
    assert isinstance(answers[2], EngineRefusedError)
    assert answers[3] == [30]
