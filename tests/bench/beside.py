"""What the whole intake loses, from file to document, to what is kept beside the rows and to those who listen.

    ./dev bench beside [--rounds 4] [--files 300] [--listeners 100]

Whole boxes with made-up answers, in turn: one that keeps neither words nor counts, one that keeps them, and one that
keeps them while so many follow its events. Each takes the same files, put into its folder at once. Medians of rounds;
processor time is that of the daemon and its decoders, without the engine's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import runpy
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from appliance.store import opening, words
from tests.bench.latency import picture
from tests.bench.live import listening
from tests.box import Box

KINDS = ("without words and counts", "with them", "with them, and listeners")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--listeners", type=int, default=100)
    chosen = options.parse_args()
    wall: defaultdict[str, list[float]] = defaultdict(list)
    work: defaultdict[str, list[float]] = defaultdict(list)
    for turn in range(chosen.rounds):
        for kind in KINDS[turn % 3 :] + KINDS[: turn % 3]:
            with tempfile.TemporaryDirectory() as place:
                took, worked = _flood(Path(place), kind, chosen.files, chosen.listeners)
            wall[kind].append(1e3 * took / chosen.files)
            work[kind].append(1e3 * worked / chosen.files)
    print(json.dumps({
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()},
        "ms_per_scan": _told(wall), "processor_ms_per_scan": _told(work),
    }, indent=2))  # fmt: skip
    return 0


def _flood(place: Path, kind: str, files: int, listeners: int) -> tuple[float, float]:
    """Seconds until every file has its document, and seconds of processor time."""
    content = picture(0)
    bare = (sys.executable, "-m", "tests.bench.beside", "bare") if kind == KINDS[0] else ()
    with Box(place / "box", source=", deadline_seconds: 100000") as box, contextlib.ExitStack() as stack:
        box.start(prefix=bare)
        if kind == KINDS[2]:
            stack.enter_context(listening(box, listeners, {}))
        for number in range(files):
            (box.scanner / f"b{number}.png.part").write_bytes(content + str(number).encode())
        worked, started = _worked(box), time.perf_counter()
        for number in range(files):
            (box.scanner / f"b{number}.png.part").rename(box.scanner / f"b{number}.png")
        box.until(lambda: sum(1 for _ in box.results.glob("b*.json")) == files, "all documents")
        return time.perf_counter() - started, _worked(box) - worked


def _worked(box: Box) -> float:
    engine = box.engine().pid
    return sum(sum(one.cpu_times()[:4]) for one in box.family() if one.pid != engine)


def _told(took: dict[str, list[float]]) -> dict[str, str]:
    """Each kind's median, and the median of what each round lost against the first kind."""
    against = took[KINDS[0]]
    return {
        kind: f"{statistics.median(took[kind]):.2f}"
        f" ({statistics.median(100 * (a / b - 1) for a, b in zip(took[kind], against, strict=True)):+.1f} %)"
        for kind in KINDS
    }


def bare(argv: list[str]) -> None:
    """Be a daemon that keeps no words, no counts and no hours beside its rows."""
    migrate = opening.migrate

    def migrate_and_drop(db: sqlite3.Connection) -> None:
        migrate(db)
        for trigger in ("tally_received", "tally_changed", "run_begins"):
            db.execute(f"DROP TRIGGER IF EXISTS {trigger}")

    def keep_nothing(*_: Any) -> None: ...

    opening.migrate, words.keep = migrate_and_drop, keep_nothing
    sys.argv = argv
    runpy.run_module("appliance", run_name="__main__")


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        bare(sys.argv[4:])  # past "bare", the interpreter, -m
    else:
        sys.exit(main())
