"""The disk ladder: warn, then stop taking scans while what was taken can still be judged and kept.

Looks at the free space under the storage root. A reserve file is given up on
the lowest rung, so that verdicts and the ledger can still be written. What it
then leaves free does not count as room, or new scans would fill it at once.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from enum import StrEnum

from appliance.journal import journal
from appliance.settings import Storage

log = journal("disk")

LOOK = 1.0
"""Seconds between two looks."""
SHARE = 0.05
"""The reserve is never more than this share of a small disk."""
MARGIN = 1.5
"""How far above the lowest rung the free space must be before scans are taken again."""


class Rung(StrEnum):
    """Where on the ladder we stand."""

    FINE = "fine"
    LOW = "low"
    STOP = "stop"


class Disk:
    """Knows whether there is room."""

    def __init__(self, settings: Storage) -> None:
        self.settings = settings
        self._reserve = settings.root / "reserve"
        self.rung = Rung.FINE
        self.free_percent = 100.0
        """How much is free beside the reserve, whether it is there or not."""
        self.trouble = ""
        """Why there is no reserve, while there should be one."""

    @property
    def has_room(self) -> bool:
        return self.rung is not Rung.STOP

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK)

    def look(self) -> None:
        """Look once and move along the ladder."""
        usage = shutil.disk_usage(self.settings.root)
        wanted = min(self.settings.reserve_megabytes * 2**20, int(usage.total * SHARE))
        lacking = max(0, wanted - self._reserved())
        self.free_percent = 100 * max(0, usage.free - lacking) / usage.total
        rung = self._rung()
        if rung is not self.rung:
            log.warning("disk", rung=rung, was=self.rung, free_percent=round(self.free_percent, 1))
        self.rung = rung
        if rung is Rung.STOP:
            self._reserve.unlink(missing_ok=True)
        elif lacking:
            self._refill(wanted)

    def _rung(self) -> Rung:
        stop = self.settings.stop_free_percent
        if self.free_percent <= (stop * MARGIN if self.rung is Rung.STOP else stop):
            return Rung.STOP
        return Rung.LOW if self.free_percent <= self.settings.warn_free_percent else Rung.FINE

    def _reserved(self) -> int:
        try:
            return self._reserve.stat().st_size
        except FileNotFoundError:
            return 0

    def _refill(self, size: int) -> None:
        """Keep a reserve again. Where it cannot be had, by a quota for one, the box goes on and says so."""
        try:
            handle = os.open(self._reserve, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, size)
            finally:
                os.close(handle)
        except OSError as problem:
            self._reserve.unlink(missing_ok=True)
            self.trouble = f"no reserve of {size >> 20} MB: {problem.strerror}"
        else:
            self.trouble = ""
