"""Thousands of damaged pictures and bombs among good ones, through the decoder.

Prints figures as JSON, and ends with 1 if a good file was not decoded exactly as
alone, or a bad one was neither refused with a reason nor, where its format has no
checksums, a whole picture.

    python -m tests.soak.hostile_files --count 5000 --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance.errors import IncompleteError, UnreadableError
from appliance.intake.decoding.decoder import ChildDecoder
from appliance.ports import DecodedView
from appliance.settings import Operations
from tests.faults.mutate import bombs, mutated
from tests.faults.samples import good_files

IN_FLIGHT = 4
BATCH = 200
BOMB_EVERY = 50
CHECKED = ("png-8", "png-16")
"""Formats with checksums: any change before the end must be noticed."""


@dataclass
class Tally:
    """What became of the files."""

    good: int = 0
    good_decoded: int = 0
    bad: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One file on its way in."""

    name: str
    content: bytes
    bad: bool


async def soak(count: int, seed: int, *, width: int = 448, height: int = 448, compare: bool = True) -> dict[str, Any]:
    """Batches in which every second file is bad, until `count` bad ones went through; to compare, as many good ones."""
    dice = random.Random(seed)
    good = good_files(width, height)
    decoder = ChildDecoder(Operations())
    tally = Tally()
    seconds = {"good only": 0.0, "mixed": 0.0}
    files = {"good only": 0, "mixed": 0}
    try:
        await decoder.start()
        alone = {name: await decoder.decode({"": content}, "standard") for name, content in good.items()}
        memory = [resident(os.getpid())]
        while tally.bad < count:
            batches = {"mixed": mixed_batch(good, dice)} | ({"good only": good_batch(good, dice)} if compare else {})
            for kind, cases in batches.items():
                started = time.monotonic()
                await through(decoder, cases, alone, tally)
                seconds[kind] += time.monotonic() - started
                files[kind] += len(cases)
            memory.append(resident(os.getpid()))
        zygote = resident(decoder._keeper.pid)
        restarts = decoder.counts().restarts
    finally:
        await decoder.close()
    rates = {kind: files[kind] / seconds[kind] for kind in files if files[kind]}
    refused = sum(number for outcome, number in tally.outcomes.items() if outcome.startswith("refused"))
    return {
        "good": tally.good,
        "good_decoded": tally.good_decoded,
        "bad": tally.bad,
        "bad_refused": refused,
        "bad_but_whole": sum(number for outcome, number in tally.outcomes.items() if outcome.startswith("whole")),
        "outcomes": dict(sorted(tally.outcomes.items())),
        "surprises": tally.surprises[:20],
        "restarts": restarts,
        "files_per_second": {kind: round(rate, 1) for kind, rate in rates.items()},
        "mixed_rate_over_good_only": round(rates["mixed"] / rates["good only"], 3) if compare else None,
        "daemon_megabytes_first_middle_last": [round(memory[at] / 2**20, 1) for at in (0, len(memory) // 2, -1)],
        "zygote_megabytes": round(zygote / 2**20, 1),
    }


def good_batch(good: dict[str, bytes], dice: random.Random) -> list[Case]:
    return [Case(name, good[name], bad=False) for name in dice.choices(list(good), k=BATCH)]


def mixed_batch(good: dict[str, bytes], dice: random.Random) -> list[Case]:
    bad = [Case(name, mutated(good[name], dice), bad=True) for name in dice.choices(list(good), k=BATCH // 2)]
    for place in range(0, len(bad), BOMB_EVERY):
        name, content = dice.choice(list(bombs().items()))
        bad[place] = Case(f"bomb: {name}", content, bad=True)
    cases = [*bad, *good_batch(good, dice)[: BATCH // 2]]
    dice.shuffle(cases)
    return cases


async def through(
    decoder: ChildDecoder, cases: list[Case], alone: dict[str, tuple[DecodedView, ...]], tally: Tally
) -> None:
    waiting = iter(cases)

    async def work() -> None:
        for case in waiting:
            await one(decoder, case, alone, tally)

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


async def one(decoder: ChildDecoder, case: Case, alone: dict[str, tuple[DecodedView, ...]], tally: Tally) -> None:
    kind = case.name.partition("-")[0].partition(":")[0]
    try:
        views = await decoder.decode({"": case.content}, "standard")
    except IncompleteError as problem:
        outcome = f"refused as incomplete, {kind}"
        reason = problem.message
    except UnreadableError as problem:
        outcome = f"refused as unreadable, {kind}"
        reason = problem.message
    else:
        outcome, reason = f"whole, {kind}", "decoded"
        same = views == alone.get(case.name)
        if case.bad and (kind == "bomb" or (case.name in CHECKED and not same)):
            tally.surprises.append(f"{case.name}: decoded, though damaged")
        if not case.bad and not same:
            tally.surprises.append(f"{case.name}: not the picture it was")
    if len(reason) < len("decoded"):
        tally.surprises.append(f"{case.name}: no reason given: {reason!r}")
    if case.bad:
        tally.bad += 1
        tally.outcomes[outcome] += 1
    else:
        tally.good += 1
        tally.good_decoded += outcome.startswith("whole")
        if not outcome.startswith("whole"):
            tally.surprises.append(f"good {case.name}: {reason}")


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="how many bad files")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same files")
    asked = parser.parse_args()
    figures = asyncio.run(soak(asked.count, asked.seed))
    print(json.dumps(figures, indent=2))
    return 1 if figures["surprises"] or figures["good_decoded"] != figures["good"] else 0


if __name__ == "__main__":
    sys.exit(main())
