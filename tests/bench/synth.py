"""How many scans the simulator makes in a second on one core, picture and truth, nothing written.

    ./dev bench synth [--rounds 7] [--scans 60] [--size 448]

Medians of rounds. Pinned to one core; `wall` is what passed, `cpu` what the process itself used, which differs where
other programs want the same core. A fixed piece of array work is timed in each round: figures of two machines, or of
one machine on two days, compare as multiples of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np

from training.synth.fingerprints import HELD_OUT
from training.synth.simulator import simulate

REPEATS = 40  # of the fixed work


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--scans", type=int, default=60)
    options.add_argument("--size", type=int, default=448)
    chosen = options.parse_args()
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    cv2.setNumThreads(1)
    size: int = chosen.size
    kinds: dict[str, Callable[[int], object]] = {
        "one view": lambda index: simulate(1, index, size=size),
        "two views": lambda index: simulate(1, index, size=size, views=2),
        "mixed scanners": lambda index: simulate(1, index, size=size, scanner="mixed"),
        "held-out scanner": lambda index: simulate(1, index, size=size, scanner=HELD_OUT.name),
    }
    for make in kinds.values():  # tables and noise are made once
        for index in range(20):
            make(index)
    figures = {name: _measured(make, chosen.rounds, chosen.scans) for name, make in kinds.items()}
    machine = {"python": platform.python_version(), "numpy": np.__version__, "cv2": cv2.__version__, "core": core}
    print(json.dumps({"machine": machine, "size": size, "scans_per_second": figures}, indent=2))
    return 0


def _measured(make: Callable[[int], object], rounds: int, scans: int) -> dict[str, float]:
    wall: list[float] = []
    cpu: list[float] = []
    reference: list[float] = []
    for number in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        for index in range(scans):
            make(number * scans + index)
        wall.append(scans / (time.perf_counter() - began))
        cpu.append(scans / (time.process_time() - used))
        reference.append(_reference())
    return {
        "wall": round(statistics.median(wall), 1),
        "cpu": round(statistics.median(cpu), 1),
        "cpu_slowest_round": round(min(cpu), 1),
        "cpu_quickest_round": round(max(cpu), 1),
        "fixed_work_ms": round(statistics.median(reference), 2),
    }


def _reference() -> float:
    """Milliseconds for an exponential of 448 x 448."""
    plane = np.full((448, 448), 0.5, np.float32)
    used = time.process_time()
    for _ in range(REPEATS):
        np.exp(plane, out=plane)
        np.negative(plane, out=plane)
    return (time.process_time() - used) * 1000 / REPEATS


if __name__ == "__main__":
    raise SystemExit(main())
