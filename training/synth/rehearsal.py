"""A rehearsal scanner at work: one scan after the other, at its rhythm, with progress for whoever watches.

Takes a scanner and a run's figures, gives the number of picture files. Times are read here; everything below gets
them passed in.
"""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import track

from appliance.errors import LanewatchError
from training.synth.simulator import simulate
from training.synth.truth import append_truth
from training.synth.write import Scanner


def rehearse(
    scanner: Scanner, *, seed: int, count: int, every: float, size: int, views: Literal[1, 2], truth: Path | None
) -> int:
    """Scans 1 to `count` of the run; the truth about a scan is written once its pictures are there."""
    begun = time.monotonic()
    files = 0
    try:
        scanner.folder.mkdir(parents=True, exist_ok=True)
        for index in _watched(count):
            time.sleep(max(0.0, begun + (index - 1) * every - time.monotonic()))
            scan = simulate(seed, index, size=size, views=views)
            files += len(scanner.write(scan, datetime.now(UTC)))
            if truth is not None:
                append_truth(truth, scan)
    except OSError as error:
        raise LanewatchError(
            f"cannot write rehearsal scans: {error}", hint="name a folder this user may write to, with room on its disk"
        ) from error
    return files


def _watched(count: int) -> Iterable[int]:
    """The numbers of the scans; on a terminal with a bar that says how long it will take."""
    return track(
        range(1, count + 1),
        description="scanning",
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
