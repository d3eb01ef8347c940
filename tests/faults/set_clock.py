"""A clock that is set while a program runs, by libfaketime's preload.

Takes a file to speak through; gives the words before a command under which its wall clock can be set.
The clocks that nobody can set go on as they are.
"""

from __future__ import annotations

from pathlib import Path

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def why_not() -> str:
    """The reason why no clock can be set on this machine, or nothing."""
    return "" if LIBRARY else "libfaketime is missing: apt-get install faketime"


class SetClock:
    """The wall clock of one program and what it starts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.prefix = (
            "env",
            f"LD_PRELOAD={LIBRARY}",
            f"FAKETIME_TIMESTAMP_FILE={file}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        )
        self.set(0)

    def set(self, seconds: int) -> None:
        """Let it show so many seconds more than the true one, at once."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(self._file)
