"""What the HTTP side needs from whoever builds the house, and what it tells in return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Health(Protocol):
    """How the box is, told by whoever knows all rooms."""

    def ready(self) -> tuple[str, ...]:
        """Why a scan coming in now would not be judged; empty when it would. Asked on the loop: from memory."""
        ...

    def version(self) -> dict[str, Any]: ...

    def status(self) -> dict[str, Any]:
        """All that `lanewatch status` shows."""
        ...

    def metrics(self) -> bytes:
        """Everything counted, as Prometheus text. Asked on a thread: may read the store."""
        ...


@dataclass(frozen=True, slots=True)
class DashboardCounts:
    """What happened at the HTTP side since it started."""

    requests: int
    refused: int
    """Answers 400 to 499."""
    failed: int
    """Answers from 500 on: no room, no verdict in time, or a fault of ours."""
    streams: int
    """Event streams open now."""
