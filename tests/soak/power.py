"""Power cuts under the whole box: nothing it acknowledged is lost, and each scan gets its one full verdict.

./dev soak power                        200 cuts
./dev soak power --cuts 20
./dev soak power --cuts 5 --without commits     the negative control: must lose scans
./dev soak power --cuts 5 --without files       the same: must lose pictures

State, results and one of two source folders lie on a disk that forgets what was not
synced. After a cut all processes are killed, and the box starts again.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.box import Box, free_port
from tests.faults.forgetful import ForgetfulDisk, why_not
from tests.soak.account import account, at_rest, halves, has_taken, wrongs
from tests.soak.senders import FolderScanner, Senders, renamed, synced

PATIENT = "rehearsal: true, deadline_seconds: 100000"
"""No verdict is given only because time ran out: each scan must get its one full verdict."""
SENDERS = 8


class CutBox:
    """A box on a forgetful disk, those who send to it, and the cuts."""

    def __init__(self, home: Path, disk: ForgetfulDisk, seed: int, without: str) -> None:
        self.disk = disk
        self.dice = random.Random(seed)
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        own = disk.path / "scanner"
        own.mkdir()
        self.box = Box(
            home / "box",
            state=disk.path / "state",
            source=", deadline_seconds: 100000}\n"
            f"  - {{name: belt-2, kind: folder, path: {own}, settle_seconds: 0.3, {PATIENT}}}\n"
            f"  - {{name: feed-1, kind: zeromq, bind: '{self.endpoint}', curve: false, {PATIENT}",
            more="operations: {inbox: 100000}\n",
        )
        self.box.results = disk.path / "results"
        disk.sync()
        self.prefix = ("env", f"LANEWATCH_RESULTS__PATH={self.box.results}", "LANEWATCH_STORAGE__RESERVE_MEGABYTES=4")
        if without:
            self.prefix = (*self.prefix, sys.executable, "-m", "tests.soak.careless", without)
        self.senders = Senders(SENDERS, seed, pause=0.005)
        self.folders = (FolderScanner(self.box.scanner, seed, renamed), FolderScanner(own, seed, synced))
        self.halves = self.lost_names = self.lost_files = self.in_start = 0

    @property
    def files(self) -> set[str]:
        return self.folders[0].written | self.folders[1].written

    def live(self, cuts: int, *, say: bool) -> None:
        """Start, let it work, cut; as often as asked. Then let it finish."""
        self.box.start(wait=False, prefix=self.prefix)
        self.senders.start(self.endpoint)
        for folder in self.folders:
            folder.start()
        for number in range(1, cuts + 1):
            self._work_a_while()
            self._cut(self.dice.getrandbits(32) if number % 2 else None)
            if say:
                print(f"\r{number}/{cuts} cuts, {self.senders.count} acknowledged", end="", file=sys.stderr)
        self.senders.stop()
        self.box.until(lambda: not self.senders.running, "the last scans are acknowledged")
        for folder in self.folders:
            folder.stop()

    def finish(self) -> None:
        box, files = self.box, self.files
        box.until(lambda: has_taken(box, files), f"{len(files)} files taken", patience=300)
        box.until(lambda: at_rest(box), "every scan judged and delivered", patience=600)
        assert box.stop() == 0

    def _work_a_while(self) -> None:
        """Until some moment of its start, or some moment after it took a scan."""
        if self.dice.random() < 0.15:
            self.in_start += 1
            time.sleep(self.dice.uniform(0.5, 2.5))
            return
        before = self.senders.count
        self.box.until(lambda: self.senders.count > before, "a scan is taken")
        time.sleep(self.dice.expovariate(1))

    def _cut(self, seed: int | None) -> None:
        lost = self.disk.cut(seed)
        self.box.kill()
        self.disk.mend()
        self.lost_names += lost["lost_names"]
        self.lost_files += lost["lost_files"]
        self.halves += halves(self.box)
        self.box.start(wait=False, prefix=self.prefix)


def soak(home: Path, cuts: int, seed: int, *, without: str = "", say: bool = False) -> dict[str, Any]:
    """Run the story and give its figures."""
    started = time.monotonic()
    with ForgetfulDisk() as disk:
        story = CutBox(home, disk, seed, without)
        with story.box:
            story.live(cuts, say=say)
            story.finish()
            figures = account(story.box, story.senders.acknowledged, story.files)
        return {
            "cuts": cuts,
            "of_these_while_starting": story.in_start,
            "without": without or "nothing",
            **figures,
            "half_documents_before_start": story.halves,
            "unsynced_names_lost": story.lost_names,
            "unsynced_files_lost": story.lost_files,
            "refusals": dict(story.senders.refusals),
            "seconds": round(time.monotonic() - started),
        }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cuts", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--without", choices=("commits", "files"), default="")
    chosen = options.parse_args()
    if why_not():
        print(why_not(), file=sys.stderr)
        return 3
    home = Path(tempfile.mkdtemp(prefix="lanewatch-power-"))
    figures = soak(home, chosen.cuts, chosen.seed, without=chosen.without, say=True)
    print(json.dumps(figures, indent=2))
    if bool(wrongs(figures)) is not bool(chosen.without):
        print(f"not as it must be: {wrongs(figures)}; kept for a look: {home}", file=sys.stderr)
        return 1
    shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
