"""What came over one feed: counted whole, and told to the journal as often as can be read.

Takes happenings, gives figures. What follows from a happening is the feed's business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from appliance.errors import RefusedError
from appliance.intake.zeromq.limits import Rates
from appliance.journal import journal

log = journal("feed")

WARNINGS_PER_SECOND = 2.0


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """What came over one feed since it started."""

    accepted: int = 0
    repeated: int = 0
    """Of the accepted: those that had been received before."""
    accepted_at: datetime | None = None
    """When the last of them was."""
    refused: int = 0
    too_fast: int = 0
    """Of the refused: those above messages_per_second."""
    failed: int = 0
    """Of the refused: those that were in order, but we could not take."""
    strangers: int = 0
    """Handshakes that did not lead in: no key, an unknown key, another protocol."""
    verdicts: int = 0
    undelivered: int = 0
    """Replies and verdicts whose client was gone or did not read."""
    reopened: int = 0
    """How often strangers filled the memory and all were disconnected."""
    in_hand: int = 0
    gaps: int = 0
    missing: int = 0
    restarts: int = 0
    unnumbered: int = 0


class Tally:
    """Counts for one feed."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._warnings = Rates(WARNINGS_PER_SECOND)
        self.counts = FeedCounts()

    def add(self, **more: int) -> None:
        self.counts = replace(self.counts, **{key: getattr(self.counts, key) + by for key, by in more.items()})

    def accepted(self, *, fresh: bool) -> None:
        self.add(accepted=1, repeated=0 if fresh else 1)
        self.counts = replace(self.counts, accepted_at=datetime.now(UTC))

    def refused(self, refusal: RefusedError, sender: str) -> None:
        self.add(refused=1)
        self.warn("a message was refused", problem=str(refusal), sender=sender)

    def warn(self, event: str, **words: object) -> None:
        """Write to the journal, but not as often as a stranger can make us; `counts` has them all."""
        if not self._warnings.take(event, time.monotonic()):
            log.warning(event, source=self._source, **words)
