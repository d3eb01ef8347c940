"""A disk that forgets what was not synced, as a power cut would, and fails when told to.

Takes a folder to live in; gives a mounted path and the commands of a bad day: `cut`,
`mend`, `fail`, `limit`. The file system runs in a child process (`served.py`), holds
everything in memory and ends with this one. README.md says what it keeps and forgets.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0
Op = Literal["create", "fsync", "fsyncdir", "mkdir", "open", "read", "rename", "truncate", "unlink", "write"]


def why_not() -> str:
    """The reason why no such disk can be had on this machine, or nothing."""
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse (in a container: --device /dev/fuse --cap-add SYS_ADMIN)"
    if shutil.which("fusermount3") is None:
        return "fusermount3 is missing: apt-get install fuse3"
    return ""


class ForgetfulDisk:
    """`with ForgetfulDisk() as disk:` and everything below `disk.path` is on it."""

    def __init__(self) -> None:
        self._mount_point = Path(tempfile.mkdtemp(prefix="lanewatch-fs-"))  # short, for the sockets that lie below it
        self.path = self._mount_point / "disk"
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lines: Any = None

    def __enter__(self) -> Self:
        # While nothing is mounted, a file stands where the disk was: nobody can write beside it by mistake.
        self.path.touch()
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def cut(self, seed: int | None = None) -> dict[str, Any]:
        """The power goes, and every request fails with EIO until `mend`; says what was lost.

        Without a seed everything that was not synced is gone. With one, its coins decide what a disk may have kept
        all the same: names without their data, any of the unsynced pages.
        """
        return self._say("cut", seed=seed)

    def mend(self) -> None:
        """The power is back: what survived is there, under a new mount. Handles from before stay dead."""
        if not self._say("mend")["mounted"]:
            raise RuntimeError(f"the disk did not come back at {self._mount_point}")

    def fail(self, op: Op, *, nth: int = 1, code: int = errno.EIO, forever: bool = False) -> None:
        """The n-th such request from now on fails with this errno: that one only, or it and all later ones."""
        self._say("fail", op=op, nth=nth, code=code, forever=forever)

    def heal(self) -> int:
        """No request fails any more; says how many did."""
        return self._say("heal")["struck"]

    def limit(self, size: int | None) -> None:
        """The disk holds this many bytes of files; a write beyond fails with ENOSPC. None: no limit."""
        self._say("limit", size=size)

    def sync(self) -> None:
        """Everything is durable, as after sync(1), which FUSE does not pass on."""
        self._say("sync")

    def used(self) -> int:
        return self._say("status")["used"]

    def calls(self) -> dict[str, int]:
        """How often each kind of request came since the start."""
        return self._say("status")["calls"]

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._control = ours
        ours.settimeout(PATIENCE)
        with theirs:
            # Its own session: a Ctrl-C meant for the tests must not take the disk away under their clean-up.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.served", str(self._mount_point.resolve()), str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._lines = ours.makefile("rw", encoding="utf-8")
        if not self._heard()["mounted"]:
            raise RuntimeError(f"the disk could not be mounted at {self._mount_point}")
        self.path.mkdir()
        self.sync()

    def _say(self, verb: str, **said: Any) -> dict[str, Any]:
        self._lines.write(json.dumps({"verb": verb, **said}) + "\n")
        self._lines.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise RuntimeError("the process of the forgetful disk has ended; its last words are on standard error")
        return json.loads(line)

    def _end(self) -> None:
        if self._lines is not None:
            self._lines.close()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        while os.path.ismount(self._mount_point):
            subprocess.run(["fusermount3", "-u", "-z", str(self._mount_point)], check=True, timeout=PATIENCE)
        shutil.rmtree(self._mount_point)
