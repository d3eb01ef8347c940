"""A rehearsal scanner at work: one scan after the other, at its rhythm, with progress for whoever watches.

Takes a scanner and a run's figures, gives the number of picture files. Times are read here; everything below gets
them passed in.
"""

import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import track

from appliance.errors import LanewatchError
from training.synth.formats.dataset import write_dataset
from training.synth.formats.shelf import Layout, writer_for
from training.synth.simulator import AnyScanner, simulate
from training.synth.truth import append_truth
from training.synth.write import Scanner


def rehearse(
    scanner: Scanner,
    *,
    seed: int,
    count: int,
    every: float,
    size: int,
    views: Literal[1, 2],
    look: AnyScanner,
    truth: Path | None,
) -> int:
    """Scans 1 to `count` of the run; the truth about a scan is written once its pictures are there."""
    begun = time.monotonic()
    files = 0
    with _telling("rehearsal scans"):
        scanner.folder.mkdir(parents=True, exist_ok=True)
        for index in _watched(count):
            time.sleep(max(0.0, begun + (index - 1) * every - time.monotonic()))
            scan = simulate(seed, index, size=size, views=views, scanner=look)
            files += len(scanner.write(scan, datetime.now(UTC)))
            if truth is not None:
                append_truth(truth, scan)
    return files


def make_dataset(
    folder: Path, layout: Layout, *, seed: int, count: int, size: int, scanner: AnyScanner | None
) -> dict[str, int]:
    """How many scans went to each split of the data set in `folder`, which must not hold anything yet."""
    with _telling("a data set"):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LanewatchError(f"{folder} is not empty", hint="name a new folder: data sets are not mixed")
        return write_dataset(writer_for(layout, folder), _watched(count), seed=seed, size=size, scanner=scanner)


@contextmanager
def _telling(what: str) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        raise LanewatchError(
            f"cannot write {what}: {error}", hint="name a folder this user may write to, with room on its disk"
        ) from error


def _watched(count: int) -> Iterable[int]:
    """The numbers of the scans; on a terminal with a bar that says how long it will take."""
    return track(
        range(1, count + 1),
        description="scanning",
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
