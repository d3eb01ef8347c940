"""Both chains walked from their first row when somebody asks: the verdicts' and the deeds'. One walk at a time.

Takes the store; keeps what the last walk found for as long as the box runs, and when it was. A walk reads on a thread
of its own and sees the store as it was at one moment, so that what is written meanwhile is no contradiction.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from typing import Any

from appliance.store import ledger, reviews
from appliance.store.database import Store
from appliance.store.ledger import Checked

LOOK_UP = 1000
"""Steps of SQLite between two looks whether the box stops."""


class Chains:
    """What is known of the chains."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._walk: asyncio.Task[None] | None = None
        self._began_at: str | None = None
        self._found: dict[str, Any] | None = None
        self._stopping = threading.Event()

    @property
    def running(self) -> bool:
        return self._walk is not None and not self._walk.done()

    def begin(self) -> None:
        """Start a walk, unless one is under way."""
        if not self.running:
            self._began_at = _now()
            self._walk = asyncio.create_task(self._run(), name="chains")

    def told(self) -> dict[str, Any]:
        """How it stands: whether a walk is under way, and what the last one found."""
        return {
            "running": self.running,
            "began_at": self._began_at if self.running else None,
            "trouble": self._trouble(),
            "found": self._found,
        }

    def _trouble(self) -> str:
        """Why the last walk came to no end, if so."""
        over = self._walk is not None and self._walk.done() and not self._walk.cancelled()
        return str(self._walk.exception() or "") if over and self._walk else ""

    async def stop(self) -> None:
        """Break off what is under way: a box that stops waits for no walk."""
        self._stopping.set()
        if self._walk:
            await asyncio.gather(self._walk, return_exceptions=True)

    async def _run(self) -> None:
        began = _now()
        chains = await self._store.read(self._look)
        ok = not any(checked.broken for checked in chains.values())
        told = {name: _plain(checked) for name, checked in chains.items()}
        self._found = {"ok": ok, "began_at": began, "ended_at": _now(), "chains": told}

    def _look(self, db: sqlite3.Connection) -> dict[str, Checked]:
        """Both chains as they were at one moment."""
        db.set_progress_handler(self._stopping.is_set, LOOK_UP)
        db.execute("BEGIN")
        try:
            return {"verdicts": ledger.verify(db), "deeds": reviews.verify(db)}
        finally:
            db.set_progress_handler(None, 0)
            db.execute("ROLLBACK")


def _plain(checked: Checked) -> dict[str, Any]:
    return {**checked._asdict(), "broken": checked.broken._asdict() if checked.broken else None}


def _now() -> str:
    return datetime.now(UTC).isoformat()
