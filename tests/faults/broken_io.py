"""A program run on a disk that now and then fails, by libfiu's POSIX preload.

Takes a command; gives the command that runs it with a share of its writes and syncs
failing. It strikes by chance, below any file system and in one process tree only; the
n-th call exactly is `ForgetfulDisk.fail`.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Sequence

# SQLite's own calls; write(2) is left alone, so that the program can still speak.
POINTS = ("posix/io/rw/pwrite", "posix/io/rw/ftruncate", "posix/io/sync/fsync", "posix/io/sync/fdatasync")


def why_not() -> str:
    """The reason why libfiu cannot be used on this machine, or nothing."""
    return "" if shutil.which("fiu-run") else "fiu-run is missing: apt-get install fiu-utils"


def failing(command: Sequence[str], *, probability: float, code: int = errno.EIO) -> list[str]:
    """The command, with each call at one of the points failing with this probability."""
    enabled = [
        part
        for point in POINTS
        for part in ("-c", f"enable_random name={point},probability={probability},failinfo={code}")
    ]
    return ["fiu-run", "-x", "-f", "", *enabled, *command]
