"""What the detector alone sees in scans that are being judged at this moment: for officers' eyes, in memory only.

The inspection shows and takes away, the dashboard tells. No verdict comes of it, and that there is nothing shown
says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from appliance.scan import Scan
from models.answer import Finding


class Glimpse(NamedTuple):
    """What is seen in one scan so far."""

    scan_id: str
    revision: int
    findings: tuple[Finding, ...]


class Glimpses:
    """Lives on one event loop. It holds no more than the engine has in flight."""

    def __init__(self) -> None:
        self._shown: dict[int, tuple[int, Glimpse]] = {}
        self._count = 0
        self.ring: Callable[[], None] = lambda: None
        """Called when there is something new."""

    def show(self, scan: Scan, findings: tuple[Finding, ...]) -> None:
        """Show what is seen in a scan until it is taken away."""
        self._count += 1
        self._shown[scan.id] = self._count, Glimpse(scan.scan_id, scan.revision, findings)
        self.ring()

    def take_away(self, scan: Scan) -> None:
        """The engine is done with it."""
        self._shown.pop(scan.id, None)

    def of(self, scan: Scan) -> tuple[Finding, ...]:
        """What is seen in a scan so far, if it is being judged now."""
        return self._shown[scan.id][1].findings if scan.id in self._shown else ()

    def since(self, count: int) -> tuple[int, list[Glimpse]]:
        """What was shown since a count and is not taken away, and the count by now."""
        return self._count, [glimpse for number, glimpse in self._shown.values() if number > count]
