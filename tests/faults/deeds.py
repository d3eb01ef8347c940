"""What the tests of the disk do to it, and how they ask for the refusal."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.forgetful import ForgetfulDisk


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def names(disk: ForgetfulDisk) -> list[str]:
    return sorted(entry.name for entry in disk.path.iterdir())


def power_cycle(disk: ForgetfulDisk, seed: int | None = None) -> None:
    disk.cut(seed)
    disk.mend()


def refused(act: Callable[[], object]) -> int | None:
    with pytest.raises(OSError, match=r"Errno") as caught:
        act()
    return caught.value.errno
