"""Judge generated scans by generated rulebooks and look for a CLEAR that must not be.

`python -m tests.soak.judgement --count 100000 --seed 1` prints what came out as JSON and exits 1 if a scan was cleared
though something forbade it. A seed and a number lead back to each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from typing import Any

from tests.appliance.rules.chance import worlds, wrong

MOST_SHOWN = 20


def soak(count: int, seed: int) -> dict[str, Any]:
    """So many scans, and what became of them."""
    started = time.perf_counter()
    actions: Counter[str] = Counter()
    forbidden: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    surprises: list[str] = []
    for number, world in enumerate(worlds(seed, count)):
        judged = world.judged()
        actions[judged.verdict.recommended_action] += 1
        forbidden.update(world.forbids)
        if len(world.forbids) == 1:
            alone.update(world.forbids)
        if problem := wrong(world, judged):
            surprises.append(f"scan {number} of seed {seed}: {problem}")
    return {
        "seed": seed,
        "scans": count,
        "seconds": round(time.perf_counter() - started, 1),
        "actions": dict(actions),
        "forbidden": dict(sorted(forbidden.items())),
        "forbidden by this alone": dict(sorted(alone.items())),
        "wrong": len(surprises),
        "surprises": surprises[:MOST_SHOWN],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="judgement", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    told = soak(given.count, given.seed)
    sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    sys.exit(bool(told["wrong"]))


if __name__ == "__main__":
    main()
