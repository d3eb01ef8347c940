"""The process of a `ForgetfulDisk`: keeps the volume mounted, and does what its socket says.

Takes a mount point and the number of an inherited socket on its command line; reads
one JSON object a line and answers each with one. When the socket closes, for whatever
reason, it unmounts and ends.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterable
from typing import Any

from tests.faults.fault import Fault
from tests.faults.mounted import Mount, Mounted

PATIENCE = 300.0  # seconds for a new mount to be there


class Served:
    """The disk, its mount point, and whether anybody still wants it."""

    def __init__(self, mount_point: str) -> None:
        self.disk = Mounted()
        self.mount_point = mount_point
        self.wanted = True

    def run(self) -> None:
        """Mount, and again after each mend; libfuse wants the main thread."""
        while self.wanted:
            self.disk.power_on()
            Mount(
                self.disk,
                self.mount_point,
                foreground=True,
                nothreads=True,
                hard_remove=True,
                use_ino=True,
                default_permissions=True,
                attr_timeout=0,
                entry_timeout=0,
                fsname="forgetful",
                subtype="forgetful",
            )
            if not self.disk.leaving:
                break  # somebody else unmounted it

    def obey(self, control: socket.socket) -> None:
        """Do the commands one by one; the disk has its own thread."""
        verbs = {
            verb.__name__: verb
            for verb in (self.cut, self.mend, self.fail, self.heal, self.limit, self.sync, self.status)
        }
        self.disk.ready.wait(PATIENCE)
        with control, control.makefile("rw", encoding="utf-8") as lines:
            _answer(lines, {"mounted": self.disk.ready.is_set()})
            for line in lines:
                said = json.loads(line)
                _answer(lines, verbs[said.pop("verb")](**said))
        self.wanted = False
        self._leave()

    def cut(self, seed: int | None) -> dict[str, Any]:
        with self.disk.gate:
            self.disk.dead = True
            self.disk.faults.clear()
            return self.disk.volume.cut(seed)

    def mend(self) -> dict[str, Any]:
        self.disk.ready.clear()
        self._leave()
        return {"mounted": self.disk.ready.wait(PATIENCE)}

    def fail(self, **fault: Any) -> dict[str, Any]:
        with self.disk.gate:
            self.disk.faults.append(Fault(**fault))
        return {}

    def heal(self) -> dict[str, Any]:
        with self.disk.gate:
            struck = sum(fault.struck for fault in self.disk.faults)
            self.disk.faults.clear()
        return {"struck": struck}

    def limit(self, size: int | None) -> dict[str, Any]:
        with self.disk.gate:
            self.disk.volume.limit = size
        return {}

    def sync(self) -> dict[str, Any]:
        with self.disk.gate:
            self.disk.volume.sync()
        return {}

    def status(self) -> dict[str, Any]:
        with self.disk.gate:
            return {"used": self.disk.volume.used, "calls": dict(self.disk.calls)}

    def _leave(self) -> None:
        """Make libfuse's loop end: it looks whether to, after a request."""
        self.disk.leaving = True
        try:
            os.statvfs(self.mount_point)
        except OSError:
            return  # a dead disk says so, and leaves all the same


def _answer(lines: Any, said: dict[str, Any]) -> None:
    lines.write(json.dumps(said) + "\n")
    lines.flush()


def main(arguments: Iterable[str]) -> None:
    mount_point, control = arguments
    served = Served(mount_point)
    threading.Thread(target=served.obey, args=(socket.socket(fileno=int(control)),), daemon=True).start()
    served.run()


if __name__ == "__main__":
    main(sys.argv[1:])
