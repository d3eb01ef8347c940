"""A disk that fails: the n-th write, sync, rename or create, once and for ever, with or without a power cut after it.

./dev soak disk                         the whole sweep: about an hour
./dev soak disk --points 60 --seed 3    so many points of it, drawn by chance

The box may end with a clear message; it is then started again, as systemd would, while the
fault still stands. Once the fault is gone, everything it ever acknowledged must be there.
"""

from __future__ import annotations

import argparse
import errno
import itertools
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple, get_args

from tests.faults.forgetful import ForgetfulDisk, Op, why_not
from tests.soak.account import wrongs
from tests.soak.attended import AttendedBox

OPS: tuple[Op, ...] = ("write", "fsync", "fsyncdir", "rename", "create")
NTH = (1, 2, 3, 4, 6, 9, 14, 22, 35)
CODES = (errno.EIO, errno.ENOSPC)
STRUCK = 8.0
"""Seconds within which a fault has to be met. A kind of request that comes too seldom for it is counted apart."""
STARTS = 2
"""So often the box is started again while a fault stands for ever."""


class Point(NamedTuple):
    """One fault, and what comes after it."""

    op: Op
    nth: int
    code: int
    forever: bool
    starting: bool
    """The fault waits for the start of the box, instead of meeting it at work."""
    cut: bool
    """The power goes right after it."""

    def __str__(self) -> str:
        when = ("in the start" if self.starting else "at work") + (", then a power cut" if self.cut else "")
        often = "for ever" if self.forever else "once"
        return f"{self.op} {self.nth} fails {often} with {errno.errorcode[self.code]} {when}"


def sweep() -> list[Point]:
    """Every point there is."""
    both = (False, True)
    return [
        Point(op, nth, code, forever=forever, starting=starting, cut=cut)
        for op, nth, code, forever, starting, cut in itertools.product(OPS, NTH, CODES, both, both, both)
    ]


class FailingBox(AttendedBox):
    """A box whose state lies on a disk that can fail."""

    def __init__(self, home: Path, disk: ForgetfulDisk, seed: int, *, with_engine: bool = True) -> None:
        super().__init__(home, disk.path / "state", seed, with_engine=with_engine)
        self.disk = disk
        self.not_met = 0

    def suffer(self, point: Point) -> None:
        """Meet one fault, and come back."""
        if point.starting:
            self.stop()
        before = self.disk.calls().get(point.op, 0)
        self.disk.fail(point.op, nth=point.nth, code=point.code, forever=point.forever)
        starts = 0
        deadline = time.monotonic() + STRUCK
        while time.monotonic() < deadline:
            if self.is_down():
                if starts == STARTS:
                    break
                starts += 1
                self.start()
            if self.disk.calls().get(point.op, 0) - before >= point.nth:
                deadline = min(deadline, time.monotonic() + (1.5 if point.forever else 0.3))
            time.sleep(0.02)
        self.not_met += not self.disk.heal()
        if point.cut:
            self.cut()
        self.until_it_takes()

    def cut(self) -> None:
        """What a failed sync left in the memory of the machine is gone now."""
        self.disk.cut(self.dice.choice([None, self.dice.getrandbits(32)]))
        self.kill()
        self.disk.mend()


def soak(home: Path, points: list[Point], seed: int, *, say: bool = False) -> dict[str, Any]:
    """Run through the points on one box and give its figures."""
    started = time.monotonic()
    with ForgetfulDisk() as disk, FailingBox(home, disk, seed) as story:
        for number, point in enumerate(points, start=1):
            if say:
                print(f"{number}/{len(points)} {point}, {story.senders.count} acknowledged", file=sys.stderr)
            story.suffer(point)
        return {
            "points": len(points),
            **story.finish(),
            "faults_not_met": story.not_met,
            "seconds": round(time.monotonic() - started),
        }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=len(sweep()))
    options.add_argument("--ops", default=",".join(OPS), help=f"of {','.join(get_args(Op))}")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    if why_not():
        print(why_not(), file=sys.stderr)
        return 3
    among = [point for point in sweep() if point.op in chosen.ops.split(",")]
    points = random.Random(chosen.seed).sample(among, min(chosen.points, len(among)))
    home = Path(tempfile.mkdtemp(prefix="lanewatch-disk-"))
    figures = soak(home, points, chosen.seed, say=True)
    print(json.dumps(figures, indent=2))
    if found := wrongs(figures) or figures["tracebacks"]:
        print(f"not as it must be: {found}; kept for a look: {home}", file=sys.stderr)
        return 1
    shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
