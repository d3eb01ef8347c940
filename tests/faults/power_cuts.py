"""The control experiment: does SQLite keep what it acknowledged, when the power goes?

Takes a folder, a `synchronous` mode and a number of cuts; gives how many rows were
acknowledged and how many of these were gone. FULL must lose none; NORMAL must lose
some, or the disk is not forgetful enough to prove anything.

    python -m tests.faults.power_cuts 20
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.faults.forgetful import ROOT, ForgetfulDisk
from tests.faults.sqlite_writer import connect, numbers_left, payload

Mode = Literal["FULL", "NORMAL"]


@dataclass(frozen=True)
class Tally:
    """What a number of cuts did."""

    synchronous: str
    cuts: int
    acknowledged: int
    lost: int
    cuts_with_loss: int


def cut_sqlite(home: Path, *, synchronous: Mode, cuts: int, seed: int) -> Tally:
    """Cut the power under a writer again and again, on one disk and one database; every second cut flips coins."""
    chance = random.Random(seed)
    owed: set[int] = set()
    acknowledged = lost = cuts_with_loss = 0
    with ForgetfulDisk() as disk:
        database = disk.path / "lines.db"
        for turn in range(cuts):
            said = _write_until_cut(disk, database, synchronous, chance, chance.getrandbits(32) if turn % 2 else None)
            acknowledged += len(said)
            gone = (owed | said) - numbers_left(database)
            owed = (owed | said) - gone
            lost += len(gone)
            cuts_with_loss += bool(gone)
    return Tally(synchronous, cuts, acknowledged, lost, cuts_with_loss)


def _write_until_cut(
    disk: ForgetfulDisk, database: Path, synchronous: str, chance: random.Random, seed: int | None
) -> set[int]:
    enough = chance.randint(20, 300)
    said: set[int] = set()
    command = [sys.executable, "-m", "tests.faults.sqlite_writer", str(database), synchronous, "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
        try:
            assert writer.stdout is not None
            for line in writer.stdout:
                said.add(int(line))
                if len(said) == enough:
                    break
            time.sleep(chance.uniform(0, 0.005))
            disk.cut(seed)
            writer.kill()
            said |= {int(line) for line in writer.stdout if line.endswith("\n")}
        finally:
            writer.kill()
    disk.mend()
    return said


def commits_per_second(home: Path, *, synchronous: Mode, rows: int) -> float:
    """The plain rate of one connection, without cuts; on idle cores it is mostly the waking of the other core."""
    with ForgetfulDisk() as disk, closing(connect(disk.path / "lines.db", synchronous)) as connection:
        started = time.monotonic()
        for number in range(1, rows + 1):
            connection.execute("INSERT INTO line VALUES (?, ?)", (number, payload(number)))
        return rows / (time.monotonic() - started)


def main(cuts: int) -> None:
    modes: tuple[Mode, ...] = ("FULL", "NORMAL")
    for mode in modes:
        with tempfile.TemporaryDirectory() as folder:
            print(cut_sqlite(Path(folder) / "cuts", synchronous=mode, cuts=cuts, seed=1))
            print(f"{mode}: {commits_per_second(Path(folder) / 'rate', synchronous=mode, rows=3000):.0f} commits/s")


if __name__ == "__main__":
    main(int(sys.argv[1]))
