"""Adapters changed while questions are in flight; the story that the suite tells shortly and the soak at length."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from models.ports import Reader, Reply
from tests.models.engines.reader_of_chance import reading

CLOSE = 1e-3
"""Sums in another order may differ by so much in a log-probability; adapters differ by far more."""


@dataclass
class Tally:
    asked: int = 0
    answered: int = 0
    changed: int = 0
    crossed: int = 0
    """Questions that were in flight during a change."""


def same(one: Reply, other: Reply) -> bool:
    if (one.text, len(one.pieces), one.adapter) != (other.text, len(other.pieces), other.adapter):
        return False
    pairs = zip(one.pieces, other.pieces, strict=True)
    return all(mine.text == its.text and abs(mine.logprob - its.logprob) < CLOSE for mine, its in pairs)


async def change_under_load(
    reader: Reader, adapters: list[Path | None], *, pictures: int, changes: int, in_flight: int, seed: int = 1
) -> Tally:
    """Ask without a pause, change at any moment; each answer must be the one that its adapter gives alone."""
    alone: dict[str | None, list[Reply]] = {}
    digests: dict[Path | None, str | None] = {}
    for adapter in adapters:
        digests[adapter] = digest = await reader.adapt(adapter)
        alone[digest] = [await reader.read(reading(number)) for number in range(pictures)]
    for number in range(pictures):  # else the story would prove nothing
        assert len({alone[digest][number].pieces for digest in alone}) == len(adapters)
    chance, tally, possible = random.Random(seed), Tally(), {digest}
    done = asyncio.Event()

    async def ask() -> None:
        while not done.is_set():
            number, expected, before = chance.randrange(pictures), set(possible), tally.changed
            tally.asked += 1
            reply = await reader.read(reading(number))
            assert reply.adapter in expected
            assert same(reply, alone[reply.adapter][number]), (reply, alone[reply.adapter][number])
            tally.answered += 1
            tally.crossed += tally.changed != before

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(ask())
        current = adapters[-1]
        for _ in range(changes):
            current = chance.choice([adapter for adapter in adapters if adapter != current])
            possible.add(digests[current])
            assert await reader.adapt(current) == digests[current]
            possible.intersection_update({digests[current]})
            tally.changed += 1
            await asyncio.sleep(chance.random() / 2)
        done.set()
    return tally
